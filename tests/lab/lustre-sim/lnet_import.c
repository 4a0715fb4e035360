// SPDX-License-Identifier: Apache-2.0
#include "lnet_import.h"

#include <string.h>

size_t lnet_import_read(FILE *file, struct import imports[static IMPORT_MAX])
{
	char line[256], net[16] = "tcp", word[16];
	size_t interfaces_at = 0, count = 0;

	while (fgets(line, sizeof(line), file)) {
		size_t indent = strspn(line, " -");
		char *text = line + indent, *colon;

		if (*text == '#' || *text == '\n')
			continue;
		if (interfaces_at && indent > interfaces_at && count < IMPORT_MAX) {
			colon = strchr(text, ':');
			if (colon && sscanf(colon + 1, " %15[^ \"\n]", word) == 1) {
				memcpy(imports[count].net, net, sizeof(net));
				memcpy(imports[count++].interface, word, sizeof(word));
			}
			continue;
		}
		interfaces_at = 0;
		if (sscanf(text, "net type: %15[a-z0-9]", word) == 1)
			memcpy(net, word, sizeof(net));
		else if (!strncmp(text, "interfaces:", 11))
			interfaces_at = indent;
	}
	return count;
}
