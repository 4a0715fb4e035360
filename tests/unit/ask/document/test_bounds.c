/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What reading user-data may cost: each bound is seen to let pass what it should, and to end the
 * rest, alone and over all documents together. What is tried is little more than a bound, so that
 * the libraries behind it would read it without trouble too.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask/document/conf.h"
#include "ask/document/tags.h"
#include "ask/document/userdata.h"
#include "base/cleanup.h"
#include "base/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* Texts as long as they need to be; freed by the caller. */
struct text {
	char *data;
	size_t size;
};

struct scene {
	struct settings settings;
	struct problems problems;
};

static size_t most(enum bound bound)
{
	return bound_row(bound)->most;
}

static struct text repeat(const char *before, const char *piece, size_t count, const char *after)
{
	struct text text;
	FILE *stream = open_memstream(&text.data, &text.size);

	assert_non_null(stream);
	fputs(before, stream);
	for (size_t i = 0; i < count; i++)
		fputs(piece, stream);
	fputs(after, stream);
	fclose(stream);
	return text;
}

/* As gzip, in place of `plain`. */
static struct text pack(struct text plain)
{
	size_t room = plain.size / 500 + plain.size % 500 + 1024;
	struct text packed = { .data = malloc(room) };
	z_stream zip = { 0 };

	assert_non_null(packed.data);
	assert_int_equal(deflateInit2(&zip, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY),
			 Z_OK);
	zip.next_in = (Bytef *)plain.data;
	zip.avail_in = (uInt)plain.size;
	zip.next_out = (Bytef *)packed.data;
	zip.avail_out = (uInt)room;
	assert_int_equal(deflate(&zip, Z_FINISH), Z_STREAM_END);
	packed.size = room - zip.avail_out;
	deflateEnd(&zip);
	free(plain.data);
	return packed;
}

/* A multipart of `count` times the same part of `type`, in place of `part`; its size is the
 * boundary. */
static struct text multiply(struct text part, const char *type, unsigned count)
{
	struct text text;
	FILE *stream = open_memstream(&text.data, &text.size);

	assert_non_null(stream);
	fprintf(stream, "Content-Type: multipart/mixed; boundary=b%zu\n\n", part.size);
	for (unsigned i = 0; i < count; i++) {
		fprintf(stream, "--b%zu\nContent-Type: %s\n\n", part.size, type);
		fwrite(part.data, 1, part.size, stream);
		fputs("\n", stream);
	}
	fprintf(stream, "--b%zu--\n", part.size);
	fclose(stream);
	free(part.data);
	return text;
}

static struct text ours(struct text part, unsigned count)
{
	return multiply(part, "text/lustre-init", count);
}

static void parse(struct scene *scene, struct text text)
{
	const struct origin origin = { .source = SOURCE_USER_DATA, .name = "user-data" };

	*scene = (struct scene){ 0 };
	assert_int_equal(
		userdata_parse(text.data, text.size, &origin, &scene->settings, &scene->problems),
		0);
	free(text.data);
}

/* Read to its end, whatever else is wrong with it. */
static void expect_read(struct text text)
{
	struct scene scene;

	parse(&scene, text);
	if (scene.settings.budget.is_over)
		fail_msg("%s", scene.problems.items[scene.problems.count - 1].text);
	settings_done(&scene.settings);
}

/* Ended by `bound`, with a sentence that names it, and nothing read or said behind it. */
static void expect_end(struct text text, enum bound bound)
{
	struct scene scene;
	char sentence[512];
	unsigned times = 0;

	parse(&scene, text);
	bound_format(bound, sentence, sizeof(sentence));
	assert_true(scene.settings.budget.is_over);
	assert_true(scene.settings.is_incomplete);
	for (size_t i = 0; i < scene.problems.count; i++)
		times += strcmp(scene.problems.items[i].text, sentence) == 0;
	assert_int_equal(times, 1);
	assert_string_equal(scene.problems.items[scene.problems.count - 1].text, sentence);
	settings_done(&scene.settings);
}

static void a_bomb_ends_at_the_bound_whosever_it_is(void **state)
{
	struct text zeros = { calloc(1, 64 * 1024 * 1024), 64 * 1024 * 1024 };
	struct text packed = pack(zeros), twice = { malloc(packed.size), packed.size };

	(void)state;
	memcpy(twice.data, packed.data, packed.size);
	expect_end(packed, BOUND_UNPACKED);
	expect_end(pack(twice), BOUND_UNPACKED);
}

static void unpacked_bytes_are_counted_over_all_layers(void **state)
{
	(void)state;
	expect_read(pack(repeat("x", "\n", most(BOUND_UNPACKED) - 1, "")));
	expect_end(pack(repeat("x", "\n", most(BOUND_UNPACKED), "")), BOUND_UNPACKED);
	/* What is in no layer too large is too large in two parts, */
	expect_read(multiply(pack(repeat("x", "\n", 400 * 1024, "")), "text/plain", 2));
	expect_end(multiply(pack(repeat("x", "\n", 600 * 1024, "")), "text/plain", 4),
		   BOUND_UNPACKED);
	/* in base64, */
	expect_end(pack(repeat("", "AAAA", 250 * 1024, "")), BOUND_UNPACKED);
	/* and in quoted-printable. */
	expect_end(pack(repeat("Content-Transfer-Encoding: quoted-printable\nMIME-Version: 1\n\n",
			       "-\n", 500 * 1024, "")),
		   BOUND_UNPACKED);
}

/* Its checksum is looked at last. */
static void what_is_unpacked_in_vain_is_counted(void **state)
{
	struct text packed = pack(repeat("x", "\n", 300 * 1024, ""));
	struct scene scene;

	(void)state;
	packed.data[packed.size - 5] ^= 1;
	parse(&scene, multiply(packed, "text/plain", 20));
	assert_int_equal(scene.problems.count, 4);
	assert_non_null(strstr(scene.problems.items[2].text, "is damaged"));
	assert_non_null(strstr(scene.problems.items[3].text, "more than 1048576 bytes"));
	settings_done(&scene.settings);
}

/* gzip in gzip in gzip: small at each step, and still an end. */
static void wrappers_are_counted(void **state)
{
	(void)state;
	for (size_t count = most(BOUND_WRAPPERS); count <= most(BOUND_WRAPPERS) + 1; count++) {
		struct text text = repeat("#lustre-init\nrole: mgs\n", "", 0, "");

		for (size_t i = 0; i < count; i++)
			text = pack(text);
		if (count == most(BOUND_WRAPPERS))
			expect_read(text);
		else
			expect_end(text, BOUND_WRAPPERS);
	}
}

/* A multipart in a multipart, `depth` deep, with one part of ours in the middle. */
static struct text nest(unsigned depth)
{
	struct text text;
	FILE *stream = open_memstream(&text.data, &text.size);

	assert_non_null(stream);
	for (unsigned i = 0; i < depth; i++)
		fprintf(stream, "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n", i, i);
	fputs("Content-Type: text/lustre-init\n\nrole: mgs\n", stream);
	for (unsigned i = depth; i > 0; i--)
		fprintf(stream, "--b%u--\n", i - 1);
	fclose(stream);
	return text;
}

static void nesting_is_bounded(void **state)
{
	struct scene scene;

	(void)state;
	/* The part itself is the last of the wrappers. */
	parse(&scene, nest(11));
	assert_int_equal(scene.settings.count, 1);
	assert_int_equal(scene.problems.count, 0);
	settings_done(&scene.settings);
	expect_end(nest(12), BOUND_WRAPPERS);
	expect_end(nest(13), BOUND_WRAPPERS);
	expect_end(nest(2000), BOUND_WRAPPERS);
}

/* A message whose body is a message, and so on: each is a call inside of the one before. */
static void messages_inside_of_messages_are_bounded(void **state)
{
	static const char header[] = "MIME-Version: 1.0\n\n";

	(void)state;
	expect_read(repeat("", header, 12, "#lustre-init\nrole: mgs\n"));
	expect_end(repeat("", header, 13, "#lustre-init\nrole: mgs\n"), BOUND_WRAPPERS);
	expect_end(pack(repeat("", header, 50000, "")), BOUND_WRAPPERS);
}

static void parts_are_counted(void **state)
{
	(void)state;
	expect_read(ours(repeat("", "", 0, ""), 256));
	expect_end(ours(repeat("", "", 0, ""), 257), BOUND_PARTS);
	/* In all multiparts together. */
	expect_read(multiply(multiply(repeat("", "", 0, ""), "x/y", 100), "text/plain", 2));
	expect_end(multiply(multiply(repeat("", "", 0, ""), "x/y", 100), "text/plain", 3),
		   BOUND_PARTS);
}

static void documents_are_counted_together(void **state)
{
	(void)state;
	expect_read(ours(repeat("", "#\n", 16 * 1024, ""), 1));
	expect_end(ours(repeat("", "#\n", 33 * 1024, ""), 1), BOUND_TEXT);
	expect_end(ours(repeat("", "#\n", 17 * 1024, ""), 2), BOUND_TEXT);
}

static void nodes_are_counted_together(void **state)
{
	(void)state;
	expect_read(pack(repeat("#lustre-init\nmgs: [", "a,", 8000, "a]\n")));
	expect_end(pack(repeat("#lustre-init\nmgs: [", "a,", 8200, "a]\n")), BOUND_NODES);
	expect_read(ours(repeat("mgs: [", "a,", 2000, "a]\n"), 4));
	expect_end(ours(repeat("mgs: [", "a,", 2000, "a]\n"), 5), BOUND_NODES);
	/* Also of what is passed over, */
	expect_end(ours(repeat("x: {y: [", "a,", 2000, "a]}\n"), 5), BOUND_NODES);
	/* and before jansson has built it. */
	expect_read(pack(repeat("{\"lustre-init\":{\"mgs\":[", "0,", 8000, "0]}}")));
	expect_end(pack(repeat("{\"lustre-init\":{\"mgs\":[", "0,", 8200, "0]}}")), BOUND_NODES);
	expect_end(ours(repeat("{\"lustre-init\":{\"mgs\":[", "0,", 2000, "0]}}"), 5), BOUND_NODES);
}

static void depth_is_bounded(void **state)
{
	size_t depth = most(BOUND_DEPTH);

	(void)state;
	/* One of them is the mapping at the top. */
	expect_read(repeat("#lustre-init\nmgs: ", "[", depth - 1, ""));
	expect_end(repeat("#lustre-init\nmgs: ", "[", depth, ""), BOUND_DEPTH);
	expect_end(repeat("#lustre-init\nmgs: ", "[\n", depth, ""), BOUND_DEPTH);
	expect_end(repeat("#lustre-init\nmgs: ", "{a: ", depth, ""), BOUND_DEPTH);
	expect_end(repeat("#lustre-init\nmgs:\n", "- ", depth, "a\n"), BOUND_DEPTH);
	expect_end(repeat("#lustre-init\n", "? ", depth + 1, "a\n"), BOUND_DEPTH);
	expect_read(repeat("{\"lustre-init\":{\"mgs\":", "[", depth - 2, "\"lustre-init\""));
	expect_end(repeat("{\"lustre-init\":{\"mgs\":", "[", depth - 1, "\"lustre-init\""),
		   BOUND_DEPTH);
	/* A collection that has ended is no level. */
	expect_read(repeat("#lustre-init\nmgs: [", "[],", 2 * depth, "]\n"));
	expect_read(repeat("{\"lustre-init\":{\"mgs\":[", "[],", 2 * depth, "0]}}"));
	/* Nor is a bracket in a string. */
	expect_read(repeat("{\"lustre-init\":{\"mgs\":\"\\\"", "[{", depth, "\"}}"));
}

static void settings_are_counted_together(void **state)
{
	struct scene scene;

	(void)state;
	parse(&scene, ours(repeat("role: oss\nfsname: a\n", "", 0, ""), 256));
	assert_int_equal(scene.problems.count, 0);
	assert_int_equal(scene.settings.count, 512);
	settings_done(&scene.settings);
	expect_end(ours(repeat("role: oss\nfsname: a\nindex: 1\n", "", 0, ""), 171),
		   BOUND_SETTINGS);
}

/* Tags are the last to be read. */
static void tags_are_counted_among_the_settings(void **state)
{
	struct metadata *metadata = calloc(1, sizeof(*metadata));
	struct scene scene;

	(void)state;
	assert_non_null(metadata);
	for (; metadata->tag_count < 2; metadata->tag_count++)
		strcpy(metadata->tags[metadata->tag_count].key, "lustre:role");
	parse(&scene, ours(repeat("role: oss\n", "", 0, ""), 255));
	scene.settings.budget.spent[BOUND_SETTINGS] = most(BOUND_SETTINGS) - 1;
	assert_int_equal(tags_parse(metadata, &scene.settings, &scene.problems), 0);
	assert_int_equal(scene.settings.count, 256);
	assert_int_equal(scene.problems.count, 1);
	assert_non_null(strstr(scene.problems.items[0].text, "more than 512 settings"));
	settings_done(&scene.settings);
	free(metadata);
}

/* JSON of others is not read, however much it is; that which names us is, within the bounds. */
static void json_of_others_costs_nothing(void **state)
{
	struct scene scene;

	(void)state;
	parse(&scene, pack(repeat("{\"a\":[", "{},", 300 * 1024, "0]}")));
	assert_int_equal(scene.problems.count, 0);
	assert_int_equal(scene.settings.budget.spent[BOUND_NODES], 0);
	settings_done(&scene.settings);
	parse(&scene, repeat("{\"a\":\"lustre-init\",\"b\":[", "{},", 100, "0]}"));
	assert_int_equal(scene.problems.count, 0);
	assert_true(scene.settings.budget.spent[BOUND_NODES] > 100);
	settings_done(&scene.settings);
	expect_end(pack(repeat("{\"a\":\"lustre-init\",\"b\":[", "{},", 8 * 1024, "0]}")),
		   BOUND_NODES);
	expect_end(pack(repeat("{\"a\":\"lustre-init\",\"b\":\"", "b", 70 * 1024, "\"}")),
		   BOUND_TEXT);
	expect_end(multiply(repeat("{\"a\":\"lustre-init\",\"b\":[", "{},", 1024, "0]}"),
			    "text/plain", 5),
		   BOUND_NODES);
}

static void nothing_is_read_behind_a_bound(void **state)
{
	struct text text =
		repeat("Content-Type: multipart/mixed; boundary=b\n\n"
		       "--b\nContent-Type: text/lustre-init\n\nrole: oss\nmgs: ",
		       "[", 40, "\n--b\nContent-Type: text/lustre-init\n\nfsname: a\n--b--\n");
	struct scene scene;

	(void)state;
	parse(&scene, text);
	/* That a list stands there, and where it is too deep. */
	assert_int_equal(scene.problems.count, 2);
	/* Nor is the value kept in whose middle it was. */
	assert_int_equal(scene.settings.count, 1);
	assert_string_equal(scene.settings.items[0].key, "role");
	settings_done(&scene.settings);
}

static void write_conf(const char *directory, const char *name, size_t lines)
{
	struct text text = repeat("", "#\n", lines, "index: 1\n");
	struct error err = { 0 };
	char path[128];

	snprintf(path, sizeof(path), "%s/conf.d/%s", directory, name);
	assert_int_equal(file_replace(path, text.data, text.size, 0600, &err), 0);
	free(text.data);
}

static void files_of_conf_d_are_counted_together(void **state)
{
	char directory[] = "/tmp/lustre-init-bounds-XXXXXX", path[128];
	const struct origin origin = { .source = SOURCE_USER_DATA, .name = "user-data" };
	static const char *const names[] = { "1.yaml", "2.yaml", "3.yaml" };
	struct scene scene = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/conf.d", directory);
	assert_int_equal(mkdir(path, 0700), 0);
	for (size_t i = 0; i < 3; i++)
		write_conf(directory, names[i], 20 * 1024);
	assert_int_equal(conf_read(directory, &scene.settings, &scene.problems, &err), 0);
	assert_int_equal(scene.settings.count, 1);
	assert_int_equal(scene.problems.count, 1);
	assert_non_null(strstr(scene.problems.items[0].origin.name, "2.yaml"));
	assert_non_null(strstr(scene.problems.items[0].text, "more than 65536 bytes"));
	/* Nor is user-data read then. */
	assert_int_equal(userdata_parse("#lustre-init\nrole: mgs\n", 23, &origin, &scene.settings,
					&scene.problems),
			 0);
	assert_int_equal(scene.settings.count, 1);
	settings_done(&scene.settings);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/conf.d/%s", directory, names[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/conf.d", directory);
	rmdir(path);
	rmdir(directory);
}

/* All of what people might write uses a quarter of each bound at most, a half of the wrappers. */
static void good_documents_are_far_below(void **state)
{
	static const char corpus[] = "tests/documents/good";
	cleanup(close_directory) DIR *directory = opendir(corpus);
	const struct dirent *entry;
	unsigned count = 0;

	(void)state;
	assert_non_null(directory);
	while ((entry = readdir(directory)) != NULL) {
		struct error err = { 0 };
		struct text text;
		struct scene scene;
		char path[512];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", corpus, entry->d_name);
		assert_int_equal(file_read("", path, 64 * 1024, &text.data, &text.size, &err), 0);
		parse(&scene, text);
		for (enum bound bound = 0; bound < BOUND_MAX; bound++)
			if (scene.settings.budget.spent[bound] >
			    most(bound) / (bound == BOUND_WRAPPERS ? 2 : 4))
				fail_msg("%s: near to \"%s\"", path, bound_row(bound)->what);
		settings_done(&scene.settings);
		count++;
	}
	assert_true(count > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bomb_ends_at_the_bound_whosever_it_is),
		cmocka_unit_test(unpacked_bytes_are_counted_over_all_layers),
		cmocka_unit_test(what_is_unpacked_in_vain_is_counted),
		cmocka_unit_test(wrappers_are_counted),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(messages_inside_of_messages_are_bounded),
		cmocka_unit_test(parts_are_counted),
		cmocka_unit_test(documents_are_counted_together),
		cmocka_unit_test(nodes_are_counted_together),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(settings_are_counted_together),
		cmocka_unit_test(tags_are_counted_among_the_settings),
		cmocka_unit_test(json_of_others_costs_nothing),
		cmocka_unit_test(nothing_is_read_behind_a_bound),
		cmocka_unit_test(files_of_conf_d_are_counted_together),
		cmocka_unit_test(good_documents_are_far_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
