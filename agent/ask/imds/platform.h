/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Is this machine an EC2 instance? Asked of the firmware (DMI), so that no packet ever goes to a
 * link-local address on a machine whose owner is somebody else.
 */

enum imds_platform {
	IMDS_PLATFORM_OTHER,
	IMDS_PLATFORM_XEN,   /* no IPv6 endpoint; instance store is in block-device-mapping */
	IMDS_PLATFORM_NITRO, /* sys_vendor "Amazon EC2" */
};

/* Reads ROOT/sys/class/dmi/id. Attributes that are absent, or not for this user, count as "not
 * EC2"; a negative errno says that it could not be told. */
int imds_platform_detect(const char *root, enum imds_platform *ret);
