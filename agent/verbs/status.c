/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "base/lock_holder.h"
#include "converge.h"
#include "decide/doctor/registered.h"
#include "effect/mounted.h"
#include "observe/network/registry.h"
#include "report_watch.h"
#include "verbs/boot_file.h"
#include "verbs/boot_unit.h"
#include "verbs/verbs.h"
#include "verbs/watch_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOOKS_PER_SEC   5
#define LOOK_PAUSE_NSEC (1000 * 1000 * 1000 / LOOKS_PER_SEC)

/*
 * An apply that was killed leaves "working" behind, and nobody at the lock but, perhaps, a tool of
 * its: that is in *ret then. The lock is not tried: an apply that starts just now would not get it.
 */
static bool is_at_work(struct lock_holder *ret)
{
	/* Who may not read the file may see who has locked it. */
	cleanup(close_fd) int fd = open(CONVERGE_LOCK_PATH, O_PATH | O_CLOEXEC);

	*ret = (struct lock_holder){ 0 };
	if (fd >= 0)
		lock_holder_find(fd, program_invocation_short_name, ret);
	/* Whom /proc does not name took the lock itself, as no tool does. */
	return ret->pid > 0 &&
	       (ret->name[0] == '\0' || strcmp(ret->name, program_invocation_short_name) == 0);
}

static void tell_interrupted(struct status *status, const struct lock_holder *left)
{
	status->verdict = VERDICT_FAILED;
	if (left->pid > 0)
		snprintf(status->sentence, sizeof(status->sentence),
			 "apply was interrupted, and what it started is still at work: %s; once it "
			 "has ended, systemctl restart lustre-init goes on",
			 left->text);
	else
		snprintf(status->sentence, sizeof(status->sentence),
			 "apply was interrupted; systemctl restart lustre-init goes on");
}

static void fail_what_was_ready(struct status *status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void fail_what_was_ready(struct status *status, const char *format, ...)
{
	va_list arguments;

	if (status->verdict != VERDICT_READY)
		return;
	status->verdict = VERDICT_FAILED;
	va_start(arguments, format);
	vsnprintf(status->sentence, sizeof(status->sentence), format, arguments);
	va_end(arguments);
}

/* boot.json tells how the boot ended; what has been unmounted since is seen here, or nobody knows.
 */
static void look_at_mounts(struct status *status)
{
	bool was[STANDINGS_MAX] = { 0 };
	struct error err;

	for (size_t i = 0; i < status->standing_count; i++)
		was[i] = status->standings[i].mounted;
	if (boot_file_look_at_mounts(MOUNT_TABLE, status, &err) < 0) {
		words_addf(&status->notes, "what is mounted now could not be seen: %s", err.text);
		fail_what_was_ready(status, "what is mounted now could not be seen, see below");
	}
	for (size_t i = 0; i < status->standing_count; i++) {
		const struct standing *standing = &status->standings[i];

		if (was[i] && !standing->mounted)
			fail_what_was_ready(status,
					    "%s was mounted at %s, and is not any more; systemctl "
					    "restart lustre-init mounts it again",
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
	struct lock_holder holder;

	return r == 0 && (status->verdict != VERDICT_WORKING || !is_at_work(&holder));
}

/* apply ran, and is not at it any more, but could not write its report: none will come. */
static bool is_unwritten(sd_bus *bus)
{
	struct lock_holder holder;

	return boot_unit_past(bus) == BOOT_UNIT_RAN && !is_at_work(&holder);
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
		    (!starting && (is_over(status, r) || (r == -ENOENT && is_unwritten(bus)))))
			return r;
		if (arguments->timeout_sec > 0 &&
		    ++looks > (unsigned long)LOOKS_PER_SEC * arguments->timeout_sec)
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
	if (r < 0)
		boot_file_tell_failure(err);
	sd_bus_flush_close_unref(bus);
	return r;
}

/* What the watch knows beside it; a node is what it is without. */
static int print(const struct arguments *arguments, const struct status *status, int code)
{
	struct watch watch = { 0 };
	struct error err;
	int r = watch_file_read(&watch, &err);
	json_t *json;

	if (arguments->json) {
		json = status_to_json(status);
		if (json && r == 0)
			json_object_set_new(json, "watch", watch_to_json(&watch));
		code = report_print_json(json, code);
	} else {
		report_print_status(status);
		if (r == 0)
			report_print_watch(&watch);
		else
			printf("  watch     %s\n", err.text);
	}
	if (r == 0)
		watch_done(&watch);
	return code;
}

/* Who was at work may have ended since the file was read: what it says now counts. */
static int judge_working(struct status *status, struct error *err)
{
	struct lock_holder left;
	int r;

	if (status->verdict != VERDICT_WORKING || is_at_work(&left) || boot_unit_ask_starting())
		return 0;
	status_done(status);
	r = boot_file_read(status, err);
	if (r < 0)
		boot_file_tell_failure(err);
	else if (status->verdict == VERDICT_WORKING && !is_at_work(&left))
		tell_interrupted(status, &left);
	return r;
}

int verb_status(const struct arguments *arguments)
{
	struct status *status = calloc(1, sizeof(*status));
	struct error err = { .text = "out of memory" };
	int code, r = status ? wait_for_end(arguments, status, &err) : -ENOMEM;

	if (r >= 0)
		r = judge_working(status, &err);
	if (r < 0) {
		fprintf(stderr, "lustre-init: %s\n", err.text);
		free(status);
		return EXIT_FAILED;
	}
	look_at_mounts(status);
	look_at_registry(status);
	code = print(arguments, status, verdict_exit_code(status->verdict));
	status_done(status);
	free(status);
	return code;
}
