/* SPDX-License-Identifier: Apache-2.0 */

/* How long each step of this boot took, side by side: what overlapped, and what everything waited
 * for. */

#include "report.h"
#include "verbs/boot_file.h"
#include "verbs/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAR_WIDTH 40

static double seconds(uint64_t from, uint64_t to)
{
	return to > from ? (double)(to - from) / 1e6 : 0;
}

static void print_bar(const struct status *status, const char *what, unsigned retries,
		      uint64_t from, uint64_t to)
{
	double whole = seconds(status->started_usec, status->ended_usec);
	double start = seconds(status->started_usec, from), end = seconds(status->started_usec, to);
	char bar[BAR_WIDTH + 1];
	int first, last;

	if (whole <= 0)
		return;
	first = (int)(start / whole * (BAR_WIDTH - 1));
	last = (int)(end / whole * (BAR_WIDTH - 1));
	memset(bar, ' ', BAR_WIDTH);
	for (int i = first; i <= last && i < BAR_WIDTH; i++)
		bar[i] = '#';
	bar[BAR_WIDTH] = '\0';
	printf("%8.2f %8.2f  |%s| %s", start, end - start, bar, what);
	if (retries > 0)
		printf(" (%u tries)", retries + 1);
	putchar('\n');
}

static void print_outcome(const struct status *status, const struct outcome *outcome)
{
	print_bar(status, outcome->what, outcome->retries, outcome->started_usec,
		  outcome->ended_usec);
}

static uint64_t longest_chain(const struct status *status)
{
	uint64_t longest = 0;

	for (size_t i = 0; i < status->outcome_count; i++)
		if (status->outcomes[i].chain_usec > longest)
			longest = status->outcomes[i].chain_usec;
	return longest;
}

int verb_timeline(const struct arguments *arguments)
{
	struct status *status = calloc(1, sizeof(*status));
	struct error err = { .text = "out of memory" };
	int code = EXIT_DONE, r;

	r = status ? boot_file_read(status, &err) : -ENOMEM;
	if (r == -ENOENT)
		boot_file_tell_absent(boot_unit_ask_past(), &err);
	if (r < 0) {
		fprintf(stderr, "lustre-init: %s\n", err.text);
		free(status);
		return EXIT_FAILED;
	}
	if (arguments->json) {
		code = report_print_json(status_to_json(status), code);
	} else {
		puts("   start     took");
		print_bar(status, "asked, and observed", /* retries= */ 0, status->started_usec,
			  status->observed_usec);
		for (size_t i = 0; i < status->outcome_count; i++)
			print_outcome(status, &status->outcomes[i]);
		printf("\n%.2f s in all; the longest chain of tools took %.2f s\n",
		       seconds(status->started_usec, status->ended_usec),
		       (double)longest_chain(status) / 1e6);
	}
	status_done(status);
	free(status);
	return code;
}
