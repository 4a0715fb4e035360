/* SPDX-License-Identifier: Apache-2.0 */
#include "report_journal.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>

/* Without it the entry would have the place in this file, as a field. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#define REFUSALS_MAX 16 /* that are told one by one; the sentence counts them all */
#define FIELDS_MAX   (6 + 2 * REFUSALS_MAX)
#define FIELD_SIZE   (ERROR_TEXT_MAX + 64)

static const struct {
	const char *name;
	const char *id;
	int priority;
} events[] = {
	[JOURNAL_READY] = { "ready", "35b2fda9818d4fcf8d83c98cfa51467d", LOG_INFO },
	[JOURNAL_FAILED] = { "failed", "7ff195745ea444d094509285a02905bb", LOG_ERR },
	[JOURNAL_SPEC_ERROR] = { "specification error", "2283faf16af943ae830d6126f009b7cb",
				 LOG_ERR },
	[JOURNAL_REFUSED] = { "refused", "f2ab179d729a4e66bfefd11cdd4ef276", LOG_ERR },
	[JOURNAL_NOT_OURS] = { "not ours", "f6595f98c15643a3a138b1c3f4923c1d", LOG_INFO },
	[JOURNAL_WAITING] = { "waiting", "27e3ef1dc062437a82ad8beeef8973cc", LOG_INFO },
};

/* The fields of one entry: journald copies them, so they need not outlive it. */
struct entry {
	char texts[FIELDS_MAX][FIELD_SIZE];
	struct iovec fields[FIELDS_MAX];
	int count;
};

/* A field that says nothing is left out. */
static void add(struct entry *entry, const char *name, const char *value)
{
	char *text;

	if (value[0] == '\0' || entry->count == FIELDS_MAX)
		return;
	text = entry->texts[entry->count];
	text_sentence(text, FIELD_SIZE, "%s=%s", name, value);
	entry->fields[entry->count] = (struct iovec){ text, strlen(text) };
	entry->count++;
}

void report_journal_send(enum journal_event event, const char *sentence,
			 const struct status *status)
{
	const char priority[] = { (char)('0' + events[event].priority), '\0' };
	struct entry entry = { .count = 0 };
	char message[ERROR_TEXT_MAX];

	text_sentence(message, sizeof(message), "%s: %s", events[event].name, sentence);
	add(&entry, "MESSAGE", message);
	add(&entry, "MESSAGE_ID", events[event].id);
	add(&entry, "PRIORITY", priority);
	add(&entry, "LUSTRE_INIT_ROLES", status->roles);
	add(&entry, "LUSTRE_INIT_FSNAME", status->fsname);
	for (size_t i = 0; i < status->refusal_count && i < REFUSALS_MAX; i++) {
		add(&entry, "LUSTRE_INIT_REFUSAL", refusal_code_name(status->refusals[i].code));
		add(&entry, "LUSTRE_INIT_TARGET", status->refusals[i].target);
	}
	sd_journal_sendv(entry.fields, entry.count);
}

enum journal_event report_journal_event(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_READY:
		return JOURNAL_READY;
	case VERDICT_FAILED:
		return JOURNAL_FAILED;
	case VERDICT_SPEC_ERROR:
		return JOURNAL_SPEC_ERROR;
	case VERDICT_REFUSED:
		return JOURNAL_REFUSED;
	case VERDICT_NOT_OURS:
		return JOURNAL_NOT_OURS;
	case VERDICT_WORKING:
	case VERDICT_MAX:
		break;
	}
	return JOURNAL_EVENT_MAX;
}
