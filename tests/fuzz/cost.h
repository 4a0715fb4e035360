/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a target's work takes of memory, counted at malloc(), the libraries' included. */

#include <stddef.h>

struct cost {
	size_t allocations; /* how often memory was asked for: YAML and JSON do so for each token */
	size_t peak;        /* bytes that were held at once */
};

/* Counts from nothing again. */
void cost_begin(void);

/* Since cost_begin(). */
struct cost cost_so_far(void);
