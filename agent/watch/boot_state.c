/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/boot_state.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#define FILE_SIZE_MAX \
	(16 * 1024 * 1024) /* of boot.json, with an outcome for each of many actions */

static void set_status(struct boot_state *boot, struct status *status)
{
	if (boot->status)
		status_done(boot->status);
	free(boot->status);
	boot->status = status;
}

static void drop(struct boot_state *boot)
{
	set_status(boot, NULL);
	applied_done(&boot->applied);
	boot->is_settled = false;
}

void boot_state_done(struct boot_state *boot)
{
	drop(boot);
	*boot = (struct boot_state){ 0 };
}

/*
 * Zero for a file that is not there. Each is replaced whole, so a new one has another number, and
 * mostly another time: the kernel counts that by its tick.
 */
static struct boot_state_file find_file(const char *path)
{
	struct stat file;

	if (stat(path, &file) < 0)
		return (struct boot_state_file){ 0 };
	return (struct boot_state_file){ file.st_ino, file.st_mtim };
}

static bool is_same_file(const struct boot_state_file *a, const struct boot_state_file *b)
{
	return a->number == b->number && a->written.tv_sec == b->written.tv_sec &&
	       a->written.tv_nsec == b->written.tv_nsec;
}

/* NULL in *ret, and 0, where there is none. */
static int read_json(const char *path, json_t **ret, struct error *err)
{
	cleanup(free_pointer) char *text = NULL;
	json_error_t where;
	int r = file_read("", path, FILE_SIZE_MAX, &text, /* ret_size= */ NULL, err);

	*ret = NULL;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	*ret = json_loads(text, JSON_REJECT_DUPLICATES, &where);
	if (!*ret)
		return error_set(err, -EINVAL, "%s:%d: %s", path, where.line, where.text);
	return 0;
}

/* An apply at work has yet to say what stands; until then what the last one left does. */
static int take(const struct boot_state_paths *paths, const json_t *boot_json,
		const json_t *state_json, struct boot_state *boot, struct error *err)
{
	cleanup(free_pointer) struct state *state = calloc(1, sizeof(*state));
	struct status *status = calloc(1, sizeof(*status));
	struct applied applied = { 0 };
	int r;

	if (!state || !status) {
		free(status);
		return error_set(err, -ENOMEM, "out of memory");
	}
	r = state_json ? state_from_json(state_json, state, err) : 0;
	if (r < 0) {
		free(status);
		return error_prefix(err, "%s", paths->state);
	}
	r = status_from_json(boot_json, status, err);
	if (r < 0) {
		free(status);
		return error_prefix(err, "%s", paths->boot);
	}
	set_status(boot, status);
	if (status->verdict == VERDICT_WORKING)
		return 0;
	r = applied_from(status, state, &applied, err);
	if (r < 0)
		return r;
	applied_done(&boot->applied);
	boot->applied = applied;
	boot->is_settled = true;
	return 0;
}

int boot_state_refresh(const struct boot_state_paths *paths, struct boot_state *boot,
		       struct error *err)
{
	const struct boot_state_file boot_file = find_file(paths->boot);
	const struct boot_state_file state_file = find_file(paths->state);
	cleanup(json_decrefp) json_t *boot_json = NULL;
	cleanup(json_decrefp) json_t *state_json = NULL;
	int r;

	if (is_same_file(&boot_file, &boot->boot_file) &&
	    is_same_file(&state_file, &boot->state_file))
		return 0;
	boot->boot_file = boot_file;
	boot->state_file = state_file;
	r = read_json(paths->boot, &boot_json, err);
	if (r == 0)
		r = read_json(paths->state, &state_json, err);
	if (r == 0 && !boot_json)
		drop(boot);
	else if (r == 0)
		r = take(paths, boot_json, state_json, boot, err);
	if (r < 0)
		error_prefix(err, "what apply left is not understood");
	text_set(boot->trouble, sizeof(boot->trouble), "%s", r < 0 ? err->text : "");
	return r < 0 ? r : 1;
}
