/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/record.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <string.h>

static int write_state(const struct apply_options *options, struct error *err)
{
	cleanup(json_decrefp) json_t *json = state_to_json(options->state);
	cleanup(free_pointer) char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;

	if (!text)
		return error_set(err, -ENOMEM, "out of memory");
	return file_replace(options->state_path, text, strlen(text), 0600, err);
}

void record_phase(struct step *step)
{
	const struct apply_options *options = step->options;
	struct error err;
	int r;

	r = state_remember(options->state, options->instance_id, options->plan, step->target,
			   step->action->phase, &err);
	if (r == 0)
		r = write_state(options, &err);
	if (r < 0)
		step_fail_error(step, &err);
	else
		step_done(step);
}

int record_format(const struct step *step, struct error *err)
{
	const struct apply_options *options = step->options;
	int r;

	if (state_has_remains(options->state, options->instance_id, step->target->name,
			      step->group->name))
		return 0;
	r = state_remember_format(options->state, options->instance_id, options->plan, step->target,
				  err);
	return r < 0 ? r : write_state(options, err);
}
