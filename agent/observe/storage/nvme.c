/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/storage/nvme.h"

#include "base/file.h"
#include "base/text.h"
#include "base/tree.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Offsets and lengths in the data, in bytes. */
#define SERIAL_AT        4
#define SERIAL_SIZE      20
#define MODEL_AT         24
#define MODEL_SIZE       40
#define VENDOR_AREA_AT   3072
#define VENDOR_AREA_SIZE 32

/* As sysfs writes them. */
#define CLASS_NVME "0x010802"
#define AMAZON     "0x1d0f"

void nvme_identity_parse(const uint8_t identify[NVME_IDENTIFY_SIZE], struct nvme_identity *ret)
{
	char attached_as[VENDOR_AREA_SIZE + 1];

	*ret = (struct nvme_identity){ 0 };
	ret->vendor = (uint16_t)(identify[0] | identify[1] << 8);
	text_copy_padded(ret->serial, sizeof(ret->serial), identify + SERIAL_AT, SERIAL_SIZE);
	text_copy_padded(ret->model, sizeof(ret->model), identify + MODEL_AT, MODEL_SIZE);
	if (ret->vendor != NVME_VENDOR_AMAZON)
		return;
	/* Padded with blanks or with NULs; what follows a NUL is not part of the name. */
	memcpy(attached_as, identify + VENDOR_AREA_AT, VENDOR_AREA_SIZE);
	attached_as[VENDOR_AREA_SIZE] = '\0';
	text_copy_padded(ret->attached_as, sizeof(ret->attached_as), attached_as,
			 strlen(attached_as));
	if (strncmp(ret->attached_as, "/dev/", 5) == 0)
		memmove(ret->attached_as, ret->attached_as + 5, strlen(ret->attached_as + 5) + 1);
}

/* "nvme0", and not "nvme0n1". */
static bool is_controller(const char *name)
{
	if (strncmp(name, "nvme", 4) != 0 || name[4] == '\0')
		return false;
	return name[4 + strspn(name + 4, "0123456789")] == '\0';
}

int nvme_controller_path(const char *root, const char *name, char *path, size_t size)
{
	char device[PATH_MAX / 2], link[PATH_MAX];
	struct words entries = { 0 };
	const char *slash;
	int r;

	path[0] = '\0';
	snprintf(link, sizeof(link), "/sys/block/%s/device", name);
	r = tree_real_path(root, link, device, sizeof(device));
	slash = strrchr(device, '/');
	if (slash && is_controller(slash + 1)) {
		text_copy(path, size, device);
		return 0;
	}
	/* The device is a subsystem, which links to its controllers. */
	if (r >= 0 && slash)
		r = tree_list(root, device, &entries);
	for (size_t i = 0; r >= 0 && path[0] == '\0' && i < entries.count; i++) {
		if (!is_controller(entries.items[i]))
			continue;
		snprintf(link, sizeof(link), "%s/%.255s", device, entries.items[i]);
		r = tree_real_path(root, link, path, size);
	}
	words_done(&entries);
	return r;
}

static int attribute_is(const char *root, const char *device, const char *name, const char *value)
{
	char path[PATH_MAX], line[64];
	int r;

	snprintf(path, sizeof(path), NVME_PCI_DEVICES "/%s/%s", device, name);
	r = file_read_optional(root, path, line, sizeof(line));
	return r < 0 ? r : strcmp(line, value) == 0;
}

int nvme_is_function(const char *root, const char *address)
{
	int r = attribute_is(root, address, "class", CLASS_NVME);

	return r > 0 ? attribute_is(root, address, "vendor", AMAZON) : r;
}

int nvme_pci_vendor(const char *root, const char *name)
{
	char controller[PATH_MAX / 2], path[PATH_MAX], line[16];
	int r = nvme_controller_path(root, name, controller, sizeof(controller));

	if (r < 0 || controller[0] == '\0')
		return r;
	snprintf(path, sizeof(path), "%s/device/vendor", controller);
	r = file_read_optional(root, path, line, sizeof(line));
	return r < 0 ? r : (int)(strtoul(line, NULL, 16) & 0xffff);
}
