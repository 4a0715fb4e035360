// SPDX-License-Identifier: Apache-2.0
#include "layout.h"

#include <inttypes.h>
#include <stdio.h>

void layout_format(const struct layout *layout, char text[static LAYOUT_SIZE])
{
	snprintf(text, LAYOUT_SIZE, "OST%04x %016" PRIx64 ":%x", layout->ost, layout->sequence,
		 layout->number);
}

bool layout_parse(const char *text, struct layout *ret_layout)
{
	char end;

	return sscanf(text, "OST%4" SCNx32 " %16" SCNx64 ":%8" SCNx32 "%c", &ret_layout->ost,
		      &ret_layout->sequence, &ret_layout->number, &end) == 3;
}
