/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/*
 * Copies what a disk, a device or a tool says of itself, cut at `size`. Whatever is no printable
 * UTF-8 becomes '?': such texts reach terminals, the journal and JSON, and anybody could have
 * written them.
 */
void text_copy(char *to, size_t size, const char *from);

/* Likewise from `length` bytes that need not be terminated; blanks around the text are left out. */
void text_copy_padded(char *to, size_t size, const void *from, size_t length);
