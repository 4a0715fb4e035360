/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/doctor/registered.h"

#include <stdio.h>
#include <string.h>

const char registered_fix[] = "Where it is none that shall be, correct fsname on the nodes that "
			      "asked for it (an OST's index "
			      "is its address in the subnet, in hexadecimal) and launch them anew; "
			      "the empty name stays at "
			      "the MGS and harms nothing.";

bool registered_is_foreign(const char *fsname, const char *filesystem)
{
	return fsname[0] != '\0' && strcmp(fsname, filesystem) != 0;
}

static bool is_member(const char *target, const char *filesystem)
{
	size_t length = strlen(filesystem);

	return strncmp(target, filesystem, length) == 0 && target[length] == '-' &&
	       strrchr(target, '-') == target + length;
}

void registered_describe(const char *filesystem, const struct words *members, char *text,
			 size_t size)
{
	size_t used = (size_t)snprintf(text, size, "%s", filesystem);
	bool first = true;

	for (size_t i = 0; i < members->count && used < size; i++) {
		if (!is_member(members->items[i], filesystem))
			continue;
		used += (size_t)snprintf(text + used, size - used, "%s%s", first ? " (" : ", ",
					 members->items[i]);
		first = false;
	}
	if (!first && used < size)
		snprintf(text + used, size - used, ")");
}
