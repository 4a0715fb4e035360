/* SPDX-License-Identifier: Apache-2.0 */

/* NIDs and nets in the form in which Lustre prints them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/spec/nid.h"

#include <errno.h>
#include <string.h>

static void a_net_has_one_form(void **state)
{
	static const char *const nets[][2] = {
		{ "tcp", "tcp" },     { "tcp0", "tcp" },     { "tcp00", "tcp" },
		{ "TCP", "tcp" },     { "Tcp01", "tcp1" },   { "tcp1", "tcp1" },
		{ "o2ib", "o2ib" },   { "o2ib0", "o2ib" },   { "O2IB1", "o2ib1" },
		{ "efa0", "efa" },    { "kfi7", "kfi7" },    { "tcp65535", "tcp65535" },
		{ "tcp65536", NULL }, { "tcp000001", NULL }, { "tcp-1", NULL },
		{ "tcp ", NULL },     { "tcp1x", NULL },     { "lo", NULL },
		{ "", NULL },         { "gni", NULL },       { "tc", NULL },
	};
	char net[NET_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		int r = net_normalise(nets[i][0], strlen(nets[i][0]), net);

		assert_int_equal(r, nets[i][1] ? 0 : -EINVAL);
		if (r == 0)
			assert_string_equal(net, nets[i][1]);
	}
	/* No further than it is said to be. */
	assert_int_equal(net_normalise("tcp1(eth1)", 4, net), 0);
	assert_string_equal(net, "tcp1");
}

static void a_nid_has_one_form(void **state)
{
	static const char *const nids[][2] = {
		{ "10.0.0.10", "10.0.0.10" },
		{ "10.0.0.10@tcp0", "10.0.0.10@tcp" },
		{ "10.0.0.10@TCP02", "10.0.0.10@tcp2" },
		{ "MGS.Example.Internal@tcp", "mgs.example.internal@tcp" },
		{ "fd00:0:0::0A", "fd00::a" },
		{ "FD00::A@tcp0", "fd00::a@tcp" },
		{ "::ffff:10.0.0.10@tcp", "10.0.0.10@tcp" },
		{ "mgs-1.4cloud", "mgs-1.4cloud" },
		{ "4mgs", "4mgs" },
	};
	char nid[NID_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(nids) / sizeof(nids[0]); i++) {
		assert_int_equal(nid_normalise(nids[i][0], nid), 0);
		assert_string_equal(nid, nids[i][1]);
	}
}

/* What a resolver takes for an address is no name: "10.1" is 10.0.0.1 to it, "010" is 8. */
static void what_is_no_nid_is_told(void **state)
{
	static const char *const hosts[] = {
		"",           "@tcp",          "010.0.0.10", "10.0.0.010",  "10.0.0",
		"10.0.0.256", "10.0.0.10.",    "0x0a.0.0.1", "10.0.0.0x0a", "mgs.1",
		"10",         "mgs..internal", "-mgs",       "mgs_1",       "mgs ",
		"10.0.0.10:", "fe80::1%",      "mgs.0x",
	};
	static const char *const nets[] = { "10.0.0.10@", "10.0.0.10@lo", "mgs@tcp@tcp",
					    "10.0.0.10@tcp:" };
	char nid[NID_TEXT_MAX], longest[400];

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		assert_int_equal(nid_normalise(hosts[i], nid), -EINVAL);
	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++)
		assert_int_equal(nid_normalise(nets[i], nid), -EDOM);
	memset(longest, 'a', sizeof(longest));
	for (size_t i = 50; i < sizeof(longest); i += 50)
		longest[i] = '.';
	longest[253] = '\0';
	assert_int_equal(nid_normalise(longest, nid), 0);
	longest[253] = 'a';
	longest[254] = '\0';
	assert_int_equal(nid_normalise(longest, nid), -EINVAL);
}

static void what_nobody_reaches_is_named(void **state)
{
	static const struct {
		const char *nid, *what;
	} nids[] = {
		{ "127.0.1.1", "a loopback address" },
		{ "127.0.0.1@tcp", "a loopback address" },
		{ "169.254.49.58@tcp", "a link-local address" },
		{ "0.0.0.0", "an address of no host" },
		{ "224.0.0.1", "a multicast address" },
		{ "239.255.255.255", "a multicast address" },
		{ "255.255.255.255", "the broadcast address" },
		{ "::1", "a loopback address" },
		{ "::", "an address of no host" },
		{ "fe80::1@tcp", "a link-local address" },
		{ "ff02::1", "a multicast address" },
	};
	static const char *const reachable[] = { "10.0.0.10",       "169.253.0.1",    "128.0.0.1",
						 "223.255.255.255", "100.64.0.1@tcp", "fd00::1",
						 "mgs.internal" };

	(void)state;
	for (size_t i = 0; i < sizeof(nids) / sizeof(nids[0]); i++)
		assert_string_equal(nid_unreachable(nids[i].nid), nids[i].what);
	for (size_t i = 0; i < sizeof(reachable) / sizeof(reachable[0]); i++)
		assert_null(nid_unreachable(reachable[i]));
}

static void what_lctl_prints_is_read(void **state)
{
	struct words nids = { 0 };

	(void)state;
	assert_int_equal(
		nids_read("0@lo\n10.0.0.23@tcp0\r\n hint: no NID\n7@gni\n10.0.8.23@tcp1\n", &nids),
		0);
	assert_int_equal(nids.count, 3);
	assert_string_equal(nids.items[0], "10.0.0.23@tcp");
	assert_string_equal(nids.items[1], "7@gni");
	assert_string_equal(nids.items[2], "10.0.8.23@tcp1");
	words_done(&nids);
}

static void more_nids_than_a_node_has_are_refused(void **state)
{
	struct words nids = { 0 };
	char text[65 * 16 + 1] = "";

	(void)state;
	for (unsigned i = 0; i < 65; i++)
		sprintf(text + strlen(text), "10.0.0.%u@tcp\n", i);
	assert_int_equal(nids_read(text, &nids), -E2BIG);
	words_done(&nids);
}

static void sources_are_compared_by_what_they_mean(void **state)
{
	static const char *const same[][2] = {
		{ "10.0.0.10@tcp:/fs", "10.0.0.10@tcp0:/fs" },
		{ "10.0.0.10@tcp:10.0.0.11@tcp:/fs", "10.0.0.11@TCP:10.0.0.10@tcp00:/fs" },
		{ "10.0.0.10@tcp,10.1.0.10@tcp1:/fs", "10.0.0.10@tcp:10.1.0.10@tcp1:/fs" },
		{ "10.0.0.10@tcp:10.0.0.10@tcp0:/fs", "10.0.0.10@tcp:/fs" },
		{ "fd00::a@tcp:10.0.0.10@tcp:/fs", "10.0.0.10@tcp:fd00:0::0a@tcp:/fs" },
		{ "10.0.0.10@tcp:/fs", "10.0.0.10@tcp:/fs2" },
		{ "10.0.0.10@tcp:/fs", "10.0.0.10@tcp:/fs/sub" },
	};
	static const char *const different[][2] = {
		{ "10.0.0.10@tcp:/fs", "10.0.0.10@tcp1:/fs" },
		{ "10.0.0.10@tcp:/fs", "10.0.0.11@tcp:/fs" },
		{ "10.0.0.10@tcp:/fs", "10.0.0.10@tcp:10.0.0.11@tcp:/fs" },
		{ "10.0.0.10@tcp:10.0.0.11@tcp:/fs", "10.0.0.10@tcp:/fs" },
		{ "10.0.0.10@tcp:10.0.0.11@tcp:/fs", "10.0.0.10@tcp:10.0.0.12@tcp:/fs" },
		{ "/dev/nvme1n1", "10.0.0.10@tcp:/fs" },
		{ ":/fs", "10.0.0.10@tcp:/fs" },
		{ "@tcp:/fs", "@tcp0:/fs" },
		{ "10.0.0.10@tcp", "10.0.0.10@tcp0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		assert_true(nid_sources_name_one_mgs(same[i][0], same[i][1]));
	for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++)
		assert_false(nid_sources_name_one_mgs(different[i][0], different[i][1]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_net_has_one_form),
		cmocka_unit_test(a_nid_has_one_form),
		cmocka_unit_test(what_is_no_nid_is_told),
		cmocka_unit_test(what_nobody_reaches_is_named),
		cmocka_unit_test(what_lctl_prints_is_read),
		cmocka_unit_test(more_nids_than_a_node_has_are_refused),
		cmocka_unit_test(sources_are_compared_by_what_they_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
