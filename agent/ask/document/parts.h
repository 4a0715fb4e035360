/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* MIME messages in user-data: which of their parts are worth a look. */

#include "ask/document/walk.h"

/*
 * Takes the body of a part, its Content-Transfer-Encoding undone: a document of ours, perhaps
 * wrapped, where `is_ours` (text/lustre-init), else bytes of which nothing is known but where they
 * stood. A negative result ends the message.
 */
typedef int (*part_fn)(struct walk *walk, const struct piece *body, bool is_ours);

/*
 * Goes through a MIME message, from its first header on, and hands parts of ours and of unknown
 * type to `take`; others are left. What keeps one of ours from being read is a problem. Returns 0,
 * or what `take` did; -ENOMEM.
 */
int parts_read(struct walk *walk, const struct piece *message, part_fn take);
