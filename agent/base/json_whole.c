/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_whole.h"

#include "base/cleanup.h"
#include "base/printable.h"

#include <string.h>

json_t *json_text(const char *text)
{
	cleanup(free_pointer) char *shown = strdup(text);

	if (!shown)
		return NULL;
	printable_make(shown);
	return json_string(shown);
}
