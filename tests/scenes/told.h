/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What apply_plan() tells while it runs, a line each: of STATUS=, and for the journal. */

#include "effect/apply.h"

#include <string.h>

struct told {
	char steps[4096], notes[4096];
	enum wait wait; /* of the newest note */
	unsigned rests;
};

static inline void told_step(void *userdata, const char *sentence, const struct outcome *outcome)
{
	struct told *told = userdata;

	if (!outcome && strlen(told->steps) + strlen(sentence) + 2 < sizeof(told->steps))
		strcat(strcat(told->steps, sentence), "\n");
}

static inline void told_note(void *userdata, enum wait wait, const char *sentence)
{
	struct told *told = userdata;

	told->wait = wait;
	if (strlen(told->notes) + strlen(sentence) + 2 < sizeof(told->notes))
		strcat(strcat(told->notes, sentence), "\n");
}

static inline void told_rest(void *userdata)
{
	struct told *told = userdata;

	told->rests++;
}
