/* SPDX-License-Identifier: Apache-2.0 */

/* An efa net is added with its credits and preferred; that it may not be preferred stops nothing.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenes/apply.h"

static void add_net(struct apply_scene *s, const char *net, const char *device, const char *nid)
{
	struct plan_net *planned = &s->plan.nets[s->plan.net_count++];

	snprintf(planned->net, sizeof(planned->net), "%s", net);
	snprintf(planned->interface, sizeof(planned->interface), "%s", device);
	snprintf(planned->nid, sizeof(planned->nid), "%s", nid);
}

static void start(struct apply_scene *s)
{
	apply_start(s);
	add_net(s, "tcp", "ens5", "10.0.0.23@tcp");
	add_net(s, "efa", "rdmap36s0", "0.23.36.0@efa");
	add_net(s, "efa", "rdmap53s2", "0.23.53.16@efa");
	add_net(s, "efa1", "rdmap80s0", "0.23.80.0@efa1");
}

/* Two devices share the net, and need no routes all the same: those are of Ethernet interfaces. */
static void a_device_is_added_with_credits(void **state)
{
	struct apply_scene s;

	(void)state;
	start(&s);
	apply_tool(&s, "lnetctl", "");
	apply_add(&s, ACTION_ADD_NET, 1, -1);
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_ADD_NET)->kind, OUTCOME_DONE);
	assert_true(apply_called(&s, "lnetctl net add --net efa --if rdmap36s0 "
				     "--skip-mr-route-setup --peer-credits 32\n"));
	apply_end(&s);
}

static void prefer(struct apply_scene *s, const char *lnetctl)
{
	start(s);
	apply_tool(s, "lnetctl", lnetctl);
	apply_add(s, ACTION_PREFER_EFA, -1, -1);
	apply_run(s);
	assert_int_equal(apply_outcome(s, ACTION_PREFER_EFA)->kind, OUTCOME_DONE);
}

static void each_efa_net_is_preferred_once(void **state)
{
	struct apply_scene s;

	(void)state;
	prefer(&s, "");
	assert_string_equal(apply_outcome(&s, ACTION_PREFER_EFA)->text, "");
	assert_true(apply_called(&s, "lnetctl set discovery 1\n"
				     "lnetctl udsp add --src efa --priority 0\n"
				     "lnetctl udsp add --src efa1 --priority 0\n"));
	assert_false(apply_called(&s, "--src tcp"));
	apply_end(&s);
}

static void a_rule_that_is_there_is_none_too_many(void **state)
{
	struct apply_scene s;

	(void)state;
	prefer(&s, "case \"$*\" in *'udsp add'*) echo 'errno: -114' >&2; exit 234;; esac");
	assert_string_equal(apply_outcome(&s, ACTION_PREFER_EFA)->text, "");
	apply_end(&s);
}

static void without_a_rule_tcp_carries_it(void **state)
{
	struct apply_scene s;

	(void)state;
	prefer(&s,
	       "case \"$*\" in *'udsp add --src efa --'*) echo 'errno: -22' >&2; exit 234;; esac");
	assert_non_null(strstr(apply_outcome(&s, ACTION_PREFER_EFA)->text, "tcp may carry"));
	/* The other net has its own. */
	assert_true(apply_called(&s, "lnetctl udsp add --src efa1 --priority 0\n"));
	apply_end(&s);
}

/* As where kefalnd took the address of another interface. */
static void a_nid_that_came_out_otherwise_is_named(void **state)
{
	struct apply_scene s;

	(void)state;
	start(&s);
	apply_tool(&s, "lctl",
		   "printf '10.0.0.23@tcp\\n9.9.36.0@efa\\n0.23.53.16@efa\\n0.23.80.0@efa1\\n'");
	apply_add(&s, ACTION_CHECK_NIDS, -1, -1);
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_CHECK_NIDS)->kind, OUTCOME_FAILED);
	assert_non_null(strstr(apply_outcome(&s, ACTION_CHECK_NIDS)->text,
			       "NID 9.9.36.0@efa, where 0.23.36.0@efa was configured"));
	apply_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_is_added_with_credits),
		cmocka_unit_test(each_efa_net_is_preferred_once),
		cmocka_unit_test(a_rule_that_is_there_is_none_too_many),
		cmocka_unit_test(without_a_rule_tcp_carries_it),
		cmocka_unit_test(a_nid_that_came_out_otherwise_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
