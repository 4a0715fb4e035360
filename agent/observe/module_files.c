/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/module_files.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "base/tree.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX     65536 /* a distribution's kernel has some 6000 modules */
#define LINE_MAX_SIZE 16384 /* Lustre's needs some twenty others */

static void close_stream(FILE **stream)
{
	if (*stream)
		fclose(*stream);
}

/* Whether "extra/lustre/osd-ldiskfs.ko.xz" is the file of osd_ldiskfs: '-' and '_' are the same. */
static bool is_of(const char *path, size_t length, const char *module)
{
	const char *name = memrchr(path, '/', length);
	size_t i = 0;

	name = name ? name + 1 : path;
	while (module[i] && &name[i] < path + length &&
	       (name[i] == module[i] || (name[i] == '-' && module[i] == '_')))
		i++;
	return !module[i] && strncmp(&name[i], ".ko", 3) == 0 &&
	       (name[i + 3] == '.' || name[i + 3] == ':');
}

/* Paths in the list are absolute, or of the directory that it lies in. */
static int add(const char *release, const char *path, size_t length, struct words *ret)
{
	if (*path == '/')
		return words_addf(ret, "%.*s", (int)length, path);
	return words_addf(ret, "/lib/modules/%s/%.*s", release, (int)length, path);
}

/* "extra/a.ko: extra/b.ko kernel/c.ko", the module first. */
static int add_line(const char *release, const char *line, struct words *ret)
{
	int r = 0;

	while (r >= 0 && *line) {
		size_t length = strcspn(line, ": \t\n");

		if (length > 0 && length < PATH_MAX)
			r = add(release, line, length, ret);
		line += length;
		line += strspn(line, ": \t\n");
	}
	return r;
}

/* Which of the modules the line is of, as a bit; 0 for none. */
static unsigned bit_of(const char *line, const char *const modules[], size_t count)
{
	size_t length = strcspn(line, ":");

	for (size_t i = 0; i < count; i++)
		if (is_of(line, length, modules[i]))
			return 1U << i;
	return 0;
}

int module_files_find(const char *root, const char *release, const char *const modules[],
		      size_t count, struct words *ret)
{
	cleanup(close_stream) FILE *stream = NULL;
	char path[PATH_MAX], line[LINE_MAX_SIZE];
	unsigned all = (1U << count) - 1, found = 0;

	if (text_format(path, sizeof(path), "%s/lib/modules/%s/modules.dep", root, release) < 0)
		return 0;
	stream = fopen(path, "re");
	for (unsigned i = 0; stream && found != all && i < LINES_MAX; i++) {
		unsigned bit;

		if (!fgets(line, sizeof(line), stream))
			break;
		bit = bit_of(line, modules, count) & ~found;
		found |= bit;
		if (bit != 0 && add_line(release, line, ret) < 0)
			return -ENOMEM;
	}
	return found == all;
}

static bool is_there(const char *root, const char *path)
{
	return tree_exists(root, path) > 0;
}

bool module_files_are_there(const char *root, const char *release, const char *const modules[],
			    size_t count)
{
	cleanup(words_done) struct words files = { 0 };
	char index[PATH_MAX];
	bool there;

	if (text_format(index, sizeof(index), "/lib/modules/%s/modules.dep.bin", release) < 0)
		return false;
	there = module_files_find(root, release, modules, count, &files) > 0 &&
		is_there(root, index);
	for (size_t i = 0; i < files.count; i++)
		there = there && is_there(root, files.items[i]);
	return there;
}
