/* SPDX-License-Identifier: Apache-2.0 */
#include "converge.h"

#include "ask/imds/keys.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/lvm_command.h"
#include "base/resident.h"
#include "base/text.h"
#include "decide/disks/consent.h"
#include "decide/passing.h"
#include "decide/planner.h"
#include "decide/verdict.h"
#include "effect/apply.h"
#include "effect/mounted.h"
#include "effect/ready.h"
#include "foresight.h"
#include "news.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS_MAX       16 /* looks that changed something; transient failures are not counted */
#define GLANCE_SEC       1
#define SILENT_SEC       5  /* between looks for what no glance shows */
#define PATIENCE_SEC     60 /* with what is on its way; a DHCP server may be silent that long */
#define TAG_PATIENCE_SEC 30 /* with tags, which may be set when the instance runs already */
#define LOOKS_FAILED_MAX 4  /* in a row; what is broken for good is told soon all the same */
#define LOOKS_FAILED_SEC \
	60 /* nor after this: a tool that did not end in its time will not, a little later */
#define RETRY_FIRST_SEC 1
#define RETRY_LAST_SEC  15

static const struct apply_patience patience = {
	.tool_usec = 600 * 1000000ULL,
	.told_usec = 10 * 1000000ULL,
	.asked_usec = 2 * 1000000ULL,
	.systemd_usec = 120 * 1000000ULL,
};

/* One run: whose, and to whom it is told. */
struct run {
	const struct node_options *options;
	struct node *node;
	struct report *report;
	struct refusal missing; /* what the newest round left to time */
	bool is_silent;         /* no glance shows that it has passed */
	enum wait wait;         /* what the inputs that are looked for now are waited for */
	uint64_t waiting_since_usec;
	struct news news;
	struct foresight foresight;
	bool acted;        /* the newest round had something to do */
	bool looked_after; /* once more, after a round that acted and ended refused */
};

/* Told at least once a second while something is waited for. */
static void on_wait(void *userdata, const char *sentence)
{
	struct run *run = userdata;

	report_wait(run->report, run->wait, sentence);
	processes_go_on(run->foresight.processes);
}

static void on_progress(void *userdata, const char *sentence, const struct outcome *outcome)
{
	const struct run *run = userdata;

	if (outcome)
		report_outcome(run->report, outcome);
	else
		report_step_begun(run->report, sentence);
}

static void on_rest(void *userdata)
{
	const struct run *run = userdata;

	report_catch_up(run->report);
}

static void on_note(void *userdata, enum wait wait, const char *sentence)
{
	const struct run *run = userdata;

	report_note(run->report, wait, sentence);
}

static void on_look_note(void *userdata, const char *sentence)
{
	on_note(userdata, WAIT_NONE, sentence);
}

/* Each step of a run returns whether it goes on; where it does not, the verdict is set. */

/* What the watch compares later tags with. */
static void keep_tags(struct status *status, const struct metadata *metadata)
{
	words_done(&status->tags);
	for (size_t i = 0; i < metadata->tag_count; i++)
		if (imds_is_our_tag(metadata->tags[i].key))
			words_addf(&status->tags, "%s=%s", metadata->tags[i].key,
				   metadata->tags[i].value);
}

static bool read_spec(struct run *run)
{
	struct status *status = run->report->status;
	const struct problems *problems = &run->node->problems;
	char text[PROBLEM_TEXT_MAX];
	struct error err;
	int r = node_read_spec(run->options, run->node, &err);

	memcpy(status->instance_id, run->node->metadata.instance_id, sizeof(status->instance_id));
	status->imds_requests = run->node->metadata.requests;
	status->problems = *problems;
	keep_tags(status, &run->node->metadata);
	if (r == -EINVAL && problems->count > 0) {
		problem_format(&problems->items[0], text, sizeof(text));
		verdict_set(status, VERDICT_SPEC_ERROR, "specification error: %s%s", text,
			    problems->count > 1 ? " (and more, see below)" : "");
	} else if (r == -ENODEV) {
		verdict_set(status, VERDICT_NOT_OURS, "not for this node: %s", err.text);
	} else if (r < 0) {
		/* With the metadata there, it is a file of ours that cannot be read. */
		verdict_set(status, VERDICT_FAILED, "%s: %s",
			    status->instance_id[0] ? "failed" : "no metadata", err.text);
	}
	return r >= 0;
}

/* Tags that were switched off take the role away, and the target would be gone without a word. */
static void tell_missed(const struct run *run)
{
	const struct node *node = run->node;
	char served[STATE_SERVED_MAX];

	if (state_served(&node->state, node->metadata.instance_id, served) > 0)
		report_line(run->report, REPORT_WARNING,
			    "no boot mounts %s until this node has its role again; where nothing "
			    "of that is wanted any more, lustre-init clean forgets it",
			    served);
}

static bool has_role(struct run *run)
{
	struct status *status = run->report->status;
	const struct spec *spec = &run->node->spec;
	char text[NODE_NO_ROLE_MAX];

	if (spec->roles == 0) {
		node_tell_no_role(run->node, text, sizeof(text));
		verdict_set(status, VERDICT_NOT_OURS, "%s", text);
		tell_missed(run);
		return false;
	}
	roles_format(spec->roles, status->roles, sizeof(status->roles));
	memcpy(status->fsname, spec->fsname, sizeof(status->fsname));
	return true;
}

/* A signal to stop is obeyed within a second, also while LNET's module is being loaded. */
static void pause_for(const struct run *run, unsigned seconds)
{
	while (seconds-- > 0) {
		sleep(1);
		processes_go_on(run->foresight.processes);
	}
}

/* A pause that doubles; the fleet's agents must not come back all at once. */
static void pause_before_retry(const struct run *run, const char *what, const char *why,
			       unsigned *pause)
{
	char sentence[ERROR_TEXT_MAX];

	text_sentence(sentence, sizeof(sentence), "%.200s: %.600s; trying again in %u s", what, why,
		      *pause);
	report_wait(run->report, WAIT_RETRY, sentence);
	pause_for(run, *pause);
	*pause = *pause * 2 > RETRY_LAST_SEC ? RETRY_LAST_SEC : *pause * 2;
}

/* What was read and not understood stays so. */
static bool may_pass(int code)
{
	return code != -EINPROGRESS && code != -EBADMSG;
}

/*
 * What only reads is done again whatever it failed by: a tool that was ended, a lack of memory, a
 * disk that came back. But for a tool that hangs in the kernel: another would hang beside it.
 */
static int try_again(struct run *run, int (*take)(struct run *run, struct error *err),
		     const char *what, struct error *err)
{
	const uint64_t until_usec = clock_now_usec() + LOOKS_FAILED_SEC * UINT64_C(1000000);
	unsigned pause = RETRY_FIRST_SEC;
	int r = take(run, err);

	for (int failed = 1;
	     r < 0 && may_pass(r) && failed < LOOKS_FAILED_MAX && clock_now_usec() < until_usec;
	     failed++) {
		if (failed == 1)
			report_line(run->report, REPORT_WARNING, "%s: %s", what, err->text);
		pause_before_retry(run, what, err->text, &pause);
		r = take(run, err);
	}
	return r;
}

static int read_state_once(struct run *run, struct error *err)
{
	return node_read_state(run->options, run->node, err);
}

static bool read_state(struct run *run)
{
	struct error err;
	int r = try_again(run, read_state_once, "cannot read what this node remembers", &err);

	if (r == -EBADMSG)
		verdict_set(run->report->status, VERDICT_REFUSED,
			    "%s; bring the file back, or the lustre-init that wrote it; only where "
			    "nothing of this instance is wanted any more, lustre-init clean "
			    "forgets it",
			    err.text);
	else if (r < 0)
		verdict_set(
			run->report->status, VERDICT_FAILED,
			"failed: %s; nothing was changed. See to what keeps it from being read, "
			"then restart lustre-init",
			err.text);
	return r == 0;
}

/*
 * Before the metadata service is asked, by the state of an earlier boot. One that cannot be read
 * tells nothing here; what is wrong with it is said when the node is known to be ours.
 */
static void foresee_by_state(struct run *run)
{
	struct error why;

	if (node_read_state(run->options, run->node, &why) == 0)
		foresight_put(&run->foresight, run->options, run->node);
}

static bool read_inputs(struct run *run)
{
	report_step(run->report, "reading what this node shall be from the instance metadata");
	news_glance(&run->news);
	foresee_by_state(run);
	return read_spec(run) && has_role(run) && read_state(run);
}

/* What is decided in one round. */
struct decision {
	struct plan plan;
	char takeover[512]; /* what is left to a person, "" for nothing */
};

static int look_once(struct run *run, struct error *err)
{
	struct status *status = run->report->status;
	struct node_options options = foresight_put(&run->foresight, run->options, run->node);
	int r;

	if (status->observed_usec != 0) /* the first look is what a boot waits for */
		options.marks = NULL;
	r = node_observe(&options, run->node, err);
	foresight_end(&run->foresight, &run->node->facts);
	if (r == 0 && status->observed_usec == 0)
		status->observed_usec = clock_now_usec();
	return r;
}

static bool look(struct run *run)
{
	static const char what[] = "cannot observe this machine";
	struct error err;
	int r = try_again(run, look_once, what, &err);

	if (r < 0)
		verdict_set(run->report->status, VERDICT_FAILED, "%s: %s", what, err.text);
	return r == 0;
}

/* What does not stop the node, and what its people should know: once, however many rounds it takes.
 */
static void tell_notes(const struct run *run, const struct plan *plan)
{
	for (size_t i = 0; i < plan->notes.count; i++)
		if (!words_contain(&run->report->status->notes, plan->notes.items[i]))
			report_line(run->report, REPORT_WARNING, "%s", plan->notes.items[i]);
}

static bool decide(struct run *run, struct decision *ret)
{
	struct status *status = run->report->status;
	const struct node *node = run->node;
	const struct planner_input input = { &node->spec, &node->facts, &node->state, status };
	struct plan *plan = &ret->plan;
	struct error err;

	if (planner_plan(&input, plan, &err) < 0) {
		verdict_set(status, err.code == -EINVAL ? VERDICT_SPEC_ERROR : VERDICT_FAILED, "%s",
			    err.text);
		return false;
	}
	tell_notes(run, plan);
	if (status_take_plan(status, plan) < 0) {
		verdict_set(status, VERDICT_FAILED, "out of memory");
		return false;
	}
	for (size_t i = 0; i < plan->target_count && ret->takeover[0] == '\0'; i++)
		consent_describe_takeover(&input, plan, &plan->targets[i], ret->takeover,
					  sizeof(ret->takeover));
	return true;
}

static bool act(struct run *run, const struct plan *plan)
{
	struct status *status = run->report->status;
	struct node *node = run->node;
	const struct apply_options options = {
		.plan = plan,
		.instance_id = node->metadata.instance_id,
		.root = "",
		.state_path = NODE_STATE_PATH,
		.lvm_backups = LVM_BACKUP_DIRECTORY,
		.unit_directory = "/run/systemd/system",
		.mount_table = MOUNT_TABLE,
		.mount_points = NODE_MOUNT_POINTS_PATH,
		.state = &node->state,
		.processes = run->foresight.processes,
		.mgs_timeout_sec = node->spec.mgs_timeout,
		.lnet_early = &run->foresight.lnet_early,
		.patience = patience,
		.progress = on_progress,
		.note = on_note,
		.rest = on_rest,
		.userdata = run,
	};
	struct error err;

	if (apply_plan(&options, status, &err) < 0) {
		verdict_set(status, VERDICT_FAILED, "%s", err.text);
		return false;
	}
	status_take_mounts(status, plan);
	return true;
}

/* One round. The verdict is set when it says NEXT_END. */
static enum next round_once(struct run *run, const struct outcome **ret_transient)
{
	struct status *status = run->report->status;
	struct decision decision = { 0 };
	enum next next = NEXT_END;

	status->round++;
	if (look(run) && decide(run, &decision) && act(run, &decision.plan))
		next = verdict_of_round(status, &decision.plan, decision.takeover, ret_transient);
	if (next == NEXT_WAIT) {
		const struct refusal *missing = passing_find(&decision.plan);

		if (missing)
			run->missing = *missing;
		run->is_silent = passing_is_silent(&decision.plan);
	}
	run->acted = decision.plan.action_count > 0;
	plan_done(&decision.plan);
	return next;
}

static void tell_missing(struct run *run, uint64_t waited_usec)
{
	char sentence[ERROR_TEXT_MAX];

	run->report->status->verdict = VERDICT_WORKING;
	snprintf(sentence, sizeof(sentence), "waiting, %llu of %u s: %.300s%s%s",
		 (unsigned long long)waited_usec / 1000000, run->node->spec.device_timeout,
		 run->missing.target, run->missing.target[0] ? ": " : "", run->missing.text);
	report_step(run->report, sentence);
}

/*
 * Waits until there is something new to look at; false when the time is over. What came since the
 * look before it began is. There is no mark of a refusal yet: who stops a node that waits is not
 * worked against.
 */
static bool wait_for_news(struct run *run)
{
	const struct node *node = run->node;
	const uint64_t limit = node->spec.device_timeout * UINT64_C(1000000);
	const uint64_t silent_usec =
		run->is_silent ? clock_now_usec() + SILENT_SEC * UINT64_C(1000000) : UINT64_MAX;
	char sentence[ERROR_TEXT_MAX];

	if (run->waiting_since_usec == 0) {
		run->waiting_since_usec = clock_now_usec() - node->waited_usec;
		text_sentence(sentence, sizeof(sentence), "for up to %u s: %s%s%s",
			      node->spec.device_timeout, run->missing.target,
			      run->missing.target[0] ? ": " : "", run->missing.text);
		report_waiting(run->report, sentence);
	}
	for (;;) {
		uint64_t waited = clock_now_usec() - run->waiting_since_usec;

		if (waited >= limit)
			return false;
		tell_missing(run, waited);
		if (news_came(&run->news) || clock_now_usec() >= silent_usec)
			return true;
		/* What is new from here on is not of its own doing. */
		run->acted = false;
		pause_for(run, GLANCE_SEC);
	}
}

/*
 * What came during the look that ended in a refusal started nobody: there was no mark yet. What
 * comes from now on does. After a round that did something there is much that is new, of its own
 * doing, so there is one look more, whatever is new.
 */
static bool came_meanwhile(struct run *run)
{
	bool is_new;

	news_mark(VERDICT_REFUSED, run->report);
	if (run->acted && run->looked_after)
		return false;
	is_new = news_came(&run->news);
	if (run->acted)
		is_new = run->looked_after = true;
	if (!is_new)
		return false;
	run->report->status->verdict = VERDICT_WORKING;
	news_mark(VERDICT_WORKING, run->report);
	return true;
}

/* The verdict of the newest round stands, if time was not the cure. */
static void give_up_waiting(struct run *run)
{
	verdict_refuse(run->report->status);
	report_line(run->report, REPORT_WARNING, "not waiting longer than device-timeout, %u s",
		    run->node->spec.device_timeout);
}

static void run_rounds(struct run *run)
{
	struct status *status = run->report->status;
	unsigned pause = RETRY_FIRST_SEC, looks = 0;
	const uint64_t mgs_usec = run->node->spec.mgs_timeout * UINT64_C(1000000);
	uint64_t deadline = clock_now_usec() + mgs_usec;

	report_step(run->report, "looking at disks, volumes and interfaces");
	for (;;) {
		const struct outcome *transient = NULL;
		enum next next = round_once(run, &transient);

		if (next == NEXT_END ||
		    (next == NEXT_REFUSED && (++looks > ROUNDS_MAX || !came_meanwhile(run))))
			return;
		/* The look itself may have taken longer than the time that was left. */
		if (next == NEXT_WAIT && !wait_for_news(run) &&
		    (++looks > ROUNDS_MAX || !came_meanwhile(run))) {
			give_up_waiting(run);
			return;
		}
		/* What a disk was waited for is not taken from the time that the MGS has. */
		if (next == NEXT_WAIT)
			deadline = clock_now_usec() + mgs_usec;
		if (next == NEXT_LOOK_AGAIN && ++looks > ROUNDS_MAX) {
			verdict_set(status, VERDICT_FAILED,
				    "after %d looks the node still does not stand as asked; "
				    "lustre-init plan shows what is left",
				    ROUNDS_MAX);
			return;
		}
		if (next == NEXT_RETRY &&
		    !verdict_tries_again(transient, clock_now_usec() > deadline)) {
			verdict_fail(status, transient);
			return;
		}
		if (next == NEXT_RETRY)
			pause_before_retry(run, transient->what, transient->text, &pause);
		/* Who asked for news has had a glance. */
		if (next == NEXT_LOOK_AGAIN || next == NEXT_RETRY)
			news_glance(&run->news);
	}
}

static unsigned patience_of(const struct spec *spec)
{
	return spec->device_timeout < PATIENCE_SEC ? spec->device_timeout : PATIENCE_SEC;
}

static void begin(struct status *status, const struct report *report)
{
	news_mark(status->verdict, report);
	status->started_usec = clock_now_usec();
	file_read_line("", "/proc/sys/kernel/random/boot_id", status->boot_id,
		       sizeof(status->boot_id));
}

static void end(struct report *report)
{
	struct status *status = report->status;
	struct error err;

	status->ended_usec = clock_now_usec();
	status->peak_memory = resident_peak();
	report_verdict(report);
	news_mark(status->verdict, report);
	if (status->verdict == VERDICT_READY && ready_announce(&err) < 0)
		report_line(report, REPORT_WARNING, "%s", err.text);
}

static void go(struct run *run, struct node_options *told)
{
	struct node *node = run->node;

	begin(run->report->status, run->report);
	if (read_inputs(run)) {
		told->patience_sec = patience_of(&node->spec);
		run->wait = WAIT_DEVICE;
		run_rounds(run);
	}
	foresight_end(&run->foresight, &node->facts);
	end(run->report);
	news_done(&run->news);
	node_done(node);
}

/* All children of the run, on one loop; tools that write to disks hold its lock as well. */
static int make_processes(int lock, sd_event **loop, struct processes **ret, struct error *err)
{
	int r = sd_event_new(loop);

	return r < 0 ? error_errno(err, r, "cannot make an event loop")
		     : processes_new(*loop, lock, ret, err);
}

int converge(const struct node_options *options, struct report *report, struct error *err)
{
	struct node_options told = *options;
	struct node *node = calloc(1, sizeof(*node));
	struct run run = {
		.options = &told, .node = node, .report = report, .wait = WAIT_METADATA
	};
	cleanup(close_fd) int lock = -1;
	sd_event *loop = NULL;
	int r;

	if (!node)
		return error_set(err, -ENOMEM, "out of memory");
	told.progress = on_wait;
	told.note = on_look_note;
	told.tag_patience_sec = TAG_PATIENCE_SEC;
	told.userdata = &run;
	told.marks = &report->status->marks;
	r = converge_lock(&lock, err);
	if (r == 0)
		r = make_processes(lock, &loop, &run.foresight.processes, err);
	if (r == 0)
		go(&run, &told);
	processes_end(run.foresight.processes);
	sd_event_unref(loop);
	free(node);
	return r;
}
