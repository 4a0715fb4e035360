/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether the MGS answers this node, looked at twice a minute. One NID after another is asked,
 * until one answers: each such question is a connection that the MGS's acceptor takes alone, and a
 * fleet asks from all its nodes.
 */

#include "base/process.h"
#include "base/words.h"
#include "model/health.h"

#define MGS_WATCH_PAUSE_USEC (30 * 1000000ULL)

struct mgs_watch;

/*
 * Begins on the loop of `processes`, with a pause of that length after each round. `nids` is
 * copied; with none, nobody is asked. *ret is ended by mgs_watch_end().
 */
int mgs_watch_start(struct processes *processes, const struct words *nids, uint64_t pause_usec,
		    struct mgs_watch **ret, struct error *err);
struct mgs_watch *mgs_watch_end(struct mgs_watch *watch); /* returns NULL, and accepts it */

const struct words *mgs_watch_nids(const struct mgs_watch *watch); /* lives as long as it */

/* What is known by now. */
void mgs_watch_state(const struct mgs_watch *watch, struct health_mgs *ret);
