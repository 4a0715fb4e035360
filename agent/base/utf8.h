/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/*
 * The number of bytes, 1 to 4, of the UTF-8 character at `bytes`, of which `size` (at least 1) are
 * there. 0: broken, overlong, a surrogate, or a control character (C0 without tab, LF and CR; DEL;
 * C1).
 */
size_t utf8_length(const char *bytes, size_t size);
