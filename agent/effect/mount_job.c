/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One mount: the start of its unit, and how that ended. JobRemoved tells; but
 * it may be lost, over a daemon-reexec or with the bus, so systemd is also
 * asked now and then, and when its name changes owner. Whatever is said, the
 * kernel has the last word.
 */

#include "base/errno_text.h"
#include "base/event.h"
#include "effect/mount.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/tree.h"
#include "effect/manager.h"
#include "effect/mount_point.h"
#include "effect/mounted.h"
#include "effect/tuning.h"
#include "effect/unit_file.h"
#include "model/mount_error.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUS_SERVICE "org.freedesktop.DBus"
#define BUS_PATH    "/org/freedesktop/DBus"

/* mount(8) ends with it, and without a word, when its helper was ended by a
 * signal (measured). */
#define HELPER_SIGNALED 255

/* What is listened for, and what is waited for. */
enum ear {
	EAR_REMOVED, /* the signal JobRemoved */
	EAR_OWNER,   /* the signal that systemd's name changes owner */
	EAR_START,   /* the answer to StartUnit */
	EAR_UNIT,    /* what systemd knows of the unit */
	EAR_MAX,
};

struct mounting {
	sd_bus *bus; /* the one that is listened to; the run may have got another since */
	sd_bus_slot *ears[EAR_MAX];
	sd_event_source *timer;
	char manager[MANAGER_NAME_MAX]; /* systemd's unique name */
	char unit[UNIT_NAME_MAX];
	char job[128];   /* "" until systemd has said which */
	char result[32]; /* of the job, as JobRemoved told; "" while it did not */
	uint64_t begun_usec, heard_usec;
};

static const char *where_of(const struct step *step)
{
	return step->target ? step->target->mount_point : step->options->plan->client.mount_point;
}

static void stop_listening(struct mounting *mounting)
{
	for (size_t i = 0; i < EAR_MAX; i++)
		mounting->ears[i] = sd_bus_slot_unref(mounting->ears[i]);
	mounting->bus = sd_bus_unref(mounting->bus);
}

/* Before each end of the step, which frees the rest. */
static void leave(struct step *step)
{
	struct mounting *mounting = step->work;

	step_count_as_tool(step);
	stop_listening(mounting);
	mounting->timer = event_source_end(mounting->timer);
}

static struct mounted_asked asked_by(const struct step *step)
{
	return (struct mounted_asked){
		.source = step->target ? step->target->device : step->options->plan->client.source,
		.where = where_of(step),
		.is_client = !step->target,
	};
}

/* The kernel's answer to whether what shall be there is there. */
static int look_in_kernel(const struct step *step, struct error *err)
{
	const struct mounted_asked asked = asked_by(step);

	return mounted_check(step->options->mount_table, &asked, err);
}

static void tell_another_mgs(struct step *step)
{
	const struct mounted_asked asked = asked_by(step);
	char text[ERROR_TEXT_MAX];

	/* The plan has no NIDs where the MGS is this very node, by whichever of its own. */
	if (step->target &&
	    mounted_asks_another_mgs(step->options->mount_table, &asked, step->target->name,
				     &step->options->plan->mgs_nids, text))
		step_note(step, "%s", text);
}

/* systemd says that it is mounted. */
static void end_mounted(struct step *step)
{
	const struct mounting *mounting = step->work;
	struct error err;

	leave(step);
	if (look_in_kernel(step, &err) < 0) {
		step_fail(step, 0,
			  "systemd says that %s is done, but %s. Next: journalctl -u '%s' "
			  "says what "
			  "became of it",
			  mounting->unit, err.text, mounting->unit);
		return;
	}
	tell_another_mgs(step);
	step_done(step);
}

/*
 * What systemd knows of ExecMount may be of an earlier start, which a job that
 * failed before leaves there, or of none, where systemd was made to read its
 * units or to execute itself meanwhile: then nobody knows what mount.lustre
 * said, and it has to be asked again.
 */
static bool is_of_this_start(const struct mounting *mounting, const struct manager_unit *unit)
{
	return unit->exec.started_usec >= mounting->begun_usec && unit->exec.code != 0;
}

/* A negative errno with the reason where there is none that is as it should be. */
static int make_mount_point(const struct step *step, struct error *err)
{
	const struct apply_options *options = step->options;

	return options->mount_points
		       ? mount_point_make(options->root, options->mount_points, where_of(step), err)
		       : 0;
}

/* systemd makes one where it can, and runs mount.lustre all the same: its ENOENT says nothing of
 * the MGS then. */
static void fail_without_place(struct step *step)
{
	struct error err = { .text = "it was taken away" };

	leave(step);
	make_mount_point(step, &err);
	step_fail_passing(
		step, 0,
		"there was no directory to mount on at %s: %s. Next: see to it that there is, "
		"then systemctl restart lustre-init",
		where_of(step), err.text);
}

static void fail_with_errno(struct step *step, int code)
{
	const struct mounting *mounting = step->work;
	const struct mount_error *error = mount_error_find(code, /* is_client= */ !step->target);

	if (code == ENOENT && tree_exists(step->options->root, where_of(step)) == 0) {
		fail_without_place(step);
		return;
	}
	leave(step);
	step_fail(step, code,
		  "%s (mount.lustre: %d, %s). Next: %s. journalctl -u '%s' has its words",
		  error->sentence, code, errno_name(code), error->next, mounting->unit);
}

static void fail_without_errno(struct step *step, const char *why)
{
	const struct mounting *mounting = step->work;

	leave(step);
	step_fail_passing(step, 0,
			  "%s. Next: systemctl restart lustre-init tries again; journalctl -u '%s' "
			  "has its words",
			  why, mounting->unit);
}

/* How mount(8) ended, where the job failed. */
static void end_failed(struct step *step, const struct manager_unit *unit)
{
	char why[128];

	if (!is_of_this_start(step->work, unit)) {
		fail_without_errno(step,
				   "it failed, and systemd has lost what mount.lustre said, as "
				   "by a daemon-reload meanwhile");
	} else if (unit->exec.code != CLD_EXITED) {
		snprintf(why, sizeof(why), "mount was ended by signal %d", unit->exec.status);
		fail_without_errno(step, why);
	} else if (unit->exec.status == HELPER_SIGNALED) {
		fail_without_errno(step, "mount.lustre was ended by a signal, as where memory runs "
					 "out (dmesg)");
	} else if (unit->exec.status == 0) {
		snprintf(why, sizeof(why), "mount ended well, and systemd says \"%.32s\"",
			 unit->result);
		fail_without_errno(step, why);
	} else {
		fail_with_errno(step, unit->exec.status);
	}
}

/* The job came to an end before mount(8) was run, if ever: what is in ExecMount
 * is no answer. */
static void end_unstarted(struct step *step, const char *result)
{
	const struct mounting *mounting = step->work;

	leave(step);
	if (strcmp(result, "canceled") == 0)
		step_fail(step, ECANCELED,
			  "the start of %s was canceled: somebody stopped it, or the node "
			  "goes down. "
			  "Next: systemctl restart lustre-init",
			  mounting->unit);
	else if (strcmp(result, "dependency") == 0)
		step_fail_passing(
			step, 0,
			"%s was not started: a unit that it needs failed, as the one of its "
			"device. Next: systemctl list-dependencies '%s' shows which; "
			"systemctl restart lustre-init tries again",
			mounting->unit, mounting->unit);
	else
		step_fail_passing(step, 0,
				  "the start of %s ended with \"%s\". Next: systemctl restart "
				  "lustre-init tries again; "
				  "journalctl -u '%s' says why",
				  mounting->unit, result, mounting->unit);
}

/* systemd, or the bus, has been away for too long. What it did before may have
 * been enough. */
static void end_unheard(struct step *step)
{
	const struct mounting *mounting = step->work;
	unsigned long long silence = (clock_now_usec() - mounting->heard_usec) / 1000000;

	leave(step);
	if (look_in_kernel(step, /* err= */ NULL) == 0)
		step_done_without(step, "it is mounted; systemd has not answered for %llu s",
				  silence);
	else
		step_fail_passing(
			step, ETIMEDOUT,
			"systemd has not answered about %s for %llu s. Next: systemctl status "
			"dbus.service and systemctl is-system-running tell how they are; "
			"systemctl restart lustre-init tries again",
			mounting->unit, silence);
}

/*
 * Anybody on the bus may send us a signal of any name: what counts is whose
 * unique name the bus put on it. That of systemd changes when it executes
 * itself anew.
 */
static bool is_from_manager(struct mounting *mounting, sd_bus_message *message)
{
	const char *sender = sd_bus_message_get_sender(message);

	if (!sender)
		return false;
	if (strcmp(sender, mounting->manager) == 0)
		return true;
	return manager_find(mounting->bus, mounting->manager) == 0 &&
	       strcmp(sender, mounting->manager) == 0;
}

static void ask(struct step *step);

static int on_job_removed(sd_bus_message *signal, void *userdata, sd_bus_error *bus_error)
{
	struct step *step = userdata;
	struct mounting *mounting = step->work;
	const char *job, *unit, *result;
	uint32_t id;

	(void)bus_error;
	if (sd_bus_message_read(signal, "uoss", &id, &job, &unit, &result) < 0 ||
	    strcmp(job, mounting->job) != 0 || !is_from_manager(mounting, signal))
		return 0;
	mounting->heard_usec = clock_now_usec();
	if (strcmp(result, "done") == 0) {
		end_mounted(step);
	} else if (strcmp(result, "failed") != 0) {
		end_unstarted(step, result);
	} else {
		text_set(mounting->result, sizeof(mounting->result), "%s", result);
		ask(step);
	}
	return 0;
}

/* Without a job, and in a state that is one: its end was told, and we did not
 * hear it. */
static void judge(struct step *step, const struct manager_unit *unit)
{
	const struct mounting *mounting = step->work;

	if (mounting->result[0] != '\0')
		end_failed(step, unit);
	else if (mounting->job[0] == '\0' || unit->has_job)
		return;
	else if (strcmp(unit->active, "active") == 0)
		end_mounted(step);
	else if (strcmp(unit->active, "failed") == 0)
		end_failed(step, unit);
	else if (strcmp(unit->active, "inactive") == 0)
		end_unstarted(step, "unknown");
}

static int on_unit(sd_bus_message *answer, void *userdata, sd_bus_error *bus_error)
{
	struct step *step = userdata;
	struct mounting *mounting = step->work;
	struct manager_unit unit = { 0 };
	bool heard = !sd_bus_message_get_error(answer) && is_from_manager(mounting, answer) &&
		     manager_read_unit(answer, &unit) >= 0;

	(void)bus_error;
	mounting->ears[EAR_UNIT] = sd_bus_slot_unref(mounting->ears[EAR_UNIT]);
	if (heard)
		mounting->heard_usec = clock_now_usec();
	/* Who fails and would not say how has not said it. */
	if (heard || mounting->result[0] != '\0')
		judge(step, &unit);
	return 0;
}

/* What comes of it is looked at when it is asked next. */
static void ask(struct step *step)
{
	struct mounting *mounting = step->work;

	if (!mounting->ears[EAR_UNIT])
		manager_ask_unit(mounting->bus, mounting->unit, &mounting->ears[EAR_UNIT], on_unit,
				 step);
}

/* Who executed itself anew may have forgotten to whom it speaks. */
static int subscribe(struct mounting *mounting)
{
	sd_bus_message *call = NULL;
	int r = manager_find(mounting->bus, mounting->manager);

	if (r >= 0)
		r = manager_new_call(mounting->bus, "Subscribe", &call);
	if (r >= 0)
		r = manager_send(mounting->bus, call, /* slot= */ NULL, /* done= */ NULL,
				 /* userdata= */ NULL);
	return r;
}

static int on_new_owner(sd_bus_message *signal, void *userdata, sd_bus_error *bus_error)
{
	struct step *step = userdata;
	struct mounting *mounting = step->work;
	const char *name, *before, *now;

	(void)bus_error;
	if (sd_bus_message_read(signal, "sss", &name, &before, &now) < 0 ||
	    strcmp(name, MANAGER_SERVICE) != 0 || now[0] == '\0')
		return 0;
	/* An answer of who was it before does not come any more. */
	mounting->ears[EAR_UNIT] = sd_bus_slot_unref(mounting->ears[EAR_UNIT]);
	if (subscribe(mounting) >= 0)
		ask(step);
	return 0;
}

/* On the run's bus, which is opened anew where it was lost. */
static int listen_to_manager(struct step *step)
{
	struct mounting *mounting = step->work;
	int r = manager_connect(step->bus, step->loop);

	stop_listening(mounting);
	if (r < 0)
		return r;
	mounting->bus = sd_bus_ref(*step->bus);
	r = sd_bus_match_signal(mounting->bus, &mounting->ears[EAR_REMOVED], MANAGER_SERVICE,
				MANAGER_PATH, MANAGER_INTERFACE, "JobRemoved", on_job_removed,
				step);
	if (r >= 0)
		r = sd_bus_match_signal(mounting->bus, &mounting->ears[EAR_OWNER], BUS_SERVICE,
					BUS_PATH, BUS_SERVICE, "NameOwnerChanged", on_new_owner,
					step);
	return r < 0 ? r : subscribe(mounting);
}

/* The bus is lost. Without the job's name its end would not be known by it: the
 * next round orders it once more, which systemd takes for the same job. */
static void listen_again(struct step *step)
{
	const struct mounting *mounting = step->work;

	if (mounting->job[0] == '\0') {
		leave(step);
		step_fail_passing(
			step, ECONNRESET,
			"the system bus went away before systemd had answered to the start "
			"of %s. Next: systemctl restart lustre-init tries again",
			mounting->unit);
	} else if (listen_to_manager(step) >= 0) {
		ask(step);
	}
}

static int on_time(sd_event_source *timer, uint64_t usec, void *userdata)
{
	struct step *step = userdata;
	struct mounting *mounting = step->work;

	(void)usec;
	if (clock_now_usec() - mounting->heard_usec >= step->options->patience.systemd_usec) {
		end_unheard(step);
		return 0;
	}
	event_set_timer(timer, step->options->patience.asked_usec);
	sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
	if (mounting->bus && sd_bus_is_open(mounting->bus) > 0)
		ask(step);
	else
		listen_again(step);
	return 0;
}

/* The errors of a call that did not come through: a daemon-reexec leaves
 * systemd's name without an owner for a moment. */
static bool is_of_the_bus(int code)
{
	return code == ETIMEDOUT || code == ECONNRESET || code == ENOTCONN || code == ENXIO ||
	       code == EHOSTUNREACH;
}

static void fail_to_start(struct step *step, const sd_bus_error *error)
{
	const struct mounting *mounting = step->work;
	int code = sd_bus_error_get_errno(error);

	leave(step);
	/* It is no errno of mount.lustre's, by which a mount is judged. */
	if (is_of_the_bus(code))
		step_fail_passing(
			step, code,
			"systemd did not answer to the start of %s: %s. Next: systemctl restart "
			"lustre-init tries again",
			mounting->unit, error->message);
	else
		step_fail(step, 0,
			  "systemd does not start %s: %s. Next: systemctl status '%s' "
			  "shows what it "
			  "knows of it; then systemctl restart lustre-init",
			  mounting->unit, error->message, mounting->unit);
}

static int on_job_made(sd_bus_message *reply, void *userdata, sd_bus_error *bus_error)
{
	struct step *step = userdata;
	struct mounting *mounting = step->work;
	const sd_bus_error *error = sd_bus_message_get_error(reply);
	const char *job = "";

	(void)bus_error;
	if (error) {
		fail_to_start(step, error);
		return 0;
	}
	if (!is_from_manager(mounting, reply)) {
		leave(step);
		step_fail(step, EPERM, "the answer about %s is not systemd's", mounting->unit);
		return 0;
	}
	/* With half of it the end of the job would never be known. */
	if (sd_bus_message_read(reply, "o", &job) < 0 ||
	    text_format(mounting->job, sizeof(mounting->job), "%s", job) < 0) {
		leave(step);
		step_fail(step, EBADMSG,
			  "systemd's job for %s has no name, or one that is too long",
			  mounting->unit);
		return 0;
	}
	mounting->heard_usec = clock_now_usec();
	return 0;
}

static int order(struct step *step)
{
	struct mounting *mounting = step->work;
	sd_bus_message *call = NULL;
	int r = manager_new_call(mounting->bus, "StartUnit", &call);

	if (r >= 0)
		r = sd_bus_message_append(call, "ss", mounting->unit, "replace");
	if (r < 0) {
		sd_bus_message_unref(call);
		return r;
	}
	return manager_send(mounting->bus, call, &mounting->ears[EAR_START], on_job_made, step);
}

/*
 * The signal is subscribed to before the job is made, so its end cannot be
 * missed; the bus keeps the order of the reply and the signal.
 */
void mount_start(struct step *step)
{
	struct mounting *mounting = calloc(1, sizeof(*mounting));
	struct error err;
	int r;

	step->work = mounting;
	if (!mounting ||
	    unit_file_name(where_of(step), mounting->unit, sizeof(mounting->unit)) < 0) {
		step_fail_passing(step, ENOMEM, "out of memory");
		return;
	}
	/* Without it systemd makes one, as any other: less safe, and not worth a mount. */
	if (make_mount_point(step, &err) < 0)
		step_note(step,
			  "%s; while nothing is mounted there, it is not kept from being written",
			  err.text);
	if (!step->target)
		tuning_mark_client(step);
	mounting->begun_usec = mounting->heard_usec = clock_now_usec();
	r = listen_to_manager(step);
	if (r >= 0)
		r = order(step);
	if (r >= 0)
		r = event_add_timer(step->loop, &mounting->timer,
				    step->options->patience.asked_usec, on_time, step);
	if (r < 0) {
		leave(step);
		step_fail_passing(step, -r, "cannot ask systemd to start %s: %s", mounting->unit,
				  errno_text(-r));
		return;
	}
	step_remind(step, mount_remind);
}
