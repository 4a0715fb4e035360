/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/daemon.h"

#include "base/cleanup.h"
#include "base/event.h"
#include "base/file.h"
#include "base/process.h"
#include "base/resident.h"
#include "base/text.h"
#include "model/watch.h"
#include "report_watch.h"
#include "watch/hearing.h"
#include "watch/hooks.h"
#include "watch/leave.h"
#include "watch/looking.h"
#include "watch/metrics.h"
#include "watch/reboot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <systemd/sd-event.h>

#define REST_FIRST_USEC (10 * 1000000ULL)
#define REST_AGAIN_USEC (600 * 1000000ULL)
#define REBOOT_USEC     (1 * 1000000ULL)
#define WATCH_JSON_MAX  (1024 * 1024)
#define BOOT_ID_PATH    "/proc/sys/kernel/random/boot_id"

struct daemon {
	int lock; /* that this is the only one, and that there is one */
	sd_event *loop;
	struct processes *processes;
	struct watch *watch;
	struct report_watch report;
	struct hooks *hooks;
	struct leave *leave;
	struct hearing *hearing;
	struct looking *looking;
	sd_event_source *reboot;
	sd_event_source *rest; /* gives back what the start took */
};

static void done(struct daemon *daemon)
{
	event_source_end(daemon->rest);
	event_source_end(daemon->reboot);
	hearing_end(daemon->hearing);
	daemon->looking = looking_end(daemon->looking);
	processes_end(daemon->processes);
	leave_free(daemon->leave);
	hooks_free(daemon->hooks);
	if (daemon->watch)
		watch_done(daemon->watch);
	free(daemon->watch);
	sd_event_unref(daemon->loop);
	close_fd(&daemon->lock);
}

/* ---- telling ---- */

/* The first of those that weigh most; NULL for none. */
static const struct watch_event *find_worst(const struct watch_events *events, size_t *ret_number)
{
	const struct watch_event *worst = NULL;

	*ret_number = 0;
	for (size_t i = 0; i < events->count; i++) {
		const struct watch_event *event = &events->items[i];

		if (!watch_event_is_open(event))
			continue;
		if (!worst || watch_event_severity(event->kind) > watch_event_severity(worst->kind))
			worst = event;
		++*ret_number;
	}
	return worst;
}

static void describe_amiss(const struct watch_event *worst, size_t number, char *text, size_t size)
{
	if (number == 1)
		text_sentence(text, size, "%s", worst->sentence);
	else
		text_sentence(text, size, "%zu things are amiss, the first: %s", number,
			      worst->sentence);
}

static void describe_quiet(const struct watch *watch, const char *trouble, char *text, size_t size)
{
	if (trouble[0] != '\0')
		text_sentence(text, size, "blind: %s", trouble);
	else if (watch->metadata_trouble[0] != '\0')
		text_sentence(text, size, "%s", watch->metadata_trouble);
	else if (watch->changed_tags.count > 0)
		text_sentence(text, size, "tags are not what was applied: see lustre-init status");
	else
		text_sentence(text, size, "watching; nothing is amiss");
}

/* Files that are out of reach weigh more than what is to come, and that nothing is seen more than
 * a recommendation. */
static bool is_notice_first(const struct watch *watch, const struct watch_event *worst,
			    const char *trouble)
{
	if (watch->notices.count == 0 ||
	    (worst && watch_event_severity(worst->kind) == SEVERITY_ERROR))
		return false;
	return trouble[0] == '\0' || notice_is_end(&watch->notices.items[0]);
}

/* The one line of `systemctl status`; while targets are taken out of service, leave.c says it. */
static void describe(struct watch *watch, const char *trouble)
{
	char text[sizeof(watch->sentence)];
	const struct watch_event *worst;
	size_t number;

	if (watch->leaving != LEAVING_NOT)
		return;
	worst = find_worst(&watch->events, &number);
	if (is_notice_first(watch, worst, trouble))
		notice_describe(&watch->notices.items[0], text, sizeof(text));
	else if (worst)
		describe_amiss(worst, number, text, sizeof(text));
	else
		describe_quiet(watch, trouble, text, sizeof(text));
	memcpy(watch->sentence, text, sizeof(text));
}

static void tell_state(void *userdata)
{
	struct daemon *daemon = userdata;

	describe(daemon->watch, daemon->looking ? looking_trouble(daemon->looking) : "");
	report_watch_state(&daemon->report);
}

/* By what EC2 says: no look is waited for. */
static void on_changed(void *userdata)
{
	struct daemon *daemon = userdata;

	tell_state(daemon);
	if (daemon->looking)
		looking_write_metrics(daemon->looking);
}

/* The hooks of what takes the targets out of service have their place there. */
static void tell_event(struct daemon *daemon, const struct watch_event *event, bool with_hooks)
{
	report_watch_event(event);
	if (with_hooks)
		hooks_run(daemon->hooks, event);
}

/* ---- looks ---- */

/* What was told has reached the journal by then. */
static int on_reboot(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct error err;

	(void)source;
	(void)usec;
	(void)userdata;
	if (reboot_hard(&err) < 0)
		report_watch_line(SEVERITY_ERROR,
				  "%s; restart it at once, without a sync: echo b "
				  ">/proc/sysrq-trigger",
				  err.text);
	return 0;
}

/* No hook runs: whatever it does would flush. */
static void begin_reboot(struct daemon *daemon, const struct watch_event *event)
{
	tell_event(daemon, event, /* with_hooks= */ false);
	report_watch_line(SEVERITY_ERROR, "the machine is restarted at once: %s", event->sentence);
	if (event_add_timer(daemon->loop, &daemon->reboot, REBOOT_USEC, on_reboot, daemon) < 0)
		on_reboot(NULL, 0, daemon);
}

/*
 * While targets are taken out of service, that they are gone, or marked by the watch itself, is no
 * news. It begins anew with each look as long as that lasts, and so is told when the instance
 * stays, if it is still so.
 */
static bool is_no_news(const struct watch *watch, const struct watch_event *event)
{
	if (watch->leaving == LEAVING_NOT || event->change != CHANGE_BEGAN)
		return false;
	return event->kind == EVENT_TARGET_GONE ||
	       (event->kind == EVENT_TARGET_DEGRADED &&
		words_contain(&watch->degraded, event->subject));
}

static void tell_found(struct daemon *daemon, struct watch_event *event)
{
	if (event->kind == EVENT_WOKEN_OVER_BLANK_DISKS && event->change == CHANGE_BEGAN) {
		begin_reboot(daemon, event);
	} else if (is_no_news(daemon->watch, event)) {
		event->told = false;
		event->change = CHANGE_NONE;
	} else {
		tell_event(daemon, event, /* with_hooks= */ true);
	}
}

/* watch.json is written when something changes, which may be in days: it tells what is amiss. */
static void forget_over(struct watch_events *events)
{
	size_t kept = 0;

	for (size_t i = 0; i < events->count; i++)
		if (events->items[i].change != CHANGE_ENDED)
			events->items[kept++] = events->items[i];
	events->count = kept;
}

static void on_looked(void *userdata)
{
	struct daemon *daemon = userdata;
	struct watch_events *events = &daemon->watch->events;

	for (size_t i = 0; i < events->count; i++)
		if (events->items[i].kind <= EVENT_HEALTH_LAST &&
		    events->items[i].change != CHANGE_NONE)
			tell_found(daemon, &events->items[i]);
	forget_over(events);
	tell_state(daemon);
}

static void on_look_failed(const struct error *why, void *userdata)
{
	report_watch_line(SEVERITY_WARNING, "%s", why->text);
	tell_state(userdata);
}

/* ---- memory ---- */

/*
 * Behind the first round of questions, and from time to time: what an event, a hook or a change of
 * the libraries' files brought in is not needed all day.
 */
static int on_rest(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)usec;
	(void)userdata;
	resident_give_back();
	event_set_timer(source, REST_AGAIN_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* ---- what EC2 says ---- */

static const struct status *find_status(void *userdata)
{
	const struct daemon *daemon = userdata;

	return looking_status(daemon->looking);
}

static void on_heard(const struct watch_event *event, bool with_hooks, void *userdata)
{
	tell_event(userdata, event, with_hooks);
}

static void on_passed_over(const struct watch_event *event, void *userdata)
{
	const struct daemon *daemon = userdata;

	hooks_run(daemon->hooks, event);
}

/* ---- the beginning ---- */

/* What an earlier daemon of this boot knew. Of one that cannot be read nothing is known. */
static void remember(struct watch *watch)
{
	cleanup(free_pointer) char *text = NULL;
	cleanup(json_decrefp) json_t *json = NULL;
	char boot_id[sizeof(watch->boot_id)] = "";

	file_read_line("", BOOT_ID_PATH, boot_id, sizeof(boot_id));
	if (file_read("", REPORT_WATCH_PATH, WATCH_JSON_MAX, &text, NULL, NULL) == 0)
		json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (json && watch_from_json(json, watch, NULL) == 0 && strcmp(watch->boot_id, boot_id) == 0)
		return;
	watch_done(watch);
	text_set(watch->boot_id, sizeof(watch->boot_id), "%s", boot_id);
}

static int prepare_loop(struct daemon *daemon, struct error *err)
{
	int r = sd_event_new(&daemon->loop);

	if (r >= 0)
		r = sd_event_set_watchdog(daemon->loop, true);
	if (r >= 0)
		r = event_add_timer(daemon->loop, &daemon->rest, REST_FIRST_USEC, on_rest, daemon);
	if (r < 0)
		return error_errno(err, r, "cannot make an event loop");
	return processes_new(daemon->loop, /* lock= */ -1, &daemon->processes, err);
}

static int prepare_deeds(struct daemon *daemon, struct error *err)
{
	struct leave_options leave;
	int r = hooks_new(daemon->processes, HOOKS_PATH, &daemon->hooks, err);

	leave = (struct leave_options){
		.root = "",
		.processes = daemon->processes,
		.hooks = daemon->hooks,
		.watch = daemon->watch,
		.changed = on_changed,
		.userdata = daemon,
	};
	return r < 0 ? r : leave_new(&leave, &daemon->leave, err);
}

/* Off EC2 there is nobody to give notice. */
static int prepare_hearing(struct daemon *daemon, const struct watch_options *options,
			   struct error *err)
{
	const struct hearing_options hearing = {
		.loop = daemon->loop,
		.endpoint = options->endpoint,
		.watch = daemon->watch,
		.leave = daemon->leave,
		.status = find_status,
		.tell = on_heard,
		.run_hooks = on_passed_over,
		.changed = on_changed,
		.userdata = daemon,
	};
	int r = hearing_start(&hearing, &daemon->hearing, err);

	if (r != -ENODEV)
		return r;
	report_watch_line(SEVERITY_NOTICE, "%s", err->text);
	return 0;
}

static int prepare_looking(struct daemon *daemon, const struct watch_options *options,
			   struct error *err)
{
	const struct looking_options looking = {
		.processes = daemon->processes,
		.paths = options->boot,
		.every_usec = LOOKING_EVERY_USEC,
		.metrics = METRICS_PATH,
		.watch = daemon->watch,
		.changed = on_looked,
		.failed = on_look_failed,
		.userdata = daemon,
	};

	return looking_start(&looking, &daemon->looking, err);
}

/* Two would tell, and run, everything twice. It is kept as long as this process lives. */
static int take_lock(struct daemon *daemon, struct error *err)
{
	int r = file_make_directory("/run/lustre-init", err);

	if (r < 0)
		return r;
	daemon->lock =
		open(REPORT_WATCH_LOCK_PATH, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (daemon->lock < 0)
		return error_errno(err, -errno, "cannot open %s", REPORT_WATCH_LOCK_PATH);
	if (flock(daemon->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return error_errno(err, -errno, "cannot lock %s", REPORT_WATCH_LOCK_PATH);
	return error_set(err, -EBUSY,
			 "another lustre-init watch is at work; see systemctl status lustre-watch");
}

static int prepare(struct daemon *daemon, const struct watch_options *options, struct error *err)
{
	int r = take_lock(daemon, err);

	if (r == 0)
		r = prepare_loop(daemon, err);
	if (r < 0)
		return r;
	daemon->watch = calloc(1, sizeof(*daemon->watch));
	if (!daemon->watch)
		return error_set(err, -ENOMEM, "out of memory");
	daemon->report = (struct report_watch){ .watch = daemon->watch, .path = REPORT_WATCH_PATH };
	remember(daemon->watch);
	r = prepare_deeds(daemon, err);
	if (r == 0)
		r = prepare_looking(daemon, options, err);
	return r < 0 ? r : prepare_hearing(daemon, options, err);
}

int watch_run(const struct watch_options *options, struct error *err)
{
	cleanup(done) struct daemon daemon = { .lock = -1 };
	int r = prepare(&daemon, options, err);

	if (r < 0)
		return r;
	tell_state(&daemon);
	report_watch_ready();
	r = sd_event_loop(daemon.loop);
	return error_errno(err, r < 0 ? r : -EIO, "the watch has ended");
}
