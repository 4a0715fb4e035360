/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A Lustre target by its own name, and how far its volume got. Both are written on the medium: the
 * name as the ldiskfs label, the phase as an LVM tag.
 */

#include <stdbool.h>
#include <stddef.h>

enum target_kind {
	TARGET_MGT,
	TARGET_MDT,
	TARGET_OST,
	TARGET_KIND_MAX,
};

/* The phase of a volume, in the order of its life (design: "Where state lives"). */
enum phase {
	PHASE_NONE, /* no tag of ours */
	PHASE_CREATING,
	PHASE_FORMATTED, /* no longer written, as it tells nothing more than PHASE_CREATING */
	PHASE_REGISTERING,
	PHASE_SERVED,
	PHASE_MAX,
};

#define TARGET_NAME_MAX 32

const char *target_kind_name(enum target_kind kind); /* "MGT", "MDT", "OST" */
bool target_kind_from_name(const char *name, enum target_kind *ret);

const char *phase_name(enum phase phase);     /* "creating"; "" for PHASE_NONE */
enum phase phase_from_name(const char *name); /* PHASE_NONE for anything else */

/* "lustrewt-OST0017", or "MGS" for an MGT. */
void target_format_name(enum target_kind kind, const char *fsname, unsigned index, char *name,
			size_t size);

/* From such a name; what is neither an MGT's nor an MDT's is an OST's. */
enum target_kind target_kind_of_name(const char *name);

/* Whether an MDT or OST of that name is one of the file system `fsname`. */
bool target_name_is_of(const char *name, const char *fsname);

/*
 * Whether a file system of this label is, or was to become, that target: mkfs.lustre writes
 * "lustrewt:OST0017", a registration makes '-' of ':', and a writeconf '='. An MGT has "MGS".
 */
bool target_label_is(const char *label, const char *target);

/* The logical volume of a target: "ost0017", "mdt0000", "mgt". */
void target_format_volume(enum target_kind kind, unsigned index, char *name, size_t size);
