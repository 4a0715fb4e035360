/* SPDX-License-Identifier: Apache-2.0 */
#include "base/resident.h"

#include "base/cleanup.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SMAPS        "/proc/self/smaps"
#define STATUS       "/proc/self/status"
#define MAPPINGS_MAX 1024

struct mapping {
	uintptr_t begin, end;
	bool is_of_file, is_writable;
};

static void close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

/* "7f0000000000-7f0000001000 r-xp 00000000 08:01 1234   /usr/lib/…": the head of a mapping. */
static bool parse_head(const char *line, struct mapping *ret)
{
	char *at;
	uintptr_t begin = strtoul(line, &at, 16), end;
	const char *access;

	if (at == line || *at != '-')
		return false;
	end = strtoul(at + 1, &at, 16);
	if (*at != ' ' || strlen(at) < sizeof(" r-xp ") - 1)
		return false;
	access = at + 1;
	for (unsigned field = 0; field < 3 && at; field++)
		at = strchr(at + 1, ' ');
	if (!at)
		return false;
	*ret = (struct mapping){ begin, end, strtoul(at, NULL, 10) != 0, access[1] == 'w' };
	return true;
}

/* "Anonymous:             0 kB": no page of it is other than the file's. */
static bool is_clean(const char *line)
{
	static const char name[] = "Anonymous:";
	char *end;

	return strncmp(line, name, sizeof(name) - 1) == 0 &&
	       strtoul(line + sizeof(name) - 1, &end, 10) == 0 && strncmp(end, " kB", 3) == 0;
}

/* The mappings that can be given back; they are not changed while they are read. */
static size_t list_clean(FILE *smaps, struct mapping *ret, size_t most)
{
	struct mapping now = { 0 };
	size_t count = 0;
	char line[512];

	while (count < most && fgets(line, sizeof(line), smaps)) {
		if (parse_head(line, &now))
			continue;
		if (is_clean(line) && now.is_of_file && !now.is_writable)
			ret[count++] = now;
	}
	return count;
}

bool resident_give_back(void)
{
	cleanup(close_file) FILE *smaps = fopen(SMAPS, "re");
	cleanup(free_pointer) struct mapping *clean = calloc(MAPPINGS_MAX, sizeof(*clean));
	size_t count;

	if (!smaps || !clean)
		return false;
	count = list_clean(smaps, clean, MAPPINGS_MAX);
	for (size_t i = 0; i < count; i++) {
		void *begin;

		/* An address is what it is: no cast from a number makes one that is checked. */
		memcpy(&begin, &clean[i].begin, sizeof(begin));
		madvise(begin, clean[i].end - clean[i].begin, MADV_DONTNEED);
	}
	malloc_trim(0);
	return count > 0;
}

uint64_t resident_peak(void)
{
	static const char name[] = "VmHWM:";
	cleanup(close_file) FILE *status = fopen(STATUS, "re");
	char line[512];

	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, name, sizeof(name) - 1) == 0)
			return strtoul(line + sizeof(name) - 1, NULL, 10) * 1024;
	return 0;
}
