/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * The number of bytes, 1 to 4, of the UTF-8 character at `bytes`, of which `size` (at least 1) are
 * there, and the character. 0: broken, overlong, or a surrogate.
 */
size_t utf8_decode(const char *bytes, size_t size, uint32_t *ret);

/*
 * The same for the text of a document. 0 also for a control character (C0 without tab, LF and CR;
 * DEL; C1).
 */
size_t utf8_length(const char *bytes, size_t size);
