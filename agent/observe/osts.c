/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/osts.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

#include <limits.h>
#include <string.h>

/* "lustrewt-OST0017" */
static bool is_ost(const char *name)
{
	const char *tail = strrchr(name, '-');

	return tail && strncmp(tail, "-OST", 4) == 0 && strspn(tail + 4, "0123456789abcdef") == 4 &&
	       tail[8] == '\0';
}

static int read_one(const char *root, const char *folder, const char *name, struct osts *osts)
{
	char path[PATH_MAX], line[16];
	int r;

	if (words_contain(&osts->served, name) ||
	    text_format(path, sizeof(path), "%s/%s/degraded", folder, name) < 0)
		return 0;
	r = file_read_attribute(root, path, line, sizeof(line));
	if (r < 0)
		return 0; /* it is coming or going */
	r = words_add(&osts->served, name);
	if (r == 0 && strcmp(line, "0") != 0)
		r = words_add(&osts->degraded, name);
	return r;
}

static int read_folder(const char *root, const char *folder, struct osts *osts)
{
	cleanup(close_directory) DIR *directory = NULL;
	const struct dirent *entry;
	char path[PATH_MAX];
	int r = 0;

	if (text_format(path, sizeof(path), "%s%s", root, folder) == 0)
		directory = opendir(path);
	while (r == 0 && directory && (entry = readdir(directory)))
		if (is_ost(entry->d_name))
			r = read_one(root, folder, entry->d_name, osts);
	return r;
}

void osts_done(struct osts *osts)
{
	words_done(&osts->served);
	words_done(&osts->degraded);
}

int osts_read(const char *root, struct osts *ret)
{
	int r;

	*ret = (struct osts){ 0 };
	r = read_folder(root, "/sys/fs/lustre/obdfilter", ret);
	if (r == 0)
		r = read_folder(root, "/proc/fs/lustre/obdfilter", ret);
	if (r < 0)
		osts_done(ret);
	return r;
}
