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

int module_files_find(const char *root, const char *release, const char *module, struct words *ret)
{
	cleanup(close_stream) FILE *stream = NULL;
	char path[PATH_MAX], line[LINE_MAX_SIZE];

	if (text_format(path, sizeof(path), "%s/lib/modules/%s/modules.dep", root, release) < 0)
		return 0;
	stream = fopen(path, "re");
	for (unsigned i = 0; stream && i < LINES_MAX && fgets(line, sizeof(line), stream); i++)
		if (is_of(line, strcspn(line, ":"), module))
			return add_line(release, line, ret);
	return 0;
}

static bool is_there(const char *root, const char *path)
{
	return tree_exists(root, path) > 0;
}

bool module_files_are_there(const char *root, const char *release, const char *module)
{
	cleanup(words_done) struct words files = { 0 };
	char index[PATH_MAX];
	bool there;

	if (text_format(index, sizeof(index), "/lib/modules/%s/modules.dep.bin", release) < 0 ||
	    module_files_find(root, release, module, &files) < 0)
		return false;
	there = files.count > 0 && is_there(root, index);
	for (size_t i = 0; i < files.count; i++)
		there = there && is_there(root, files.items[i]);
	return there;
}
