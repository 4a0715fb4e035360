/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/conf.h"

#include "ask/document/document.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/printable.h"
#include "base/words.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONF_FILE_MAX  (256 * 1024)
#define CONF_FILES_MAX 256

static bool is_document(const char *name)
{
	const char *dot = strrchr(name, '.');

	return name[0] != '.' && dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".json") == 0);
}

/* "10.yml" and "10.conf", as the folder's name has it, were meant to be one; what an editor or a
 * package manager leaves is not. */
static bool is_nearly_document(const char *name)
{
	static const char *const ends[] = { ".yaml", ".yml", ".json", ".conf" };
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; name[0] != '.' && dot && i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strcasecmp(dot, ends[i]) == 0)
			return true;
	return false;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Who keeps the documents elsewhere has some, though they may not be there yet. */
static int list(const char *path, struct words *names, struct error *err)
{
	cleanup(close_directory) DIR *directory = opendir(path);
	const struct dirent *entry;

	if (!directory && errno == ENOENT)
		return file_check_links(/* root= */ "", path, err);
	if (!directory)
		return error_errno(err, -errno, "cannot read %s", path);
	while (errno = 0, (entry = readdir(directory)) != NULL) {
		if (!is_nearly_document(entry->d_name))
			continue;
		if (names->count == CONF_FILES_MAX)
			return error_set(err, -E2BIG,
					 "more than %d documents in %s; join some of them",
					 CONF_FILES_MAX, path);
		if (words_add(names, entry->d_name) < 0)
			return error_set(err, -ENOMEM, "out of memory");
	}
	if (errno != 0)
		return error_errno(err, -errno, "cannot read %s", path);
	if (names->count > 1)
		qsort(names->items, names->count, sizeof(*names->items), compare_names);
	return 0;
}

/* What is wrong with the file is told as of any document; that it could not be read is not. */
static bool is_its_own_fault(int code)
{
	return code == -ENOENT || code == -ENOTDIR || code == -ELOOP || code == -EISDIR ||
	       code == -EFBIG || code == -ENOTSUP;
}

int conf_read(const char *directory, struct settings *settings, struct problems *problems,
	      struct error *err)
{
	cleanup(words_done) struct words names = { 0 };
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/conf.d", directory);
	r = list(path, &names, err);
	for (size_t i = 0; i < names.count && r == 0 && !settings->budget.is_over; i++) {
		struct origin origin = { .source = SOURCE_CONF };
		cleanup(free_pointer) char *data = NULL;
		struct error why;
		size_t size;

		snprintf(origin.name, sizeof(origin.name), "%.60s/conf.d/%.90s", directory,
			 names.items[i]);
		printable_make(origin.name);
		if (snprintf(path, sizeof(path), "/conf.d/%s", names.items[i]) >= PATH_MAX)
			return error_set(err, -ENAMETOOLONG, "%s: path too long", names.items[i]);
		if (!is_document(names.items[i])) {
			problems_add(problems, &origin,
				     "is not read: its name must end in .yaml or .json");
			settings->is_incomplete = true;
			continue;
		}
		r = file_read(directory, path, CONF_FILE_MAX, &data, &size, &why);
		if (r < 0 && !is_its_own_fault(r))
			return error_set(err, -EIO, "%s", why.text);
		if (r < 0)
			problems_add(problems, &origin, "%s", why.text);
		r = r < 0 ? 0 : document_parse(data, size, &origin, settings, problems);
	}
	return r < 0 && r != -ENOMEM ? r : r < 0 ? error_set(err, r, "out of memory") : 0;
}
