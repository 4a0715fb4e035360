/* SPDX-License-Identifier: Apache-2.0 */

/* boot.json, as status and timeline read it, and what they print of it. */

#include "base/printable.h"
#include "fuzz.h"
#include "verbs/timeline.h"

#include <errno.h>
#include <string.h>

#define YEARS_300_USEC 9500000000000000ULL

static void check_text(char *text)
{
	must(text, "there is memory for it");
	for (const char *p = text; *p;) {
		const size_t length = *p == '\n' ? 1 : printable_length(p, strlen(p));

		must(length > 0, "what is printed is printable");
		p += length;
	}
	free(text);
}

static void check_timeline(const struct status *status)
{
	struct timeline timeline;

	must(timeline_make(status, &timeline) == 0, "only memory can fail");
	for (size_t i = 0; i < timeline.count; i++) {
		const struct timeline_row *row = &timeline.rows[i];

		must(row->from_usec <= row->to_usec && row->to_usec <= timeline.whole_usec,
		     "a step lies within the whole");
	}
	must(timeline.whole_usec < YEARS_300_USEC, "times are bounded");
	check_text(timeline_svg(&timeline, status->sentence));
	timeline_done(&timeline);
}

/* What was written once is read and written as the same again. */
static void check_again(const struct status *status)
{
	static struct status again;
	json_t *first = status_to_json(status), *second;
	struct error err = { 0 };

	must(first, "a status has JSON");
	must(status_from_json(first, &again, &err) == 0, "it is read back");
	second = status_to_json(&again);
	must(json_equal(first, second), "and is the same");
	json_decref(first);
	json_decref(second);
	status_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct status status;
	json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	struct error err = { 0 };
	int r;

	if (!json)
		return 0;
	r = status_from_json(json, &status, &err);
	json_decref(json);
	must(r == 0 || r == -EINVAL, "only memory can fail otherwise");
	must(r == 0 || err.text[0] != '\0', "an error says why");
	if (r < 0)
		return 0;
	check_timeline(&status);
	check_again(&status);
	status_done(&status);
	return 0;
}
