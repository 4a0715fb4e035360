/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What an active volume of ours holds, and whether it was ever in service (S4). */

#include "base/error.h"
#include "base/inquiry.h"
#include "model/facts.h"

/*
 * Fills the content of each active volume of a group of ours that carries our tag. What cannot be
 * judged is known = false, with the reason, and no error; but a shortage (error_is_shortage()),
 * and a tool that somebody ended (-ECANCELED), is one. `inquiries`: what was put before, or NULL.
 */
int content_find(const char *root, struct inquiries *inquiries, struct facts *facts,
		 struct error *err);

/* Puts what it will ask of such a volume that was in service; `device` is its name, "dm-3". */
void content_foresee(const char *root, const char *device, struct inquiries *inquiries);

/* "Target:     lustrewt-OST0017" in what tunefs.lustre --dryrun prints; false when there is none.
 */
bool content_parse_target(const char *output, char *target, size_t size);
