/* SPDX-License-Identifier: Apache-2.0 */

/* The voice: what arrives in STATUS=, in the journal, on a terminal and in boot.json. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report.h"
#include "report_stream.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOKS_MAX 200 /* 50 ms apart */

struct scene {
	char folder[64];
	char boot[96];
	int systemd;
	struct status *status;
	struct report report;
};

static void begin(struct scene *scene)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	*scene = (struct scene){ .folder = "/tmp/report.XXXXXX" };
	assert_non_null(mkdtemp(scene->folder));
	snprintf(scene->boot, sizeof(scene->boot), "%s/boot.json", scene->folder);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", scene->folder);
	scene->systemd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(scene->systemd, (struct sockaddr *)&address, sizeof(address)), 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	scene->status = calloc(1, sizeof(*scene->status));
	assert_non_null(scene->status);
	scene->report = (struct report){ scene->status, scene->boot, .quiet = true };
}

static void end(struct scene *scene)
{
	char path[96];

	unsetenv("NOTIFY_SOCKET");
	snprintf(path, sizeof(path), "%s/notify", scene->folder);
	unlink(path);
	unlink(scene->boot);
	assert_int_equal(rmdir(scene->folder), 0);
	close(scene->systemd);
	status_done(scene->status);
	free(scene->status);
}

static void expect_told(const struct scene *scene, const char *expected)
{
	char text[8192];
	ssize_t n = recv(scene->systemd, text, sizeof(text) - 1, MSG_DONTWAIT);

	assert_true(n > 0);
	text[n] = '\0';
	assert_string_equal(text, expected);
}

/* systemd takes one backslash of two away. */
static void a_units_name_reaches_systemctl(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	report_step(&scene.report, "start srv-lustre-lustrewt\\x2dMDT0000.mount");
	expect_told(&scene, "STATUS=start srv-lustre-lustrewt\\\\x2dMDT0000.mount");
	assert_string_equal(scene.status->sentence, "start srv-lustre-lustrewt\\x2dMDT0000.mount");
	end(&scene);
}

/* A STATUS= that is not UTF-8 is dropped, and a line end would begin another message. */
static void status_is_one_printable_line(void **state)
{
	struct scene scene;
	struct status *again = calloc(1, sizeof(*again));
	json_t *json;

	(void)state;
	begin(&scene);
	report_step(&scene.report, "a\x1b[31m\a READY=1\nb\xc2\x9b\xff\xe2\x80\xae");
	expect_told(&scene, "STATUS=a?[31m? READY=1?b??????");
	json = json_load_file(scene.boot, 0, NULL);
	assert_non_null(json);
	assert_int_equal(status_from_json(json, again, NULL), 0);
	assert_string_equal(again->sentence, "a?[31m? READY=1?b??????");
	json_decref(json);
	status_done(again);
	free(again);
	end(&scene);
}

/* systemd hears each at once; the file is written once for all. */
static void steps_that_follow_each_other_are_written_once(void **state)
{
	struct scene scene;
	struct stat before, after;

	(void)state;
	begin(&scene);
	report_step(&scene.report, "looking");
	expect_told(&scene, "STATUS=looking");
	assert_int_equal(stat(scene.boot, &before), 0);
	report_step_begun(&scene.report, "format");
	expect_told(&scene, "STATUS=format");
	report_step_begun(&scene.report, "load-lustre");
	expect_told(&scene, "STATUS=load-lustre");
	assert_int_equal(stat(scene.boot, &after), 0);
	assert_true(before.st_ino == after.st_ino);
	assert_int_equal(unlink(scene.boot), 0);
	report_catch_up(&scene.report);
	assert_int_equal(unlink(scene.boot), 0);
	report_catch_up(&scene.report);
	assert_int_equal(access(scene.boot, F_OK), -1);
	end(&scene);
}

/* The old report would be taken for the truth. */
static void a_report_that_is_not_written_is_told(void **state)
{
	const struct rlimit none = { 0, RLIM_INFINITY };
	struct rlimit before;
	struct scene scene;

	(void)state;
	begin(&scene);
	report_step(&scene.report, "looking");
	expect_told(&scene, "STATUS=looking");
	assert_int_equal(access(scene.boot, F_OK), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	setrlimit(RLIMIT_FSIZE, &none);
	report_step(&scene.report, "mounting");
	setrlimit(RLIMIT_FSIZE, &before);
	assert_true(scene.report.boot_is_lost);
	assert_int_equal(access(scene.boot, F_OK), -1);
	expect_told(&scene, "STATUS=mounting");
	setrlimit(RLIMIT_FSIZE, &none);
	report_verdict(&scene.report);
	setrlimit(RLIMIT_FSIZE, &before);
	expect_told(&scene, "STATUS=mounting (boot.json could not be written: see the journal)");
	report_step(&scene.report, "there is room again");
	assert_false(scene.report.boot_is_lost);
	assert_int_equal(access(scene.boot, F_OK), 0);
	end(&scene);
}

/* Its standard error takes no line. */
static void tell_verdict(struct scene *scene, int full)
{
	char bytes[65536] = "";

	while (write(full, bytes, sizeof(bytes)) > 0)
		;
	fcntl(full, F_SETFL, 0);
	dup2(full, STDERR_FILENO);
	scene->status->verdict = VERDICT_READY;
	scene->report.quiet = false;
	report_verdict(&scene->report);
	_exit(0);
}

/* A journal that stands still keeps nobody from seeing how the boot ended. */
static void a_verdict_is_written_before_it_is_told(void **state)
{
	struct scene scene;
	int stream[2];
	pid_t child;

	(void)state;
	begin(&scene);
	assert_int_equal(pipe2(stream, O_CLOEXEC | O_NONBLOCK), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		tell_verdict(&scene, stream[1]);
	for (unsigned looks = 0; looks < LOOKS_MAX && access(scene.boot, F_OK) < 0; looks++)
		usleep(50000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(access(scene.boot, F_OK), 0);
	close(stream[0]);
	close(stream[1]);
	end(&scene);
}

/* In a process whose standard output is a file: what `print` prints, as it arrives there. */
static void expect_printed(void (*print)(void), const char *expected, size_t size)
{
	char path[] = "/tmp/report.XXXXXX", *found = calloc(1, size + 2);
	int fd = mkstemp(path), status;
	pid_t pid = fork();

	assert_true(fd >= 0 && pid >= 0 && found);
	if (pid == 0) {
		struct report_streams streams;

		dup2(fd, STDOUT_FILENO);
		if (report_streams_open(&streams, NULL) < 0)
			_exit(2);
		print();
		_exit(report_streams_close(&streams, 0));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(pread(fd, found, size + 1, 0), size);
	assert_memory_equal(found, expected, size);
	close(fd);
	unlink(path);
	free(found);
}

static void print_controls(void)
{
	fputs("a\tb\n\x1b[2J\a\r\xc2\x9b\xff€\xe2\x80\xae\n", stdout);
}

static void print_in_pieces(void)
{
	fputs("\xe2", stdout);
	fflush(stdout);
	fputs("\x82", stdout);
	fflush(stdout);
	fputs("\xac\xe2\x82x\xf0\x9f", stdout);
}

static void print_much(void)
{
	for (unsigned i = 0; i < 10000; i++)
		fputs("x€", stdout);
}

static void output_is_made_printable(void **state)
{
	static char much[40000];

	(void)state;
	expect_printed(print_controls,
		       "a\tb\n?[2J?"
		       "????€???\n",
		       20);
	expect_printed(print_in_pieces,
		       "€??"
		       "x??",
		       8);
	for (size_t i = 0; i < sizeof(much); i += 4)
		memcpy(much + i, "x€", 4);
	expect_printed(print_much, much, sizeof(much));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_units_name_reaches_systemctl),
		cmocka_unit_test(status_is_one_printable_line),
		cmocka_unit_test(steps_that_follow_each_other_are_written_once),
		cmocka_unit_test(a_report_that_is_not_written_is_told),
		cmocka_unit_test(a_verdict_is_written_before_it_is_told),
		cmocka_unit_test(output_is_made_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
