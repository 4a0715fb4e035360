/* SPDX-License-Identifier: Apache-2.0 */

/* networks= of LNET's module, beside the nets of the plan: the same, in whatever writing, or not.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/network/lnet_options.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static void add_net(struct plan *plan, const char *net, const char *interface, bool by_nid)
{
	struct plan_net *planned = &plan->nets[plan->net_count++];

	text_set(planned->net, sizeof(planned->net), "%s", net);
	text_set(planned->interface, sizeof(planned->interface), "%s", interface);
	planned->by_nid = by_nid;
}

/* Whether a node that would format is refused for it. */
static bool is_refused(const char *name, const char *value, bool by_nid)
{
	struct module_option option = { .module = "lnet", .where = "/etc/modprobe.d/lustre.conf" };
	struct facts facts = { .platform = { .module_options = &option,
					     .module_option_count = 1 } };
	struct spec spec = { .roles = ROLE_OSS };
	struct planner_input input = { .spec = &spec, .facts = &facts };
	struct plan plan = { .net_count = 0 };
	bool refused;

	text_set(option.name, sizeof(option.name), "%s", name);
	text_set(option.value, sizeof(option.value), "%s", value);
	add_net(&plan, "tcp", "ens5", by_nid);
	add_net(&plan, "tcp1", "ens6", false);
	assert_int_equal(lnet_options_check(&input, /* formats= */ true, &plan), 0);
	refused = plan.refusal_count > 0;
	plan_done(&plan);
	return refused;
}

static void the_same_nets_in_other_words_are_no_matter(void **state)
{
	static const char *const same[] = {
		"tcp(ens5),tcp1(ens6)",
		"tcp1(ens6),tcp0(ens5)",
		" tcp0 ( ens5 ) , tcp1(ens6) ",
		"tcp(ens5);tcp1(ens6)",
		"tcp(ens5[0,1]),tcp1(ens6)",
		"tcp(ens5)[0,1],tcp1(ens6)",
		"tcp0(ens5)[0,1];tcp1(ens6)[2]",
		" tcp0 ( ens5 ) [ 0 , 1 ] , tcp1(ens6[0]) [1-3]",
		"tcp[0,1],tcp1[2]",
		"tcp,tcp1",
		"tcp,tcp1(ens6)",
		"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (is_refused("networks", same[i], false))
			fail_msg("\"%s\" was taken for other nets", same[i]);
}

static void other_nets_are(void **state)
{
	static const char *const other[] = {
		"tcp(ens5)",
		"tcp",
		"tcp(ens5),tcp(ens5)",
		"tcp(ens5),tcp1(ens6),tcp2(ens7)",
		"tcp(ens6),tcp1(ens5)",
		"tcp(ens5,ens6),tcp1(ens6)",
		"tcp(ens5),tcp1(ens6),tcp1(ens6)",
		"tcp(ens5),tcp1()",
		"tcp(ens5),tcp1(ens6",
		"tcp(ens5),tcp1(,ens6)",
		"tcp(ens5),tcp1(ens6,)",
		"tcp(ens50),tcp1(ens6)",
		"tcp(ens50)[0,1],tcp1(ens6)",
		"tcp(ens5)[0,1,tcp1(ens6)",
		"tcp(ens5)0,1],tcp1(ens6)",
		"tcp(ens5)[0,1]x,tcp1(ens6)",
		"tcp(ens5)[0][1],tcp1(ens6)",
		"[0,1],tcp1(ens6)",
		"o2ib(ib0)",
		"(ens5)",
		"tcp(ens5) tcp1(ens6)",
		",,",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		if (!is_refused("networks", other[i], false))
			fail_msg("\"%s\" was taken for the nets of the plan", other[i]);
	assert_true(is_refused("ip2nets", "tcp(ens5) 10.0.*.*", false));
}

/* By its name LNET takes the first address of an interface, and ours is another. */
static void a_net_that_is_added_by_its_nid_has_no_name(void **state)
{
	(void)state;
	assert_true(is_refused("networks", "tcp(ens5),tcp1(ens6)", true));
	assert_false(is_refused("networks", "tcp,tcp1(ens6)", true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_nets_in_other_words_are_no_matter),
		cmocka_unit_test(other_nets_are),
		cmocka_unit_test(a_net_that_is_added_by_its_nid_has_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
