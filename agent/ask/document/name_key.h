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

/* The same of YAML in lines, as cloud-config is, or in braces. */
bool name_key_in_yaml(const char *data, size_t size);

/* Whether a text that YAML holds ("content: |") has us as a key at its top. */
bool name_key_in_text(const char *data, size_t size);
