/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A notice that is withdrawn, and another right behind it: what was begun because of the first has
 * yet to end, as a tool in the kernel does, which heeds no signal. Lustre's tools are scripts.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "watch/leave.h"

#include "scenes/recorded.h"

#define PATIENCE (60 * 1000000ULL)
#define MARK     "/sys/fs/lustre/obdfilter/lustrewt-OST0017/degraded"
#define DEEDS    "/deeds"

/* The one of them that is named in `slow` heeds no SIGTERM for a second, once. */
#define SLOWLY                                                                        \
	"root=${0%/tools/*}; what=${2##*.}; [ $1 = set_param ] || what=stop\n"        \
	"echo $what >>$root" DEEDS "\n"                                               \
	"if [ $what = \"$(cat $root/slow)\" ]; then\n"                                \
	"	trap '' TERM; rm $root/slow; echo slowly >>$root" DEEDS "; sleep 1\n" \
	"fi\n"
#define LCTL SLOWLY "echo ${2##*=} >$root" MARK "\n"
#define STOP SLOWLY "echo stopped >>$root" DEEDS "\n"

struct place {
	struct recorded machine;
	sd_event *loop;
	struct processes *processes;
	struct hooks *hooks;
	struct watch watch;
	struct leave *leave;
};

static void on_changed(void *userdata)
{
	(void)userdata;
}

static int start(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	struct leave_options options;

	assert_non_null(place);
	*state = place;
	recorded_start(&place->machine);
	recorded_file(&place->machine, MARK, "0\n");
	recorded_tool(&place->machine, "lctl", LCTL);
	recorded_tool(&place->machine, "lustre-init", STOP);
	assert_true(sd_event_new(&place->loop) >= 0);
	assert_int_equal(processes_new(place->loop, -1, &place->processes, NULL), 0);
	assert_int_equal(hooks_new(place->processes, "/nonexistent", &place->hooks, NULL), 0);
	options = (struct leave_options){
		.root = place->machine.root,
		.processes = place->processes,
		.hooks = place->hooks,
		.watch = &place->watch,
		.changed = on_changed,
	};
	assert_int_equal(leave_new(&options, &place->leave, NULL), 0);
	return 0;
}

static int end(void **state)
{
	struct place *place = *state;

	processes_end(place->processes);
	leave_free(place->leave);
	hooks_free(place->hooks);
	watch_done(&place->watch);
	sd_event_unref(place->loop);
	recorded_end(&place->machine);
	free(place);
	return 0;
}

static const char *read_file(const struct place *place, const char *path)
{
	static char text[1024];
	char full[4096];
	FILE *file;

	recorded_path(&place->machine, path, full);
	file = fopen(full, "re");
	text[file ? fread(text, 1, sizeof(text) - 1, file) : 0] = '\0';
	if (file)
		fclose(file);
	return text;
}

static void run_until(struct place *place, const char *path, const char *end)
{
	const uint64_t begun = clock_now_usec();
	const char *text;
	bool is_there = false;

	while (!is_there && clock_now_usec() - begun < PATIENCE) {
		assert_true(sd_event_run(place->loop, 10000) >= 0);
		text = read_file(place, path);
		is_there = strlen(text) >= strlen(end) &&
			   strcmp(text + strlen(text) - strlen(end), end) == 0;
	}
	assert_true(is_there);
}

static bool is_leaving(const struct place *place)
{
	return place->watch.leaving != LEAVING_DONE;
}

static bool has_marks(const struct place *place)
{
	return place->watch.degraded.count > 0;
}

static void run_while(struct place *place, bool (*goes_on)(const struct place *place))
{
	const uint64_t begun = clock_now_usec();

	while (goes_on(place) && clock_now_usec() - begun < PATIENCE)
		assert_true(sd_event_run(place->loop, 10000) >= 0);
	assert_false(goes_on(place));
}

/* What nobody shall do has its time, too. */
static void run_for(struct place *place, uint64_t usec)
{
	const uint64_t begun = clock_now_usec();

	while (clock_now_usec() - begun < usec)
		assert_true(sd_event_run(place->loop, 10000) >= 0);
}

static void give_notice(struct place *place, const char *slow)
{
	const struct watch_event event = { .kind = EVENT_SPOT_TERMINATE, .sentence = "a notice" };

	if (slow)
		recorded_file(&place->machine, "/slow", "%s\n", slow);
	assert_true(leave_begin(place->leave, &event, 120, /* had_hooks= */ true));
}

static void expect_left_marked(struct place *place)
{
	run_while(place, is_leaving);
	run_for(place, 2000000);
	assert_string_equal(read_file(place, MARK), "1\n");
	assert_int_equal(place->watch.leaving, LEAVING_DONE);
	assert_true(words_contain(&place->watch.degraded, "lustrewt-OST0017"));
}

static void marks_that_are_being_set_are_those_of_the_next_notice(void **state)
{
	struct place *place = *state;

	give_notice(place, "degraded=1");
	run_until(place, DEEDS, "slowly\n");
	leave_end(place->leave);
	give_notice(place, NULL);
	expect_left_marked(place);
}

static void marks_that_are_being_taken_away_are_set_again(void **state)
{
	struct place *place = *state;

	give_notice(place, NULL);
	run_until(place, DEEDS, "stopped\n");
	recorded_file(&place->machine, "/slow", "degraded=0\n");
	leave_end(place->leave);
	run_until(place, DEEDS, "slowly\n");
	give_notice(place, NULL);
	expect_left_marked(place);
}

static void a_stop_that_is_being_ended_has_none_beside_it(void **state)
{
	struct place *place = *state;

	give_notice(place, "stop");
	run_until(place, DEEDS, "slowly\n");
	leave_end(place->leave);
	run_until(place, MARK, "0\n");
	give_notice(place, NULL);
	expect_left_marked(place);
	assert_string_equal(read_file(place, DEEDS), "degraded=1\nstop\nslowly\ndegraded=0\n"
						     "stopped\ndegraded=1\nstop\nstopped\n");
}

/* Each time anew, and again in the middle of it. */
static void the_last_word_holds(void **state)
{
	struct place *place = *state;

	give_notice(place, "degraded=1");
	run_until(place, DEEDS, "slowly\n");
	leave_end(place->leave);
	give_notice(place, NULL);
	leave_end(place->leave);
	leave_end(place->leave);
	run_until(place, DEEDS, "degraded=0\n");
	run_while(place, has_marks);
	assert_string_equal(read_file(place, MARK), "0\n");
	assert_int_equal(place->watch.leaving, LEAVING_NOT);
	assert_int_equal(place->watch.degraded.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			marks_that_are_being_set_are_those_of_the_next_notice, start, end),
		cmocka_unit_test_setup_teardown(marks_that_are_being_taken_away_are_set_again,
						start, end),
		cmocka_unit_test_setup_teardown(a_stop_that_is_being_ended_has_none_beside_it,
						start, end),
		cmocka_unit_test_setup_teardown(the_last_word_holds, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
