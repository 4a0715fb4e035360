/* SPDX-License-Identifier: Apache-2.0 */

/* Late disks: waited for as long as the kernel knows of them, and not a moment without a reason. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/storage/storage.h"

#include "scenes/recorded_disks.h"

#include <time.h>

#define SOON 1000000ULL  /* a bound that a test waits out */
#define LONG 60000000ULL /* one that it does not */

static struct recorded machine;
static struct storage_options options;
static char told[8][256];
static unsigned told_count;
static char note[STORAGE_SENTENCE_MAX];
static void (*then)(void); /* what changes once it was told that something is missing */

static int start(void **state)
{
	(void)state;
	told_count = 0;
	then = NULL;
	recorded_start_bare(&machine);
	options = (struct storage_options){ .root = machine.root, .disks_name = "" };
	return 0;
}

static int end(void **state)
{
	(void)state;
	recorded_end(&machine);
	return 0;
}

static void tell(void *userdata, const char *sentence)
{
	(void)userdata;
	/* The same again, a second later, is nothing new. */
	if (told_count > 0 &&
	    strcmp(strchr(told[told_count - 1], ':'), strchr(sentence, ':')) == 0 &&
	    strncmp(told[told_count - 1], sentence, 8) == 0)
		return;
	if (told_count < 8)
		snprintf(told[told_count++], sizeof(told[0]), "%s", sentence);
	if (then)
		then();
	then = NULL;
}

static uint64_t now_msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* How long it took, in milliseconds. */
static uint64_t wait_for(uint64_t timeout_usec)
{
	const uint64_t begin = now_msec();
	struct error err;

	if (storage_wait(&options, timeout_usec, tell, NULL, note, &err) < 0)
		fail_msg("%s", err.text);
	return now_msec() - begin;
}

/* What is missing comes once it was told; a wait that goes on till its bound would tell that, too.
 */
static void expect_wait_until(void (*change)(void))
{
	then = change;
	wait_for(LONG);
	assert_null(then);
	assert_int_equal(told_count, 1);
}

static void expect_no_wait(void)
{
	wait_for(LONG);
	assert_int_equal(told_count, 0);
}

static void a_complete_machine_is_not_waited_for(void **state)
{
	(void)state;
	recorded_pci(&machine, "0000:00:1f.0", "0x1d0f");
	recorded_nvme(&machine, 1, "0000:00:1f.0", STORE, MIB);
	expect_no_wait();
	assert_string_equal(note, "");
	/* Nor is a disk that nobody has heard of: whether it may come, the plan knows. */
	options.disks = DISKS_EBS;
	options.disks_name = "sdf";
	expect_no_wait();
}

static void add_nvme(void)
{
	recorded_nvme(&machine, 1, "0000:00:1f.0", STORE, MIB);
}

static void a_pci_function_without_its_disk_is_late(void **state)
{
	(void)state;
	recorded_pci(&machine, "0000:00:1e.0", "0x1d0f");
	recorded_nvme(&machine, 0, "0000:00:1e.0", EBS, MIB);
	recorded_pci(&machine, "0000:00:1f.0", "0x1d0f");
	expect_wait_until(add_nvme);
	assert_string_equal(
		told[0], "waiting for disks, 0 of 60 s: 1 of 2 NVMe disks have no block device yet "
			 "(first: 0000:00:1f.0)");
}

static void add_driver(void)
{
	recorded_link(&machine, "/sys/devices/pci0000:00/0000:00:1f.0/driver",
		      "../../../bus/pci/drivers/nvme");
}

/* udev loads drivers: as long as it has something to do, one may come. */
static void a_function_without_a_driver_comes_while_udev_works(void **state)
{
	(void)state;
	recorded_pci(&machine, "0000:00:1f.0", "0x1d0f");
	recorded_file(&machine, "/run/udev/control", "%s", "");
	recorded_file(&machine, "/run/udev/queue", "%s", "");
	recorded_file(&machine, "/run/udev/data/b259:0", "I:1\n");
	expect_wait_until(add_nvme);
	assert_string_equal(note, "");
}

static void let_udev_rest(void)
{
	recorded_unlink(&machine, "/run/udev/queue");
}

static void a_function_that_gets_no_driver_is_named_and_not_waited_for(void **state)
{
	static const char *const expected =
		"1 of 2 NVMe disks have no driver, and are not waited for (first: "
		"0000:00:1f.0); dmesg says why";

	(void)state;
	recorded_pci(&machine, "0000:00:1e.0", "0x1d0f");
	recorded_nvme(&machine, 0, "0000:00:1e.0", EBS, MIB);
	recorded_pci(&machine, "0000:00:1f.0", "0x1d0f");
	recorded_file(&machine, "/run/udev/control", "%s", "");
	expect_no_wait();
	assert_string_equal(note, expected);
	/* That is known only when udev is done. */
	recorded_file(&machine, "/run/udev/queue", "%s", "");
	expect_wait_until(let_udev_rest);
	assert_string_equal(note, expected);
}

/* One that has its driver is on its way, whatever udev does. */
static void a_function_with_its_driver_comes(void **state)
{
	(void)state;
	recorded_pci(&machine, "0000:00:1f.0", "0x1d0f");
	recorded_file(&machine, "/run/udev/control", "%s", "");
	recorded_file(&machine, "/run/udev/data/b259:0", "I:1\n");
	add_driver();
	expect_wait_until(add_nvme);
	assert_string_equal(note, "");
}

static void functions_that_are_no_disks_are_not_waited_for(void **state)
{
	(void)state;
	recorded_pci(&machine, "0000:00:1e.0", "0x144d");
	recorded_pci(&machine, "0000:00:1f.0", "0x1d0f");
	recorded_link(&machine, "/sys/devices/pci0000:00/0000:00:1f.0/driver",
		      "../../../bus/pci/drivers/vfio-pci");
	recorded_pci(&machine, "0000:00:05.0", "0x1d0f");
	recorded_file(&machine, "/sys/devices/pci0000:00/0000:00:05.0/class", "0x020000\n");
	expect_no_wait();
	assert_string_equal(note, "");
}

static void the_wait_has_a_bound(void **state)
{
	(void)state;
	recorded_pci(&machine, "0000:00:1f.0", "0x1d0f");
	assert_true(wait_for(SOON) >= SOON / 1000);
	assert_int_equal(told_count, 2);
	assert_string_equal(
		told[0], "waiting for disks, 0 of 1 s: 1 of 1 NVMe disks have no block device yet "
			 "(first: 0000:00:1f.0)");
	assert_string_equal(told[1],
			    "not waiting longer: 1 of 1 NVMe disks have no block device yet "
			    "(first: 0000:00:1f.0)");
}

static void finish_udev(void)
{
	recorded_file(&machine, "/run/udev/data/b259:0", "I:1\n");
}

static void udev_is_given_time(void **state)
{
	(void)state;
	recorded_pci(&machine, "0000:00:1f.0", "0x1d0f");
	recorded_nvme(&machine, 1, "0000:00:1f.0", STORE, MIB);
	recorded_file(&machine, "/run/udev/control", "%s", "");
	expect_wait_until(finish_udev);
	assert_string_equal(told[0],
			    "waiting for disks, 0 of 60 s: udev is not done with nvme1n1 yet");
}

/* What `disks` names by a path is a link of udev's, maybe to a disk that has none yet. */
static void a_link_is_given_time(void **state)
{
	(void)state;
	recorded_pci(&machine, "0000:00:1f.0", "0x1d0f");
	recorded_nvme(&machine, 1, "0000:00:1f.0", EBS, MIB);
	recorded_file(&machine, "/run/udev/control", "%s", "");
	expect_no_wait();
	options.disks = DISKS_PATH;
	options.disks_name = "/dev/disk/by-id/data";
	expect_wait_until(finish_udev);
	assert_string_equal(told[0],
			    "waiting for disks, 0 of 60 s: udev is not done with nvme1n1 yet");
}

static void add_xen(void)
{
	recorded_disk(&machine, "vbd-51728/block", "xvdb", MIB);
	recorded_link(&machine, "/sys/devices/vbd-51728/block/xvdb/device", "../../../vbd-51728");
}

/* ephemeral1 is a phantom: no virtual device of Xen, so nothing to wait for. */
static void xen_disks_are_waited_for_and_phantoms_are_not(void **state)
{
	struct words ephemerals = { 0 };

	(void)state;
	words_split(&ephemerals, "ephemeral0=sdb ephemeral1=sdc", " ");
	recorded_file(&machine, "/sys/devices/vbd-51728/nodename", "device/vbd/51728\n");
	recorded_link(&machine, "/sys/bus/xen/devices/vbd-51728", "../../../devices/vbd-51728");
	/* Without a mapping, Xen's devices are none of ours. */
	expect_no_wait();
	options.ephemerals = &ephemerals;
	expect_wait_until(add_xen);
	assert_string_equal(
		told[0],
		"waiting for disks, 0 of 60 s: Xen disk vbd-51728 has no block device yet");
	words_done(&ephemerals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_complete_machine_is_not_waited_for, start, end),
		cmocka_unit_test_setup_teardown(a_pci_function_without_its_disk_is_late, start,
						end),
		cmocka_unit_test_setup_teardown(functions_that_are_no_disks_are_not_waited_for,
						start, end),
		cmocka_unit_test_setup_teardown(the_wait_has_a_bound, start, end),
		cmocka_unit_test_setup_teardown(a_function_without_a_driver_comes_while_udev_works,
						start, end),
		cmocka_unit_test_setup_teardown(
			a_function_that_gets_no_driver_is_named_and_not_waited_for, start, end),
		cmocka_unit_test_setup_teardown(a_function_with_its_driver_comes, start, end),
		cmocka_unit_test_setup_teardown(udev_is_given_time, start, end),
		cmocka_unit_test_setup_teardown(a_link_is_given_time, start, end),
		cmocka_unit_test_setup_teardown(xen_disks_are_waited_for_and_phantoms_are_not,
						start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
