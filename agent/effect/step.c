/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/step.h"

#include "base/clock.h"
#include "base/errno_text.h"
#include "base/event.h"
#include "base/text.h"
#include "effect/manager.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REST_LINES_MAX 32

void step_drop(struct step *step)
{
	step->reminder = event_source_end(step->reminder);
	step->held = blockdev_close(step->held);
}

static void end(struct step *step, enum outcome_kind kind, int code, const char *text)
{
	step_drop(step);
	free(step->work);
	step->work = NULL;
	run_ended(step->run, step, kind, code, text);
}

/* The same, with what a person is told. */
static void end_saying(struct step *step, enum outcome_kind kind, int code, const char *format,
		       va_list args) __attribute__((format(printf, 4, 0)));

static void end_saying(struct step *step, enum outcome_kind kind, int code, const char *format,
		       va_list args)
{
	char text[512];

	text_vsentence(text, sizeof(text), format, args);
	end(step, kind, code, text);
}

void step_done(struct step *step)
{
	end(step, OUTCOME_DONE, 0, "");
}

void step_done_without(struct step *step, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end_saying(step, OUTCOME_DONE, 0, format, args);
	va_end(args);
}

void step_fail(struct step *step, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end_saying(step, OUTCOME_FAILED, code, format, args);
	va_end(args);
}

void step_fail_passing(struct step *step, int code, const char *format, ...)
{
	va_list args;

	step->passing = true;
	va_start(args, format);
	end_saying(step, OUTCOME_FAILED, code, format, args);
	va_end(args);
}

void step_fail_error(struct step *step, const struct error *err)
{
	step->passing = error_is_shortage(err->code);
	end(step, OUTCOME_FAILED, -err->code, err->text);
}

void step_skip(struct step *step)
{
	end(step, OUTCOME_SKIPPED, 0, "");
}

void step_refuse(struct step *step, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end_saying(step, OUTCOME_REFUSED, 0, format, args);
	va_end(args);
}

void step_count_as_tool(struct step *step)
{
	step->tool_usec = clock_now_usec() - step->started_usec;
}

void step_tell(struct step *step, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	text_vsentence(text, sizeof(text), format, args);
	va_end(args);
	step->options->progress(step->options->userdata, text, /* outcome= */ NULL);
}

/* What takes long and has no words of its own for it. */
static void tell_slow(struct step *step)
{
	char what[128];

	action_describe(step->options->plan, step->action, what, sizeof(what));
	step_tell(step, "%s: %s has been at work for %llu s", what, step->program,
		  (unsigned long long)((clock_now_usec() - step->program_usec) / 1000000));
}

static void remind_later(struct step *step);

static int on_reminder(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct step *step = userdata;

	(void)source;
	(void)usec;
	remind_later(step);
	if (step->remind)
		step->remind(step, (unsigned)((clock_now_usec() - step->started_usec) / 1000000));
	else
		tell_slow(step);
	step->reminded = true;
	return 0;
}

/* Without memory for it nothing is told: the step itself goes on. */
static void remind_later(struct step *step)
{
	const uint64_t usec = step->options->patience.told_usec;

	step->reminder = event_source_end(step->reminder);
	if (usec > 0)
		event_add_timer(step->loop, &step->reminder, usec, on_reminder, step);
}

void step_remind(struct step *step, step_remind_fn remind)
{
	step->remind = remind;
	remind_later(step);
}

static void note(const struct step *step, enum wait wait, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

static void note(const struct step *step, enum wait wait, const char *format, va_list args)
{
	char text[ERROR_TEXT_MAX];

	text_vsentence(text, sizeof(text), format, args);
	step->options->note(step->options->userdata, wait, text);
}

void step_note(struct step *step, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	note(step, WAIT_NONE, format, args);
	va_end(args);
}

void step_note_wait(struct step *step, enum wait wait, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	note(step, wait, format, args);
	va_end(args);
}

/* What cannot be ended may still write: the next step on this device shall not meet it. */
static void account_for(struct step *step, const struct process_result *result)
{
	if (!step->remind)
		step->reminder = event_source_end(step->reminder);
	step->tool_usec += result->usec;
	if (result->end == PROCESS_ABANDONED && step->held)
		step->held = blockdev_leave_locked(step->held);
}

static void on_any(const struct process_result *result, void *userdata)
{
	struct step *step = userdata;

	account_for(step, result);
	step->next(step, result);
}

/* All but the line that the sentence has, and no more than a person reads. */
static void note_rest(struct step *step, const char *program, const char *text, const char *last)
{
	char line[256];

	for (unsigned i = 0; i < REST_LINES_MAX && *text;) {
		size_t length;

		text += strspn(text, " \t\r\n");
		length = strcspn(text, "\r\n");
		text_copy_line(line, sizeof(line), text, length);
		text += length;
		if (line[0] == '\0' || strcmp(line, last) == 0)
			continue;
		step_note(step, "%s: %s", program, line);
		i++;
	}
}

void step_describe(struct step *step, const char *program, const struct process_result *result,
		   char *sentence, size_t size)
{
	char last[256];

	process_describe(program, result, sentence, size);
	process_last_line(result->errors, last, sizeof(last));
	note_rest(step, program, result->errors, last);
}

void step_fail_process(struct step *step, const char *program, const struct process_result *result,
		       int code)
{
	bool may_write = result->end == PROCESS_ABANDONED && (step->target || step->group);
	char sentence[448];

	step_describe(step, program, result, sentence, sizeof(sentence));
	if (result->end == PROCESS_EXITED)
		step_fail(step, code, "%s", sentence);
	else if (may_write)
		step_fail(step, ETIMEDOUT, "%s; its device stays in use", sentence);
	else
		step_fail_passing(step, result->end == PROCESS_TIMED_OUT ? ETIMEDOUT : 0, "%s",
				  sentence);
}

static void on_success_only(const struct process_result *result, void *userdata)
{
	struct step *step = userdata;

	account_for(step, result);
	if (result->end != PROCESS_EXITED || result->code != 0)
		step_fail_process(step, step->program, result, /* code= */ 0);
	else if (step->next)
		step->next(step, result);
	else
		step_done(step);
}

uint64_t step_patience(const struct step *step)
{
	return step->options->patience.tool_usec;
}

static void start(struct step *step, const struct words *argv, uint64_t timeout_usec,
		  process_done_fn done)
{
	struct process_call call = {
		.timeout_usec = timeout_usec,
		/* Only what may write to a disk must not be met by another run; beside it nothing
		 * can be done with that disk, so it is waited for, too. */
		.keeps_lock = step->target || step->group,
		.hang_usec = step->target || step->group ? step_patience(step) : 0,
		.held = step->held,
		.done = done,
		.userdata = step,
	};
	struct error err;

	/* A command without one of its words is another command. */
	if (argv->failed || argv->count == 0) {
		step_fail_passing(step, ENOMEM, "out of memory for its command, which was not run");
		return;
	}
	/* char ** is not const char *const * to C, though nothing could go wrong. */
	memcpy(&call.argv, &argv->items, sizeof(call.argv));
	snprintf(step->program, sizeof(step->program), "%s%s%s", argv->items[0],
		 strcmp(argv->items[0], "lvm") == 0 ? " " : "",
		 strcmp(argv->items[0], "lvm") == 0 ? argv->items[1] : "");
	step->program_usec = clock_now_usec();
	if (process_start(step->processes, &call, /* ret= */ NULL, &err) < 0)
		step_fail_error(step, &err);
	else if (!step->remind)
		remind_later(step);
}

void step_run(struct step *step, const struct words *argv, uint64_t timeout_usec,
	      step_result_fn next)
{
	step->next = next;
	start(step, argv, timeout_usec, on_success_only);
}

void step_run_any(struct step *step, const struct words *argv, uint64_t timeout_usec,
		  step_result_fn next)
{
	step->next = next;
	start(step, argv, timeout_usec, on_any);
}

sd_bus *step_bus(struct step *step)
{
	int r = manager_connect(step->bus, step->loop);

	if (r < 0) {
		step_fail_passing(step, -r, "cannot speak to systemd over the system bus: %s",
				  errno_text(-r));
		return NULL;
	}
	return *step->bus;
}
