// SPDX-License-Identifier: Apache-2.0
#include "kernel_log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void kernel_line(const struct conf *conf, int level, const char *format, va_list arguments)
{
	char path[128] = "/dev/kmsg", line[512];
	size_t length;
	int fd;

	if (conf->private_run)
		snprintf(path, sizeof(path), "%s/kmsg", conf->run_dir);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | (conf->private_run ? O_CREAT : 0), 0600);
	if (fd < 0)
		return;
	snprintf(line, sizeof(line), "<%d>", level);
	length = strlen(line);
	vsnprintf(line + length, sizeof(line) - length - 1, format, arguments);
	length = strlen(line);
	line[length++] = '\n';
	if (write(fd, line, length) < 0)
		length = 0;
	close(fd);
}

void kernel_info(const struct conf *conf, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	kernel_line(conf, 6, format, arguments);
	va_end(arguments);
}

void kernel_error(const struct conf *conf, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	kernel_line(conf, 3, format, arguments);
	va_end(arguments);
}
