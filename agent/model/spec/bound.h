/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What reading may cost, whatever was written: bounds over all documents of all sources together.
 * Errors and the manual take them from one table.
 */

#include <stdbool.h>
#include <stddef.h>

enum bound {
	BOUND_UNPACKED, /* bytes that come out of gzip, base64 and quoted-printable */
	BOUND_WRAPPERS, /* around a document: gzip, base64, multiparts, parts */
	BOUND_PARTS,    /* of MIME messages */
	BOUND_TEXT,     /* bytes of documents of ours */
	BOUND_DEPTH,    /* of lists and mappings inside of each other */
	BOUND_NODES,    /* keys, values, lists and mappings: what a reader of YAML or JSON tells */
	BOUND_SETTINGS, /* keys at the top, and tags */
	BOUND_MAX,
};

struct bound_row {
	size_t most;
	const char *what; /* in the plural, as behind "more than 256 " */
	const char *fix;
};

/* How much of each bound is used up, BOUND_WRAPPERS and BOUND_DEPTH by the deepest place. */
struct budget {
	size_t spent[BOUND_MAX]; /* never more than the bound */
	bool is_over;            /* more was wanted: nothing further is read */
};

const struct bound_row *bound_row(enum bound bound);

size_t budget_left(const struct budget *budget, enum bound bound);

/* Takes `amount` more. false, with is_over set, when so much is not left. */
bool budget_take(struct budget *budget, enum bound bound, size_t amount);

/* Whether a place may be `level` deep; false sets is_over. */
bool budget_reach(struct budget *budget, enum bound bound, size_t level);

/* "more than 256 parts of MIME messages are not read; …" */
void bound_format(enum bound bound, char *text, size_t size);
