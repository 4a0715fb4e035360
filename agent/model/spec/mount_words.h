/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whose a mount option is, and which are none for this. Lustre's client and its targets are both
 * mounted with -t lustre, and each fails (EINVAL) at an option that only the other has. Sources:
 * mount.lustre(8); Lustre's client options (lustre/llite), mount flags of targets
 * (lustre/obdclass/obd_mount.c) and ext4(5), which ldiskfs is made from.
 */

#include "base/error.h"
#include "base/words.h"

enum mount_word_owner {
	MOUNT_WORD_ANY, /* either takes it, or it is not known here */
	MOUNT_WORD_CLIENT,
	MOUNT_WORD_TARGET,
};

enum mount_word_owner mount_word_owner(const char *word);

/* Appends those of `from` that are not `other`'s alone. -ENOMEM is the only failure. */
int mount_words_add(struct words *to, const struct words *from, enum mount_word_owner other);

/* Whether one option may be given. -EINVAL: *why says what is wrong with it, and what to do. */
int mount_word_check(const char *word, struct error *why);

/*
 * The same of options that mkfs.lustre writes down in the target, "errors=remount-ro,acl": they are
 * joined to those of every later mount (mount_lustre.c, parse_ldd()). -ENOMEM, too.
 */
int mount_words_check_for_good(const char *joined, struct error *why);
