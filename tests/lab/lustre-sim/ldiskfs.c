// SPDX-License-Identifier: Apache-2.0
#include "ldiskfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	OI_FILES = 64,
	LAST_RCVD_SIZE = 8448,
};

int ldiskfs_mount(const char *device, unsigned flags)
{
	int context = fsopen("ext4", FSOPEN_CLOEXEC), mount, r;

	if (context < 0)
		return -errno;
	if (fsconfig(context, FSCONFIG_SET_STRING, "source", device, 0) < 0 ||
	    fsconfig(context, FSCONFIG_SET_STRING, "errors", "remount-ro", 0) < 0 ||
	    ((flags & MOUNT_ATTR_RDONLY) &&
	     fsconfig(context, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0) ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) {
		r = -errno;
		close(context);
		return r;
	}
	mount = fsmount(context, FSMOUNT_CLOEXEC, flags);
	r = mount < 0 ? -errno : mount;
	close(context);
	return r;
}

int ldiskfs_attach(int mount, const char *directory)
{
	return move_mount(mount, "", AT_FDCWD, directory, MOVE_MOUNT_F_EMPTY_PATH) < 0 ? -errno : 0;
}

int ldiskfs_clear_update(int mount, const struct mountdata *data)
{
	struct mountdata cleared = *data;
	uint8_t bytes[MOUNTDATA_SIZE];
	int fd = openat(mount, "CONFIGS/mountdata", O_RDWR | O_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	cleared.flags &= ~(uint32_t)FLAG_UPDATE;
	mountdata_encode(&cleared, bytes);
	if (pwrite(fd, bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes) || fsync(fd) < 0)
		r = -EIO;
	close(fd);
	return r;
}

static int make_file(int mount, const char *name, size_t size, const char *text)
{
	int fd = openat(mount, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), r = 0;

	if (fd < 0)
		return -errno;
	if ((size && ftruncate(fd, (off_t)size) < 0) ||
	    write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		r = -errno;
	close(fd);
	return r;
}

static int make_folder(int mount, const char *name)
{
	return mkdirat(mount, name, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

int ldiskfs_make_index_files(int mount)
{
	char name[16];
	int r = make_folder(mount, "O");

	if (r == 0)
		r = make_file(mount, "OI_scrub", 0, "");
	for (int i = 0; i < OI_FILES && r == 0; i++) {
		snprintf(name, sizeof(name), "oi.16.%d", i);
		r = make_file(mount, name, 0, "");
	}
	return r;
}

static int make_configs(int mount, const struct mountdata *data, const char *nids)
{
	char name[96], text[640];
	int r = make_file(mount, "CONFIGS/params", 0, "");

	/* The MGS keeps its registry under the same names: there it is written already. */
	if (r < 0 || (data->flags & TARGET_MGS))
		return r;
	snprintf(name, sizeof(name), "CONFIGS/%s", data->svname);
	snprintf(text, sizeof(text), "state ok\nnids %s\n", nids);
	r = make_file(mount, name, 0, text);
	if (r < 0)
		return r;
	snprintf(name, sizeof(name), "CONFIGS/%s-client", data->fsname);
	return make_file(mount, name, 0, "");
}

int ldiskfs_make_service_files(int mount, const struct mountdata *data, const char *nids)
{
	static const char *const folders[] = { "index_backup", "quota_slave", "LFSCK" };
	static const char *const files[] = { "seq_srv",        "fld",
					     "health_check",   "nodemap",
					     "lfsck_bookmark", "lfsck_layout" };
	int r = 0;

	if (data->flags & TARGET_MDT)
		r = make_folder(mount, "ROOT");
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && r == 0; i++)
		r = make_folder(mount, folders[i]);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && r == 0; i++)
		r = make_file(mount, files[i], 0, "");
	if (r == 0)
		r = make_file(mount, "last_rcvd", LAST_RCVD_SIZE, data->svname);
	return r == 0 ? make_configs(mount, data, nids) : r;
}

int ldiskfs_has_local_log(int mount, const struct mountdata *data)
{
	char name[96];

	snprintf(name, sizeof(name), "CONFIGS/%s", data->svname);
	return faccessat(mount, name, F_OK, 0) == 0;
}

int ldiskfs_set_label(int mount, const char *label)
{
	char padded[FSLABEL_MAX] = "";
	int fd = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	snprintf(padded, sizeof(padded), "%s", label);
	if (ioctl(fd, FS_IOC_SETFSLABEL, padded) < 0)
		r = -errno;
	close(fd);
	return r;
}
