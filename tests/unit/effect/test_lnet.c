/* SPDX-License-Identifier: Apache-2.0 */

/* A net is added when LNET has its NID, whatever lnetctl says of it, and however old it is. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "effect/lnet.h"

#include "scenes/apply.h"

#include <errno.h>

/* As lnetctl of Lustre 2.12 does with an option that it does not know: its usage, and 0. */
#define OLD_LNETCTL                                                             \
	"case \"$*\" in *--skip*)\n"                                            \
	"  echo \"lnetctl: unrecognized option '--skip-mr-route-setup'\" >&2\n" \
	"  echo 'net add: add a network'\n"                                     \
	"  exit 0;;\n"                                                          \
	"esac\n"

static void start(struct apply_scene *s, const char *net)
{
	struct plan_net *planned = &s->plan.nets[0];

	apply_start(s);
	*planned = (struct plan_net){ .interface = "ens5", .nid = "10.0.0.23@tcp" };
	snprintf(planned->net, sizeof(planned->net), "%s", net);
	s->plan.net_count = 1;
	assert_int_equal(plan_add_action(&s->plan, ACTION_ADD_NET), 0);
	s->plan.actions[0].item = 0;
}

/* `lctl list_nids` has the net's NID once lnetctl was called `after` times. */
static void nid_is_there(struct apply_scene *s, unsigned after)
{
	char calls[4096], script[8192];

	recorded_path(&s->machine, "/calls", calls);
	snprintf(script, sizeof(script),
		 "test $(grep -c ^lnetctl %.4000s) -lt %u || echo 10.0.0.23@tcp", calls, after);
	apply_tool(s, "lctl", script);
}

static unsigned adds(struct apply_scene *s)
{
	unsigned count = 0;
	char path[4096], line[1024];
	FILE *file;

	recorded_path(&s->machine, "/calls", path);
	file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		count += strncmp(line, "lnetctl ", 8) == 0;
	fclose(file);
	return count;
}

static const struct outcome *run(struct apply_scene *s)
{
	apply_run(s);
	return apply_outcome(s, ACTION_ADD_NET);
}

static void routes_for_several_cards_are_left_out(void **state)
{
	struct apply_scene s;
	const struct outcome *outcome;

	(void)state;
	start(&s, "tcp");
	/* The stray line of a helper is no word on the matter (measured). */
	apply_tool(&s, "lnetctl", "echo '10.0.0.0/24 dev ens5 proto kernel'");
	apply_tool(&s, "lctl", "exit 1");
	outcome = run(&s);
	assert_int_equal(outcome->kind, OUTCOME_DONE);
	assert_string_equal(outcome->text, "");
	assert_true(
		apply_called(&s, "lnetctl net add --net tcp --if ens5 --skip-mr-route-setup\n"));
	assert_false(apply_called(&s, "lctl")); /* nor does it cost another look */
	apply_end(&s);
}

/* Two interfaces in one net, and perhaps in one subnet: there they are of use. */
static void but_not_where_two_interfaces_share_a_net(void **state)
{
	struct apply_scene s;

	(void)state;
	start(&s, "tcp");
	s.plan.nets[1] = s.plan.nets[0];
	s.plan.net_count = 2;
	apply_tool(&s, "lnetctl", "");
	assert_int_equal(run(&s)->kind, OUTCOME_DONE);
	assert_true(apply_called(&s, "lnetctl net add --net tcp --if ens5\n"));
	apply_end(&s);
}

/* lnetctl takes no --net beside a NID. */
static void what_no_name_leads_to_is_added_by_its_nid(void **state)
{
	struct apply_scene s;

	(void)state;
	start(&s, "tcp");
	s.plan.nets[0].by_nid = true;
	apply_tool(&s, "lnetctl", "");
	assert_int_equal(run(&s)->kind, OUTCOME_DONE);
	assert_true(
		apply_called(&s, "lnetctl net add --nid 10.0.0.23@tcp --skip-mr-route-setup\n"));
	apply_end(&s);
}

static void the_same_is_told_how_many_connections(void **state)
{
	struct apply_scene s;

	(void)state;
	start(&s, "tcp");
	s.plan.nets[0].by_nid = true;
	s.plan.nets[0].conns = 8;
	s.plan.nets[0].gives_conns = true;
	apply_tool(&s, "lnetctl", "");
	assert_int_equal(run(&s)->kind, OUTCOME_DONE);
	assert_true(apply_called(&s, "lnetctl net add --nid 10.0.0.23@tcp --skip-mr-route-setup "
				     "--conns-per-peer 8\n"));
	apply_end(&s);
}

static void an_lnetctl_without_the_option_is_asked_without(void **state)
{
	struct apply_scene s;
	const struct outcome *outcome;

	(void)state;
	start(&s, "tcp");
	apply_tool(&s, "lnetctl", OLD_LNETCTL);
	nid_is_there(&s, 2);
	outcome = run(&s);
	assert_int_equal(outcome->kind, OUTCOME_DONE);
	assert_int_equal(adds(&s), 2);
	assert_true(apply_called(&s, "lnetctl net add --net tcp --if ens5\n"));
	apply_end(&s);
}

/* Once more without the option, and no more. */
static void what_fails_either_way_fails(void **state)
{
	struct apply_scene s;
	const struct outcome *outcome;

	(void)state;
	start(&s, "tcp");
	apply_tool(&s, "lnetctl",
		   "printf 'add:\\n    - net:\\n          errno: -28\\n' >&2; exit 234");
	apply_tool(&s, "lctl", "");
	outcome = run(&s);
	assert_int_equal(outcome->kind, OUTCOME_FAILED);
	assert_int_equal(outcome->code, ENOSPC);
	assert_false(outcome->passing);
	assert_int_equal(adds(&s), 2);
	apply_end(&s);
}

static void an_interface_that_is_down_is_named(void **state)
{
	struct apply_scene s;
	const struct outcome *outcome;

	(void)state;
	start(&s, "tcp");
	apply_tool(&s, "lnetctl", "echo 'errno: -100' >&2; exit 234");
	outcome = run(&s);
	assert_int_equal(outcome->code, ENETDOWN);
	assert_non_null(strstr(outcome->text, "ens5: the interface is down"));
	assert_int_equal(adds(&s), 1);
	apply_end(&s);
}

/* The NID is there before lnetctl is done: its script hung, was killed, or failed (measured). */
static void what_lnet_has_is_added(void **state)
{
	static const char *const ends[] = { "kill -KILL $$", "echo 'errno: -17' >&2; exit 234",
					    "echo 'no route' >&2; exit 1" };

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const struct outcome *outcome;
		struct apply_scene s;

		start(&s, "tcp");
		apply_tool(&s, "lnetctl", ends[i]);
		nid_is_there(&s, 1);
		outcome = run(&s);
		assert_int_equal(outcome->kind, OUTCOME_DONE);
		assert_non_null(strstr(outcome->text, "LNET has 10.0.0.23@tcp all the same"));
		assert_int_equal(adds(&s), 1);
		apply_end(&s);
	}
}

/* Not at once, since what it began may still be at work; another round looks first, and may. */
static void what_was_ended_is_not_tried_again(void **state)
{
	struct apply_scene s;

	(void)state;
	start(&s, "tcp");
	apply_tool(&s, "lnetctl", "kill -KILL $$");
	apply_tool(&s, "lctl", "echo 10.0.0.24@tcp");
	assert_int_equal(run(&s)->kind, OUTCOME_FAILED);
	assert_true(apply_outcome(&s, ACTION_ADD_NET)->passing);
	assert_int_equal(adds(&s), 1);
	apply_end(&s);
}

/* The chosen number of connections goes to lnetctl, beside what saves time. */
static void connections_are_asked_for(void **state)
{
	struct apply_scene s;

	(void)state;
	start(&s, "tcp");
	s.plan.nets[0].conns = 8;
	s.plan.nets[0].gives_conns = true;
	apply_tool(&s, "lnetctl", "");
	assert_int_equal(run(&s)->kind, OUTCOME_DONE);
	assert_string_equal(apply_outcome(&s, ACTION_ADD_NET)->text, "");
	assert_true(apply_called(&s, "lnetctl net add --net tcp --if ens5 --skip-mr-route-setup "
				     "--conns-per-peer 8\n"));
	apply_end(&s);
}

static void but_not_where_somebody_else_says_how_many(void **state)
{
	struct apply_scene s;

	(void)state;
	start(&s, "tcp");
	s.plan.nets[0].conns = 4;
	apply_tool(&s, "lnetctl", "");
	assert_int_equal(run(&s)->kind, OUTCOME_DONE);
	assert_false(apply_called(&s, "conns-per-peer"));
	apply_end(&s);
}

/* 2.15 knows the one, and not the other. */
static void connections_outlast_the_other_option(void **state)
{
	struct apply_scene s;

	(void)state;
	start(&s, "tcp");
	s.plan.nets[0].conns = 8;
	s.plan.nets[0].gives_conns = true;
	apply_tool(&s, "lnetctl", OLD_LNETCTL);
	nid_is_there(&s, 2);
	assert_int_equal(run(&s)->kind, OUTCOME_DONE);
	assert_string_equal(apply_outcome(&s, ACTION_ADD_NET)->text, "");
	assert_true(apply_called(&s, "lnetctl net add --net tcp --if ens5 --conns-per-peer 8\n"));
	assert_int_equal(adds(&s), 2);
	apply_end(&s);
}

static void an_lnetctl_without_connections_adds_its_net_all_the_same(void **state)
{
	struct apply_scene s;

	(void)state;
	start(&s, "tcp");
	s.plan.nets[0].conns = 8;
	s.plan.nets[0].gives_conns = true;
	apply_tool(&s, "lnetctl",
		   OLD_LNETCTL "case \"$*\" in *--conns*)\n"
			       "  echo \"lnetctl: unrecognized option '--conns-per-peer'\" >&2\n"
			       "  exit 0;;\n"
			       "esac\n");
	nid_is_there(&s, 3);
	assert_int_equal(run(&s)->kind, OUTCOME_DONE);
	assert_non_null(strstr(apply_outcome(&s, ACTION_ADD_NET)->text,
			       "lnetctl takes no --conns-per-peer"));
	assert_true(apply_called(&s, "lnetctl net add --net tcp --if ens5\n"));
	assert_int_equal(adds(&s), 3);
	apply_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_for_several_cards_are_left_out),
		cmocka_unit_test(but_not_where_two_interfaces_share_a_net),
		cmocka_unit_test(what_no_name_leads_to_is_added_by_its_nid),
		cmocka_unit_test(the_same_is_told_how_many_connections),
		cmocka_unit_test(an_lnetctl_without_the_option_is_asked_without),
		cmocka_unit_test(what_fails_either_way_fails),
		cmocka_unit_test(an_interface_that_is_down_is_named),
		cmocka_unit_test(what_lnet_has_is_added),
		cmocka_unit_test(what_was_ended_is_not_tried_again),
		cmocka_unit_test(connections_are_asked_for),
		cmocka_unit_test(but_not_where_somebody_else_says_how_many),
		cmocka_unit_test(connections_outlast_the_other_option),
		cmocka_unit_test(an_lnetctl_without_connections_adds_its_net_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
