/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A volume group of ours as a whole: whose it is, whether it is complete, and whether what it holds
 * is what was asked for.
 */

#include "decide/planner.h"

/* It carries our tag, and a name that we have made. */
bool group_is_ours(const struct volume_group *group);

/* It carries our tag under another name: not ours, and not anybody's to be passed over. */
bool group_is_misnamed(const struct volume_group *group);

/* "volume group mapper, which carries our tag, but not a name of ours", and the way out of it. */
#define GROUP_MISNAMED                                                           \
	"which carries our tag, but is not named as ours are (lustre-init- and " \
	"eight hexadecimal digits)"

/*
 * What a person does about it. Of this and of every other group it is named: vgchange changes all
 * groups of a machine where none is (seen in 2.03.16).
 */
#define GROUP_FIX_MAX 512
void group_misnamed_fix(const struct volume_group *group, char text[GROUP_FIX_MAX]);

/* It is tagged for an instance other than this one, or for none. */
bool group_is_foreign(const struct planner_input *input, const struct volume_group *group);

/* The instance it is tagged for, "unknown" for none. */
const char *group_instance(const struct volume_group *group);

/* The disks it is on, as far as they are here: "AWS1, AWS2 and 2 more". */
#define GROUP_DISKS_MAX 256
void group_name_disks(const struct facts *facts, const struct volume_group *group,
		      char text[GROUP_DISKS_MAX]);

/* A volume, and the group that it is of; both NULL for none. */
struct group_volume {
	const struct volume_group *group;
	const struct volume *volume;
};

/* By the names of group and volume, in whatever order LVM tells them, and none last; two groups may
 * have the same name. */
int group_volume_compare(const struct group_volume *a, const struct group_volume *b);

/*
 * Refuses `target`, which is or shall be on the group, where a disk of the group is missing (S5) or
 * is not the PV that this instance made it, LVM would change nothing of it (exported, shared), or
 * the group is another instance's, or a copy of this one's, and nobody consented. -ENOMEM is the
 * only failure of these.
 */
int group_check(const struct planner_input *input, const struct volume_group *group,
		const char *target, struct plan *plan, bool *ret_refused);

/* A volume of ours in the group that nobody asks for, the first by name; NULL when there is none.
 */
const struct volume *group_unasked(const struct volume_group *group, const struct plan *plan);

/* Refuses `target`, since the group holds `unasked`: shows both. */
int group_refuse_drift(const struct planner_input *input, const struct volume_group *group,
		       const struct volume *unasked, const char *target, struct plan *plan);

/* Refuses `target`, since the group carries our tag and is not named as ours are. */
int group_refuse_name(const struct volume_group *group, const char *target, struct plan *plan);

/* Refuses what lies on groups that carry our tag and are not named as ours are. */
int group_refuse_misnamed(const struct planner_input *input, struct plan *plan);

/*
 * Refuses what lies on groups of ours and is not asked for any more (drift), where no refusal named
 * the group yet.
 */
int group_refuse_unasked(const struct planner_input *input, struct plan *plan);

/* Notes that a disk of the group was made larger, as an EBS volume can be, and the group was not.
 */
int group_note_grown(const struct facts *facts, const struct volume_group *group,
		     struct plan *plan);
