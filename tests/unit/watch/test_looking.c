/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Look after look at this machine, for what it surely has not: a target whose disk is nowhere. What
 * is told of it, when, and what Prometheus gets to see.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "watch/looking.h"

#include "scenes/recorded.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVERY_USEC 5000
#define PATIENCE   (60 * 1000000ULL)

#define BOOT                                                                                 \
	"{\"verdict\":\"ready\",\"sentence\":\"ready\",\"instance-id\":\"i-1\",\"boot-id\":" \
	"\"b1\",\"roles\":\"oss\",\"fsname\":\"lustrewt\",\"refusals\":[],\"problems\":[],"  \
	"\"notes\":[],\"actions\":[],\"started-usec\":1,\"ended-usec\":2,\"observed-usec\""  \
	":1,\"imds-requests\":0,\"peak-memory\":0,\"targets\":["
#define TARGET                                                                         \
	"{\"name\":\"lustrewt-OST0000\",\"device\":\"/dev/lustre-init-none/ost0000\"," \
	"\"mount-point\":\"/srv/lustre/none\",\"mounted\":false}"
#define STATE                                                                                 \
	"{\"version\":1,\"targets\":[{\"name\":\"lustrewt-OST0000\",\"instance-id\":\"i-1\"," \
	"\"phase\":\"served\",\"group\":\"lustre-init-none\",\"disks\":[{\"serial\":"         \
	"\"none-of-this-machine\",\"pv-uuid\":\"u1\"}]}]}"

struct place {
	struct recorded machine;
	char boot[4096], state[4096], metrics[4096];
	sd_event *loop;
	struct processes *processes;
	struct watch watch;
	struct looking *looking;
	char told[1024];
	unsigned tellings;
	unsigned failures;
	char failure[ERROR_TEXT_MAX];
};

static void on_change(void *userdata)
{
	struct place *place = userdata;

	place->tellings++;
	for (size_t i = 0; i < place->watch.events.count; i++) {
		const struct watch_event *event = &place->watch.events.items[i];
		size_t used = strlen(place->told);

		if (event->change != CHANGE_NONE)
			snprintf(place->told + used, sizeof(place->told) - used, "%s %s\n",
				 event->change == CHANGE_BEGAN ? "began" : "ended",
				 watch_event_name(event->kind));
	}
}

static void on_failure(const struct error *why, void *userdata)
{
	struct place *place = userdata;

	place->failures++;
	memcpy(place->failure, why->text, sizeof(place->failure));
}

static int start(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	recorded_start(&place->machine);
	recorded_path(&place->machine, "/boot.json", place->boot);
	recorded_path(&place->machine, "/state.json", place->state);
	recorded_path(&place->machine, "/metrics.prom", place->metrics);
	assert_true(sd_event_new(&place->loop) >= 0);
	assert_int_equal(processes_new(place->loop, -1, &place->processes, NULL), 0);
	*state = place;
	return 0;
}

static int end(void **state)
{
	struct place *place = *state;

	looking_end(place->looking);
	processes_end(place->processes);
	sd_event_unref(place->loop);
	watch_done(&place->watch);
	recorded_end(&place->machine);
	free(place);
	return 0;
}

static void begin(struct place *place)
{
	const struct looking_options options = {
		.processes = place->processes,
		.paths = { place->boot, place->state },
		.every_usec = EVERY_USEC,
		.metrics = place->metrics,
		.watch = &place->watch,
		.changed = on_change,
		.failed = on_failure,
		.userdata = place,
	};

	assert_int_equal(looking_start(&options, &place->looking, NULL), 0);
}

static void look(struct place *place, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		assert_true(sd_event_run(place->loop, 10000000) >= 0);
}

static bool metrics_say(const struct place *place, const char *line)
{
	char text[32768] = "";
	FILE *file = fopen(place->metrics, "re");
	size_t size = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	if (file)
		fclose(file);
	text[size] = '\0';
	return strstr(text, line) != NULL;
}

static void wait_until_metrics_say(struct place *place, const char *line)
{
	const uint64_t begun = clock_now_usec();

	while (!metrics_say(place, line) && clock_now_usec() - begun < PATIENCE)
		look(place, 1);
	assert_true(metrics_say(place, line));
}

static void what_is_amiss_is_told_once(void **state)
{
	struct place *place = *state;

	recorded_file(&place->machine, "/boot.json", "%s", BOOT TARGET "]}");
	recorded_file(&place->machine, "/state.json", "%s", STATE);
	begin(place);
	look(place, 6);
	assert_string_equal(place->told, "began volume-partial\nbegan disk-gone\n");
	assert_true(metrics_say(place, "lustre_init_disk_up{target=\"lustrewt-OST0000\",serial="
				       "\"none-of-this-machine\"} 0\n"));
	assert_true(metrics_say(place, "lustre_init_up 0\n"));
	assert_int_equal(place->failures, 0);
	/* Another apply, which has nothing of it any more. */
	recorded_file(&place->machine, "/boot.json", "%s", BOOT "]}");
	wait_until_metrics_say(place, "lustre_init_up 1\n");
	look(place, 3);
	assert_string_equal(place->told, "began volume-partial\nbegan disk-gone\n"
					 "ended volume-partial\nended disk-gone\n");
	assert_int_equal(place->watch.events.count, 0);
}

static void what_is_not_understood_is_told_once_and_changes_nothing(void **state)
{
	struct place *place = *state;

	recorded_file(&place->machine, "/boot.json", "%s", BOOT TARGET "]}");
	recorded_file(&place->machine, "/state.json", "%s", STATE);
	begin(place);
	look(place, 2);
	recorded_file(&place->machine, "/boot.json", "%s", "{\"verdict\":");
	for (unsigned i = 0; i < 1000 && place->failures == 0; i++)
		look(place, 1);
	look(place, 4);
	assert_int_equal(place->failures, 1);
	assert_non_null(strstr(place->failure, "boot.json"));
	assert_string_equal(place->told, "began volume-partial\nbegan disk-gone\n");
	assert_int_equal(place->watch.events.count, 2);
}

/* Who reads the status line would go on reading that the watch is blind. */
static void that_it_is_understood_again_is_told(void **state)
{
	struct place *place = *state;
	unsigned tellings;

	recorded_file(&place->machine, "/boot.json", "%s", "{\"verdict\":");
	begin(place);
	for (unsigned i = 0; i < 1000 && place->failures == 0; i++)
		look(place, 1);
	assert_int_equal(place->failures, 1);
	tellings = place->tellings;
	recorded_file(&place->machine, "/boot.json", "%s", BOOT "]}");
	for (unsigned i = 0; i < 1000 && place->tellings == tellings; i++)
		look(place, 1);
	assert_int_equal(place->tellings, tellings + 1);
	assert_string_equal(looking_trouble(place->looking), "");
	look(place, 4);
	assert_int_equal(place->tellings, tellings + 1);
}

/* The number behind this name; -1 where there is none. */
static double metric(const struct place *place, const char *name)
{
	char line[128] = "";
	FILE *file = fopen(place->metrics, "re");
	double value = -1;

	while (file && value < 0 && fgets(line, sizeof(line), file))
		if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ' ')
			value = strtod(line + strlen(name), NULL);
	if (file)
		fclose(file);
	return value;
}

/* How long it is away is not counted anew because apply has run. */
static void the_mgs_is_watched_on_over_an_apply_that_has_the_same(void **state)
{
	struct place *place = *state;
	double away;

	if (unshare(CLONE_NEWNET) < 0) {
		puts("no network namespace can be made here");
		skip();
	}
	recorded_file(&place->machine, "/boot.json", "%s",
		      BOOT "],\"mgs-nids\":[\"127.0.0.2@tcp\"]}");
	begin(place);
	wait_until_metrics_say(place, "lustre_init_mgs_up 0\n");
	while (metric(place, "lustre_init_mgs_away_seconds") < 0.5)
		look(place, 1);
	away = metric(place, "lustre_init_mgs_away_seconds");
	recorded_file(&place->machine, "/boot.json", "%s",
		      BOOT TARGET "],\"mgs-nids\":[\"127.0.0.2@tcp\"]}");
	wait_until_metrics_say(place, "lustre_init_target_up{target=\"lustrewt-OST0000\"");
	assert_true(metric(place, "lustre_init_mgs_away_seconds") >= away);
}

/* /run may be full, or read-only: each third look writes, and those between succeed. */
static void metrics_that_cannot_be_written_are_told_once(void **state)
{
	struct place *place = *state;
	char folder[4096];

	recorded_file(&place->machine, "/none", "a file");
	recorded_path(&place->machine, "/none", folder);
	recorded_path(&place->machine, "/none/metrics.prom", place->metrics);
	begin(place);
	look(place, 12);
	assert_int_equal(place->failures, 1);
	assert_non_null(strstr(place->failure, "metrics.prom"));
	assert_int_equal(unlink(folder), 0);
	assert_int_equal(mkdir(folder, 0755), 0);
	wait_until_metrics_say(place, "lustre_init_up 0\n");
	assert_int_equal(place->failures, 1);
}

static void before_the_first_apply_there_is_nothing(void **state)
{
	struct place *place = *state;

	begin(place);
	look(place, 4);
	assert_string_equal(place->told, "");
	assert_int_equal(place->failures, 0);
	assert_true(metrics_say(place, "lustre_init_up 0\n"));
}

/* And not only with the next text that is due: who waits for a node looks there. */
static void what_apply_says_is_in_the_metrics_at_once(void **state)
{
	struct place *place = *state;

	begin(place);
	look(place, 1);
	assert_true(metrics_say(place, "lustre_init_up 0\n"));
	recorded_file(&place->machine, "/boot.json", "%s", BOOT "]}");
	look(place, 1);
	assert_true(metrics_say(place, "lustre_init_up 1\n"));
}

/* Also where it is JSON: as another version wrote it, whose package was replaced. */
static void which_file_is_not_understood_is_told(void **state)
{
	struct place *place = *state;

	recorded_file(&place->machine, "/boot.json", "%s", BOOT "],\"novelty\":1}");
	begin(place);
	look(place, 1);
	assert_non_null(strstr(place->failure, "/boot.json: unknown key \"novelty\""));
	recorded_file(&place->machine, "/state.json", "%s", "{\"version\":1}");
	look(place, 1);
	assert_non_null(strstr(looking_trouble(place->looking), "/state.json: targets is missing"));
}

/* Two that are written one behind the other can bear one time: the kernel counts it by its tick. */
static void a_report_of_the_same_instant_is_another(void **state)
{
	static const struct timespec instant[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	struct place *place = *state;
	char newer[4096];

	recorded_path(&place->machine, "/newer", newer);
	recorded_file(&place->machine, "/boot.json", "%s", BOOT TARGET "]}");
	assert_int_equal(utimensat(AT_FDCWD, place->boot, instant, 0), 0);
	begin(place);
	look(place, 1);
	assert_true(metrics_say(place, "lustre_init_up 0\n"));
	recorded_file(&place->machine, "/newer", "%s", BOOT "]}");
	assert_int_equal(utimensat(AT_FDCWD, newer, instant, 0), 0);
	assert_int_equal(rename(newer, place->boot), 0);
	look(place, 1);
	assert_true(metrics_say(place, "lustre_init_up 1\n"));
}

#define PLACE(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE(what_is_amiss_is_told_once),
		PLACE(what_is_not_understood_is_told_once_and_changes_nothing),
		PLACE(that_it_is_understood_again_is_told),
		PLACE(the_mgs_is_watched_on_over_an_apply_that_has_the_same),
		PLACE(metrics_that_cannot_be_written_are_told_once),
		PLACE(before_the_first_apply_there_is_nothing),
		PLACE(what_apply_says_is_in_the_metrics_at_once),
		PLACE(which_file_is_not_understood_is_told),
		PLACE(a_report_of_the_same_instant_is_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
