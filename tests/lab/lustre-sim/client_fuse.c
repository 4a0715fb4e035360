// SPDX-License-Identifier: Apache-2.0
#include "client_fuse.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attributes.h"

/* An open file: where its bytes are, and whether some were written since the last flush. */
struct open_file {
	struct layout layout;
	atomic_bool dirty;
};

static struct client *client_of_call(void)
{
	return fuse_get_context()->private_data;
}

static struct open_file *opened(const struct fuse_file_info *info)
{
	return (struct open_file *)(uintptr_t)info->fh;
}

/* A request to the MDT starts with its name and a path. */
static struct message mdt_request(const struct client *client, const char *path)
{
	struct message request = { 0 };

	put_string(&request, client->mdt.name);
	put_string(&request, path);
	return request;
}

/*
 * Asks the MDT and frees the request. A request that had to be repeated may have been carried out
 * the first time: then `already` (EEXIST, ENOENT, or 0 for none) means success.
 */
static int ask_mdt(struct client *client, enum operation operation, struct message *request,
		   struct message *answer, int already)
{
	struct message own = { 0 };
	unsigned tries;
	int r = client_call(client, &client->mdt, operation, request, answer ? answer : &own,
			    &tries);

	if (tries > 1 && already && r == -already)
		r = 0;
	message_done(request);
	message_done(&own);
	return r;
}

/* A request to the OST that has the object starts with its name and the object. NULL: no such OST.
 */
static struct peer *ost_request(struct client *client, const struct layout *layout,
				struct message *request)
{
	struct peer *ost = client_ost(client, layout->ost);

	*request = (struct message){ 0 };
	if (!ost)
		return NULL;
	put_string(request, ost->name);
	put_u64(request, layout->sequence);
	put_u32(request, layout->number);
	return ost;
}

/* Asks the OST and frees the request. */
static int ask_ost(struct client *client, struct peer *ost, enum operation operation,
		   struct message *request, struct message *answer)
{
	struct message own = { 0 };
	int r = ost ? client_call(client, ost, operation, request, answer ? answer : &own, NULL)
		    : -EIO;

	message_done(request);
	message_done(&own);
	return r;
}

static int ask_object(struct client *client, enum operation operation, const struct layout *layout)
{
	struct message request;
	struct peer *ost = ost_request(client, layout, &request);

	return ask_ost(client, ost, operation, &request, NULL);
}

/* The object's size and times; an object that is not there is empty. */
static int add_object_attributes(struct client *client, const struct layout *layout,
				 struct stat *st)
{
	struct message request, answer = { 0 };
	struct peer *ost = ost_request(client, layout, &request);
	struct stat object;
	int r = ask_ost(client, ost, OP_OST_GETATTR, &request, &answer);

	if (r == 0) {
		get_stat(&answer, &object);
		st->st_size = object.st_size;
		st->st_blocks = object.st_blocks;
		st->st_mtim = object.st_mtim;
		st->st_atim = object.st_atim;
	}
	message_done(&answer);
	return r == -ENOENT ? 0 : r;
}

/* Attributes as the MDT has them, and the layout (false in `ret_has` if there is none). */
static int mdt_getattr(struct client *client, const char *path, struct stat *ret_st,
		       struct layout *ret_layout, bool *ret_has)
{
	struct message request = mdt_request(client, path), answer = { 0 };
	char layout[LAYOUT_SIZE] = "";
	int r = ask_mdt(client, OP_MDT_GETATTR, &request, &answer, 0);

	if (r == 0) {
		get_stat(&answer, ret_st);
		get_string(&answer, layout, sizeof(layout));
		*ret_has = layout_parse(layout, ret_layout);
	}
	message_done(&answer);
	return r;
}

static const char *root_of(const struct client *client)
{
	return *client->fileset ? client->fileset : "/";
}

/*
 * The root is stat'ed by umount(8), df and systemd, which must not hang on a server that is away:
 * its attributes are then the ones last seen, as a real client keeps them under its lock.
 */
static int root_getattr(struct client *client, struct stat *st)
{
	struct message request = mdt_request(client, root_of(client)), answer = { 0 };
	int32_t status = -ENODEV;
	int r = -ENODEV;

	if (atomic_load(&client->mdt.up))
		r = peer_call(&client->mdt, OP_MDT_GETATTR, &request, &answer, &status);
	pthread_mutex_lock(&client->lock);
	if (r == 0 && status == 0)
		get_stat(&answer, &client->root);
	*st = client->root;
	pthread_mutex_unlock(&client->lock);
	message_done(&request);
	message_done(&answer);
	return st->st_ino ? 0 : -EIO;
}

static int op_getattr(const char *path, struct stat *st, struct fuse_file_info *info)
{
	struct client *client = client_of_call();
	struct layout layout;
	bool has = false;
	int r;

	(void)info;
	if (!strcmp(path, root_of(client)))
		return root_getattr(client, st);
	r = mdt_getattr(client, path, st, &layout, &has);
	if (r == 0 && has && S_ISREG(st->st_mode))
		r = add_object_attributes(client, &layout, st);
	return r;
}

static int op_readlink(const char *path, char *buffer, size_t size)
{
	struct client *client = client_of_call();
	struct message request = mdt_request(client, path), answer = { 0 };
	int r = ask_mdt(client, OP_MDT_READLINK, &request, &answer, 0);

	if (r == 0) {
		size_t length;
		const uint8_t *bytes = get_bytes(&answer, &length);

		snprintf(buffer, size, "%.*s", (int)length, bytes ? (const char *)bytes : "");
	}
	message_done(&answer);
	return r;
}

static int op_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
		      struct fuse_file_info *info, enum fuse_readdir_flags flags)
{
	struct client *client = client_of_call();
	struct message request = mdt_request(client, path), answer = { 0 };
	char name[NAME_MAX + 1];
	int r = ask_mdt(client, OP_MDT_READDIR, &request, &answer, 0);

	(void)offset;
	(void)info;
	(void)flags;
	while (r == 0 && answer.position < answer.length && !answer.bad) {
		struct stat st = { 0 };

		get_string(&answer, name, sizeof(name));
		st.st_ino = get_u64(&answer);
		st.st_mode = get_u32(&answer);
		if (!answer.bad && fill(buffer, name, &st, 0, 0))
			break;
	}
	message_done(&answer);
	return r;
}

static void put_owner(struct message *request)
{
	put_u32(request, fuse_get_context()->uid);
	put_u32(request, fuse_get_context()->gid);
}

static int op_mkdir(const char *path, mode_t mode)
{
	struct client *client = client_of_call();
	struct message request = mdt_request(client, path);

	put_u32(&request, mode);
	put_owner(&request);
	return ask_mdt(client, OP_MDT_MKDIR, &request, NULL, EEXIST);
}

static int op_symlink(const char *to, const char *path)
{
	struct client *client = client_of_call();
	struct message request = mdt_request(client, path);

	put_owner(&request);
	put_string(&request, to);
	return ask_mdt(client, OP_MDT_SYMLINK, &request, NULL, EEXIST);
}

/* After a name is gone, its object may go too; if the OST is away, it stays behind as garbage. */
static void destroy_object(struct client *client, struct message *answer)
{
	char text[LAYOUT_SIZE] = "";
	struct layout layout;
	struct peer *ost;

	get_string(answer, text, sizeof(text));
	if (answer->bad || !layout_parse(text, &layout))
		return;
	ost = client_ost(client, layout.ost);
	if (ost && atomic_load(&ost->up))
		ask_object(client, OP_OST_DESTROY, &layout);
}

static int op_unlink(const char *path)
{
	struct client *client = client_of_call();
	struct message request = mdt_request(client, path), answer = { 0 };
	int r = ask_mdt(client, OP_MDT_UNLINK, &request, &answer, ENOENT);

	if (r == 0)
		destroy_object(client, &answer);
	message_done(&answer);
	return r;
}

static int op_rmdir(const char *path)
{
	struct client *client = client_of_call();
	struct message request = mdt_request(client, path);

	return ask_mdt(client, OP_MDT_RMDIR, &request, NULL, ENOENT);
}

static int op_rename(const char *from, const char *to, unsigned flags)
{
	struct client *client = client_of_call();
	struct message request = mdt_request(client, from), answer = { 0 };
	int r;

	put_string(&request, to);
	put_u32(&request, flags);
	r = ask_mdt(client, OP_MDT_RENAME, &request, &answer, ENOENT);
	if (r == 0)
		destroy_object(client, &answer);
	message_done(&answer);
	return r;
}

static int op_chmod(const char *path, mode_t mode, struct fuse_file_info *info)
{
	struct client *client = client_of_call();
	struct message request = mdt_request(client, path);

	(void)info;
	put_u32(&request, mode);
	return ask_mdt(client, OP_MDT_CHMOD, &request, NULL, 0);
}

static int op_chown(const char *path, uid_t uid, gid_t gid, struct fuse_file_info *info)
{
	struct client *client = client_of_call();
	struct message request = mdt_request(client, path);

	(void)info;
	put_u32(&request, uid);
	put_u32(&request, gid);
	return ask_mdt(client, OP_MDT_CHOWN, &request, NULL, 0);
}

static int op_utimens(const char *path, const struct timespec times[2], struct fuse_file_info *info)
{
	struct client *client = client_of_call();
	struct message request = mdt_request(client, path);
	struct layout layout;
	struct peer *ost;
	struct stat st;
	bool has = false;
	int r;

	(void)info;
	put_times(&request, times);
	r = ask_mdt(client, OP_MDT_UTIMENS, &request, NULL, 0);
	if (r == 0)
		r = mdt_getattr(client, path, &st, &layout, &has);
	if (r < 0 || !has)
		return r;
	/* While there is an object, its times count. */
	ost = ost_request(client, &layout, &request);
	put_times(&request, times);
	r = ask_ost(client, ost, OP_OST_UTIMENS, &request, NULL);
	return r == -ENOENT ? 0 : r;
}

static int truncate_object(struct client *client, const struct layout *layout, off_t size)
{
	struct message request;
	struct peer *ost = ost_request(client, layout, &request);

	put_u64(&request, (uint64_t)size);
	return ask_ost(client, ost, OP_OST_TRUNCATE, &request, NULL);
}

static int op_truncate(const char *path, off_t size, struct fuse_file_info *info)
{
	struct client *client = client_of_call();
	struct layout layout = { 0 };
	struct stat st;
	bool has = false;
	int r = 0;

	if (info && info->fh) {
		atomic_store(&opened(info)->dirty, true);
		return truncate_object(client, &opened(info)->layout, size);
	}
	r = mdt_getattr(client, path, &st, &layout, &has);
	if (r < 0)
		return r;
	return has ? truncate_object(client, &layout, size) : -EINVAL;
}

static int set_opened(struct fuse_file_info *info, const struct layout *layout)
{
	struct open_file *file = calloc(1, sizeof(*file));

	if (!file)
		return -ENOMEM;
	file->layout = *layout;
	info->fh = (uint64_t)(uintptr_t)file;
	return 0;
}

static int op_open(const char *path, struct fuse_file_info *info)
{
	struct client *client = client_of_call();
	struct layout layout = { 0 };
	struct stat st;
	bool has = false;
	int r = mdt_getattr(client, path, &st, &layout, &has);

	if (r < 0)
		return r;
	return has ? set_opened(info, &layout) : -EIO;
}

static int op_create(const char *path, mode_t mode, struct fuse_file_info *info)
{
	struct client *client = client_of_call();
	struct message request;
	char text[LAYOUT_SIZE];
	struct layout layout;
	int r = client_new_layout(client, &layout);

	if (r < 0)
		return r;
	layout_format(&layout, text);
	request = mdt_request(client, path);
	put_u32(&request, mode);
	put_owner(&request);
	put_string(&request, text);
	r = ask_mdt(client, OP_MDT_CREATE, &request, NULL, EEXIST);
	if (r == -EEXIST && !(info->flags & O_EXCL))
		return op_open(path, info);
	return r < 0 ? r : set_opened(info, &layout);
}

static int op_read(const char *path, char *buffer, size_t size, off_t offset,
		   struct fuse_file_info *info)
{
	struct client *client = client_of_call();
	struct message request, answer = { 0 };
	struct peer *ost = ost_request(client, &opened(info)->layout, &request);
	size_t done = 0, length;
	int r;

	(void)path;
	if (size > WIRE_DATA_MAX)
		size = WIRE_DATA_MAX;
	put_u64(&request, (uint64_t)offset);
	put_u32(&request, (uint32_t)size);
	r = ask_ost(client, ost, OP_OST_READ, &request, &answer);
	while (r == 0 && answer.position < answer.length && !answer.bad) {
		const uint8_t *bytes = get_bytes(&answer, &length);

		if (!bytes || length > size - done)
			break;
		memcpy(buffer + done, bytes, length);
		done += length;
	}
	message_done(&answer);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return (int)done;
}

static int op_write(const char *path, const char *buffer, size_t size, off_t offset,
		    struct fuse_file_info *info)
{
	struct client *client = client_of_call();
	struct message request;
	struct peer *ost = ost_request(client, &opened(info)->layout, &request);
	int r;

	(void)path;
	if (size > WIRE_DATA_MAX)
		size = WIRE_DATA_MAX;
	atomic_store(&opened(info)->dirty, true);
	put_u64(&request, (uint64_t)offset);
	put_bytes(&request, buffer, size);
	r = ask_ost(client, ost, OP_OST_WRITE, &request, NULL);
	return r < 0 ? r : (int)size;
}

/* The bytes to the OST's disk, then the name to the MDT's. */
static int flush_file(struct client *client, struct open_file *file)
{
	struct message request;
	int r = ask_object(client, OP_OST_SYNC, &file->layout);

	if (r < 0 && r != -ENOENT)
		return r;
	request = (struct message){ 0 };
	put_string(&request, client->mdt.name);
	r = ask_mdt(client, OP_MDT_SYNC, &request, NULL, 0);
	if (r == 0)
		atomic_store(&file->dirty, false);
	return r;
}

static int op_fsync(const char *path, int data_only, struct fuse_file_info *info)
{
	(void)path;
	(void)data_only;
	return flush_file(client_of_call(), opened(info));
}

/*
 * close(2) of a file that was written flushes it. A real client keeps what the server has not
 * committed and replays it after a crash; this stands in for that.
 */
static int op_flush(const char *path, struct fuse_file_info *info)
{
	(void)path;
	return atomic_load(&opened(info)->dirty) ? flush_file(client_of_call(), opened(info)) : 0;
}

static int op_release(const char *path, struct fuse_file_info *info)
{
	(void)path;
	free(opened(info));
	return 0;
}

static int op_fsyncdir(const char *path, int data_only, struct fuse_file_info *info)
{
	struct client *client = client_of_call();
	struct message request = { 0 };

	(void)path;
	(void)data_only;
	(void)info;
	put_string(&request, client->mdt.name);
	return ask_mdt(client, OP_MDT_SYNC, &request, NULL, 0);
}

static int op_statfs(const char *path, struct statvfs *fs)
{
	(void)path;
	return client_statfs(client_of_call(), fs);
}

/* Runs in the daemon, after the fork: threads start here. */
static void *op_init(struct fuse_conn_info *connection, struct fuse_config *config)
{
	struct client *client = client_of_call();
	pthread_t thread;

	connection->max_write = WIRE_DATA_MAX;
	/* Else the kernel asks for attributes before each read: two requests to servers. Every open
	 * asks anyway, and drops what it had of the file. */
	connection->want &= ~(unsigned)FUSE_CAP_AUTO_INVAL_DATA;
	config->use_ino = 1;
	/* Other clients change the same files: nothing is cached for long. */
	config->attr_timeout = 0;
	config->entry_timeout = 0;
	config->negative_timeout = 0;
	if (pthread_create(&thread, NULL, client_watch_thread, client) == 0)
		pthread_detach(thread);
	return client;
}

const struct fuse_operations client_operations = {
	.getattr = op_getattr,
	.readlink = op_readlink,
	.readdir = op_readdir,
	.mkdir = op_mkdir,
	.symlink = op_symlink,
	.unlink = op_unlink,
	.rmdir = op_rmdir,
	.rename = op_rename,
	.chmod = op_chmod,
	.chown = op_chown,
	.utimens = op_utimens,
	.truncate = op_truncate,
	.open = op_open,
	.create = op_create,
	.read = op_read,
	.write = op_write,
	.fsync = op_fsync,
	.flush = op_flush,
	.release = op_release,
	.fsyncdir = op_fsyncdir,
	.statfs = op_statfs,
	.init = op_init,
};
