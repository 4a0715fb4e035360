// SPDX-License-Identifier: Apache-2.0
#include "target_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool target_name_parse(const char *text, struct target_name *ret_name)
{
	size_t length = strlen(text);
	const char *kind = text + length - 7;

	if (length < 9 || length >= NAME_SIZE || kind[-1] != '-' ||
	    (strncmp(kind, "OST", 3) != 0 && strncmp(kind, "MDT", 3) != 0) ||
	    strspn(kind + 3, "0123456789abcdef") != 4)
		return false;
	snprintf(ret_name->fsname, sizeof(ret_name->fsname), "%.*s", (int)(length - 8), text);
	ret_name->ost = *kind == 'O';
	ret_name->index = (uint32_t)strtoul(kind + 3, NULL, 16);
	return true;
}
