/* SPDX-License-Identifier: Apache-2.0 */

/* One child, waited for, and what it said in a sentence. */

#include "base/process.h"

#include "base/text.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where process_run() keeps what its callback was told. */
struct waiter {
	sd_event *loop;
	struct process_output *ret;
	int r;
};

static void on_done(const struct process_result *result, void *userdata)
{
	struct waiter *waiter = userdata;
	struct process_output *ret = waiter->ret;

	ret->end = result->end;
	ret->code = result->code;
	ret->usec = result->usec;
	ret->output = strdup(result->output);
	ret->errors = strdup(result->errors);
	waiter->r = ret->output && ret->errors ? 0 : -ENOMEM;
	sd_event_exit(waiter->loop, 0);
}

static int run(struct waiter *waiter, const char *const argv[], uint64_t timeout_usec,
	       struct error *err)
{
	const struct process_call call = {
		.argv = argv,
		.timeout_usec = timeout_usec,
		.done = on_done,
		.userdata = waiter,
	};
	struct processes *processes;
	int r = processes_new(waiter->loop, /* lock= */ -1, &processes, err);

	if (r < 0)
		return r;
	r = process_start(processes, &call, /* ret= */ NULL, err);
	if (r >= 0) {
		r = sd_event_loop(waiter->loop);
		if (r < 0)
			error_errno(err, r, "cannot wait for %s", argv[0]);
	}
	processes_end(processes);
	return r;
}

int process_run(const char *const argv[], uint64_t timeout_usec, struct process_output *ret,
		struct error *err)
{
	struct process_output output = { 0 };
	struct waiter waiter = { .ret = &output };
	int r;

	r = sd_event_new(&waiter.loop);
	if (r < 0)
		return error_errno(err, r, "cannot make an event loop");
	r = run(&waiter, argv, timeout_usec, err);
	sd_event_unref(waiter.loop);
	if (r >= 0 && waiter.r < 0)
		r = error_set(err, waiter.r, "out of memory reading from %s", argv[0]);
	if (r < 0) {
		process_output_done(&output);
		return r;
	}
	*ret = output;
	return 0;
}

void process_output_done(struct process_output *output)
{
	free(output->output);
	free(output->errors);
	*output = (struct process_output){ 0 };
}

/* LVM's warnings do not say why it failed. */
static bool says_something(const char *line, size_t length)
{
	return length > 0 && strncmp(line, "WARNING:", 8) != 0;
}

void process_last_line(const char *text, char *line, size_t size)
{
	const char *last = "";
	size_t last_length = 0;

	while (*text) {
		size_t length;

		text += strspn(text, " \t\r\n");
		length = strcspn(text, "\r\n");
		if (says_something(text, length)) {
			last = text;
			last_length = length;
		}
		text += length;
	}
	text_copy_line(line, size, last, last_length);
}

/* Of its own doing: it would end so again. What else ends one comes from outside. */
static bool is_crash(int signo)
{
	return signo == SIGSEGV || signo == SIGBUS || signo == SIGABRT || signo == SIGFPE ||
	       signo == SIGILL || signo == SIGSYS || signo == SIGTRAP;
}

static int code_of(const struct process_output *output)
{
	static const int codes[] = {
		[PROCESS_EXITED] = 0,
		[PROCESS_SIGNALED] = -ECANCELED,
		[PROCESS_TIMED_OUT] = -ETIMEDOUT,
		[PROCESS_ABANDONED] = -EINPROGRESS,
		[PROCESS_UNHEARD] = -ENOMEM,
	};

	return output->end == PROCESS_SIGNALED && is_crash(output->code) ? -EIO
									 : codes[output->end];
}

int process_check_end(const char *program, const struct process_output *output, struct error *err)
{
	const struct process_result result = { output->end, output->code, output->output,
					       output->errors, output->usec };
	const int code = code_of(output);
	char sentence[ERROR_TEXT_MAX];

	if (code == 0)
		return 0;
	process_describe(program, &result, sentence, sizeof(sentence));
	return error_set(err, code, "%s", sentence);
}

void process_describe(const char *program, const struct process_result *result, char *sentence,
		      size_t size)
{
	char line[384];
	int used = 0;

	process_last_line(result->errors, line, sizeof(line));
	if (line[0] == '\0')
		process_last_line(result->output, line, sizeof(line));
	switch (result->end) {
	case PROCESS_EXITED:
		used = snprintf(sentence, size, "%s exited with status %d", program, result->code);
		break;
	case PROCESS_SIGNALED:
		used = snprintf(sentence, size, "%s was ended by signal %d", program, result->code);
		break;
	case PROCESS_TIMED_OUT:
		used = snprintf(sentence, size, "%s did not end in %llu s and was stopped", program,
				(unsigned long long)(result->usec / 1000000));
		break;
	case PROCESS_UNHEARD:
		used = snprintf(
			sentence, size,
			"%s exited with status %d, but there was no memory for what it said",
			program, result->code);
		break;
	case PROCESS_ABANDONED:
		used = snprintf(sentence, size,
				"%s hangs in the kernel and cannot be ended, after %llu s", program,
				(unsigned long long)(result->usec / 1000000));
		break;
	}
	if (line[0] != '\0' && used > 0 && (size_t)used < size)
		snprintf(sentence + used, size - (size_t)used, ": %s", line);
}
