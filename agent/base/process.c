/* SPDX-License-Identifier: Apache-2.0 */
#include "base/process.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/event.h"
#include "base/process_private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define TERM_GRACE_USEC  (2 * 1000000ULL) /* mount.lustre ends within 2 s of SIGTERM (measured) */
#define KILL_GRACE_USEC  (5 * 1000000ULL) /* beyond this the kernel holds it; see "abandoned" */
#define LOOK_PAUSE_USEC  10000ULL         /* between looks at what is left of a group */
#define OUTPUT_CHUNK_MAX 65536
#define DRAIN_READS_MAX  32 /* a pipe holds 64 KiB, at most 1 MiB */

/* What asks us to stop. */
static const int stop_signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
#define STOP_SIGNALS (sizeof(stop_signals) / sizeof(stop_signals[0]))

struct processes {
	sd_event *loop;
	int lock;
	struct process *first; /* those that run */
	sigset_t before;       /* the signals that were blocked before the first of them */
	sd_event_source *stops[STOP_SIGNALS];
	int stop_signal; /* the one that came, or 0 */
	bool ending;
};

/* One of the child's output streams, as far as it was read. */
struct stream {
	int fd;
	sd_event_source *source;
	char *data;
	size_t used, most;
	bool lost; /* out of memory for some of it */
};

enum ending {
	ENDING_NOT,
	ENDING_TERM,
	ENDING_KILL,
};

struct process {
	struct processes *all;
	struct process *next;
	pid_t pid;
	enum ending ending;
	bool cancelled;
	bool left;    /* the child has ended: what remains is its group's */
	bool is_over; /* and nobody was told */
	enum process_end end;
	int code;
	bool ends_group;
	uint64_t started_usec, left_usec, hang_usec;
	struct stream output, errors;
	sd_event_source *child, *timer;
	process_done_fn done;
	void *userdata;
};

static void stream_done(struct stream *stream)
{
	event_source_end(stream->source);
	if (stream->fd >= 0)
		close(stream->fd);
	free(stream->data);
}

static void process_free(struct process *process)
{
	event_source_end(process->child);
	event_source_end(process->timer);
	stream_done(&process->output);
	stream_done(&process->errors);
	free(process);
}

static void free_process(struct process **process)
{
	if (*process)
		process_free(*process);
}

/* Keeps the first bytes, up to the limit, and reads the rest away, so the child never blocks on
 * us. */
static ssize_t stream_read(struct stream *stream)
{
	char chunk[OUTPUT_CHUNK_MAX];
	ssize_t n = read(stream->fd, chunk, sizeof(chunk));
	size_t keep;
	char *data;

	if (n <= 0)
		return n < 0 ? -errno : 0;
	keep = (size_t)n;
	if (stream->used + keep > stream->most)
		keep = stream->most - stream->used;
	data = realloc(stream->data, stream->used + keep + 1);
	if (!data) {
		stream->lost = true;
		return n;
	}
	memcpy(data + stream->used, chunk, keep);
	stream->data = data;
	stream->used += keep;
	data[stream->used] = '\0';
	return n;
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct stream *stream = userdata;
	ssize_t n = stream_read(stream);

	(void)fd;
	(void)events;
	if (n == 0 || (n < 0 && n != -EAGAIN && n != -EINTR))
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return 0;
}

/*
 * No more signals are held up. What asked us to stop is obeyed here, with nobody left behind but
 * the children of other processes, if there are any beside these: the kernel ends them with us.
 */
static void let_signals_through(const struct processes *all)
{
	sigset_t told;

	sigprocmask(SIG_SETMASK, &all->before, NULL);
	if (all->stop_signal == 0)
		return;
	sigemptyset(&told);
	sigaddset(&told, all->stop_signal);
	sigprocmask(SIG_UNBLOCK, &told, NULL);
	raise(all->stop_signal);
	/* Process 1 of a container is not ended by its own signals. */
	_exit(128 + all->stop_signal);
}

static void take_out(struct process *process)
{
	struct processes *all = process->all;
	struct process **at = &all->first;

	while (*at && *at != process)
		at = &(*at)->next;
	if (*at)
		*at = process->next;
}

/* Takes it from those that run. After the last of them the signals come through again. */
static void leave(struct process *process)
{
	take_out(process);
	if (!process->all->first)
		let_signals_through(process->all);
}

static void tell(struct process *process)
{
	struct process_result result = {
		.end = process->end,
		.code = process->code,
		.usec = clock_now_usec() - process->started_usec,
	};

	/* What the child wrote is in the pipes; what its own daemons may write later is not waited
	 * for. */
	for (int i = 0; i < DRAIN_READS_MAX && stream_read(&process->output) > 0; i++)
		;
	for (int i = 0; i < DRAIN_READS_MAX && stream_read(&process->errors) > 0; i++)
		;
	if (result.end == PROCESS_EXITED && (process->output.lost || process->errors.lost))
		result.end = PROCESS_UNHEARD;
	result.output = process->output.data ? process->output.data : "";
	result.errors = process->errors.data ? process->errors.data : "";
	process->done(&result, process->userdata);
}

/* Where we are to stop nobody is told: nothing shall follow from it. So who has it has it still,
 * and can cancel or drop it while others are being ended. */
static void finish(struct process *process)
{
	leave(process);
	if (process->all->stop_signal != 0) {
		process->timer = event_source_end(process->timer);
		process->left = process->is_over = true;
		return;
	}
	tell(process);
	process_free(process);
}

static void look_again(struct process *process, uint64_t usec)
{
	event_set_timer(process->timer, usec);
	sd_event_source_set_enabled(process->timer, SD_EVENT_ONESHOT);
}

static void set_end(struct process *process, int how, int status)
{
	process->left = true;
	process->left_usec = clock_now_usec();
	process->code = status;
	if (process->ending != ENDING_NOT)
		process->end = PROCESS_TIMED_OUT;
	else
		process->end = how == CLD_EXITED ? PROCESS_EXITED : PROCESS_SIGNALED;
}

/* mkfs.lustre can be gone, and mke2fs at work. A tool that did all it should leaves nothing but
 * daemons. */
static bool may_have_left_something(const struct process *process)
{
	return process->ends_group || process->end != PROCESS_EXITED || process->code != 0;
}

static int on_exit_status(sd_event_source *source, const siginfo_t *info, void *userdata)
{
	struct process *process = userdata;

	(void)source;
	set_end(process, info->si_code, info->si_status);
	if (!may_have_left_something(process)) {
		finish(process);
		return 0;
	}
	/* The child itself is not waited for before this returns: its group is still its own. */
	kill(-process->pid, SIGKILL);
	look_again(process, 0);
	return 0;
}

/* Who is told to stop, or needs it no more, does not wait for a disk that stands still. */
static uint64_t kill_grace(const struct process *process)
{
	if (process->all->stop_signal != 0 || process->cancelled ||
	    process->hang_usec < KILL_GRACE_USEC)
		return KILL_GRACE_USEC;
	return process->hang_usec;
}

static void look_for_rest(struct process *process)
{
	if (process_group_runs(process->pid)) {
		if (clock_now_usec() - process->left_usec < kill_grace(process)) {
			look_again(process, LOOK_PAUSE_USEC);
			return;
		}
		process->end = PROCESS_ABANDONED;
	}
	finish(process);
}

/* True once the child has ended; it is not waited for, so that its number stays its own. */
static bool has_ended(const struct process *process)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	       info.si_pid == process->pid;
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct process *process = userdata;
	bool first = process->ending == ENDING_NOT;

	(void)source;
	(void)usec;
	if (process->left) {
		look_for_rest(process);
		return 0;
	}
	/* Where it was us, or the machine, that stood still, it is told how it ended. */
	if (has_ended(process))
		return 0;
	if (process->ending == ENDING_KILL) {
		process->end = PROCESS_ABANDONED;
		finish(process);
		return 0;
	}
	process->ending = first ? ENDING_TERM : ENDING_KILL;
	kill(-process->pid, first ? SIGTERM : SIGKILL);
	look_again(process, first ? TERM_GRACE_USEC : kill_grace(process));
	return 0;
}

/* Its deadline is now; if it is being ended already, it has no more time than any other. */
static void end_soon(struct process *process)
{
	if (process->ending == ENDING_NOT && !process->left)
		look_again(process, 0);
	else if (process->ending == ENDING_KILL && !process->left)
		look_again(process, KILL_GRACE_USEC);
}

void process_cancel(struct process *process)
{
	process->cancelled = true;
	end_soon(process);
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct processes *all = userdata;

	(void)source;
	if (all->stop_signal == 0)
		all->stop_signal = (int)info->ssi_signo;
	for (struct process *process = all->first; process; process = process->next)
		end_soon(process);
	return 0;
}

/* Those that are not ignored: nohup(1) and a shell's "&" mean what they say. */
static void stop_signal_set(sigset_t *set)
{
	struct sigaction now;

	sigemptyset(set);
	for (size_t i = 0; i < STOP_SIGNALS; i++)
		if (sigaction(stop_signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(set, stop_signals[i]);
}

/* Before all else that is due: a signal that was read, and not heard before the last child is told
 * of, would be lost. */
static int add_stop_signal(struct processes *all, int signal, sd_event_source **ret)
{
	int r = sd_event_add_signal(all->loop, ret, signal, on_stop, all);

	return r < 0 ? r : sd_event_source_set_priority(*ret, SD_EVENT_PRIORITY_IMPORTANT);
}

static int watch_stop_signals(struct processes *all, const sigset_t *signals)
{
	int r = 0;

	for (size_t i = 0; i < STOP_SIGNALS && r >= 0; i++)
		if (!all->stops[i] && sigismember(signals, stop_signals[i]) > 0)
			r = add_stop_signal(all, stop_signals[i], &all->stops[i]);
	return r;
}

/* From the first child on a signal to stop waits for the end of all. */
static int hold_signals_up(struct processes *all)
{
	sigset_t signals;
	int r;

	if (all->first)
		return 0;
	stop_signal_set(&signals);
	sigprocmask(SIG_BLOCK, &signals, &all->before);
	r = watch_stop_signals(all, &signals);
	if (r < 0)
		let_signals_through(all);
	return r;
}

/* A file that nobody else has: a child that does not read it makes nobody wait, as a pipe would. */
static int make_input(const char *text)
{
	cleanup(close_fd) int fd = memfd_create("input", MFD_CLOEXEC);
	size_t size = strlen(text);

	if (fd < 0)
		return -errno;
	if (write(fd, text, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) < 0)
		return -EIO;
	return take_fd(&fd);
}

/* Starts the child with its outputs in pipes; our ends, which do not block, go to the streams. */
static int spawn_with_pipes(struct process *process, const struct process_call *call,
			    struct error *err)
{
	cleanup(close_fd) int input = -1;
	struct process_streams streams = {
		.input = call->keeps_lock ? process->all->lock : -1,
		.held = call->held ? blockdev_lock_fd(call->held) : -1,
	};
	int output[2], errors[2];
	int r;

	if (call->input) {
		input = streams.input = make_input(call->input);
		if (input < 0)
			return error_errno(err, input, "cannot give %s its input", call->argv[0]);
	}
	if (pipe2(output, O_CLOEXEC) < 0)
		return error_errno(err, -errno, "cannot make a pipe for %s", call->argv[0]);
	process->output.fd = output[0];
	if (pipe2(errors, O_CLOEXEC) < 0) {
		close(output[1]);
		return error_errno(err, -errno, "cannot make a pipe for %s", call->argv[0]);
	}
	process->errors.fd = errors[0];
	fcntl(output[0], F_SETFL, O_NONBLOCK);
	fcntl(errors[0], F_SETFL, O_NONBLOCK);
	streams.output = output[1];
	streams.errors = errors[1];
	r = process_spawn(call->argv, &streams, call->environment, &process->pid, err);
	close(output[1]);
	close(errors[1]);
	return r;
}

static int watch(struct process *process, uint64_t timeout_usec)
{
	sd_event *loop = process->all->loop;
	int r = sd_event_add_child(loop, &process->child, process->pid, WEXITED, on_exit_status,
				   process);

	if (r >= 0)
		r = sd_event_add_io(loop, &process->output.source, process->output.fd, EPOLLIN,
				    on_readable, &process->output);
	if (r >= 0)
		r = sd_event_add_io(loop, &process->errors.source, process->errors.fd, EPOLLIN,
				    on_readable, &process->errors);
	if (r >= 0)
		r = event_add_timer(loop, &process->timer,
				    timeout_usec == PROCESS_FOREVER ? 0 : timeout_usec, on_deadline,
				    process);
	if (r >= 0 && timeout_usec == PROCESS_FOREVER)
		r = sd_event_source_set_enabled(process->timer, SD_EVENT_OFF);
	/* Output that came before the end is read before the end is told. */
	if (r >= 0)
		r = sd_event_source_set_priority(process->child, SD_EVENT_PRIORITY_IDLE);
	return r;
}

sd_event *processes_loop(const struct processes *processes)
{
	return processes->loop;
}

void processes_go_on(const struct processes *processes)
{
	while (sd_event_run(processes->loop, 0) > 0)
		;
}

static bool group_has_ended(const struct process *process)
{
	return has_ended(process) && !process_group_runs(process->pid);
}

/* Without the loop, which may be what failed. */
static bool wait_until(bool (*is_over)(const struct process *), const struct process *process,
		       uint64_t limit_usec)
{
	const struct timespec pause = { .tv_nsec = (long)LOOK_PAUSE_USEC * 1000 };
	const uint64_t until = clock_now_usec() + limit_usec;

	while (!is_over(process)) {
		if (clock_now_usec() >= until)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

static void end_at_once(struct process *process)
{
	process->child = event_source_end(process->child);
	process->end = PROCESS_TIMED_OUT;
	if (process->left) {
		if (!wait_until(group_has_ended, process, KILL_GRACE_USEC))
			process->end = PROCESS_ABANDONED;
		return;
	}
	kill(-process->pid, SIGTERM);
	wait_until(has_ended, process, TERM_GRACE_USEC);
	kill(-process->pid, SIGKILL);
	if (!wait_until(group_has_ended, process, KILL_GRACE_USEC))
		process->end = PROCESS_ABANDONED;
	waitpid(process->pid, NULL, WNOHANG);
}

/* From here on signals are held up: one that comes between fork and watch waits, too. */
static int start(struct process *process, const struct process_call *call, struct error *err)
{
	int r = spawn_with_pipes(process, call, err);

	if (r < 0)
		return r;
	r = watch(process, call->timeout_usec);
	if (r < 0) {
		end_at_once(process);
		return error_errno(err, r, "cannot watch %s", call->argv[0]);
	}
	return 0;
}

int process_start(struct processes *processes, const struct process_call *call,
		  struct process **ret, struct error *err)
{
	cleanup(free_process) struct process *process = calloc(1, sizeof(*process));
	int r;

	if (!process)
		return error_set(err, -ENOMEM, "out of memory starting %s", call->argv[0]);
	process->all = processes;
	process->output.fd = process->errors.fd = -1;
	process->hang_usec = call->hang_usec;
	process->ends_group = call->ends_group;
	process->output.most = process->errors.most =
		call->output_max ? call->output_max : PROCESS_OUTPUT_MAX;
	process->done = call->done;
	process->userdata = call->userdata;
	process->started_usec = clock_now_usec();
	if (processes->ending || processes->stop_signal != 0)
		return error_set(err, -EINTR, "%s was not started: lustre-init was told to stop",
				 call->argv[0]);
	r = hold_signals_up(processes);
	if (r < 0)
		return error_errno(err, r, "cannot hold signals up for %s", call->argv[0]);
	r = start(process, call, err);
	if (r < 0) {
		if (!processes->first)
			let_signals_through(processes);
		return r;
	}
	process->next = processes->first;
	processes->first = process;
	if (ret)
		*ret = process;
	process = NULL;
	return 0;
}

int processes_new(sd_event *loop, int lock, struct processes **ret, struct error *err)
{
	struct processes *processes = calloc(1, sizeof(*processes));
	sigset_t child;

	if (!processes)
		return error_set(err, -ENOMEM, "out of memory");
	processes->loop = loop;
	processes->lock = lock;
	/* sd_event_add_child() refuses to work while SIGCHLD is not blocked. */
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	*ret = processes;
	return 0;
}

void process_drop(struct process *process)
{
	if (!process->is_over) {
		end_at_once(process);
		leave(process);
		if (process->cancelled)
			tell(process);
	}
	process_free(process);
}

/* Who is told that one was cancelled starts no other. */
void processes_drop_others(struct processes *processes, const struct process *kept)
{
	struct process **at = &processes->first;

	processes->ending = true;
	while (*at)
		if (*at == kept)
			at = &(*at)->next;
		else
			process_drop(*at);
	processes->ending = false;
}

struct processes *processes_end(struct processes *processes)
{
	if (!processes)
		return NULL;
	processes_drop_others(processes, /* kept= */ NULL);
	for (size_t i = 0; i < STOP_SIGNALS; i++)
		event_source_end(processes->stops[i]);
	/* Before sd-event 245 the signal that this loop took may have told of another one's. */
	raise(SIGCHLD);
	free(processes);
	return NULL;
}
