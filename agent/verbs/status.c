/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "converge.h"
#include "decide/registered.h"
#include "observe/network/registry.h"
#include "verbs/boot_file.h"
#include "verbs/boot_unit.h"
#include "verbs/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>

#define LOOKS_PER_SEC   5
#define LOOK_PAUSE_NSEC (1000 * 1000 * 1000 / LOOKS_PER_SEC)

/* An apply that was killed leaves "working" behind, and no lock. */
static bool is_at_work(void)
{
	cleanup(close_fd) int fd = open(CONVERGE_LOCK_PATH, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0;
}

/* boot.json tells how the boot ended; what has been unmounted since is seen here. */
static void look_at_mounts(struct status *status)
{
	bool was[STANDINGS_MAX];
	struct error err;

	for (size_t i = 0; i < status->standing_count; i++)
		was[i] = status->standings[i].mounted;
	if (boot_file_look_at_mounts(status, &err) < 0)
		words_addf(&status->notes, "what is mounted now could not be seen: %s", err.text);
	for (size_t i = 0; i < status->standing_count; i++) {
		const struct standing *standing = &status->standings[i];

		if (!was[i] || standing->mounted || status->verdict != VERDICT_READY)
			continue;
		status->verdict = VERDICT_FAILED;
		snprintf(status->sentence, sizeof(status->sentence),
			 "%s was mounted at %s, and is not any more; systemctl restart lustre-init "
			 "mounts it again",
			 standing->name, standing->mount_point);
	}
}

static void add_note(struct status *status, const char *filesystem, const struct words *members)
{
	char text[512];

	registered_describe(filesystem, members, text, sizeof(text));
	if (registered_is_foreign(status->fsname, filesystem))
		words_addf(&status->notes, "%s is registered at this MGS, whose node is of %s. %s",
			   text, status->fsname, registered_fix);
	else if (status->fsname[0] == '\0')
		words_addf(&status->notes, "this MGS serves %s", text);
}

/* Others register at this node's MGS long after its own boot is over: they are seen here. */
static void look_at_registry(struct status *status)
{
	cleanup(words_done) struct words filesystems = { 0 };
	cleanup(words_done) struct words members = { 0 };
	cleanup(words_done) struct words roles = { 0 };
	struct error err;

	if (words_split(&roles, status->roles, "+") < 0 || !words_contain(&roles, "mgs") ||
	    registry_observe(&filesystems, &members, &err) < 0)
		return;
	for (size_t i = 0; i < filesystems.count; i++)
		add_note(status, filesystems.items[i], &members);
}

static bool is_over(const struct status *status, int r)
{
	return r == 0 && (status->verdict != VERDICT_WORKING || !is_at_work());
}

/* Looks until the boot is over; without --wait, once. `bus` may be NULL. */
static int look_until_over(const struct arguments *arguments, sd_bus *bus, struct status *status,
			   struct error *err)
{
	const struct timespec pause = { .tv_nsec = LOOK_PAUSE_NSEC };
	unsigned long looks = 0;
	int r;

	for (;;) {
		/* Asked first: the file is newer than the answer then. */
		bool starting = boot_unit_is_starting(bus);

		r = boot_file_read(status, err);
		if (!arguments->wait || (r < 0 && r != -ENOENT) ||
		    (is_over(status, r) && !starting))
			return r;
		if (arguments->wait_timeout_sec > 0 &&
		    ++looks > (unsigned long)LOOKS_PER_SEC * arguments->wait_timeout_sec)
			return r;
		status_done(status);
		nanosleep(&pause, NULL);
	}
}

static int wait_for_end(const struct arguments *arguments, struct status *status, struct error *err)
{
	sd_bus *bus = NULL;
	int r;

	if (arguments->wait && sd_bus_open_system(&bus) < 0)
		bus = NULL;
	r = look_until_over(arguments, bus, status, err);
	sd_bus_flush_close_unref(bus);
	return r;
}

int verb_status(const struct arguments *arguments)
{
	struct status *status = calloc(1, sizeof(*status));
	struct error err = { .text = "out of memory" };
	int code, r = status ? wait_for_end(arguments, status, &err) : -ENOMEM;

	if (r < 0) {
		fprintf(stderr, "lustre-init: %s\n", err.text);
		free(status);
		return EXIT_FAILED;
	}
	if (status->verdict == VERDICT_WORKING && !is_at_work()) {
		status->verdict = VERDICT_FAILED;
		snprintf(status->sentence, sizeof(status->sentence),
			 "apply was interrupted; systemctl restart lustre-init goes on");
	}
	look_at_mounts(status);
	look_at_registry(status);
	code = verdict_exit_code(status->verdict);
	if (arguments->json)
		code = report_print_json(status_to_json(status), code);
	else
		report_print_status(status);
	status_done(status);
	free(status);
	return code;
}
