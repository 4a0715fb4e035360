/* SPDX-License-Identifier: Apache-2.0 */

/* base64, quoted-printable and gzip: nothing but whole output, within the limit. */

#include "ask/document/encoding.h"
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#define LIMIT 4096

/* `most` bytes may come out; they are read, so that the sanitizer sees them. */
static void check(int r, char *out, size_t out_size, size_t most)
{
	must(r == 0 || ((r == -EINVAL || r == -EFBIG) && !out), "all or nothing");
	if (r == 0) {
		must(out_size <= most, "output is bounded");
		must(out[out_size] == '\0', "output is terminated");
		must(strnlen(out, out_size + 1) <= out_size, "output can be read");
	}
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	char *out = NULL;
	size_t out_size = 0;
	int r;

	r = base64_decode(text, size, &out, &out_size);
	must(r != -EINVAL || !looks_like_base64(text, size) || memchr(text, '=', size),
	     "what looks like base64 and has no padding is base64");
	check(r, out, out_size, size);
	out = NULL;
	r = quoted_printable_decode(text, size, &out, &out_size);
	check(r, out, out_size, size);
	out = NULL;
	r = gzip_decode(text, size, LIMIT, &out, &out_size);
	must(looks_like_gzip(text, size) || r < 0, "what is unpacked looked packed");
	check(r, out, out_size, LIMIT);
	return 0;
}
