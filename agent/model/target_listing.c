/* SPDX-License-Identifier: Apache-2.0 */
#include "model/target_listing.h"

#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const char *const format_names[] = { "lost+found", "CONFIGS", NULL };
static const char *const configs_names[] = { "mountdata", NULL };
static const char *const lost_names[] = { NULL };

/*
 * Before last_rcvd is there, a mount makes some of these (measured); one that ends in '*' stands
 * for all that begin so. Source: lustre/include/uapi/linux/lustre/lustre_disk.h, and the local
 * files of osd-ldiskfs/osd_oi.c, osd_scrub.c. last_rcvd itself is none of them: it proves service.
 */
static const char *const target_names[] = {
	"lost+found",        "CONFIGS",     "O",           "OI_scrub",        "oi.16*",
	"index_backup",      "seq_*",       "fld",         "nodemap",         "health_check",
	"quota_*",           "LFSCK",       "lfsck_*",     "PENDING",         "ROOT",
	"REMOTE_PARENT_DIR", "CATALOGS",    "changelog_*", "capa_keys",       "lov_obj*",
	"update_lo*",        "hsm_actions", "reply_data",  "NIDTBL_VERSIONS", NULL,
};

static const char *const *const names[] = {
	[LISTING_FORMAT] = format_names,
	[LISTING_CONFIGS] = configs_names,
	[LISTING_LOST] = lost_names,
	[LISTING_TARGET] = target_names,
};

static bool belongs(const char *name, size_t length, enum listing listing)
{
	for (const char *const *known = names[listing]; *known; known++) {
		size_t stem = strcspn(*known, "*");

		if ((*known)[stem] == '*' ? length >= stem : length == stem)
			if (strncmp(*known, name, stem) == 0)
				return true;
	}
	return false;
}

/*
 * "/11/040700/0/0/lost+found//": inode, mode, owner, group, name, size; inode 0 is an entry that
 * was taken away. NULL for a line of another shape: the rest of a name with a line end in it.
 */
static const char *name_in(const char *line, size_t length, bool *ret_taken_away,
			   size_t *ret_length)
{
	const char *at = line, *end = line + length;

	*ret_taken_away = length >= 3 && strncmp(line, "/0/", 3) == 0;
	for (unsigned field = 0; field < 5; field++) {
		if (at == end || *at != '/')
			return NULL;
		at++;
		if (field == 4)
			break;
		while (at < end && *at >= '0' && *at <= '9')
			at++;
	}
	for (*ret_length = 0; at + *ret_length < end && at[*ret_length] != '/';)
		(*ret_length)++;
	return at;
}

int target_listing_stranger(const char *text, enum listing listing, char name[LISTING_NAME_MAX],
			    struct error *err)
{
	bool is_directory = false, is_whole = false, taken_away;

	name[0] = '\0';
	for (const char *line = text + strspn(text, "\n"); *line; line += strspn(line, "\n")) {
		size_t length = strcspn(line, "\n"), name_length = length;
		const char *found = name_in(line, length, &taken_away, &name_length);
		bool itself = found && name_length == 1 && *found == '.';
		bool above = found && name_length == 2 && strncmp(found, "..", 2) == 0;

		is_directory = is_directory || itself;
		if (!found)
			found = line;
		if (!itself && !above && !taken_away && name[0] == '\0' &&
		    !belongs(found, name_length, listing)) {
			text_copy_padded(name, LISTING_NAME_MAX, found, name_length);
			if (name[0] == '\0') /* of blanks alone */
				memcpy(name, "?", 2);
		}
		line += length;
		is_whole = *line == '\n';
	}
	if (!is_directory || !is_whole)
		return error_set(err, -EBADMSG, "debugfs lists no directory, or not all of it");
	return 0;
}
