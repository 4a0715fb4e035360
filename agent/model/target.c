/* SPDX-License-Identifier: Apache-2.0 */
#include "model/target.h"

#include <stdio.h>
#include <string.h>

static const char *const kind_names[TARGET_KIND_MAX] = {
	[TARGET_MGT] = "MGT",
	[TARGET_MDT] = "MDT",
	[TARGET_OST] = "OST",
};

static const char *const volume_stems[TARGET_KIND_MAX] = {
	[TARGET_MGT] = "mgt",
	[TARGET_MDT] = "mdt",
	[TARGET_OST] = "ost",
};

static const char *const phase_names[PHASE_MAX] = {
	[PHASE_NONE] = "",
	[PHASE_CREATING] = "creating",
	[PHASE_FORMATTED] = "formatted",
	[PHASE_REGISTERING] = "registering",
	[PHASE_SERVED] = "served",
};

const char *target_kind_name(enum target_kind kind)
{
	return kind_names[kind];
}

bool target_kind_from_name(const char *name, enum target_kind *ret)
{
	for (enum target_kind kind = 0; kind < TARGET_KIND_MAX; kind++) {
		if (strcmp(name, kind_names[kind]) == 0) {
			*ret = kind;
			return true;
		}
	}
	return false;
}

const char *phase_name(enum phase phase)
{
	return phase_names[phase];
}

enum phase phase_from_name(const char *name)
{
	for (enum phase phase = PHASE_CREATING; phase < PHASE_MAX; phase++)
		if (strcmp(name, phase_names[phase]) == 0)
			return phase;
	return PHASE_NONE;
}

void target_format_name(enum target_kind kind, const char *fsname, unsigned index, char *name,
			size_t size)
{
	/* An MGT belongs to no file system and has no index; mkfs.lustre labels it so. */
	if (kind == TARGET_MGT)
		snprintf(name, size, "MGS");
	else
		snprintf(name, size, "%s-%s%04x", fsname, kind_names[kind], index);
}

enum target_kind target_kind_of_name(const char *name)
{
	const char *tail = strrchr(name, '-');

	if (strcmp(name, "MGS") == 0)
		return TARGET_MGT;
	return tail && strncmp(tail, "-MDT", 4) == 0 ? TARGET_MDT : TARGET_OST;
}

bool target_name_is_of(const char *name, const char *fsname)
{
	const char *tail = strrchr(name, '-');

	return tail && (size_t)(tail - name) == strlen(fsname) &&
	       strncmp(name, fsname, strlen(fsname)) == 0;
}

bool target_label_is(const char *label, const char *target)
{
	const char *dash = strrchr(target, '-');
	size_t stem = dash ? (size_t)(dash - target) : 0;

	if (!dash)
		return strcmp(label, target) == 0;
	return strncmp(label, target, stem) == 0 && label[stem] != '\0' &&
	       strchr(":-=", label[stem]) && strcmp(label + stem + 1, dash + 1) == 0;
}

void target_format_volume(enum target_kind kind, unsigned index, char *name, size_t size)
{
	if (kind == TARGET_MGT)
		snprintf(name, size, "%s", volume_stems[kind]);
	else
		snprintf(name, size, "%s%04x", volume_stems[kind], index);
}
