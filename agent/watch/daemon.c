/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/daemon.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "model/watch.h"
#include "report_watch.h"

#include <errno.h>
#include <string.h>
#include <systemd/sd-event.h>

#define WATCH_JSON_MAX (1024 * 1024)
#define BOOT_ID_PATH   "/proc/sys/kernel/random/boot_id"

struct daemon {
	const struct watch_options *options;
	sd_event *loop;
	struct watch *watch;
	struct report_watch report;
};

static void done(struct daemon *daemon)
{
	if (daemon->watch)
		watch_done(daemon->watch);
	free(daemon->watch);
	sd_event_unref(daemon->loop);
}

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

static int prepare(struct daemon *daemon, struct error *err)
{
	int r = sd_event_new(&daemon->loop);

	if (r >= 0)
		r = sd_event_set_watchdog(daemon->loop, true);
	if (r < 0)
		return error_errno(err, r, "cannot make an event loop");
	daemon->watch = calloc(1, sizeof(*daemon->watch));
	if (!daemon->watch)
		return error_set(err, -ENOMEM, "out of memory");
	daemon->report = (struct report_watch){ .watch = daemon->watch, .path = REPORT_WATCH_PATH };
	remember(daemon->watch);
	return 0;
}

int watch_run(const struct watch_options *options, struct error *err)
{
	cleanup(done) struct daemon daemon = { .options = options };
	int r = prepare(&daemon, err);

	if (r < 0)
		return r;
	text_sentence(daemon.watch->sentence, sizeof(daemon.watch->sentence), "watching");
	report_watch_state(&daemon.report);
	report_watch_ready();
	r = sd_event_loop(daemon.loop);
	return error_errno(err, r < 0 ? r : -EIO, "the watch has ended");
}
