/* SPDX-License-Identifier: Apache-2.0 */

/* Which net on which interface, and how LNET stands against that. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/network/lnet_config.h"

#include "scenes/answers.h"

static void resolve(struct scene *s)
{
	scene_specify(s);
	plan_done(&s->plan);
	assert_int_equal(lnet_config_resolve(&s->spec, &s->facts, &s->plan, &s->err), 0);
}

static void primary_is_known_by_its_mac(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 0);
	s.facts.interfaces[1] = s.facts.interfaces[0];
	s.facts.interface_count = 2;
	strcpy(s.facts.interfaces[0].name, "eth0");
	strcpy(s.facts.interfaces[0].mac, "0a:00:00:00:00:99");
	strcpy(s.facts.interfaces[0].ipv4, "10.0.9.9");
	strcpy(s.facts.interfaces[1].mac, "0A:00:00:00:00:17"); /* whatever case it is in */
	resolve(&s);
	assert_int_equal(s.plan.net_count, 1);
	assert_string_equal(s.plan.nets[0].interface, "ens5");
	assert_string_equal(s.plan.nets[0].nid, "10.0.0.23@tcp");
	scene_end(&s);
}

/* A bridge over it takes its MAC and its address. */
static void primary_is_where_the_address_is(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 0);
	s.facts.interfaces[1] = s.facts.interfaces[0];
	s.facts.interface_count = 2;
	s.facts.interfaces[0].ipv4[0] = '\0';
	strcpy(s.facts.interfaces[1].name, "br0");
	resolve(&s);
	assert_string_equal(s.plan.nets[0].interface, "br0");
	scene_end(&s);
}

static void what_has_no_address_is_refused(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 0);
	s.facts.interfaces[0].ipv4[0] = '\0';
	resolve(&s);
	assert_int_equal(s.plan.net_count, 0);
	assert_non_null(strstr(scene_refusal(&s, REFUSAL_LNET)->text, "ens5"));
	assert_true(plan_refuses(&s.plan, ""));
	scene_end(&s);
}

/* Two networks, and every way in which LNET may stand. */
static void states_are_told_apart(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 0);
	s.facts.interfaces[1] = s.facts.interfaces[0];
	s.facts.interface_count = 2;
	strcpy(s.facts.interfaces[1].name, "ens6");
	strcpy(s.facts.interfaces[1].mac, "0a:00:00:00:00:99");
	strcpy(s.facts.interfaces[1].ipv4, "10.0.8.23");
	scene_say(&s, "lnet", "tcp(primary),tcp1(ens6)");
	s.facts.lnet = LNET_DOWN;
	resolve(&s);
	assert_int_equal(lnet_config_compare(&s.facts, &s.plan), LNET_MATCH_NONE);
	s.facts.lnet = LNET_UP;
	assert_int_equal(lnet_config_compare(&s.facts, &s.plan), LNET_MATCH_NONE);
	assert_int_equal(words_add(&s.facts.nids, "10.0.8.23@tcp1"), 0);
	resolve(&s);
	assert_int_equal(lnet_config_compare(&s.facts, &s.plan), LNET_MATCH_PART);
	assert_false(s.plan.nets[0].is_there);
	assert_true(s.plan.nets[1].is_there);
	assert_int_equal(words_add(&s.facts.nids, "10.0.0.23@tcp"), 0);
	assert_int_equal(lnet_config_compare(&s.facts, &s.plan), LNET_MATCH_SAME);
	assert_int_equal(words_add(&s.facts.nids, "10.0.7.7@tcp2"), 0);
	assert_int_equal(lnet_config_compare(&s.facts, &s.plan), LNET_MATCH_OTHER);
	scene_end(&s);
}

static void an_mgs_without_a_net_is_in_the_first(void **state)
{
	struct scene s;
	struct words nids = { 0 };

	(void)state;
	scene_start(&s, 0);
	scene_say(&s, "lnet", "tcp7(primary)");
	resolve(&s);
	assert_int_equal(lnet_config_add_nid(&s.plan, "10.0.0.10", &nids), 0);
	assert_int_equal(lnet_config_add_nid(&s.plan, "mgs.internal@tcp1", &nids), 0);
	assert_string_equal(nids.items[0], "10.0.0.10@tcp7");
	assert_string_equal(nids.items[1], "mgs.internal@tcp1");
	/* One NID, however it is written. */
	assert_int_equal(lnet_config_add_nid(&s.plan, "10.0.0.10@tcp7", &nids), 0);
	assert_int_equal(nids.count, 2);
	words_done(&nids);
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(primary_is_known_by_its_mac),
		cmocka_unit_test(primary_is_where_the_address_is),
		cmocka_unit_test(what_has_no_address_is_refused),
		cmocka_unit_test(states_are_told_apart),
		cmocka_unit_test(an_mgs_without_a_net_is_in_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
