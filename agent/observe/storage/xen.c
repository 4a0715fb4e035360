/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/storage/xen.h"

#include "base/tree.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of virtual block devices: major and minor of the name, 16 minors for each disk. */
#define MAJOR_SD       8UL
#define MAJOR_XVD      202UL
#define MINORS_EACH    16UL
#define EXTENDED       (1UL << 28) /* xvdq and later: disk number << 8 */
#define EXTENDED_FIRST 16

static const char *without_dev(const char *name)
{
	return strncmp(name, "/dev/", 5) == 0 ? name + 5 : name;
}

/* "sdb" and "xvdb": "b"; NULL for anything else, such as a partition. */
static const char *letters(const char *name)
{
	const char *at;

	if (strncmp(name, "sd", 2) == 0)
		at = name + 2;
	else if (strncmp(name, "xvd", 3) == 0)
		at = name + 3;
	else
		return NULL;
	return *at != '\0' && at[strspn(at, "abcdefghijklmnopqrstuvwxyz")] == '\0' ? at : NULL;
}

/* "a": 0, "z": 25, "aa": 26 */
static unsigned long disk_index(const char *text)
{
	unsigned long index = 0;

	for (; *text; text++)
		index = index * 26 + (unsigned long)(*text - 'a') + 1;
	return index - 1;
}

/* The number in ".../vbd-2064"; 0 when the disk is no virtual block device of Xen. */
static unsigned long device_number(const char *root, const char *disk)
{
	char link[PATH_MAX], name[64];

	snprintf(link, sizeof(link), "/sys/block/%s/device", disk);
	tree_link_name(root, link, name, sizeof(name));
	return strncmp(name, "vbd-", 4) == 0 ? strtoul(name + 4, NULL, 10) : 0;
}

bool xen_is_mapped_as(const char *root, const char *disk, const char *mapped)
{
	const char *wanted = letters(without_dev(mapped));
	unsigned long number, index;

	if (!wanted || strlen(wanted) > 2 || strncmp(disk, "xvd", 3) != 0)
		return false;
	number = device_number(root, disk);
	index = disk_index(wanted);
	if (number == 0)
		return strcmp(disk + 3, wanted) == 0;
	if (index >= EXTENDED_FIRST)
		return number == (EXTENDED | index << 8);
	return number == (MAJOR_SD << 8 | index * MINORS_EACH) ||
	       number == (MAJOR_XVD << 8 | index * MINORS_EACH);
}

const char *xen_find_ephemeral(const char *root, const char *disk, const struct words *ephemerals)
{
	for (size_t i = 0; ephemerals && i < ephemerals->count; i++) {
		const char *word = ephemerals->items[i];
		const char *mapped = strchr(word, '=');

		if (strncmp(word, "ephemeral", 9) == 0 && mapped &&
		    xen_is_mapped_as(root, disk, mapped + 1))
			return word;
	}
	return NULL;
}
