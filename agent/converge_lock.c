/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/lock_holder.h"
#include "converge.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define LOCK_MODE       0600
#define LEFT_WAIT_USEC  (10 * 1000000ULL) /* what a killed run left obeys SIGTERM in 2 s */
#define LEFT_PAUSE_NSEC (50 * 1000 * 1000)

static int tell_holder(const struct lock_holder *holder, bool is_run, struct error *err)
{
	if (is_run)
		return error_set(err, -EBUSY,
				 "another lustre-init is at work on this node: %s; see systemctl "
				 "status lustre-init",
				 holder->text);
	if (holder->pid == 0)
		return error_set(err, -EBUSY,
				 "another lustre-init, or a tool that one started, is at work on "
				 "this node; fuser -v " CONVERGE_LOCK_PATH " shows it");
	return error_set(
		err, -EBUSY,
		"an earlier lustre-init is gone, and what it started is still at work: %s; "
		"nothing is done beside it. Wait for its end, or end it (kill %d); what "
		"hangs in the kernel ends with a reboot",
		holder->text, (int)holder->pid);
}

/* A run that was killed may have left tools, which end soon or are told of; a run at work is told
 * at once. */
static int take_lock(int fd, struct error *err)
{
	const struct timespec pause = { .tv_nsec = LEFT_PAUSE_NSEC };
	const uint64_t until = clock_now_usec() + LEFT_WAIT_USEC;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		struct lock_holder holder;
		bool is_run;

		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_errno(err, -errno, "cannot lock %s", CONVERGE_LOCK_PATH);
		lock_holder_find(fd, program_invocation_short_name, &holder);
		is_run = strcmp(holder.name, program_invocation_short_name) == 0;
		if (is_run || clock_now_usec() >= until)
			return tell_holder(&holder, is_run, err);
		nanosleep(&pause, NULL);
	}
	return 0;
}

int converge_lock(int *ret_fd, struct error *err)
{
	cleanup(close_fd) int fd = -1;
	int r = file_make_directory("/run/lustre-init", err);

	if (r < 0)
		return r;
	/* Our children read it as their standard input: it stays empty, and they cannot write. */
	fd = open(CONVERGE_LOCK_PATH, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, LOCK_MODE);
	if (fd < 0)
		return error_errno(err, -errno, "cannot open %s", CONVERGE_LOCK_PATH);
	r = take_lock(fd, err);
	if (r < 0)
		return r;
	*ret_fd = fd;
	fd = -1;
	return 0;
}
