/* SPDX-License-Identifier: Apache-2.0 */

/* Which targets a node has, and under which index. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/disks/layout.h"

#include "scenes/scene.h"

static int index_of(struct scene *s, const char *address, const char *subnet)
{
	unsigned index = 0;

	snprintf(s->facts.local_ipv4, sizeof(s->facts.local_ipv4), "%s", address);
	snprintf(s->facts.subnet_cidr, sizeof(s->facts.subnet_cidr), "%s", subnet);
	scene_specify(s);
	s->result = layout_node_index(&s->spec, &s->facts, &index, &s->err);
	return s->result < 0 ? s->result : (int)index;
}

static void the_address_is_the_lock(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 0);
	assert_int_equal(index_of(&s, "10.0.0.23", "10.0.0.0/24"), 23);
	assert_int_equal(index_of(&s, "10.0.19.23", "10.0.16.0/20"), 3 * 256 + 23);
	assert_int_equal(index_of(&s, "10.0.0.23", "10.0.0.16/28"), 7);
	assert_int_equal(index_of(&s, "172.31.255.254", "172.31.0.0/16"), 65534);
	assert_int_equal(index_of(&s, "", "10.0.0.0/24"), -EINVAL);
	assert_int_equal(index_of(&s, "10.0.0.23", ""), -EINVAL);
	assert_int_equal(index_of(&s, "10.0.0.23", "10.0.0.0/0"), -EINVAL);
	assert_int_equal(index_of(&s, "10.0.0.23", "10.0.0.0/33"), -EINVAL);
	assert_int_equal(index_of(&s, "10.0.0.300", "10.0.0.0/24"), -EINVAL);
	scene_end(&s);
}

/* Masking alone would take a host part from any address. */
static void an_address_outside_its_subnet_has_no_host_part(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 0);
	assert_int_equal(index_of(&s, "10.0.1.23", "10.0.0.0/24"), -EINVAL);
	assert_non_null(strstr(s.err.text, "do not fit"));
	assert_int_equal(index_of(&s, "10.0.0.23", "10.0.0.0.0.0.0.0.0.0/24"), -EINVAL);
	assert_int_equal(index_of(&s, "10.0.0.23", "/24"), -EINVAL);
	assert_int_equal(index_of(&s, "10.0.0.23", "10.0.0.0"), -EINVAL);
	assert_int_equal(index_of(&s, "100.64.3.23", "100.64.0.0/22"), 3 * 256 + 23);
	scene_end(&s);
}

static void a_launch_index_is_asked_for(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 0);
	scene_say(&s, "index", "launch");
	assert_int_equal(index_of(&s, "10.0.0.23", "10.0.0.0/24"), -EINVAL);
	assert_non_null(strstr(s.err.text, "ami-launch-index"));
	s.facts.launch_index = 0;
	assert_int_equal(index_of(&s, "10.0.0.23", "10.0.0.0/24"), 0);
	scene_end(&s);
}

static void add(struct scene *s)
{
	scene_specify(s);
	plan_done(&s->plan);
	s->result = layout_add_targets(&s->spec, &s->facts, &s->plan, &s->err);
}

static void targets_come_in_the_order_of_their_mounts(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	scene_say(&s, "role", "oss+mds+mgs");
	scene_say(&s, "mgs", "10.0.0.23");
	add(&s);
	assert_int_equal(s.plan.target_count, 3);
	assert_string_equal(s.plan.targets[0].name, "MGS");
	assert_string_equal(s.plan.targets[1].name, "lustrewt-MDT0000");
	assert_string_equal(s.plan.targets[2].name, SCENE_OST);
	assert_int_equal(s.plan.targets[0].size.bytes, 1 << 30);
	assert_int_equal(s.plan.targets[1].size.percent, 10);
	assert_true(s.plan.targets[2].size.bytes == 0 && s.plan.targets[2].size.percent == 0);
	assert_string_equal(s.plan.targets[1].mount_point, "/srv/lustre/lustrewt-MDT0000");
	scene_end(&s);
}

/* The last of those that share disks takes the rest. */
static void a_lone_target_takes_all(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	scene_say(&s, "role", "mgs");
	scene_say(&s, "mgs", "10.0.0.23");
	scene_say(&s, "mount-point", "/lustre/mgt");
	add(&s);
	assert_int_equal(s.plan.targets[0].size.bytes, 0);
	assert_string_equal(s.plan.targets[0].mount_point, "/lustre/mgt");
	scene_end(&s);
}

static void osts_per_disk_are_as_many_as_expected(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2); /* two disks here, four expected: the indexes must not move */
	scene_say(&s, "osts", "per-disk");
	scene_say(&s, "expect-disks", "4");
	scene_say(&s, "index-base", "4096");
	add(&s);
	assert_int_equal(s.plan.target_count, 4);
	assert_int_equal(s.plan.targets[0].index, 4096 + 23 * 4);
	assert_int_equal(s.plan.targets[3].index, 4096 + 23 * 4 + 3);
	scene_end(&s);
}

static void an_index_beyond_lustres_is_an_error(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 1);
	scene_say(&s, "index-base", "65480");
	add(&s);
	assert_int_equal(s.result, 0);
	assert_int_equal(s.plan.targets[0].index, 65503);
	strcpy(s.facts.local_ipv4, "10.0.0.24");
	add(&s);
	assert_int_equal(s.result, -EINVAL);
	assert_non_null(strstr(s.err.text, "65504"));
	scene_end(&s);
}

static const char *error_of(struct scene *s, const char *address, const char *subnet)
{
	strcpy(s->facts.local_ipv4, address);
	strcpy(s->facts.subnet_cidr, subnet);
	add(s);
	assert_int_equal(s->result, -EINVAL);
	assert_int_equal(s->plan.target_count, 0);
	return s->err.text;
}

/* The sentence names the key that made the index too high. */
static void too_high_an_index_names_its_key(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 1);
	assert_string_equal(
		error_of(&s, "10.0.255.250", "10.0.0.0/16"),
		"OST index 65530 (host part 65530 of 10.0.255.250 in 10.0.0.0/16, index-base 0) is "
		"above 65503, the highest that Lustre has; set index to a number, or use a smaller "
		"subnet");
	scene_say(&s, "osts", "per-disk");
	scene_say(&s, "expect-disks", "24");
	assert_string_equal(
		error_of(&s, "10.0.15.0", "10.0.0.0/20"),
		"OST index 92183 (host part 3840 of 10.0.15.0 in 10.0.0.0/20, expect-disks 24 for "
		"each, index-base 0) is above 65503, the highest that Lustre has; set osts: 1, or "
		"index to a number (0, 1, 2 and so on over the fleet), or use a smaller subnet");
	scene_say(&s, "index-base", "65500");
	assert_non_null(strstr(error_of(&s, "10.0.0.9", "10.0.0.0/20"), "; lower index-base"));
	scene_say(&s, "index", "launch");
	s.facts.launch_index = 9000;
	assert_non_null(strstr(error_of(&s, "10.0.0.9", "10.0.0.0/20"), "launch index 9000"));
	assert_non_null(strstr(s.err.text, "; set osts: 1, or a lower index"));
	scene_end(&s);
}

static void too_many_targets_are_an_error(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 1);
	scene_say(&s, "osts", "per-disk");
	scene_say(&s, "role", "mgs+oss");
	scene_say(&s, "expect-disks", "64");
	add(&s);
	assert_int_equal(s.result, -EINVAL);
	assert_non_null(strstr(s.err.text, "expect-disks"));
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_address_is_the_lock),
		cmocka_unit_test(an_address_outside_its_subnet_has_no_host_part),
		cmocka_unit_test(a_launch_index_is_asked_for),
		cmocka_unit_test(targets_come_in_the_order_of_their_mounts),
		cmocka_unit_test(a_lone_target_takes_all),
		cmocka_unit_test(osts_per_disk_are_as_many_as_expected),
		cmocka_unit_test(an_index_beyond_lustres_is_an_error),
		cmocka_unit_test(too_high_an_index_names_its_key),
		cmocka_unit_test(too_many_targets_are_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
