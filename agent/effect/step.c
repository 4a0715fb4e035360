/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/step.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REST_LINES_MAX 32
#define REMIND_USEC 10000000ULL

static void end(struct step *step, enum outcome_kind kind, int code, const char *text)
{
	step->reminder = sd_event_source_disable_unref(step->reminder);
	step->held = blockdev_close(step->held);
	free(step->work);
	step->work = NULL;
	run_ended(step->run, step, kind, code, text);
}

void step_done(struct step *step)
{
	end(step, OUTCOME_DONE, 0, "");
}

void step_done_without(struct step *step, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	text_vsentence(text, sizeof(text), format, args);
	va_end(args);
	end(step, OUTCOME_DONE, 0, text);
}

void step_fail(struct step *step, int code, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	text_vsentence(text, sizeof(text), format, args);
	va_end(args);
	end(step, OUTCOME_FAILED, code, text);
}

void step_skip(struct step *step)
{
	end(step, OUTCOME_SKIPPED, 0, "");
}

void step_refuse(struct step *step, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	text_vsentence(text, sizeof(text), format, args);
	va_end(args);
	end(step, OUTCOME_REFUSED, 0, text);
}

void step_count_as_tool(struct step *step)
{
	uint64_t now_usec = 0;

	sd_event_now(step->loop, CLOCK_MONOTONIC, &now_usec);
	if (now_usec > step->started_usec)
		step->tool_usec = now_usec - step->started_usec;
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

/* Without memory for it nothing is told: the step itself goes on. */
static void remind_later(struct step *step);

static int on_reminder(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct step *step = userdata;

	(void)usec;
	step->reminder = sd_event_source_disable_unref(source);
	remind_later(step);
	step->remind(step, (unsigned)((clock_now_usec() - step->started_usec) / 1000000));
	step->reminded = true;
	return 0;
}

static void remind_later(struct step *step)
{
	sd_event_add_time_relative(step->loop, &step->reminder, CLOCK_MONOTONIC, REMIND_USEC, 0,
				   on_reminder, step);
}

void step_remind(struct step *step, step_remind_fn remind)
{
	step->remind = remind;
	remind_later(step);
}

void step_note(struct step *step, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	text_vsentence(text, sizeof(text), format, args);
	va_end(args);
	step->options->note(step->options->userdata, text);
}

/* What cannot be ended may still write: the next step on this device shall not meet it. */
static void account_for(struct step *step, const struct process_result *result)
{
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

static void on_success_only(const struct process_result *result, void *userdata)
{
	struct step *step = userdata;
	char sentence[512];

	account_for(step, result);
	if (result->end != PROCESS_EXITED || result->code != 0) {
		step_describe(step, step->program, result, sentence, sizeof(sentence));
		step_fail(step, result->end == PROCESS_EXITED ? 0 : ETIMEDOUT, "%s", sentence);
	} else if (step->next) {
		step->next(step, result);
	} else {
		step_done(step);
	}
}

static void start(struct step *step, const struct words *argv, uint64_t timeout_usec,
		  process_done_fn done)
{
	struct process_call call = {
		.timeout_usec = timeout_usec,
		/* Only what may write to a disk must not be met by another run. */
		.keeps_lock = step->target || step->group,
		.held = step->held,
		.done = done,
		.userdata = step,
	};
	struct error err;

	/* A command without one of its words is another command. */
	if (argv->failed || argv->count == 0) {
		step_fail(step, ENOMEM, "out of memory for its command, which was not run");
		return;
	}
	/* char ** is not const char *const * to C, though nothing could go wrong. */
	memcpy(&call.argv, &argv->items, sizeof(call.argv));
	snprintf(step->program, sizeof(step->program), "%s%s%s", argv->items[0],
		 strcmp(argv->items[0], "lvm") == 0 ? " " : "",
		 strcmp(argv->items[0], "lvm") == 0 ? argv->items[1] : "");
	if (process_start(step->processes, &call, /* ret= */ NULL, &err) < 0)
		step_fail(step, -err.code, "%s", err.text);
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
	int r = 0;

	if (!*step->bus) {
		r = sd_bus_open_system(step->bus);
		if (r >= 0)
			r = sd_bus_attach_event(*step->bus, step->loop, SD_EVENT_PRIORITY_NORMAL);
	}
	if (r < 0) {
		step_fail(step, -r, "cannot speak to systemd over the system bus: %s",
			  strerrordesc_np(-r));
		return NULL;
	}
	return *step->bus;
}
