/* SPDX-License-Identifier: Apache-2.0 */

/*
 * metrics FILE: what the watch writes for Prometheus of a node that is described by a JSON document
 * with the members "status" (of boot.json), "applied", "health" and "watch" (of watch.json).
 */

#include "watch/metrics.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
	struct applied applied;
	struct health health;
	struct status status;
	struct watch watch;
	struct metrics metrics = { NULL, &applied, &health, &watch };
	json_error_t where;
	struct error error;
	json_t *node, *boot;
	char *text;

	if (argc != 2)
		errx(2, "usage: metrics FILE");
	node = json_load_file(argv[1], JSON_REJECT_DUPLICATES, &where);
	if (!node)
		errx(1, "%s:%d: %s", argv[1], where.line, where.text);
	boot = json_object_get(node, "status");
	if (boot && status_from_json(boot, &status, &error) < 0)
		errx(1, "%s: status: %s", argv[1], error.text);
	metrics.status = boot ? &status : NULL;
	if (applied_from_json(json_object_get(node, "applied"), &applied, &error) < 0 ||
	    health_from_json(json_object_get(node, "health"), &health, &error) < 0 ||
	    watch_from_json(json_object_get(node, "watch"), &watch, &error) < 0 ||
	    metrics_text(&metrics, &text, &error) < 0)
		errx(1, "%s: %s", argv[1], error.text);
	fputs(text, stdout);
	free(text);
	if (boot)
		status_done(&status);
	applied_done(&applied);
	health_done(&health);
	watch_done(&watch);
	json_decref(node);
	return 0;
}
