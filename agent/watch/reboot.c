/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/reboot.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#define SYSRQ "/proc/sysrq-trigger"

/*
 * The kernel's own emergency restart asks no driver, so that none can hang over a disk that stands
 * still: Documentation/admin-guide/sysrq.rst, "b". It is there for root whatever kernel.sysrq says.
 */
static int restart_by_sysrq(void)
{
	cleanup(close_fd) int fd = open(SYSRQ, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "b", 1) != 1)
		return -errno;
	return 0;
}

int reboot_hard(struct error *err)
{
	int r = restart_by_sysrq();

	/* A kernel without sysrq: reboot(2) does not sync either, but has drivers put their devices
	 * down. */
	if (r < 0 && reboot(RB_AUTOBOOT) < 0)
		return error_errno(err, -errno, "the machine would not restart");
	return 0;
}
