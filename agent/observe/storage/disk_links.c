/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/storage/disk_links.h"

#include "base/tree.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define DISK_DIRECTORY "/dev/disk"

/*
 * udev's links point straight at the device ("../../nvme1n1"), so that the name is known even
 * before, or without, looking at the device.
 */
static int add_link(const char *root, struct facts *facts, const char *link)
{
	char name[DISK_NAME_MAX];
	int r = tree_link_name(root, link, name, sizeof(name));

	for (size_t i = 0; r >= 0 && name[0] != '\0' && i < facts->disk_count; i++)
		if (strcmp(facts->disks[i].name, name) == 0)
			return words_add(&facts->disks[i].links, link);
	return r;
}

static int add_links(const char *root, struct facts *facts, const char *directory)
{
	struct words links = { 0 };
	int r = tree_list(root, directory, &links);

	for (size_t i = 0; r >= 0 && i < links.count; i++) {
		char link[PATH_MAX];

		snprintf(link, sizeof(link), "%s/%.255s", directory, links.items[i]);
		r = add_link(root, facts, link);
	}
	words_done(&links);
	return r;
}

int disk_links_find(const char *root, struct facts *facts, struct error *err)
{
	struct words directories = { 0 };
	int r = tree_list(root, DISK_DIRECTORY, &directories);

	for (size_t i = 0; r >= 0 && i < directories.count; i++) {
		char directory[PATH_MAX / 2];

		snprintf(directory, sizeof(directory), DISK_DIRECTORY "/%s", directories.items[i]);
		r = add_links(root, facts, directory);
	}
	words_done(&directories);
	return r < 0 ? error_errno(err, r, "cannot read " DISK_DIRECTORY) : 0;
}
