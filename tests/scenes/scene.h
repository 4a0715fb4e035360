/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A small machine for tests of the planner: an OSS of lustrewt at 10.0.0.23 with blank disks of
 * instance store, to be changed by the test. Include <cmocka.h> before.
 */

#include "decide/planner.h"
#include "model/volume_tags.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCENE_DISKS_MAX 64
#define SCENE_INSTANCE  "i-0017"
#define SCENE_OST       "lustrewt-OST0017"
#define SCENE_GROUP     "lustre-init-5eed0017"
#define SCENE_GROUP_ID  "vg-0017"

struct scene {
	struct settings settings;
	struct spec spec;
	struct problems problems;
	struct facts facts;
	struct state state;
	struct status status;
	struct plan plan;
	struct error err;
	int result; /* of the last scene_plan() */
};

static inline void scene_say(struct scene *s, const char *key, const char *value)
{
	const struct origin origin = { .source = SOURCE_TAG, .name = "tag" };
	struct setting *setting = settings_add(&s->settings, key, &origin);

	assert_non_null(setting);
	assert_int_equal(words_add(&setting->values, value), 0);
}

static inline struct disk *scene_disk(struct scene *s, size_t number)
{
	return &s->facts.disks[number];
}

/* Disk 0 is the root; the others are instance store, ephemeral0 being disk 1. */
static inline void scene_disks(struct scene *s, size_t stores)
{
	s->facts.disks = calloc(SCENE_DISKS_MAX, sizeof(*s->facts.disks));
	assert_non_null(s->facts.disks);
	s->facts.disk_count = stores + 1;
	strcpy(s->facts.disks[0].name, "nvme0n1");
	strcpy(s->facts.disks[0].path, "/dev/nvme0n1");
	strcpy(s->facts.disks[0].serial, "vol0");
	s->facts.disks[0].kind = DISK_EBS;
	assert_int_equal(words_add(&s->facts.disks[0].mounts, "/"), 0);
	assert_int_equal(words_add(&s->facts.disks[0].partitions, "nvme0n1p1"), 0);
	for (size_t i = 1; i <= stores; i++) {
		struct disk *disk = &s->facts.disks[i];

		snprintf(disk->name, sizeof(disk->name), "nvme%zun1", i);
		snprintf(disk->path, sizeof(disk->path), "/dev/nvme%zun1", i);
		snprintf(disk->serial, sizeof(disk->serial), "AWS%zu", i);
		snprintf(disk->attached_as, sizeof(disk->attached_as), "ephemeral%zu:none", i - 1);
		disk->kind = DISK_INSTANCE_STORE;
		disk->size = 1000000000000;
		disk->blank = BLANK_YES;
	}
}

static inline void scene_start(struct scene *s, size_t stores)
{
	*s = (struct scene){ 0 };
	s->facts.launch_index = -1;
	strcpy(s->facts.instance_id, SCENE_INSTANCE);
	strcpy(s->facts.local_ipv4, "10.0.0.23");
	strcpy(s->facts.subnet_cidr, "10.0.0.0/24");
	strcpy(s->facts.mac, "0a:00:00:00:00:17");
	memset(s->facts.random, '5', 64);
	s->facts.interfaces = calloc(4, sizeof(*s->facts.interfaces));
	assert_non_null(s->facts.interfaces);
	s->facts.interface_count = 1;
	strcpy(s->facts.interfaces[0].name, "ens5");
	strcpy(s->facts.interfaces[0].mac, s->facts.mac);
	strcpy(s->facts.interfaces[0].ipv4, s->facts.local_ipv4);
	s->facts.mounts = calloc(8, sizeof(*s->facts.mounts));
	assert_non_null(s->facts.mounts);
	scene_disks(s, stores);
	scene_say(s, "role", "oss");
	scene_say(s, "fsname", "lustrewt");
	scene_say(s, "mgs", "10.0.0.10");
}

static inline void scene_specify(struct scene *s)
{
	spec_done(&s->spec);
	s->problems.count = 0;
	if (spec_merge(&s->settings, &s->spec, &s->problems) < 0)
		fail_msg("%s", s->problems.items[0].text);
}

static inline void scene_end(struct scene *s)
{
	settings_done(&s->settings);
	spec_done(&s->spec);
	facts_done(&s->facts);
	status_done(&s->status);
	plan_done(&s->plan);
}

/* Plans anew; s->result and s->err say how that went. */
static inline void scene_plan(struct scene *s)
{
	const struct planner_input input = { &s->spec, &s->facts, &s->state, &s->status };

	scene_specify(s);
	plan_done(&s->plan);
	s->result = planner_plan(&input, &s->plan, &s->err);
}
