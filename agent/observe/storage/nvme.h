/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What NVMe controllers on EC2 say of themselves, and where they are in sysfs. */

#include "base/blockdev.h"

#include <stddef.h>
#include <stdint.h>

#define NVME_VENDOR_AMAZON        0x1d0f
#define NVME_MODEL_INSTANCE_STORE "Amazon EC2 NVMe Instance Storage"
#define NVME_MODEL_EBS            "Amazon Elastic Block Store"

struct nvme_identity {
	uint16_t vendor;
	char serial[24]; /* at most 20 characters */
	char model[44];  /* at most 40 characters, without the blanks that pad it */
	char attached_as[36];
};

/*
 * Reads Identify Controller data: PCI vendor, serial and model number (NVM Express base
 * specification), and from Amazon's vendor area at byte 3072 how the disk was attached:
 * "ephemeral0:sdb" or "ephemeral0:none" for instance store, the requested name for EBS, without
 * "/dev/" (amazon-ec2-utils, ebsnvme).
 */
void nvme_identity_parse(const uint8_t identify[NVME_IDENTIFY_SIZE], struct nvme_identity *ret);

/*
 * The sysfs directory of the controller of a namespace ("nvme1n1"), links followed, with NVMe
 * multipath of the first of them; "" for none. A negative errno where it cannot be told.
 */
int nvme_controller_path(const char *root, const char *name, char *path, size_t size);

/*
 * Is the PCI function ("0000:00:1f.0") an NVMe controller of Amazon's? Also where no driver has it,
 * or another one. 1, 0, or a negative errno where it cannot be told.
 */
#define NVME_PCI_DEVICES "/sys/bus/pci/devices"
int nvme_is_function(const char *root, const char *address);

/* The PCI vendor of the controller of a namespace by sysfs; 0 where it is not on PCI. A negative
 * errno where it cannot be told. */
int nvme_pci_vendor(const char *root, const char *name);
