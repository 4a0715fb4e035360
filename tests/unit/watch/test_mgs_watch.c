/* SPDX-License-Identifier: Apache-2.0 */

/* The watch over the MGS, in a network namespace of the test's own, with LNET's acceptor played. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "watch/mgs_watch.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAUSE_USEC 20000
#define PATIENCE   (60 * 1000000ULL)

struct place {
	sd_event *loop;
	struct processes *processes;
	struct words nids;
	struct mgs_watch *watch;
	pid_t acceptor;
};

static int start(void **state)
{
	struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	struct place *place = calloc(1, sizeof(*place));
	int fd;

	assert_non_null(place);
	*state = place;
	if (unshare(CLONE_NEWNET) < 0)
		return 0;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &loopback) == 0);
	close(fd);
	assert_true(sd_event_new(&place->loop) >= 0);
	assert_int_equal(processes_new(place->loop, -1, &place->processes, NULL), 0);
	assert_int_equal(words_add(&place->nids, "127.0.0.2@tcp"), 0);
	assert_int_equal(words_add(&place->nids, "127.0.0.3@tcp"), 0);
	return 0;
}

static void stop_acceptor(struct place *place)
{
	if (place->acceptor > 0) {
		kill(place->acceptor, SIGKILL);
		waitpid(place->acceptor, NULL, 0);
	}
	place->acceptor = 0;
}

static int end(void **state)
{
	struct place *place = *state;

	stop_acceptor(place);
	mgs_watch_end(place->watch);
	processes_end(place->processes);
	sd_event_unref(place->loop);
	words_done(&place->nids);
	free(place);
	return 0;
}

/* Answers whoever asks at that address, as LNET does. */
static void start_acceptor(struct place *place, const char *address)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(988) };
	const uint32_t answer[4] = { 0xacce7100, 1 };
	int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, address, &own.sin_addr);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(listener, (const struct sockaddr *)&own, sizeof(own)), 0);
	assert_int_equal(listen(listener, 8), 0);
	place->acceptor = fork();
	if (place->acceptor == 0) {
		uint32_t magic;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			int fd = accept(listener, NULL, NULL);

			recv(fd, &magic, sizeof(magic), MSG_WAITALL);
			send(fd, answer, sizeof(answer), MSG_NOSIGNAL);
			shutdown(fd, SHUT_WR);
			recv(fd, &magic, 1, 0);
			close(fd);
		}
	}
	close(listener);
}

static struct health_mgs wait_for(struct place *place, enum mgs_answer answer)
{
	const uint64_t begun = clock_now_usec();
	struct health_mgs mgs;

	do {
		assert_true(sd_event_run(place->loop, 1000000) >= 0);
		mgs_watch_state(place->watch, &mgs);
	} while (mgs.answer != answer && clock_now_usec() - begun < PATIENCE);
	assert_int_equal(mgs.answer, answer);
	return mgs;
}

static void it_goes_and_comes_back(void **state)
{
	struct place *place = *state;
	struct health_mgs mgs;
	uint64_t since;

	if (!place->loop) {
		puts("no network namespace can be made here");
		skip();
	}
	assert_int_equal(
		mgs_watch_start(place->processes, &place->nids, PAUSE_USEC, &place->watch, NULL),
		0);
	mgs_watch_state(place->watch, &mgs);
	assert_false(mgs.asked);
	mgs = wait_for(place, MGS_REFUSES);
	assert_true(mgs.asked);
	assert_string_equal(mgs.nid, "127.0.0.2@tcp");
	since = mgs.away_since_usec;
	assert_true(since > 0 && since <= clock_now_usec());
	/* Round after round, it is away since the first of them. */
	for (int i = 0; i < 20; i++)
		sd_event_run(place->loop, 1000000);
	mgs_watch_state(place->watch, &mgs);
	assert_int_equal(mgs.away_since_usec, since);
	/* Any of its NIDs will do. */
	start_acceptor(place, "127.0.0.3");
	mgs = wait_for(place, MGS_ANSWERS);
	assert_string_equal(mgs.nid, "127.0.0.3@tcp");
	assert_int_equal(mgs.away_since_usec, 0);
	stop_acceptor(place);
	mgs = wait_for(place, MGS_REFUSES);
	assert_true(mgs.away_since_usec > since);
}

/* A node without a file descriptor left says nothing of its MGS. */
static void what_cannot_be_asked_stays_as_it_was(void **state)
{
	struct place *place = *state;
	struct rlimit limit, none;
	struct health_mgs mgs;

	if (!place->loop) {
		puts("no network namespace can be made here");
		skip();
	}
	start_acceptor(place, "127.0.0.2");
	assert_int_equal(
		mgs_watch_start(place->processes, &place->nids, PAUSE_USEC, &place->watch, NULL),
		0);
	wait_for(place, MGS_ANSWERS);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){ .rlim_cur = 3, .rlim_max = limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	for (int i = 0; i < 40; i++)
		sd_event_run(place->loop, 1000000);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	mgs_watch_state(place->watch, &mgs);
	assert_int_equal(mgs.answer, MGS_ANSWERS);
	assert_string_equal(mgs.nid, "127.0.0.2@tcp");
	assert_int_equal(mgs.away_since_usec, 0);
}

static void with_no_nid_nobody_is_asked(void **state)
{
	struct place *place = *state;
	const struct words none = { 0 };
	struct health_mgs mgs;

	if (!place->loop) {
		puts("no network namespace can be made here");
		skip();
	}
	assert_int_equal(mgs_watch_start(place->processes, &none, 0, &place->watch, NULL), 0);
	assert_int_equal(sd_event_run(place->loop, 50000), 0);
	mgs_watch_state(place->watch, &mgs);
	assert_false(mgs.asked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_goes_and_comes_back, start, end),
		cmocka_unit_test_setup_teardown(what_cannot_be_asked_stays_as_it_was, start, end),
		cmocka_unit_test_setup_teardown(with_no_nid_nobody_is_asked, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
