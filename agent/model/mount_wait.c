/* SPDX-License-Identifier: Apache-2.0 */
#include "model/mount_wait.h"

/* All of it measured. */
const char *mount_wait_sentence(enum mount_wait wait)
{
	switch (wait) {
	case MOUNT_WAIT_MGT:
		break;
	case MOUNT_WAIT_FIRST:
		return "the MGS first takes its locks back from every node, and where a client or "
		       "server has just died that takes up to 3 minutes";
	case MOUNT_WAIT_SERVED:
		return "where its MGS does not answer it is mounted without, after one to five "
		       "minutes";
	case MOUNT_WAIT_CLIENT:
		return "servers that have just restarted take no new client before their old ones "
		       "are back, or 5 minutes are over (the kernel's log says mds_connect … "
		       "failed: rc = -16 then); and it waits for an OST to be up";
	}
	return "";
}
