/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where data that is no document of ours names us all the same: as its first word, as a key at its
 * top, as a type, or by a line that is a signature. Whoever wrote it meant us, so it is never
 * passed over in silence. A name anywhere else, as in a script or a URL, is not looked for.
 */

#include <stdbool.h>
#include <stddef.h>

/* `text` then says what to do; nothing of the data is quoted. One pass, nothing is decoded. */
bool naming_find(const char *data, size_t size, char *text, size_t text_size);

/* What is wrong with a document of which naming_has_literal_line_ends(). */
extern const char naming_line_ends[];

/* Line ends that printf(1) or a template did not make: all of a document is its first line. */
bool naming_has_literal_line_ends(const char *data, size_t size);

/* The same of a MIME message that names our type. */
bool naming_is_message_in_a_line(const char *data, size_t size);

/* Whether a line, wherever it stands, is the signature. */
bool naming_has_signature(const char *data, size_t size);

/* Whether a line is the address of a document by our name: "http://…/lustre-init.yaml". */
bool naming_has_document_url(const char *data, size_t size);

/* Whether a line reads like a header that gives a part our type. */
bool naming_has_header(const char *data, size_t size);
