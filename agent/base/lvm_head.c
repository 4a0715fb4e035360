/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lvm_head.h"

#include "base/cleanup.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SECTOR 512

#define LABEL_AT               SECTOR
#define LABEL_HEADER_OFFSET_AT 20 /* of the PV's header, from the label on */
#define UUID_LETTERS           32 /* what that begins with */

#define AREA_HEADER_AT 4096
#define AREA_MAGIC_AT  4 /* of the header, after its checksum */

/* Of the header, behind its magic; all numbers are little-endian. */
#define AREA_START_AT    24
#define AREA_SIZE_AT     32
#define TEXT_OFFSET_AT   40 /* in the area */
#define TEXT_SIZE_AT     48
#define TEXT_CHECKSUM_AT 56
#define AREA_SIZE        (LVM_HEAD_SIZE - AREA_HEADER_AT)

#define CRC_START 0xf597a6cfU /* lib/misc/crc.h */

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

/* LVM_HEAD_SIZE bytes, owned by the caller; NULL and 0 for a device that is smaller. */
static int read_head(struct blockdev *device, uint8_t **ret, struct error *err)
{
	cleanup(free_pointer) uint8_t *head = NULL;
	int r;

	*ret = NULL;
	if (blockdev_size(device) < LVM_HEAD_SIZE)
		return 0;
	head = malloc(LVM_HEAD_SIZE);
	if (!head)
		return error_set(err, -ENOMEM, "out of memory reading a disk");
	r = blockdev_read_medium(device, 0, head, LVM_HEAD_SIZE, err);
	if (r < 0)
		return r;
	*ret = head;
	head = NULL;
	return 0;
}

int lvm_head_read(struct blockdev *device, bool *ret, struct error *err)
{
	cleanup(free_pointer) uint8_t *head = NULL;
	int r = read_head(device, &head, err);

	*ret = head && is_head(head);
	return r;
}

static uint64_t number(const uint8_t *at, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = bytes; i > 0; i--)
		value = value << 8 | at[i - 1];
	return value;
}

/* The CRC-32 of zlib, but for where it starts and that it is not turned over at its end. */
static uint32_t add_to_checksum(uint32_t checksum, const uint8_t *data, size_t size)
{
	return (uint32_t)~crc32(~checksum & UINT32_MAX, data, (uInt)size);
}

static bool is_area(const uint8_t *area)
{
	return memcmp(area + AREA_MAGIC_AT, area_magic, strlen(area_magic)) == 0 &&
	       number(area, AREA_MAGIC_AT) ==
		       add_to_checksum(CRC_START, area + AREA_MAGIC_AT, SECTOR - AREA_MAGIC_AT);
}

/* The text goes on behind the header where it comes to the end of the area. */
static bool is_text_there(const uint8_t *area)
{
	uint64_t offset = number(area + TEXT_OFFSET_AT, 8), size = number(area + TEXT_SIZE_AT, 8);
	uint64_t first;

	if (offset < SECTOR || offset >= AREA_SIZE || size > AREA_SIZE - SECTOR)
		return false;
	first = size < AREA_SIZE - offset ? size : AREA_SIZE - offset;
	return number(area + TEXT_CHECKSUM_AT, 4) ==
	       add_to_checksum(add_to_checksum(CRC_START, area + offset, first), area + SECTOR,
			       size - first);
}

static bool is_torn(const uint8_t *area)
{
	if (!is_area(area))
		return true;
	if (number(area + AREA_START_AT, 8) != AREA_HEADER_AT ||
	    number(area + AREA_SIZE_AT, 8) != AREA_SIZE || number(area + TEXT_SIZE_AT, 8) == 0)
		return false;
	return !is_text_there(area);
}

int lvm_text_is_torn(struct blockdev *device, bool *ret, struct error *err)
{
	cleanup(free_pointer) uint8_t *head = NULL;
	int r = read_head(device, &head, err);

	*ret = head && is_torn(head + AREA_HEADER_AT);
	return r;
}

/* In groups of 6, 4, 4, 4, 4, 4 and 6 (lvm2, lib/uuid/uuid.c). */
static void write_uuid(const uint8_t *letters, char uuid[LVM_UUID_SIZE])
{
	size_t used = 0;

	for (size_t i = 0; i < UUID_LETTERS; i++) {
		if (i >= 6 && i <= 26 && (i - 6) % 4 == 0)
			uuid[used++] = '-';
		uuid[used++] = (char)letters[i];
	}
	uuid[used] = '\0';
}

static bool is_uuid(const uint8_t *letters)
{
	for (size_t i = 0; i < UUID_LETTERS; i++)
		if (!isalnum(letters[i]) && letters[i] != '!' && letters[i] != '#')
			return false;
	return true;
}

int lvm_head_uuid(struct blockdev *device, char uuid[LVM_UUID_SIZE], struct error *err)
{
	uint8_t sector[SECTOR];
	uint64_t header;
	int r;

	uuid[0] = '\0';
	r = blockdev_read_medium(device, LABEL_AT, sector, SECTOR, err);
	if (r < 0)
		return r;
	header = number(sector + LABEL_HEADER_OFFSET_AT, 4);
	if (memcmp(sector, label_magic, strlen(label_magic)) == 0 &&
	    header <= SECTOR - UUID_LETTERS && is_uuid(sector + header))
		write_uuid(sector + header, uuid);
	return 0;
}
