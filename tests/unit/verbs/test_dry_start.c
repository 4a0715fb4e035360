/* SPDX-License-Identifier: Apache-2.0 */

/* What is told of a node before it is launched is what the planner would say of it there. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "verbs/check_document.h"
#include "verbs/dry_start.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct told {
	struct check check;
	struct dry_start dry;
	struct error err;
	int result;
	char *text;
};

/* `tags` as "role=oss fsname=lustrewt". */
static void tell(struct told *t, const char *tags, const char *address, const char *type)
{
	struct dry_place place;
	struct words words = { 0 };

	*t = (struct told){ 0 };
	assert_int_equal(words_split(&words, tags, " "), 0);
	assert_int_equal(check_document("", 0, "--tags", &words, &t->check), 0);
	assert_int_equal(dry_place_parse(address, &place, &t->err), 0);
	snprintf(place.type, sizeof(place.type), "%s", type);
	t->result = dry_start_plan(&t->check.spec, &place, &t->dry, &t->err);
	t->text = t->result == 0 ? dry_start_format(&t->check.spec, &t->dry) : NULL;
	words_done(&words);
}

static void end(struct told *t)
{
	free(t->text);
	dry_start_done(&t->dry);
	check_done(&t->check);
}

static void a_node_is_named(void **state)
{
	struct told t;

	(void)state;
	tell(&t, "role=oss fsname=lustrewt mgs=10.0.0.10", "10.0.0.23/24", "i4i.8xlarge");
	assert_string_equal(
		t.text,
		"role      oss of lustrewt, at 10.0.0.23 in 10.0.0.0/24\n"
		"MGS       10.0.0.10@tcp; TCP port 988 must be open between it and this node\n"
		"target    lustrewt-OST0017, index 23, at /srv/lustre/lustrewt-OST0017\n");
	assert_false(dry_start_is_refused(&t.dry));
	end(&t);
	tell(&t, "role=mgs+mds fsname=lustrewt mgs=mgs.internal", "10.0.0.10/24", "");
	assert_string_equal(t.text, "role      mgs+mds of lustrewt, at 10.0.0.10 in 10.0.0.0/24\n"
				    "MGS       this node, 10.0.0.10@tcp\n"
				    "target    MGS, at /srv/lustre/MGS\n"
				    "target    lustrewt-MDT0000, index 0, at "
				    "/srv/lustre/lustrewt-MDT0000\n");
	end(&t);
	tell(&t, "role=client fsname=lustrewt mgs=10.0.0.10", "10.0.0.99/24", "");
	assert_non_null(strstr(t.text, "client    10.0.0.10@tcp:/lustrewt, at /mnt/lustrewt\n"));
	end(&t);
}

static void a_subnet_gives_the_range(void **state)
{
	struct told t;

	(void)state;
	tell(&t, "role=oss fsname=lustrewt mgs=10.0.0.4", "10.0.0.0/24", "");
	/* .4 is the MGS's. */
	assert_string_equal(t.dry.place.address, "10.0.0.5");
	assert_string_equal(t.dry.first.targets[0].name, "lustrewt-OST0005");
	assert_string_equal(t.dry.last.targets[0].name, "lustrewt-OST00fe");
	assert_non_null(strstr(t.text, "  up to   lustrewt-OST00fe, index 254"));
	assert_false(dry_start_is_refused(&t.dry));
	end(&t);
	/* The highest address of so large a subnet is no index of Lustre's. */
	tell(&t, "role=oss fsname=lustrewt mgs=10.0.0.4", "10.0.0.0/16", "");
	assert_int_equal(t.result, -EINVAL);
	assert_non_null(strstr(t.err.text, "65503"));
	end(&t);
	tell(&t, "role=mgs", "10.0.0.0/24", "");
	assert_int_equal(t.result, -EINVAL);
	assert_non_null(strstr(t.err.text, "an address of its own"));
	end(&t);
}

/* However it is written. */
static void an_mgs_has_its_own_address(void **state)
{
	struct told t;

	(void)state;
	tell(&t, "role=oss fsname=lustrewt mgs=10.0.0.4@tcp,10.0.0.5,10.0.0.254@tcp1",
	     "10.0.0.0/24", "");
	assert_string_equal(t.dry.place.address, "10.0.0.6");
	assert_string_equal(t.dry.place.last, "10.0.0.253");
	assert_false(dry_start_is_refused(&t.dry));
	end(&t);
	/* 10.0.0.40 is not 10.0.0.4, nor is that of another subnet. */
	tell(&t, "role=oss fsname=lustrewt mgs=10.0.0.40@tcp,10.0.1.4", "10.0.0.0/24", "");
	assert_string_equal(t.dry.place.address, "10.0.0.4");
	end(&t);
}

static void what_is_not_known_of_a_type_is_told(void **state)
{
	static const struct {
		const char *tags, *type;
		size_t assumed;
	} rows[] = {
		{ "role=oss fsname=lustrewt mgs=10.0.0.10", "i9.4xlarge", 1 },
		{ "role=oss fsname=lustrewt mgs=10.0.0.10 expect-disks=3", "i4i.99xlarge", 3 },
		{ "role=oss+client fsname=lustrewt mgs=10.0.0.10", "i9.4xlarge", 1 },
		{ "role=oss fsname=lustrewt mgs=10.0.0.10", "i4i.8xlarge", 0 },
		{ "role=oss fsname=lustrewt mgs=10.0.0.10", "", 0 },
		{ "role=oss fsname=lustrewt mgs=10.0.0.10 disks=ebs:sdf", "c6i.4xlarge", 0 },
		{ "role=client fsname=lustrewt mgs=10.0.0.10", "c6i.4xlarge", 0 },
	};
	struct told t;
	json_t *nodes;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tell(&t, rows[i].tags, "10.0.0.23/24", rows[i].type);
		assert_int_equal(t.dry.assumed_disks, rows[i].assumed);
		assert_int_equal(strstr(t.text, "is not known here") != NULL, rows[i].assumed > 0);
		nodes = dry_start_to_json(&t.dry);
		assert_int_equal(json_integer_value(json_object_get(json_array_get(nodes, 0),
								    "assumed-disks")),
				 rows[i].assumed);
		json_decref(nodes);
		end(&t);
	}
}

static void refusals_come_before_the_launch(void **state)
{
	struct told t;

	(void)state;
	tell(&t, "role=oss fsname=lustrewt mgs=10.0.0.23", "10.0.0.23/24", "");
	assert_true(dry_start_is_refused(&t.dry));
	assert_int_equal(t.dry.first.refusals[0].code, REFUSAL_MGS);
	end(&t);
	tell(&t, "role=oss fsname=lustrewt mgs=10.0.0.10 osts=per-disk expect-disks=4",
	     "10.0.0.23/24", "i4i.8xlarge");
	assert_true(dry_start_is_refused(&t.dry));
	assert_int_equal(t.dry.first.refusals[0].code, REFUSAL_TOO_FEW_DISKS);
	assert_non_null(strstr(t.text, "refused   at 10.0.0.23, "));
	end(&t);
	tell(&t, "role=oss fsname=lustrewt mgs=10.0.0.10 osts=per-disk expect-disks=4",
	     "10.0.0.23/24", "i4i.16xlarge");
	assert_false(dry_start_is_refused(&t.dry));
	assert_int_equal(t.dry.first.target_count, 4);
	end(&t);
	/* A type that has none by its name, whatever is expected of it. */
	tell(&t, "role=oss fsname=lustrewt mgs=10.0.0.10 expect-disks=2", "10.0.0.23/24",
	     "c6i.4xlarge");
	assert_int_equal(t.dry.first.refusals[0].code, REFUSAL_NO_DISK);
	assert_int_equal(t.dry.assumed_disks, 0);
	end(&t);
	tell(&t, "role=oss fsname=lustrewt mgs=10.0.0.10 disks=ebs:sdf", "10.0.0.23/24",
	     "c6i.4xlarge");
	assert_false(dry_start_is_refused(&t.dry));
	end(&t);
}

/* What was named is there: other disks, other interfaces. */
static void what_is_named_is_taken_for_there(void **state)
{
	static const char *const named[] = { "disks=ebs:sdf", "disks=/dev/disk/by-id/one",
					     "lnet=tcp(primary),tcp1(eth1)", "index=launch" };
	char tags[128];
	struct told t;

	(void)state;
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		snprintf(tags, sizeof(tags), "role=oss fsname=lustrewt mgs=10.0.0.10 %s", named[i]);
		tell(&t, tags, "10.0.0.23/24", "");
		assert_int_equal(t.result, 0);
		assert_false(dry_start_is_refused(&t.dry));
		end(&t);
	}
}

static void what_is_no_place_is_an_error(void **state)
{
	static const char *const wrong[] = { "",
					     "10.0.0.23",
					     "10.0.0.23/",
					     "10.0.0.23/24x",
					     "10.0.0.23/+24",
					     "10.0.0/24",
					     "10.0.0.23/8",
					     "10.0.0.23/29",
					     "10.0.0.1/24",
					     "10.0.0.3/24",
					     "10.0.0.255/24",
					     "fd00::1/64",
					     "10.0.0.23/99999999999999999999" };
	struct dry_place place;
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(dry_place_parse(wrong[i], &place, &err), -EINVAL);
	assert_int_equal(dry_place_parse("10.0.0.16/28", &place, &err), 0);
	assert_string_equal(place.subnet, "10.0.0.16/28");
	assert_string_equal(place.address, "10.0.0.20");
	assert_string_equal(place.last, "10.0.0.30");
}

/* Programs read the same. */
static void json_has_a_node_for_each_address(void **state)
{
	struct told t;
	json_t *nodes, *target;

	(void)state;
	tell(&t, "role=oss+client fsname=lustrewt mgs=10.0.0.10", "10.0.0.0/24", "");
	nodes = dry_start_to_json(&t.dry);
	assert_int_equal(json_array_size(nodes), 2);
	target = json_array_get(json_object_get(json_array_get(nodes, 1), "targets"), 0);
	assert_string_equal(json_string_value(json_object_get(target, "name")), "lustrewt-OST00fe");
	assert_int_equal(json_integer_value(json_object_get(target, "index")), 254);
	json_decref(nodes);
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_is_named),
		cmocka_unit_test(a_subnet_gives_the_range),
		cmocka_unit_test(an_mgs_has_its_own_address),
		cmocka_unit_test(what_is_not_known_of_a_type_is_told),
		cmocka_unit_test(refusals_come_before_the_launch),
		cmocka_unit_test(what_is_named_is_taken_for_there),
		cmocka_unit_test(what_is_no_place_is_an_error),
		cmocka_unit_test(json_has_a_node_for_each_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
