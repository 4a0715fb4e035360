// SPDX-License-Identifier: Apache-2.0
#include "parameters.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "exports.h"
#include "mountdata.h"
#include "registry.h"
#include "target_name.h"
#include "targets.h"

enum { TEXT_SIZE = 16384 };

__attribute__((format(printf, 2, 3))) static void append(char *text, const char *format, ...)
{
	size_t used = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + used, TEXT_SIZE - used, format, arguments);
	va_end(arguments);
}

static void device(char *text, int *number, const char *type, const char *name, const char *uuid)
{
	append(text, "%3d UP %s %s %s 5\n", (*number)++, type, name, uuid);
}

static void target_devices(const struct target *target, char *text, int *number)
{
	char osd[64], uuid[64];

	snprintf(osd, sizeof(osd), "%s-osd", target->name);
	snprintf(uuid, sizeof(uuid), "%s-osd_UUID", target->name);
	device(text, number, "osd-ldiskfs", osd, uuid);
	if (target->flags & TARGET_MGS)
		device(text, number, "mgs", "MGS", "MGS");
	snprintf(uuid, sizeof(uuid), "%s_UUID", target->name);
	if (target->flags & TARGET_MDT) {
		device(text, number, "mds", "MDS", "MDS_uuid");
		device(text, number, "mdt", target->name, uuid);
	} else if (target->flags & TARGET_OST) {
		device(text, number, "ost", "OSS", "OSS_uuid");
		device(text, number, "obdfilter", target->name, uuid);
	}
}

int parameters_devices(struct simd *simd, struct message *message)
{
	char text[TEXT_SIZE] = "";
	int number = 0;

	targets_sweep(simd);
	for (size_t i = 0; i < TARGETS_MAX; i++) {
		if (simd->targets[i].phase == TARGET_SERVING)
			target_devices(&simd->targets[i], text, &number);
	}
	message_reset(message);
	put_string(message, text);
	return 0;
}

__attribute__((format(printf, 3, 4))) static void
put_pair(struct message *message, const char *name, const char *format, ...)
{
	char value[TEXT_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(value, sizeof(value), format, arguments);
	va_end(arguments);
	put_string(message, name);
	put_string(message, value);
}

static void put_sizes(struct message *message, const char *prefix, const struct statvfs *fs)
{
	const struct {
		const char *name;
		unsigned long long value;
	} sizes[] = {
		{ "kbytestotal", fs->f_blocks * (fs->f_frsize / 1024) },
		{ "kbytesfree", fs->f_bfree * (fs->f_frsize / 1024) },
		{ "kbytesavail", fs->f_bavail * (fs->f_frsize / 1024) },
		{ "filestotal", fs->f_files },
		{ "filesfree", fs->f_ffree },
	};
	char name[128];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		snprintf(name, sizeof(name), "%s.%s", prefix, sizes[i].name);
		put_pair(message, name, "%llu", sizes[i].value);
	}
}

/* D: degraded, R: an error made it read-only, f: no disk that turns. */
static void put_state(struct message *message, const char *prefix, const struct target *target,
		      const struct statvfs *fs)
{
	char name[128];

	snprintf(name, sizeof(name), "%s.statfs_state", prefix);
	put_pair(message, name, "%s%sf", target->degraded ? "D" : "",
		 fs->f_flag & ST_RDONLY ? "R" : "");
	snprintf(name, sizeof(name), "%s.degraded", prefix);
	put_pair(message, name, "%d", target->degraded);
}

static void put_served(struct message *message, const struct target *target,
		       const struct statvfs *fs)
{
	char prefix[64], name[128];

	snprintf(prefix, sizeof(prefix), "%s.%s", target->flags & TARGET_OST ? "obdfilter" : "mdt",
		 target->name);
	snprintf(name, sizeof(name), "%s.uuid", prefix);
	put_pair(message, name, "%s_UUID", target->name);
	snprintf(name, sizeof(name), "%s.num_exports", prefix);
	put_pair(message, name, "%u", target->users);
	snprintf(name, sizeof(name), "%s.recovery_status", prefix);
	put_pair(message, name, "status: INACTIVE");
	if (target->flags & TARGET_OST)
		put_state(message, prefix, target, fs);
	put_sizes(message, prefix, fs);
}

static void put_target(struct message *message, const struct target *target,
		       const struct statvfs *fs)
{
	char prefix[64], name[128];

	if (target->flags & (TARGET_OST | TARGET_MDT))
		put_served(message, target, fs);
	snprintf(prefix, sizeof(prefix), "osd-ldiskfs.%s", target->name);
	snprintf(name, sizeof(name), "%s.mntdev", prefix);
	put_pair(message, name, "%s", target->device);
	snprintf(name, sizeof(name), "%s.fstype", prefix);
	put_pair(message, name, "ldiskfs");
	put_sizes(message, prefix, fs);
}

/* The registry as mgs.MGS.filesystems and mgs.MGS.live.<fsname> show it. */
static void put_registry(struct message *message, const struct registry_entry *entries, int count)
{
	char live[TEXT_SIZE], all[TEXT_SIZE] = "", name[64];
	struct target_name target, first;

	for (int i = 0; i < count;) {
		if (!target_name_parse(entries[i].name, &first))
			break;
		append(all, "%s%s", *all ? "\n" : "", first.fsname);
		snprintf(live, sizeof(live), "fsname: %s\nflags: 0x20     gen: 1\n", first.fsname);
		for (; i < count && target_name_parse(entries[i].name, &target) &&
		       !strcmp(target.fsname, first.fsname);
		     i++)
			append(live, "%s\n", entries[i].name);
		append(live, "\nSecure RPC Config Rules:\n\nimperative_recovery_state:\n"
			     "    state: full\n    nonir_clients: 0");
		snprintf(name, sizeof(name), "mgs.MGS.live.%.8s", first.fsname);
		put_pair(message, name, "%s", live);
	}
	put_pair(message, "mgs.MGS.filesystems", "%s", all);
}

static void put_targets(struct simd *simd, struct message *message)
{
	char unhealthy[TEXT_SIZE] = "";

	pthread_mutex_lock(&simd->lock);
	targets_sweep(simd);
	for (size_t i = 0; i < TARGETS_MAX; i++) {
		const struct target *target = &simd->targets[i];
		struct statvfs fs = { 0 };

		if (target->phase != TARGET_SERVING)
			continue;
		/* An error made ext4 read-only (errors=remount-ro), or the disk is gone. */
		if (statvfs(target->directory, &fs) < 0 || (fs.f_flag & ST_RDONLY))
			append(unhealthy, "device %s reported unhealthy\n", target->name);
		put_target(message, target, &fs);
	}
	pthread_mutex_unlock(&simd->lock);
	put_pair(message, "health_check", "%s%s", unhealthy,
		 *unhealthy ? "NOT HEALTHY" : "healthy");
}

int parameters_list(struct simd *simd, struct message *message)
{
	struct registry_entry *entries = calloc(REGISTRY_MAX, sizeof(*entries));
	int count = entries ? registry_list(simd, NULL, entries, REGISTRY_MAX) : -ENOMEM;

	message_reset(message);
	if (simd->lustre_loaded) {
		put_targets(simd, message);
		put_pair(message, "version", "2.17.57");
	}
	if (count >= 0) {
		put_registry(message, entries, count);
		exports_list(simd, message);
	}
	free(entries);
	return message->bad ? -E2BIG : 0;
}

int parameters_set(struct simd *simd, struct message *message)
{
	char name[128], own[128], value[32];

	get_string(message, name, sizeof(name));
	get_string(message, value, sizeof(value));
	if (message->bad)
		return -EINVAL;
	for (size_t i = 0; i < TARGETS_MAX; i++) {
		struct target *target = &simd->targets[i];

		snprintf(own, sizeof(own), "obdfilter.%s.degraded", target->name);
		if (target->phase != TARGET_SERVING || strcmp(own, name) != 0)
			continue;
		target->degraded = strtol(value, NULL, 10) != 0;
		return 0;
	}
	return -ENOENT;
}
