/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/*
 * Decodes standard base64 with padding (RFC 4648 section 4), ignoring white
 * space. Returns a fresh buffer, ended by a NUL that is not counted in
 * *ret_size, or NULL where the text is not base64.
 */
char *base64_decode(const char *text, size_t *ret_size);
