/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/storage/disk_kind.h"

#include "base/blockdev.h"
#include "base/text.h"
#include "base/tree.h"
#include "model/instance_store.h"
#include "observe/storage/nvme.h"
#include "observe/storage/xen.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static enum disk_kind kind_of_model(const char *model)
{
	if (strcmp(model, NVME_MODEL_INSTANCE_STORE) == 0)
		return DISK_INSTANCE_STORE;
	if (strcmp(model, NVME_MODEL_EBS) == 0)
		return DISK_EBS;
	return DISK_OTHER;
}

static int identify(const struct storage_options *options, const struct disk *disk,
		    struct nvme_identity *ret, struct error *err)
{
	uint8_t data[NVME_IDENTIFY_SIZE];
	struct blockdev *device;
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s%s", options->root, disk->path);
	r = blockdev_open(path, BLOCKDEV_READ, &device, err);
	if (r < 0)
		return r;
	r = blockdev_nvme_identify(device, data, err);
	blockdev_close(device);
	if (r >= 0)
		nvme_identity_parse(data, ret);
	return r;
}

void disk_kind_of_identity(const struct storage_options *options,
			   const struct nvme_identity *identity, struct disk *disk)
{
	bool stands_in = identity->vendor == 0 && options->nvme_vendor != 0;
	uint16_t vendor = stands_in ? options->nvme_vendor : identity->vendor;

	snprintf(disk->kind_proof, sizeof(disk->kind_proof), "NVMe vendor 0x%04x%s, model %s",
		 vendor, stands_in ? " (stand-in)" : "", identity->model);
	text_copy(disk->serial, sizeof(disk->serial), identity->serial);
	text_copy(disk->attached_as, sizeof(disk->attached_as), identity->attached_as);
	if (vendor == NVME_VENDOR_AMAZON)
		disk->kind = kind_of_model(identity->model);
}

/* Without the right to ask the controller: what sysfs has of its model, and of the PCI function. */
static int judge_sysfs(const struct storage_options *options, const struct error *why,
		       struct disk *disk)
{
	int vendor = nvme_pci_vendor(options->root, disk->name);
	enum disk_kind kind = kind_of_model(disk->model);

	if (vendor < 0)
		return vendor;
	if (vendor == NVME_VENDOR_AMAZON) {
		disk->kind = kind;
		snprintf(disk->kind_proof, sizeof(disk->kind_proof), "PCI vendor 0x%04x, model %s",
			 (unsigned)vendor, disk->model);
	} else {
		snprintf(disk->kind_proof, sizeof(disk->kind_proof), "no proof: %.100s", why->text);
	}
	return 0;
}

static int judge_nvme(const struct storage_options *options, struct disk *disk)
{
	struct nvme_identity identity;
	struct error err;
	int r;

	/* sysfs has the model from the same data: what is not Amazon's is not opened. */
	if (kind_of_model(disk->model) == DISK_OTHER)
		return 0;
	r = identify(options, disk, &identity, &err);
	if (r < 0)
		return error_is_shortage(r) ? r : judge_sysfs(options, &err, disk);
	disk_kind_of_identity(options, &identity, disk);
	return 0;
}

static void judge_xen(const struct storage_options *options, const struct xen_mapping *mapping,
		      struct disk *disk)
{
	char why[XEN_WHY_MAX];
	const char *word = xen_prove_ephemeral(options->root, disk->name, mapping, why);

	if (why[0] != '\0')
		snprintf(disk->kind_proof, sizeof(disk->kind_proof), "no proof: %.110s", why);
	if (word) {
		disk->kind = DISK_INSTANCE_STORE;
		snprintf(disk->kind_proof, sizeof(disk->kind_proof), "block-device-mapping %s",
			 word);
		/* As the vendor area of NVMe has it. */
		text_copy(disk->attached_as, sizeof(disk->attached_as), word);
		disk->attached_as[strcspn(disk->attached_as, "=")] = ':';
	} else if (options->disks == DISKS_EBS &&
		   xen_is_mapped_as(options->root, disk->name, options->disks_name)) {
		/* No data tell an EBS volume on Xen; the operator's name does, and S2 and S3 hold.
		 */
		disk->kind = DISK_EBS;
		snprintf(disk->kind_proof, sizeof(disk->kind_proof), "named by the operator as %s",
			 options->disks_name);
		text_copy(disk->attached_as, sizeof(disk->attached_as), options->disks_name);
	}
}

/* NVMe beside disks of Xen is the store: EBS is NVMe on Nitro alone, which has no disks of Xen. */
static int has_nvme(const char *root, const struct facts *facts, bool *ret)
{
	struct words functions = { 0 };
	bool found = false;
	int r;

	for (size_t i = 0; i < facts->disk_count; i++)
		found = found || strncmp(facts->disks[i].name, "nvme", 4) == 0;
	r = tree_list(root, NVME_PCI_DEVICES, &functions);
	for (size_t i = 0; r >= 0 && i < functions.count; i++) {
		r = nvme_is_function(root, functions.items[i]);
		found = found || r > 0;
	}
	words_done(&functions);
	*ret = found;
	return r;
}

/* Two disks under one name prove nothing about either. */
static void drop_doubles(struct facts *facts, size_t first)
{
	struct disk *disk = &facts->disks[first];
	bool doubled = false;

	for (size_t i = first + 1; disk->attached_as[0] != '\0' && i < facts->disk_count; i++) {
		struct disk *other = &facts->disks[i];

		if (strncmp(other->name, "xvd", 3) != 0 ||
		    strcmp(disk->attached_as, other->attached_as) != 0)
			continue;
		doubled = true;
		other->kind = DISK_OTHER;
		snprintf(other->kind_proof, sizeof(other->kind_proof),
			 "no proof: %s is mapped as %s too", disk->name, disk->attached_as);
	}
	if (!doubled)
		return;
	disk->kind = DISK_OTHER;
	snprintf(disk->kind_proof, sizeof(disk->kind_proof),
		 "no proof: several disks are mapped as %s", disk->attached_as);
}

int disk_kinds_find(const struct storage_options *options, struct facts *facts, struct error *err)
{
	struct xen_mapping mapping = {
		.ephemerals = options->ephemerals,
		.others = options->other_devices,
		.disks = instance_store_xen_disks(options->instance_type ? options->instance_type
									 : ""),
	};
	int r = has_nvme(options->root, facts, &mapping.nvme);

	for (size_t i = 0; r >= 0 && i < facts->disk_count; i++) {
		struct disk *disk = &facts->disks[i];

		if (strncmp(disk->name, "nvme", 4) == 0)
			r = judge_nvme(options, disk);
		else if (strncmp(disk->name, "xvd", 3) == 0)
			judge_xen(options, &mapping, disk);
	}
	for (size_t i = 0; r >= 0 && i < facts->disk_count; i++)
		if (strncmp(facts->disks[i].name, "xvd", 3) == 0)
			drop_doubles(facts, i);
	return r < 0 ? error_errno(err, r, "cannot find what kind of disks these are") : 0;
}
