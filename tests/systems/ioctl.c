/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Preloaded where a processor is emulated: qemu-user answers an ioctl that it does not know, such
 * as those of NVMe, with ENOSYS, where a kernel asked it of a file says ENOTTY.
 */

#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

int ioctl(int fd, unsigned long request, ...);

int ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	void *argument;
	long r;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	r = syscall(SYS_ioctl, fd, request, argument);
	if (r < 0 && errno == ENOSYS)
		errno = ENOTTY;
	return (int)r;
}
