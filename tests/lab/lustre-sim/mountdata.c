// SPDX-License-Identifier: Apache-2.0
#include "mountdata.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	MAGIC = 0x1dd00001,
	AT_CONFIG_VERSION = 0x10,
	AT_FLAGS = 0x14,
	AT_INDEX = 0x18,
	AT_MOUNT_TYPE = 0x1c,
	AT_FSNAME = 0x20,
	AT_SVNAME = 0x60,
	AT_COMMENT = 0xc8,
	AT_MOUNT_OPTIONS = 0x1000,
	AT_PARAMETERS = 0x2000,
	MOUNT_TYPE_LDISKFS = 1,
};

static void store_u32(uint8_t *bytes, uint32_t value)
{
	value = htole32(value);
	memcpy(bytes, &value, sizeof(value));
}

static uint32_t load_u32(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return le32toh(value);
}

void mountdata_encode(const struct mountdata *data, uint8_t bytes[static MOUNTDATA_SIZE])
{
	memset(bytes, 0, MOUNTDATA_SIZE);
	store_u32(bytes, MAGIC);
	store_u32(bytes + AT_CONFIG_VERSION, 1);
	store_u32(bytes + AT_FLAGS, data->flags);
	store_u32(bytes + AT_INDEX, data->index);
	store_u32(bytes + AT_MOUNT_TYPE, MOUNT_TYPE_LDISKFS);
	memcpy(bytes + AT_FSNAME, data->fsname, strlen(data->fsname));
	memcpy(bytes + AT_SVNAME, data->svname, strlen(data->svname));
	memcpy(bytes + AT_COMMENT, data->comment, strlen(data->comment));
	memcpy(bytes + AT_MOUNT_OPTIONS, data->mount_options, strlen(data->mount_options));
	memcpy(bytes + AT_PARAMETERS, data->parameters, strlen(data->parameters));
}

static int load_string(const uint8_t *field, char *string, size_t size)
{
	size_t length = strnlen((const char *)field, size);

	if (length == size)
		return -EINVAL;
	memcpy(string, field, length + 1);
	return 0;
}

int mountdata_decode(const uint8_t *bytes, size_t length, struct mountdata *ret_data)
{
	struct mountdata data = { 0 };

	if (length < MOUNTDATA_SIZE || load_u32(bytes) != MAGIC)
		return -EINVAL;
	data.flags = load_u32(bytes + AT_FLAGS);
	data.index = load_u32(bytes + AT_INDEX);
	if (load_string(bytes + AT_FSNAME, data.fsname, sizeof(data.fsname)) < 0 ||
	    load_string(bytes + AT_SVNAME, data.svname, sizeof(data.svname)) < 0 ||
	    load_string(bytes + AT_COMMENT, data.comment, sizeof(data.comment)) < 0 ||
	    load_string(bytes + AT_MOUNT_OPTIONS, data.mount_options, sizeof(data.mount_options)) <
		    0 ||
	    load_string(bytes + AT_PARAMETERS, data.parameters, sizeof(data.parameters)) < 0)
		return -EINVAL;
	*ret_data = data;
	return 0;
}

void mountdata_name(struct mountdata *data)
{
	char mark = '-';

	if (mountdata_is_mgs_only(data)) {
		snprintf(data->svname, sizeof(data->svname), "MGS");
		return;
	}
	if (data->flags & FLAG_WRITECONF)
		mark = '=';
	else if (data->flags & FLAG_FIRST_TIME)
		mark = ':';
	snprintf(data->svname, sizeof(data->svname), "%.8s%c%s%04x", data->fsname, mark,
		 data->flags & TARGET_MDT ? "MDT" : "OST", data->index & 0xffff);
}

void mountdata_apply_label(struct mountdata *data, const char *label)
{
	size_t length;

	snprintf(data->svname, sizeof(data->svname), "%s", label);
	length = strlen(data->svname);
	if (length < 8) /* "MGS", or no label of ours */
		return;
	data->flags &= ~(uint32_t)(FLAG_FIRST_TIME | FLAG_WRITECONF);
	if (data->svname[length - 8] == ':')
		data->flags |= FLAG_FIRST_TIME;
	else if (data->svname[length - 8] == '=')
		data->flags |= FLAG_WRITECONF;
	data->svname[length - 8] = '-';
}

bool mountdata_is_mgs_only(const struct mountdata *data)
{
	return (data->flags & (TARGET_MDT | TARGET_OST | TARGET_MGS)) == TARGET_MGS;
}

bool mountdata_parameter(const struct mountdata *data, const char *key, unsigned n, char *value,
			 size_t size)
{
	char copy[sizeof(data->parameters)], *rest = copy, *word;
	size_t length = strlen(key);

	snprintf(copy, sizeof(copy), "%s", data->parameters);
	while ((word = strsep(&rest, " "))) {
		if (strncmp(word, key, length) != 0 || word[length] != '=' || n--)
			continue;
		snprintf(value, size, "%s", word + length + 1);
		return true;
	}
	return false;
}

void mountdata_print(const struct mountdata *data, const char *title, const char *device)
{
	printf("\n   %s:\n", title);
	printf("Device:     %s\n", device);
	printf("Target:     %s\n", data->svname);
	if (data->index == INDEX_UNASSIGNED)
		printf("Index:      unassigned\n");
	else
		printf("Index:      %u\n", data->index);
	printf("Lustre FS:  %s\n", data->fsname);
	printf("Mount type: ldiskfs\n");
	printf("Flags:      %#x\n", data->flags);
	printf("              (%s%s%s%s%s%s%s%s)\n", data->flags & TARGET_MDT ? "MDT " : "",
	       data->flags & TARGET_OST ? "OST " : "", data->flags & TARGET_MGS ? "MGS " : "",
	       data->flags & FLAG_NEED_INDEX ? "needs_index " : "",
	       data->flags & FLAG_FIRST_TIME ? "first_time " : "",
	       data->flags & FLAG_UPDATE ? "update " : "",
	       data->flags & FLAG_WRITECONF ? "writeconf " : "",
	       data->flags & FLAG_NO_PRIMNODE ? "no_primnode " : "");
	printf("Persistent mount opts: %s\n", data->mount_options);
	printf("Parameters:%s\n", data->parameters);
	if (*data->comment)
		printf("Comment: %s\n", data->comment);
	printf("\n");
}
