/* SPDX-License-Identifier: Apache-2.0 */
#include "report_watch.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "report.h"
#include "report_journal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

static const enum report_level levels[SEVERITY_MAX] = {
	[SEVERITY_NOTICE] = REPORT_INFO,
	[SEVERITY_WARNING] = REPORT_WARNING,
	[SEVERITY_ERROR] = REPORT_ERROR,
};

static const struct report loud = { 0 };

/* Old news that stay where the new do not go would be taken for the truth. */
static void tell_lost(struct report_watch *report, const struct error *why)
{
	unlink(report->path);
	if (!report->is_lost)
		report_line(&loud, REPORT_WARNING,
			    "%s; lustre-init status cannot tell what the watch sees, systemctl "
			    "status lustre-watch can",
			    why->text);
	report->is_lost = true;
}

static void write_file(struct report_watch *report)
{
	cleanup(json_decrefp) json_t *json = watch_to_json(report->watch);
	cleanup(free_pointer) char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	struct error err;

	if (!text)
		error_set(&err, -ENOMEM, "out of memory: %s was not written", report->path);
	if (!text || file_replace(report->path, text, strlen(text), 0644, &err) < 0)
		tell_lost(report, &err);
	else
		report->is_lost = false;
}

void report_watch_state(struct report_watch *report)
{
	report_tell_systemd(report->watch->sentence);
	if (report->path)
		write_file(report);
}

void report_watch_event(const struct watch_event *event)
{
	const char *name = watch_event_name(event->kind);

	if (report_speaks_to_journal())
		report_journal_send_watch(event);
	else
		report_line(&loud, levels[watch_event_severity(event->kind)], "%s%s: %s", name,
			    event->change == CHANGE_ENDED ? ", over" : "", event->sentence);
}

void report_watch_line(enum watch_severity severity, const char *format, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	text_vsentence(text, sizeof(text), format, args);
	va_end(args);
	report_line(&loud, levels[severity], "%s", text);
}

void report_print_watch(const struct watch *watch)
{
	char text[512];

	printf("  watch     %s\n", watch->sentence);
	for (size_t i = 0; i < watch->notices.count; i++) {
		notice_describe(&watch->notices.items[i], text, sizeof(text));
		printf("  notice    %s\n", text);
	}
	if (watch->notices.left_out > 0)
		printf("  notice    and %zu more\n", watch->notices.left_out);
	if (watch->metadata_trouble[0] != '\0')
		printf("  metadata  not all is heard: %s; see lustre-init doctor\n",
		       watch->metadata_trouble);
	if (watch->changed_tags.count > 0) {
		words_list(&watch->changed_tags, text, sizeof(text));
		printf("  tags      not what was applied: %s\n", text);
	}
	if (watch->degraded.count > 0) {
		words_list(&watch->degraded, text, sizeof(text));
		printf("  degraded  by the watch: %s\n", text);
	}
	for (size_t i = 0; i < watch->events.count; i++)
		if (watch->events.items[i].told)
			printf("  %-9s %s\n", watch_event_name(watch->events.items[i].kind),
			       watch->events.items[i].sentence);
}

void report_watch_ready(void)
{
	sd_notify(/* unset_environment= */ 0, "READY=1");
}
