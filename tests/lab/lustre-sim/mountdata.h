/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CONFIGS/mountdata and the label that corrects it (facts, section 2). */
enum {
	MOUNTDATA_SIZE = 12288,
	INDEX_UNASSIGNED = 0xffff,
	INDEX_LIMIT = 65504,

	TARGET_MDT = 0x1,
	TARGET_OST = 0x2,
	TARGET_MGS = 0x4,
	FLAG_NEED_INDEX = 0x10,
	FLAG_FIRST_TIME = 0x20, /* never registered with the MGS: the ':' of the label */
	FLAG_UPDATE = 0x40,     /* tell the MGS about changed parameters */
	FLAG_WRITECONF = 0x100, /* make the MGS's record anew: the '=' of the label */
	FLAG_NO_PRIMNODE = 0x1000,
};

struct mountdata {
	uint32_t flags;
	uint32_t index;
	char fsname[64];
	char svname[64];
	char comment[64];
	char mount_options[512];
	char parameters[1024]; /* each with a blank before it */
};

void mountdata_encode(const struct mountdata *data, uint8_t bytes[static MOUNTDATA_SIZE]);
/* -EINVAL if the magic is wrong or a string has no end in its field. */
int mountdata_decode(const uint8_t *bytes, size_t length, struct mountdata *ret_data);

/* Makes svname from flags, index and fsname: "fs:OST0000", "fs-OST0000", "fs=OST0000" or "MGS". */
void mountdata_name(struct mountdata *data);

/* The label decides: takes first_time and writeconf from it, and leaves svname with a '-'. */
void mountdata_apply_label(struct mountdata *data, const char *label);

bool mountdata_is_mgs_only(const struct mountdata *data);

/* The value of the n-th `key=` parameter; false when there is none. */
bool mountdata_parameter(const struct mountdata *data, const char *key, unsigned n, char *value,
			 size_t size);

/* The block that mkfs.lustre and tunefs.lustre print. */
void mountdata_print(const struct mountdata *data, const char *title, const char *device);
