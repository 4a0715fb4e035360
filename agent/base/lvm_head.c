/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lvm_head.h"

#include "base/cleanup.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR 512

#define LABEL_AT       SECTOR
#define AREA_HEADER_AT 4096
#define AREA_MAGIC_AT  4 /* of the header, after its checksum */

static const char label_magic[] = "LABELONE";
static const char area_magic[] = " LVM2 x[5A%r0N*>";

static bool is_zero(const uint8_t *data, size_t size)
{
	return data[0] == 0 && memcmp(data, data + 1, size - 1) == 0;
}

/* A sector is written whole or not at all. */
static bool is_zero_or(const uint8_t *sector, const char *magic, size_t at)
{
	return is_zero(sector, SECTOR) || memcmp(sector + at, magic, strlen(magic)) == 0;
}

static bool is_text(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (data[i] >= 0x80 || (data[i] != 0 && !isprint(data[i]) && !isspace(data[i])))
			return false;
	return true;
}

static bool is_head(const uint8_t *head)
{
	const size_t after_label = LABEL_AT + SECTOR, text_at = AREA_HEADER_AT + SECTOR;

	return is_zero(head, LABEL_AT) && is_zero_or(head + LABEL_AT, label_magic, 0) &&
	       is_zero(head + after_label, AREA_HEADER_AT - after_label) &&
	       is_zero_or(head + AREA_HEADER_AT, area_magic, AREA_MAGIC_AT) &&
	       is_text(head + text_at, LVM_HEAD_SIZE - text_at);
}

int lvm_head_read(struct blockdev *device, bool *ret, struct error *err)
{
	cleanup(free_pointer) uint8_t *head = NULL;
	int r;

	*ret = false;
	if (blockdev_size(device) < LVM_HEAD_SIZE)
		return 0;
	head = malloc(LVM_HEAD_SIZE);
	if (!head)
		return error_set(err, -ENOMEM, "out of memory reading a disk");
	r = blockdev_read_medium(device, 0, head, LVM_HEAD_SIZE, err);
	*ret = r >= 0 && is_head(head);
	return r;
}
