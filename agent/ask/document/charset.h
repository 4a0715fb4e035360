/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a charset parameter names, in whatever case and with whatever dashes. */

#include <stdbool.h>
#include <stddef.h>

/* UTF-8, or ASCII, which is part of it. */
bool charset_is_utf8(const char *charset);

/* One in which the bytes of ASCII are ASCII: Latin 1 and its kin. */
bool charset_has_ascii(const char *charset);

/* Whether all bytes are of ASCII. */
bool charset_fits_ascii(const char *data, size_t size);
