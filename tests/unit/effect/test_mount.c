/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A mount is done when systemd says so and the kernel has it: not when anybody on the bus says so,
 * and not when something else is there. The bus is a socket, and what is at its other end plays the
 * bus, systemd, and somebody.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "effect/mounted.h"
#include "scenes/apply.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>

#define MANAGER "org.freedesktop.systemd1.Manager"
#define BUS     "org.freedesktop.DBus"
#define JOB     "/org/freedesktop/systemd1/job/7"
#define SYSTEMD ":1.0"
#define AGAIN   ":1.7" /* systemd, after it executed itself anew */
#define ANYBODY ":1.99"
#define PLACE   "/srv/lustre/lustrewt-OST0017"
#define DEVICE  "/dev/mapper/lustre-init-0badcafe-ost0017"
#define CLIENT  "10.0.0.10@tcp:/lustrewt"

/* What is told of the job, in order. */
struct telling {
	const char *sender, *result;
};

/* What one test plays. */
struct play {
	struct telling tellings[3];
	const char *replies; /* whose name the answers bear */
	const char *owner;   /* whom the bus names as systemd's owner, once the job is made */
	unsigned seconds;    /* that the job takes */
};

static int send_from(sd_bus *bus, sd_bus_message *message, const char *sender)
{
	int r = sd_bus_message_set_sender(message, sender);

	if (r >= 0)
		r = sd_bus_send(bus, message, NULL);
	sd_bus_message_unref(message);
	return r;
}

static void tell(sd_bus *bus, const struct telling *telling)
{
	sd_bus_message *signal = NULL;

	if (sd_bus_message_new_signal(bus, &signal, "/org/freedesktop/systemd1", MANAGER,
				      "JobRemoved") < 0 ||
	    sd_bus_message_append(signal, "uoss", 7, JOB, "unit", telling->result) < 0 ||
	    send_from(bus, signal, telling->sender) < 0)
		_exit(2);
}

struct peer {
	sd_bus *bus;
	const struct play *play;
	bool made; /* the job */
};

static int answer(struct peer *peer, sd_bus_message *call, const char *types, const char *value)
{
	sd_bus_message *reply = NULL;

	if (sd_bus_message_new_method_return(call, &reply) < 0 ||
	    sd_bus_message_append(reply, types, value) < 0)
		_exit(3);
	return send_from(peer->bus, reply, peer->play->replies) < 0 ? -EIO : 1;
}

static int on_call(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	struct peer *peer = userdata;
	const struct play *play = peer->play;

	(void)error;
	if (sd_bus_message_is_method_call(call, BUS, "Hello"))
		return sd_bus_reply_method_return(call, "s", ":1.1") < 0 ? -EIO : 1;
	if (sd_bus_message_is_method_call(call, BUS, "GetNameOwner"))
		return sd_bus_reply_method_return(call, "s", peer->made ? play->owner : SYSTEMD);
	if (sd_bus_message_is_method_call(call, MANAGER, "StartUnit")) {
		peer->made = true;
		answer(peer, call, "o", JOB);
		sd_bus_flush(peer->bus);
		sleep(play->seconds);
		for (size_t i = 0; i < 3 && play->tellings[i].sender; i++)
			tell(peer->bus, &play->tellings[i]);
		return 1;
	}
	if (sd_bus_message_is_method_call(call, NULL, "Get"))
		return sd_bus_reply_method_errnof(call, ENOENT, "no property here");
	return sd_bus_message_is_method_call(call, NULL, NULL) &&
			       sd_bus_reply_method_return(call, "") < 0
		       ? -EIO
		       : 1;
}

static void serve(int listener, const struct play *play)
{
	struct peer peer = { .play = play };
	struct sockaddr_un address;
	socklen_t length = sizeof(address);
	int fd = accept4(listener, (struct sockaddr *)&address, &length,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);
	sd_id128_t id;

	if (fd < 0 || sd_id128_randomize(&id) < 0 || sd_bus_new(&peer.bus) < 0 ||
	    sd_bus_set_fd(peer.bus, fd, fd) < 0 || sd_bus_set_server(peer.bus, 1, id) < 0 ||
	    sd_bus_set_anonymous(peer.bus, 1) < 0 ||
	    sd_bus_add_filter(peer.bus, NULL, on_call, &peer) < 0 || sd_bus_start(peer.bus) < 0)
		_exit(4);
	while (sd_bus_is_open(peer.bus) > 0) {
		int r = sd_bus_process(peer.bus, NULL);

		if (r == 0)
			sd_bus_wait(peer.bus, UINT64_MAX);
	}
	_exit(0);
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static pid_t start_peer(struct apply_scene *s, const struct play *play)
{
	char path[4096], address[4200];
	int listener;
	pid_t pid;

	recorded_path(&s->machine, "/bus", path);
	listener = listen_at(path);
	snprintf(address, sizeof(address), "unix:path=%s", path);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		serve(listener, play);
	close(listener);
	return pid;
}

/* What the kernel has, after "ID PARENT DEVICE ROOT"; NULL for nothing. DEVICE stands for the
 * OST's. */
static void put_mount(struct apply_scene *s, const char *mount)
{
	static const char root[] = "21 1 259:1 / / rw,relatime - ext4 /dev/nvme0n1p1 rw\n";
	const char *device = s->plan.target_count > 0 ? s->plan.targets[0].device : DEVICE;
	const char *at = mount ? strstr(mount, DEVICE) : NULL;

	if (!mount)
		recorded_file(&s->machine, "/mountinfo", "%s", root);
	else if (!at)
		recorded_file(&s->machine, "/mountinfo", "%s40 21 0:52 / %s\n", root, mount);
	else
		recorded_file(&s->machine, "/mountinfo", "%s40 21 0:52 / %.*s%s%s\n", root,
			      (int)(at - mount), mount, device, at + strlen(DEVICE));
}

static void make_plan(struct apply_scene *s, bool is_client)
{
	struct plan_client *client = &s->plan.client;
	struct plan_target *target;

	apply_start(s);
	apply_add(s, ACTION_MOUNT, -1, -1);
	if (is_client) {
		client->wanted = true;
		strcpy(client->fsname, "lustrewt");
		client->source = strdup(CLIENT);
		assert_non_null(client->source);
		strcpy(client->mount_point, "/mnt/lustrewt");
		return;
	}
	target = plan_add_target(&s->plan);
	assert_non_null(target);
	strcpy(target->name, "lustrewt-OST0017");
	apply_add_device(s, target);
	strcpy(target->mount_point, PLACE);
	s->plan.actions[0].target = 0;
}

/* "" when it was done, else why not. */
static void play(struct play told, bool is_client, const char *mount, char why[512])
{
	const struct outcome *outcome;
	struct apply_scene s;
	pid_t peer;

	told.replies = told.replies ? told.replies : SYSTEMD;
	told.owner = told.owner ? told.owner : SYSTEMD;
	make_plan(&s, is_client);
	put_mount(&s, mount);
	peer = start_peer(&s, &told);
	apply_run(&s);
	outcome = apply_outcome(&s, ACTION_MOUNT);
	snprintf(why, 512, "%s", outcome->text);
	assert_int_equal(outcome->kind, why[0] == '\0' ? OUTCOME_DONE : OUTCOME_FAILED);
	kill(peer, SIGKILL);
	waitpid(peer, NULL, 0);
	apply_end(&s);
}

static void expect(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, text);
}

#define THERE PLACE " rw - lustre " DEVICE " rw,svname=lustrewt-OST0017"
#define TOLD_DONE                                    \
	{                                            \
		.tellings = { { SYSTEMD, "done" } }, \
	}

static void what_systemd_says_and_the_kernel_has_is_done(void **state)
{
	char why[512];

	(void)state;
	play((struct play)TOLD_DONE, false, THERE, why);
	assert_string_equal(why, "");
	play((struct play)TOLD_DONE, true, "/mnt/lustrewt rw - lustre " CLIENT " rw", why);
	assert_string_equal(why, "");
}

/* mount.lustre looks a name up, and the kernel has the address. */
static void a_client_by_name_is_found_by_its_file_system(void **state)
{
	const struct mounted_asked asked = { "mgs@tcp:/lustrewt", "/mnt/lustrewt", true };
	const struct mounted_asked other = { "mgs@tcp:/lustre", "/mnt/lustrewt", true };
	struct apply_scene s;
	char path[4096];

	(void)state;
	apply_start(&s);
	put_mount(&s, "/mnt/lustrewt rw - lustre " CLIENT " rw");
	recorded_path(&s.machine, "/mountinfo", path);
	assert_int_equal(mounted_check(path, &asked, NULL), 0);
	assert_int_equal(mounted_check(path, &other, NULL), -EBUSY);
	apply_end(&s);
}

/* Whatever form its NIDs have there. */
static void a_client_by_address_is_found_by_what_it_means(void **state)
{
	const struct mounted_asked asked = { CLIENT, "/mnt/lustrewt", true };
	const struct mounted_asked other = { "10.0.0.11@tcp:/lustrewt", "/mnt/lustrewt", true };
	struct apply_scene s;
	char path[4096];

	(void)state;
	apply_start(&s);
	put_mount(&s, "/mnt/lustrewt rw - lustre 10.0.0.10@tcp0:/lustrewt rw");
	recorded_path(&s.machine, "/mountinfo", path);
	assert_int_equal(mounted_check(path, &asked, NULL), 0);
	assert_int_equal(mounted_check(path, &other, NULL), -EBUSY);
	apply_end(&s);
}

static void a_mount_that_lasts_is_told_of(void **state)
{
	const struct play slow = { .tellings = { { SYSTEMD, "done" } },
				   .replies = SYSTEMD,
				   .owner = SYSTEMD,
				   .seconds = 1 };
	struct apply_scene s;
	pid_t peer;

	(void)state;
	make_plan(&s, false);
	s.patience.told_usec = 100000;
	put_mount(&s, THERE);
	peer = start_peer(&s, &slow);
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_MOUNT)->kind, OUTCOME_DONE);
	expect(s.told, "mount lustrewt-OST0017, for ");
	kill(peer, SIGKILL);
	waitpid(peer, NULL, 0);
	apply_end(&s);
}

/* As any user of the node may send it. */
static void what_anybody_says_is_nothing(void **state)
{
	const struct play forged = { .tellings = { { ANYBODY, "done" }, { SYSTEMD, "failed" } } };
	const struct play slander = { .tellings = { { ANYBODY, "failed" }, { SYSTEMD, "done" } } };
	char why[512];

	(void)state;
	play(forged, false, THERE, why);
	expect(why, "ended with failed");
	play(slander, false, THERE, why);
	assert_string_equal(why, "");
}

static void an_answer_of_anybody_is_none(void **state)
{
	const struct play forged = { .tellings = { { SYSTEMD, "done" } }, .replies = ANYBODY };
	char why[512];

	(void)state;
	play(forged, false, THERE, why);
	expect(why, "is not systemd's");
}

/* daemon-reexec: the same systemd, and another name on the bus. */
static void systemd_may_get_another_name(void **state)
{
	const struct play again = { .tellings = { { ANYBODY, "failed" }, { AGAIN, "done" } },
				    .owner = AGAIN };
	char why[512];

	(void)state;
	alarm(60); /* who is not believed says no more */
	play(again, false, THERE, why);
	alarm(0);
	assert_string_equal(why, "");
}

static void what_the_kernel_does_not_have_is_not_done(void **state)
{
	static const struct {
		const char *mount, *words;
	} wrong[] = {
		{ NULL, "nothing is mounted at " PLACE },
		{ "/srv/lustre rw - lustre " DEVICE " rw", "nothing is mounted at " PLACE },
		{ PLACE " rw - lustre /dev/mapper/other rw", "/dev/mapper/other" },
		{ PLACE " rw - tmpfs " DEVICE " rw", "of type tmpfs" },
		{ PLACE " rw - xfs " DEVICE " rw", "of type xfs" },
		{ THERE "\n41 40 0:53 / " PLACE " rw - tmpfs tmpfs rw", "of type tmpfs" },
	};
	char why[512];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		play((struct play)TOLD_DONE, false, wrong[i].mount, why);
		expect(why, wrong[i].words);
	}
	play((struct play)TOLD_DONE, true, "/mnt/lustrewt rw - lustre 10.0.0.9@tcp:/lustrewt rw",
	     why);
	expect(why, "10.0.0.9@tcp:/lustrewt");
	play((struct play)TOLD_DONE, true, "/mnt/lustrewt rw - ext4 " CLIENT " rw", why);
	expect(why, "of type ext4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_systemd_says_and_the_kernel_has_is_done),
		cmocka_unit_test(a_client_by_name_is_found_by_its_file_system),
		cmocka_unit_test(a_client_by_address_is_found_by_what_it_means),
		cmocka_unit_test(a_mount_that_lasts_is_told_of),
		cmocka_unit_test(what_anybody_says_is_nothing),
		cmocka_unit_test(an_answer_of_anybody_is_none),
		cmocka_unit_test(systemd_may_get_another_name),
		cmocka_unit_test(what_the_kernel_does_not_have_is_not_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
