/* SPDX-License-Identifier: Apache-2.0 */
#include "converge.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "decide/consent.h"
#include "decide/planner.h"
#include "effect/apply.h"
#include "effect/ready.h"
#include "model/mount_error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>

#define ROUNDS_MAX      16 /* looks that changed something; transient failures are not counted */
#define RETRY_FIRST_SEC 1
#define RETRY_LAST_SEC  15

static uint64_t peak_memory(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

int converge_lock(int *ret_fd, struct error *err)
{
	cleanup(close_fd) int fd = -1;
	int r = file_make_directory("/run/lustre-init", err);

	if (r < 0)
		return r;
	fd = open(CONVERGE_LOCK_PATH, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_errno(err, -errno, "cannot open %s", CONVERGE_LOCK_PATH);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return error_set(
			err, -EBUSY,
			"another lustre-init is at work on this node; see systemctl status "
			"lustre-init");
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static void settle_on(struct report *report, enum verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void settle_on(struct report *report, enum verdict verdict, const char *format, ...)
{
	va_list args;

	report->status->verdict = verdict;
	va_start(args, format);
	vsnprintf(report->status->sentence, sizeof(report->status->sentence), format, args);
	va_end(args);
}

static void on_step(void *userdata, const char *sentence)
{
	report_step(userdata, sentence);
}

static void on_progress(void *userdata, const char *sentence, const struct outcome *outcome)
{
	struct report *report = userdata;

	if (outcome)
		report_outcome(report, outcome);
	else
		report_step(report, sentence);
}

static void on_note(void *userdata, const char *sentence)
{
	report_line(userdata, REPORT_WARNING, "%s", sentence);
}

/* The specification, or a verdict that says why there is none. */
static bool read_inputs(const struct node_options *options, struct node *node,
			struct report *report)
{
	struct status *status = report->status;
	char text[PROBLEM_TEXT_MAX];
	struct error err;
	int r;

	r = node_read_spec(options, node, &err);
	memcpy(status->instance_id, node->metadata.instance_id, sizeof(status->instance_id));
	status->imds_requests = node->metadata.requests;
	status->problems = node->problems;
	if (r == -EINVAL && node->problems.count > 0) {
		problem_format(&node->problems.items[0], text, sizeof(text));
		settle_on(report, VERDICT_SPEC_ERROR, "specification error: %s%s", text,
			  node->problems.count > 1 ? " (and more, see below)" : "");
		return false;
	}
	if (r == -ENODEV) {
		settle_on(report, VERDICT_NOT_OURS, "not for this node: %s", err.text);
		return false;
	}
	if (r < 0) {
		settle_on(report, VERDICT_FAILED, "no metadata: %s", err.text);
		return false;
	}
	if (node->spec.roles == 0) {
		settle_on(report, VERDICT_NOT_OURS,
			  "not for this node: no role in tags, user-data or conf.d%s",
			  node->metadata.tags_enabled
				  ? ""
				  : " (tags are not in the metadata: launch with "
				    "InstanceMetadataTags=enabled to use them)");
		return false;
	}
	roles_format(node->spec.roles, status->roles, sizeof(status->roles));
	memcpy(status->fsname, node->spec.fsname, sizeof(status->fsname));
	if (node_read_state(options, node, &err) < 0) {
		settle_on(report, VERDICT_REFUSED, "%s; lustre-init clean forgets it", err.text);
		return false;
	}
	return true;
}

/* What a round's outcomes come to. */
struct tally {
	const struct outcome *failed; /* the first that needs more than another try */
	const struct outcome *transient;
	bool taken; /* a mount was refused with EADDRINUSE: the planner knows what to do next */
};

/* Only a mount may fail and pass by itself: what else fails is told at once. */
static enum mount_fate fate_of(const struct outcome *outcome)
{
	if (outcome->action != ACTION_MOUNT)
		return MOUNT_ENDS;
	return mount_error_find(outcome->code, /* is_client= */ outcome->target[0] == '\0')->fate;
}

static struct tally tally_since(const struct status *status, size_t first)
{
	struct tally tally = { 0 };
	enum mount_fate fate;

	for (size_t i = first; i < status->outcome_count; i++) {
		const struct outcome *outcome = &status->outcomes[i];

		if (outcome->kind != OUTCOME_FAILED && outcome->kind != OUTCOME_REFUSED)
			continue;
		fate = fate_of(outcome);
		if (fate == MOUNT_DECIDED)
			tally.taken = true;
		else if (fate == MOUNT_RETRIED)
			tally.transient = tally.transient ? tally.transient : outcome;
		else if (!tally.failed)
			tally.failed = outcome;
	}
	return tally;
}

static void mark_mounted(struct status *status, const struct plan *plan)
{
	for (size_t i = 0; i < status->outcome_count; i++) {
		const struct outcome *outcome = &status->outcomes[i];

		if (outcome->action != ACTION_MOUNT || outcome->kind != OUTCOME_DONE)
			continue;
		for (size_t s = 0; s < status->standing_count; s++) {
			struct standing *standing = &status->standings[s];
			bool client = s >= plan->target_count;

			if (client ? outcome->target[0] == '\0'
				   : strcmp(outcome->target, standing->name) == 0)
				standing->mounted = true;
		}
	}
}

/* `takeover`: what is left to a person, "" for nothing. */
static void settle_ready(struct report *report, const char *takeover)
{
	const struct status *status = report->status;
	char list[ERROR_TEXT_MAX - 600] = "";
	size_t used = 0;

	for (size_t i = 0; i < status->standing_count && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s at %s",
					 i > 0 ? ", " : "", status->standings[i].name,
					 status->standings[i].mount_point);
	settle_on(report, VERDICT_READY, "ready: %s%s%s", list, takeover[0] ? ". Note: " : "",
		  takeover);
}

static void settle_refused(struct report *report)
{
	const struct refusal *first = &report->status->refusals[0];
	char more[48] = "";

	if (report->status->refusal_count > 1)
		snprintf(more, sizeof(more), " (and %zu more)", report->status->refusal_count - 1);
	settle_on(report, VERDICT_REFUSED, "refused: %s%s%s. %s%s", first->target,
		  first->target[0] ? ": " : "", first->text, first->fix, more);
}

/* A pause that doubles; the fleet's agents must not come back all at once. */
static void pause_before_retry(struct report *report, const struct outcome *outcome,
			       unsigned *pause)
{
	char sentence[ERROR_TEXT_MAX];

	snprintf(sentence, sizeof(sentence), "%s: %s; trying again in %u s", outcome->what,
		 outcome->text, *pause);
	report_step(report, sentence);
	sleep(*pause);
	*pause = *pause * 2 > RETRY_LAST_SEC ? RETRY_LAST_SEC : *pause * 2;
}

enum next {
	NEXT_LOOK_AGAIN,
	NEXT_RETRY,
	NEXT_END,
};

/* One round: look, decide, act. The verdict stands when it says NEXT_END. */
static enum next round_once(const struct node_options *options, struct node *node,
			    struct report *report, const struct outcome **ret_transient)
{
	struct status *status = report->status;
	size_t first = status->outcome_count;
	cleanup(plan_done) struct plan plan = { 0 };
	const struct planner_input input = { &node->spec, &node->facts, &node->state, status };
	const struct apply_options apply = {
		.plan = &plan,
		.instance_id = node->metadata.instance_id,
		.state_path = NODE_STATE_PATH,
		.lvm_backups = "/etc/lvm/backup",
		.unit_directory = "/run/systemd/system",
		.state = &node->state,
		.mgs_timeout_sec = node->spec.mgs_timeout,
		.progress = on_progress,
		.note = on_note,
		.userdata = report,
	};
	char takeover[512] = "";
	struct tally tally;
	struct error err;

	if (node_observe(options, node, &err) < 0) {
		settle_on(report, VERDICT_FAILED, "cannot observe this machine: %s", err.text);
		return NEXT_END;
	}
	if (status->observed_usec == 0)
		status->observed_usec = clock_now_usec();
	if (planner_plan(&input, &plan, &err) < 0) {
		settle_on(report, err.code == -EINVAL ? VERDICT_SPEC_ERROR : VERDICT_FAILED, "%s",
			  err.text);
		return NEXT_END;
	}
	status_take_plan(status, &plan);
	for (size_t i = 0; i < plan.target_count && takeover[0] == '\0'; i++)
		consent_describe_takeover(&input, &plan, &plan.targets[i], takeover,
					  sizeof(takeover));
	if (apply_plan(&apply, status, &err) < 0) {
		settle_on(report, VERDICT_FAILED, "%s", err.text);
		return NEXT_END;
	}
	mark_mounted(status, &plan);
	tally = tally_since(status, first);
	*ret_transient = tally.transient;
	if (tally.failed) {
		settle_on(report,
			  tally.failed->kind == OUTCOME_REFUSED ? VERDICT_REFUSED : VERDICT_FAILED,
			  "%s: %s: %s", outcome_kind_name(tally.failed->kind), tally.failed->what,
			  tally.failed->text);
		return NEXT_END;
	}
	if (tally.transient)
		return NEXT_RETRY;
	if (tally.taken || plan.observe_again)
		return NEXT_LOOK_AGAIN;
	if (plan.refusal_count > 0)
		settle_refused(report);
	else
		settle_ready(report, takeover);
	return NEXT_END;
}

static void run_rounds(const struct node_options *options, struct node *node, struct report *report)
{
	unsigned pause = RETRY_FIRST_SEC, looks = 0;
	uint64_t deadline = clock_now_usec() + (uint64_t)node->spec.mgs_timeout * 1000000;

	for (;;) {
		const struct outcome *transient = NULL;
		enum next next = round_once(options, node, report, &transient);

		if (next == NEXT_END)
			return;
		if (next == NEXT_LOOK_AGAIN && ++looks > ROUNDS_MAX) {
			settle_on(report, VERDICT_FAILED,
				  "after %d looks the node still does not stand as asked; "
				  "lustre-init plan shows what is left",
				  ROUNDS_MAX);
			return;
		}
		if (next == NEXT_RETRY && clock_now_usec() > deadline) {
			settle_on(report, VERDICT_FAILED, "failed: %s: %s", transient->what,
				  transient->text);
			return;
		}
		if (next == NEXT_RETRY)
			pause_before_retry(report, transient, &pause);
	}
}

int converge(const struct node_options *options, struct report *report, struct error *err)
{
	struct node_options told = *options;
	struct node *node = calloc(1, sizeof(*node));
	cleanup(close_fd) int lock = -1;
	struct error why;
	int r;

	if (!node)
		return error_set(err, -ENOMEM, "out of memory");
	r = converge_lock(&lock, err);
	if (r < 0) {
		free(node);
		return r;
	}
	told.progress = on_step;
	told.userdata = report;
	report->status->started_usec = clock_now_usec();
	file_read_line("", "/proc/sys/kernel/random/boot_id", report->status->boot_id,
		       sizeof(report->status->boot_id));
	report_step(report, "reading what this node shall be from the instance metadata");
	if (read_inputs(&told, node, report)) {
		report_step(report, "looking at disks, volumes and interfaces");
		run_rounds(&told, node, report);
	}
	report->status->ended_usec = clock_now_usec();
	report->status->peak_memory = peak_memory();
	report_verdict(report);
	if (report->status->verdict == VERDICT_READY && ready_announce(&why) < 0)
		report_line(report, REPORT_WARNING, "%s", why.text);
	node_done(node);
	free(node);
	return 0;
}
