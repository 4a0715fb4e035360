/* SPDX-License-Identifier: Apache-2.0 */

/* The last look at a disk before it is written: what does not say who it is is not who was meant.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "effect/disk_check.h"

#include "scenes/recorded.h"

#include <errno.h>
#include <linux/nvme_ioctl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

/* What the controller answers to Identify. */
static struct {
	int error;  /* of ioctl(2); 0: it answers */
	int status; /* of NVMe; 0: success */
	const char *serial;
} controller;

static int answer(struct nvme_admin_cmd *command)
{
	uint8_t *data;

	if (controller.error != 0) {
		errno = controller.error;
		return -1;
	}
	memcpy(&data, &command->addr, sizeof(data));
	memset(data + 4, ' ', 20);
	memcpy(data + 4, controller.serial, strlen(controller.serial));
	return controller.status;
}

/* In place of libc's: a sparse file is no NVMe disk. */
int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *argument;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	if (request == NVME_IOCTL_ADMIN_CMD)
		return answer(argument);
	return (int)syscall(SYS_ioctl, fd, request, argument);
}

static bool passes(const char *serial, char why[DISK_CHECK_TEXT_MAX])
{
	struct blockdev *device = NULL;
	struct plan_disk disk = { .size = 64 * MIB };
	struct recorded machine;
	bool passed;

	recorded_start(&machine);
	recorded_device(&machine, "/dev/nvme1n1", 64 * MIB);
	snprintf(disk.path, sizeof(disk.path), "%s/dev/nvme1n1", machine.root);
	snprintf(disk.serial, sizeof(disk.serial), "%s", serial);
	why[0] = '\0';
	passed = disk_check(&disk, DISK_CHECK_WHOLE, &device, why) == 0;
	blockdev_close(device);
	recorded_end(&machine);
	return passed;
}

static void a_disk_must_be_the_one_that_was_planned(void **state)
{
	static const struct {
		int error, status;
		const char *is, *planned, *words; /* NULL: it passes */
	} rows[] = {
		{ 0, 0, "AWS1", "AWS1", NULL },
		{ 0, 0, "12345678901234567890", "12345678901234567890", NULL },
		{ 0, 0, "AWS2", "AWS1", "another disk" },
		{ 0, 0, "AWS11", "AWS1", "another disk" },
		{ 0, 0, "", "AWS1", "another disk" },
		{ 0, 0, "", "", "another disk" },
		/* A disk of Xen has nothing to say, and its driver calls that EINVAL. */
		{ ENOTTY, 0, "", "ephemeral0:sdb", NULL },
		{ EINVAL, 0, "", "ephemeral0:sdb", NULL },
		/* What does not answer may be any disk. */
		{ EIO, 0, "", "AWS1", "does not identify itself" },
		{ ENODEV, 0, "", "AWS1", "does not identify itself" },
		{ EACCES, 0, "", "AWS1", "does not identify itself" },
		{ EINTR, 0, "", "AWS1", "does not identify itself" },
		{ 0, 0x371, "AWS1", "AWS1", "NVMe status 0x371" },
	};
	char why[DISK_CHECK_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		controller.error = rows[i].error;
		controller.status = rows[i].status;
		controller.serial = rows[i].is;
		assert_int_equal(passes(rows[i].planned, why), rows[i].words == NULL);
		if (rows[i].words)
			assert_non_null(strstr(why, rows[i].words));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disk_must_be_the_one_that_was_planned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
