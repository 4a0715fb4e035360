/* SPDX-License-Identifier: Apache-2.0 */

/* The check-up: everything is looked at, nothing is changed, and every look is bounded. */

#include "decide/doctor/doctor.h"
#include "base/cleanup.h"
#include "base/process.h"
#include "base/text.h"
#include "decide/planner.h"
#include "effect/mgs_probe.h"
#include "observe/network/lnet_nets.h"
#include "observe/network/parameters.h"
#include "observe/network/registry.h"
#include "observe/selinux.h"
#include "report.h"
#include "verbs/boot_file.h"
#include "verbs/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define IMDS_LIMIT_SEC  15
#define PING_LIMIT_USEC 5000000ULL /* one that succeeds takes half a second (measured) */

struct examination {
	struct node node;
	struct status status; /* of this boot: what the MGS said of an index */
	struct plan plan;
	bool observed, planned;
	bool is_recorded;
	struct error unread; /* of a recorded machine, as its other verbs say it; "" for none */
	struct checkup checkup;
	struct findings findings;
};

static void free_examination(struct examination **examination)
{
	struct examination *e = *examination;

	if (!e)
		return;
	node_done(&e->node);
	status_done(&e->status);
	plan_done(&e->plan);
	checkup_done(&e->checkup);
	findings_done(&e->findings);
	free(e);
}

/* How many probes still run; the last one ends the loop. */
struct asking {
	sd_event *loop;
	unsigned running;
};

struct question {
	struct asking *asking;
	enum mgs_answer answer;
	struct mgs_probe *probe;
};
#define QUESTIONS_MAX 64

static void on_answer(enum mgs_answer answer, void *userdata)
{
	struct question *question = userdata;

	question->answer = answer;
	if (--question->asking->running == 0)
		sd_event_exit(question->asking->loop, 0);
}

/* All at once: the slowest one is the time it takes. Of more NIDs than there is room for, the
 * first.
 */
static int ask_all(const struct words *nids, struct question questions[QUESTIONS_MAX],
		   struct error *err)
{
	struct asking asking = { 0 };
	struct processes *processes = NULL;
	int r = sd_event_new(&asking.loop);

	if (r < 0)
		return error_errno(err, r, "cannot make an event loop");
	r = processes_new(asking.loop, /* lock= */ -1, &processes, err);
	for (size_t i = 0; r == 0 && i < nids->count && i < QUESTIONS_MAX; i++) {
		questions[i] = (struct question){ .asking = &asking };
		r = mgs_probe_start(processes, nids->items[i], on_answer, &questions[i],
				    &questions[i].probe, err);
		asking.running += r == 0;
	}
	if (asking.running > 0)
		sd_event_loop(asking.loop);
	processes_end(processes);
	sd_event_unref(asking.loop);
	return r;
}

static int ask_mgs(const struct plan *plan, struct checkup *checkup, struct error *err)
{
	struct question questions[QUESTIONS_MAX] = { 0 };
	int r = ask_all(&plan->mgs_nids, questions, err);

	for (size_t i = 0; r == 0 && i < plan->mgs_nids.count && i < CHECKUP_MGS_MAX; i++) {
		struct checkup_mgs *mgs = &checkup->mgs[i];

		r = text_format(mgs->nid, sizeof(mgs->nid), "%s", plan->mgs_nids.items[i]);
		if (r < 0)
			return error_errno(err, r, "mgs %s", plan->mgs_nids.items[i]);
		mgs->answer = questions[i].answer;
		checkup->mgs_count = i + 1;
	}
	return r;
}

static bool is_gone(enum mgs_answer answer)
{
	return answer == MGS_NO_HOST || answer == MGS_REFUSES || answer == MGS_SILENT;
}

/* Whom the MGS of this node still counts on, and who of them is there: clients have LNET, too. */
static int ask_exports(const struct words *own, struct checkup *checkup, struct error *err)
{
	struct question questions[QUESTIONS_MAX] = { 0 };
	int r = registry_observe_exports(own, &checkup->exports, err);

	if (r == 0)
		r = ask_all(&checkup->exports, questions, err);
	for (size_t i = 0; r == 0 && i < checkup->exports.count && i < QUESTIONS_MAX; i++)
		if (is_gone(questions[i].answer) &&
		    words_add(&checkup->exports_gone, checkup->exports.items[i]) < 0)
			r = error_set(err, -ENOMEM, "out of memory");
	return r;
}

/*
 * LNET here speaks to LNET there, by the NID that mounts use: another net has another NID at the
 * same address. A ping can hang in the kernel, where it cannot be ended (measured): one at a time,
 * none after one that did, and none by apply.
 */
static int ping_mgs(struct checkup *checkup, struct error *err)
{
	for (size_t i = 0; i < checkup->mgs_count; i++) {
		struct checkup_mgs *mgs = &checkup->mgs[i];
		const char *const argv[] = { "lctl", "ping", mgs->nid, NULL };
		cleanup(process_output_done) struct process_output output = { 0 };
		int r;

		if (mgs->answer != MGS_ANSWERS)
			continue;
		r = process_run(argv, PING_LIMIT_USEC, &output, err);
		if (r < 0)
			return r == -ENOENT ? 0 : r; /* the missing tool is a finding of its own */
		if (output.end != PROCESS_EXITED || output.code != 0)
			mgs->answer = MGS_NO_LNET_PING;
		if (output.end != PROCESS_EXITED)
			break;
	}
	return 0;
}

static int look_around(struct examination *e, struct error *err)
{
	bool up = e->node.facts.lnet == LNET_UP && e->node.facts.nids.count > 0;
	int r = 0;

	selinux_observe("", e->checkup.selinux, sizeof(e->checkup.selinux));
	if (e->node.spec.roles & ROLE_MGS)
		r = registry_observe(&e->checkup.filesystems, &e->checkup.members, err);
	if (r == 0 && e->node.spec.roles & ROLE_MGS)
		r = ask_exports(&e->node.facts.nids, &e->checkup, err);
	if (r == 0 && e->planned)
		r = ask_mgs(&e->plan, &e->checkup, err);
	if (r == 0 && up)
		r = lnet_nets_observe(&e->checkup, err);
	if (r == 0 && e->plan.client.mounted && e->plan.client.settings.count > 0)
		r = parameters_observe(&e->plan.client.settings, &e->checkup.parameters, err);
	return r == 0 && up ? ping_mgs(&e->checkup, err) : r;
}

/*
 * What could not be looked at is a finding like any other; that a recorded machine is not one says
 * nothing of the machine.
 */
static int cannot(struct examination *e, const char *id, int code, const struct error *err)
{
	if (e->is_recorded) {
		e->unread = *err;
		return err->code;
	}
	return findings_fail(&e->findings, id, code,
			     geteuid() == 0 ? "dmesg and journalctl -u lustre-init may say why."
					    : "Run it as root.",
			     "%s", err->text);
}

static int cannot_read_state(struct examination *e, const struct error *err)
{
	if (err->code != -EBADMSG)
		return cannot(e, "state", EXIT_FAILED, err);
	return findings_fail(&e->findings, "state", EXIT_REFUSED,
			     "Bring the file back, or the lustre-init that wrote it; "
			     "lustre-init clean forgets it, and what was lost with it.",
			     "%s", err->text);
}

static int make_plan(struct examination *e)
{
	const struct planner_input input = { &e->node.spec, &e->node.facts, &e->node.state,
					     &e->status };
	struct error err;
	int r;

	if (e->node.spec.roles == 0 || e->node.problems.count > 0)
		return 0;
	r = planner_plan(&input, &e->plan, &err);
	if (r == -EINVAL)
		return findings_fail(
			&e->findings, "plan", EXIT_USAGE,
			"Correct the key that it names; lustre-init spec shows where it "
			"is from.",
			"%s", err.text);
	if (r < 0)
		return cannot(e, "plan", EXIT_FAILED, &err);
	e->planned = true;
	return 0;
}

/* An apply that never ran says nothing; one whose report cannot be read may have been told much. */
static int read_boot(struct examination *e)
{
	struct error err;
	int r = boot_file_read(&e->status, &err);

	if (r == 0 || r == -ENOENT)
		return 0;
	return findings_fail(&e->findings, "boot", EXIT_FAILED, BOOT_FILE_FIX ".", "%s", err.text);
}

/* A negative result is -ENOMEM, or e->unread says it: everything else is in the findings. */
static int observe(const struct node_options *options, struct examination *e)
{
	struct error err;
	int r = node_read_spec(options, &e->node, &err);

	if (r < 0 && e->node.problems.count == 0 && e->is_recorded)
		return cannot(e, "imds", EXIT_FAILED, &err);
	if (r < 0 && e->node.problems.count == 0) {
		e->checkup.is_elsewhere = r == -ENODEV;
		snprintf(e->checkup.metadata_error, sizeof(e->checkup.metadata_error), "%s",
			 err.text);
	}
	if (node_read_state(options, &e->node, &err) < 0)
		return cannot_read_state(e, &err);
	if (node_observe(options, &e->node, &err) < 0)
		return cannot(e, "machine", EXIT_FAILED, &err);
	e->observed = true;
	r = options->machine ? 0 : read_boot(e);
	if (r == 0)
		r = make_plan(e);
	if (r < 0)
		return r;
	r = options->machine ? node_read_checkup(options, &e->checkup, &err) : look_around(e, &err);
	return r < 0 ? cannot(e, "machine", EXIT_FAILED, &err) : 0;
}

int verb_doctor(const struct arguments *arguments)
{
	cleanup(free_examination) struct examination *e = calloc(1, sizeof(*e));
	struct node_options options = arguments->node;
	struct doctor_input input;
	int code;

	if (!e)
		return EXIT_FAILED;
	options.imds_timeout_sec = IMDS_LIMIT_SEC;
	input = (struct doctor_input){ &e->node.metadata, &e->node.spec,    &e->node.problems,
				       /* facts= */ NULL, /* plan= */ NULL, &e->checkup };
	e->is_recorded = options.machine != NULL;
	if (observe(&options, e) < 0) {
		fprintf(stderr, "lustre-init: %s\n",
			e->unread.text[0] ? e->unread.text : "out of memory");
		return e->unread.code == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	}
	input.facts = e->observed ? &e->node.facts : NULL;
	input.plan = e->planned ? &e->plan : NULL;
	if (doctor_examine(&input, &e->findings) < 0)
		return EXIT_FAILED;
	code = findings_exit_code(&e->findings);
	if (code == EXIT_DONE && e->node.spec.roles == 0)
		code = EXIT_NOT_OURS;
	if (arguments->json)
		return report_print_json(findings_to_json(&e->findings), code);
	report_print_findings(&e->findings);
	return code;
}
