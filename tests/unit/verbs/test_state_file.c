/* SPDX-License-Identifier: Apache-2.0 */

/* state.json that is broken, and one that cannot be read: only of the first may a person be told to
 * forget. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node.h"

#include "scenes/recorded.h"
#include "scenes/shortage.h"

#include <errno.h>

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

static int read_state(struct error *err)
{
	const struct node_options options = { .machine = machine.root };
	static struct node node;

	node = (struct node){ 0 };
	return node_read_state(&options, &node, err);
}

static void no_file_is_an_empty_state(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(read_state(&err), 0);
}

static void broken_content_is_for_a_person(void **state)
{
	static const char *const contents[] = { "", "{", "{\"version\": 7}", "[]", "{} {}" };
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		recorded_file(&machine, "/state.json", "%s", contents[i]);
		if (read_state(&err) != -EBADMSG || err.code != -EBADMSG)
			fail_msg("%s: %s", contents[i], err.text);
	}
}

static void what_cannot_be_read_says_nothing(void **state)
{
	struct shortage shortage;
	struct error err;

	(void)state;
	recorded_file(&machine, "/state.json", "{\"version\": 1, \"targets\": []}");
	assert_int_equal(read_state(&err), 0);
	shortage_begin(&shortage);
	assert_int_equal(read_state(&err), -EIO);
	shortage_end(&shortage);
	assert_int_equal(err.code, -EIO);
	assert_non_null(strstr(err.text, "cannot be read now"));
	assert_non_null(strstr(err.text, "Too many open files"));
}

static void a_folder_in_its_place_is_no_content(void **state)
{
	struct error err;

	(void)state;
	recorded_file(&machine, "/state.json/inside", "x");
	assert_int_equal(read_state(&err), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_file_is_an_empty_state, start, end),
		cmocka_unit_test_setup_teardown(broken_content_is_for_a_person, start, end),
		cmocka_unit_test_setup_teardown(what_cannot_be_read_says_nothing, start, end),
		cmocka_unit_test_setup_teardown(a_folder_in_its_place_is_no_content, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
