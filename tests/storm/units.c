/* SPDX-License-Identifier: Apache-2.0 */

/*
 * systemd's place on the bus, for one agent in a node without systemd: a peer that answers as
 * org.freedesktop.systemd1 does what effect/mount.c asks for. StartUnit of a mount unit reads the
 * unit file, makes the mount point and runs mount.lustre; its end is told by JobRemoved, and how it
 * ended by the unit's properties. No unit is known before it is started.
 *
 * usage: units SOCKET UNIT_DIRECTORY. Serves connection after connection, one at a time.
 */

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#define SYSTEMD_PATH    "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER "org.freedesktop.systemd1.Manager"
#define DBUS_NAME       "org.freedesktop.DBus"
#define OUR_NAME        ":1.0"
#define PEER_NAME       ":1.1"
#define VALUE_MAX       512

extern char **environ;

struct units {
	sd_event *loop;
	sd_bus *bus;
	const char *directory;
	unsigned jobs;
	const char *active; /* of the last mount.lustre: the unit's ActiveState */
	uint64_t started_usec;
	int code, status; /* likewise, as in siginfo_t; 0 while it runs */
};

struct job {
	struct units *units;
	unsigned id;
	char unit[VALUE_MAX];
};

/* The value of `key` in the unit file, "" where there is none. Values are short words here. */
static void read_value(const char *path, const char *key, char *value, size_t size)
{
	char line[2 * VALUE_MAX];
	FILE *file = fopen(path, "re");
	size_t length = strlen(key);

	value[0] = '\0';
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, key, length) == 0 && line[length] == '=')
			snprintf(value, size, "%.*s", (int)size - 1, line + length + 1);
	}
	if (file)
		fclose(file);
}

static void make_directories(const char *path)
{
	char copy[VALUE_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *at = strchr(copy + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		mkdir(copy, 0755);
		*at = '/';
	}
	mkdir(copy, 0755);
}

/* Everything here comes from the one peer that there is; replies need its serial and no more. */
static int send_signed(struct units *units, sd_bus_message *message)
{
	int r = sd_bus_message_set_sender(message, OUR_NAME);

	if (r >= 0)
		r = sd_bus_send(units->bus, message, NULL);
	sd_bus_message_unref(message);
	return r;
}

static void tell_end(struct job *job, const char *result)
{
	struct units *units = job->units;
	sd_bus_message *signal = NULL;
	char path[64];

	snprintf(path, sizeof(path), SYSTEMD_PATH "/job/%u", job->id);
	if (sd_bus_message_new_signal(units->bus, &signal, SYSTEMD_PATH, SYSTEMD_MANAGER,
				      "JobRemoved") >= 0 &&
	    sd_bus_message_append(signal, "uoss", job->id, path, job->unit, result) >= 0)
		send_signed(units, signal);
}

static int on_mount_ended(sd_event_source *source, const siginfo_t *info, void *userdata)
{
	struct job *job = userdata;
	struct units *units = job->units;
	const bool done = info->si_code == CLD_EXITED && info->si_status == 0;

	units->code = info->si_code;
	units->status = info->si_status;
	units->active = done ? "active" : "failed";
	sd_event_source_unref(source);
	tell_end(job, done ? "done" : "failed");
	free(job);
	return 0;
}

static int start_mount(struct job *job)
{
	char path[2 * VALUE_MAX], what[VALUE_MAX], where[VALUE_MAX], options[VALUE_MAX];
	char *argv[] = { (char[]){ "mount.lustre" }, what, where, NULL, options, NULL };
	pid_t pid;
	int r;

	snprintf(path, sizeof(path), "%s/%s", job->units->directory, job->unit);
	read_value(path, "What", what, sizeof(what));
	read_value(path, "Where", where, sizeof(where));
	read_value(path, "Options", options, sizeof(options));
	if (what[0] == '\0' || where[0] == '\0')
		return -ENOENT;
	if (options[0] != '\0')
		argv[3] = (char[]){ "-o" };
	make_directories(where);
	sd_event_now(job->units->loop, CLOCK_MONOTONIC, &job->units->started_usec);
	job->units->active = "activating";
	job->units->code = job->units->status = 0;
	r = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (r != 0)
		return -r;
	return sd_event_add_child(job->units->loop, NULL, pid, WEXITED, on_mount_ended, job);
}

static int start_unit(struct units *units, sd_bus_message *call)
{
	struct job *job = calloc(1, sizeof(*job));
	sd_bus_message *reply = NULL;
	const char *unit;
	char path[64];
	int r = job ? sd_bus_message_read(call, "s", &unit) : -ENOMEM;

	if (r >= 0) {
		*job = (struct job){ .units = units, .id = ++units->jobs };
		snprintf(job->unit, sizeof(job->unit), "%s", unit);
		r = start_mount(job);
	}
	if (r < 0) {
		free(job);
		return sd_bus_reply_method_errnof(call, -r, "cannot start it");
	}
	snprintf(path, sizeof(path), SYSTEMD_PATH "/job/%u", job->id);
	r = sd_bus_message_new_method_return(call, &reply);
	if (r >= 0)
		r = sd_bus_message_append(reply, "o", path);
	return r < 0 ? r : send_signed(units, reply);
}

/* What the agent looks for, of a unit that has no job once its mount.lustre has ended. */
static int tell_unit(struct units *units, sd_bus_message *call)
{
	const char *active = units->active ? units->active : "inactive";
	bool has_job = strcmp(active, "activating") == 0;
	sd_bus_message *reply = NULL;
	int r = sd_bus_message_new_method_return(call, &reply);

	if (r >= 0)
		r = sd_bus_message_append(
			reply, "a{sv}", 3, "ActiveState", "s", active, "Job", "(uo)",
			(uint32_t)has_job, has_job ? SYSTEMD_PATH "/job/1" : "/", "ExecMount",
			"a(sasbttttuii)", 1, "mount.lustre", 0, 0, (uint64_t)0, units->started_usec,
			(uint64_t)0, (uint64_t)0, (uint32_t)0, (int32_t)units->code,
			(int32_t)units->status);
	return r < 0 ? r : send_signed(units, reply);
}

static int on_call(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	struct units *units = userdata;
	const char *member = sd_bus_message_get_member(call);

	(void)error;
	if (sd_bus_message_is_method_call(call, DBUS_NAME, "Hello"))
		return sd_bus_reply_method_return(call, "s", PEER_NAME) < 0 ? -EIO : 1;
	if (sd_bus_message_is_method_call(call, DBUS_NAME, "GetNameOwner"))
		return sd_bus_reply_method_return(call, "s", OUR_NAME) < 0 ? -EIO : 1;
	if (sd_bus_message_is_method_call(call, SYSTEMD_MANAGER, "StartUnit"))
		return start_unit(units, call) < 0 ? -EIO : 1;
	if (sd_bus_message_is_method_call(call, SYSTEMD_MANAGER, "GetUnit"))
		return sd_bus_reply_method_errorf(call, "org.freedesktop.systemd1.NoSuchUnit",
						  "not before it is started");
	if (member && strcmp(member, "GetAll") == 0)
		return tell_unit(units, call) < 0 ? -EIO : 1;
	/* AddMatch, RemoveMatch, Subscribe, Reload: there is nobody else to choose among. */
	if (sd_bus_message_is_method_call(call, NULL, NULL))
		return sd_bus_reply_method_return(call, "") < 0 ? -EIO : 1;
	return 0;
}

static int serve(struct units *units, int fd)
{
	sd_id128_t id;
	int r = sd_id128_randomize(&id);

	if (r >= 0)
		r = sd_bus_new(&units->bus);
	if (r >= 0)
		r = sd_bus_set_fd(units->bus, fd, fd);
	if (r >= 0)
		r = sd_bus_set_server(units->bus, 1, id);
	if (r >= 0)
		r = sd_bus_set_anonymous(units->bus, 1);
	if (r >= 0)
		r = sd_bus_add_filter(units->bus, NULL, on_call, units);
	if (r >= 0)
		r = sd_bus_start(units->bus);
	if (r >= 0)
		r = sd_bus_attach_event(units->bus, units->loop, SD_EVENT_PRIORITY_NORMAL);
	while (r >= 0 && sd_bus_is_open(units->bus) > 0)
		r = sd_event_run(units->loop, UINT64_MAX);
	units->bus = sd_bus_flush_close_unref(units->bus);
	return r;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 8) < 0)
		return -errno;
	return fd;
}

int main(int argc, char **argv)
{
	struct units units = { .directory = argc == 3 ? argv[2] : "" };
	sigset_t children;
	int listener;

	if (argc != 3) {
		fprintf(stderr, "usage: units SOCKET UNIT_DIRECTORY\n");
		return 2;
	}
	/* sd_event_add_child() wants them blocked. */
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	listener = listen_at(argv[1]);
	if (listener < 0 || sd_event_new(&units.loop) < 0) {
		fprintf(stderr, "units: cannot listen at %s\n", argv[1]);
		return 1;
	}
	for (;;) {
		struct sockaddr_un peer;
		socklen_t length = sizeof(peer);
		int fd = accept4(listener, (struct sockaddr *)&peer, &length,
				 SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0 && serve(&units, fd) < 0 && errno == ENOMEM)
			return 1;
	}
}
