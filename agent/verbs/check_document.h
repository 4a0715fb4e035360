/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a user-data document would make of a node, judged without one. */

#include "model/spec/spec.h"

struct check {
	struct spec spec;
	struct problems problems;
};

void check_done(struct check *check);

/*
 * Judges `size` bytes of user-data, called `name` in texts, together with tags, each "KEY=VALUE",
 * KEY with or without "lustre:"; beside one with it, those of others are no problem. -EINVAL: there
 * are problems, all of them in ret->problems; 0 with ret->spec.roles 0: nothing there is for us;
 * -ENOMEM.
 */
int check_document(const char *data, size_t size, const char *name, const struct words *tags,
		   struct check *ret);

/*
 * The specification as a table of key, value and source, written to a new text, freed by the
 * caller; NULL when out of memory. Defaults are left out unless `with_defaults`.
 */
char *check_format_spec(const struct spec *spec, bool with_defaults);
