/* SPDX-License-Identifier: Apache-2.0 */
#include "node.h"
#include "report.h"
#include "verbs/verbs.h"
#include "watch/daemon.h"

#include <stdio.h>

int verb_watch(const struct arguments *arguments)
{
	const struct watch_options options = {
		.endpoint = arguments->node.endpoint,
		.boot = { REPORT_BOOT_PATH, NODE_STATE_PATH },
	};
	struct error err;

	watch_run(&options, &err);
	fprintf(stderr, "lustre-init: %s\n", err.text);
	return EXIT_FAILED;
}
