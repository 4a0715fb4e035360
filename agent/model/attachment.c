/* SPDX-License-Identifier: Apache-2.0 */
#include "model/attachment.h"

#include <stddef.h>
#include <string.h>

const char *attachment_name(const char *name)
{
	return strncmp(name, "/dev/", 5) == 0 ? name + 5 : name;
}

bool attachment_is_volume_number(const char *identity)
{
	return strncmp(identity, "vol", strlen("vol")) == 0;
}

const char *attachment_letters(const char *name)
{
	const char *at = attachment_name(name);

	if (strncmp(at, "sd", 2) == 0)
		at += 2;
	else if (strncmp(at, "xvd", 3) == 0)
		at += 3;
	else
		return NULL;
	return *at != '\0' && at[strspn(at, "abcdefghijklmnopqrstuvwxyz")] == '\0' ? at : NULL;
}
