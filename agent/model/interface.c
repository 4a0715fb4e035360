/* SPDX-License-Identifier: Apache-2.0 */
#include "model/interface.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>

/* lnetctl takes "eth0[0,1]" and "eth0,eth1" apart. */
static bool is_plain(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("._-:", name[i]))
			return false;
	return length > 0 && length < INTERFACE_NAME_MAX;
}

bool interface_lnet_name(const struct interface *interface, char name[INTERFACE_NAME_MAX])
{
	const size_t own = strlen(interface->name);
	bool found = interface->taken.count == 0;

	memcpy(name, interface->name, sizeof(interface->name));
	for (size_t i = 0; i < interface->taken.count; i++) {
		const char *word = interface->taken.items[i], *mark = strrchr(word, '=');
		size_t length = mark ? (size_t)(mark - word) : 0;

		if (!mark || !is_plain(word, length) || strcmp(mark + 1, interface->ipv4) != 0)
			continue;
		if (!found || (length == own && strncmp(word, interface->name, own) == 0))
			text_set(name, INTERFACE_NAME_MAX, "%.*s", (int)length, word);
		found = true;
	}
	return found;
}
