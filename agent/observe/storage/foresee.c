/* SPDX-License-Identifier: Apache-2.0 */

/*
 * On a reboot the groups of this node are active before it looks, and sysfs shows on which disks
 * they lie: so what LVM and the tools will be asked is known before any disk is opened. What was
 * remembered serves for no more than that.
 */

#include "base/file.h"
#include "base/tree.h"
#include "observe/storage/content.h"
#include "observe/storage/lvm_report.h"
#include "observe/storage/storage.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Whether device-mapper's "vg--0-lv" is a volume of "vg-0": '-' in a name is doubled there. */
static bool is_volume_of(const char *mapped, const char *group)
{
	for (; *group; group++) {
		if (*mapped++ != *group)
			return false;
		if (*group == '-' && *mapped++ != '-')
			return false;
	}
	return mapped[0] == '-' && mapped[1] != '-';
}

static bool is_remembered(const struct state *state, const char *mapped)
{
	for (size_t i = 0; i < state->target_count; i++)
		if (state->targets[i].group[0] != '\0' &&
		    is_volume_of(mapped, state->targets[i].group))
			return true;
	return false;
}

/* The volumes of such groups, which are to be looked into. */
struct volumes {
	const char *root;
	struct words devices; /* "dm-3" */
};

static int find_volumes(const struct state *state, const struct facts *facts,
			struct volumes *volumes)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < facts->disk_count; i++) {
		const char *device = facts->disks[i].name;
		char path[PATH_MAX], mapped[256];

		snprintf(path, sizeof(path), "/sys/block/%s/dm/name", device);
		if (file_read_line(volumes->root, path, mapped, sizeof(mapped)) &&
		    is_remembered(state, mapped))
			r = words_add(&volumes->devices, device);
	}
	return r;
}

static bool is_below(const struct disk *disk, void *userdata)
{
	const struct volumes *volumes = userdata;

	for (size_t i = 0; i < volumes->devices.count; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "/sys/block/%s/slaves/%s", volumes->devices.items[i],
			 disk->name);
		if (tree_exists(volumes->root, path) > 0)
			return true;
	}
	return false;
}

void storage_foresee(const char *root, const struct state *state, struct inquiries *inquiries)
{
	struct volumes volumes = { .root = root };
	struct facts facts = { 0 };
	struct error why;

	if (storage_glance(root, &facts, &why) >= 0 && find_volumes(state, &facts, &volumes) >= 0 &&
	    volumes.devices.count > 0) {
		lvm_report_foresee(&facts, is_below, &volumes, inquiries);
		for (size_t i = 0; i < volumes.devices.count; i++)
			content_foresee(root, volumes.devices.items[i], inquiries);
	}
	words_done(&volumes.devices);
	facts_done(&facts);
}
