/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What comes or goes while a node waits for it: seen by glances as long as a run lasts, and after
 * its end by what starts the unit again, which a mark tells to.
 */

#include "model/status.h"
#include "report.h"

#include <stdbool.h>

/* All zero before the first glance. */
struct news {
	char *seen; /* by the newest glance; NULL where nothing could be seen */
};

/* Before a look, and what is put before it: what comes while that lasts is news after it. */
void news_glance(struct news *news);

/* Whether something came or went since the newest glance; what cannot be seen is no news. */
bool news_came(struct news *news);

void news_done(struct news *news);

/*
 * By the verdict, whether a device or a tag that comes later starts the unit again
 * (units/lustre-init-*.service). What cannot be marked is told.
 */
void news_mark(enum verdict verdict, const struct report *report);

/* Nothing that comes does: a person is at work on this node. Under the lock of converge_lock(). */
void news_mark_none(void);
