/* SPDX-License-Identifier: Apache-2.0 */

/* What speaks against a mount is seen before anything is formatted. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/unit_name.h"
#include "observe/mount_points.h"

#include "scenes/recorded.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>

static struct recorded machine;
static struct facts facts;

static int start(void **state)
{
	(void)state;
	facts = (struct facts){ 0 };
	recorded_start(&machine);
	recorded_file(&machine, "/var/srv/.keep", "%s", "");
	return 0;
}

static int end(void **state)
{
	(void)state;
	facts_done(&facts);
	recorded_end(&machine);
	return 0;
}

static void observe(unsigned roles, const char *mount_point)
{
	struct spec spec = { .roles = roles, .fsname = "lustrewt" };
	struct error err;

	snprintf(spec.mount_point, sizeof(spec.mount_point), "%s", mount_point);
	facts_done(&facts);
	if (mount_points_observe(machine.root, &spec, &facts, &err) < 0)
		fail_msg("%s", err.text);
}

static const char *real_of(const char *path)
{
	for (size_t i = 0; i < facts.link_count; i++)
		if (strcmp(facts.links[i].path, path) == 0)
			return facts.links[i].real;
	return NULL;
}

static void places_that_are_what_they_say_are_not_told(void **state)
{
	(void)state;
	recorded_file(&machine, "/srv/lustre/MGS/.keep", "%s", "");
	observe(ROLE_MGS | ROLE_CLIENT, "");
	assert_int_equal(facts.link_count, 0);
	assert_int_equal(facts.mount_units.count, 0);
	assert_int_equal(facts.fstab.count, 0);
}

static void links_are_told_by_role(void **state)
{
	(void)state;
	recorded_link(&machine, "/srv", "var/srv");
	recorded_link(&machine, "/mnt", "var/srv");
	recorded_link(&machine, "/var/srv/lustre/lustrewt-OST0017", "/data/ost");
	observe(ROLE_OSS, "");
	assert_int_equal(facts.link_count, 2);
	assert_string_equal(real_of("/srv/lustre"), "/var/srv/lustre");
	assert_string_equal(real_of("/srv/lustre/lustrewt-OST0017"), "/data/ost");
	observe(ROLE_CLIENT, "");
	assert_int_equal(facts.link_count, 1);
	assert_string_equal(real_of("/mnt/lustrewt"), "/var/srv/lustrewt");
	observe(ROLE_OSS, "/mnt/ost");
	assert_int_equal(facts.link_count, 1);
	assert_string_equal(real_of("/mnt/ost"), "/var/srv/ost");
}

static void a_ring_of_links_is_told_as_trouble(void **state)
{
	(void)state;
	recorded_link(&machine, "/a", "b");
	recorded_link(&machine, "/b", "a");
	observe(ROLE_CLIENT, "/a/lustre");
	assert_int_equal(facts.link_count, 1);
	assert_string_equal(facts.links[0].real, "");
	assert_non_null(strstr(facts.links[0].trouble, "ring of symbolic links"));
}

/* systemd would say so when it mounts, after the format. */
static void a_file_in_its_place_is_told_as_trouble(void **state)
{
	(void)state;
	recorded_file(&machine, "/srv/lustre/lustrewt-OST0017", "%s", "");
	recorded_file(&machine, "/mnt/lustrewt", "%s", "");
	observe(ROLE_OSS, "");
	assert_int_equal(facts.link_count, 1);
	assert_string_equal(facts.links[0].path, "/srv/lustre/lustrewt-OST0017");
	assert_non_null(strstr(facts.links[0].trouble, "directory"));
	observe(ROLE_OSS, "/srv/lustre/lustrewt-OST0017/below");
	assert_int_equal(facts.link_count, 1);
	observe(ROLE_CLIENT, "");
	assert_int_equal(facts.link_count, 1);
	assert_string_equal(facts.links[0].path, "/mnt/lustrewt");
}

/* A file system whose server never says a word, in a namespace of its own; -1 where there can be
 * none. */
static int mount_silent(const char *path)
{
	char full[4096], options[128];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	recorded_path(&machine, path, full);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (fd >= 0 && unshare(CLONE_NEWNS) == 0 &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("silent", full, "fuse", 0, options) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void add_mount(const char *target)
{
	facts.mounts = calloc(1, sizeof(*facts.mounts));
	assert_non_null(facts.mounts);
	facts.mounts[0].target = strdup(target);
	facts.mounts[0].source = strdup("10.0.0.10@tcp:/lustrewt");
	facts.mount_count = 1;
}

/* As Lustre's own, or somebody's NFS, whose server is away: a look at it would have no end. */
static void what_is_mounted_is_not_looked_at(void **state)
{
	static const struct {
		const char *silent, *mount_point;
	} places[] = {
		{ "/mnt/lustrewt", "" },
		{ "/data/scratch", "/data/scratch" },
		{ "/srv/lustre/lustrewt-OST0017", "" },
		{ "/nfs", "" },
		/* Nor is what lies below it. */
		{ "/home", "" },
		{ "/srv", "" },
		{ "/data", "/data/scratch" },
	};

	(void)state;
	recorded_file(&machine, "/etc/fstab",
		      "server:/ /nfs nfs defaults 0 0\n"
		      "server:/x /home/x/y nfs defaults 0 0\n");
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct spec spec = { .roles = ROLE_OSS | ROLE_CLIENT, .fsname = "lustrewt" };
		char keep[128], full[4096];
		struct error err;
		int fd;

		snprintf(spec.mount_point, sizeof(spec.mount_point), "%s", places[i].mount_point);
		snprintf(keep, sizeof(keep), "%s/.keep", places[i].silent);
		recorded_file(&machine, keep, "%s", "");
		fd = mount_silent(places[i].silent);
		if (fd < 0) {
			puts("nothing can be mounted that does not answer: there is no /dev/fuse, "
			     "or this is not root");
			skip();
		}
		facts_done(&facts);
		facts = (struct facts){ 0 };
		add_mount(places[i].silent);
		alarm(20); /* and else never */
		assert_int_equal(mount_points_observe(machine.root, &spec, &facts, &err), 0);
		alarm(0);
		close(fd);
		recorded_path(&machine, places[i].silent, full);
		assert_int_equal(umount2(full, MNT_DETACH), 0);
		assert_int_equal(facts.link_count, 0);
		assert_int_equal(facts.fstab.count, 2);
		assert_string_equal(facts.fstab.items[1], "/home/x/y");
	}
}

/* systemd's automount is there still, below what it was the way to. */
static void what_lies_over_an_automount_is_looked_at(void **state)
{
	static const char *const types[] = { "autofs", "ext4" };
	struct spec spec = { .roles = ROLE_OSS, .fsname = "lustrewt", .mount_point = "/srv/a/b" };
	struct error err;

	(void)state;
	recorded_file(&machine, "/data/.keep", "%s", "");
	recorded_link(&machine, "/srv/a", "/data");
	facts.mounts = calloc(2, sizeof(*facts.mounts));
	assert_non_null(facts.mounts);
	for (size_t i = 0; i < 2; i++) {
		facts.mounts[i].target = strdup("/srv");
		facts.mounts[i].source = strdup(types[i]);
		strcpy(facts.mounts[i].fstype, types[i]);
	}
	strcpy(facts.mounts[1].device, "nvme9n1");
	facts.mount_count = 1;
	assert_int_equal(mount_points_observe(machine.root, &spec, &facts, &err), 0);
	assert_int_equal(facts.link_count, 0);
	facts.mount_count = 2;
	assert_int_equal(mount_points_observe(machine.root, &spec, &facts, &err), 0);
	assert_int_equal(facts.link_count, 1);
}

/* A server that went away for good, as a disk that fails: that says nothing of the path. */
static void what_cannot_be_read_is_no_wrong_path(void **state)
{
	struct spec spec = { .roles = ROLE_OSS, .fsname = "lustrewt", .mount_point = "/data/ost" };
	struct error err;
	char full[4096];
	int fd;

	(void)state;
	recorded_file(&machine, "/data/ost/.keep", "%s", "");
	fd = mount_silent("/data");
	if (fd < 0) {
		puts("nothing can be mounted that does not answer: there is no /dev/fuse, or this "
		     "is not root");
		skip();
	}
	close(fd);
	recorded_path(&machine, "/data", full);
	assert_int_equal(mount_points_observe(machine.root, &spec, &facts, &err), -ENOTCONN);
	assert_non_null(strstr(err.text, "/data: "));
	assert_int_equal(facts.link_count, 0);
	assert_int_equal(umount2(full, MNT_DETACH), 0);
}

/* Nor is a unit that cannot be read another's, whom a person would have to take it away from. */
static void a_unit_that_cannot_be_read_is_not_anothers(void **state)
{
	static const char *const units[] = { "/run/systemd/system/a.mount",
					     "/etc/systemd/system/mount.d/a.conf" };
	const struct spec spec = { .roles = ROLE_OSS, .fsname = "lustrewt" };
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		recorded_failing(&machine, units[i], RECORDED_EIO);
		assert_int_equal(mount_points_observe(machine.root, &spec, &facts, &err), -EIO);
		recorded_unlink(&machine, units[i]);
	}
	/* What is none is none, whoever looks. */
	recorded_link(&machine, units[0], "nowhere");
	observe(ROLE_OSS, "");
	assert_int_equal(facts.mount_units.count, 1);
}

/* systemd.unit(5), "Unit File Load Path": those before ours, and drop-ins of all. */
static void units_that_have_the_word_are_told(void **state)
{
	static const char *const told[] = {
		"/etc/systemd/system.control/a.mount",  "/run/systemd/transient/b.mount",
		"/run/systemd/generator.early/c.mount", "/etc/systemd/system/d.mount",
		"/etc/systemd/system.attached/e.mount", "/run/systemd/system/another.mount",
	};
	static const char *const drop_ins[] = {
		"/etc/systemd/system/f.mount.d",
		"/run/systemd/system/g.mount.d",
		"/usr/lib/systemd/system/srv-.mount.d",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		recorded_file(&machine, told[i], "[Mount]\n");
	for (size_t i = 0; i < sizeof(drop_ins) / sizeof(drop_ins[0]); i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s/10-own.conf", drop_ins[i]);
		recorded_file(&machine, path, "[Mount]\n");
	}
	recorded_file(&machine, "/run/systemd/system/ours.mount", "%s[Unit]\n", UNIT_HEADLINE);
	recorded_file(&machine, "/usr/lib/systemd/system/weaker.mount", "[Mount]\n");
	recorded_file(&machine, "/run/systemd/generator/fstab.mount", "[Mount]\n");
	recorded_file(&machine, "/etc/systemd/system/empty.mount.d/.keep", "%s", "");
	recorded_file(&machine, "/etc/systemd/system/some.service", "[Service]\n");
	observe(ROLE_OSS, "");
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		assert_true(words_contain(&facts.mount_units, told[i]));
	for (size_t i = 0; i < sizeof(drop_ins) / sizeof(drop_ins[0]); i++)
		assert_true(words_contain(&facts.mount_units, drop_ins[i]));
	assert_int_equal(facts.mount_units.count, 9);
}

/* What it says of units alone (OnFailure=, say) changes no mount. */
static void a_drop_in_for_all_mounts_is_told_where_it_changes_them(void **state)
{
	(void)state;
	recorded_file(&machine, "/usr/lib/systemd/system/mount.d/10-tell.conf",
		      "[Unit]\nOnFailure=tell@%%n.service\n");
	observe(ROLE_OSS, "");
	assert_int_equal(facts.mount_units.count, 0);
	recorded_file(&machine, "/etc/systemd/system/mount.d/20-slow.conf",
		      "[Mount]\nTimeoutSec=5\n");
	observe(ROLE_OSS, "");
	assert_int_equal(facts.mount_units.count, 1);
	assert_string_equal(facts.mount_units.items[0], "/etc/systemd/system/mount.d");
}

static void lines_of_fstab_are_told_where_they_lead(void **state)
{
	(void)state;
	recorded_link(&machine, "/srv", "var/srv");
	recorded_file(&machine, "/etc/fstab",
		      "# a comment\n"
		      "UUID=1-2 / xfs defaults 0 0\n"
		      "/dev/sdb none swap sw 0 0\n"
		      "/dev/x /srv/lustre/lustrewt-OST0017 lustre noauto 0 0\n"
		      "/dev/y /mnt/with\\040blank ext4 defaults 0 0\n");
	observe(ROLE_OSS, "");
	assert_int_equal(facts.fstab.count, 3);
	assert_string_equal(facts.fstab.items[0], "/");
	assert_string_equal(facts.fstab.items[1], "/var/srv/lustre/lustrewt-OST0017");
	assert_string_equal(facts.fstab.items[2], "/mnt/with blank");
}

static void they_survive_json(void **state)
{
	json_t *written, *again;
	struct facts copy;

	(void)state;
	recorded_link(&machine, "/srv", "var/srv");
	recorded_file(&machine, "/etc/systemd/system/d.mount", "[Mount]\n");
	recorded_file(&machine, "/etc/fstab", "/dev/x /x ext4\n");
	observe(ROLE_OSS, "");
	written = facts_to_json(&facts);
	assert_int_equal(facts_from_json(written, &copy, NULL), 0);
	assert_int_equal(copy.link_count, 1);
	again = facts_to_json(&copy);
	assert_true(json_equal(written, again));
	facts_done(&copy);
	json_decref(written);
	json_decref(again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(places_that_are_what_they_say_are_not_told, start,
						end),
		cmocka_unit_test_setup_teardown(links_are_told_by_role, start, end),
		cmocka_unit_test_setup_teardown(a_ring_of_links_is_told_as_trouble, start, end),
		cmocka_unit_test_setup_teardown(a_file_in_its_place_is_told_as_trouble, start, end),
		cmocka_unit_test_setup_teardown(what_lies_over_an_automount_is_looked_at, start,
						end),
		cmocka_unit_test_setup_teardown(what_is_mounted_is_not_looked_at, start, end),
		cmocka_unit_test_setup_teardown(what_cannot_be_read_is_no_wrong_path, start, end),
		cmocka_unit_test_setup_teardown(a_unit_that_cannot_be_read_is_not_anothers, start,
						end),
		cmocka_unit_test_setup_teardown(units_that_have_the_word_are_told, start, end),
		cmocka_unit_test_setup_teardown(
			a_drop_in_for_all_mounts_is_told_where_it_changes_them, start, end),
		cmocka_unit_test_setup_teardown(lines_of_fstab_are_told_where_they_lead, start,
						end),
		cmocka_unit_test_setup_teardown(they_survive_json, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
