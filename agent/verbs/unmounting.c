/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/unmounting.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/process.h"
#include "effect/unit_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Clients and targets were measured to take up to 15 s, where who they ask is away. */
#define TURN_USEC (30 * 1000000ULL)
/* The first word about what lasts, and then each pause twice as long, to this. */
#define TELL_FIRST_USEC (3 * 1000000ULL)
#define TELL_LAST_USEC  (30 * 1000000ULL)
/* What systemctl needs to give its order. */
#define ORDER_USEC (1 * 1000000ULL)

/* One that is ours, and systemctl perhaps at it. */
struct unmount {
	struct unmounting *all;
	const struct own_mount *mount;
	bool is_running;
	uint64_t begun_usec;
	char unit[UNIT_NAME_MAX];
};

struct unmounting {
	sd_event *loop;
	struct processes *processes;
	struct unmount *unmounts; /* of all mounts, in their order */
	size_t count;
	struct words *failures;
	uint64_t until_usec; /* nothing is waited for longer */
	uint64_t tell_usec, pause_usec;
};

static int tell_stays(const struct unmount *unmount, const char *why)
{
	return words_addf(unmount->all->failures, "%s is still mounted at %s: %s",
			  unmount->mount->name, unmount->mount->target, why);
}

static void tell_slow(const struct unmount *unmount, uint64_t usec)
{
	char why[UNIT_NAME_MAX + 192];

	snprintf(why, sizeof(why),
		 "its umount has taken %llu s; systemd goes on with it, lustre-init stop waits for "
		 "its end again, and systemctl status '%s' shows how it stands",
		 (unsigned long long)(usec / 1000000), unmount->unit);
	tell_stays(unmount, why);
}

static void on_done(const struct process_result *result, void *userdata)
{
	struct unmount *unmount = userdata;
	const struct own_mount *mount = unmount->mount;
	char sentence[512];

	unmount->is_running = false;
	if (result->end == PROCESS_EXITED && result->code == 0) {
		printf("%s unmounted from %s\n", mount->name, mount->target);
		return;
	}
	if (result->end == PROCESS_TIMED_OUT) {
		tell_slow(unmount, result->usec);
		return;
	}
	process_last_line(result->errors, sentence, sizeof(sentence));
	if (sentence[0] == '\0')
		process_describe("systemctl stop", result, sentence, sizeof(sentence));
	tell_stays(unmount, sentence);
}

/* How many are at work, of these kinds. */
static size_t count_running(const struct unmounting *all, enum own_mount_kind first,
			    enum own_mount_kind last)
{
	size_t count = 0;

	for (size_t i = 0; i < all->count; i++)
		count += all->unmounts[i].is_running && all->unmounts[i].mount->kind >= first &&
			 all->unmounts[i].mount->kind <= last;
	return count;
}

/*
 * systemd would have one wait for those that are before it, which is done here, and for no longer
 * than their turn.
 */
static int start(struct unmount *unmount, struct error *err)
{
	struct unmounting *all = unmount->all;
	const enum own_mount_kind kind = unmount->mount->kind;
	const bool is_held_back =
		kind > OWN_MOUNT_CLIENT && count_running(all, OWN_MOUNT_CLIENT, kind - 1) > 0;
	const char *const argv[] = { "systemctl", "stop", unmount->unit,
				     is_held_back ? "--job-mode=ignore-dependencies" : NULL, NULL };
	const uint64_t now = clock_now_usec();
	const struct process_call call = {
		.argv = argv,
		.timeout_usec =
			all->until_usec > now + ORDER_USEC ? all->until_usec - now : ORDER_USEC,
		.output_max = 4096,
		.done = on_done,
		.userdata = unmount,
	};

	unmount->begun_usec = now;
	return process_start(all->processes, &call, /* ret= */ NULL, err);
}

/* -EINTR: told to stop. What else keeps one from being begun is its own failure. */
static int begin(struct unmount *unmount, struct error *err)
{
	const struct own_mount *mount = unmount->mount;
	int r;

	/* What lies over it would be unmounted in its place. */
	if (mount->cover)
		return words_addf(unmount->all->failures,
				  "%s is mounted over %s at %s; unmount that first", mount->cover,
				  mount->name, mount->target);
	r = unit_file_name(mount->target, unmount->unit, sizeof(unmount->unit));
	if (r < 0)
		return tell_stays(unmount, "it has no unit");
	r = start(unmount, err);
	unmount->is_running = r == 0;
	return r == 0 || r == -EINTR ? r : tell_stays(unmount, err->text);
}

/* What is waited for, and for how long. */
static void tell_progress(struct unmounting *all, uint64_t now)
{
	cleanup(words_done) struct words waiting = { 0 };
	char text[1024];

	for (size_t i = 0; i < all->count; i++) {
		const struct unmount *unmount = &all->unmounts[i];

		if (unmount->is_running)
			words_addf(&waiting, "%s at %s (%llu s)", unmount->mount->name,
				   unmount->mount->target,
				   (unsigned long long)(now - unmount->begun_usec) / 1000000);
	}
	words_list(&waiting, text, sizeof(text));
	printf("waiting for the umount of %s\n", text);
	fflush(stdout);
	all->tell_usec = now + all->pause_usec;
	all->pause_usec =
		all->pause_usec * 2 < TELL_LAST_USEC ? all->pause_usec * 2 : TELL_LAST_USEC;
}

/* Until those of these kinds have ended, and no longer than `until_usec`. */
static int wait_for(struct unmounting *all, enum own_mount_kind first, enum own_mount_kind last,
		    uint64_t until_usec, struct error *err)
{
	while (count_running(all, first, last) > 0) {
		const uint64_t now = clock_now_usec();
		const uint64_t next = all->tell_usec < until_usec ? all->tell_usec : until_usec;
		int r = 0;

		if (now >= until_usec)
			return 0;
		if (now >= all->tell_usec)
			tell_progress(all, now);
		else
			r = sd_event_run(all->loop, next - now);
		if (r < 0)
			return error_errno(err, r, "cannot wait for systemctl");
	}
	return 0;
}

/* When those of a kind do not hold back the next any more: each has its part of what time there is.
 */
static uint64_t end_of_turn(const struct unmounting *all, enum own_mount_kind kind)
{
	const uint64_t now = clock_now_usec();
	const uint64_t left = all->until_usec > now ? all->until_usec - now : 0;
	const uint64_t part = left / (OWN_MOUNT_MGT - kind + 1);

	return now + (part < TURN_USEC ? part : TURN_USEC);
}

/* Those of one kind at once. */
static int unmount_kind(struct unmounting *all, enum own_mount_kind kind, struct error *err)
{
	const uint64_t until_usec = end_of_turn(all, kind);
	int r = 0;

	for (size_t i = 0; r == 0 && i < all->count; i++)
		if (all->unmounts[i].mount->kind == kind)
			r = begin(&all->unmounts[i], err);
	return r < 0 ? r : wait_for(all, kind, kind, until_usec, err);
}

static int unmount_kinds(struct unmounting *all, struct error *err)
{
	int r = processes_new(all->loop, /* lock= */ -1, &all->processes, err);

	for (enum own_mount_kind kind = OWN_MOUNT_CLIENT; r == 0 && kind <= OWN_MOUNT_MGT; kind++)
		r = unmount_kind(all, kind, err);
	/* Each has a deadline of its own. */
	if (r == 0)
		r = wait_for(all, OWN_MOUNT_CLIENT, OWN_MOUNT_MGT, UINT64_MAX, err);
	all->processes = processes_end(all->processes);
	return r;
}

int unmount_all(const struct own_mounts *mounts, uint64_t patience_usec, struct words *ret_failures,
		struct error *err)
{
	const uint64_t now = clock_now_usec();
	cleanup(free_pointer) struct unmount *unmounts =
		calloc(mounts->count + 1, sizeof(*unmounts));
	struct unmounting all = { .unmounts = unmounts,
				  .count = mounts->count,
				  .failures = ret_failures,
				  .until_usec = now + patience_usec,
				  .tell_usec = now + TELL_FIRST_USEC,
				  .pause_usec = TELL_FIRST_USEC };
	int r = unmounts ? sd_event_new(&all.loop) : -ENOMEM;

	if (r < 0)
		return error_errno(err, r, "cannot make an event loop");
	for (size_t i = 0; i < mounts->count; i++)
		unmounts[i] = (struct unmount){ .all = &all, .mount = &mounts->items[i] };
	r = unmount_kinds(&all, err);
	sd_event_unref(all.loop);
	if (r >= 0 && ret_failures->failed)
		r = error_set(err, -ENOMEM, "out of memory");
	return r;
}
