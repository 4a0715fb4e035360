/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"

/* A target's name taken apart: "lustrewt-OST001a" is OST 26 of lustrewt. */
struct target_name {
	char fsname[NAME_SIZE];
	bool ost; /* else an MDT */
	uint32_t index;
};

/* False if `text` is not the name of an MDT or OST. */
bool target_name_parse(const char *text, struct target_name *ret_name);
