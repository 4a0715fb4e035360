/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is asked of a document's text before its content is read. */

#include "model/spec/setting.h"

/* The one key of a JSON document, with ours inside. */
#define DOCUMENT_WRAPPER "lustre-init"

/*
 * Whether there are only bytes that text has; the first other one is a problem. libyaml would
 * refuse it too, but without a line.
 */
bool document_is_text(const char *data, size_t size, const struct origin *base,
		      struct problems *problems);

/* Whether the first character that is not blank is "{". */
bool document_is_json(const char *data, size_t size);

/*
 * Whether JSON data is within the bound of depth and what is left of nodes, told from its text.
 * *ret_nodes is how many it has; *ret_over, where it does not fit, the bound. Takes nothing.
 */
bool document_json_fits(const char *data, size_t size, const struct budget *budget,
			size_t *ret_nodes, enum bound *ret_over);

/*
 * Whether JSON data is JSON; what is wrong is a problem, without a word of what was written.
 * *ret_wrapped tells whether it has the key DOCUMENT_WRAPPER. Only for data that fits.
 */
bool document_check_json(const char *data, size_t size, const struct origin *base,
			 struct problems *problems, bool *ret_wrapped);
