/* SPDX-License-Identifier: Apache-2.0 */
#include "news.h"

#include "base/file.h"
#include "node.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	enum verdict verdict;
	const char *path;
} marks[] = {
	{ VERDICT_REFUSED, "/run/lustre-init/refused" },
	{ VERDICT_NOT_OURS, "/run/lustre-init/not-ours" },
};

void news_glance(struct news *news)
{
	struct error err;

	news_done(news);
	if (node_glance(&news->seen, &err) < 0)
		news->seen = NULL;
}

bool news_came(struct news *news)
{
	char *now = NULL;
	struct error err;
	bool is_new;

	if (node_glance(&now, &err) < 0)
		return false;
	is_new = !news->seen || strcmp(now, news->seen) != 0;
	free(news->seen);
	news->seen = now;
	return is_new;
}

void news_done(struct news *news)
{
	free(news->seen);
	news->seen = NULL;
}

void news_mark(enum verdict verdict, const struct report *report)
{
	struct error err;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (marks[i].verdict != verdict)
			unlink(marks[i].path);
		else if (file_replace(marks[i].path, "", 0, 0644, &err) < 0)
			report_line(report, REPORT_WARNING, "%s", err.text);
	}
}

void news_mark_none(void)
{
	news_mark(VERDICT_WORKING, /* report= */ NULL);
}
