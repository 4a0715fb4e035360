/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/boot_file.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "observe/storage/mounts.h"
#include "report.h"

#include <errno.h>

#define BOOT_FILE_MAX (16 * 1024 * 1024)

int boot_file_read(struct status *status, struct error *err)
{
	cleanup(free_pointer) char *text = NULL;
	cleanup(json_decrefp) json_t *json = NULL;
	json_error_t why;
	size_t size;
	int r = file_read("", REPORT_BOOT_PATH, BOOT_FILE_MAX, &text, &size, err);

	if (r < 0)
		return r;
	json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
	if (!json)
		return error_set(err, -EBADMSG, "%s, line %d: %s", REPORT_BOOT_PATH, why.line,
				 why.text);
	r = status_from_json(json, status, err);
	return r < 0 ? error_prefix(err, "%s", REPORT_BOOT_PATH) : 0;
}

void boot_file_tell_absent(enum boot_unit_past past, struct error *err)
{
	switch (past) {
	case BOOT_UNIT_NEVER:
		error_set(err, err->code,
			  "apply has not run since this node booted; systemctl status lustre-init "
			  "says why");
		break;
	case BOOT_UNIT_RAN:
		error_set(err, err->code,
			  "apply has run since this node booted, but its report, %s, is not there: "
			  "/run is full, or lustre-init clean removed it; systemctl status "
			  "lustre-init says how the node stands",
			  REPORT_BOOT_PATH);
		break;
	case BOOT_UNIT_UNKNOWN:
		error_set(err, err->code,
			  "apply has not run since this node booted, or could not write its "
			  "report, %s; systemd, which knows, does not answer",
			  REPORT_BOOT_PATH);
		break;
	}
}

int boot_file_look_at_mounts(struct status *status, struct error *err)
{
	struct facts facts = { 0 };
	int r = mounts_read("", &facts.mounts, &facts.mount_count, err);

	for (size_t i = 0; r == 0 && i < status->standing_count; i++) {
		struct standing *standing = &status->standings[i];

		standing->mounted = facts_mount_at(&facts, standing->mount_point) != NULL;
	}
	facts_done(&facts);
	return r;
}
