/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/leave.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/event.h"
#include "base/text.h"
#include "model/exit_code.h"
#include "observe/osts.h"
#include "observe/served.h"
#include "report_watch.h"

#include <errno.h>
#include <string.h>

#define MARK_USEC      (3 * 1000000ULL)
#define STOP_WAITS_SEC "60"               /* then it says what stays, and is asked to go on */
#define STOP_USEC      (600 * 1000000ULL) /* what still lasts then has lost */
#define AGAIN_USEC     (1 * 1000000ULL)
#define TRIES_EACH_SEC 180 /* longer than any spot notice */
/* Of the time that there is, the hooks have this part: a target with much to write takes long. */
#define HOOKS_PART 3

enum step {
	STEP_NONE,
	STEP_WAIT, /* for what a notice that was withdrawn had begun */
	STEP_MARK,
	STEP_HOOKS,
	STEP_STOP,
	STEP_DONE,
};

struct leave {
	struct leave_options is;
	enum step step;
	struct watch_event event;
	uint64_t until_usec;       /* what time there is */
	struct process *marking;   /* lctl */
	struct process *unmarking; /* lctl, when the instance stays */
	struct process *stopping;  /* lustre-init stop */
	bool has_told_marks;       /* that they could not be taken away */
	sd_event_source *timer;    /* the end of the hooks' time, or the next try to stop */
	unsigned tries;
	bool has_ended_apply;
	char failure[512]; /* of the newest try to stop */
};

static void begin_stop(struct leave *leave);
static void begin(struct leave *leave);

/* ---- telling ---- */

static void tell(struct leave *leave, enum leaving leaving, const char *doing)
{
	struct watch *watch = leave->is.watch;

	watch->leaving = leaving;
	text_sentence(watch->sentence, sizeof(watch->sentence), "%s: %s", doing,
		      leave->event.sentence);
	leave->is.changed(leave->is.userdata);
}

static void set_timer(struct leave *leave, uint64_t usec)
{
	event_set_timer(leave->timer, usec);
	sd_event_source_set_enabled(leave->timer, SD_EVENT_ONESHOT);
}

/* ---- marks ---- */

static int mark_words(const struct words *osts, int mark, struct words *ret)
{
	words_add(ret, "lctl");
	words_add(ret, "set_param");
	for (size_t i = 0; i < osts->count; i++)
		words_addf(ret, "obdfilter.%s.degraded=%d", osts->items[i], mark);
	return ret->failed ? -ENOMEM : 0;
}

static int start_mark(struct leave *leave, const struct words *osts, int mark, process_done_fn done,
		      struct process **ret)
{
	cleanup(words_done) struct words argv = { 0 };
	struct process_call call = {
		.timeout_usec = MARK_USEC,
		.output_max = 4096,
		.done = done,
		.userdata = leave,
	};
	struct error err = { .text = "out of memory" };
	int r = mark_words(osts, mark, &argv);

	call.argv = (const char *const *)argv.items;
	if (r == 0)
		r = process_start(leave->is.processes, &call, ret, &err);
	if (r < 0)
		report_watch_line(SEVERITY_WARNING, "OSTs are not marked: %s", err.text);
	return r;
}

static bool is_success(const struct process_result *result)
{
	return result->end == PROCESS_EXITED && result->code == 0;
}

static bool is_busy(const struct process_result *result)
{
	return result->end == PROCESS_EXITED && result->code == EXIT_BUSY;
}

static void tell_mark(const struct process_result *result, const char *done)
{
	char sentence[512];

	if (is_success(result)) {
		report_watch_line(SEVERITY_NOTICE, "%s", done);
		return;
	}
	process_describe("lctl set_param", result, sentence, sizeof(sentence));
	report_watch_line(SEVERITY_WARNING, "%s", sentence);
}

static void forget_marks(struct leave *leave)
{
	words_done(&leave->is.watch->degraded);
	leave->is.watch->degraded = (struct words){ 0 };
	leave->is.changed(leave->is.userdata);
}

/* One that could not be taken away is told once, and tried again at each answer. */
static void on_unmarked(const struct process_result *result, void *userdata)
{
	struct leave *leave = userdata;
	bool done = is_success(result);

	leave->unmarking = NULL;
	if (leave->step == STEP_WAIT) {
		begin(leave);
		return;
	}
	/* Written down before it is told: who reads that may mark them, and that is theirs. */
	if (done)
		forget_marks(leave);
	if (done || !leave->has_told_marks)
		tell_mark(result, "the marks that were set are taken away");
	leave->has_told_marks = !done;
}

/* Those that are served still; with the others their marks have gone. */
static void unmark(struct leave *leave)
{
	cleanup(words_done) struct words marked = { 0 };
	const struct words *degraded = &leave->is.watch->degraded;
	struct osts osts;
	/* Marks that are just being set are taken away behind that. */
	const bool is_at_work = leave->marking || leave->unmarking;
	int r = is_at_work ? -EALREADY : osts_read(leave->is.root, &osts);

	if (r < 0)
		return;
	for (size_t i = 0; i < osts.degraded.count && r == 0; i++)
		if (words_contain(degraded, osts.degraded.items[i]))
			r = words_add(&marked, osts.degraded.items[i]);
	osts_done(&osts);
	if (r == 0 && marked.count > 0)
		start_mark(leave, &marked, 0, on_unmarked, &leave->unmarking);
	else if (r == 0)
		forget_marks(leave);
}

/* ---- hooks ---- */

static void on_hooks_done(void *userdata)
{
	struct leave *leave = userdata;

	if (leave->step == STEP_HOOKS)
		begin_stop(leave);
}

/* Where there is no time for them, they run beside what follows. */
static void begin_hooks(struct leave *leave)
{
	const uint64_t now = clock_now_usec();
	const uint64_t limit_usec =
		now < leave->until_usec ? (leave->until_usec - now) / HOOKS_PART : 0;

	leave->step = STEP_HOOKS;
	leave->is.watch->leaving_step = LEAVING_RUNS_HOOKS;
	tell(leave, LEAVING_BEGUN, "running the hooks");
	set_timer(leave, limit_usec);
	hooks_run_urgently(leave->is.hooks, &leave->event, limit_usec > 0 ? limit_usec : HOOK_USEC,
			   on_hooks_done, leave);
}

static void follow_marks(struct leave *leave)
{
	if (leave->is.watch->had_hooks)
		begin_stop(leave);
	else
		begin_hooks(leave);
}

static void on_marked(const struct process_result *result, void *userdata)
{
	struct leave *leave = userdata;
	char names[256], done[320];

	leave->marking = NULL;
	words_list(&leave->is.watch->degraded, names, sizeof(names));
	text_sentence(done, sizeof(done), "marked degraded: %s", names);
	tell_mark(result, done);
	if (leave->step == STEP_MARK)
		follow_marks(leave);
	else if (leave->step == STEP_WAIT)
		begin(leave);
	else
		unmark(leave);
}

/* What somebody else has marked stays theirs. Each is written down before it is marked. */
static int list_unmarked(struct leave *leave, struct words *ret)
{
	struct osts osts;
	int r = osts_read(leave->is.root, &osts);

	if (r < 0)
		return r;
	for (size_t i = 0; i < osts.served.count && r == 0; i++)
		if (!words_contain(&osts.degraded, osts.served.items[i]))
			r = words_add(ret, osts.served.items[i]);
	osts_done(&osts);
	return r;
}

static void begin_mark(struct leave *leave)
{
	cleanup(words_done) struct words unmarked = { 0 };
	struct words *degraded = &leave->is.watch->degraded;
	int r = list_unmarked(leave, &unmarked);

	leave->step = STEP_MARK;
	leave->is.watch->leaving_step = LEAVING_MARKS;
	for (size_t i = 0; i < unmarked.count && r == 0; i++)
		if (!words_contain(degraded, unmarked.items[i]))
			r = words_add(degraded, unmarked.items[i]);
	tell(leave, LEAVING_BEGUN, "marking OSTs");
	if (r < 0 || unmarked.count == 0 ||
	    start_mark(leave, &unmarked, 1, on_marked, &leave->marking) < 0)
		follow_marks(leave);
}

static void end_process(struct process *process)
{
	if (process)
		process_cancel(process);
}

/*
 * Behind what a notice that was withdrawn had begun, and which has some seconds to end: of two at
 * the same marks, or mounts, the last would have its way.
 */
static void begin(struct leave *leave)
{
	if (!leave->marking && !leave->unmarking && !leave->stopping) {
		begin_mark(leave);
		return;
	}
	leave->step = STEP_WAIT;
	leave->is.watch->leaving_step = LEAVING_MARKS;
	end_process(leave->unmarking);
	tell(leave, LEAVING_BEGUN, "ending what the last notice had begun");
}

/* ---- unmounting ---- */

static void on_apply_told(const struct process_result *result, void *userdata)
{
	(void)result;
	(void)userdata;
}

/* The apply at work holds the lock, and may wait for its MGS for hours. Nothing else calls for it.
 */
static void end_apply(struct leave *leave)
{
	static const char *const argv[] = { "systemctl", "stop", "--no-block",
					    "lustre-init.service", NULL };
	const struct process_call call = {
		.argv = argv,
		.timeout_usec = MARK_USEC,
		.output_max = 4096,
		.done = on_apply_told,
		.userdata = leave,
	};

	leave->has_ended_apply = true;
	process_start(leave->is.processes, &call, /* ret= */ NULL, /* err= */ NULL);
}

static void tell_failure(struct leave *leave, const struct process_result *result)
{
	char sentence[sizeof(leave->failure)];

	process_describe("lustre-init stop", result, sentence, sizeof(sentence));
	if (strcmp(sentence, leave->failure) != 0)
		report_watch_line(SEVERITY_WARNING, "%s; it is tried again", sentence);
	text_sentence(leave->failure, sizeof(leave->failure), "%s", sentence);
}

/* What is not ours to unmount stays. */
static void note_left(struct leave *leave)
{
	words_done(&leave->is.watch->left);
	served_read(leave->is.root, &leave->is.watch->left);
}

static void on_stopped(const struct process_result *result, void *userdata)
{
	struct leave *leave = userdata;
	char line[512];

	leave->stopping = NULL;
	if (leave->step == STEP_WAIT) {
		begin(leave);
		return;
	}
	if (leave->step != STEP_STOP)
		return;
	if (!is_success(result)) {
		tell_failure(leave, result);
		if (is_busy(result) && !leave->has_ended_apply)
			end_apply(leave);
		leave->tries++;
		set_timer(leave, AGAIN_USEC * (leave->tries < TRIES_EACH_SEC ? 1 : 10));
		return;
	}
	/* Written before it is told: whoever reads that line may mount, or end this, at once. */
	leave->step = STEP_DONE;
	note_left(leave);
	tell(leave, LEAVING_DONE, "all is unmounted");
	process_last_line(result->output, line, sizeof(line));
	report_watch_line(SEVERITY_NOTICE, "all is unmounted: %s", line);
}

static void begin_stop(struct leave *leave)
{
	static const char *const argv[] = { "lustre-init", "stop", "--timeout", STOP_WAITS_SEC,
					    NULL };
	const struct process_call call = {
		.argv = argv,
		.timeout_usec = STOP_USEC,
		.output_max = 16384,
		.done = on_stopped,
		.userdata = leave,
	};
	struct error err;

	leave->step = STEP_STOP;
	leave->is.watch->leaving_step = LEAVING_UNMOUNTS;
	sd_event_source_set_enabled(leave->timer, SD_EVENT_OFF);
	tell(leave, LEAVING_BEGUN, "unmounting");
	if (process_start(leave->is.processes, &call, &leave->stopping, &err) == 0)
		return;
	report_watch_line(SEVERITY_ERROR, "nothing is unmounted: %s", err.text);
	set_timer(leave, AGAIN_USEC);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct leave *leave = userdata;

	(void)source;
	(void)usec;
	if (leave->step == STEP_HOOKS || (leave->step == STEP_STOP && !leave->stopping))
		begin_stop(leave);
	return 0;
}

/* ---- from the outside ---- */

/* Those of before that are gone may come back. */
static void keep_left(struct words *left, const struct words *now)
{
	struct words kept = { 0 };

	for (size_t i = 0; i < left->count; i++)
		if (words_contain(now, left->items[i]))
			words_add(&kept, left->items[i]);
	words_done(left);
	*left = kept;
}

/* As after a boot that was given notice before apply came to mount anything. */
static bool is_served_again(struct leave *leave)
{
	cleanup(words_done) struct words now = { 0 };
	struct words *left = &leave->is.watch->left;
	bool is_again = false;

	if (served_read(leave->is.root, &now) < 0)
		return false;
	for (size_t i = 0; i < now.count; i++)
		is_again = is_again || !words_contain(left, now.items[i]);
	keep_left(left, &now);
	return is_again;
}

bool leave_begin(struct leave *leave, const struct watch_event *event, unsigned left_sec,
		 bool had_hooks)
{
	struct watch *watch = leave->is.watch;
	/* What a daemon that was killed in the middle was at. */
	bool goes_on = leave->step == STEP_NONE && watch->leaving == LEAVING_BEGUN;
	bool is_done = leave->step == STEP_DONE || watch->leaving == LEAVING_DONE;

	if (is_done ? !is_served_again(leave) : leave->step != STEP_NONE)
		return false;
	leave->event = *event;
	leave->until_usec = clock_now_usec() + left_sec * 1000000ULL;
	leave->tries = 0;
	leave->has_ended_apply = false;
	leave->failure[0] = '\0';
	if (!goes_on)
		watch->had_hooks = had_hooks || is_done;
	if (goes_on && watch->leaving_step != LEAVING_MARKS)
		begin_stop(leave);
	else
		begin(leave);
	return true;
}

void leave_end(struct leave *leave)
{
	if (leave->is.watch->leaving == LEAVING_NOT) {
		if (leave->is.watch->degraded.count > 0)
			unmark(leave);
		return;
	}
	leave->step = STEP_NONE;
	sd_event_source_set_enabled(leave->timer, SD_EVENT_OFF);
	end_process(leave->marking);
	end_process(leave->stopping);
	leave->is.watch->leaving = LEAVING_NOT;
	unmark(leave);
	report_watch_line(SEVERITY_NOTICE,
			  "the instance stays; what was unmounted is mounted again by systemctl "
			  "restart lustre-init");
	leave->is.changed(leave->is.userdata);
}

int leave_new(const struct leave_options *options, struct leave **ret, struct error *err)
{
	struct leave *leave = calloc(1, sizeof(*leave));
	int r;

	if (!leave)
		return error_set(err, -ENOMEM, "out of memory");
	leave->is = *options;
	r = event_add_timer(processes_loop(options->processes), &leave->timer, 0, on_time, leave);
	if (r >= 0)
		r = sd_event_source_set_enabled(leave->timer, SD_EVENT_OFF);
	if (r < 0) {
		leave_free(leave);
		return error_errno(err, r, "cannot wait");
	}
	*ret = leave;
	return 0;
}

struct leave *leave_free(struct leave *leave)
{
	if (!leave)
		return NULL;
	event_source_end(leave->timer);
	free(leave);
	return NULL;
}
