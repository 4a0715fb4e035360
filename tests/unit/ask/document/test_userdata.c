/* SPDX-License-Identifier: Apache-2.0 */

/* Whose user-data is, and the bounds of unwrapping it. The documents themselves: test_documents.c.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask/document/signature.h"
#include "ask/document/userdata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct scene {
	struct settings settings;
	struct problems problems;
};

static void parse(struct scene *scene, const char *data, size_t size)
{
	const struct origin origin = { .source = SOURCE_USER_DATA, .name = "user-data" };

	*scene = (struct scene){ 0 };
	assert_int_equal(userdata_parse(data, size, &origin, &scene->settings, &scene->problems),
			 0);
}

static void expect_problem(const char *data, size_t size, const char *sentence)
{
	struct scene scene;

	parse(&scene, data, size);
	assert_int_equal(scene.problems.count, 1);
	if (!strstr(scene.problems.items[0].text, sentence))
		fail_msg("\"%s\" does not say \"%s\"", scene.problems.items[0].text, sentence);
	assert_true(scene.settings.is_incomplete);
	settings_done(&scene.settings);
}

static void expect_settings(const char *data, size_t size, size_t count)
{
	struct scene scene;

	parse(&scene, data, size);
	assert_int_equal(scene.problems.count, 0);
	assert_int_equal(scene.settings.count, count);
	settings_done(&scene.settings);
}

/* A new gzip member; freed by the caller. */
static char *pack(const char *data, size_t size, size_t *ret_size)
{
	size_t room = size / 500 + size % 500 + 1024;
	char *packed = malloc(room);
	z_stream zip = { 0 };

	assert_non_null(packed);
	assert_int_equal(deflateInit2(&zip, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY),
			 Z_OK);
	zip.next_in = (Bytef *)(uintptr_t)data;
	zip.avail_in = (uInt)size;
	zip.next_out = (Bytef *)packed;
	zip.avail_out = (uInt)room;
	assert_int_equal(deflate(&zip, Z_FINISH), Z_STREAM_END);
	*ret_size = room - zip.avail_out;
	deflateEnd(&zip);
	return packed;
}

static void the_signature_is_seen_through_blanks_and_marks(void **state)
{
	(void)state;
	assert_true(signature_is_ours("#lustre-init", 12));
	assert_true(signature_is_ours("\xef\xbb\xbf\r\n\n  #lustre-init \r\nx", 25));
	assert_false(signature_is_ours("#lustre-init2", 13));
	assert_false(signature_is_ours("x\n#lustre-init", 14));
	assert_false(signature_is_ours("#lustre-ini", 11));
	assert_false(signature_is_ours("", 0));
}

static void nobodys_data_is_no_user_data(void **state)
{
	static const char *const texts[] = { "",
					     "\n",
					     "x",
					     "#",
					     "#!/bin/sh\n#lustre-init\n",
					     "role: x\n",
					     "# lustre is nice to have\n",
					     "{}",
					     "{",
					     "Content-Type: text/plain\n\nhello\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_settings(texts[i], strlen(texts[i]), 0);
	expect_settings("a\0b", 3, 0);
	expect_settings("\0", 1, 0);
}

static void a_bomb_ends_at_the_limit_whosever_it_is(void **state)
{
	size_t size = 64 * 1024 * 1024, packed_size, twice_size;
	char *zeros = calloc(1, size), *packed, *twice;

	(void)state;
	assert_non_null(zeros);
	packed = pack(zeros, size, &packed_size);
	expect_problem(packed, packed_size, "unpacks to more than 1024 KiB");
	twice = pack(packed, packed_size, &twice_size);
	expect_problem(twice, twice_size, "unpacks to more than 1024 KiB");
	free(twice);
	free(packed);
	free(zeros);
}

/* gzip in gzip in gzip: small at each step, and still an end. */
static void wrappers_are_counted(void **state)
{
	char *data = strdup("#lustre-init\nrole: mgs\n");
	size_t size = strlen(data);

	(void)state;
	for (int i = 0; i < 8; i++) {
		char *packed = pack(data, size, &size);

		free(data);
		data = packed;
	}
	expect_settings(data, size, 1);
	for (int i = 0; i < 2; i++) {
		char *packed = pack(data, size, &size);

		free(data);
		data = packed;
	}
	expect_problem(data, size, "wrapped more than 8 times");
	free(data);
}

/* A multipart in a multipart, `depth` deep, with one part of ours in the middle. */
static char *nest(unsigned depth, size_t *ret_size)
{
	char *text = NULL;
	FILE *stream = open_memstream(&text, ret_size);

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
	size_t size;
	char *text = nest(8, &size);

	(void)state;
	expect_settings(text, size, 1);
	free(text);
	text = nest(9, &size);
	expect_problem(text, size, "nested more than 8 times");
	free(text);
	text = nest(2000, &size);
	expect_problem(text, size, "nested more than 8 times");
	free(text);
}

static void parts_are_counted(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	assert_non_null(stream);
	fputs("Content-Type: multipart/mixed; boundary=b\n\n", stream);
	for (unsigned i = 0; i < 300; i++)
		fputs("--b\n\n", stream);
	fputs("--b\nContent-Type: text/lustre-init\n\nrole: mgs\n--b--\n", stream);
	fclose(stream);
	expect_problem(text, size, "more than 256 parts");
	free(text);
}

static void parts_are_merged_in_order(void **state)
{
	static const char text[] = "Content-Type: multipart/mixed; boundary=b\n\n"
				   "--b\nContent-Type: text/lustre-init\n\nfsname: a\n"
				   "--b\nContent-Type: text/cloud-config\n\nfsname: x\n"
				   "--b\nContent-Type: text/lustre-init\n\nfsname: b\n"
				   "--b--\n";
	struct scene scene;

	(void)state;
	parse(&scene, text, strlen(text));
	assert_int_equal(scene.problems.count, 0);
	assert_int_equal(scene.settings.count, 2);
	assert_string_equal(scene.settings.items[0].values.items[0], "a");
	assert_int_equal(scene.settings.items[0].origin.line, 6);
	assert_string_equal(scene.settings.items[1].values.items[0], "b");
	assert_int_equal(scene.settings.items[1].origin.line, 14);
	settings_done(&scene.settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_signature_is_seen_through_blanks_and_marks),
		cmocka_unit_test(nobodys_data_is_no_user_data),
		cmocka_unit_test(a_bomb_ends_at_the_limit_whosever_it_is),
		cmocka_unit_test(wrappers_are_counted),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(parts_are_counted),
		cmocka_unit_test(parts_are_merged_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
