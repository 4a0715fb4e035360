/* SPDX-License-Identifier: Apache-2.0 */

/* base64, quoted-printable and gzip: what comes out, and that nothing half decoded ever does. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask/document/encoding.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void expect_base64(const char *encoded, const char *decoded)
{
	char *data = NULL;
	size_t size = 0;

	assert_int_equal(base64_decode(encoded, strlen(encoded), &data, &size), 0);
	assert_int_equal(size, strlen(decoded));
	assert_string_equal(data, decoded);
	free(data);
}

static void refuse_base64(const char *encoded)
{
	char *data = NULL;
	size_t size = 0;

	if (base64_decode(encoded, strlen(encoded), &data, &size) != -EINVAL)
		fail_msg("\"%s\" was decoded", encoded);
	assert_null(data);
}

/* The test vectors of RFC 4648, section 10. */
static void base64_decodes_the_rfcs_vectors(void **state)
{
	(void)state;
	expect_base64("", "");
	expect_base64("Zg==", "f");
	expect_base64("Zm8=", "fo");
	expect_base64("Zm9v", "foo");
	expect_base64("Zm9vYg==", "foob");
	expect_base64("Zm9vYmE=", "fooba");
	expect_base64("Zm9vYmFy", "foobar");
	expect_base64(" Zm9v\r\nYmFy\n", "foobar");
}

static void base64_refuses_everything_else(void **state)
{
	(void)state;
	refuse_base64("Zg=");
	refuse_base64("Zg");
	refuse_base64("Zg==Zg==");
	refuse_base64("=");
	refuse_base64("Z===");
	refuse_base64("Zm9v====");
	refuse_base64("Zm9v========");
	refuse_base64("Zm9v:A==");
	refuse_base64("Zm-_");
	refuse_base64("Z=g=");
}

static void words_do_not_look_like_base64(void **state)
{
	static const char text[] = "cm9sZTogb3NzCg==", word[] = "role",
			  ours[] = "role: oss\nmgs: abcde";

	(void)state;
	assert_true(looks_like_base64(text, strlen(text)));
	assert_false(looks_like_base64(word, strlen(word)));
	assert_false(looks_like_base64(ours, strlen(ours)));
	assert_false(looks_like_base64("", 0));
}

static void quoted_printable_decodes(void **state)
{
	static const char encoded[] = "role:=20oss=\r\n, mds=C3=A4=  \nx=3d\r\ny=";
	char *data = NULL;
	size_t size = 0;

	(void)state;
	assert_int_equal(quoted_printable_decode(encoded, strlen(encoded), &data, &size), 0);
	assert_string_equal(data, "role: oss, mds\xc3\xa4x=\r\ny");
	free(data);
	data = NULL;
	assert_int_equal(quoted_printable_decode("a=Zb", 4, &data, &size), -EINVAL);
	assert_int_equal(quoted_printable_decode("a=4", 3, &data, &size), -EINVAL);
	assert_null(data);
}

/* Packs `size` bytes into one gzip member. */
static size_t pack(const char *data, size_t size, char *packed, size_t packed_size)
{
	z_stream stream = { 0 };
	size_t used;

	assert_int_equal(
		deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_in = (Bytef *)(uintptr_t)data;
	stream.avail_in = (uInt)size;
	stream.next_out = (Bytef *)packed;
	stream.avail_out = (uInt)packed_size;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	used = packed_size - stream.avail_out;
	deflateEnd(&stream);
	return used;
}

static void gzip_decodes_all_members(void **state)
{
	char packed[256], *data = NULL;
	size_t used, size = 0;

	(void)state;
	used = pack("role: ", 6, packed, sizeof(packed));
	used += pack("oss\n", 4, packed + used, sizeof(packed) - used);
	memset(packed + used, 0, 8);
	assert_true(looks_like_gzip(packed, used));
	assert_int_equal(gzip_decode(packed, used + 8, 64, &data, &size), 0);
	assert_int_equal(size, 10);
	assert_string_equal(data, "role: oss\n");
	free(data);
}

static void gzip_cut_off_anywhere_is_refused(void **state)
{
	char packed[256], *data = NULL;
	size_t used, size = 0;

	(void)state;
	used = pack("role: oss\n", 10, packed, sizeof(packed));
	for (size_t cut = 0; cut < used; cut++) {
		assert_int_equal(gzip_decode(packed, cut, 64, &data, &size), -EINVAL);
		assert_null(data);
	}
	packed[used - 6] ^= 1;
	assert_int_equal(gzip_decode(packed, used, 64, &data, &size), -EINVAL);
}

static void a_bomb_is_refused_at_the_limit(void **state)
{
	enum { SIZE = 4 * 1024 * 1024 };
	char *zeros = calloc(1, SIZE), *packed = malloc(65536), *data = NULL;
	size_t used, size = 0;

	(void)state;
	assert_non_null(zeros);
	assert_non_null(packed);
	used = pack(zeros, SIZE, packed, 65536);
	assert_true(used < 16384);
	assert_int_equal(gzip_decode(packed, used, 1024 * 1024, &data, &size), -EFBIG);
	assert_int_equal(gzip_decode(packed, used, SIZE - 1, &data, &size), -EFBIG);
	assert_null(data);
	assert_int_equal(gzip_decode(packed, used, SIZE, &data, &size), 0);
	assert_int_equal(size, SIZE);
	free(data);
	free(packed);
	free(zeros);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_decodes_the_rfcs_vectors),
		cmocka_unit_test(base64_refuses_everything_else),
		cmocka_unit_test(words_do_not_look_like_base64),
		cmocka_unit_test(quoted_printable_decodes),
		cmocka_unit_test(gzip_decodes_all_members),
		cmocka_unit_test(gzip_cut_off_anywhere_is_refused),
		cmocka_unit_test(a_bomb_is_refused_at_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
