// SPDX-License-Identifier: Apache-2.0
/* mount.lustre and umount.lustre, as mount(8) and umount(8) call them. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "disk.h"
#include "local.h"
#include "mount_target.h"
#include "tools.h"

/* A host that is gone answers no ARP for some 3 s. */
static const double disconnect_limit = 4;

struct arguments {
	struct mount_request request;
	char source[PATH_MAX], directory[PATH_MAX];
	const char *options;
	bool fake;
};

static void read_options(struct arguments *arguments)
{
	static const struct {
		const char *name;
		unsigned attribute;
	} known[] = {
		{ "ro", MOUNT_ATTR_RDONLY },       { "nosuid", MOUNT_ATTR_NOSUID },
		{ "nodev", MOUNT_ATTR_NODEV },     { "noexec", MOUNT_ATTR_NOEXEC },
		{ "noatime", MOUNT_ATTR_NOATIME },
	};
	char copy[1024], *rest = copy, *option;

	snprintf(copy, sizeof(copy), "%s", arguments->options);
	while ((option = strsep(&rest, ","))) {
		if (!strcmp(option, "nosvc"))
			arguments->request.no_service = true;
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
			if (!strcmp(option, known[i].name))
				arguments->request.attributes |= known[i].attribute;
		}
	}
}

/* /dev/dm-N becomes /dev/mapper/NAME (facts, surprise 10). */
static void resolve_source(const char *given, char source[static PATH_MAX])
{
	char real[PATH_MAX], path[PATH_MAX + 32], name[256];
	FILE *file;

	snprintf(source, PATH_MAX, "%s", given);
	if (!realpath(given, real))
		return;
	snprintf(source, PATH_MAX, "%s", real);
	if (strncmp(real, "/dev/dm-", 8) != 0)
		return;
	snprintf(path, sizeof(path), "/sys/block/%s/dm/name", real + 5);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(name, sizeof(name), file)) {
		name[strcspn(name, "\n")] = '\0';
		snprintf(source, PATH_MAX, "/dev/mapper/%s", name);
	}
	fclose(file);
}

static bool mounted_there(const struct arguments *arguments)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	bool found = false;

	if (!mounts)
		return false;
	while (!found && (entry = getmntent(mounts)))
		found = !strcmp(entry->mnt_fsname, arguments->source) &&
			!strcmp(entry->mnt_dir, arguments->directory);
	endmntent(mounts);
	return found;
}

static int usage(void)
{
	fprintf(stderr,
		"\nThis mount helper should only be invoked via the mount (8) command,\ne.g. "
		"mount -t lustre dev dir\n\nusage: mount.lustre [-fhnvV] [-o <mntopt>] <device> "
		"<mountpt>\n");
	return EINVAL;
}

static int read_arguments(int argc, char **argv, struct arguments *arguments)
{
	int code;

	while ((code = getopt(argc, argv, "fhno:vVsN:t:")) != -1) {
		if (code == 'o')
			arguments->options = optarg;
		else if (code == 'f')
			arguments->fake = true;
		else if (code == 'h' || code == '?')
			return usage();
	}
	if (optind + 2 > argc) {
		fprintf(stderr, "mount.lustre: too few arguments\n");
		return usage();
	}
	resolve_source(argv[optind], arguments->source);
	if (!realpath(argv[optind + 1], arguments->directory)) {
		int r = errno;

		fprintf(stderr, "warning: %s: cannot resolve: %s\n", argv[optind + 1], strerror(r));
		return r;
	}
	arguments->request.source = arguments->source;
	arguments->request.directory = arguments->directory;
	read_options(arguments);
	return 0;
}

static int tell(const struct arguments *arguments, int error)
{
	const char *source = arguments->source;

	fprintf(stderr, "mount.lustre: mount %s at %s failed: %s\n", source, arguments->directory,
		strerror(error));
	if (error == EBUSY)
		fprintf(stderr, "Is the backend filesystem mounted?\n Check /proc/mounts\n");
	else if (error == ENODEV)
		fprintf(stderr, "Are the lustre modules loaded?\n Check /etc/modprobe.conf and "
				"/proc/filesystems\n");
	else if (error == ENOENT)
		fprintf(stderr, "Is the MGS specification correct?\nIs the filesystem name "
				"correct?\nIf upgrading, is the copied client log valid? (see "
				"upgrade docs)\n");
	else if (error == EALREADY)
		fprintf(stderr, "The target service is already running. (%s)\n", source);
	else if (error == EIO)
		fprintf(stderr, "Is the MGS running?\n");
	else if (error == EADDRINUSE)
		fprintf(stderr, "The target service's index is already in use. (%s)\n", source);
	else if (error == EINVAL)
		fprintf(stderr, "This may have multiple causes.\nAre the mount options correct?\n"
				"Check the syslog for more info.\n");
	return error;
}

/* The client is a program of its own (it alone needs libfuse); it lies beside this one. */
static int mount_client(const struct conf *conf, const struct arguments *arguments)
{
	char own[PATH_MAX], program[PATH_MAX + 32];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	int r = local_autoload(conf);

	if (r < 0)
		return tell(arguments, -r);
	if (n < 0)
		return tell(arguments, errno);
	own[n] = '\0';
	*strrchr(own, '/') = '\0';
	snprintf(program, sizeof(program), "%s/lustre-sim-client", own);
	execl(program, "lustre-sim-client", arguments->source, arguments->directory,
	      arguments->options, (char *)NULL);
	return tell(arguments, errno);
}

int mount_main(const struct conf *conf, int argc, char **argv)
{
	struct arguments arguments = { .options = "" };
	bool told;
	int r = read_arguments(argc, argv, &arguments);

	if (r)
		return r;
	if (mounted_there(&arguments)) {
		fprintf(stderr,
			"mount.lustre: according to /etc/mtab %s is already mounted on %s\n",
			arguments.source, arguments.directory);
		return EEXIST;
	}
	if (arguments.fake)
		return 0;
	if (strstr(arguments.source, ":/"))
		return mount_client(conf, &arguments);
	r = mount_target(conf, &arguments.request, &told);
	return r == 0 || told ? r : tell(&arguments, r);
}

static void ask_simd(const struct conf *conf, enum operation operation, const char *directory)
{
	struct message message = { 0 };

	put_string(&message, directory);
	local_call(conf, operation, &message);
	message_done(&message);
}

/* The device that is mounted there; false where none is. */
static bool find_source(const char *directory, char source[static PATH_MAX])
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	bool found = false;

	if (!mounts)
		return false;
	while ((entry = getmntent(mounts))) {
		if (strcmp(entry->mnt_dir, directory) != 0)
			continue;
		found = entry->mnt_fsname[0] == '/';
		snprintf(source, PATH_MAX, "%s", entry->mnt_fsname);
	}
	endmntent(mounts);
	return found;
}

/* A target that is unmounted says so to its MGS; one that dies does not (facts 12). */
static void disconnect(const char *source)
{
	struct mountdata data;
	char list[NIDS_SIZE];

	if (disk_read_mountdata(source, &data) < 0)
		return;
	for (unsigned n = 0; mountdata_parameter(&data, "mgsnode", n, list, sizeof(list)); n++) {
		struct nid nids[NIDS_MAX];
		int count = nid_list_parse(list, nids, NIDS_MAX);

		for (int i = 0; i < count; i++) {
			struct message message = { 0 };
			int fd = nid_connect(&nids[i], disconnect_limit, disconnect_limit);
			int32_t status;

			put_string(&message, data.svname);
			if (fd >= 0) {
				wire_call(fd, OP_MGS_DISCONNECT, &message, &status);
				close(fd);
			}
			message_done(&message);
		}
	}
}

int umount_main(const struct conf *conf, int argc, char **argv)
{
	const char *directory = argc > 1 && argv[1][0] == '/' ? argv[1] : NULL;
	char source[PATH_MAX] = "";
	int flags = 0, code;
	bool target;

	while ((code = getopt(argc, argv, "fhlnrvN:t:")) != -1) {
		if (code == 'f')
			flags |= MNT_FORCE;
		else if (code == 'l')
			flags |= MNT_DETACH;
	}
	if (!directory && optind < argc)
		directory = argv[optind];
	if (!directory) {
		fprintf(stderr, "usage: umount.lustre <mountpt>\n");
		return EINVAL;
	}
	target = find_source(directory, source);
	ask_simd(conf, OP_TARGET_QUIESCE, directory);
	if (umount2(directory, flags) < 0) {
		fprintf(stderr, "umount.lustre: %s: %s\n", directory, strerror(errno));
		ask_simd(conf, OP_TARGET_RESUME, directory);
		return 32;
	}
	/* Any question makes lustre-simd look at its mounts: it has let go when we return. */
	ask_simd(conf, OP_DEVICES, directory);
	if (target)
		disconnect(source);
	return 0;
}
