/* SPDX-License-Identifier: Apache-2.0 */
/* Input that is not written to is const, if asked for. */
#define ZLIB_CONST

#include "ask/document/encoding.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The six bits of a base64 character, or -1. */
static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int base64_decode(const char *data, size_t size, char **ret_data, size_t *ret_size)
{
	cleanup(free_pointer) char *decoded = malloc(size / 4 * 3 + 4);
	size_t used = 0, characters = 0, padding = 0;
	uint32_t bits = 0;

	if (!decoded)
		return -ENOMEM;
	for (size_t i = 0; i < size; i++) {
		int value = base64_value(data[i]);

		if (is_space(data[i]))
			continue;
		if (data[i] == '=' ? characters % 4 < 2 || padding == 2 : value < 0 || padding > 0)
			return -EINVAL;
		padding += data[i] == '=';
		bits = bits << 6 | (uint32_t)(value < 0 ? 0 : value);
		if (++characters % 4 != 0)
			continue;
		for (unsigned k = 0; k < 3 - padding; k++)
			decoded[used++] = (char)(bits >> (16 - 8 * k));
		bits = 0;
	}
	if (characters % 4 != 0)
		return -EINVAL;
	decoded[used] = '\0';
	*ret_data = take_pointer(decoded);
	*ret_size = used;
	return 0;
}

bool looks_like_base64(const char *data, size_t size)
{
	size_t characters = 0;

	for (size_t i = 0; i < size; i++) {
		if (is_space(data[i]))
			continue;
		if (base64_value(data[i]) < 0 && data[i] != '=')
			return false;
		characters++;
	}
	return characters >= 16 && characters % 4 == 0;
}

size_t base64_peek(const char *data, size_t size, char *to, size_t room)
{
	size_t used = 0, characters = 0;
	uint32_t bits = 0;

	for (size_t i = 0; i < size && used + 3 <= room; i++) {
		int value = base64_value(data[i] == '-' ? '+' : data[i] == '_' ? '/' : data[i]);

		if (is_space(data[i]))
			continue;
		if (value < 0)
			break;
		bits = bits << 6 | (uint32_t)value;
		if (++characters % 4 != 0)
			continue;
		for (unsigned k = 0; k < 3; k++)
			to[used++] = (char)(bits >> (16 - 8 * k));
		bits = 0;
	}
	return characters >= 16 ? used : 0;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t percent_peek(const char *data, size_t size, char *to, size_t room)
{
	size_t used = 0;
	bool is_encoded = false;

	for (size_t i = 0; i < size && used < room; i++) {
		bool is_escape = data[i] == '%' && size - i > 2 && hex_value(data[i + 1]) >= 0 &&
				 hex_value(data[i + 2]) >= 0;

		to[used++] = is_escape
				     ? (char)(hex_value(data[i + 1]) * 16 + hex_value(data[i + 2]))
				     : data[i];
		i += is_escape ? 2 : 0;
		is_encoded |= is_escape;
	}
	return is_encoded ? used : 0;
}

/* The length of a soft line break ("=", blanks, line end) at `data`, or 0. */
static size_t soft_break_length(const char *data, size_t size)
{
	size_t i = 1;

	while (i < size && (data[i] == ' ' || data[i] == '\t'))
		i++;
	if (i == size)
		return i;
	if (data[i] == '\r' && i + 1 < size && data[i + 1] == '\n')
		return i + 2;
	return data[i] == '\n' ? i + 1 : 0;
}

int quoted_printable_decode(const char *data, size_t size, char **ret_data, size_t *ret_size)
{
	cleanup(free_pointer) char *decoded = malloc(size + 1);
	size_t used = 0, i = 0;

	if (!decoded)
		return -ENOMEM;
	while (i < size) {
		size_t soft;

		if (data[i] != '=') {
			decoded[used++] = data[i++];
			continue;
		}
		soft = soft_break_length(data + i, size - i);
		if (soft == 0 &&
		    (size - i < 3 || hex_value(data[i + 1]) < 0 || hex_value(data[i + 2]) < 0))
			return -EINVAL;
		if (soft == 0)
			decoded[used++] =
				(char)(hex_value(data[i + 1]) * 16 + hex_value(data[i + 2]));
		i += soft > 0 ? soft : 3;
	}
	decoded[used] = '\0';
	*ret_data = take_pointer(decoded);
	*ret_size = used;
	return 0;
}

size_t zlib_peek(const char *data, size_t size, char *to, size_t room)
{
	z_stream stream = { .next_in = (const Bytef *)data, .avail_in = (uInt)size };

	/* 32: whichever of the two headers stands there. */
	if (size < 2 || size > UINT32_MAX || (data[0] != 0x78 && !looks_like_gzip(data, size)) ||
	    inflateInit2(&stream, MAX_WBITS + 32) != Z_OK)
		return 0;
	stream.next_out = (Bytef *)to;
	stream.avail_out = (uInt)room;
	inflate(&stream, Z_SYNC_FLUSH);
	room -= stream.avail_out;
	inflateEnd(&stream);
	return room;
}

bool looks_like_gzip(const char *data, size_t size)
{
	return size >= 3 && memcmp(data, "\x1f\x8b\x08", 3) == 0;
}

const char *packer_name(const char *data, size_t size)
{
	static const struct {
		const char *name, *magic;
		size_t size;
	} packers[] = {
		{ "xz",
		  "\xfd"
		  "7zXZ\0",
		  6 },
		{ "zstd", "\x28\xb5\x2f\xfd", 4 },
	};
	/* Behind BZh and the size of a block. */
	static const char block[] = "1AY&SY";

	for (size_t i = 0; i < sizeof(packers) / sizeof(packers[0]); i++)
		if (size >= packers[i].size && memcmp(data, packers[i].magic, packers[i].size) == 0)
			return packers[i].name;
	return size >= 4 + strlen(block) && memcmp(data, "BZh", 3) == 0 &&
			       memcmp(data + 4, block, strlen(block)) == 0
		       ? "bzip2"
		       : NULL;
}

/* Inflates all members into `out`; *used counts what came out, at most limit + 1 bytes. */
static int inflate_members(z_stream *stream, char *out, size_t limit, size_t *used)
{
	for (;;) {
		int r;

		stream->next_out = (Bytef *)out + *used;
		stream->avail_out = (uInt)(limit + 1 - *used);
		r = inflate(stream, Z_NO_FLUSH);
		*used = limit + 1 - stream->avail_out;
		if (r == Z_MEM_ERROR)
			return -ENOMEM;
		if (*used > limit)
			return -EFBIG;
		/* With room left, anything but the end means that input is missing or wrong. */
		if (r != Z_STREAM_END)
			return -EINVAL;
		/* Behind a member: another one, or padding that gzip(1) ignores too. */
		if (!looks_like_gzip((const char *)stream->next_in, stream->avail_in))
			return 0;
		if (inflateReset(stream) != Z_OK)
			return -EINVAL;
	}
}

/* What was decoded, in no more memory than it needs: wrappers inside of it are decoded beside it.
 */
static char *fit(char *data, size_t used)
{
	char *smaller = realloc(data, used + 1);

	return smaller ? smaller : data;
}

int gzip_decode(const char *data, size_t size, size_t limit, char **ret_data, size_t *ret_size)
{
	cleanup(free_pointer) char *out = NULL;
	z_stream stream = { .next_in = (const Bytef *)data, .avail_in = (uInt)size };
	size_t used = 0;
	int r;

	*ret_size = 0;
	if (size > UINT32_MAX || limit >= UINT32_MAX)
		return -EFBIG;
	out = malloc(limit + 2);
	if (!out)
		return -ENOMEM;
	r = inflateInit2(&stream, /* windowBits, gzip only= */ 16 + MAX_WBITS);
	if (r != Z_OK)
		return r == Z_MEM_ERROR ? -ENOMEM : -EINVAL;
	r = inflate_members(&stream, out, limit, &used);
	inflateEnd(&stream);
	*ret_size = used < limit ? used : limit;
	if (r < 0)
		return r;
	out[used] = '\0';
	*ret_data = fit(take_pointer(out), used);
	return 0;
}
