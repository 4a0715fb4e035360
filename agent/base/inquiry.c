/* SPDX-License-Identifier: Apache-2.0 */
#include "base/inquiry.h"

#include "base/clock.h"
#include "base/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INQUIRIES_MAX 64 /* at a time; who has more volumes than that waits for the rest */

struct inquiry {
	struct inquiry *next;
	struct words argv;
	struct process *process;      /* NULL once it has ended */
	struct process_output output; /* then */
};

struct inquiries {
	sd_event *loop; /* its own; NULL: whose it is sees to it */
	struct processes *processes;
	struct inquiry *first;
	size_t count;
};

static void free_inquiry(struct inquiry *inquiry)
{
	if (inquiry->process)
		process_drop(inquiry->process);
	words_done(&inquiry->argv);
	process_output_done(&inquiry->output);
	free(inquiry);
}

static void on_ended(const struct process_result *result, void *userdata)
{
	struct inquiry *inquiry = userdata;

	inquiry->process = NULL;
	inquiry->output = (struct process_output){
		.end = result->end,
		.code = result->code,
		.output = strdup(result->output),
		.errors = strdup(result->errors),
		.usec = result->usec,
	};
}

static bool is_of(const struct inquiry *inquiry, const char *const argv[])
{
	size_t i = 0;

	while (i < inquiry->argv.count && argv[i] && strcmp(inquiry->argv.items[i], argv[i]) == 0)
		i++;
	return i == inquiry->argv.count && !argv[i];
}

/* The place of the pointer to it, which holds NULL where there is none. */
static struct inquiry **find(struct inquiries *inquiries, const char *const argv[])
{
	struct inquiry **at = &inquiries->first;

	while (*at && !is_of(*at, argv))
		at = &(*at)->next;
	return at;
}

static void put_in(struct inquiries *inquiries, struct inquiry *inquiry)
{
	inquiry->next = inquiries->first;
	inquiries->first = inquiry;
	inquiries->count++;
}

static struct inquiry *take_out(struct inquiries *inquiries, struct inquiry **at)
{
	struct inquiry *inquiry = *at;

	*at = inquiry->next;
	inquiries->count--;
	return inquiry;
}

/* NULL where it cannot be put, with *err. */
static struct inquiry *start(struct inquiries *inquiries, const char *const argv[],
			     struct error *err)
{
	struct inquiry *inquiry = calloc(1, sizeof(*inquiry));
	const struct process_call call = {
		.argv = argv,
		.timeout_usec = PROCESS_FOREVER,
		.done = on_ended,
		.userdata = inquiry,
	};
	int r = inquiry ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && argv[i]; i++)
		r = words_add(&inquiry->argv, argv[i]);
	if (r < 0)
		error_set(err, r, "out of memory asking %s", argv[0]);
	else
		r = process_start(inquiries->processes, &call, &inquiry->process, err);
	if (r == 0)
		return inquiry;
	if (inquiry)
		free_inquiry(inquiry);
	return NULL;
}

void inquiry_put(struct inquiries *inquiries, const char *const argv[])
{
	struct inquiry *inquiry;
	struct error why;

	if (!inquiries || inquiries->count == INQUIRIES_MAX || *find(inquiries, argv))
		return;
	inquiry = start(inquiries, argv, &why);
	if (inquiry)
		put_in(inquiries, inquiry);
}

/* Until it has ended. Past its time it is ended, and so it ends soon. */
static int wait_for(struct inquiries *inquiries, const struct inquiry *inquiry,
		    uint64_t timeout_usec, struct error *err)
{
	const uint64_t started = clock_now_usec();
	bool ending = false;
	int r = 0;

	while (r >= 0 && inquiry->process) {
		const uint64_t waited = clock_now_usec() - started;

		if (!ending && waited >= timeout_usec) {
			process_cancel(inquiry->process);
			ending = true;
		}
		r = sd_event_run(processes_loop(inquiries->processes),
				 ending ? UINT64_MAX : timeout_usec - waited);
	}
	return r < 0 ? error_errno(err, r, "cannot wait for %s", inquiry->argv.items[0]) : 0;
}

/* Its answer to *ret; the inquiry is over, or where that failed, one of those put. */
static int hear(struct inquiries *inquiries, struct inquiry *inquiry, uint64_t timeout_usec,
		struct process_output *ret, struct error *err)
{
	int r = wait_for(inquiries, inquiry, timeout_usec, err);

	if (r < 0) {
		put_in(inquiries, inquiry);
		return r;
	}
	if (!inquiry->output.output || !inquiry->output.errors)
		r = error_set(err, -ENOMEM, "out of memory reading from %s",
			      inquiry->argv.items[0]);
	else
		*ret = inquiry->output;
	if (r == 0)
		inquiry->output = (struct process_output){ 0 };
	free_inquiry(inquiry);
	return r;
}

/* What did not end in its time will not do so at once; else only an exit is an answer. */
static bool says_something(const struct process_output *output)
{
	return output->end == PROCESS_EXITED || output->end == PROCESS_TIMED_OUT ||
	       output->end == PROCESS_ABANDONED;
}

int inquiry_answer(struct inquiries *inquiries, const char *const argv[], uint64_t timeout_usec,
		   struct process_output *ret, struct error *err)
{
	struct inquiry **at, *inquiry;
	int r;

	if (!inquiries)
		return process_run(argv, timeout_usec, ret, err);
	at = find(inquiries, argv);
	if (*at) {
		r = hear(inquiries, take_out(inquiries, at), timeout_usec, ret, err);
		if (r < 0 || says_something(ret))
			return r;
		process_output_done(ret);
	}
	inquiry = start(inquiries, argv, err);
	return inquiry ? hear(inquiries, inquiry, timeout_usec, ret, err) : err->code;
}

static int make_loop(struct inquiries *inquiries, struct error *err)
{
	int r = sd_event_new(&inquiries->loop);

	if (r < 0)
		return error_errno(err, r, "cannot make an event loop");
	return processes_new(inquiries->loop, /* lock= */ -1, &inquiries->processes, err);
}

int inquiries_new(struct processes *processes, struct inquiries **ret, struct error *err)
{
	struct inquiries *inquiries = calloc(1, sizeof(*inquiries));
	int r;

	if (!inquiries)
		return error_set(err, -ENOMEM, "out of memory");
	inquiries->processes = processes;
	r = processes ? 0 : make_loop(inquiries, err);
	if (r < 0) {
		inquiries_free(inquiries);
		return r;
	}
	*ret = inquiries;
	return 0;
}

struct inquiries *inquiries_free(struct inquiries *inquiries)
{
	if (!inquiries)
		return NULL;
	while (inquiries->first)
		free_inquiry(take_out(inquiries, &inquiries->first));
	if (inquiries->loop) {
		processes_end(inquiries->processes);
		sd_event_unref(inquiries->loop);
	}
	free(inquiries);
	return NULL;
}
