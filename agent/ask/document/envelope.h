/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Wrappings that are not undone here, for none of them gets to an instance but by mistake: they are
 * only looked into, to tell whose it is.
 */

#include <stddef.h>

/*
 * The first `room` bytes of what is in a data: URL, in percent-encoding, in base64 between BEGIN
 * and END, or the value of a key "UserData" in YAML; how many there are, 0 for none of these.
 * *ret_where: "in a data: URL".
 */
size_t envelope_peek(const char *data, size_t size, char *to, size_t room, const char **ret_where);
