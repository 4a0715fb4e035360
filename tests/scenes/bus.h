/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The system bus, and systemd on it: a child at the other end of a socket that plays both, and
 * somebody. Include <cmocka.h> before.
 */

#include "scenes/recorded.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>

#define BUS_NAME    "org.freedesktop.DBus"
#define BUS_MANAGER "org.freedesktop.systemd1.Manager"
#define BUS_JOB     "/org/freedesktop/systemd1/job/7"
#define BUS_UNIT    "/org/freedesktop/systemd1/unit/some_2emount"
#define SYSTEMD     ":1.0"
#define AGAIN       ":1.7" /* systemd, after it executed itself anew */
#define ANYBODY     ":1.99"

/* What is told of the job, in order. */
struct bus_telling {
	const char *sender, *result;
};

/* What systemd says of the unit. */
struct bus_unit {
	const char *active; /* NULL: it would not say */
	const char *result;
	const char *fragment; /* by which it knows the unit before; NULL: it does not know it */
	bool outdated;
	unsigned jobs; /* so often it is asked in vain while the job still runs */
	enum { EXEC_NONE, EXEC_EARLIER, EXEC_NOW } exec;
	int code, status; /* of ExecMount */
};

/* What one test plays. */
struct bus_play {
	struct bus_telling tellings[3];
	const char *refuses; /* the error with which StartUnit ends; NULL: it does not */
	const char *replies; /* whose name the answers bear; NULL: SYSTEMD */
	const char *owner;   /* whom the bus names as systemd's owner, once the job is made */
	bool tells_owner;    /* ... by a signal as well */
	const char *says;    /* whose name what is said of the unit bears; NULL: the owner's */
	struct bus_unit unit;
	enum { BUS_STAYS, BUS_COMES_BACK, BUS_IS_GONE, BUS_GOES_FIRST } bus; /* after StartUnit */
};

struct bus_peer {
	sd_bus *bus;
	const struct bus_play *play;
	const char *calls; /* a file: the members that were called */
	bool made;         /* the job */
	unsigned asked;
	uint64_t begun_usec;
};

static inline const char *bus_owner(const struct bus_peer *peer)
{
	return peer->made && peer->play->owner ? peer->play->owner : SYSTEMD;
}

static inline int bus_send_from(struct bus_peer *peer, sd_bus_message *message, const char *sender)
{
	int r = sd_bus_message_set_sender(message, sender);

	if (r >= 0)
		r = sd_bus_send(peer->bus, message, NULL);
	sd_bus_message_unref(message);
	return r < 0 ? r : 1;
}

static inline void bus_tell(struct bus_peer *peer, const struct bus_telling *telling)
{
	sd_bus_message *signal = NULL;

	if (sd_bus_message_new_signal(peer->bus, &signal, "/org/freedesktop/systemd1", BUS_MANAGER,
				      "JobRemoved") < 0 ||
	    sd_bus_message_append(signal, "uoss", 7, BUS_JOB, "unit", telling->result) < 0 ||
	    bus_send_from(peer, signal, telling->sender) < 0)
		_exit(2);
}

static inline void bus_tell_owner(struct bus_peer *peer)
{
	sd_bus_message *signal = NULL;

	if (sd_bus_message_new_signal(peer->bus, &signal, "/org/freedesktop/DBus", BUS_NAME,
				      "NameOwnerChanged") < 0 ||
	    sd_bus_message_append(signal, "sss", "org.freedesktop.systemd1", SYSTEMD,
				  bus_owner(peer)) < 0 ||
	    bus_send_from(peer, signal, BUS_NAME) < 0)
		_exit(2);
}

static inline sd_bus_message *bus_reply(sd_bus_message *call)
{
	sd_bus_message *reply = NULL;

	if (sd_bus_message_new_method_return(call, &reply) < 0)
		_exit(3);
	return reply;
}

static inline int bus_answer(struct bus_peer *peer, sd_bus_message *call, const char *types,
			     const char *value)
{
	const char *sender = peer->play->replies ? peer->play->replies : SYSTEMD;
	sd_bus_message *reply = bus_reply(call);

	if (sd_bus_message_append(reply, types, value) < 0)
		_exit(3);
	return bus_send_from(peer, reply, sender);
}

static inline int bus_append_exec(const struct bus_peer *peer, sd_bus_message *reply)
{
	const struct bus_unit *unit = &peer->play->unit;
	uint64_t started = unit->exec == EXEC_NOW ? peer->begun_usec : 1;

	if (unit->exec == EXEC_NONE)
		return sd_bus_message_append(reply, "{sv}", "ExecMount", "a(sasbttttuii)", 0);
	return sd_bus_message_append(reply, "{sv}", "ExecMount", "a(sasbttttuii)", 1, "/bin/mount",
				     1, "mount", 0, started, started, started, started, 11,
				     unit->code, unit->status);
}

/* With properties that nobody asked for, as systemd has them. */
static inline int bus_describe_unit(struct bus_peer *peer, sd_bus_message *call)
{
	const struct bus_unit *unit = &peer->play->unit;
	bool has_job = peer->asked++ < unit->jobs;
	sd_bus_message *reply;

	if (!unit->active)
		return sd_bus_reply_method_errnof(call, EBUSY, "not now");
	reply = bus_reply(call);
	if (sd_bus_message_open_container(reply, 'a', "{sv}") < 0 ||
	    sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}{sv}", "Names", "as", 1, "a.mount",
				  "ActiveState", "s", has_job ? "activating" : unit->active, "Job",
				  "(uo)", has_job ? 7 : 0, has_job ? BUS_JOB : "/", "Result", "s",
				  unit->result ? unit->result : "success", "FragmentPath", "s",
				  unit->fragment ? unit->fragment : "") < 0 ||
	    sd_bus_message_append(reply, "{sv}", "NeedDaemonReload", "b", unit->outdated) < 0 ||
	    bus_append_exec(peer, reply) < 0 || sd_bus_message_close_container(reply) < 0)
		_exit(5);
	return bus_send_from(peer, reply, peer->play->says ? peer->play->says : bus_owner(peer));
}

static inline int bus_start_unit(struct bus_peer *peer, sd_bus_message *call)
{
	const struct bus_play *play = peer->play;

	if (play->refuses)
		return sd_bus_reply_method_errorf(call, play->refuses, "it would not");
	peer->made = true;
	if (play->bus != BUS_GOES_FIRST)
		bus_answer(peer, call, "o", BUS_JOB);
	if (play->tells_owner)
		bus_tell_owner(peer);
	for (size_t i = 0; i < 3 && play->tellings[i].sender; i++)
		bus_tell(peer, &play->tellings[i]);
	if (play->bus == BUS_STAYS)
		return 1;
	sd_bus_flush(peer->bus);
	sd_bus_close(peer->bus);
	return 1;
}

static inline int bus_on_call(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	struct bus_peer *peer = userdata;
	const char *member = sd_bus_message_get_member(call);
	FILE *calls = peer->calls && member ? fopen(peer->calls, "ae") : NULL;

	(void)error;
	if (calls) {
		fprintf(calls, "%s\n", member);
		fclose(calls);
	}
	if (sd_bus_message_is_method_call(call, BUS_NAME, "Hello"))
		return sd_bus_reply_method_return(call, "s", ":1.1") < 0 ? -EIO : 1;
	if (sd_bus_message_is_method_call(call, BUS_NAME, "GetNameOwner"))
		return sd_bus_reply_method_return(call, "s", bus_owner(peer));
	if (sd_bus_message_is_method_call(call, BUS_MANAGER, "StartUnit"))
		return bus_start_unit(peer, call);
	if (sd_bus_message_is_method_call(call, NULL, "GetAll"))
		return bus_describe_unit(peer, call);
	if (sd_bus_message_is_method_call(call, BUS_MANAGER, "GetUnit"))
		return peer->play->unit.fragment
			       ? bus_answer(peer, call, "o", BUS_UNIT)
			       : sd_bus_reply_method_errorf(
					 call, "org.freedesktop.systemd1.NoSuchUnit", "no such");
	return sd_bus_message_is_method_call(call, NULL, NULL) &&
			       sd_bus_reply_method_return(call, "") < 0
		       ? -EIO
		       : 1;
}

static inline void bus_serve_one(struct bus_peer *peer, int fd)
{
	sd_id128_t id;

	if (fd < 0 || sd_id128_randomize(&id) < 0 || sd_bus_new(&peer->bus) < 0 ||
	    sd_bus_set_fd(peer->bus, fd, fd) < 0 || sd_bus_set_server(peer->bus, 1, id) < 0 ||
	    sd_bus_set_anonymous(peer->bus, 1) < 0 ||
	    sd_bus_add_filter(peer->bus, NULL, bus_on_call, peer) < 0 ||
	    sd_bus_start(peer->bus) < 0)
		_exit(4);
	while (sd_bus_is_open(peer->bus) > 0) {
		int r = sd_bus_process(peer->bus, NULL);

		if (r == 0)
			sd_bus_wait(peer->bus, UINT64_MAX);
	}
	peer->bus = sd_bus_unref(peer->bus);
}

/* One connection after another. */
static inline void bus_serve(int listener, const struct bus_play *play, const char *calls)
{
	struct bus_peer peer = { .play = play, .calls = calls };
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	/* Whatever is started after this has its time yet to come: a minute is enough. */
	peer.begun_usec = (uint64_t)(now.tv_sec + 60) * 1000000;
	do {
		struct sockaddr_un address;
		socklen_t length = sizeof(address);

		bus_serve_one(&peer, accept4(listener, (struct sockaddr *)&address, &length,
					     SOCK_CLOEXEC | SOCK_NONBLOCK));
	} while (!peer.made || play->bus == BUS_STAYS || play->bus == BUS_COMES_BACK);
	_exit(0);
}

static inline int bus_listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", path);
	unlink(path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

/* From now on it is this process's system bus. Its calls are in the machine's file /bus-calls. */
static inline pid_t bus_start(struct recorded *machine, const struct bus_play *play)
{
	char path[4096], address[4200], calls[4096];
	int listener;
	pid_t pid;

	recorded_path(machine, "/bus", path);
	recorded_path(machine, "/bus-calls", calls);
	listener = bus_listen_at(path);
	snprintf(address, sizeof(address), "unix:path=%s", path);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		bus_serve(listener, play, calls);
	}
	close(listener);
	return pid;
}

static inline void bus_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static inline bool bus_was_called(const struct recorded *machine, const char *member)
{
	char path[4096], line[256];
	bool found = false;
	FILE *file;

	recorded_path(machine, "/bus-calls", path);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		found = strcmp(line, member) == 0;
	}
	if (file)
		fclose(file);
	return found;
}
