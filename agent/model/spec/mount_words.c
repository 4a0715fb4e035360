/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/mount_words.h"

#include <string.h>

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
