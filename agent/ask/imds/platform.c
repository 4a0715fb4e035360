/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/platform.h"

#include "base/file.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static void read_dmi(const char *root, const char *name, char *line, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/dmi/id/%s", name);
	file_read_line(root, path, line, size);
}

/* "ec2…" as written, or the first field of a UUID with its bytes swapped (45e12aec-… is
 * ec2ae145-…). */
static bool begins_with_ec2(const char *id)
{
	if (strncasecmp(id, "ec2", 3) == 0)
		return true;
	return strlen(id) == 36 && id[4] == '2' && strncasecmp(id + 6, "ec", 2) == 0;
}

/*
 * Xen instances. One random UUID in 4096 begins with "ec2", so the serial number has to say it too,
 * as cloud-init's ds-identify asks.
 */
static bool is_xen_instance(const char *root)
{
	char uuid[64], serial[64], bios[64];

	read_dmi(root, "product_uuid", uuid, sizeof(uuid));
	read_dmi(root, "product_serial", serial, sizeof(serial));
	read_dmi(root, "bios_version", bios, sizeof(bios));
	if (!begins_with_ec2(uuid))
		return false;
	return begins_with_ec2(serial) || strstr(bios, ".amazon") != NULL;
}

enum imds_platform imds_platform_detect(const char *root)
{
	char system[64], bios[64];

	read_dmi(root, "sys_vendor", system, sizeof(system));
	read_dmi(root, "bios_vendor", bios, sizeof(bios));
	if (strcmp(system, "Amazon EC2") == 0)
		return IMDS_PLATFORM_NITRO;
	if (strcmp(bios, "Amazon EC2") == 0)
		return strcmp(system, "Xen") == 0 ? IMDS_PLATFORM_XEN : IMDS_PLATFORM_NITRO;
	return is_xen_instance(root) ? IMDS_PLATFORM_XEN : IMDS_PLATFORM_OTHER;
}
