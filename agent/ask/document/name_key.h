/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Our name as a key: where whoever wrote it put our keys below it. One pass each. */

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether a mapping in braces (JSON, or YAML's flow style) has us as a key at its top, or at the
 * top of one in a list. It need not be whole.
 */
bool name_key_in_braces(const char *data, size_t size);

/* Whether such a mapping has the key of a tag of ours: {"Name": "x", "lustre:role": "oss"}. */
bool name_key_tag_in_braces(const char *data, size_t size);

/*
 * Whether a key at the top is "lustre" with one of our settings right below it: a role, a file
 * system, an MGS. In lines, or in braces.
 */
bool name_key_of_lustre(const char *data, size_t size);

/* Whether we are a key at the top of YAML in lines, as cloud-config is, or in braces. */
bool name_key_in_yaml(const char *data, size_t size);

/* Whether a text that YAML holds ("content: |") has us as a key at its top. */
bool name_key_in_text(const char *data, size_t size);
