/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/timeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t since(uint64_t start, uint64_t usec)
{
	return usec > start ? usec - start : 0;
}

static uint64_t longer(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t whole_of(const struct status *status)
{
	uint64_t end = longer(status->ended_usec, status->observed_usec);

	for (size_t i = 0; i < status->outcome_count && status->ended_usec == 0; i++)
		end = longer(end, status->outcomes[i].ended_usec);
	return since(status->started_usec, end);
}

static void add(struct timeline *timeline, const struct timeline_row *row)
{
	struct timeline_row *added = &timeline->rows[timeline->count++];
	const uint64_t whole = timeline->whole_usec;

	*added = *row;
	if (added->to_usec > whole)
		added->to_usec = whole;
	if (added->from_usec > added->to_usec)
		added->from_usec = added->to_usec;
}

int timeline_make(const struct status *status, struct timeline *ret)
{
	struct timeline timeline = { .whole_usec = whole_of(status) };
	const uint64_t start = status->started_usec;

	timeline.rows =
		calloc(status->marks.count + status->outcome_count + 1, sizeof(*timeline.rows));
	if (!timeline.rows)
		return -ENOMEM;
	add(&timeline, &(struct timeline_row){ "asked, and observed", 1, OUTCOME_DONE, 0,
					       since(start, status->observed_usec) });
	for (size_t i = 0; i < status->marks.count; i++) {
		const struct mark *mark = &status->marks.items[i];

		add(&timeline, &(struct timeline_row){ mark->what, 1, OUTCOME_DONE,
						       since(start, mark->started_usec),
						       since(start, mark->ended_usec) });
	}
	for (size_t i = 0; i < status->outcome_count; i++) {
		const struct outcome *outcome = &status->outcomes[i];

		timeline.chain_usec = longer(timeline.chain_usec, outcome->chain_usec);
		if (outcome->kind == OUTCOME_SKIPPED)
			continue;
		add(&timeline,
		    &(struct timeline_row){ outcome->what, outcome->retries + 1, outcome->kind,
					    since(start, outcome->started_usec),
					    since(start, outcome->ended_usec) });
	}
	*ret = timeline;
	return 0;
}

void timeline_done(struct timeline *timeline)
{
	free(timeline->rows);
	*timeline = (struct timeline){ 0 };
}

static double seconds(uint64_t usec)
{
	return (double)usec / 1e6;
}

/* The column that a time falls into; the last one has the end. */
static unsigned column(uint64_t usec, uint64_t whole, unsigned width)
{
	return whole > 0 ? (unsigned)((double)usec / (double)whole * (width - 1)) : 0;
}

static void print_row(FILE *stream, const struct timeline_row *row, uint64_t whole, unsigned width)
{
	const unsigned first = column(row->from_usec, whole, width);
	const unsigned last = column(row->to_usec, whole, width);

	fprintf(stream, "%8.2f %8.2f  |", seconds(row->from_usec),
		seconds(row->to_usec - row->from_usec));
	for (unsigned i = 0; i < width; i++)
		fputc(i >= first && i <= last ? '#' : ' ', stream);
	fprintf(stream, "| %s", row->what);
	if (row->tries > 1)
		fprintf(stream, " (%u tries)", row->tries);
	fputc('\n', stream);
}

char *timeline_text(const struct timeline *timeline, unsigned width)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	fputs("   start     took\n", stream);
	for (size_t i = 0; i < timeline->count; i++)
		print_row(stream, &timeline->rows[i], timeline->whole_usec, width);
	fprintf(stream, "\n%.2f s in all; the longest chain of tools took %.2f s\n",
		seconds(timeline->whole_usec), seconds(timeline->chain_usec));
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}
