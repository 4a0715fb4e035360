/* SPDX-License-Identifier: Apache-2.0 */

/* What is left to a person where an index is taken, or taken over. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/disks/consent.h"

#include "scenes/volumes.h"

/* Each step of it, by its command line; the last one is "…and the clients". */
#define COMMAND                                                                  \
	"there systemctl start srv-lustre-MGS.mount, then lctl replace_nids "    \
	"lustrewt-OST0003 10.0.0.23@tcp; then systemctl restart lustre-init on " \
	"the MGS, the MDSs, the OSSs and the clients"

static void start(struct scene *s, const char *index)
{
	scene_start(s, 2);
	scene_say(s, "index", index);
	scene_say(s, "replace", "true");
	scene_plan(s);
	assert_int_equal(s->plan.target_count, 1);
	s->plan.targets[0].replace = true;
}

static bool takeover(struct scene *s, char *text, size_t size)
{
	const struct planner_input input = { &s->spec, &s->facts, &s->state, &s->status };

	return consent_describe_takeover(&input, &s->plan, &s->plan.targets[0], text, size);
}

static void a_chosen_number_may_have_had_another_address(void **state)
{
	char text[512] = "";
	struct scene s;

	(void)state;
	start(&s, "3");
	assert_true(takeover(&s, text, sizeof(text)));
	assert_non_null(strstr(text, COMMAND));
	s.plan.targets[0].replace = false;
	assert_false(takeover(&s, text, sizeof(text)));
	scene_end(&s);
}

/* The address is the index: whoever had it had this address. */
static void an_index_by_address_leaves_nothing_to_do(void **state)
{
	char text[512] = "";
	struct scene s;

	(void)state;
	start(&s, "subnet");
	assert_false(takeover(&s, text, sizeof(text)));
	scene_end(&s);
}

static void its_own_loss_leaves_nothing_to_do(void **state)
{
	char text[512] = "";
	struct scene s;

	(void)state;
	start(&s, "3");
	scene_remember(&s, "lustrewt-OST0003", PHASE_CREATING, SCENE_GROUP);
	s.state.targets[0].lost = true;
	assert_false(takeover(&s, text, sizeof(text)));
	scene_end(&s);
}

static void a_refusal_names_index_and_command(void **state)
{
	struct planner_input input;
	struct scene s;

	(void)state;
	start(&s, "3");
	input = (struct planner_input){ &s.spec, &s.facts, &s.state, &s.status };
	assert_int_equal(consent_refuse(&input, &s.plan.targets[0], &s.plan), 0);
	assert_int_equal(s.plan.refusal_count, 1);
	assert_non_null(strstr(s.plan.refusals[0].text, "lustrewt-OST0003 is taken"));
	assert_non_null(strstr(s.plan.refusals[0].fix, COMMAND));
	assert_non_null(strstr(s.plan.refusals[0].fix, "the OSSs and the clients."));
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chosen_number_may_have_had_another_address),
		cmocka_unit_test(an_index_by_address_leaves_nothing_to_do),
		cmocka_unit_test(its_own_loss_leaves_nothing_to_do),
		cmocka_unit_test(a_refusal_names_index_and_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
