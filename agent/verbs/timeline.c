/* SPDX-License-Identifier: Apache-2.0 */

/* How long each step of this boot took, side by side: what overlapped, and what everything waited
 * for. */

#include "verbs/timeline.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "report.h"
#include "verbs/boot_file.h"
#include "verbs/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define BAR_WIDTH 40

/* "lustrewt: mgs+mds on i-0123, ready" */
static char *picture(const struct status *status, const struct timeline *timeline)
{
	char title[256];

	text_sentence(title, sizeof(title), "%s%s%s on %s: %s", status->fsname,
		      status->fsname[0] ? ": " : "", status->roles[0] ? status->roles : "no role",
		      status->instance_id[0] ? status->instance_id : "an unknown instance",
		      verdict_name(status->verdict));
	return timeline_svg(timeline, title);
}

static int print(const struct arguments *arguments, const struct status *status)
{
	cleanup(timeline_done) struct timeline timeline = { 0 };
	cleanup(free_pointer) char *text = NULL;

	if (timeline_make(status, &timeline) == 0)
		text = arguments->svg ? picture(status, &timeline)
				      : timeline_text(&timeline, BAR_WIDTH);
	if (!text) {
		fputs("lustre-init: out of memory\n", stderr);
		return EXIT_FAILED;
	}
	fputs(text, stdout);
	return EXIT_DONE;
}

int verb_timeline(const struct arguments *arguments)
{
	struct status *status = calloc(1, sizeof(*status));
	struct error err = { .text = "out of memory" };
	int code, r = status ? boot_file_read(status, &err) : -ENOMEM;

	if (r < 0) {
		boot_file_tell_failure(&err);
		fprintf(stderr, "lustre-init: %s\n", err.text);
		free(status);
		return EXIT_FAILED;
	}
	if (arguments->json)
		code = report_print_json(status_to_json(status), EXIT_DONE);
	else
		code = print(arguments, status);
	status_done(status);
	free(status);
	return code;
}
