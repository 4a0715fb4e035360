// SPDX-License-Identifier: Apache-2.0
#include "attributes.h"

static void put_time(struct message *message, const struct timespec *time)
{
	put_u64(message, (uint64_t)time->tv_sec);
	put_u32(message, (uint32_t)time->tv_nsec);
}

static struct timespec get_time(struct message *message)
{
	struct timespec time = { .tv_sec = (time_t)get_u64(message) };

	time.tv_nsec = (long)get_u32(message);
	return time;
}

void put_times(struct message *message, const struct timespec times[static 2])
{
	put_time(message, &times[0]);
	put_time(message, &times[1]);
}

void get_times(struct message *message, struct timespec ret_times[static 2])
{
	ret_times[0] = get_time(message);
	ret_times[1] = get_time(message);
}

void put_stat(struct message *message, const struct stat *st)
{
	put_u64(message, st->st_ino);
	put_u32(message, st->st_mode);
	put_u32(message, (uint32_t)st->st_nlink);
	put_u32(message, st->st_uid);
	put_u32(message, st->st_gid);
	put_u64(message, (uint64_t)st->st_size);
	put_u64(message, (uint64_t)st->st_blocks);
	put_time(message, &st->st_atim);
	put_time(message, &st->st_mtim);
	put_time(message, &st->st_ctim);
}

void get_stat(struct message *message, struct stat *ret_st)
{
	*ret_st = (struct stat){ .st_ino = get_u64(message) };
	ret_st->st_mode = get_u32(message);
	ret_st->st_nlink = get_u32(message);
	ret_st->st_uid = get_u32(message);
	ret_st->st_gid = get_u32(message);
	ret_st->st_size = (off_t)get_u64(message);
	ret_st->st_blocks = (blkcnt_t)get_u64(message);
	ret_st->st_atim = get_time(message);
	ret_st->st_mtim = get_time(message);
	ret_st->st_ctim = get_time(message);
}

void put_statfs(struct message *message, const struct statvfs *fs, bool degraded)
{
	put_u64(message, fs->f_frsize);
	put_u64(message, fs->f_blocks);
	put_u64(message, fs->f_bfree);
	put_u64(message, fs->f_bavail);
	put_u64(message, fs->f_files);
	put_u64(message, fs->f_ffree);
	put_u32(message, degraded);
}

bool get_statfs(struct message *message, struct statvfs *ret_fs)
{
	*ret_fs = (struct statvfs){ .f_frsize = get_u64(message) };
	ret_fs->f_blocks = get_u64(message);
	ret_fs->f_bfree = get_u64(message);
	ret_fs->f_bavail = get_u64(message);
	ret_fs->f_files = get_u64(message);
	ret_fs->f_ffree = get_u64(message);
	ret_fs->f_bsize = ret_fs->f_frsize;
	return get_u32(message);
}
