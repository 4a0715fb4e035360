/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "report_journal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define LINE_MAX_SIZE 4096

/* $JOURNAL_STREAM is inherited by children whose output goes elsewhere: it names the stream that
 * counts. */
bool report_speaks_to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat status;
	char own[48];

	if (!stream || fstat(STDERR_FILENO, &status) < 0)
		return false;
	snprintf(own, sizeof(own), "%llu:%llu", (unsigned long long)status.st_dev,
		 (unsigned long long)status.st_ino);
	return strcmp(stream, own) == 0;
}

/*
 * Under systemd each line gets its priority as sd-daemon(3) has it, so that errors are red in the
 * journal; on a terminal it would be noise.
 */
void report_line(const struct report *report, enum report_level level, const char *format, ...)
{
	static const char *const priorities[] = {
		[REPORT_ERROR] = SD_ERR,
		[REPORT_WARNING] = SD_WARNING,
		[REPORT_INFO] = SD_INFO,
	};
	const char *priority = report_speaks_to_journal() ? priorities[level] : "";
	char text[LINE_MAX_SIZE];
	va_list args;

	if (report->quiet)
		return;
	va_start(args, format);
	text_vsentence(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "%s%s\n", priority, text);
}

/*
 * systemd 246 and later reads what it is told as words in which a backslash quotes the next
 * character, and takes it away (strv_split_newlines()): each is doubled. Earlier ones show both.
 */
void report_tell_systemd(const char *sentence)
{
	char text[2 * ERROR_TEXT_MAX + 1];
	size_t used = 0;

	for (; *sentence && used + 2 < sizeof(text); sentence++) {
		if (*sentence == '\\')
			text[used++] = '\\';
		text[used++] = *sentence;
	}
	text[used] = '\0';
	sd_notifyf(/* unset_environment= */ 0, "STATUS=%s", text);
}

/*
 * An old report that stays where the new one does not go would be taken for the truth. Without it
 * there may be room.
 */
static int replace_boot(const char *path, const char *text, struct error *err)
{
	int r = file_replace(path, text, strlen(text), 0644, err);

	if (r == 0)
		return 0;
	unlink(path);
	return file_replace(path, text, strlen(text), 0644, err);
}

/* Once, not at each step. */
static void tell_lost(struct report *report, const struct error *why)
{
	if (!report->boot_is_lost)
		report_line(report, REPORT_WARNING,
			    "%s; lustre-init status cannot tell how this boot goes, systemctl "
			    "status lustre-init can",
			    why->text);
	report->boot_is_lost = true;
}

/* boot.json is a courtesy to `status`: a full /run must not fail the boot. */
static void write_boot(struct report *report)
{
	cleanup(json_decrefp) json_t *json =
		report->boot_path ? status_to_json(report->status) : NULL;
	cleanup(free_pointer) char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	struct error err = { .text = "" };

	report->boot_is_behind = false;
	if (!report->boot_path)
		return;
	if (!text)
		error_set(&err, -ENOMEM, "out of memory: %s was not written", report->boot_path);
	if (!text || replace_boot(report->boot_path, text, &err) < 0)
		tell_lost(report, &err);
	else
		report->boot_is_lost = false;
}

void report_step_begun(struct report *report, const char *sentence)
{
	struct status *status = report->status;
	char text[sizeof(status->sentence)];

	text_sentence(text, sizeof(text), "%s", sentence);
	if (strcmp(status->sentence, text) == 0)
		return;
	memcpy(status->sentence, text, sizeof(text));
	report_tell_systemd(text);
	report->boot_is_behind = true;
}

void report_catch_up(struct report *report)
{
	if (report->boot_is_behind)
		write_boot(report);
}

void report_step(struct report *report, const char *sentence)
{
	report_step_begun(report, sentence);
	report_catch_up(report);
}

void report_outcome(struct report *report, const struct outcome *outcome)
{
	double seconds = (double)(outcome->ended_usec - outcome->started_usec) / 1e6;
	char again[32] = "";

	if (outcome->retries > 0)
		snprintf(again, sizeof(again), ", try %u", outcome->retries + 1);
	switch (outcome->kind) {
	case OUTCOME_DONE:
		report_line(report, outcome->text[0] ? REPORT_WARNING : REPORT_INFO,
			    "%s: done in %.1f s%s%s%s", outcome->what, seconds, again,
			    outcome->text[0] ? ": " : "", outcome->text);
		break;
	case OUTCOME_FAILED:
		report_line(report, REPORT_ERROR, "%s: failed after %.1f s%s: %s", outcome->what,
			    seconds, again, outcome->text);
		break;
	case OUTCOME_REFUSED:
		report_line(report, REPORT_ERROR, "%s: refused: %s", outcome->what, outcome->text);
		break;
	case OUTCOME_SKIPPED: /* what it needed has said why */
		break;
	case OUTCOME_KIND_MAX:
		break;
	}
}

static bool has_journal(const struct report *report)
{
	return !report->quiet && report_speaks_to_journal();
}

/* Beside the line, which goes to the console as well and can have no id. */
static void send_event(const struct report *report, enum journal_event event, const char *sentence)
{
	if (event != JOURNAL_EVENT_MAX && has_journal(report))
		report_journal_send(event, sentence, report->status);
}

static void send_wait(struct report *report, enum wait wait, const char *sentence)
{
	report->waits = wait;
	send_event(report, report_journal_wait(wait), sentence);
}

void report_waiting(struct report *report, const char *sentence)
{
	report_line(report, REPORT_INFO, "waiting %s", sentence);
	send_wait(report, WAIT_DEVICE, sentence);
}

/* A sentence that counts seconds is one wait. */
void report_wait(struct report *report, enum wait wait, const char *sentence)
{
	report_step(report, sentence);
	if (report->waits != wait)
		send_wait(report, wait, sentence);
}

void report_note(struct report *report, enum wait wait, const char *sentence)
{
	report_line(report, REPORT_WARNING, "%s", sentence);
	if (wait != WAIT_NONE)
		send_wait(report, wait, sentence);
}

static void list_problems(const struct report *report)
{
	const struct problems *problems = &report->status->problems;
	char text[PROBLEM_TEXT_MAX];

	for (size_t i = 0; i < problems->count; i++) {
		problem_format(&problems->items[i], text, sizeof(text));
		report_line(report, REPORT_ERROR, "%s", text);
	}
	if (problems->left_out > 0)
		report_line(report, REPORT_ERROR, "… and %zu more problems", problems->left_out);
}

static void list_refusals(const struct report *report)
{
	for (size_t i = 0; i < report->status->refusal_count; i++) {
		const struct refusal *refusal = &report->status->refusals[i];

		report_line(report, REPORT_ERROR, "%s%srefused (%s): %s. %s", refusal->target,
			    refusal->target[0] ? " " : "", refusal_code_name(refusal->code),
			    refusal->text, refusal->fix);
		if (has_journal(report))
			report_journal_send_refusal(refusal, report->status);
	}
}

void report_verdict(struct report *report)
{
	struct status *status = report->status;
	char text[sizeof(status->sentence)];

	/* Before it is told, which a journal may hold up: who reads that asks for the status. */
	write_boot(report);
	list_problems(report);
	list_refusals(report);
	report_line(report,
		    status->verdict == VERDICT_READY || status->verdict == VERDICT_NOT_OURS
			    ? REPORT_INFO
			    : REPORT_ERROR,
		    "%s", status->sentence);
	send_event(report, report_journal_event(status->verdict), status->sentence);
	text_sentence(text, sizeof(text), "%s%s", status->sentence,
		      report->boot_is_lost ? " (boot.json could not be written: see the journal)"
					   : "");
	report_tell_systemd(text);
}

static void print_targets(const struct plan *plan)
{
	for (size_t i = 0; i < plan->target_count; i++) {
		const struct plan_target *target = &plan->targets[i];

		printf("%-18s %s on %s%s\n", target->name, target->mount_point,
		       target->device[0] ? target->device : "no volume",
		       target->in_service ? ", in service" : "");
	}
	if (plan->client.wanted)
		printf("%-18s %s on %s%s\n", "client", plan->client.source,
		       plan->client.mount_point, plan->client.mounted ? ", mounted" : "");
}

static void print_network(const struct plan *plan)
{
	char text[PLAN_NET_TEXT_MAX];

	for (size_t i = 0; i < plan->net_count; i++) {
		plan_net_describe(&plan->nets[i], text, sizeof(text));
		printf("%-18s %s\n", "network", text);
	}
	for (size_t i = 0; i < plan->tuning.count; i++)
		printf("%-18s %s\n", "tuning", plan->tuning.items[i]);
	for (size_t i = 0; i < plan->notes.count; i++)
		printf("%-18s %s\n", "note", plan->notes.items[i]);
	for (size_t i = 0; i < plan->forgets.count; i++)
		printf("%-18s %s, for room in state.json\n", "forget", plan->forgets.items[i]);
}

/* What mkfs.lustre is told for speed (effect/lustre.c), and why that is right here. */
static void print_formats(const struct plan *plan)
{
	for (size_t i = 0; i < plan->action_count; i++) {
		const struct plan_target *target;

		if (plan->actions[i].kind != ACTION_FORMAT)
			continue;
		target = &plan->targets[plan->actions[i].target];
		printf("%-18s %s: nothing is discarded, as EC2 hands disks over trimmed; inode "
		       "tables are %s%s\n",
		       "format", target->name,
		       target->zeroed ? "left to the kernel, as these disks read as zeros"
				      : "zeroed, as something was on these disks before",
		       target->mkfs_options.count > 0 ? "; mkfs-options come first" : "");
	}
}

void report_print_plan(const struct plan *plan)
{
	char text[256];

	print_targets(plan);
	print_formats(plan);
	print_network(plan);
	for (size_t i = 0; i < plan->group_count; i++)
		for (size_t d = 0; d < plan->groups[i].disk_count; d++)
			printf("%-18s disk %s, serial %s, %.1f GB\n", plan->groups[i].name,
			       plan->groups[i].disks[d].path, plan->groups[i].disks[d].serial,
			       (double)plan->groups[i].disks[d].size / 1e9);
	for (size_t i = 0; i < plan->action_count; i++) {
		action_describe(plan, &plan->actions[i], text, sizeof(text));
		printf("%4zu  %s", i, text);
		for (unsigned n = 0; n < plan->actions[i].need_count; n++)
			printf("%s%u", n == 0 ? "  (after " : ", ", plan->actions[i].needs[n]);
		printf("%s\n", plan->actions[i].need_count > 0 ? ")" : "");
	}
	for (size_t i = 0; i < plan->refusal_count; i++)
		printf("refused  %s%s%s: %s. %s\n", plan->refusals[i].target,
		       plan->refusals[i].target[0] ? ", " : "",
		       refusal_code_name(plan->refusals[i].code), plan->refusals[i].text,
		       plan->refusals[i].fix);
	if (plan->observe_again)
		puts("The rest is decided after another look.");
	else if (plan->action_count == 0 && plan->refusal_count == 0)
		puts("Nothing to do.");
}

void report_print_status(const struct status *status)
{
	char text[PROBLEM_TEXT_MAX];

	printf("%s%s\n", status->verdict == VERDICT_WORKING ? "working: " : "", status->sentence);
	if (status->roles[0] != '\0')
		printf("  role      %s%s%s\n", status->roles, status->fsname[0] ? " of " : "",
		       status->fsname);
	printf("  instance  %s\n", status->instance_id[0] ? status->instance_id : "unknown");
	for (size_t i = 0; i < status->standing_count; i++) {
		const struct standing *s = &status->standings[i];

		printf("  %-18s %s%s%s%s\n", s->name,
		       s->mounted ? "mounted at " : "not mounted, for ", s->mount_point,
		       s->device[0] ? ", from " : "", s->device);
	}
	for (size_t i = 0; i < status->network.count; i++)
		printf("  network   %s\n", status->network.items[i]);
	for (size_t i = 0; i < status->notes.count; i++)
		printf("  note      %s\n", status->notes.items[i]);
	for (size_t i = 0; i < status->problems.count; i++) {
		problem_format(&status->problems.items[i], text, sizeof(text));
		printf("  problem   %s\n", text);
	}
	for (size_t i = 0; i < status->refusal_count; i++)
		printf("  refused   %s%s%s. %s\n", status->refusals[i].target,
		       status->refusals[i].target[0] ? ": " : "", status->refusals[i].text,
		       status->refusals[i].fix);
}

void report_print_findings(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		printf("%-5s %-12s %s\n", finding_verdict_name(finding->verdict), finding->id,
		       finding->text);
		if (finding->fix[0] != '\0')
			printf("%18s %s\n", "", finding->fix);
	}
}

int report_print_json(json_t *json, int code)
{
	cleanup(json_decrefp) json_t *owned = json;

	if (!owned || json_dumpf(owned, stdout, JSON_INDENT(2)) < 0) {
		fputs("lustre-init: out of memory, or nowhere to print to\n", stderr);
		return 1;
	}
	putchar('\n');
	return code;
}
