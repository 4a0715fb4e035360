/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/served.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>

static int add(const char *kind, const char *name, struct words *words)
{
	char both[NAME_MAX + 32];

	if (text_format(both, sizeof(both), "%s/%s", kind, name) < 0 || words_contain(words, both))
		return 0;
	return words_add(words, both);
}

static int read_folder(const char *root, const char *folder, const char *kind, struct words *words)
{
	cleanup(close_directory) DIR *directory = NULL;
	const struct dirent *entry;
	char path[PATH_MAX];
	int r = text_format(path, sizeof(path), "%s%s/%s", root, folder, kind);

	if (r < 0)
		return r;
	directory = opendir(path);
	if (!directory)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	while (r == 0 && (entry = readdir(directory)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			r = add(kind, entry->d_name, words);
	return r;
}

int served_read(const char *root, struct words *ret)
{
	static const char *const folders[] = { "/sys/fs/lustre", "/proc/fs/lustre" };
	static const char *const kinds[] = { "mgs", "mdt", "obdfilter", "llite" };
	int r = 0;

	*ret = (struct words){ 0 };
	for (size_t f = 0; f < sizeof(folders) / sizeof(folders[0]); f++)
		for (size_t k = 0; r == 0 && k < sizeof(kinds) / sizeof(kinds[0]); k++)
			r = read_folder(root, folders[f], kinds[k], ret);
	if (r < 0)
		words_done(ret);
	return r;
}
