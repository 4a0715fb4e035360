/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The device name that an EBS volume was attached as: "sdf" or "/dev/sdf", and for some images
 * "xvdf". The volume keeps what was written; the API and the console suggest different ones (EC2
 * user guide, "Device names for volumes").
 */

#include <stdbool.h>

/* `name` without "/dev/". */
const char *attachment_name(const char *name);

/* Whether it is a volume's number, as its NVMe serial number has it: "vol0123456789abcdef0". */
bool attachment_is_volume_number(const char *identity);

/* The letters of "sdb" and "xvdb": "b". NULL for anything else, such as a partition. */
const char *attachment_letters(const char *name);
