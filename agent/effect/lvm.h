/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * LVM: physical volumes, groups, volumes and our tags. Every call has its own view of devices
 * (--devicesfile "" --devices …) and its own settings (lvm_command.h), so that nothing is baked
 * into, or lost from, an AMI (lvmdevices(8)).
 */

#include "effect/step.h"
#include "model/volume_tags.h"

void lvm_create_pv(struct step *step); /* checks serial, size and blankness under the lock first */
void lvm_repair_pv(struct step *step);
void lvm_create_group(struct step *step);
void lvm_create_volume(struct step *step);
void lvm_adopt_group(struct step *step);
void lvm_activate_group(struct step *step);
void lvm_tag_phase(struct step *step);

/* As a part of another step: each calls `next` when it is done, and fails the step where it cannot.
 */
void lvm_tag_journal(struct step *step, enum volume_journal journal, step_result_fn next);
void lvm_flush(struct step *step, step_result_fn next); /* of the group's disks, to the medium */
