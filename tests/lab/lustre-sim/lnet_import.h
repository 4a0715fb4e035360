/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdio.h>

enum { IMPORT_MAX = 16 };

struct import {
	char net[16], interface[16];
};

/* The networks of an lnet.conf: every `net type:` with the interfaces below it. Lines it does not
 * know are passed over, as a whole YAML reader would give keys that nobody asks for. Returns how
 * many. */
size_t lnet_import_read(FILE *file, struct import imports[static IMPORT_MAX]);
