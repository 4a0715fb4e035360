/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What may be shown: the one judge of it. Names of devices and files, values of tags, the words of
 * tools and of the metadata service come from outside, and reach terminals, the console, the
 * journal, STATUS= and JSON. A terminal obeys control characters, systemd drops a STATUS= that is
 * not UTF-8, and a reader is led astray by what turns or hides text.
 */

#include <stddef.h>

/*
 * The number of bytes, 1 to 4, of the character at `bytes`, of which `size` (at least 1) are there.
 * 0 for what is not shown: broken UTF-8, control characters (C0 with tab and line ends, DEL, C1),
 * line separators, what sets the direction of text or has no width, and what is no character.
 */
size_t printable_length(const char *bytes, size_t size);

/* Puts '?' in place of each byte of `text` that is not shown. */
void printable_make(char *text);
