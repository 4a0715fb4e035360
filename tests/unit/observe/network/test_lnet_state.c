/* SPDX-License-Identifier: Apache-2.0 */

/* What lctl list_nids says in each state of LNET (recorded of Lustre 2.17; the older words of 2.15
 * among them). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/network/lnet_state.h"

#include "scenes/recorded.h"

#include <errno.h>

static struct facts parse(int code, const char *output, const char *errors)
{
	char output_copy[1024], errors_copy[1024];
	struct process_output result = { PROCESS_EXITED, code, output_copy, errors_copy, 1 };
	struct facts facts = { 0 };

	snprintf(output_copy, sizeof(output_copy), "%s", output);
	snprintf(errors_copy, sizeof(errors_copy), "%s", errors);
	assert_int_equal(lnet_state_parse(&result, &facts, NULL), 0);
	return facts;
}

static enum lnet_state state_of(int code, const char *errors)
{
	struct facts facts = parse(code, "", errors);

	assert_int_equal(facts.nids.count, 0);
	return facts.lnet;
}

static void states_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(state_of(1, "Writer error: failed to resolve Netlink family id\n"
				     "opening /dev/lnet failed: No such file or directory\n"
				     "hint: the kernel modules may not be loaded\n"
				     "IOC_LIBCFS_GET_NI error 2: No such file or directory\n"),
			 LNET_NO_MODULE);
	assert_int_equal(state_of(1, "Reader error: 'LNet stack down' at 0\n"
				     "IOC_LIBCFS_GET_NI error 100: Network is down\n"),
			 LNET_DOWN);
	assert_int_equal(state_of(1, "IOC_LIBCFS_GET_NI error 100: Network is down\n"), LNET_DOWN);
	assert_int_equal(state_of(0, ""), LNET_UP);
	assert_int_equal(state_of(1, "opening /dev/lnet failed: Permission denied\n"),
			 LNET_UNKNOWN);
	assert_int_equal(state_of(139, ""), LNET_UNKNOWN);
}

static void nids_are_read(void **state)
{
	struct facts facts = parse(0, "0@lo\n10.0.0.23@tcp\n10.1.0.23@tcp1\n", "");

	(void)state;
	assert_int_equal(facts.lnet, LNET_UP);
	assert_int_equal(facts.nids.count, 2);
	assert_string_equal(facts.nids.items[0], "10.0.0.23@tcp");
	assert_string_equal(facts.nids.items[1], "10.1.0.23@tcp1");
	words_done(&facts.nids);
}

static void a_tool_that_hangs_is_an_error(void **state)
{
	char nothing[] = "";
	struct process_output result = { PROCESS_TIMED_OUT, 0, nothing, nothing, 0 };
	struct facts facts = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(lnet_state_parse(&result, &facts, &err), -ETIMEDOUT);
}

static void the_tool_is_run(void **state)
{
	struct recorded machine;
	struct facts facts = { 0 };
	struct error err;

	(void)state;
	recorded_start(&machine);
	setenv("PATH", "/nonexistent", 1);
	assert_int_equal(lnet_state_find(/* inquiries= */ NULL, &facts, &err), 0);
	assert_int_equal(facts.lnet, LNET_UNKNOWN);
	recorded_tool(&machine, "lctl", "echo \"$1@tcp\"");
	assert_int_equal(lnet_state_find(/* inquiries= */ NULL, &facts, &err), 0);
	assert_int_equal(facts.lnet, LNET_UP);
	assert_string_equal(facts.nids.items[0], "list_nids@tcp");
	words_done(&facts.nids);
	recorded_end(&machine);
}

static bool adds_by_nid(struct interface *interface)
{
	struct facts facts = { .interfaces = interface, .interface_count = 1 };
	struct error err;

	assert_int_equal(lnet_state_find_adds_by_nid(&facts, &err), 0);
	return facts.lnet_adds_by_nid;
}

/* Its help says so, whatever it ends with; and it is asked only where that is of use. */
static void whether_a_net_can_be_added_by_its_nid(void **state)
{
	struct interface interface = { .name = "ens5", .ipv4 = "10.0.0.23" };
	struct facts facts = { .interfaces = &interface, .interface_count = 1 };
	struct recorded machine;
	struct error err;

	(void)state;
	recorded_start(&machine);
	setenv("PATH", "/nonexistent", 1);
	words_add(&interface.taken, "ens5=10.0.0.99");
	assert_false(adds_by_nid(&interface));
	recorded_tool(&machine, "lnetctl",
		      "test \"$*\" = 'net add --help' && echo '\t--nid: x'; exit 1");
	assert_true(adds_by_nid(&interface));
	words_done(&interface.taken);
	assert_false(adds_by_nid(&interface));
	words_add(&interface.taken, "ens5=10.0.0.99");
	recorded_tool(&machine, "lnetctl",
		      "printf '\t--net: net name\n\t--if: physical interface\n'");
	assert_false(adds_by_nid(&interface));
	/* Ended by somebody, it does not say that it cannot: the node would be refused by that. */
	recorded_tool(&machine, "lnetctl", "kill -KILL $$");
	assert_int_equal(lnet_state_find_adds_by_nid(&facts, &err), -ECANCELED);
	words_done(&interface.taken);
	recorded_end(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_are_told_apart),
		cmocka_unit_test(nids_are_read),
		cmocka_unit_test(a_tool_that_hangs_is_an_error),
		cmocka_unit_test(the_tool_is_run),
		cmocka_unit_test(whether_a_net_can_be_added_by_its_nid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
