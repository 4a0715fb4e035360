/* SPDX-License-Identifier: Apache-2.0 */
#include "report_stream.h"

#include "base/errno_text.h"
#include "base/printable.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_SIZE 4096

static int write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Whether all of the `size` bytes are the beginning of one character. */
static bool is_begun(const char *bytes, size_t size)
{
	const unsigned char first = (unsigned char)bytes[0];
	const size_t length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	for (size_t i = 1; i < size; i++)
		if (((unsigned char)bytes[i] & 0xc0) != 0x80)
			return false;
	return first <= 0xf4 && size < length;
}

/* As much of `from` as is whole; what is shown of it is not longer. Returns how much was used. */
static size_t show(const char *from, size_t size, char *to, size_t *ret_size)
{
	size_t used = 0, i = 0;

	while (i < size) {
		size_t length = from[i] == '\n' || from[i] == '\t'
					? 1
					: printable_length(from + i, size - i);

		if (length == 0 && is_begun(from + i, size - i))
			break;
		if (length > 0)
			memcpy(to + used, from + i, length);
		else
			to[used] = '?';
		used += length > 0 ? length : 1;
		i += length > 0 ? length : 1;
	}
	*ret_size = used;
	return i;
}

static int write_shown(struct report_stream *stream, const char *bytes, size_t size)
{
	char from[CHUNK_SIZE + sizeof(stream->begun)], to[sizeof(from)];
	size_t shown, used, begun = stream->begun_size;
	int r;

	memcpy(from, stream->begun, begun);
	memcpy(from + begun, bytes, size);
	used = show(from, begun + size, to, &shown);
	stream->begun_size = begun + size - used;
	memcpy(stream->begun, from + used, stream->begun_size);
	r = write_all(stream->fd, to, shown);
	if (r < 0 && stream->error == 0)
		stream->error = r;
	return r;
}

/* fopencookie(3): as many as were taken; 0 is a failure. */
static ssize_t on_write(void *cookie, const char *bytes, size_t size)
{
	size_t used = 0;

	while (used < size) {
		size_t length = size - used < CHUNK_SIZE ? size - used : CHUNK_SIZE;

		if (write_shown(cookie, bytes + used, length) < 0)
			return 0;
		used += length;
	}
	return (ssize_t)size;
}

/* Takes the place of *standard. */
static int open_stream(struct report_stream *stream, FILE **standard, int fd, struct error *err)
{
	const cookie_io_functions_t functions = { .write = on_write };
	FILE *file = fopencookie(stream, "w", functions);

	*stream = (struct report_stream){ .before = *standard, .fd = fd };
	if (!file)
		return error_set(err, -ENOMEM, "out of memory");
	setvbuf(file, NULL, fd == STDERR_FILENO || isatty(fd) ? _IOLBF : _IOFBF, BUFSIZ);
	*standard = file;
	return 0;
}

/* A character that never ended is shown as the bytes it has. */
static int close_stream(struct report_stream *stream, FILE **standard)
{
	fclose(*standard);
	*standard = stream->before;
	if (stream->begun_size > 0 && stream->error == 0)
		stream->error = write_all(stream->fd, "????", stream->begun_size);
	return stream->error;
}

int report_streams_open(struct report_streams *streams, struct error *err)
{
	int r = open_stream(&streams->output, &stdout, STDOUT_FILENO, err);

	return r < 0 ? r : open_stream(&streams->errors, &stderr, STDERR_FILENO, err);
}

int report_streams_close(struct report_streams *streams, int code)
{
	int r = close_stream(&streams->output, &stdout);

	if (r < 0) {
		fprintf(stderr, "lustre-init: cannot write to standard output: %s\n",
			errno_text(-r));
		code = 1;
	}
	close_stream(&streams->errors, &stderr);
	return code;
}
