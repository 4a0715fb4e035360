/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * New names, drawn from the random digits that were observed: the planner stays pure, and a
 * recorded machine gives the same plan for ever.
 */

#include <stddef.h>

/* "lustre-init-" and 8 hex digits; `number` tells the groups of one plan apart. */
void names_group(const char *random, unsigned number, char *name, size_t size);

/* A PV UUID as LVM writes it: 32 of [0-9A-Za-z] as 6-4-4-4-4-4-6 (lvm2: lib/uuid/uuid.c). */
void names_pv_uuid(const char *random, unsigned number, char *uuid, size_t size);
