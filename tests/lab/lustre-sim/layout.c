// SPDX-License-Identifier: Apache-2.0
#include "layout.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void layout_format(const struct layout *layout, char text[static LAYOUT_SIZE])
{
	snprintf(text, LAYOUT_SIZE, "OST%04x %016" PRIx64 ":%x", layout->ost, layout->sequence,
		 layout->number);
}

/* One hexadecimal number that `end` closes. */
static bool take_number(const char **at, char end, uint64_t *ret_number)
{
	char *after;

	errno = 0;
	*ret_number = strtoull(*at, &after, 16);
	if (errno || after == *at || *after != end)
		return false;
	*at = after + 1;
	return true;
}

bool layout_parse(const char *text, struct layout *ret_layout)
{
	uint64_t ost, sequence, number;

	if (strncmp(text, "OST", 3) != 0)
		return false;
	text += 3;
	if (!take_number(&text, ' ', &ost) || !take_number(&text, ':', &sequence) ||
	    !take_number(&text, '\0', &number) || ost > UINT16_MAX || number > UINT32_MAX)
		return false;
	*ret_layout = (struct layout){ (uint32_t)ost, sequence, (uint32_t)number };
	return true;
}
