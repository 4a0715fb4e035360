/* SPDX-License-Identifier: Apache-2.0 */

/* What the watch expects to stay: of the report of the boot, and of what is remembered. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/applied.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct boot {
	struct status status;
	struct state state;
	struct plan plan;
};

static void add_target(struct plan *plan, const char *name, const char *device, bool in_service)
{
	struct plan_target *target = plan_add_target(plan);

	assert_non_null(target);
	strcpy(target->name, name);
	strcpy(target->device, device);
	strcpy(target->mount_point, "/srv/lustre/x");
	target->in_service = in_service;
}

/* A boot with three targets, of which one has its disks remembered; and a client. */
static int start(void **state)
{
	struct boot *boot = calloc(1, sizeof(*boot));
	struct remembered_target *t;

	assert_non_null(boot);
	strcpy(boot->status.boot_id, "b1");
	boot->status.verdict = VERDICT_READY;
	strcpy(boot->status.instance_id, "i-1");
	strcpy(boot->status.fsname, "lustrewt");
	add_target(&boot->plan, "MGS", "/dev/vg/mgt", true);
	add_target(&boot->plan, "lustrewt-MDT0000", "/dev/vg/mdt0000", true);
	add_target(&boot->plan, "lustrewt-OST0017", "/dev/vg/ost0017", false);
	boot->plan.client.wanted = boot->plan.client.mounted = true;
	boot->plan.client.source = strdup("10.0.0.10@tcp:/lustrewt");
	strcpy(boot->plan.client.mount_point, "/mnt/lustrewt");
	boot->plan.net_count = 1;
	strcpy(boot->plan.nets[0].nid, "10.0.8.23@tcp");
	assert_int_equal(words_add(&boot->plan.mgs_nids, "10.0.0.10@tcp"), 0);
	t = &boot->state.targets[boot->state.target_count++];
	strcpy(t->name, "lustrewt-OST0017");
	strcpy(t->instance_id, "i-1");
	strcpy(t->disks[0].serial, "AWS1");
	strcpy(t->disks[0].pv_uuid, "u1");
	/* As on Xen, where the kernel has nothing to know it by. */
	strcpy(t->disks[1].serial, "ephemeral0:sdb");
	strcpy(t->disks[1].pv_uuid, "u2");
	strcpy(t->disks[2].serial, "sdf");
	strcpy(t->disks[2].pv_uuid, "u3");
	t->disk_count = 3;
	t->phase = PHASE_SERVED;
	assert_int_equal(status_take_plan(&boot->status, &boot->plan), 0);
	*state = boot;
	return 0;
}

static int end(void **state)
{
	struct boot *boot = *state;

	status_done(&boot->status);
	plan_done(&boot->plan);
	free(boot);
	return 0;
}

static void all_of_a_boot_is_taken(void **state)
{
	const struct boot *boot = *state;
	struct applied applied;
	struct error err;

	assert_int_equal(applied_from(&boot->status, &boot->state, &applied, &err), 0);
	assert_string_equal(applied.boot_id, "b1");
	assert_int_equal(applied.target_count, 4);
	assert_int_equal(applied.targets[0].role, APPLIED_MGT);
	assert_int_equal(applied.targets[1].role, APPLIED_MDT);
	assert_int_equal(applied.targets[2].role, APPLIED_OST);
	assert_int_equal(applied.targets[3].role, APPLIED_CLIENT);
	assert_true(applied.targets[1].mounted && applied.targets[3].mounted);
	assert_false(applied.targets[2].mounted);
	assert_string_equal(applied.targets[2].source, "/dev/vg/ost0017");
	assert_string_equal(applied.targets[3].mount_point, "/mnt/lustrewt");
	assert_int_equal(applied.targets[0].disk_count, 0);
	assert_int_equal(applied.targets[0].phase, PHASE_NONE);
	assert_int_equal(applied.targets[2].phase, PHASE_SERVED);
	assert_int_equal(applied.targets[2].disk_count, 1);
	assert_string_equal(applied.targets[2].disks[0].pv_uuid, "u1");
	assert_string_equal(applied.nids.items[0], "10.0.8.23@tcp");
	assert_string_equal(applied.mgs_nids.items[0], "10.0.0.10@tcp");
	applied_done(&applied);
}

/* What an earlier instance had on other disks is nothing to expect here. */
static void disks_of_another_instance_are_not(void **state)
{
	struct boot *boot = *state;
	struct applied applied;

	strcpy(boot->state.targets[0].instance_id, "i-0");
	assert_int_equal(applied_from(&boot->status, &boot->state, &applied, NULL), 0);
	assert_int_equal(applied.targets[2].disk_count, 0);
	applied_done(&applied);
}

/* Where apply came to nothing, its NIDs are those that were to be. */
static void nids_are_expected_where_something_serves(void **state)
{
	static const struct {
		bool mounted;
		size_t nids;
	} rows[] = {
		{ false, 0 },
		{ true, 1 },
	};
	struct boot *boot = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct applied applied;

		for (size_t k = 0; k < boot->status.standing_count; k++)
			boot->status.standings[k].mounted = rows[i].mounted;
		assert_int_equal(applied_from(&boot->status, &boot->state, &applied, NULL), 0);
		assert_int_equal(applied.nids.count, rows[i].nids);
		applied_done(&applied);
	}
}

static void it_survives_json(void **state)
{
	const struct boot *boot = *state;
	struct applied applied, back;
	json_t *json, *again;
	struct error err;

	assert_int_equal(applied_from(&boot->status, &boot->state, &applied, NULL), 0);
	json = applied_to_json(&applied);
	if (applied_from_json(json, &back, &err) < 0)
		fail_msg("%s", err.text);
	again = applied_to_json(&back);
	assert_true(json_equal(json, again));
	applied_done(&applied);
	applied_done(&back);
	json_object_del(json, "targets");
	assert_int_equal(applied_from_json(json, &back, &err), -EINVAL);
	json_decref(json);
	json_decref(again);
}

/* boot.json has what the watch needs of the network. */
static void the_report_keeps_the_nids(void **state)
{
	const struct boot *boot = *state;
	json_t *json = status_to_json(&boot->status);
	struct status back;
	struct error err;

	if (status_from_json(json, &back, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(back.nids.items[0], "10.0.8.23@tcp");
	assert_string_equal(back.mgs_nids.items[0], "10.0.0.10@tcp");
	status_done(&back);
	json_decref(json);
}

#define BOOT(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOOT(all_of_a_boot_is_taken),
		BOOT(nids_are_expected_where_something_serves),
		BOOT(disks_of_another_instance_are_not),
		BOOT(it_survives_json),
		BOOT(the_report_keeps_the_nids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
