/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/verbs.h"
#include "watch/daemon.h"

#include <stdio.h>

int verb_watch(const struct arguments *arguments)
{
	const struct watch_options options = { .endpoint = arguments->node.endpoint };
	struct error err;

	watch_run(&options, &err);
	fprintf(stderr, "lustre-init: %s\n", err.text);
	return EXIT_FAILED;
}
