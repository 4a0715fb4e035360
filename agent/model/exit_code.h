/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a verb says to who ran it: a person's script, systemd, or the watch. */

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2, /* also: an error in the specification */
	EXIT_REFUSED = 3,
	EXIT_NOT_OURS = 4,
	EXIT_BUSY = 5, /* of stop and clean: another lustre-init is at work on this node */
};
