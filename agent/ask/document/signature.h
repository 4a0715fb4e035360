/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How a document of ours begins, and what almost does. */

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether the first line that is not blank is "#lustre-init". A byte order mark and blanks around
 * it do not matter: editors and heredocs leave them.
 */
bool signature_is_ours(const char *data, size_t size);

/*
 * Whether data that is nobody's we know was probably meant for us (it names us, see naming.h; or
 * UTF-16, broken base64, no signature at all); `text` then says what to do. Nothing of the data is
 * quoted.
 */
bool signature_is_near(const char *data, size_t size, char *text, size_t text_size);

/* Whether gzip holds, as far as its beginning shows, what is for us or was meant to be. */
bool signature_is_packed(const char *data, size_t size);
