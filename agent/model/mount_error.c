/* SPDX-License-Identifier: Apache-2.0 */
#include "model/mount_error.h"

#include <errno.h>
#include <stddef.h>

#define KERNEL_LOG "see the kernel's log (dmesg)"

struct row {
	int code;
	struct mount_error target, client;
};

static const struct row rows[] = {
	{ EADDRINUSE,
	  { "the MGS says that this index is taken by another target",
	    "lustre-init plan tells what can be done about it", MOUNT_DECIDED },
	  { "LNET could not take its port: something else on this node uses TCP port 988",
	    "ss -tlnp 'sport = 988' names it; end it, then restart lustre-init", MOUNT_ENDS } },
	{ EALREADY,
	  { "a target of this name is running on this node already, from another mount point or "
	    "device",
	    "lctl dl shows it; unmount it, then restart lustre-init", MOUNT_ENDS },
	  { "another mount of this file system is under way on this node",
	    "lustre-init waits for it", MOUNT_RETRIED } },
	{ EEXIST,
	  { "its volume is mounted at this mount point already", "lustre-init looks again",
	    MOUNT_RETRIED },
	  { "the file system is mounted at this mount point already", "lustre-init looks again",
	    MOUNT_RETRIED } },
	{ ENOENT,
	  { "the MGS has no record of this target, though its volume says that it has served or "
	    "replaces one",
	    "check that mgs names the MGS of its file system; where that MGT was made anew, run "
	    "tunefs.lustre --writeconf on all targets of the file system",
	    MOUNT_ENDS },
	  { "the MGS does not know this file system yet",
	    "it does once the MDT has been mounted; if this stays, check fsname and mgs, and that "
	    "the directory that fileset names is there",
	    MOUNT_RETRIED } },
	{ EIO,
	  { "the MGS's node answers, but its MGS does not serve yet, or went away meanwhile",
	    "lustre-init status on that node tells more", MOUNT_RETRIED },
	  { "a server of the file system answered with an error",
	    "lustre-init status on the servers, and the kernel's log here, tell more",
	    MOUNT_RETRIED } },
	{ EBUSY,
	  { "its volume or mount point is still in use, as by an earlier mount that the kernel has "
	    "not given up yet",
	    "fuser -vm and lsblk name what uses it; within two minutes the kernel is done",
	    MOUNT_RETRIED },
	  { "the servers are recovering and take no new client before they are done, 5 minutes at "
	    "least",
	    "wait; or, where the old clients are gone for good, run lctl --device FSNAME-MDT0000 "
	    "abort_recovery on the MDS",
	    MOUNT_RETRIED } },
	{ ENODEV,
	  { "Lustre's modules could not be loaded, LNET could not start, or the volume holds no "
	    "complete target",
	    "lustre-init doctor tells which; " KERNEL_LOG, MOUNT_ENDS },
	  { "Lustre's client modules could not be loaded, or LNET could not start",
	    "lustre-init doctor tells which; " KERNEL_LOG, MOUNT_ENDS } },
	{ EINVAL,
	  { "mount.lustre refuses an option, or the target has no index",
	    "check mount-options; tunefs.lustre --dryrun shows the target's index", MOUNT_ENDS },
	  { "mount.lustre refuses an option or the address of the MGS",
	    "check mount-options, client-mount-options and mgs", MOUNT_ENDS } },
	{ ESHUTDOWN,
	  { "the MGS's node is up, but no MGS runs on it",
	    "lustre-init status on that node tells why", MOUNT_RETRIED },
	  { "the servers' nodes are up, but Lustre does not run on them",
	    "lustre-init status on the servers tells why", MOUNT_RETRIED } },
	{ ETIMEDOUT,
	  { "the MGS did not answer in time",
	    "check that its node is up and that its security group lets TCP port 988 in from "
	    "this one",
	    MOUNT_RETRIED },
	  { "the MGS, the MDS or every OSS did not answer in time",
	    "check that their nodes are up and that their security groups let TCP port 988 in "
	    "from this one",
	    MOUNT_RETRIED } },
	{ EHOSTUNREACH,
	  { "no host has the address of the MGS", "check mgs, and that its node runs",
	    MOUNT_RETRIED },
	  { "no host has the address of a server of the file system",
	    "check mgs, and that the servers run", MOUNT_RETRIED } },
	{ EAGAIN,
	  { "the kernel asks to try the target again", KERNEL_LOG, MOUNT_RETRIED },
	  { "the kernel asks to try the client again", KERNEL_LOG, MOUNT_RETRIED } },
	{ EINTR,
	  { "the target's mount was interrupted", "systemctl restart lustre-init tries again",
	    MOUNT_RETRIED },
	  { "the client's mount was interrupted", "systemctl restart lustre-init tries again",
	    MOUNT_RETRIED } },
};

static const struct mount_error unknown = { "mount.lustre failed in a way that is not known here",
					    KERNEL_LOG, MOUNT_ENDS };

const struct mount_error *mount_error_find(int code, bool is_client)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].code == code)
			return is_client ? &rows[i].client : &rows[i].target;
	return &unknown;
}
