/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A piece of what somebody wrote, as a sentence may show it: in quotation marks, clipped, with
 * '?' for what is not shown (printable.h).
 */

#include <stddef.h>

#define QUOTE_MAX 64

struct quote {
	char text[QUOTE_MAX];
};

/* quote("osd").text is "\"osd\""; the value lives as long as the full expression that made it. */
struct quote quote(const char *text);

/* The same as quote() for bytes that are not terminated. */
struct quote quote_bytes(const char *bytes, size_t size);
