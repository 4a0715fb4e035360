/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/mount_words.h"

#include "base/cleanup.h"
#include "base/quote.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

/* A name that ends in "=" stands for all that begin so. */
static const char *const of_clients[] = {
	"flock",
	"localflock",
	"noflock",
	"lazystatfs",
	"nolazystatfs",
	"user_fid2path",
	"nouser_fid2path",
	"checksum",
	"nochecksum",
	"lruresize",
	"nolruresize",
	"32bitapi",
	"verbose",
	"noverbose",
	"always_ping",
	"encrypt",
	"noencrypt",
	"foreign_symlink=",
	"foreign_symlink",
	"statfs_project",
	"nostatfs_project",
	"nolock",
	"test_dummy_encryption",
	"test_dummy_encryption=",
};

static const char *const of_targets[] = {
	/* Lustre's own */
	"abort_recov",
	"abort_recovery",
	"abort_recov_mdt",
	"abort_recovery_mdt",
	"recovery_time_soft=",
	"recovery_time_hard=",
	"localrecov",
	"nolocallogs",
	"noir",
	"noscrub",
	"skip_lfsck",
	"no_create",
	"no_precreate",
	"noprimnode",
	"rdonly_dev",
	"max_sectors_kb=",
	"md_stripe_cache_size=",
	/* ldiskfs's */
	"errors=",
	"data=",
	"commit=",
	"barrier",
	"barrier=",
	"nobarrier",
	"journal_checksum",
	"nojournal_checksum",
	"journal_async_commit",
	"journal_ioprio=",
	"delalloc",
	"nodelalloc",
	"discard",
	"nodiscard",
	"stripe=",
	"inode_readahead_blks=",
	"max_batch_time=",
	"min_batch_time=",
	"block_validity",
	"noblock_validity",
	"dioread_lock",
	"dioread_nolock",
	"init_itable",
	"init_itable=",
	"noinit_itable",
	"auto_da_alloc",
	"noauto_da_alloc",
	"mb_optimize_scan=",
	"extents",
	"mballoc",
	"quota",
	"noquota",
	"usrquota",
	"grpquota",
	"prjquota",
	"usrjquota=",
	"grpjquota=",
	"jqfmt=",
	"resuid=",
	"resgid=",
	"i_version",
	"iopen_nopriv",
	"nombcache",
};

static bool is_named(const char *word, const char *name)
{
	size_t length = strlen(name);

	return name[length - 1] == '=' ? strncmp(word, name, length) == 0 : strcmp(word, name) == 0;
}

static bool is_among(const char *word, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_named(word, names[i]))
			return true;
	return false;
}

enum mount_word_owner mount_word_owner(const char *word)
{
	if (is_among(word, of_clients, sizeof(of_clients) / sizeof(of_clients[0])))
		return MOUNT_WORD_CLIENT;
	if (is_among(word, of_targets, sizeof(of_targets) / sizeof(of_targets[0])))
		return MOUNT_WORD_TARGET;
	return MOUNT_WORD_ANY;
}

int mount_words_add(struct words *to, const struct words *from, enum mount_word_owner other)
{
	int r = from->failed ? words_fail(to) : 0;

	for (size_t i = 0; i < from->count && r == 0; i++)
		if (mount_word_owner(from->items[i]) != other)
			r = words_add(to, from->items[i]);
	return r;
}

/*
 * Mount options that would fight the agent, or mean nothing outside of fstab. A name that ends in
 * "=" or "-" stands for all that begin so, and so does one of Lustre's own, which the kernel knows
 * by its first letters (lmd_parse() of lustre/obdclass/obd_mount.c).
 */
static const struct {
	const char *name;
	const char *reason;
	bool is_lustres;
} refused[] = {
	{ "auto", "belongs to fstab, which is not used", false },
	{ "noauto", "belongs to fstab, which is not used", false },
	{ "nofail", "belongs to fstab, which is not used", false },
	{ "user", "belongs to fstab, which is not used", false },
	{ "users", "belongs to fstab, which is not used", false },
	{ "owner", "belongs to fstab, which is not used", false },
	{ "group", "belongs to fstab, which is not used", false },
	{ "x-", "belongs to fstab, which is not used", false },
	{ "comment=", "belongs to fstab, which is not used", false },
	{ "bind", "would mount something else", false },
	{ "rbind", "would mount something else", false },
	{ "move", "would mount something else", false },
	{ "remount", "would mount something else", false },
	{ "loop", "would mount something else", false },
	{ "loop=", "would mount something else", false },
	{ "offset=", "would mount something else", false },
	{ "device=", "comes from the target itself", true },
	{ "mgsnode=", "comes from the key mgs", true },
	{ "mgsname=", "comes from the key mgs", true },
	{ "svname=", "comes from the target itself", true },
	{ "osd=", "comes from the target itself", true },
	{ "nosvc", "would mount the target without serving it", true },
	{ "nomgs", "would mount the target without serving it", true },
	{ "writeconf", "would erase the configuration of the file system at each boot", true },
	{ "retry=", "would retry inside of mount; lustre-init retries by itself (mgs-timeout)",
	  true },
	{ "virgin", "is kept by the target itself", true },
	{ "update", "is kept by the target itself", true },
};

/* What mount.lustre adds to every mount of a target, whatever else is asked for. */
static const char *const refused_for_good[] = { "ro", "rdonly_dev" };

static bool is_refused(const char *word, size_t row)
{
	const char *name = refused[row].name;
	size_t length = strlen(name);
	bool by_start = refused[row].is_lustres || strchr("=-", name[length - 1]);

	return by_start ? strncasecmp(word, name, length) == 0 : strcmp(word, name) == 0;
}

static int check_mount_characters(const char *word, struct error *why)
{
	if (!isalnum((unsigned char)word[0]) && word[0] != '_')
		return error_set(why, -EINVAL, "%s does not begin with the name of an option",
				 quote(word).text);
	for (const char *p = word; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("_-=.:/@+", *p))
			return error_set(
				why, -EINVAL,
				"%s has a character that is not possible here; use letters, "
				"digits and _ - = . : / @ +",
				quote(word).text);
	return 0;
}

int mount_word_check(const char *word, struct error *why)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (is_refused(word, i))
			return error_set(why, -EINVAL, "%s %s; leave it out", quote(word).text,
					 refused[i].reason);
	return check_mount_characters(word, why);
}

int mount_words_check_for_good(const char *joined, struct error *why)
{
	cleanup(words_done) struct words words = { 0 };
	int r = words_split(&words, joined, ",") < 0 ? -ENOMEM : 0;

	for (size_t i = 0; i < words.count && r == 0; i++) {
		for (size_t j = 0; j < sizeof(refused_for_good) / sizeof(refused_for_good[0]); j++)
			if (strcmp(words.items[i], refused_for_good[j]) == 0)
				return error_set(why, -EINVAL,
						 "%s would be an option of every mount, and a "
						 "target that cannot be written serves nothing; "
						 "leave it out",
						 quote(words.items[i]).text);
		r = mount_word_check(words.items[i], why);
	}
	return r;
}
