/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/storage/xen.h"

#include "base/tree.h"
#include "model/attachment.h"

#include <ctype.h>
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
	const char *wanted = attachment_letters(mapped);
	unsigned long number, index;

	if (!wanted || strlen(wanted) > 2 || strncmp(disk, "xvd", 3) != 0)
		return false;
	number = device_number(root, disk);
	index = disk_index(wanted);
	if (index >= EXTENDED_FIRST)
		return number == (EXTENDED | index << 8);
	return number == (MAJOR_SD << 8 | index * MINORS_EACH) ||
	       number == (MAJOR_XVD << 8 | index * MINORS_EACH);
}

/* Whether "ebs1=sdf" or "root=/dev/sda1" is this disk, or a partition of it. */
static bool is_named(const char *root, const char *disk, const char *word)
{
	const char *mapped = strchr(word, '=');
	char whole[64];
	size_t length;

	if (!mapped)
		return false;
	snprintf(whole, sizeof(whole), "%s", mapped + 1);
	for (length = strlen(whole); length > 0 && isdigit((unsigned char)whole[length - 1]);)
		whole[--length] = '\0';
	return xen_is_mapped_as(root, disk, whole);
}

/* Another word than `word` that names the disk; NULL for none. */
static const char *find_other(const char *root, const char *disk, const struct words *words,
			      const char *word)
{
	for (size_t i = 0; words && i < words->count; i++)
		if (words->items[i] != word && is_named(root, disk, words->items[i]))
			return words->items[i];
	return NULL;
}

static const char *find_ephemeral(const char *root, const char *disk, const struct words *words)
{
	for (size_t i = 0; words && i < words->count; i++) {
		const char *word = words->items[i];
		const char *mapped = strchr(word, '=');

		if (strncmp(word, "ephemeral", 9) == 0 && mapped &&
		    xen_is_mapped_as(root, disk, mapped + 1))
			return word;
	}
	return NULL;
}

const char *xen_prove_ephemeral(const char *root, const char *disk,
				const struct xen_mapping *mapping, char why[XEN_WHY_MAX])
{
	const char *word = find_ephemeral(root, disk, mapping->ephemerals), *other;

	why[0] = '\0';
	if (!word)
		return NULL;
	other = find_other(root, disk, mapping->ephemerals, word);
	if (!other)
		other = find_other(root, disk, mapping->others, word);
	if (mapping->nvme)
		snprintf(why, XEN_WHY_MAX, "the instance store here is NVMe, whatever %s says",
			 word);
	else if (strtoul(word + strlen("ephemeral"), NULL, 10) >= mapping->disks)
		snprintf(why, XEN_WHY_MAX, "%s, but the instance type has %u such disks", word,
			 mapping->disks);
	else if (other)
		snprintf(why, XEN_WHY_MAX, "it is mapped as %s, and as %s too", word, other);
	return why[0] == '\0' ? word : NULL;
}
