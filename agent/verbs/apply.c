/* SPDX-License-Identifier: Apache-2.0 */
#include "converge.h"
#include "verbs/verbs.h"

#include <stdio.h>
#include <stdlib.h>

int verb_apply(const struct arguments *arguments)
{
	struct status *status = calloc(1, sizeof(*status));
	struct report report = { .status = status, .boot_path = REPORT_BOOT_PATH };
	struct error err;
	int code;

	if (!status)
		return EXIT_FAILED;
	if (converge(&arguments->node, &report, &err) < 0) {
		fprintf(stderr, "lustre-init: %s\n", err.text);
		code = EXIT_FAILED;
	} else {
		code = verdict_exit_code(status->verdict);
	}
	if (arguments->json)
		code = report_print_json(status_to_json(status), code);
	status_done(status);
	free(status);
	return code;
}
