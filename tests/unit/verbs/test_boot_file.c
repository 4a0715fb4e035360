/* SPDX-License-Identifier: Apache-2.0 */

/* What status says of this boot's mounts: a place alone proves nothing. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "verbs/boot_file.h"

#include "scenes/recorded.h"

#include <stdlib.h>

static struct recorded machine;
static struct status status;
static char table[4096];

static void stand(const char *name, const char *device, const char *mount_point)
{
	struct standing *standing = &status.standings[status.standing_count++];

	strcpy(standing->name, name);
	standing->device = strdup(device);
	strcpy(standing->mount_point, mount_point);
}

static int start(void **state)
{
	(void)state;
	recorded_start(&machine);
	recorded_path(&machine, "/mountinfo", table);
	status = (struct status){ 0 };
	stand("lustrewt-OST0017", "/dev/none/ost0017", "/srv/ost");
	stand("client lustrewt", "mgs@tcp:/lustrewt", "/mnt/lustrewt");
	stand("lustrewt-OST0018", "", "/srv/ost18");
	return 0;
}

static int end(void **state)
{
	(void)state;
	status_done(&status);
	recorded_end(&machine);
	return 0;
}

static void look(const char *lines, bool target, bool client, size_t notes)
{
	struct error err = { 0 };

	recorded_file(&machine, "/mountinfo", "%s", lines);
	words_done(&status.notes);
	if (boot_file_look_at_mounts(table, &status, &err) < 0)
		fail_msg("%s", err.text);
	if (status.standings[0].mounted != target || status.standings[1].mounted != client ||
	    status.standings[2].mounted || status.notes.count != notes)
		fail_msg("of \"%s\": target %d, client %d, %zu notes", lines,
			 status.standings[0].mounted, status.standings[1].mounted,
			 status.notes.count);
}

static void mounted_is_what_was_asked_for(void **state)
{
	(void)state;
	look("", false, false, 0);
	look("25 22 0:50 / /srv/ost rw - lustre /dev/none/ost0017 rw\n"
	     "26 22 0:51 / /mnt/lustrewt rw - lustre 10.0.0.10@tcp:/lustrewt rw\n",
	     true, true, 0);
	look("25 22 0:50 / /srv/other rw - lustre /dev/none/ost0017 rw\n", false, false, 0);
	look("25 22 0:50 / /srv/ost rw - lustre /dev/none/ost0018 rw\n", false, false, 1);
	look("25 22 0:50 / /srv/ost rw - tmpfs /dev/none/ost0017 rw\n", false, false, 1);
	look("25 22 8:1 / /srv/ost rw - ldiskfs /dev/none/ost0017 rw\n", false, false, 1);
	look("26 22 0:51 / /mnt/lustrewt rw - lustre 10.0.0.10@tcp:/other rw\n", false, false, 1);
	look("26 22 0:51 / /mnt/lustrewt rw - nfs 10.0.0.10@tcp:/lustrewt rw\n", false, false, 1);
	/* What lies over it is what is there. */
	look("25 22 0:50 / /srv/ost rw - lustre /dev/none/ost0017 rw\n"
	     "27 25 0:60 / /srv/ost rw - tmpfs scratch rw\n",
	     false, false, 1);
	/* A target that never had a device is not mounted, whatever is. */
	look("28 22 0:50 / /srv/ost18 rw - lustre /dev/none/ost0018 rw\n", false, false, 0);
}

static void what_is_there_instead_is_named(void **state)
{
	(void)state;
	look("25 22 0:50 / /srv/ost rw - tmpfs scratch rw\n", false, false, 1);
	assert_string_equal(status.notes.items[0],
			    "lustrewt-OST0017: scratch of type tmpfs is mounted at /srv/ost, not "
			    "/dev/none/ost0017");
}

static void a_target_that_asks_another_mgs_is_told(void **state)
{
	(void)state;
	assert_int_equal(words_add(&status.mgs_nids, "10.0.0.99@tcp"), 0);
	look("25 22 0:50 / /srv/ost rw - lustre /dev/none/ost0017 rw,mgsnode=10.0.0.10@tcp,osd=x\n",
	     true, false, 1);
	assert_non_null(strstr(status.notes.items[0],
			       "lustrewt-OST0017 asks for its MGS at 10.0.0.10@tcp"));
	assert_non_null(strstr(status.notes.items[0], "the key mgs says 10.0.0.99@tcp"));
	assert_non_null(strstr(status.notes.items[0], "/dev/none/ost0017"));
	look("25 22 0:50 / /srv/ost rw - lustre /dev/none/ost0017 rw,mgsnode=10.0.0.99@tcp,osd=x\n",
	     true, false, 0);
}

static void without_a_table_nothing_is_known(void **state)
{
	struct error err = { 0 };

	(void)state;
	status.standings[0].mounted = true;
	assert_true(boot_file_look_at_mounts(table, &status, &err) < 0);
	assert_true(status.standings[0].mounted);
	assert_non_null(strstr(err.text, "cannot read"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(mounted_is_what_was_asked_for, start, end),
		cmocka_unit_test_setup_teardown(what_is_there_instead_is_named, start, end),
		cmocka_unit_test_setup_teardown(a_target_that_asks_another_mgs_is_told, start, end),
		cmocka_unit_test_setup_teardown(without_a_table_nothing_is_known, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
