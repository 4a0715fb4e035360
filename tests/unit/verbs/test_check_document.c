/* SPDX-License-Identifier: Apache-2.0 */

/* lustre-init check as a program sees it: exit codes, tags, sizes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "verbs/check_document.h"
#include "verbs/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Runs the verb on a document; what it prints goes nowhere. */
static int run(const char *document, int argc, const char *const extra[])
{
	char path[] = "/tmp/test_check_XXXXXX";
	const char *argv[8] = { "check", path };
	int file = mkstemp(path), quiet = open("/dev/null", O_WRONLY), out = dup(1),
	    errors = dup(2);
	int code;

	assert_true(file >= 0 && quiet >= 0 && out >= 0 && errors >= 0);
	assert_int_equal(write(file, document, strlen(document)), strlen(document));
	close(file);
	for (int i = 0; i < argc; i++)
		argv[2 + i] = extra[i];
	fflush(stdout);
	dup2(quiet, 1);
	dup2(quiet, 2);
	code = verb_check(2 + argc, (char **)(uintptr_t)argv);
	fflush(stdout);
	dup2(out, 1);
	dup2(errors, 2);
	close(out);
	close(errors);
	close(quiet);
	unlink(path);
	return code;
}

static void exit_codes_are_the_contracts(void **state)
{
	static const char *const tags[] = { "--tags", "role=oss", "lustre:mgs=10.0.0.10" };
	static const char *const json[] = { "--json" };
	static const char *const no_tag[] = { "--tags", "role" };
	static const char *const other[] = { "--other" };
	static const char *const dry[] = { "--tags", "role=oss", "--address", "10.0.0.10/24" };
	static const char *const no_place[] = { "--address", "10.0.0.1/24" };
	static const char *const no_type[] = { "--address", "10.0.0.10/24", "--instance-type", "" };
	static const char *const no_address[] = { "--instance-type", "i4i.large" };

	(void)state;
	assert_int_equal(run("#lustre-init\nrole: mgs\n", 0, NULL), 0);
	assert_int_equal(run("#lustre-init\nrole: mgs\n", 1, json), 0);
	assert_int_equal(run("#lustre-init\nrole: x\n", 0, NULL), 2);
	assert_int_equal(run("#lustre-init\nrole: x\n", 1, json), 2);
	assert_int_equal(run("#lustre-init\nfsname: a\n", 0, NULL), 2);
	assert_int_equal(run("#lustre-init\nfsname: a\n", 3, tags), 0);
	assert_int_equal(run("#cloud-config\n", 0, NULL), 4);
	assert_int_equal(run("#lustre-init\nrole: mgs\n", 2, no_tag), 2);
	assert_int_equal(run("#lustre-init\nrole: mgs\n", 1, other), 2);
	assert_int_equal(run("#lustre-init\nfsname: a\nmgs: 10.0.0.9\n", 4, dry), 0);
	assert_int_equal(run("#lustre-init\nfsname: a\nmgs: 10.0.0.10\n", 4, dry), 3);
	assert_int_equal(run("#lustre-init\nrole: mgs\n", 2, no_place), 2);
	assert_int_equal(run("#lustre-init\nrole: mgs\n", 2, no_address), 2);
	assert_int_equal(run("#lustre-init\nrole: mgs\n", 4, no_type), 2);
}

static void too_much_for_ec2_is_a_problem(void **state)
{
	struct words none = { 0 };
	struct check *check = malloc(sizeof(*check));
	char *document = malloc(20000);

	(void)state;
	memset(document, '#', 20000);
	memcpy(document, "#lustre-init\nrole: mgs\n", 23);
	assert_int_equal(check_document(document, 16384, "x", &none, check), 0);
	check_done(check);
	assert_int_equal(check_document(document, 16385, "x", &none, check), -EINVAL);
	assert_non_null(strstr(check->problems.items[0].text, "16385 bytes"));
	check_done(check);
	free(document);
	free(check);
}

/* As an instance cannot have them. */
static void tags_that_cannot_be_are_problems(void **state)
{
	char tags[400], value[258];
	const char *const rows[][2] = {
		{ "role=mgs role=mds", "a second value" },
		{ "role=mgs lustre:role=mgs", "a second value" },
		{ "role", "is not KEY=VALUE" },
		{ "=mgs", "is not KEY=VALUE" },
		{ tags, "256 characters" },
	};
	struct check *check = malloc(sizeof(*check));
	struct words words;

	(void)state;
	memset(value, 'x', sizeof(value));
	value[257] = '\0';
	snprintf(tags, sizeof(tags), "role=mgs mount-options=%s", value);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		words = (struct words){ 0 };
		assert_int_equal(words_split(&words, rows[i][0], " "), 0);
		assert_int_equal(check_document("", 0, "--tags", &words, check), -EINVAL);
		assert_non_null(strstr(check->problems.items[0].text, rows[i][1]));
		check_done(check);
		words_done(&words);
	}
	/* 256 characters, and 257 bytes. */
	memcpy(value + 255, "é", 2);
	snprintf(tags, sizeof(tags), "role=mgs lustre-note=%s", value);
	words = (struct words){ 0 };
	assert_int_equal(words_split(&words, tags, " "), 0);
	assert_int_equal(check_document("", 0, "--tags", &words, check), 0);
	check_done(check);
	words_done(&words);
	free(check);
}

static void tags_of_others_are_no_problem(void **state)
{
	static const struct {
		const char *tags;
		int code;
	} rows[] = {
		{ "Name=web lustre:role=mgs", 0 },
		{ "lustre:role=mgs Role=web type=db Cost-Center=7 aws:x=y", 0 },
		{ "lustre:role=oss fsname=a mgs=10.0.0.10", 0 },
		/* Where none has the prefix, each is meant for us. */
		{ "role=mgs Name=web", -EINVAL },
		{ "rol=oss fsname=a mgs=10.0.0.10", -EINVAL },
		{ "lustre:role=oss lustre:fsname=a lustre:mgs=10.0.0.10 index-bas=7", -EINVAL },
		{ "lustre:role=mgs lustre:Name=web", -EINVAL },
	};
	struct check *check = malloc(sizeof(*check));

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct words words = { 0 };

		assert_int_equal(words_split(&words, rows[i].tags, " "), 0);
		if (check_document("", 0, "--tags", &words, check) != rows[i].code)
			fail_msg("%s: %s", rows[i].tags, check->problems.items[0].text);
		assert_true(rows[i].code != 0 || check->spec.roles != 0);
		check_done(check);
		words_done(&words);
	}
	free(check);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_codes_are_the_contracts),
		cmocka_unit_test(too_much_for_ec2_is_a_problem),
		cmocka_unit_test(tags_that_cannot_be_are_problems),
		cmocka_unit_test(tags_of_others_are_no_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
