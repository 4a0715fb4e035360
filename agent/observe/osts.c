/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/osts.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "observe/served.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define OST_KIND "obdfilter/" /* as served_read() calls them */

/* "lustrewt-OST0017" */
static bool is_ost(const char *name)
{
	const char *tail = strrchr(name, '-');

	return tail && strncmp(tail, "-OST", 4) == 0 && strspn(tail + 4, "0123456789abcdef") == 4 &&
	       tail[8] == '\0';
}

/* Whether it is degraded; a negative errno where it is coming or going, in both places. */
static int read_mark(const char *root, const char *name)
{
	static const char *const folders[] = { "/sys/fs/lustre", "/proc/fs/lustre" };
	char path[PATH_MAX], line[16];
	int r = -ENOENT;

	for (size_t i = 0; r < 0 && i < sizeof(folders) / sizeof(folders[0]); i++) {
		r = text_format(path, sizeof(path), "%s/" OST_KIND "%s/degraded", folders[i], name);
		if (r == 0)
			r = file_read_attribute(root, path, line, sizeof(line));
	}
	return r < 0 ? r : strcmp(line, "0") != 0;
}

static int take(const char *root, const char *name, struct osts *osts)
{
	const int mark = is_ost(name) ? read_mark(root, name) : -ENOENT;
	int r;

	/* It is coming or going, or is ill: the others are known. A shortage tells of none. */
	if (mark < 0)
		return error_is_shortage(mark) ? mark : 0;
	r = words_add(&osts->served, name);
	return r == 0 && mark > 0 ? words_add(&osts->degraded, name) : r;
}

void osts_done(struct osts *osts)
{
	words_done(&osts->served);
	words_done(&osts->degraded);
}

int osts_read(const char *root, struct osts *ret)
{
	cleanup(words_done) struct words served = { 0 };
	int r = served_read(root, &served);

	*ret = (struct osts){ 0 };
	for (size_t i = 0; r == 0 && i < served.count; i++)
		if (strncmp(served.items[i], OST_KIND, strlen(OST_KIND)) == 0)
			r = take(root, served.items[i] + strlen(OST_KIND), ret);
	if (r < 0)
		osts_done(ret);
	return r;
}
