/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The door to block devices, on sparse regular files: what counts as blank (S3), what counts as a
 * signature, and that trouble is never taken for "nothing there".
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/blockdev.h"

#include "scenes/recorded.h"

#include <blkid/blkid.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define GIB (1024 * MIB)

/* A sparse disk image of one test. */
struct image {
	struct recorded machine;
	char path[128];
};

static int make_image(void **state)
{
	struct image *image = calloc(1, sizeof(*image));

	assert_non_null(image);
	recorded_start(&image->machine);
	snprintf(image->path, sizeof(image->path), "%s/disk", image->machine.root);
	*state = image;
	return 0;
}

static int remove_image(void **state)
{
	struct image *image = *state;

	recorded_end(&image->machine);
	free(image);
	return 0;
}

static void resize(const struct image *image, uint64_t size)
{
	int fd = open(image->path, O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

static void put(const struct image *image, uint64_t offset, const void *data, size_t size)
{
	recorded_write(&image->machine, "/disk", offset, data, size);
}

static struct blockdev *open_image(const struct image *image)
{
	struct blockdev *device;
	struct error err;

	if (blockdev_open(image->path, BLOCKDEV_READ, &device, &err) < 0)
		fail_msg("%s", err.text);
	return device;
}

static uint64_t data_at(const struct image *image)
{
	struct blockdev *device = open_image(image);
	uint64_t offset = 0;
	struct error err;

	if (blockdev_find_data(device, 0, &offset, &err) < 0)
		fail_msg("%s", err.text);
	blockdev_close(device);
	return offset;
}

static size_t probe(const struct image *image, struct blockdev_signature signatures[4])
{
	struct blockdev *device = open_image(image);
	size_t count = 99;
	struct error err;

	if (blockdev_probe(device, signatures, 4, &count, &err) < 0)
		fail_msg("%s", err.text);
	blockdev_close(device);
	return count;
}

static void zeros_are_blank(void **state)
{
	static const uint64_t sizes[] = { 0,       512,           4096,    4 * MIB, 4 * MIB + 1,
					  5 * MIB, 5 * MIB + 512, 6 * MIB, 9 * MIB, 100 * MIB + 512,
					  8 * GIB };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		resize(*state, sizes[i]);
		assert_true(data_at(*state) == UINT64_MAX);
	}
}

/* Every place that S3 names, on disks of different sizes, the last of them the very last byte. */
static void data_is_found_where_s3_looks(void **state)
{
	static const uint64_t sizes[] = { 3 * MIB, 5 * MIB, 6 * MIB, 64 * MIB + 512, 8 * GIB };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const uint64_t size = sizes[i];
		const uint64_t places[] = {
			0,
			1,
			1080,
			4095,
			2 * MIB,
			size < 4 * MIB ? size / 2 : 4 * MIB - 1,
			size < 5 * MIB ? size - 2 : size - MIB,
			size - 513,
			size - 1,
		};

		for (size_t j = 0; j < sizeof(places) / sizeof(places[0]); j++) {
			resize(*state, size);
			put(*state, places[j], "x", 1);
			assert_true(data_at(*state) == places[j]);
		}
	}
}

static void data_before_the_place_is_left_out(void **state)
{
	struct blockdev *device;
	uint64_t offset = 0;
	struct error err;

	resize(*state, 64 * MIB);
	put(*state, MIB - 1, "x", 1);
	device = open_image(*state);
	assert_int_equal(blockdev_find_data(device, MIB, &offset, &err), 0);
	assert_true(offset == UINT64_MAX);
	put(*state, MIB, "x", 1);
	assert_int_equal(blockdev_find_data_at_ends(device, MIB, &offset, &err), 0);
	assert_true(offset == MIB);
	blockdev_close(device);
}

/* A disk that carries something, though its head and tail were wiped, is seen by the samples. */
static void samples_find_data_in_between(void **state)
{
	static char written[16 * MIB];

	memset(written, 'x', sizeof(written));
	for (uint64_t at = 5 * MIB; at < 8 * GIB - 17 * MIB; at += GIB) {
		uint64_t found;

		resize(*state, 8 * GIB);
		put(*state, at, written, sizeof(written));
		found = data_at(*state);
		assert_true(found >= at && found < at + sizeof(written));
	}
}

/* Of a file system with hardly anything in it, whose head somebody cleared, the samples see
 * nothing.
 */
static void copies_of_superblocks_are_data(void **state)
{
	static const struct {
		uint64_t size, at;
	} copies[] = {
		{ 80 * GIB, 64 * MIB },    { 80 * GIB, 128 * MIB },
		{ 80 * GIB, 20 * GIB },    { 80 * GIB + 5 * 4096 + 512, 20 * GIB + 2 * 4096 },
		{ 3750 * GIB, 256 * GIB }, { 5000 * GIB, 1024 * GIB - 4096 },
	};

	for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
		resize(*state, copies[i].size);
		assert_true(data_at(*state) == UINT64_MAX);
		put(*state, copies[i].at, "x", 1);
		assert_true(data_at(*state) == copies[i].at);
	}
}

static void small_disks_are_read_whole(void **state)
{
	for (uint64_t at = 4 * MIB; at < 9 * MIB; at += 37 * 4096) {
		resize(*state, 9 * MIB);
		put(*state, at, "x", 1);
		assert_true(data_at(*state) == at);
	}
}

static void signatures_are_named(void **state)
{
	const struct image *image = *state;
	const char *const mkfs[] = { "mke2fs",           "-q",        "-F", "-t", "ext4", "-L",
				     "lustrewt:OST0017", image->path, NULL };
	const char *const mkswap[] = { "mkswap", image->path, NULL };
	struct blockdev_signature found[4];

	resize(image, 64 * MIB);
	assert_int_equal(probe(image, found), 0);
	recorded_program(mkfs);
	assert_int_equal(probe(image, found), 1);
	assert_string_equal(found[0].type, "ext4");
	assert_string_equal(found[0].label, "lustrewt:OST0017");
	assert_int_equal(strlen(found[0].uuid), 36);
	resize(image, 64 * MIB);
	recorded_program(mkswap);
	assert_int_equal(probe(image, found), 1);
	assert_string_equal(found[0].type, "swap");
}

/* The checksum is missing: damaged, and all the more not ours to overwrite. */
static const char lvm_label[512] = "LABELONE\1\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\0LVM2 001"
				   "abcdefghijklmnopqrstuvwxyz012345";

static int probe_error; /* of libblkid's next look; 0: it looks */

/* In place of libblkid's. */
int blkid_do_probe(blkid_probe probe)
{
	int (*look)(blkid_probe);
	void *found = dlsym(RTLD_NEXT, "blkid_do_probe");

	memcpy(&look, &found, sizeof(look));
	if (probe_error == 0)
		return look(probe);
	errno = probe_error;
	return -1;
}

/* Where libblkid cannot read, there may be any signature. */
static void what_cannot_be_probed_is_not_without_signatures(void **state)
{
	const struct image *image = *state;
	struct blockdev_signature found[4];
	struct blockdev *device;
	struct error err;
	size_t count = 0;

	resize(image, 64 * MIB);
	assert_int_equal(blockdev_open(image->path, BLOCKDEV_READ, &device, &err), 0);
	probe_error = EIO;
	assert_int_equal(blockdev_probe(device, found, 4, &count, &err), -EIO);
	assert_non_null(strstr(err.text, "cannot look for signatures"));
	probe_error = 0;
	assert_int_equal(blockdev_probe(device, found, 4, &count, &err), 0);
	blockdev_close(device);
}

static void lvm_members_are_signatures(void **state)
{
	struct blockdev_signature found[4];

	resize(*state, 64 * MIB);
	put(*state, 512, lvm_label, sizeof(lvm_label));
	assert_int_equal(probe(*state, found), 1);
	assert_string_equal(found[0].type, "LVM2_member");
	assert_string_equal(found[0].uuid, "abcdef-ghij-klmn-opqr-stuv-wxyz-012345");
}

static void partition_tables_are_signatures(void **state)
{
	const unsigned char entry[] = { 0x00, 0x20, 0x21, 0x00, 0x83, 0x28, 0x20, 0x08,
					0x00, 0x08, 0x00, 0x00, 0x00, 0xf8, 0x01, 0x00 };
	struct blockdev_signature found[4];

	resize(*state, 64 * MIB);
	put(*state, 446, entry, sizeof(entry));
	put(*state, 510, "\x55\xaa", 2);
	assert_int_equal(probe(*state, found), 1);
	assert_string_equal(found[0].type, "dos");
}

/* One disk can carry the traces of several lives; each is told. */
static void all_signatures_are_told(void **state)
{
	const struct image *image = *state;
	const char *const mkfs[] = { "mke2fs", "-q", "-F", image->path, NULL };
	struct blockdev_signature found[4];
	bool ext2 = false, lvm = false;

	resize(image, 64 * MIB);
	recorded_program(mkfs);
	put(image, 512, lvm_label, sizeof(lvm_label));
	for (size_t i = 0, count = probe(image, found); i < count; i++) {
		ext2 |= strcmp(found[i].type, "ext2") == 0;
		lvm |= strcmp(found[i].type, "LVM2_member") == 0;
	}
	assert_true(ext2);
	assert_true(lvm);
}

static void the_medium_is_read_at_any_place(void **state)
{
	static const uint64_t places[] = { 0, 1, 510, 1024, 4095, 8192, MIB - 5 };
	struct blockdev *device;
	char text[9] = "";
	struct error err;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		resize(*state, MIB + 3);
		put(*state, places[i], "medium!!", 8);
		device = open_image(*state);
		assert_int_equal(blockdev_size(device), MIB + 3);
		assert_int_equal(blockdev_read_medium(device, places[i], text, 8, &err), 0);
		assert_string_equal(text, "medium!!");
		blockdev_close(device);
	}
	device = open_image(*state);
	assert_int_equal(blockdev_read_medium(device, MIB, text, 8, &err), -ERANGE);
	assert_int_equal(blockdev_read_medium(device, UINT64_MAX, text, 8, &err), -ERANGE);
	blockdev_close(device);
}

/* A disk that shrinks under us reads short: trouble, and not blank. */
static void a_short_read_is_an_error(void **state)
{
	const struct image *image = *state;
	struct blockdev *device;
	uint64_t offset = 7;
	struct error err;

	resize(image, 64 * MIB);
	device = open_image(image);
	assert_int_equal(truncate(image->path, 2 * MIB), 0);
	assert_int_equal(blockdev_find_data(device, 0, &offset, &err), -EIO);
	assert_int_equal(offset, 7);
	blockdev_close(device);
}

static void only_devices_and_files_are_opened(void **state)
{
	struct blockdev *device = NULL;
	struct error err;

	(void)state;
	assert_int_equal(blockdev_open("/dev/null", BLOCKDEV_READ, &device, &err), -ENOTBLK);
	assert_int_equal(blockdev_open("/proc/nonexistent", BLOCKDEV_READ, &device, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/proc/nonexistent"));
	assert_null(device);
}

static void a_claim_locks(void **state)
{
	const struct image *image = *state;
	struct blockdev *device;
	struct error err;
	int fd;

	resize(image, MIB);
	assert_int_equal(blockdev_open(image->path, BLOCKDEV_CLAIM, &device, &err), 0);
	fd = open(image->path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_SH | LOCK_NB), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	blockdev_close(device);
	assert_int_equal(flock(fd, LOCK_SH | LOCK_NB), 0);
	close(fd);
}

static void a_file_is_no_nvme_namespace(void **state)
{
	static uint8_t identify[NVME_IDENTIFY_SIZE];
	struct blockdev *device;
	struct error err;

	resize(*state, MIB);
	device = open_image(*state);
	assert_int_equal(blockdev_nvme_identify(device, identify, &err), -ENOTTY);
	blockdev_close(device);
}

static void flushing_works_on_a_read_only_descriptor(void **state)
{
	const struct image *image = *state;
	struct error err;

	resize(image, MIB);
	assert_int_equal(blockdev_flush(image->path, &err), 0);
	assert_int_equal(blockdev_flush("/proc/nonexistent", &err), -ENOENT);
}

/* While a child that cannot be ended may still write. */
static void what_is_left_locked_stays_locked(void **state)
{
	struct recorded machine;
	struct blockdev *device;
	char path[4096];
	struct error err;
	int fd;

	(void)state;
	recorded_start(&machine);
	recorded_device(&machine, "/dev/sdb", MIB);
	recorded_path(&machine, "/dev/sdb", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(blockdev_open(path, BLOCKDEV_CLAIM, &device, &err), 0);
		device = i == 0 ? blockdev_close(device) : blockdev_leave_locked(device);
		assert_null(device);
		assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), i == 0 ? 0 : -1);
		assert_int_equal(flock(fd, LOCK_UN), 0);
	}
	close(fd);
	recorded_end(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_locked_stays_locked),
		cmocka_unit_test(zeros_are_blank),
		cmocka_unit_test(data_is_found_where_s3_looks),
		cmocka_unit_test(data_before_the_place_is_left_out),
		cmocka_unit_test(samples_find_data_in_between),
		cmocka_unit_test(copies_of_superblocks_are_data),
		cmocka_unit_test(small_disks_are_read_whole),
		cmocka_unit_test(signatures_are_named),
		cmocka_unit_test(what_cannot_be_probed_is_not_without_signatures),
		cmocka_unit_test(lvm_members_are_signatures),
		cmocka_unit_test(partition_tables_are_signatures),
		cmocka_unit_test(all_signatures_are_told),
		cmocka_unit_test(the_medium_is_read_at_any_place),
		cmocka_unit_test(a_short_read_is_an_error),
		cmocka_unit_test(only_devices_and_files_are_opened),
		cmocka_unit_test(a_claim_locks),
		cmocka_unit_test(a_file_is_no_nvme_namespace),
		cmocka_unit_test(flushing_works_on_a_read_only_descriptor),
	};

	return cmocka_run_group_tests(tests, make_image, remove_image);
}
