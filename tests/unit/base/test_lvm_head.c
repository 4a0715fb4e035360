/* SPDX-License-Identifier: Apache-2.0 */

/* What may be half a PV of LVM's making, and what is somebody's data. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/lvm_head.h"

#include "scenes/recorded.h"

#define DISK "/dev/nvme1n1"

static const char label[] = "LABELONE\1\0\0\0\0\0\0\0\xd8\x3a\x90\x11\x20\0\0\0LVM2 001";
static const char area[] = "\x4f\x5d\x3c\x11 LVM2 x[5A%r0N*>\1\0\0\0\0\x10\0\0\0\0\0\0";
static const char text[] = "lustre-init-5eed0017 {\nid = \"abc\"\n\tseqno = 1\n}\n";

static struct recorded machine;

static int start(void **state)
{
	(void)state;
	recorded_start(&machine);
	recorded_device(&machine, DISK, 64 * MIB);
	return 0;
}

static int end(void **state)
{
	(void)state;
	recorded_end(&machine);
	return 0;
}

static void put(uint64_t at, const void *data, size_t size)
{
	recorded_write(&machine, DISK, at, data, size);
}

static bool is_head(void)
{
	struct blockdev *device;
	char path[4096];
	struct error err;
	bool is = false;

	recorded_path(&machine, DISK, path);
	if (blockdev_open(path, BLOCKDEV_READ, &device, &err) < 0 ||
	    lvm_head_read(device, &is, &err) < 0)
		fail_msg("%s", err.text);
	blockdev_close(device);
	return is;
}

static void any_part_of_lvms_own_is_one(void **state)
{
	(void)state;
	assert_true(is_head());
	put(4096, area, sizeof(area));
	assert_true(is_head());
	put(4608, text, sizeof(text));
	assert_true(is_head());
	put(512, label, sizeof(label));
	assert_true(is_head());
	put(4096, (char[512]){ 0 }, 512);
	assert_true(is_head());
}

static void what_lies_behind_is_not_asked(void **state)
{
	(void)state;
	put(LVM_HEAD_SIZE, "\xff", 1);
	assert_true(is_head());
}

static void a_byte_elsewhere_is_somebodys(void **state)
{
	static const uint64_t places[] = { 0, 511, 1024, 1080, 2047, 4095 };

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		put(places[i], "x", 1);
		if (is_head())
			fail_msg("a byte at %llu was not seen", (unsigned long long)places[i]);
		put(places[i], "", 1);
	}
	assert_true(is_head());
}

static void another_label_or_header_is_somebodys(void **state)
{
	(void)state;
	put(512, "LABELTWO", 8);
	assert_false(is_head());
	put(512, label, sizeof(label));
	put(4096 + 4, " LVM1 x[5A%r0N*>", 16);
	assert_false(is_head());
}

static void what_is_no_text_is_somebodys(void **state)
{
	static const char bytes[] = { 1, 0x7f, (char)0x80, (char)0xff };

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		put(LVM_HEAD_SIZE - 1, &bytes[i], 1);
		assert_false(is_head());
	}
}

static void a_disk_too_small_has_none(void **state)
{
	(void)state;
	recorded_device(&machine, DISK, LVM_HEAD_SIZE - 512);
	assert_false(is_head());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(any_part_of_lvms_own_is_one, start, end),
		cmocka_unit_test_setup_teardown(what_lies_behind_is_not_asked, start, end),
		cmocka_unit_test_setup_teardown(a_byte_elsewhere_is_somebodys, start, end),
		cmocka_unit_test_setup_teardown(another_label_or_header_is_somebodys, start, end),
		cmocka_unit_test_setup_teardown(what_is_no_text_is_somebodys, start, end),
		cmocka_unit_test_setup_teardown(a_disk_too_small_has_none, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
