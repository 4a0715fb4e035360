/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What text is wrapped in on its way: base64, quoted-printable, gzip. Every function takes all of
 * the input or nothing, and its output, freed by the caller, is NUL-terminated beyond *ret_size.
 */

#include <stdbool.h>
#include <stddef.h>

/* RFC 4648, with line breaks and blanks anywhere. -EINVAL for anything else, -ENOMEM. */
int base64_decode(const char *data, size_t size, char **ret_data, size_t *ret_size);

/*
 * Whether all of `data` is base64, and long enough (16 characters) not to be a word. A document of
 * ours is never, for want of a colon in that alphabet.
 */
bool looks_like_base64(const char *data, size_t size);

/*
 * The first `room` bytes of what may be base64, as far as that goes, also in the alphabet for URLs:
 * to see whose it was where it cannot be decoded. How many there are; 0 for fewer than 16
 * characters.
 */
size_t base64_peek(const char *data, size_t size, char *to, size_t room);

/* The same of what zlib packed, with its own header (RFC 1950) or gzip's; 0 for anything else. */
size_t zlib_peek(const char *data, size_t size, char *to, size_t room);

/* The same of what is percent-encoded (RFC 3986, 2.1); 0 where nothing is. */
size_t percent_peek(const char *data, size_t size, char *to, size_t room);

/* RFC 2045, 6.7. An "=" that begins no escape is -EINVAL; -ENOMEM. */
int quoted_printable_decode(const char *data, size_t size, char **ret_data, size_t *ret_size);

/* Whether it begins as gzip data does (RFC 1952). */
bool looks_like_gzip(const char *data, size_t size);

/* "xz", "bzip2" or "zstd", of data that begins as those do; NULL for others. None of them is read.
 */
const char *packer_name(const char *data, size_t size);

/*
 * -EFBIG: more than `limit` bytes come out; -EINVAL: damaged or cut off; -ENOMEM. Several members
 * in a row are one text. *ret_size is also written where it fails: the bytes that came out in vain,
 * `limit` at most.
 */
int gzip_decode(const char *data, size_t size, size_t limit, char **ret_data, size_t *ret_size);
