/* SPDX-License-Identifier: Apache-2.0 */

/* Reading with a limit and a root, and replacing so that a cut leaves the old or the new. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"

#include "scenes/recorded.h"
#include "scenes/shortage.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct recorded machine;

static int start(void **state)
{
	(void)state;
	recorded_start(&machine);
	return 0;
}

static int end(void **state)
{
	(void)state;
	recorded_end(&machine);
	return 0;
}

static void put(const char *content, size_t size)
{
	char path[128];
	struct error err;

	snprintf(path, sizeof(path), "%s/file", machine.root);
	if (file_replace(path, content, size, 0640, &err) < 0)
		fail_msg("%s", err.text);
}

static void what_is_replaced_is_read(void **state)
{
	char *data = NULL;
	size_t size = 0;

	(void)state;
	put("a\0b", 3);
	assert_int_equal(file_read(machine.root, "/file", 3, &data, &size, NULL), 0);
	assert_int_equal(size, 3);
	assert_memory_equal(data, "a\0b", 4); /* and a NUL behind it */
	free(data);
	put("", 0);
	assert_int_equal(file_read(machine.root, "/file", 3, &data, &size, NULL), 0);
	assert_int_equal(size, 0);
	free(data);
}

static void a_limit_is_a_limit(void **state)
{
	char *data = NULL;
	struct error err;

	(void)state;
	put("1234", 4);
	assert_int_equal(file_read(machine.root, "/file", 3, &data, NULL, &err), -EFBIG);
	assert_null(data);
	assert_int_equal(file_read(machine.root, "/none", 3, &data, NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/none"));
	assert_int_equal(file_read(machine.root, "", 3, &data, NULL, &err), -EISDIR);
}

static void nothing_temporary_is_left(void **state)
{
	char path[160], temporary[170];
	struct stat found;

	(void)state;
	snprintf(path, sizeof(path), "%s/a/b/file", machine.root);
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	/* The parents are made; what an earlier cut left is overwritten. */
	assert_int_equal(file_replace(path, "x", 1, 0600, NULL), 0);
	assert_int_equal(file_replace(temporary, "left over, and longer", 21, 0644, NULL), 0);
	assert_int_equal(file_replace(path, "y", 1, 0600, NULL), 0);
	assert_int_equal(stat(temporary, &found), -1);
	assert_int_equal(stat(path, &found), 0);
	assert_int_equal(found.st_size, 1);
	assert_int_equal(file_replace("relative", "x", 1, 0600, NULL), -EINVAL);
}

/* Where there is no room, the old file stays, and nothing takes more of it. */
static void what_cannot_be_written_leaves_nothing(void **state)
{
	const struct rlimit none = { 0, RLIM_INFINITY };
	struct rlimit before;
	char path[160], temporary[170];
	struct stat found;

	(void)state;
	put("kept", 4);
	snprintf(path, sizeof(path), "%s/file", machine.root);
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	setrlimit(RLIMIT_FSIZE, &none);
	assert_int_equal(file_replace(path, "other", 5, 0600, NULL), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(stat(path, &found), 0);
	assert_int_equal(found.st_size, 4);
	assert_int_equal(stat(temporary, &found), -1);
}

/* A link in the way is not followed: it could lead anywhere. */
static void links_are_not_followed(void **state)
{
	char link[160], target[160];
	struct stat found;

	(void)state;
	put("kept", 4);
	snprintf(target, sizeof(target), "%s/file", machine.root);
	snprintf(link, sizeof(link), "%s/linked.new", machine.root);
	assert_int_equal(symlink(target, link), 0);
	link[strlen(link) - strlen(".new")] = '\0';
	assert_true(file_replace(link, "x", 1, 0600, NULL) < 0);
	strcat(link, ".new");
	assert_int_equal(unlink(link), 0);
	assert_int_equal(stat(target, &found), 0);
	assert_int_equal(found.st_size, 4);
}

/* What remembers targets must not be forgotten because the disk that it lies on comes later. */
static void what_was_kept_is_not_missing(void **state)
{
	char path[160];
	char *data = NULL;
	size_t size;

	(void)state;
	assert_int_equal(file_read_kept(machine.root, "/none", 8, &data, &size, NULL), -ENOENT);
	snprintf(path, sizeof(path), "%s/dangling", machine.root);
	assert_int_equal(symlink("/nowhere/state.json", path), 0);
	assert_int_equal(file_read_kept(machine.root, "/dangling", 8, &data, &size, NULL),
			 -ENOTCONN);
	assert_int_equal(
		file_read_kept(machine.root, "/dangling/state.json", 8, &data, &size, NULL),
		-ENOTCONN);
	assert_int_equal(file_read_kept(machine.root, "/none/state.json", 8, &data, &size, NULL),
			 -ENOENT);
	put("kept", 4);
	assert_int_equal(file_read_kept(machine.root, "/file", 8, &data, &size, NULL), 0);
	assert_string_equal(data, "kept");
	free(data);
}

/* Nobody may ever write into it. */
static void a_fifo_is_not_waited_for(void **state)
{
	char path[160];
	char *data = NULL;

	(void)state;
	snprintf(path, sizeof(path), "%s/fifo", machine.root);
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(10);
	assert_int_equal(file_read(machine.root, "/fifo", 8, &data, NULL, NULL), -ENOTSUP);
	assert_int_equal(file_read_kept(machine.root, "/fifo", 8, &data, NULL, NULL), -ENOTSUP);
	alarm(0);
}

static void attributes_are_trimmed(void **state)
{
	char line[16];

	(void)state;
	put("  Amazon EC2   \nsecond\n", 23);
	assert_true(file_read_line(machine.root, "/file", line, sizeof(line)));
	assert_string_equal(line, "Amazon EC2");
	put("0123456789abcde", 15);
	assert_true(file_read_line(machine.root, "/file", line, sizeof(line)));
	assert_string_equal(line, "0123456789abcde");
	put("0123456789abcde\n", 16);
	assert_true(file_read_line(machine.root, "/file", line, sizeof(line)));
	assert_string_equal(line, "0123456789abcde");
	/* What does not fit is not taken for another value. */
	put("0123456789abcdef", 16);
	assert_false(file_read_line(machine.root, "/file", line, sizeof(line)));
	assert_string_equal(line, "");
	assert_false(file_read_line(machine.root, "/none", line, sizeof(line)));
	assert_string_equal(line, "");
}

static void why_there_is_no_attribute(void **state)
{
	struct shortage shortage;
	char line[16];

	(void)state;
	put("0123456789abcdef", 16);
	assert_int_equal(file_read_attribute(machine.root, "/none", line, sizeof(line)), -ENOENT);
	assert_int_equal(file_read_attribute(machine.root, "/file/none", line, sizeof(line)),
			 -ENOENT);
	assert_int_equal(file_read_attribute(machine.root, "/file", line, sizeof(line)), -EFBIG);
	recorded_failing(&machine, "/unset", RECORDED_NO_VALUE);
	assert_int_equal(file_read_attribute(machine.root, "/unset", line, sizeof(line)), -ENODATA);
	assert_int_equal(file_read_optional(machine.root, "/unset", line, sizeof(line)), 0);
	assert_int_equal(file_read_optional(machine.root, "/none", line, sizeof(line)), 0);
	/* A failure is no answer. */
	recorded_failing(&machine, "/failing", RECORDED_EIO);
	assert_int_equal(file_read_attribute(machine.root, "/failing", line, sizeof(line)), -EIO);
	assert_int_equal(file_read_optional(machine.root, "/failing", line, sizeof(line)), -EIO);
	assert_string_equal(line, "");
	put("here", 4);
	shortage_begin(&shortage);
	assert_int_equal(file_read_attribute(machine.root, "/file", line, sizeof(line)), -EMFILE);
	shortage_end(&shortage);
	assert_string_equal(line, "");
	assert_int_equal(file_read_attribute(machine.root, "/file", line, sizeof(line)), 0);
	assert_string_equal(line, "here");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_replaced_is_read),
		cmocka_unit_test(a_limit_is_a_limit),
		cmocka_unit_test(nothing_temporary_is_left),
		cmocka_unit_test(what_cannot_be_written_leaves_nothing),
		cmocka_unit_test(links_are_not_followed),
		cmocka_unit_test(what_was_kept_is_not_missing),
		cmocka_unit_test(a_fifo_is_not_waited_for),
		cmocka_unit_test(attributes_are_trimmed),
		cmocka_unit_test(why_there_is_no_attribute),
	};

	return cmocka_run_group_tests(tests, start, end);
}
