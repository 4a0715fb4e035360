/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/ready.h"

#include "base/process.h"

#include <errno.h>

/* Nothing is waited for but systemd's answer, which takes as long as it reads its units. */
#define START_TIMEOUT_USEC (300 * 1000000ULL)
#define NEXT               "Next: systemctl start lustre-ready.target"

int ready_announce(struct error *err)
{
	const char *const argv[] = { "systemctl", "start", "--no-block", "lustre-ready.target",
				     NULL };
	struct process_output output = { 0 };
	char line[512] = "";
	int r = process_run(argv, START_TIMEOUT_USEC, &output, err);

	if (r >= 0)
		process_last_line(output.errors, line, sizeof(line));
	if (r < 0)
		r = error_prefix(err, "lustre-ready.target was not started (" NEXT ")");
	else if (output.end != PROCESS_EXITED || output.code != 0)
		r = error_set(err, -EIO, "lustre-ready.target was not started (" NEXT "): %s",
			      line);
	process_output_done(&output);
	return r;
}
