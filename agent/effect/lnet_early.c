/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/lnet_early.h"

#define LOAD_TIMEOUT_USEC (600 * 1000000ULL) /* a first boot reads it from a snapshot */

static const char *const load_argv[] = { "modprobe", "lnet", NULL };

static void load_now(struct step *step)
{
	struct words argv = { 0 };

	for (size_t i = 0; load_argv[i]; i++)
		words_add(&argv, load_argv[i]);
	step_run(step, &argv, step_patience(step), /* next= */ NULL);
	words_done(&argv);
}

/* What it took is the step's, and that it failed is for modprobe to say once more. */
static void use(struct lnet_early *early, struct step *step)
{
	const bool is_loaded = early->state == LNET_EARLY_LOADED;

	step->tool_usec += lnet_early_take_usec(early);
	lnet_early_forget(early);
	if (is_loaded)
		step_done(step);
	else
		load_now(step);
}

static void on_ended(const struct process_result *result, void *userdata)
{
	struct lnet_early *early = userdata;
	struct step *waiting = early->waiting;

	early->process = NULL;
	early->waiting = NULL;
	early->state = result->end == PROCESS_EXITED && result->code == 0 ? LNET_EARLY_LOADED
									  : LNET_EARLY_FAILED;
	early->usec = result->usec;
	mark_end(early->mark);
	if (waiting)
		use(early, waiting);
}

void lnet_early_begin(struct lnet_early *early, struct processes *processes, struct marks *marks)
{
	const struct process_call call = {
		.argv = load_argv,
		.timeout_usec = LOAD_TIMEOUT_USEC,
		.done = on_ended,
		.userdata = early,
	};
	struct error why;

	if (early->state != LNET_EARLY_NOT_BEGUN)
		return;
	early->mark = mark_begin(marks, "LNET's module, loaded early");
	early->state = process_start(processes, &call, &early->process, &why) < 0 ? LNET_EARLY_OVER
										  : LNET_EARLY_RUNS;
}

void lnet_early_forget(struct lnet_early *early)
{
	if (early->state == LNET_EARLY_LOADED || early->state == LNET_EARLY_FAILED)
		early->state = LNET_EARLY_OVER;
}

void lnet_early_correct(const struct lnet_early *early, struct facts *facts)
{
	const bool is_open =
		early->state != LNET_EARLY_NOT_BEGUN && early->state != LNET_EARLY_OVER;

	if (is_open && facts->lnet != LNET_UP)
		facts->lnet = LNET_NO_MODULE;
}

const struct process *lnet_early_process(const struct lnet_early *early)
{
	return early ? early->process : NULL;
}

uint64_t lnet_early_take_usec(struct lnet_early *early)
{
	const uint64_t usec = early ? early->usec : 0;

	if (early)
		early->usec = 0;
	return usec;
}

static void remind(struct step *step, unsigned seconds)
{
	step_tell(step, "load-lnet: modprobe lnet has been at work for %u s", seconds);
}

void lnet_load(struct step *step)
{
	struct lnet_early *early = step->options->lnet_early;

	if (!early) {
		load_now(step);
	} else if (early->state == LNET_EARLY_RUNS) {
		early->waiting = step;
		step_remind(step, remind);
	} else {
		use(early, step);
	}
}
