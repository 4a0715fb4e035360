// SPDX-License-Identifier: Apache-2.0
/* `lfs df`: one line per target, waiting for those that are away (facts, surprise 15). */
#include <errno.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attributes.h"
#include "peer.h"
#include "tools.h"

struct mounted {
	char nids[NIDS_SIZE], fsname[NAME_SIZE], directory[256];
};

struct totals {
	unsigned long long size, used, available;
};

static bool find_mount(const char *path, struct mounted *ret_mounted)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	bool found = false;

	if (!mounts)
		return false;
	while (!found && (entry = getmntent(mounts))) {
		const char *slash = strstr(entry->mnt_fsname, ":/");

		if (strcmp(entry->mnt_type, "fuse.lustre") != 0 || !slash ||
		    (path && strcmp(path, entry->mnt_dir) != 0))
			continue;
		snprintf(ret_mounted->nids, sizeof(ret_mounted->nids), "%.*s",
			 (int)(slash - entry->mnt_fsname), entry->mnt_fsname);
		snprintf(ret_mounted->fsname, sizeof(ret_mounted->fsname), "%.*s",
			 (int)strcspn(slash + 2, "/"), slash + 2);
		snprintf(ret_mounted->directory, sizeof(ret_mounted->directory), "%s",
			 entry->mnt_dir);
		found = true;
	}
	endmntent(mounts);
	return found;
}

static int ask_until_up(const struct conf *conf, struct peer *peer, enum operation operation,
			const struct message *request, struct message *answer)
{
	int32_t status;

	while (peer_call(peer, operation, request, answer, &status) < 0)
		sleep_seconds(conf_seconds(conf, 1));
	return status;
}

static void print_line(const char *name, unsigned long long size, unsigned long long used,
		       unsigned long long available, const char *where)
{
	unsigned long long all = used + available;

	printf("%-22s %11llu %11llu %11llu %3llu%% %s\n", name, size, used, available,
	       all ? (used * 100 + all - 1) / all : 0, where);
}

static void show_target(const struct conf *conf, const struct mounted *mounted, const char *name,
			const char *nids, struct totals *totals)
{
	struct message request = { 0 }, answer = { 0 };
	char uuid[64], where[320];
	struct statvfs fs;
	struct peer peer;

	if (peer_init(&peer, name, nids) < 0)
		return;
	put_string(&request, name);
	if (ask_until_up(conf, &peer, OP_STATFS, &request, &answer) == 0) {
		const char *kind = name + strlen(name) - 7;
		unsigned long long block = 0;

		get_statfs(&answer, &fs);
		block = fs.f_frsize / 1024;
		snprintf(uuid, sizeof(uuid), "%s_UUID", name);
		snprintf(where, sizeof(where), "%s[%.3s:%ld]", mounted->directory, kind,
			 strtol(kind + 3, NULL, 16));
		print_line(uuid, fs.f_blocks * block, (fs.f_blocks - fs.f_bfree) * block,
			   fs.f_bavail * block, where);
		if (!strncmp(kind, "OST", 3)) {
			totals->size += fs.f_blocks * block;
			totals->used += (fs.f_blocks - fs.f_bfree) * block;
			totals->available += fs.f_bavail * block;
		}
	}
	message_done(&request);
	message_done(&answer);
	peer_done(&peer);
}

static int show(const struct conf *conf, const struct mounted *mounted)
{
	struct message request = { 0 }, answer = { 0 };
	struct totals totals = { 0 };
	char name[NAME_SIZE], nids[NIDS_SIZE];
	struct peer mgs;
	int r;

	if (peer_init(&mgs, "MGS", mounted->nids) < 0)
		return EINVAL;
	put_string(&request, mounted->fsname);
	r = ask_until_up(conf, &mgs, OP_MGS_TARGETS, &request, &answer);
	printf("%-22s %11s %11s %11s %4s %s\n", "UUID", "1K-blocks", "Used", "Available", "Use%",
	       "Mounted on");
	for (uint32_t count = r == 0 ? get_u32(&answer) : 0; count > 0 && !answer.bad; count--) {
		get_string(&answer, name, sizeof(name));
		get_string(&answer, nids, sizeof(nids));
		if (*nids)
			show_target(conf, mounted, name, nids, &totals);
	}
	printf("\n");
	print_line("filesystem_summary:", totals.size, totals.used, totals.available,
		   mounted->directory);
	message_done(&request);
	message_done(&answer);
	peer_done(&mgs);
	return -r;
}

int lfs_main(const struct conf *conf, int argc, char **argv)
{
	struct mounted mounted;
	const char *path = NULL;

	if (argc < 2 || strcmp(argv[1], "df") != 0) {
		fprintf(stderr, "usage: lfs df [-h] [PATH]\n");
		return 1;
	}
	for (int i = 2; i < argc; i++) {
		if (argv[i][0] != '-')
			path = argv[i];
	}
	if (!find_mount(path, &mounted)) {
		fprintf(stderr, "lfs df: '%s' not a Lustre file system\n", path ? path : "");
		return ENOENT;
	}
	return show(conf, &mounted);
}
