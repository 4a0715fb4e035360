/* SPDX-License-Identifier: Apache-2.0 */

/* A picture of a boot that stands alone: no script, no style sheet, no font of its own. */

#include "base/printable.h"
#include "verbs/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In pixels. */
#define WIDTH      960
#define MARGIN     24
#define LABEL_END  336
#define BARS_LEFT  352
#define BARS_RIGHT 860
#define TOP        84
#define ROW        28
#define BAR        16
#define BAR_LEAST  2.0

#define LABEL_MAX 40 /* characters that fit */
#define TICKS_MAX 8

static const struct {
	const char *colour, *sentence;
} kinds[OUTCOME_KIND_MAX] = {
	[OUTCOME_DONE] = { "#2a9d8f", "done" },
	[OUTCOME_FAILED] = { "#d1495b", "failed" },
	[OUTCOME_REFUSED] = { "#edae49", "refused" },
	[OUTCOME_SKIPPED] = { "#8d99ae", "skipped" },
};

static double seconds(uint64_t usec)
{
	return (double)usec / 1e6;
}

static double place(uint64_t usec, uint64_t whole)
{
	return BARS_LEFT +
	       (whole > 0 ? (double)usec / (double)whole : 0) * (BARS_RIGHT - BARS_LEFT);
}

static void put_character(FILE *stream, const char *character, size_t length)
{
	switch (*character) {
	case '&':
		fputs("&amp;", stream);
		break;
	case '<':
		fputs("&lt;", stream);
		break;
	case '>':
		fputs("&gt;", stream);
		break;
	case '"':
		fputs("&quot;", stream);
		break;
	default:
		fprintf(stream, "%.*s", (int)length, character);
	}
}

/* At most `most` characters, as XML's text; what is not shown is '?'. */
static void put_text(FILE *stream, const char *text, size_t most)
{
	size_t left = strlen(text);

	for (size_t count = 0; left > 0; count++) {
		const size_t length = printable_length(text, left);

		if (count + 1 >= most && left > (length > 0 ? length : 1)) {
			fputs("…", stream);
			return;
		}
		put_character(stream, length > 0 ? text : "?", length > 0 ? length : 1);
		text += length > 0 ? length : 1;
		left -= length > 0 ? length : 1;
	}
}

/* 1, 2 or 5 of some power of ten, so that a handful of them makes the whole. */
static double tick_of(double whole)
{
	static const double factors[] = { 1, 2, 5 };
	double power = 1e-6;

	for (;; power *= 10)
		for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++)
			if (whole <= factors[i] * power * TICKS_MAX)
				return factors[i] * power;
}

static void put_head(FILE *stream, unsigned height, const char *title,
		     const struct timeline *timeline)
{
	fprintf(stream,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\" "
		"viewBox=\"0 0 %d %u\" font-family=\"system-ui, sans-serif\" font-size=\"13\">\n"
		"<rect width=\"%d\" height=\"%u\" rx=\"12\" fill=\"#fdfdfb\"/>\n"
		"<text x=\"%d\" y=\"36\" font-size=\"18\" font-weight=\"600\" fill=\"#22313f\">",
		WIDTH, height, WIDTH, height, WIDTH, height, MARGIN);
	put_text(stream, title, 96);
	fprintf(stream,
		"</text>\n<text x=\"%d\" y=\"58\" fill=\"#5c6b7a\">%.2f s in all; the longest "
		"chain "
		"of tools took %.2f s</text>\n",
		MARGIN, seconds(timeline->whole_usec), seconds(timeline->chain_usec));
}

static void put_scale(FILE *stream, const struct timeline *timeline, unsigned bottom)
{
	const double whole = seconds(timeline->whole_usec), tick = tick_of(whole);

	for (unsigned i = 0; i <= TICKS_MAX && i * tick <= whole; i++) {
		const double x = place((uint64_t)(i * tick * 1e6), timeline->whole_usec);

		fprintf(stream,
			"<path d=\"M%.1f %dV%u\" stroke=\"#dfe4e8\"/>\n"
			"<text x=\"%.1f\" y=\"%u\" fill=\"#5c6b7a\" text-anchor=\"middle\">%g "
			"s</text>\n",
			x, TOP - 8, bottom, x, bottom + 20, i * tick);
	}
}

static void put_row(FILE *stream, const struct timeline_row *row, uint64_t whole, unsigned top)
{
	const double from = place(row->from_usec, whole), to = place(row->to_usec, whole);
	const double width = to - from < BAR_LEAST ? BAR_LEAST : to - from;

	fputs("<g>\n<title>", stream);
	put_text(stream, row->what, 256);
	fprintf(stream, ": %s, from %.2f s, took %.2f s, tries: %u</title>\n",
		kinds[row->kind].sentence, seconds(row->from_usec),
		seconds(row->to_usec - row->from_usec), row->tries);
	fprintf(stream, "<text x=\"%d\" y=\"%u\" fill=\"#22313f\" text-anchor=\"end\">", LABEL_END,
		top + 13);
	put_text(stream, row->what, LABEL_MAX);
	fprintf(stream,
		"</text>\n<rect x=\"%.1f\" y=\"%u\" width=\"%.1f\" height=\"%d\" rx=\"3\" "
		"fill=\"%s\"/>\n"
		"<text x=\"%.1f\" y=\"%u\" fill=\"#5c6b7a\">%.2f s</text>\n</g>\n",
		from, top, width, BAR, kinds[row->kind].colour, from + width + 6, top + 13,
		seconds(row->to_usec - row->from_usec));
}

char *timeline_svg(const struct timeline *timeline, const char *title)
{
	const unsigned bottom = TOP + (unsigned)timeline->count * ROW;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	put_head(stream, bottom + 48, title, timeline);
	put_scale(stream, timeline, bottom);
	for (size_t i = 0; i < timeline->count; i++)
		put_row(stream, &timeline->rows[i], timeline->whole_usec, TOP + (unsigned)i * ROW);
	fputs("</svg>\n", stream);
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}
