/* SPDX-License-Identifier: Apache-2.0 */

/* The text for Prometheus, by itself; who reads it does so in tests/watch. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "watch/metrics.h"

#include <stdlib.h>
#include <string.h>

static struct applied_target applied_targets[] = {
	{ .name = "lustrewt-OST0000", .role = APPLIED_OST, .mounted = true },
	{ .name = "client lustrewt", .role = APPLIED_CLIENT, .mounted = true },
};

struct node {
	struct status status;
	struct applied applied;
	struct health health;
	struct watch watch;
	struct health_target targets[2];
	struct watch_event events[3];
	char *text;
};

static int start(void **state)
{
	struct node *node = calloc(1, sizeof(*node));

	assert_non_null(node);
	node->status.verdict = VERDICT_READY;
	node->applied = (struct applied){ .targets = applied_targets, .target_count = 2 };
	node->targets[0] = (struct health_target){ .name = "lustrewt-OST0000",
						   .role = APPLIED_OST,
						   .mounted = true };
	node->targets[1] = (struct health_target){ .name = "client lustrewt",
						   .role = APPLIED_CLIENT,
						   .mounted = true };
	node->health.targets = node->targets;
	node->health.target_count = 2;
	node->watch.events.items = node->events;
	*state = node;
	return 0;
}

static int end(void **state)
{
	struct node *node = *state;

	free(node->text);
	free(node);
	return 0;
}

static bool says(struct node *node, const char *line)
{
	const struct metrics metrics = { &node->status, &node->applied, &node->health,
					 &node->watch };

	free(node->text);
	assert_int_equal(metrics_text(&metrics, &node->text, NULL), 0);
	return strstr(node->text, line) != NULL;
}

static void up_is_all_that_was_mounted(void **state)
{
	struct node *node = *state;

	assert_true(says(node, "\nlustre_init_up 1\n"));
	node->targets[0].read_only = true;
	assert_true(says(node, "\nlustre_init_up 0\n"));
	node->targets[0].read_only = false;
	/* A client is read-only by its options alone, as it was asked to be. */
	node->targets[1].read_only = true;
	assert_true(says(node, "\nlustre_init_up 1\n"));
	node->targets[1].mounted = false;
	assert_true(says(node, "\nlustre_init_up 0\n"));
	node->targets[1].mounted = true;
	node->status.verdict = VERDICT_FAILED;
	assert_true(says(node, "\nlustre_init_up 0\n"));
	assert_true(says(node, "lustre_init_boot_verdict{verdict=\"failed\"} 1\n"));
}

static void a_label_is_escaped(void **state)
{
	struct node *node = *state;

	node->events[0] = (struct watch_event){ .kind = EVENT_DISK_GONE,
						.subject = "a\\b\"c\nd",
						.told = true };
	node->watch.events.count = 1;
	assert_true(says(node, "subject=\"a\\\\b\\\"c\\nd\",target=\"\"} 1\n"));
}

static void only_what_was_told_and_lasts_is_amiss(void **state)
{
	struct node *node = *state;

	node->events[0] = (struct watch_event){ .kind = EVENT_DISK_GONE, .subject = "untold" };
	node->events[1] = (struct watch_event){
		.kind = EVENT_DISK_GONE, .subject = "over", .told = true, .change = CHANGE_ENDED
	};
	node->events[2] =
		(struct watch_event){ .kind = EVENT_DISK_GONE, .subject = "lasts", .told = true };
	node->watch.events.count = 3;
	assert_true(says(node, "lustre_init_events{severity=\"error\"} 1\n"));
	assert_true(says(node, "subject=\"lasts\""));
	assert_false(says(node, "subject=\"untold\"") || says(node, "subject=\"over\""));
}

static void what_is_not_known_has_no_line(void **state)
{
	struct node *node = *state;

	assert_false(says(node, "target_size_bytes") || says(node, "mgs_up") ||
		     says(node, "nid_up") || says(node, "target_unhealthy"));
	/* A client has no such thing, a target that is gone tells nothing. */
	assert_true(says(node, "lustre_init_target_degraded{target=\"lustrewt-OST0000\""));
	assert_false(says(node, "lustre_init_target_degraded{target=\"client"));
	node->targets[0].mounted = false;
	assert_false(says(node, "lustre_init_target_degraded"));
	assert_true(
		says(node, "lustre_init_target_up{target=\"lustrewt-OST0000\",role=\"OST\"} 0"));
}

#define NODE(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE(up_is_all_that_was_mounted),
		NODE(a_label_is_escaped),
		NODE(only_what_was_told_and_lasts_is_amiss),
		NODE(what_is_not_known_has_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
