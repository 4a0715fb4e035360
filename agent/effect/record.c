/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/record.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <string.h>

void record_phase(struct step *step)
{
	const struct apply_options *options = step->options;
	cleanup(free_pointer) char *text = NULL;
	cleanup(json_decrefp) json_t *json = NULL;
	struct error err;
	int r;

	r = state_remember(options->state, options->instance_id, options->plan, step->target,
			   step->action->phase, &err);
	if (r < 0) {
		step_fail(step, -r, "%s", err.text);
		return;
	}
	json = state_to_json(options->state);
	text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	if (!text)
		step_fail(step, ENOMEM, "out of memory");
	else if (file_replace(options->state_path, text, strlen(text), 0600, &err) < 0)
		step_fail(step, -err.code, "%s", err.text);
	else
		step_done(step);
}
