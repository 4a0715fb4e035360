/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Our name, however somebody spelt it: "lustre-init", "Lustre_Init", "lustreinit", "luster init",
 * with a dash of a word processor, or with JSON's escapes for any of its characters.
 */

#include <stdbool.h>
#include <stddef.h>

/* The bytes of our name at the beginning of `text`; 0 where it is something else. */
size_t name_length(const char *text, size_t size);

/* The same, or "lustre" alone. */
size_t name_prefix_length(const char *text, size_t size);

/* Whether the name ends where `text` does or goes on: "lustre-initial" is another word. */
bool name_is_word(const char *text, size_t size, size_t length);

/* Whether `text` begins with a content type of ours, or what comes near: "text/lustre_init". */
bool name_is_type(const char *text, size_t size);
