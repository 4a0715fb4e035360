/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The wait for the MGS, in a network namespace of the test's own, with getent and LNET's acceptor
 * played. No other tool is called: not lctl, above all, whose ping can hang in the kernel.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "effect/apply.h"
#include "effect/mgs_probe.h"

#include "scenes/children.h"
#include "scenes/recorded.h"
#include "scenes/told.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define STANDSTILL_SEC 5 /* more than a handshake may take */

static struct recorded machine;
static bool isolated; /* without the rights for a namespace nothing here can be tried */

static int start(void **state)
{
	struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd;

	(void)state;
	recorded_start(&machine);
	if (unshare(CLONE_NEWNET) < 0)
		return 0;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	isolated = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &loopback) == 0;
	close(fd);
	return 0;
}

static int end(void **state)
{
	(void)state;
	recorded_end(&machine);
	return 0;
}

static void need_namespace(void)
{
	if (!isolated) {
		puts("no network namespace can be made here");
		skip();
	}
}

/* How what has port 988 behaves. */
enum acceptor {
	ACCEPTOR_LNET,         /* like LNET's: lnet/lnet/acceptor.c */
	ACCEPTOR_OTHER_ENDIAN, /* likewise, on a machine of the other byte order */
	ACCEPTOR_CLOSES,
	ACCEPTOR_SPEAKS_OTHERWISE,
	ACCEPTOR_TELLS,  /* like LNET's, and says into `partners` that it was asked */
	ACCEPTOR_SILENT, /* until it is given up, which comes after that */
};

static int partners[2]; /* a pipe */

/* Whether the other was asked before this one was given up. */
static void be_silent(int fd)
{
	char byte;

	while (recv(fd, &byte, 1, 0) > 0)
		;
	_exit(read(partners[0], &byte, 1) == 1 ? 0 : 14);
}

/* Exits with 0 where LNET would have had nothing to log. */
static void accept_one(int listener, enum acceptor kind)
{
	uint32_t answer[4] = { 0xacce7100, 1 }, magic = 0;
	struct sockaddr_in peer = { 0 };
	socklen_t size = sizeof(peer);
	int fd = accept(listener, (struct sockaddr *)&peer, &size);

	if (fd < 0 || ntohs(peer.sin_port) > 1023)
		_exit(10); /* "Refusing connection from …: insecure port" */
	if (kind == ACCEPTOR_CLOSES)
		_exit(0);
	if (recv(fd, &magic, sizeof(magic), MSG_WAITALL) != sizeof(magic))
		_exit(11); /* "Error … reading connection request" */
	if (magic != 0x45726963 && magic != 0x63697245)
		_exit(12); /* "Refusing connection from … magic …" */
	if (kind == ACCEPTOR_SILENT)
		be_silent(fd);
	if (kind == ACCEPTOR_TELLS && write(partners[1], "", 1) != 1)
		_exit(15);
	if (kind == ACCEPTOR_OTHER_ENDIAN)
		answer[0] = __builtin_bswap32(answer[0]);
	if (kind == ACCEPTOR_SPEAKS_OTHERWISE)
		answer[0] = 0x2d485353; /* "SSH-" */
	/* The peer is still there, and takes all of it. */
	if (send(fd, answer, sizeof(answer), MSG_NOSIGNAL) != sizeof(answer) ||
	    shutdown(fd, SHUT_WR) < 0 || recv(fd, &magic, 1, 0) != 0)
		_exit(13); /* "Error sending magic+version" */
	_exit(0);
}

/* Something that has port 988 of that address, and serves one connection. */
static pid_t accept_at(const char *address, enum acceptor kind)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(988) };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t child;

	assert_true(fd >= 0);
	assert_int_equal(inet_pton(AF_INET, address, &own.sin_addr), 1);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	assert_int_equal(listen(fd, 16), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		accept_one(fd, kind);
	close(fd);
	return child;
}

/* It was asked, and LNET would have logged nothing of it. */
static void expect_quiet(pid_t acceptor)
{
	int status = -1;

	assert_int_equal(waitpid(acceptor, &status, 0), acceptor);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

struct asked {
	sd_event *loop;
	enum mgs_answer answer;
};

static void on_answer(enum mgs_answer answer, void *userdata)
{
	struct asked *asked = userdata;

	asked->answer = answer;
	sd_event_exit(asked->loop, 0);
}

static enum mgs_answer ask(const char *nid)
{
	struct asked asked = { 0 };
	struct processes *processes;
	struct mgs_probe *probe;
	struct error err;

	assert_true(sd_event_new(&asked.loop) >= 0);
	assert_int_equal(processes_new(asked.loop, -1, &processes, &err), 0);
	assert_int_equal(mgs_probe_start(processes, nid, on_answer, &asked, &probe, &err), 0);
	assert_int_equal(sd_event_loop(asked.loop), 0);
	processes_end(processes);
	sd_event_unref(asked.loop);
	return asked.answer;
}

static void stages_are_told_apart(void **state)
{
	(void)state;
	need_namespace();
	recorded_tool(&machine, "getent", "exit 2");
	assert_int_equal(ask("mgs.internal@tcp"), MGS_NO_NAME);
	assert_int_equal(ask("127.0.0.1@tcp"), MGS_REFUSES);
	assert_int_equal(ask("10.1.1.1@tcp"), MGS_SILENT);
	assert_int_equal(ask("fe80::1@tcp"), MGS_NOT_ASKED);
}

/* An MGS that is well has nothing to say of who only asks whether it is there. */
static void lnet_answers_and_logs_nothing(void **state)
{
	static const enum acceptor kinds[] = { ACCEPTOR_LNET, ACCEPTOR_OTHER_ENDIAN };

	(void)state;
	need_namespace();
	for (size_t i = 0; i < 2; i++) {
		pid_t acceptor = accept_at("127.0.0.1", kinds[i]);

		assert_int_equal(ask("127.0.0.1@tcp"), MGS_ANSWERS);
		expect_quiet(acceptor);
	}
}

static void another_program_on_the_port_is_no_mgs(void **state)
{
	static const enum acceptor kinds[] = { ACCEPTOR_CLOSES, ACCEPTOR_SPEAKS_OTHERWISE };

	(void)state;
	need_namespace();
	for (size_t i = 0; i < 2; i++) {
		pid_t acceptor = accept_at("127.0.0.1", kinds[i]);

		assert_int_equal(ask("127.0.0.1@tcp"), MGS_NO_LNET);
		expect_quiet(acceptor);
	}
}

/* Ports that are taken are passed over, as LNET does. */
static void a_port_in_use_is_no_obstacle(void **state)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	pid_t acceptor;
	int taken[3];

	(void)state;
	need_namespace();
	for (int i = 0; i < 3; i++) {
		own.sin_port = htons((uint16_t)(1023 - i));
		taken[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		/* Or a connection of the test before has not let go of it. */
		assert_true(bind(taken[i], (struct sockaddr *)&own, sizeof(own)) == 0 ||
			    errno == EADDRINUSE);
	}
	acceptor = accept_at("127.0.0.1", ACCEPTOR_LNET);
	assert_int_equal(ask("127.0.0.1@tcp"), MGS_ANSWERS);
	expect_quiet(acceptor);
	for (int i = 0; i < 3; i++)
		close(taken[i]);
}

static void a_name_is_looked_up_each_time(void **state)
{
	pid_t acceptor;

	(void)state;
	need_namespace();
	acceptor = accept_at("127.0.0.2", ACCEPTOR_LNET);
	recorded_tool(&machine, "getent",
		      "test \"$*\" = 'ahostsv4 mgs' && echo '127.0.0.1 STREAM mgs'");
	assert_int_equal(ask("mgs@tcp1"), MGS_REFUSES);
	recorded_tool(&machine, "getent", "echo '127.0.0.2       STREAM mgs'");
	assert_int_equal(ask("mgs@tcp1"), MGS_ANSWERS);
	expect_quiet(acceptor);
}

/* A name server that is away must not hold the node: facts of resolv.conf(5), half a minute. */
static void a_name_server_that_does_not_answer_is_not_waited_for(void **state)
{
	(void)state;
	need_namespace();
	recorded_tool(&machine, "getent", "exec sleep 600");
	assert_int_equal(ask("mgs@tcp"), MGS_NO_RESOLVER);
}

/* What needs the MGS has failed: nobody is asked any more, and nobody told. */
static void a_probe_can_be_ended(void **state)
{
	struct asked asked = { .answer = MGS_ANSWER_MAX };
	struct processes *processes;
	struct mgs_probe *probe;
	struct error err;

	(void)state;
	need_namespace();
	recorded_tool(&machine, "getent", "exec sleep 60");
	assert_true(sd_event_new(&asked.loop) >= 0);
	assert_int_equal(processes_new(asked.loop, -1, &processes, &err), 0);
	for (int i = 0; i < 2; i++) {
		const char *nid = i == 0 ? "mgs@tcp" : "127.0.0.1@tcp";

		assert_int_equal(mgs_probe_start(processes, nid, on_answer, &asked, &probe, &err),
				 0);
		mgs_probe_cancel(probe);
	}
	for (int i = 0; i < 50; i++)
		assert_true(sd_event_run(asked.loop, 20000) >= 0);
	assert_int_equal(asked.answer, MGS_ANSWER_MAX);
	mgs_probe_cancel(NULL);
	processes_end(processes);
	sd_event_unref(asked.loop);
}

static void on_one_answer(enum mgs_answer answer, void *userdata)
{
	*(enum mgs_answer *)userdata = answer;
}

/* All are connected by then, and nobody has looked for longer than that may take. */
static void what_came_while_we_stood_still_is_an_answer(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "127.0.0.2", "127.0.0.3" };
	static const char *const nids[] = { "127.0.0.1@tcp", "127.0.0.2@tcp", "127.0.0.3@tcp" };
	enum mgs_answer answers[] = { MGS_UNKNOWN, MGS_UNKNOWN, MGS_UNKNOWN };
	struct processes *processes;
	struct mgs_probe *probe;
	pid_t acceptors[3];
	sd_event *loop;

	(void)state;
	need_namespace();
	assert_true(sd_event_new(&loop) >= 0);
	assert_int_equal(processes_new(loop, -1, &processes, NULL), 0);
	for (int i = 0; i < 3; i++)
		acceptors[i] = accept_at(hosts[i], ACCEPTOR_LNET);
	for (int i = 0; i < 3; i++)
		assert_int_equal(mgs_probe_start(processes, nids[i], on_one_answer, &answers[i],
						 &probe, NULL),
				 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(sd_event_run(loop, 0), 1);
	sleep(STANDSTILL_SEC);
	for (int i = 0; i < 3; i++) {
		while (answers[i] == MGS_UNKNOWN)
			assert_int_equal(sd_event_run(loop, UINT64_MAX), 1);
		assert_int_equal(answers[i], MGS_ANSWERS);
		expect_quiet(acceptors[i]);
	}
	processes_end(processes);
	sd_event_unref(loop);
}

/* What a plan of nothing but the wait comes to. */
static struct outcome wait_for(const char *const nids[], enum phase phase, unsigned seconds,
			       struct told *told)
{
	struct plan plan = { 0 };
	struct status status = { 0 };
	struct children children = children_start(/* lock= */ -1);
	const struct apply_options options = {
		.plan = &plan,
		.processes = children.processes,
		.mgs_timeout_sec = seconds,
		.progress = told_step,
		.note = told_note,
		.rest = told_rest,
		.userdata = told,
	};
	struct outcome outcome;
	struct error err;

	*told = (struct told){ 0 };
	for (size_t i = 0; nids[i]; i++)
		assert_int_equal(words_add(&plan.mgs_nids, nids[i]), 0);
	assert_int_equal(plan_add_action(&plan, ACTION_WAIT_MGS), 0);
	plan.actions[0].phase = phase;
	assert_int_equal(apply_plan(&options, &status, &err), 0);
	children_end(&children);
	assert_int_equal(status.outcome_count, 1);
	outcome = status.outcomes[0];
	status_done(&status);
	plan_done(&plan);
	return outcome;
}

static const char *const one[] = { "127.0.0.1@tcp", NULL };

static void who_needs_the_mgs_fails_and_says_how_it_stands(void **state)
{
	struct outcome outcome;
	struct told told;

	(void)state;
	need_namespace();
	outcome = wait_for(one, PHASE_NONE, 1, &told);
	assert_int_equal(outcome.kind, OUTCOME_FAILED);
	assert_int_equal(outcome.code, ETIMEDOUT);
	assert_non_null(strstr(outcome.text, "127.0.0.1@tcp"));
	assert_non_null(strstr(outcome.text, "port 988 is closed"));
	assert_non_null(strstr(told.steps, "port 988 is closed"));
	/* Once in the journal, however often it was asked. */
	assert_non_null(strstr(told.notes, "port 988 is closed"));
	assert_int_equal(told.wait, WAIT_MGS);
	assert_ptr_equal(strchr(told.notes, '\n') + 1, told.notes + strlen(told.notes));
}

/* Its disk has all it needs; the kernel takes a minute longer, and the target serves. */
static void who_can_do_without_the_mgs_goes_on_without(void **state)
{
	struct outcome outcome;
	struct told told;

	(void)state;
	need_namespace();
	outcome = wait_for(one, PHASE_SERVED, 1, &told);
	assert_int_equal(outcome.kind, OUTCOME_DONE);
	assert_non_null(strstr(outcome.text, "mounted without it"));
}

static void any_of_the_partners_may_answer(void **state)
{
	const char *const two[] = { "127.0.0.1@tcp", "127.0.0.3@tcp", NULL };
	struct outcome outcome;
	pid_t acceptor;
	struct told told;

	(void)state;
	need_namespace();
	acceptor = accept_at("127.0.0.3", ACCEPTOR_LNET);
	outcome = wait_for(two, PHASE_NONE, 60, &told);
	assert_int_equal(outcome.kind, OUTCOME_DONE);
	assert_string_equal(outcome.text, "");
	expect_quiet(acceptor);
}

/* A node that is gone holds up nobody: its silence lasts for seconds. */
static void partners_are_asked_beside_one_another(void **state)
{
	const char *const two[] = { "127.0.0.1@tcp", "127.0.0.3@tcp", NULL };
	pid_t silent, serving;
	struct outcome outcome;
	struct told told;

	(void)state;
	need_namespace();
	assert_int_equal(pipe2(partners, O_CLOEXEC | O_NONBLOCK), 0);
	silent = accept_at("127.0.0.1", ACCEPTOR_SILENT);
	serving = accept_at("127.0.0.3", ACCEPTOR_TELLS);
	outcome = wait_for(two, PHASE_NONE, 60, &told);
	assert_int_equal(outcome.kind, OUTCOME_DONE);
	expect_quiet(serving);
	expect_quiet(silent);
	close(partners[0]);
	close(partners[1]);
}

static void a_plan_that_names_nobody_does_not_wait(void **state)
{
	const char *const nobody[] = { NULL };
	struct outcome outcome;
	struct told told;

	(void)state;
	outcome = wait_for(nobody, PHASE_NONE, 60, &told);
	assert_int_equal(outcome.kind, OUTCOME_FAILED);
	assert_int_equal(outcome.code, EDESTADDRREQ);
}

/* A journal that takes no line for longer than the MGS is waited for. */
static void stand_still(void *userdata, const char *sentence, const struct outcome *outcome)
{
	(void)userdata;
	(void)sentence;
	if (outcome && outcome->action != ACTION_WAIT_MGS)
		sleep(2);
}

static void it_is_waited_for_from_when_it_is_asked(void **state)
{
	struct plan plan = { .nets = { { .net = "tcp", .interface = "ens5" } }, .net_count = 1 };
	struct told told = { 0 };
	struct status status = { 0 };
	struct children children = children_start(/* lock= */ -1);
	const struct apply_options options = {
		.plan = &plan,
		.processes = children.processes,
		.mgs_timeout_sec = 1,
		.patience = { .tool_usec = 60 * 1000000ULL },
		.progress = stand_still,
		.note = told_note,
		.rest = told_rest,
		.userdata = &told,
	};
	const struct outcome *waited;
	int net, wait;

	(void)state;
	need_namespace();
	recorded_tool(&machine, "lnetctl", "exit 0");
	assert_int_equal(words_add(&plan.mgs_nids, "127.0.0.1@tcp"), 0);
	net = plan_add_action(&plan, ACTION_ADD_NET);
	wait = plan_add_action(&plan, ACTION_WAIT_MGS);
	plan.actions[net].item = 0;
	plan_need(&plan, wait, net);
	assert_int_equal(apply_plan(&options, &status, NULL), 0);
	children_end(&children);
	waited = &status.outcomes[status.outcome_count - 1];
	assert_int_equal(waited->action, ACTION_WAIT_MGS);
	assert_true(waited->ended_usec - waited->started_usec >= 1000000);
	status_done(&status);
	plan_done(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stages_are_told_apart),
		cmocka_unit_test(lnet_answers_and_logs_nothing),
		cmocka_unit_test(another_program_on_the_port_is_no_mgs),
		cmocka_unit_test(a_port_in_use_is_no_obstacle),
		cmocka_unit_test(a_name_is_looked_up_each_time),
		cmocka_unit_test(a_name_server_that_does_not_answer_is_not_waited_for),
		cmocka_unit_test(a_probe_can_be_ended),
		cmocka_unit_test(what_came_while_we_stood_still_is_an_answer),
		cmocka_unit_test(who_needs_the_mgs_fails_and_says_how_it_stands),
		cmocka_unit_test(who_can_do_without_the_mgs_goes_on_without),
		cmocka_unit_test(any_of_the_partners_may_answer),
		cmocka_unit_test(partners_are_asked_beside_one_another),
		cmocka_unit_test(a_plan_that_names_nobody_does_not_wait),
		cmocka_unit_test(it_is_waited_for_from_when_it_is_asked),
	};

	return cmocka_run_group_tests(tests, start, end);
}
