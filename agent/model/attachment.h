/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The device name that an EBS volume was attached as: "sdf" or "/dev/sdf", and for some images
 * "xvdf". The volume keeps what was written; the API and the console suggest different ones (EC2
 * user guide, "Device names for volumes").
 */

/* `name` without "/dev/". */
const char *attachment_name(const char *name);

/* The letters of "sdb" and "xvdb": "b". NULL for anything else, such as a partition. */
const char *attachment_letters(const char *name);
