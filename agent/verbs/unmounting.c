/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/unmounting.h"

#include "base/cleanup.h"
#include "base/process.h"
#include "effect/unit_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct unmounting {
	sd_event *loop;
	struct processes *processes;
	uint64_t patience_usec;
	struct words *failures;
	size_t running;
};

/* One that systemctl is at. */
struct unmount {
	struct unmounting *all;
	const struct own_mount *mount;
	char unit[UNIT_NAME_MAX];
};

static void tell_end(const struct unmount *unmount, const struct process_result *result)
{
	const struct own_mount *mount = unmount->mount;
	struct words *failures = unmount->all->failures;
	char sentence[512];

	if (result->end == PROCESS_EXITED && result->code == 0) {
		printf("%s unmounted from %s\n", mount->name, mount->target);
	} else if (result->end == PROCESS_TIMED_OUT) {
		words_addf(failures,
			   "%s is still mounted at %s after %llu s: its umount is slow, or hangs; "
			   "systemd goes on with it, and systemctl status '%s' shows how it stands",
			   mount->name, mount->target, (unsigned long long)(result->usec / 1000000),
			   unmount->unit);
	} else {
		process_last_line(result->errors, sentence, sizeof(sentence));
		if (sentence[0] == '\0')
			process_describe("systemctl stop", result, sentence, sizeof(sentence));
		words_addf(failures, "%s is still mounted at %s: %s", mount->name, mount->target,
			   sentence);
	}
}

static void on_done(const struct process_result *result, void *userdata)
{
	struct unmount *unmount = userdata;

	unmount->all->running--;
	tell_end(unmount, result);
}

/* -EINTR: told to stop. What else keeps one from being begun is its own failure. */
static int begin(struct unmount *unmount, struct error *err)
{
	struct unmounting *all = unmount->all;
	const struct own_mount *mount = unmount->mount;
	const char *const argv[] = { "systemctl", "stop", unmount->unit, NULL };
	const struct process_call call = {
		.argv = argv,
		.timeout_usec = all->patience_usec,
		.output_max = 4096,
		.done = on_done,
		.userdata = unmount,
	};
	int r = unit_file_name(mount->target, unmount->unit, sizeof(unmount->unit));

	if (r < 0)
		error_errno(err, r, "it has no unit");
	else
		r = process_start(all->processes, &call, /* ret= */ NULL, err);
	if (r == 0)
		all->running++;
	else if (r != -EINTR)
		r = words_addf(all->failures, "%s is still mounted at %s: %s", mount->name,
			       mount->target, err->text);
	return r;
}

/* What lies over it would be unmounted in its place. */
static int unmount(struct unmount *unmount, struct error *err)
{
	const struct own_mount *mount = unmount->mount;

	if (!mount->cover)
		return begin(unmount, err);
	return words_addf(unmount->all->failures, "%s is mounted over %s at %s; unmount that first",
			  mount->cover, mount->name, mount->target);
}

/* Those of one kind at once, and waits for them. */
static int unmount_kind(struct unmounting *all, const struct own_mounts *mounts,
			enum own_mount_kind kind, struct unmount *unmounts, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < mounts->count; i++) {
		if (mounts->items[i].kind != kind)
			continue;
		unmounts[i] = (struct unmount){ .all = all, .mount = &mounts->items[i] };
		r = unmount(&unmounts[i], err);
	}
	while (r >= 0 && all->running > 0) {
		r = sd_event_run(all->loop, UINT64_MAX);
		if (r < 0)
			return error_errno(err, r, "cannot wait for systemctl");
	}
	return r < 0 ? r : 0;
}

static int unmount_kinds(struct unmounting *all, const struct own_mounts *mounts, struct error *err)
{
	cleanup(free_pointer) struct unmount *unmounts =
		calloc(mounts->count + 1, sizeof(*unmounts));
	int r;

	if (!unmounts)
		return error_set(err, -ENOMEM, "out of memory");
	r = processes_new(all->loop, /* lock= */ -1, &all->processes, err);
	for (enum own_mount_kind kind = OWN_MOUNT_CLIENT; r == 0 && kind <= OWN_MOUNT_MGT; kind++)
		r = unmount_kind(all, mounts, kind, unmounts, err);
	all->processes = processes_end(all->processes);
	return r;
}

int unmount_all(const struct own_mounts *mounts, uint64_t patience_usec, struct words *ret_failures,
		struct error *err)
{
	struct unmounting all = { .patience_usec = patience_usec, .failures = ret_failures };
	int r = sd_event_new(&all.loop);

	if (r < 0)
		return error_errno(err, r, "cannot make an event loop");
	r = unmount_kinds(&all, mounts, err);
	sd_event_unref(all.loop);
	if (r >= 0 && ret_failures->failed)
		r = error_set(err, -ENOMEM, "out of memory");
	return r;
}
