/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Lines of bytes that need not be terminated. */

#include <stdbool.h>
#include <stddef.h>

struct line {
	const char *text; /* without blanks around it */
	size_t length;
	size_t indent; /* blanks before it */
	size_t end;    /* where the next one begins */
};

/* The line that begins at `start`, at most `size`. */
struct line line_at(const char *data, size_t size, size_t start);

/* The first line from `start` on that is not blank; of length 0 at the end. */
struct line line_first(const char *data, size_t size, size_t start);

bool line_is(const struct line *line, const char *text);
bool line_begins(const struct line *line, const char *text);

/* `role:`, or "role" : as JSON has it. */
bool line_has_key(const struct line *line, const char *key);

/* How many of the bytes are a byte order mark of UTF-8, or several. */
size_t line_skip_marks(const char *data, size_t size);

/* What YAML allows above a document: "---", "%YAML 1.2". */
bool line_is_preface(const struct line *line);
