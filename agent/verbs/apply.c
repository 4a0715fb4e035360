/* SPDX-License-Identifier: Apache-2.0 */
#include "converge.h"
#include "verbs/verbs.h"

#include <stdio.h>
#include <stdlib.h>

/* What did not begin has no report: the one that is there is another's. */
static int run(const struct arguments *arguments, struct status *status)
{
	struct report report = { .status = status, .boot_path = REPORT_BOOT_PATH };
	struct error err;
	int code;

	if (converge(&arguments->node, &report, &err) < 0) {
		fprintf(stderr, "lustre-init: %s\n", err.text);
		return EXIT_FAILED;
	}
	code = verdict_exit_code(status->verdict);
	return arguments->json ? report_print_json(status_to_json(status), code) : code;
}

int verb_apply(const struct arguments *arguments)
{
	struct status *status = calloc(1, sizeof(*status));
	int code;

	if (!status) {
		fputs("lustre-init: out of memory\n", stderr);
		return EXIT_FAILED;
	}
	code = run(arguments, status);
	status_done(status);
	free(status);
	return code;
}
