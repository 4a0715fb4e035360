/* SPDX-License-Identifier: Apache-2.0 */

/* The nets of LNET as lnetctl prints them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/network/lnet_nets.h"

#include <string.h>

/* Lustre 2.17, shortened. */
static const char printed[] = "net:\n"
			      "    - net type: lo\n"
			      "      local NI(s):\n"
			      "        - nid: 0@lo\n"
			      "          status: up\n"
			      "    - net type: tcp\n"
			      "      local NI(s):\n"
			      "        - nid: 10.0.0.23@tcp\n"
			      "          status: up\n"
			      "          interfaces:\n"
			      "              0: ens5\n"
			      "          lnd tunables:\n"
			      "              conns_per_peer: 8\n"
			      "              timeout: 50\n"
			      "    - net type: efa\n"
			      "      local NI(s):\n"
			      "        - nid: 0.23.36.0@efa\n"
			      "          status: up\n";

static void connections_are_those_of_their_nid(void **state)
{
	struct checkup checkup = { .net_count = 0 };

	(void)state;
	lnet_nets_parse(printed, &checkup);
	assert_int_equal(checkup.net_count, 1);
	assert_string_equal(checkup.nets[0].nid, "10.0.0.23@tcp");
	assert_int_equal(checkup.nets[0].conns, 8);
}

/* Each piece of it: nothing is read behind its end, and no NID has another's number. */
static void what_is_cut_off_says_less(void **state)
{
	(void)state;
	for (size_t length = 0; length < sizeof(printed); length++) {
		struct checkup checkup = { .net_count = 0 };
		char text[sizeof(printed)];

		memcpy(text, printed, length);
		text[length] = '\0';
		lnet_nets_parse(text, &checkup);
		assert_true(checkup.net_count <= 1);
		if (checkup.net_count == 1)
			assert_string_equal(checkup.nets[0].nid, "10.0.0.23@tcp");
	}
}

static void what_is_no_number_of_a_nid_is_none(void **state)
{
	struct checkup checkup = { .net_count = 0 };

	(void)state;
	lnet_nets_parse("conns_per_peer: 8\n", &checkup);
	lnet_nets_parse("- nid: @\n conns_per_peer: 8\n", &checkup);
	lnet_nets_parse("- nid: 10.0.0.23@tcp\n conns_per_peer: -1\n", &checkup);
	lnet_nets_parse("- nid: 10.0.0.23@tcp\n conns_per_peer: many\n", &checkup);
	assert_int_equal(checkup.net_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_are_those_of_their_nid),
		cmocka_unit_test(what_is_cut_off_says_less),
		cmocka_unit_test(what_is_no_number_of_a_nid_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
