/* SPDX-License-Identifier: Apache-2.0 */
#include "ready.h"

#include "base/process.h"

#define START_TIMEOUT_USEC (30 * 1000000ULL)

void ready_announce(const struct report *report)
{
	const char *const argv[] = { "systemctl", "start", "--no-block", "lustre-ready.target",
				     NULL };
	struct process_output output = { 0 };
	struct error err;

	if (process_run(argv, START_TIMEOUT_USEC, &output, &err) < 0)
		report_line(report, REPORT_WARNING, "lustre-ready.target was not started: %s",
			    err.text);
	else if (output.end != PROCESS_EXITED || output.code != 0)
		report_line(report, REPORT_WARNING, "lustre-ready.target was not started: %s",
			    output.errors);
	process_output_done(&output);
}
