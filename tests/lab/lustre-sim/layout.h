/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"

/*
 * Where a file's bytes are: one object on one OST. On the MDT it is the attribute trusted.lov, as
 * text, "OST0001 0123456789abcdef:2a"; on the OST the object is O/<sequence>/d<number %
 * 32>/<number>.
 */
struct layout {
	uint32_t ost;
	uint64_t sequence;
	uint32_t number;
};

#define LAYOUT_ATTRIBUTE "trusted.lov"

void layout_format(const struct layout *layout, char text[static LAYOUT_SIZE]);
bool layout_parse(const char *text, struct layout *ret_layout);
