/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keys of instance tags ("lustre:role"), or variables of a shell (LUSTRE_INIT_ROLE), where a
 * document belongs: as tools that set tags write them.
 */

#include <stdbool.h>
#include <stddef.h>

/* The bytes of such a key at the beginning of `text`; 0 where it is none, or of no key of ours. */
size_t name_tag_length(const char *text, size_t size);

/* Lines of KEY=VALUE or KEY: VALUE, one of which has such a key. Nothing else stands before it. */
bool name_tag_in_lines(const char *data, size_t size);

/*
 * A list of tags as the API and its tools have it, one of which is ours: [{"Key": "lustre:role",
 * "Value": "oss"}], "Key=lustre:role,Value=oss", with or without "Tags" before it.
 */
bool name_tag_in_list(const char *data, size_t size);
