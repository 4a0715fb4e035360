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
	[JOURNAL_WAITING_METADATA] = { "waiting for metadata", "29552582242442369fc8a0174eac7d97",
				       LOG_INFO },
	[JOURNAL_WAITING_MGS] = { "waiting for the MGS", "d7783a8b85fd44e88d333d3de0332bba",
				  LOG_INFO },
	[JOURNAL_WAITING_MOUNT] = { "waiting for a mount", "feba06f9bfe14ac9a968a4b40af02534",
				    LOG_INFO },
	[JOURNAL_WAITING_RETRY] = { "waiting to try again", "49706fa00da24216a63461ecdecd686e",
				    LOG_INFO },
};

/* One each, so that a fleet can wait for one of them, and `journalctl -x` has its own text. */
static const char *const refusal_ids[REFUSAL_CODE_MAX] = {
	[REFUSAL_NO_DISK] = "34fe3b5a0d19458b8afbefbf4e18d61f",
	[REFUSAL_TOO_FEW_DISKS] = "7f94e2de3e0d4f0595f85c3c53a8a806",
	[REFUSAL_DISK_IN_USE] = "0a974997f0b947b8a3372185f9d68ce3",
	[REFUSAL_FOREIGN_DATA] = "c5e8181f0fd54342aa15b8463cf75b4b",
	[REFUSAL_NOT_READABLE] = "398d1a9e85bc45699e04d1f22d4ce49c",
	[REFUSAL_DISK_MISSING] = "7b81f86943d64616b82efc8ca6635b8c",
	[REFUSAL_DATA_LOSS] = "06d081d840de4f889692bf77cfbaf0be",
	[REFUSAL_OTHER_INSTANCE] = "bece9f6b2641427e8e394b942f774f4b",
	[REFUSAL_DRIFT] = "1b69dbaaa21449e7b15c8465b276cef4",
	[REFUSAL_INDEX_TAKEN] = "905d3c5076434be5995bd22c1421dff7",
	[REFUSAL_TOOLS] = "99f6362e48834d3da8c9db87ccc1666d",
	[REFUSAL_LNET] = "8df14424d50440d786a3578515ceb0f5",
	[REFUSAL_MGS] = "113ee542f2524d8baadccc2033b920ff",
	[REFUSAL_NO_SPACE] = "06ba3fc6d47d4c03b1c34dc49b495a7f",
	[REFUSAL_MOUNT_POINT] = "fb41445de1474a6cb5e4587f233f9862",
	[REFUSAL_NO_MEMORY] = "04122c8d2a28492885b6c07ba0b05184",
};

/* Of what the watch sees; its name and severity are its own. */
static const char *const watch_ids[WATCH_EVENT_KIND_MAX] = {
	[EVENT_TARGET_GONE] = "4bb7856a763d40fdaccc331f61178e86",
	[EVENT_TARGET_READ_ONLY] = "f602a345e19d40cda9a7d37761bfab40",
	[EVENT_TARGET_UNHEALTHY] = "161360fda56348819db49e0b95366cd0",
	[EVENT_TARGET_DEGRADED] = "c470003ed01f444aa4ea30cb376037ec",
	[EVENT_RECOVERY_LONG] = "c22047dff696479b9cf7333d673610ab",
	[EVENT_FS_ERRORS] = "af3a6094c8dc433780f89f08c2648b82",
	[EVENT_SPACE_LOW] = "904aba0ea349441abe64f4caa68d60ba",
	[EVENT_INODES_LOW] = "ccbda881210c4b26a7b60de8bff21d5a",
	[EVENT_VOLUME_PARTIAL] = "758166d037a24073b8f5f4cb245dc160",
	[EVENT_DISK_GONE] = "e3403f0798194422b0f558e7eb529117",
	[EVENT_DISK_FAILING] = "b9eaf28d1d254434b2466976a1966445",
	[EVENT_NID_GONE] = "62491cc707b6425f86e062fbbb0bb290",
	[EVENT_MGS_AWAY] = "218d7008a221419192c226fd31384295",
	[EVENT_WOKEN_OVER_BLANK_DISKS] = "265a6915e12e4e979020c069e5a53577",
	[EVENT_SPOT_TERMINATE] = "38b17f0e281d4ff6ad19c23754dc5324",
	[EVENT_SPOT_STOP] = "276f033dd7634612b6c80285bac0d607",
	[EVENT_SPOT_HIBERNATE] = "2eea3b98916244c3bba1bd5ea8a8277d",
	[EVENT_REBALANCE] = "7f55491faa1440de9ead3b9f11982400",
	[EVENT_MAINTENANCE] = "0e5c6c6ea6654ba199b5a0065466ba11",
	[EVENT_TAGS_CHANGED] = "ca05e99bdb294f4d8a01599b8cf04ab3",
	[EVENT_METADATA_SILENT] = "e73d682808c04f30b6ce0129f6fb3081",
};

static const int severities[SEVERITY_MAX] = {
	[SEVERITY_NOTICE] = LOG_NOTICE,
	[SEVERITY_WARNING] = LOG_WARNING,
	[SEVERITY_ERROR] = LOG_ERR,
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

void report_journal_send_watch(const struct watch_event *event)
{
	const bool is_over = event->change == CHANGE_ENDED;
	const int severity = is_over ? LOG_INFO : severities[watch_event_severity(event->kind)];
	const char priority[] = { (char)('0' + severity), '\0' };
	struct entry entry = { .count = 0 };
	char message[ERROR_TEXT_MAX];

	text_sentence(message, sizeof(message), "%s%s: %s", watch_event_name(event->kind),
		      is_over ? ", over" : "", event->sentence);
	add(&entry, "MESSAGE", message);
	add(&entry, "MESSAGE_ID", watch_ids[event->kind]);
	add(&entry, "PRIORITY", priority);
	add(&entry, "LUSTRE_INIT_EVENT", watch_event_name(event->kind));
	add(&entry, "LUSTRE_INIT_SUBJECT", event->subject);
	add(&entry, "LUSTRE_INIT_TARGET", event->target);
	add(&entry, "LUSTRE_INIT_OVER", is_over ? "1" : "");
	sd_journal_sendv(entry.fields, entry.count);
}

void report_journal_send_refusal(const struct refusal *refusal, const struct status *status)
{
	const char priority[] = { '0' + LOG_ERR, '\0' };
	struct entry entry = { .count = 0 };
	char message[ERROR_TEXT_MAX];

	text_sentence(message, sizeof(message), "refused: %s%s%s. %s", refusal->target,
		      refusal->target[0] ? ": " : "", refusal->text, refusal->fix);
	add(&entry, "MESSAGE", message);
	add(&entry, "MESSAGE_ID", refusal_ids[refusal->code]);
	add(&entry, "PRIORITY", priority);
	add(&entry, "LUSTRE_INIT_ROLES", status->roles);
	add(&entry, "LUSTRE_INIT_FSNAME", status->fsname);
	add(&entry, "LUSTRE_INIT_REFUSAL", refusal_code_name(refusal->code));
	add(&entry, "LUSTRE_INIT_TARGET", refusal->target);
	sd_journal_sendv(entry.fields, entry.count);
}

enum journal_event report_journal_wait(enum wait wait)
{
	switch (wait) {
	case WAIT_METADATA:
		return JOURNAL_WAITING_METADATA;
	case WAIT_DEVICE:
		return JOURNAL_WAITING;
	case WAIT_MGS:
		return JOURNAL_WAITING_MGS;
	case WAIT_MOUNT:
		return JOURNAL_WAITING_MOUNT;
	case WAIT_RETRY:
		return JOURNAL_WAITING_RETRY;
	case WAIT_NONE:
	case WAIT_MAX:
		break;
	}
	return JOURNAL_EVENT_MAX;
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
