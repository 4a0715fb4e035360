/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/boot_file.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "effect/mounted.h"
#include "report.h"
#include "verbs/boot_unit.h"

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

static void tell_absent(enum boot_unit_past past, struct error *err)
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

void boot_file_tell_failure(struct error *err)
{
	const struct error why = *err;

	if (err->code == -ENOENT)
		tell_absent(boot_unit_ask_past(), err);
	else if (err->code == -EBADMSG || err->code == -EINVAL)
		error_set(err, err->code, "%s; " BOOT_FILE_FIX, why.text);
}

/* What else is mounted there is told: it is in the way. */
static int look_at(const char *table, struct standing *standing, struct status *status,
		   struct error *err)
{
	char another[ERROR_TEXT_MAX];
	const struct mounted_asked asked = {
		.source = standing->device,
		.where = standing->mount_point,
		.is_client = standing->device[0] != '/',
	};
	int r = mounted_check(table, &asked, err);

	if (r < 0 && r != -ENOENT && r != -EBUSY)
		return r;
	standing->mounted = r == 0;
	if (r == -EBUSY && standing->device[0] != '\0')
		words_addf(&status->notes, "%s: %s", standing->name, err->text);
	if (r == 0 && !asked.is_client &&
	    mounted_asks_another_mgs(table, &asked, standing->name, &status->mgs_nids, another))
		words_addf(&status->notes, "%s", another);
	return 0;
}

int boot_file_look_at_mounts(const char *table, struct status *status, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < status->standing_count; i++)
		r = look_at(table, &status->standings[i], status, err);
	return r;
}
