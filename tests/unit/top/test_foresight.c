/* SPDX-License-Identifier: Apache-2.0 */

/* Whose memory has LNET's module loaded before anything is planned: this instance's own. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "foresight.h"

#include "scenes/apply.h"

static void await_lnet(void *userdata)
{
	(void)userdata;
}

/* A node that remembers one target of that instance, and is itself "i-own". */
static bool loads_early(const char *instance_id, enum phase phase, enum lnet_state lnet)
{
	const struct node_options options = { .await_lnet = await_lnet };
	struct node *node = calloc(1, sizeof(*node));
	struct foresight foresight = { 0 };
	struct apply_scene s;
	bool is_early;

	assert_non_null(node);
	apply_start(&s);
	apply_tool(&s, "modprobe", "");
	snprintf(node->metadata.instance_id, sizeof(node->metadata.instance_id), "i-own");
	node->state.target_count = 1;
	node->state.targets[0].phase = phase;
	snprintf(node->state.targets[0].instance_id, sizeof(node->state.targets[0].instance_id),
		 "%s", instance_id);
	node->facts.lnet = lnet;
	is_early = foresight_put(&foresight, &options, node).await_lnet != NULL;
	foresight_await_lnet(&foresight);
	assert_int_equal(apply_called(&s, "modprobe lnet\n"), is_early);
	assert_int_equal(foresight.lnet_load_usec > 0, is_early);
	foresight_end(&foresight);
	apply_end(&s);
	free(node);
	return is_early;
}

static void lnet_is_loaded_early_where_this_instance_served(void **state)
{
	(void)state;
	assert_true(loads_early("i-own", PHASE_SERVED, LNET_NO_MODULE));
	assert_false(loads_early("i-own", PHASE_SERVED, LNET_UP));
	assert_false(loads_early("i-own", PHASE_REGISTERING, LNET_NO_MODULE));
}

static void what_another_instance_remembered_loads_nothing(void **state)
{
	(void)state;
	assert_false(loads_early("i-other", PHASE_SERVED, LNET_NO_MODULE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lnet_is_loaded_early_where_this_instance_served),
		cmocka_unit_test(what_another_instance_remembered_loads_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
