/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether JSON holds a document of ours as a text, plain or in base64: {"user-data":
 * "#lustre-init\n role: oss"}, as a template or a call of the API leaves it that was taken for its
 * value. Not where it also names a file in /etc/lustre-init, as who writes conf.d does. It need not
 * be whole; one pass, and only the beginning of a text is decoded.
 */
bool json_text_is_ours(const char *data, size_t size);
