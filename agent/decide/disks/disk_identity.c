/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/disk_identity.h"

#include "model/attachment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *disk_identity(const struct disk *disk)
{
	return disk->serial[0] != '\0' ? disk->serial : disk->attached_as;
}

bool disk_is(const struct disk *disk, const char *identity)
{
	return identity[0] != '\0' && strcmp(disk_identity(disk), identity) == 0;
}

bool disk_identity_is_of_ebs(const char *identity)
{
	return attachment_is_volume_number(identity) || attachment_letters(identity);
}

/* "ephemeral12:sdb" is disk 12; disks without such a name come after all others. */
static unsigned long attachment_rank(const struct disk *disk)
{
	if (strncmp(disk->attached_as, "ephemeral", 9) != 0)
		return ~0UL;
	return strtoul(disk->attached_as + 9, NULL, 10);
}

int disk_compare(const struct disk *a, const struct disk *b)
{
	unsigned long rank_a = attachment_rank(a), rank_b = attachment_rank(b);
	int order;

	if (rank_a != rank_b)
		return rank_a < rank_b ? -1 : 1;
	order = strcmp(a->pci_address, b->pci_address);
	if (order == 0)
		order = strcmp(disk_identity(a), disk_identity(b));
	return order != 0 ? order : strcmp(a->path, b->path);
}

void disk_describe(const struct disk *disk, char text[DISK_DESCRIPTION_MAX])
{
	const char *identity = disk_identity(disk);

	if (identity[0] == '\0')
		snprintf(text, DISK_DESCRIPTION_MAX, "disk %s", disk->path);
	else
		snprintf(text, DISK_DESCRIPTION_MAX, "disk %s (%s %s)", disk->path,
			 disk->serial[0] != '\0' ? "serial" : "mapped as", identity);
}
