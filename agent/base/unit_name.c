/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unit_name.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char suffix[] = ".mount";
static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.";

/* A dot is plain, but for the very first: such a unit would be a hidden file. */
static bool is_plain(char c, bool first)
{
	return c != '\0' && strchr(plain, c) && !(c == '.' && first);
}

static bool is_dots(const char *component, size_t length)
{
	return (length == 1 && component[0] == '.') ||
	       (length == 2 && component[0] == '.' && component[1] == '.');
}

/* One component, behind what is there; returns the length of both, or 0 where it does not fit. */
static size_t add_component(char name[UNIT_NAME_MAX], size_t used, const char *component,
			    size_t length)
{
	const size_t most = UNIT_NAME_MAX - sizeof(suffix);

	if (used > 0 && used < most)
		name[used++] = '-';
	for (size_t i = 0; i < length; i++) {
		bool kept = is_plain(component[i], used == 0);

		if (used + (kept ? 1 : 4) > most)
			return 0;
		if (kept)
			name[used++] = component[i];
		else
			used += (size_t)snprintf(name + used, 5, "\\x%02x",
						 (unsigned char)component[i]);
	}
	return used;
}

int unit_name_from_path(const char *path, char name[UNIT_NAME_MAX])
{
	const char *at = path + strspn(path, "/");
	size_t used = 0;

	if (path[0] != '/')
		return -EINVAL;
	while (*at) {
		size_t length = strcspn(at, "/");

		if (is_dots(at, length))
			return -EINVAL;
		used = add_component(name, used, at, length);
		if (used == 0)
			return -ENAMETOOLONG;
		at += length;
		at += strspn(at, "/");
	}
	if (used == 0)
		name[used++] = '-';
	memcpy(name + used, suffix, sizeof(suffix));
	return 0;
}
