/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One look at one NID of an MGS, in stages, each bounded: its name resolves, TCP port 988 accepts,
 * and who accepts is LNET. Nothing is changed by it, anywhere, and the MGS's kernel has no line to
 * log: LNET's acceptor is asked for its version, as its protocol has it.
 *
 * A name is looked up by getent(1), a child: getaddrinfo(3) blocks for as long as its name servers
 * please, a child has a deadline. It is looked up anew each time, since its address may change.
 */

#include "base/error.h"
#include "base/process.h"
#include "model/mgs_answer.h"

struct mgs_probe;

/* Called once, from the event loop; the probe is freed then. */
typedef void (*mgs_probe_fn)(enum mgs_answer answer, void *userdata);

/*
 * The probe lives on the loop of `processes`, to which its child belongs. LNET need not be up here.
 * *ret is the caller's until `done`.
 */
int mgs_probe_start(struct processes *processes, const char *nid, mgs_probe_fn done, void *userdata,
		    struct mgs_probe **ret, struct error *err);

/* Ends it, and its child: `done` is not called any more. NULL is fine. */
void mgs_probe_cancel(struct mgs_probe *probe);
