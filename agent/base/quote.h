/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A piece of what somebody wrote, as a sentence may show it: in quotation marks, clipped, with
 * control characters and broken UTF-8 replaced by '?'. Terminals and the console see these texts.
 */

#include <stddef.h>

#define QUOTE_MAX 64

struct quote {
	char text[QUOTE_MAX];
};

/* quote("osd").text is "\"osd\""; the value lives as long as the full expression that made it. */
struct quote quote(const char *text);

/* Puts '?' in place of each byte of `text` that is not to be shown. */
void quote_clean(char *text);

/* The same as quote() for bytes that are not terminated. */
struct quote quote_bytes(const char *bytes, size_t size);
