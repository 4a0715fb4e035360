/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/names.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Bits 64*word to 64*word+63 of the random digits; fewer digits give fewer bits, never a read
 * beyond. */
static uint64_t seed_word(const char *random, unsigned word)
{
	uint64_t value = 0;
	size_t length = strlen(random);

	for (size_t i = (size_t)word * 16; i < (size_t)word * 16 + 16 && i < length; i++) {
		char c = random[i];
		unsigned digit = c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);

		value = value << 4 | (digit & 15);
	}
	return value;
}

/* The finalizer of splitmix64: every input bit reaches every output bit. */
static uint64_t mix(uint64_t value)
{
	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
	return value ^ (value >> 31);
}

static uint64_t draw(const char *random, unsigned number, unsigned position)
{
	uint64_t value = seed_word(random, position & 3);

	return mix(value + mix(((uint64_t)number << 32 | position) + 0x9e3779b97f4a7c15ULL));
}

void names_group(const char *random, unsigned number, char *name, size_t size)
{
	snprintf(name, size, "lustre-init-%08x", (unsigned)(draw(random, number, 0) & 0xffffffffU));
}

void names_pv_uuid(const char *random, unsigned number, char *uuid, size_t size)
{
	static const char digits[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	static const char form[] = "xxxxxx-xxxx-xxxx-xxxx-xxxx-xxxx-xxxxxx";
	size_t i;

	for (i = 0; i < sizeof(form) - 1 && i + 1 < size; i++)
		uuid[i] = form[i] == '-' ? '-' : digits[draw(random, number, (unsigned)i + 4) % 62];
	uuid[i] = '\0';
}
