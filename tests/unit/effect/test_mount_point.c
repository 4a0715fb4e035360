/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Nobody writes below a mount point of ours while nothing is mounted there, root included; what was
 * somebody's before is left as it is; and all that was made can be taken away.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "effect/mount_point.h"
#include "scenes/recorded.h"

/* Before the kernel's: those of glibc before 2.36 do not bear each other the other way round. */
#include <sys/mount.h>

#include <errno.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#define PLACE "/srv/lustre/lustrewt-OST0017"

struct scene {
	struct recorded machine;
	char list[4096], told[4096];
};

/* The scene that is told; the callback has no other way to know. */
static struct scene *current;

static void start(struct scene *s)
{
	*s = (struct scene){ 0 };
	recorded_start(&s->machine);
	recorded_path(&s->machine, "/var/lib/lustre-init/mount-points", s->list);
	current = s;
}

static void on_removed(const char *where, const char *left)
{
	size_t used = strlen(current->told);

	snprintf(current->told + used, sizeof(current->told) - used, "%s: %s\n", where,
		 left ? left : "gone");
}

static void take_away(struct scene *s)
{
	struct error err;

	s->told[0] = '\0';
	if (mount_point_remove_all(s->machine.root, s->list, on_removed, &err) < 0)
		fail_msg("%s", err.text);
}

static void end(struct scene *s)
{
	take_away(s);
	recorded_end(&s->machine);
}

static void make(struct scene *s, const char *where)
{
	struct error err;

	if (mount_point_make(s->machine.root, s->list, where, &err) < 0)
		fail_msg("%s", err.text);
}

/* 0 when a file could be made there. */
static int write_below(const struct scene *s, const char *where)
{
	char path[8192];
	int fd;

	snprintf(path, sizeof(path), "%s%s/file", s->machine.root, where);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	close(fd);
	return unlink(path);
}

static bool is_there(const struct scene *s, const char *where)
{
	char path[8192];

	snprintf(path, sizeof(path), "%s%s", s->machine.root, where);
	return access(path, F_OK) == 0;
}

/* Whether files where tests are made can be immutable, and we may make them so. */
static void need_flags(const struct scene *s)
{
	int fd = open(s->machine.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int flags = 0;
	bool can = fd >= 0 && geteuid() == 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0;

	if (fd >= 0)
		close(fd);
	if (!can) {
		puts("the file system has no flags, or this is not root");
		skip();
	}
}

static void nobody_writes_where_nothing_is_mounted(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	need_flags(&s);
	make(&s, PLACE);
	assert_int_equal(write_below(&s, PLACE), -EPERM);
	/* Another target of the node has its place beside it. */
	make(&s, "/srv/lustre/MGS");
	assert_int_equal(write_below(&s, "/srv/lustre/MGS"), -EPERM);
	assert_int_equal(write_below(&s, "/srv/lustre"), 0);
	make(&s, PLACE);
	end(&s);
	assert_string_equal(s.told, "/srv/lustre/MGS: gone\n" PLACE ": gone\n/srv/lustre: gone\n"
				    "/srv: gone\n");
}

static void what_was_there_is_its_owners(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	recorded_file(&s.machine, "/mnt/data/theirs", "%s", "");
	recorded_file(&s.machine, "/mnt/empty/x", "%s", "");
	recorded_unlink(&s.machine, "/mnt/empty/x");
	make(&s, "/mnt/data");
	make(&s, "/mnt/empty");
	assert_int_equal(write_below(&s, "/mnt/data"), 0);
	assert_int_equal(write_below(&s, "/mnt/empty"), 0);
	take_away(&s);
	assert_string_equal(s.told, "");
	assert_true(is_there(&s, "/mnt/data/theirs"));
	assert_true(is_there(&s, "/mnt/empty"));
	end(&s);
}

/* A cut between mkdir and the flag; or somebody wanted to write there. */
static void what_is_ours_is_closed_again(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	need_flags(&s);
	recorded_file(&s.machine, "/srv/lustre/lustrewt-OST0017/x", "%s", "");
	recorded_file(&s.machine, "/var/lib/lustre-init/mount-points", PLACE "\n");
	make(&s, PLACE);
	assert_int_equal(write_below(&s, PLACE), 0); /* it holds something: nothing is hidden */
	recorded_unlink(&s.machine, PLACE "/x");
	make(&s, PLACE);
	assert_int_equal(write_below(&s, PLACE), -EPERM);
	end(&s);
}

/* mount-point was /data, and is /data/fs now: systemd cannot make it below what is immutable. */
static void one_of_ours_may_hold_another(void **state)
{
	struct scene s;
	struct error err;

	(void)state;
	start(&s);
	need_flags(&s);
	make(&s, "/data");
	assert_int_equal(write_below(&s, "/data"), -EPERM);
	make(&s, "/data/fs");
	assert_int_equal(write_below(&s, "/data"), 0);
	assert_int_equal(write_below(&s, "/data/fs"), -EPERM);
	/* Somebody else's is left as it is. */
	recorded_unlink(&s.machine, "/var/lib/lustre-init/mount-points");
	assert_true(mount_point_make(s.machine.root, s.list, "/data/fs/more", &err) < 0);
	assert_int_equal(write_below(&s, "/data/fs"), -EPERM);
	recorded_file(&s.machine, "/var/lib/lustre-init/mount-points", "/data\n/data/fs\n");
	end(&s);
	assert_string_equal(s.told, "/data/fs: gone\n/data: gone\n");
}

static void what_holds_something_stays(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	recorded_file(&s.machine, "/srv/lustre/lustrewt-OST0017/x", "%s", "");
	recorded_file(&s.machine, "/var/lib/lustre-init/mount-points",
		      "/srv/lustre\n" PLACE "\n/srv/lustre/gone\n");
	take_away(&s);
	assert_string_equal(s.told, "/srv/lustre/gone: gone\n" PLACE ": it is not empty\n"
				    "/srv/lustre: it is not empty\n");
	assert_true(is_there(&s, PLACE "/x"));
	recorded_unlink(&s.machine, PLACE "/x");
	take_away(&s);
	assert_string_equal(s.told, PLACE ": gone\n/srv/lustre: gone\n");
	assert_false(is_there(&s, "/var/lib/lustre-init/mount-points"));
	end(&s);
}

/* What is mounted there is not ours to close. In a mount namespace of its own: 0 when all is well.
 */
static int in_namespace(struct scene *s)
{
	char path[8192], elsewhere[8192];

	make(s, "/srv/lustre/here");
	snprintf(path, sizeof(path), "%s/srv/lustre/here", s->machine.root);
	snprintf(elsewhere, sizeof(elsewhere), "%s/mnt", s->machine.root);
	if (mount("tmpfs", path, "tmpfs", 0, NULL) < 0)
		return 2;
	make(s, "/srv/lustre/here");
	if (write_below(s, "/srv/lustre/here") < 0)
		return 3;
	take_away(s);
	if (!strstr(s->told, "/srv/lustre/here: something is mounted there"))
		return 4;
	/* A file system without such flags: it is made all the same. */
	if (mkdir(elsewhere, 0755) < 0 || mount("ramfs", elsewhere, "ramfs", 0, NULL) < 0)
		return 5;
	make(s, "/mnt/lustrewt");
	return is_there(s, "/mnt/lustrewt") ? 0 : 6;
}

/* A file system whose server never says a word: 0 when it is not even looked at. */
static int beside_a_silent_one(struct scene *s)
{
	char path[8192], options[128];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	make(s, PLACE);
	recorded_file(&s->machine, "/proc/self/mountinfo",
		      "90 22 0:50 / " PLACE " rw - lustre 10.0.0.10@tcp:/lustrewt rw\n");
	snprintf(path, sizeof(path), "%s" PLACE, s->machine.root);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (fd < 0 || mount("silent", path, "fuse", 0, options) < 0)
		return 2;
	alarm(20); /* and else never */
	take_away(s);
	alarm(0);
	recorded_unlink(&s->machine, "/proc/self/mountinfo");
	return strstr(s->told, PLACE ": something is mounted there") ? 0 : 3;
}

static void run_in_namespace(int (*what)(struct scene *s))
{
	struct scene s;
	int status;
	pid_t pid;

	if (geteuid() != 0) {
		puts("only root can");
		skip();
	}
	start(&s);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(unshare(CLONE_NEWNS) < 0 ||
				      mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0
			      ? 1
			      : what(&s));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	end(&s);
}

static void file_systems_differ(void **state)
{
	(void)state;
	run_in_namespace(in_namespace);
}

static void what_does_not_answer_is_not_looked_at(void **state)
{
	(void)state;
	if (access("/dev/fuse", R_OK | W_OK) < 0) {
		puts("there is no /dev/fuse");
		skip();
	}
	run_in_namespace(beside_a_silent_one);
}

static void a_list_that_cannot_be_written_makes_nothing(void **state)
{
	struct scene s;
	struct error err;

	(void)state;
	start(&s);
	strcpy(s.list, "/dev/null/mount-points");
	assert_true(mount_point_make(s.machine.root, s.list, PLACE, &err) < 0);
	assert_false(is_there(&s, "/srv"));
	recorded_path(&s.machine, "/var/lib/lustre-init/mount-points", s.list);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_writes_where_nothing_is_mounted),
		cmocka_unit_test(what_was_there_is_its_owners),
		cmocka_unit_test(what_is_ours_is_closed_again),
		cmocka_unit_test(one_of_ours_may_hold_another),
		cmocka_unit_test(what_holds_something_stays),
		cmocka_unit_test(file_systems_differ),
		cmocka_unit_test(what_does_not_answer_is_not_looked_at),
		cmocka_unit_test(a_list_that_cannot_be_written_makes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
