/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lustre's own tools on a target's volume: formatting, checking, repairing, and seeing that the
 * first registration is on the medium. Messages and exit codes: lustre/utils/mkfs_lustre.c,
 * mount_lustre.c.
 */

#include "effect/step.h"

void lustre_load(struct step *step);   /* the modules, ahead of the first mount */
void lustre_format(struct step *step); /* looks once more for foreign data, under the lock */
void lustre_verify_format(struct step *step);
void lustre_replay_journal(struct step *step); /* replay.c */
void lustre_repair_label(struct step *step);
void lustre_settle(struct step *step);
