/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/hooks.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/event.h"
#include "base/text.h"
#include "report_watch.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define OUTPUT_MAX (16 * 1024)
#define NAMES_MAX  64  /* hooks of an event */
#define QUEUE_MAX  128 /* events that wait for the hooks of others */

/* One event and the hooks that are left of it. */
struct round {
	struct round *next;
	struct watch_event event;
	uint64_t limit_usec, until_usec;
	char *json;
	struct words environment;
	char directory[PATH_MAX];
	struct dirent **names;
	int count, at;
	hooks_done_fn done;
	void *userdata;
};

struct hooks {
	struct processes *processes;
	const char *directory;
	struct round *first; /* the one at work; others wait behind it */
	size_t length;
	sd_event_source *start; /* the next hook, from the loop */
	struct process *running;
};

static void free_names(struct round *round)
{
	for (int i = 0; i < round->count; i++)
		free(round->names[i]);
	free(round->names);
	round->names = NULL;
	round->count = 0;
}

static struct round *round_free(struct round *round)
{
	if (!round)
		return NULL;
	free_names(round);
	free(round->json);
	words_done(&round->environment);
	free(round);
	return NULL;
}

static void free_round(struct round **round)
{
	round_free(*round);
}

/* ---- what is a hook ---- */

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name), wanted = strlen(end);

	return length > wanted && strcmp(name + length - wanted, end) == 0;
}

/* What editors and package managers leave behind is none. */
static int is_name_of_hook(const struct dirent *entry)
{
	static const char *const left[] = { "~",         ".rpmnew",   ".rpmsave",
					    ".rpmorig",  ".dpkg-old", ".dpkg-dist",
					    ".dpkg-new", ".swp",      ".bak" };

	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		if (ends_with(entry->d_name, left[i]))
			return 0;
	return entry->d_name[0] != '.';
}

/* By bytes, whatever the locale. */
static int compare_names(const struct dirent **one, const struct dirent **other)
{
	return strcmp((*one)->d_name, (*other)->d_name);
}

/* Why this is not to be trusted; NULL where it is. */
static const char *find_flaw(const struct stat *status)
{
	if (status->st_uid != 0)
		return "it is not root's";
	if (status->st_mode & (S_IWGRP | S_IWOTH))
		return "others may write to it: chmod go-w";
	return NULL;
}

static const char *find_flaw_of_file(const struct stat *status)
{
	if (S_ISLNK(status->st_mode))
		return "it is a link: put the program itself there";
	if (!S_ISREG(status->st_mode))
		return "it is no file";
	if (!(status->st_mode & S_IXUSR))
		return "it is not executable: chmod u+x";
	return find_flaw(status);
}

/* The folder, and the one above it: who may write there may put anything in a hook's place. */
static bool is_folder_safe(const char *path)
{
	struct stat status;
	const char *flaw;

	if (lstat(path, &status) < 0) {
		if (errno != ENOENT)
			report_watch_line(SEVERITY_WARNING, "no hook is run: %s cannot be seen",
					  path);
		return false;
	}
	flaw = S_ISDIR(status.st_mode) ? find_flaw(&status) : "it is no folder";
	if (flaw)
		report_watch_line(SEVERITY_WARNING, "no hook is run from %s: %s", path, flaw);
	return !flaw;
}

static bool is_hook_safe(const char *path)
{
	struct stat status;
	const char *flaw;

	if (lstat(path, &status) < 0)
		return false;
	flaw = find_flaw_of_file(&status);
	if (flaw)
		report_watch_line(SEVERITY_WARNING, "%s is not run: %s", path, flaw);
	return !flaw;
}

static void list_hooks(struct hooks *hooks, struct round *round)
{
	if (text_format(round->directory, sizeof(round->directory), "%s/%s", hooks->directory,
			watch_event_name(round->event.kind)) < 0 ||
	    !is_folder_safe(hooks->directory) || !is_folder_safe(round->directory))
		return;
	round->count = scandir(round->directory, &round->names, is_name_of_hook, compare_names);
	if (round->count < 0) {
		report_watch_line(SEVERITY_WARNING, "no hook is run: %s cannot be read",
				  round->directory);
		round->count = 0;
	}
	if (round->count > NAMES_MAX)
		report_watch_line(SEVERITY_WARNING, "%s: only the first %d of %d hooks are run",
				  round->directory, NAMES_MAX, round->count);
}

/* ---- what it is told ---- */

static const char *change_word(const struct watch_event *event)
{
	return event->change == CHANGE_ENDED ? "ended" : "began";
}

static char *to_json(const struct watch_event *event)
{
	cleanup(json_decrefp) json_t *json =
		json_pack("{ss ss ss ss ss ss}", "event", watch_event_name(event->kind), "change",
			  change_word(event), "severity",
			  watch_severity_name(watch_event_severity(event->kind)), "subject",
			  event->subject, "target", event->target, "sentence", event->sentence);

	return json ? json_dumps(json, JSON_COMPACT) : NULL;
}

static int to_environment(const struct watch_event *event, struct words *ret)
{
	words_addf(ret, "LUSTRE_INIT_EVENT=%s", watch_event_name(event->kind));
	words_addf(ret, "LUSTRE_INIT_CHANGE=%s", change_word(event));
	words_addf(ret, "LUSTRE_INIT_SEVERITY=%s",
		   watch_severity_name(watch_event_severity(event->kind)));
	words_addf(ret, "LUSTRE_INIT_SUBJECT=%s", event->subject);
	words_addf(ret, "LUSTRE_INIT_TARGET=%s", event->target);
	return words_addf(ret, "LUSTRE_INIT_SENTENCE=%s", event->sentence);
}

/* ---- running ---- */

static void run_next(struct hooks *hooks);

/* From the loop, so that a folder of hooks that all fail at once is no recursion. */
static int on_start(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	run_next(userdata);
	return 0;
}

static void go_on(struct hooks *hooks)
{
	event_set_timer(hooks->start, 0);
	sd_event_source_set_enabled(hooks->start, SD_EVENT_ONESHOT);
}

static void on_hook_end(const struct process_result *result, void *userdata)
{
	struct hooks *hooks = userdata;
	struct round *round = hooks->first;
	char sentence[512];

	hooks->running = NULL;
	process_describe(round->names[round->at]->d_name, result, sentence, sizeof(sentence));
	if (result->end != PROCESS_EXITED || result->code != 0)
		report_watch_line(SEVERITY_WARNING, "hook of %s: %s",
				  watch_event_name(round->event.kind), sentence);
	round->at++;
	go_on(hooks);
}

static uint64_t time_of_hook(const struct round *round)
{
	uint64_t now = clock_now_usec();
	uint64_t left = now < round->until_usec ? round->until_usec - now : 0;

	return left < HOOK_USEC ? left : HOOK_USEC;
}

/* The file is there: what the kernel says of one that begins wrongly is said of it all the same. */
static void tell_not_started(const struct round *round, const char *path, int r,
			     const struct error *why)
{
	const char *flaw = NULL;

	if (r == -ENOENT)
		flaw = "the program that its first line names is not there; where its lines end "
		       "with CR LF, that is by the CR";
	else if (r == -ENOEXEC)
		flaw = "it is no program, and its first line names none, as #!/bin/sh does";
	if (flaw)
		report_watch_line(SEVERITY_WARNING, "%s is not run: %s", path, flaw);
	else
		report_watch_line(SEVERITY_WARNING, "hook of %s: %s",
				  watch_event_name(round->event.kind), why->text);
}

static bool start_hook(struct hooks *hooks, struct round *round, const char *path)
{
	const char *const argv[] = { path, NULL };
	const struct process_call call = {
		.argv = argv,
		.timeout_usec = time_of_hook(round),
		.input = round->json,
		.environment = &round->environment,
		.output_max = OUTPUT_MAX,
		.ends_group = true,
		.done = on_hook_end,
		.userdata = hooks,
	};
	struct error err;
	int r;

	if (call.timeout_usec == 0) {
		report_watch_line(SEVERITY_WARNING,
				  "%s is not run: the hooks before it took all "
				  "the time that there is",
				  path);
		return false;
	}
	r = process_start(hooks->processes, &call, &hooks->running, &err);
	if (r < 0)
		tell_not_started(round, path, r, &err);
	return r == 0;
}

/* Goes through the hooks of the first round until one runs. False: all have had their turn. */
static bool run_round(struct hooks *hooks, struct round *round)
{
	for (; round->at < round->count && round->at < NAMES_MAX; round->at++) {
		char path[PATH_MAX];

		if (text_format(path, sizeof(path), "%s/%s", round->directory,
				round->names[round->at]->d_name) == 0 &&
		    is_hook_safe(path) && start_hook(hooks, round, path))
			return true;
	}
	return false;
}

static void end_round(struct hooks *hooks, struct round *round)
{
	hooks->first = round->next;
	hooks->length--;
	if (hooks->first)
		go_on(hooks);
	if (round->done)
		round->done(round->userdata);
	round_free(round);
}

static void run_next(struct hooks *hooks)
{
	struct round *round = hooks->first;

	if (!round || hooks->running)
		return;
	if (round->until_usec == 0) {
		round->until_usec = clock_now_usec() + round->limit_usec;
		list_hooks(hooks, round);
	}
	if (!run_round(hooks, round))
		end_round(hooks, round);
}

/* Where an urgent one goes: behind the one at work, which is cut short. Nobody waits for others any
 * more. */
static struct round **make_way(struct hooks *hooks)
{
	struct round *first = hooks->first;

	for (struct round *other = first; other; other = other->next)
		other->done = NULL;
	if (!first || !hooks->running)
		return &hooks->first;
	first->until_usec = clock_now_usec();
	process_cancel(hooks->running);
	return &first->next;
}

static void put(struct hooks *hooks, struct round *round, bool is_urgent)
{
	struct round **at = is_urgent ? make_way(hooks) : &hooks->first;

	while (*at && !is_urgent)
		at = &(*at)->next;
	round->next = *at;
	*at = round;
	hooks->length++;
	go_on(hooks);
}

static struct round *new_round(const struct watch_event *event, uint64_t limit_usec)
{
	cleanup(free_round) struct round *round = calloc(1, sizeof(*round));

	if (!round)
		return NULL;
	round->event = *event;
	round->limit_usec = limit_usec;
	round->json = to_json(event);
	if (!round->json || to_environment(event, &round->environment) < 0)
		return NULL;
	return take_pointer(round);
}

void hooks_run(struct hooks *hooks, const struct watch_event *event)
{
	struct round *round = hooks->length < QUEUE_MAX ? new_round(event, HOOKS_USEC) : NULL;

	if (round)
		put(hooks, round, /* is_urgent= */ false);
	else
		report_watch_line(SEVERITY_WARNING, "no hook of %s is run: %s",
				  watch_event_name(event->kind),
				  hooks->length < QUEUE_MAX ? "out of memory"
							    : "too many events wait for theirs");
}

void hooks_run_urgently(struct hooks *hooks, const struct watch_event *event, uint64_t limit_usec,
			hooks_done_fn done, void *userdata)
{
	struct round *round = new_round(event, limit_usec);

	if (!round) {
		report_watch_line(SEVERITY_WARNING, "no hook of %s is run: out of memory",
				  watch_event_name(event->kind));
		done(userdata);
		return;
	}
	round->done = done;
	round->userdata = userdata;
	put(hooks, round, /* is_urgent= */ true);
}

int hooks_new(struct processes *processes, const char *directory, struct hooks **ret,
	      struct error *err)
{
	struct hooks *hooks = calloc(1, sizeof(*hooks));
	int r;

	if (!hooks)
		return error_set(err, -ENOMEM, "out of memory");
	hooks->processes = processes;
	hooks->directory = directory;
	r = event_add_timer(processes_loop(processes), &hooks->start, 0, on_start, hooks);
	if (r < 0) {
		free(hooks);
		return error_errno(err, r, "cannot wait for hooks");
	}
	*ret = hooks;
	return 0;
}

struct hooks *hooks_free(struct hooks *hooks)
{
	if (!hooks)
		return NULL;
	event_source_end(hooks->start);
	while (hooks->first) {
		struct round *round = hooks->first;

		hooks->first = round->next;
		round_free(round);
	}
	free(hooks);
	return NULL;
}
