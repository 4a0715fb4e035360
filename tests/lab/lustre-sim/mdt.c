// SPDX-License-Identifier: Apache-2.0
#include "mdt.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "attributes.h"
#include "layout.h"
#include "targets.h"

enum { READDIR_MAX = 20000 };

/* A name of the tree, open: the folder that holds it, and its last part ("." for the root). */
struct place {
	int folder;
	char name[NAME_MAX + 1];
};

/* Opens a folder below ROOT; symbolic links are the client's business, never followed here. */
static int open_below(int root, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS };
	long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

static int find_place(int tree, const char *path, struct place *ret_place)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	if (!strcmp(name, "..") || (!strcmp(name, ".") && strcmp(path, ".") != 0))
		return -EINVAL;
	if (strlen(name) > NAME_MAX)
		return -ENAMETOOLONG;
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 0, path);
	ret_place->folder = open_below(tree, *folder ? folder : ".");
	if (ret_place->folder < 0)
		return ret_place->folder;
	snprintf(ret_place->name, sizeof(ret_place->name), "%.*s", NAME_MAX, *name ? name : ".");
	return 0;
}

static int get_place(int tree, struct message *message, struct place *ret_place)
{
	char path[PATH_MAX];

	get_string(message, path, sizeof(path));
	return message->bad ? -EINVAL : find_place(tree, path, ret_place);
}

/* Empty if the file has no objects. */
static void read_layout(const struct place *place, char layout[static LAYOUT_SIZE])
{
	int fd = openat(place->folder, place->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0) {
		n = fgetxattr(fd, LAYOUT_ATTRIBUTE, layout, LAYOUT_SIZE - 1);
		close(fd);
	}
	layout[n < 0 ? 0 : n] = '\0';
}

static int answer_attributes(const struct place *place, struct message *message)
{
	char layout[LAYOUT_SIZE] = "";
	struct stat st;

	if (fstatat(place->folder, place->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISREG(st.st_mode))
		read_layout(place, layout);
	message_reset(message);
	put_stat(message, &st);
	put_string(message, layout);
	return 0;
}

static int answer_entries(const struct place *place, struct message *message)
{
	int fd = openat(place->folder, place->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), count = 0;
	struct dirent *entry;
	DIR *folder;

	if (fd < 0)
		return -errno;
	folder = fdopendir(fd);
	if (!folder) {
		close(fd);
		return -ENOMEM;
	}
	message_reset(message);
	while (count < READDIR_MAX && (entry = readdir(folder))) {
		put_string(message, entry->d_name);
		put_u64(message, entry->d_ino);
		put_u32(message, (uint32_t)DTTOIF(entry->d_type));
		count++;
	}
	closedir(folder);
	return message->bad ? -E2BIG : 0;
}

static int create_file(const struct place *place, struct message *message)
{
	mode_t mode = get_u32(message);
	uid_t uid = get_u32(message);
	gid_t gid = get_u32(message);
	char layout[LAYOUT_SIZE];
	int fd, r = 0;

	get_string(message, layout, sizeof(layout));
	if (message->bad)
		return -EINVAL;
	fd = openat(place->folder, place->name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0)
		return -errno;
	if (fsetxattr(fd, LAYOUT_ATTRIBUTE, layout, strlen(layout), 0) < 0 ||
	    fchown(fd, uid, gid) < 0 || fchmod(fd, mode & 07777) < 0)
		r = -errno;
	close(fd);
	if (r < 0)
		unlinkat(place->folder, place->name, 0);
	return r;
}

static int make_folder(const struct place *place, struct message *message)
{
	mode_t mode = get_u32(message);
	uid_t uid = get_u32(message);
	gid_t gid = get_u32(message);

	if (message->bad)
		return -EINVAL;
	if (mkdirat(place->folder, place->name, mode & 07777) < 0 ||
	    fchownat(place->folder, place->name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

static int make_symlink(const struct place *place, struct message *message)
{
	uid_t uid = get_u32(message);
	gid_t gid = get_u32(message);
	char to[PATH_MAX];

	get_string(message, to, sizeof(to));
	if (message->bad)
		return -EINVAL;
	if (symlinkat(to, place->folder, place->name) < 0 ||
	    fchownat(place->folder, place->name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

static int answer_link(const struct place *place, struct message *message)
{
	char to[PATH_MAX];
	ssize_t n = readlinkat(place->folder, place->name, to, sizeof(to) - 1);

	if (n < 0)
		return -errno;
	to[n] = '\0';
	message_reset(message);
	put_string(message, to);
	return 0;
}

/* Answers with the layout, so that the client can destroy the object. */
static int unlink_file(const struct place *place, struct message *message)
{
	char layout[LAYOUT_SIZE];

	read_layout(place, layout);
	if (unlinkat(place->folder, place->name, 0) < 0)
		return -errno;
	message_reset(message);
	put_string(message, layout);
	return 0;
}

/* Answers with the layout of the file that was replaced, if there was one. */
static int rename_entry(int tree, const struct place *from, struct message *message)
{
	char layout[LAYOUT_SIZE] = "";
	struct place to;
	unsigned flags;
	int r = get_place(tree, message, &to);

	if (r < 0)
		return r;
	flags = get_u32(message);
	if (!(flags & RENAME_EXCHANGE))
		read_layout(&to, layout);
	if (message->bad)
		r = -EINVAL;
	else if (renameat2(from->folder, from->name, to.folder, to.name, flags) < 0)
		r = -errno;
	close(to.folder);
	if (r < 0)
		return r;
	message_reset(message);
	put_string(message, layout);
	return 0;
}

static int change_attributes(enum operation operation, const struct place *place,
			     struct message *message)
{
	struct timespec times[2];
	uid_t uid;
	gid_t gid;
	int r = -1;

	switch ((int)operation) {
	case OP_MDT_CHMOD:
		r = fchmodat(place->folder, place->name, get_u32(message) & 07777, 0);
		break;
	case OP_MDT_CHOWN:
		uid = get_u32(message);
		gid = get_u32(message);
		r = fchownat(place->folder, place->name, uid, gid, AT_SYMLINK_NOFOLLOW);
		break;
	case OP_MDT_UTIMENS:
		get_times(message, times);
		r = utimensat(place->folder, place->name, times, AT_SYMLINK_NOFOLLOW);
		break;
	}
	return r < 0 ? -errno : 0;
}

static int at_place(enum operation operation, int tree, const struct place *place,
		    struct message *message)
{
	switch ((int)operation) {
	case OP_MDT_GETATTR:
		return answer_attributes(place, message);
	case OP_MDT_READDIR:
		return answer_entries(place, message);
	case OP_MDT_MKDIR:
		return make_folder(place, message);
	case OP_MDT_CREATE:
		return create_file(place, message);
	case OP_MDT_SYMLINK:
		return make_symlink(place, message);
	case OP_MDT_READLINK:
		return answer_link(place, message);
	case OP_MDT_UNLINK:
		return unlink_file(place, message);
	case OP_MDT_RMDIR:
		return unlinkat(place->folder, place->name, AT_REMOVEDIR) < 0 ? -errno : 0;
	case OP_MDT_RENAME:
		return rename_entry(tree, place, message);
	}
	return change_attributes(operation, place, message);
}

static int in_tree(enum operation operation, int root, struct message *message)
{
	struct place place;
	int tree = openat(root, "ROOT", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (tree < 0)
		return -EIO;
	if (operation == OP_MDT_SYNC) {
		r = syncfs(tree) < 0 ? -errno : 0;
	} else {
		r = get_place(tree, message, &place);
		if (r == 0) {
			r = at_place(operation, tree, &place, message);
			close(place.folder);
		}
	}
	close(tree);
	return r;
}

int mdt_handle(struct simd *simd, enum operation operation, struct message *message)
{
	struct target *target;
	char name[NAME_SIZE];
	int root, r;

	get_string(message, name, sizeof(name));
	if (message->bad)
		return -EINVAL;
	root = targets_get(simd, name, &target);
	if (root < 0)
		return root;
	r = in_tree(operation, root, message);
	targets_put(simd, target, root);
	return r;
}
