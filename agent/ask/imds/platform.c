/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/platform.h"

#include "base/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DMI_TEXT_MAX 64

/* What the firmware says, all of it at once. */
struct firmware {
	char system[DMI_TEXT_MAX], bios[DMI_TEXT_MAX];
	char uuid[DMI_TEXT_MAX], serial[DMI_TEXT_MAX], version[DMI_TEXT_MAX];
};

static int read_dmi(const char *root, const char *name, char line[DMI_TEXT_MAX])
{
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/sys/class/dmi/id/%s", name);
	r = file_read_optional(root, path, line, DMI_TEXT_MAX);
	return r == -EACCES ? 0 : r;
}

static int read_firmware(const char *root, struct firmware *ret)
{
	int r = read_dmi(root, "sys_vendor", ret->system);

	if (r == 0)
		r = read_dmi(root, "bios_vendor", ret->bios);
	if (r == 0)
		r = read_dmi(root, "product_uuid", ret->uuid);
	if (r == 0)
		r = read_dmi(root, "product_serial", ret->serial);
	if (r == 0)
		r = read_dmi(root, "bios_version", ret->version);
	return r;
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
static bool is_xen_instance(const struct firmware *firmware)
{
	if (!begins_with_ec2(firmware->uuid))
		return false;
	return begins_with_ec2(firmware->serial) || strstr(firmware->version, ".amazon") != NULL;
}

static enum imds_platform judge(const struct firmware *firmware)
{
	if (strcmp(firmware->system, "Amazon EC2") == 0)
		return IMDS_PLATFORM_NITRO;
	if (strcmp(firmware->bios, "Amazon EC2") == 0)
		return strcmp(firmware->system, "Xen") == 0 ? IMDS_PLATFORM_XEN
							    : IMDS_PLATFORM_NITRO;
	return is_xen_instance(firmware) ? IMDS_PLATFORM_XEN : IMDS_PLATFORM_OTHER;
}

int imds_platform_detect(const char *root, enum imds_platform *ret)
{
	struct firmware firmware = { 0 };
	int r = read_firmware(root, &firmware);

	if (r == 0)
		*ret = judge(&firmware);
	return r;
}
