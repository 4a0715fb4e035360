/* SPDX-License-Identifier: Apache-2.0 */
#include "base/process.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/lvm_command.h"
#include "base/words.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define TERM_GRACE_USEC  (2 * 1000000ULL) /* mount.lustre ends within 2 s of SIGTERM (measured) */
#define KILL_GRACE_USEC  (5 * 1000000ULL) /* beyond this the kernel holds it; see "abandoned" */
#define OUTPUT_CHUNK_MAX 65536
#define DRAIN_READS_MAX  32 /* a pipe holds 64 KiB, at most 1 MiB */

/* One of the child's output streams, as far as it was read. */
struct stream {
	int fd;
	sd_event_source *source;
	char *data;
	size_t used;
	bool lost; /* out of memory for some of it */
};

enum ending {
	ENDING_NOT,
	ENDING_TERM,
	ENDING_KILL,
};

struct process {
	pid_t pid;
	enum ending ending;
	uint64_t started_usec;
	struct stream output, errors;
	sd_event_source *child, *timer;
	process_done_fn done;
	void *userdata;
};

static void stream_done(struct stream *stream)
{
	sd_event_source_disable_unref(stream->source);
	if (stream->fd >= 0)
		close(stream->fd);
	free(stream->data);
}

static void process_free(struct process *process)
{
	sd_event_source_disable_unref(process->child);
	sd_event_source_disable_unref(process->timer);
	stream_done(&process->output);
	stream_done(&process->errors);
	free(process);
}

static void free_process(struct process **process)
{
	if (*process)
		process_free(*process);
}

/* Keeps the first PROCESS_OUTPUT_MAX bytes and reads the rest away, so the child never blocks on
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
	if (stream->used + keep > PROCESS_OUTPUT_MAX)
		keep = PROCESS_OUTPUT_MAX - stream->used;
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

static void finish(struct process *process, enum process_end end, int code)
{
	struct process_result result = {
		.end = end,
		.code = code,
		.usec = clock_now_usec() - process->started_usec,
	};

	/* What the child wrote is in the pipes; what its own daemons may write later is not waited
	 * for. */
	for (int i = 0; i < DRAIN_READS_MAX && stream_read(&process->output) > 0; i++)
		;
	for (int i = 0; i < DRAIN_READS_MAX && stream_read(&process->errors) > 0; i++)
		;
	if (end == PROCESS_EXITED && (process->output.lost || process->errors.lost))
		result.end = PROCESS_UNHEARD;
	result.output = process->output.data ? process->output.data : "";
	result.errors = process->errors.data ? process->errors.data : "";
	process->done(&result, process->userdata);
	process_free(process);
}

static int on_exit_status(sd_event_source *source, const siginfo_t *info, void *userdata)
{
	struct process *process = userdata;

	(void)source;
	if (process->ending != ENDING_NOT) {
		/* The child obeyed SIGTERM; what it left behind in its group may not have. */
		kill(-process->pid, SIGKILL);
		finish(process, PROCESS_TIMED_OUT, info->si_status);
		return 0;
	}
	finish(process, info->si_code == CLD_EXITED ? PROCESS_EXITED : PROCESS_SIGNALED,
	       info->si_status);
	return 0;
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct process *process = userdata;
	bool first = process->ending == ENDING_NOT;

	(void)usec;
	if (process->ending == ENDING_KILL) {
		finish(process, PROCESS_ABANDONED, 0);
		return 0;
	}
	process->ending = first ? ENDING_TERM : ENDING_KILL;
	kill(-process->pid, first ? SIGTERM : SIGKILL);
	sd_event_source_set_time_relative(source, first ? TERM_GRACE_USEC : KILL_GRACE_USEC);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return 0;
}

void process_cancel(struct process *process)
{
	sd_event_source_set_time_relative(process->timer, 0);
	sd_event_source_set_enabled(process->timer, SD_EVENT_ONESHOT);
}

/*
 * A known environment: the tools' messages in English, for they are shown and sometimes read; none
 * of the AMI's settings of LVM (lvm_command.h) and e2fsck (e2fsck.conf(5)), and nothing else that a
 * caller's shell might have set.
 */
static int make_environment(struct words *environment)
{
	const char *search = getenv("PATH");

	words_addf(environment, "PATH=%s", search ? search : "/usr/sbin:/usr/bin:/sbin:/bin");
	words_add(environment, "LC_ALL=C");
	words_add(environment, "LVM_SYSTEM_DIR=" LVM_SYSTEM_DIRECTORY);
	words_add(environment, "E2FSCK_CONFIG=/dev/null");
	return words_add(environment, "LVM_SUPPRESS_FD_WARNINGS=1");
}

/* Returns 0 or a positive errno, as these functions of the C library do. */
static int set_streams(posix_spawn_file_actions_t *actions, int output, int errors)
{
	int r = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	if (r == 0)
		r = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
	return r == 0 ? posix_spawn_file_actions_adddup2(actions, errors, STDERR_FILENO) : r;
}

static int spawn(const char *const argv[], int output, int errors, pid_t *ret_pid)
{
	cleanup(words_done) struct words environment = { 0 };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	char **words;
	int r;

	if (make_environment(&environment) < 0)
		return -ENOMEM;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETSIGDEF);
	/* posix_spawnp() takes char *const[] but does not write to the words. */
	memcpy(&words, &argv, sizeof(words));
	r = set_streams(&actions, output, errors);
	if (r == 0)
		r = posix_spawnp(ret_pid, argv[0], &actions, &attributes, words, environment.items);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return -r;
}

/* Starts the child with its outputs in pipes; our ends, which do not block, go to the streams. */
static int spawn_with_pipes(struct process *process, const char *const argv[], struct error *err)
{
	int output[2], errors[2];
	int r;

	if (pipe2(output, O_CLOEXEC) < 0)
		return error_errno(err, -errno, "cannot make a pipe for %s", argv[0]);
	process->output.fd = output[0];
	if (pipe2(errors, O_CLOEXEC) < 0) {
		close(output[1]);
		return error_errno(err, -errno, "cannot make a pipe for %s", argv[0]);
	}
	process->errors.fd = errors[0];
	fcntl(output[0], F_SETFL, O_NONBLOCK);
	fcntl(errors[0], F_SETFL, O_NONBLOCK);
	r = spawn(argv, output[1], errors[1], &process->pid);
	close(output[1]);
	close(errors[1]);
	if (r < 0)
		return error_errno(err, r, "cannot run %s", argv[0]);
	return 0;
}

static int watch(struct process *process, sd_event *loop, uint64_t timeout_usec)
{
	int r = sd_event_add_child(loop, &process->child, process->pid, WEXITED, on_exit_status,
				   process);

	if (r >= 0)
		r = sd_event_add_io(loop, &process->output.source, process->output.fd, EPOLLIN,
				    on_readable, &process->output);
	if (r >= 0)
		r = sd_event_add_io(loop, &process->errors.source, process->errors.fd, EPOLLIN,
				    on_readable, &process->errors);
	if (r >= 0)
		r = sd_event_add_time_relative(loop, &process->timer, CLOCK_MONOTONIC,
					       timeout_usec == PROCESS_FOREVER ? 0 : timeout_usec,
					       0, on_deadline, process);
	if (r >= 0 && timeout_usec == PROCESS_FOREVER)
		r = sd_event_source_set_enabled(process->timer, SD_EVENT_OFF);
	/* Output that came before the end is read before the end is told. */
	if (r >= 0)
		r = sd_event_source_set_priority(process->child, SD_EVENT_PRIORITY_IDLE);
	return r;
}

int process_start(sd_event *loop, const char *const argv[], uint64_t timeout_usec,
		  process_done_fn done, void *userdata, struct process **ret, struct error *err)
{
	cleanup(free_process) struct process *process = calloc(1, sizeof(*process));
	sigset_t child;
	int r;

	if (!process)
		return error_set(err, -ENOMEM, "out of memory starting %s", argv[0]);
	process->output.fd = process->errors.fd = -1;
	process->done = done;
	process->userdata = userdata;
	process->started_usec = clock_now_usec();
	/* sd_event_add_child() refuses to work while SIGCHLD is not blocked. */
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	r = spawn_with_pipes(process, argv, err);
	if (r < 0)
		return r;
	r = watch(process, loop, timeout_usec);
	if (r < 0) {
		kill(-process->pid, SIGKILL);
		return error_errno(err, r, "cannot watch %s", argv[0]);
	}
	if (ret)
		*ret = process;
	process = NULL;
	return 0;
}

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

int process_run(const char *const argv[], uint64_t timeout_usec, struct process_output *ret,
		struct error *err)
{
	struct process_output output = { 0 };
	struct waiter waiter = { .ret = &output };
	int r;

	r = sd_event_new(&waiter.loop);
	if (r < 0)
		return error_errno(err, r, "cannot make an event loop");
	r = process_start(waiter.loop, argv, timeout_usec, on_done, &waiter, /* ret= */ NULL, err);
	if (r >= 0)
		r = sd_event_loop(waiter.loop);
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

/* Puts the lines of `text` into one, "; " between them. LVM's warnings and blank lines are left
 * out. */
static void join_lines(const char *text, char *joined, size_t size)
{
	size_t used = 0;

	joined[0] = '\0';
	while (*text && used + 3 < size) {
		size_t length;

		text += strspn(text, " \t\r\n");
		length = strcspn(text, "\r\n");
		if (length > 0 && strncmp(text, "WARNING:", 8) != 0)
			used += (size_t)snprintf(joined + used, size - used, "%s%.*s",
						 used > 0 ? "; " : "", (int)length, text);
		text += length;
	}
}

void process_describe(const char *program, const struct process_result *result, char *sentence,
		      size_t size)
{
	char lines[384];
	int used = 0;

	join_lines(result->errors, lines, sizeof(lines));
	if (lines[0] == '\0')
		join_lines(result->output, lines, sizeof(lines));
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
		used = snprintf(
			sentence, size,
			"%s hangs in the kernel and cannot be ended; its device stays in use",
			program);
		break;
	}
	if (lines[0] != '\0' && used > 0 && (size_t)used < size)
		snprintf(sentence + used, size - (size_t)used, ": %s", lines);
}
