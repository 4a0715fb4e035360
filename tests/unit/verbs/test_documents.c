/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The corpus tests/documents: what people might write, each with what comes of it beside it in a
 * file NAME.expect. DOCUMENTS_UPDATE=1 writes those files anew, to be read before they are
 * committed.
 *
 * Good documents are tried in every wrapping besides: what comes out must be the same.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "verbs/check_document.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define CORPUS        "tests/documents"
#define DOCUMENT_MAX  (64 * 1024)
#define DOCUMENTS_MIN 200

struct document {
	char path[512]; /* without ".expect" and ".tags" */
	char *data;
	size_t size;
	struct words tags;
};

static void document_done(struct document *document)
{
	free(document->data);
	words_done(&document->tags);
}

static void document_read(const char *group, const char *name, struct document *ret)
{
	cleanup(free_pointer) char *tags = NULL;
	struct error err = { 0 };
	char path[600];

	*ret = (struct document){ 0 };
	snprintf(ret->path, sizeof(ret->path), "%s/%s/%s", CORPUS, group, name);
	if (file_read("", ret->path, DOCUMENT_MAX, &ret->data, &ret->size, &err) < 0)
		fail_msg("%s", err.text);
	snprintf(path, sizeof(path), "%s.tags", ret->path);
	if (file_read("", path, DOCUMENT_MAX, &tags, NULL, &err) == 0)
		assert_int_equal(words_split(&ret->tags, tags, "\n"), 0);
}

/* What `lustre-init check` would say, as one text. */
static char *outcome(const struct document *document, int *ret_code, struct check *check)
{
	char *text = NULL, line[PROBLEM_TEXT_MAX];
	size_t size = 0;
	FILE *stream;
	int r = check_document(document->data, document->size, "user-data", &document->tags, check);

	assert_true(r == 0 || r == -EINVAL);
	*ret_code = r;
	if (r == 0 && check->spec.roles != 0)
		return check_format_spec(&check->spec, /* with_defaults= */ false);
	stream = open_memstream(&text, &size);
	assert_non_null(stream);
	for (size_t i = 0; i < check->problems.count; i++) {
		problem_format(&check->problems.items[i], line, sizeof(line));
		fprintf(stream, "%s\n", line);
	}
	if (r == 0)
		fputs("nothing here is for lustre-init\n", stream);
	fclose(stream);
	return text;
}

static void expect(const struct document *document, const char *text)
{
	cleanup(free_pointer) char *expected = NULL;
	struct error err = { 0 };
	char path[600];

	snprintf(path, sizeof(path), "%s.expect", document->path);
	if (getenv("DOCUMENTS_UPDATE")) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fputs(text, file);
		fclose(file);
		return;
	}
	if (file_read("", path, DOCUMENT_MAX, &expected, NULL, &err) < 0)
		fail_msg("%s", err.text);
	if (strcmp(expected, text) != 0)
		fail_msg("%s\n--- expected\n%s--- found\n%s", document->path, expected, text);
}

typedef void (*document_fn)(const struct document *document);

static size_t for_each(const char *group, document_fn visit)
{
	struct dirent **entries;
	char directory[128];
	size_t visited = 0;
	int count;

	snprintf(directory, sizeof(directory), "%s/%s", CORPUS, group);
	count = scandir(directory, &entries, NULL, alphasort);
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		const char *dot = strrchr(name, '.');
		struct document document;

		if (name[0] != '.' && dot && strcmp(dot, ".expect") != 0 &&
		    strcmp(dot, ".tags") != 0) {
			document_read(group, name, &document);
			visit(&document);
			document_done(&document);
			visited++;
		}
		free(entries[i]);
	}
	free(entries);
	return visited;
}

static void visit_good(const struct document *document)
{
	struct check check;
	int code;
	cleanup(free_pointer) char *text = outcome(document, &code, &check);

	if (code != 0 || check.spec.roles == 0)
		fail_msg("%s is not good:\n%s", document->path, text);
	expect(document, text);
	check_done(&check);
}

static void visit_bad(const struct document *document)
{
	struct check check;
	int code;
	cleanup(free_pointer) char *text = outcome(document, &code, &check);

	if (code != -EINVAL)
		fail_msg("%s is taken:\n%s", document->path, text);
	expect(document, text);
	check_done(&check);
}

static void visit_foreign(const struct document *document)
{
	struct check check;
	int code;
	cleanup(free_pointer) char *text = outcome(document, &code, &check);

	if (code != 0 || check.spec.roles != 0)
		fail_msg("%s is not left alone:\n%s", document->path, text);
	expect(document, text);
	check_done(&check);
}

static void every_document_comes_out_as_expected(void **state)
{
	size_t count;

	(void)state;
	count = for_each("good", visit_good);
	count += for_each("bad", visit_bad);
	count += for_each("foreign", visit_foreign);
	assert_true(count >= DOCUMENTS_MIN);
}

/* The values alone; the places differ with the wrapping. */
static json_t *values_of(const struct document *document)
{
	struct check check;
	json_t *json, *values = json_object();

	if (check_document(document->data, document->size, "user-data", &document->tags, &check) !=
	    0)
		fail_msg("%s, wrapped, is not good: %s", document->path,
			 check.problems.items[0].text);
	json = spec_to_json(&check.spec);
	for (enum spec_key key = 0; key < KEY_MAX; key++)
		json_object_set(
			values, spec_key_name(key),
			json_object_get(json_object_get(json, spec_key_name(key)), "value"));
	json_decref(json);
	check_done(&check);
	return values;
}

typedef void (*wrapper_fn)(const struct document *document, FILE *stream);

static void wrap_in_crlf(const struct document *document, FILE *stream)
{
	for (size_t i = 0; i < document->size; i++) {
		if (document->data[i] == '\n' && (i == 0 || document->data[i - 1] != '\r'))
			fputc('\r', stream);
		fputc(document->data[i], stream);
	}
}

static void wrap_in_base64(const struct document *document, FILE *stream)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < document->size; i += 3) {
		size_t rest = document->size - i;
		uint32_t bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < rest ? (unsigned char)document->data[i + k] : 0);
		fprintf(stream, "%c%c%c%c", alphabet[bits >> 18], alphabet[bits >> 12 & 63],
			rest > 1 ? alphabet[bits >> 6 & 63] : '=',
			rest > 2 ? alphabet[bits & 63] : '=');
		if (i % 57 == 54)
			fputs("\r\n", stream);
	}
}

static void wrap_in_gzip(const struct document *document, FILE *stream)
{
	char packed[2 * DOCUMENT_MAX];
	z_stream zip = { 0 };

	assert_int_equal(deflateInit2(&zip, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	zip.next_in = (Bytef *)document->data;
	zip.avail_in = (uInt)document->size;
	zip.next_out = (Bytef *)packed;
	zip.avail_out = sizeof(packed);
	assert_int_equal(deflate(&zip, Z_FINISH), Z_STREAM_END);
	fwrite(packed, 1, sizeof(packed) - zip.avail_out, stream);
	deflateEnd(&zip);
}

static void wrap_in_base64_part(const struct document *document, FILE *stream)
{
	fputs("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"==inner==\"\n\n"
	      "--==inner==\nContent-Type: text/plain\nContent-Transfer-Encoding: BASE64\n\n",
	      stream);
	wrap_in_base64(document, stream);
	fputs("\n--==inner==--\n", stream);
}

static void wrap_in_message(const struct document *document, FILE *stream)
{
	fputs("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"==outer==\"\n\n"
	      "--==outer==\nContent-Type: text/cloud-config\n\n#cloud-config\n--==outer==\n",
	      stream);
	fwrite(document->data, 1, document->size, stream);
	fputs("\n--==outer==--\n", stream);
}

/* One wrapper around another; *ret is freed by document_done(). */
static void wrap(const struct document *document, wrapper_fn wrapper, struct document *ret)
{
	FILE *stream;

	*ret = (struct document){ 0 };
	memcpy(ret->path, document->path, sizeof(ret->path));
	assert_int_equal(words_copy(&ret->tags, &document->tags), 0);
	stream = open_memstream(&ret->data, &ret->size);
	assert_non_null(stream);
	wrapper(document, stream);
	fclose(stream);
}

/* Whether the wrapper may go around `document`. */
static bool suits(wrapper_fn wrapper, const struct document *document)
{
	/* Line ends of packed bytes are not ours to change. */
	if (wrapper == wrap_in_crlf)
		return !memchr(document->data, 0x1f, document->size);
	/* A part begins with its headers, and only a message has any. */
	if (wrapper == wrap_in_message)
		return strncmp(document->data, "MIME-Version:", 13) == 0;
	return true;
}

static void visit_wrapped(const struct document *document)
{
	static const wrapper_fn wrappers[] = { wrap_in_crlf, wrap_in_base64, wrap_in_gzip,
					       wrap_in_base64_part, wrap_in_message };
	const size_t count = sizeof(wrappers) / sizeof(wrappers[0]);
	cleanup(json_decrefp) json_t *values = values_of(document);

	for (size_t i = 0; i < count * count; i++) {
		wrapper_fn inside = wrappers[i % count], outside = wrappers[i / count];
		struct document inner, outer;
		json_t *found;

		if (!suits(inside, document))
			continue;
		wrap(document, inside, &inner);
		if (suits(outside, &inner)) {
			wrap(&inner, outside, &outer);
			found = values_of(&outer);
			if (!json_equal(values, found))
				fail_msg("%s changes in wrappers %zu", document->path, i);
			json_decref(found);
			document_done(&outer);
		}
		document_done(&inner);
	}
}

static void no_wrapping_changes_a_good_document(void **state)
{
	(void)state;
	for_each("good", visit_wrapped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_document_comes_out_as_expected),
		cmocka_unit_test(no_wrapping_changes_a_good_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
