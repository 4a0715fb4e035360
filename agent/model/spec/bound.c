/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/bound.h"

#include <stdio.h>

/*
 * EC2 takes 16 KiB of user-data, and a document of every key has about one. What is far above that
 * and far below what reading would be felt at boot is the bound: the worst that fits into all of
 * them is read in a tenth of a second and four megabytes.
 */
static const struct bound_row rows[BOUND_MAX] = {
	[BOUND_UNPACKED] = { 1024 * 1024, "bytes out of gzip, base64 and quoted-printable",
			     "leave out what other programs can fetch at boot" },
	[BOUND_WRAPPERS] = { 12,
			     "wrappers (gzip, base64, multiparts and their parts) around each "
			     "other",
			     "pack it once" },
	[BOUND_PARTS] = { 256, "parts of MIME messages", "join some of them" },
	[BOUND_TEXT] = { 64 * 1024, "bytes of documents for lustre-init",
			 "leave out what is none of its keys" },
	[BOUND_DEPTH] = { 32, "lists and mappings inside of each other",
			  "a value is a text, or a list of texts" },
	[BOUND_NODES] = { 8192, "keys and values in documents for lustre-init",
			  "leave out what is none of its keys" },
	[BOUND_SETTINGS] = { 512, "settings of documents and tags", "give each key once" },
};

const struct bound_row *bound_row(enum bound bound)
{
	return &rows[bound];
}

size_t budget_left(const struct budget *budget, enum bound bound)
{
	return rows[bound].most - budget->spent[bound];
}

bool budget_take(struct budget *budget, enum bound bound, size_t amount)
{
	if (amount > budget_left(budget, bound)) {
		budget->is_over = true;
		return false;
	}
	budget->spent[bound] += amount;
	return true;
}

bool budget_reach(struct budget *budget, enum bound bound, size_t level)
{
	if (level > rows[bound].most) {
		budget->is_over = true;
		return false;
	}
	if (level > budget->spent[bound])
		budget->spent[bound] = level;
	return true;
}

void bound_format(enum bound bound, char *text, size_t size)
{
	snprintf(text, size, "more than %zu %s are not read; %s", rows[bound].most,
		 rows[bound].what, rows[bound].fix);
}
