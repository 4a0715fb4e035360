/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/charset.h"

#include <ctype.h>
#include <string.h>

/* "UTF-8" and "utf_8" are "utf8". */
static void fold(const char *charset, char *folded, size_t size)
{
	size_t used = 0;

	for (; *charset && used + 1 < size; charset++)
		if (isalnum((unsigned char)*charset))
			folded[used++] = (char)tolower((unsigned char)*charset);
	folded[used] = '\0';
}

bool charset_is_utf8(const char *charset)
{
	/* IANA's names of ASCII, and what Python and editors say for UTF-8 with a mark. */
	static const char *const names[] = {
		"utf8",          "utf8sig", "utf8bom", "unicode11utf8", "csutf8",      "cp65001",
		"ascii",         "usascii", "us",      "ansix341968",   "ansix341986", "iso646us",
		"iso646irv1991", "isoir6",  "csascii", "cp367",         "ibm367",      "646",
	};
	char folded[32];

	fold(charset, folded, sizeof(folded));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(folded, names[i]) == 0)
			return true;
	return false;
}

bool charset_has_ascii(const char *charset)
{
	static const char *const beginnings[] = { "iso8859", "latin", "l1",       "windows125",
						  "cp125",   "koi8",  "macroman", "ansi" };
	char folded[32];

	fold(charset, folded, sizeof(folded));
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (strncmp(folded, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

bool charset_fits_ascii(const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)data[i] >= 0x80)
			return false;
	return true;
}
