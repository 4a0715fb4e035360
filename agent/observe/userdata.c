/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/userdata.h"

#include "observe/document_text.h"

#include <string.h>

static bool begins_with_header(const char *data, size_t size)
{
	static const char header[] = "#lustre-init";
	size_t length = sizeof(header) - 1;

	return size >= length && memcmp(data, header, length) == 0 &&
	       (size == length || data[length] == '\n' || data[length] == '\r');
}

int userdata_parse(const char *data, size_t size, const struct origin *origin,
		   struct settings *settings, struct problems *problems)
{
	struct problems unused = { 0 };
	bool wrapped = false;

	if (begins_with_header(data, size))
		return document_parse(data, size, origin, settings, problems);
	if (document_is_json(data, size) &&
	    document_check_json(data, size, origin, &unused, &wrapped) && wrapped)
		return document_parse(data, size, origin, settings, problems);
	return 0;
}
