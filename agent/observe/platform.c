/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/platform.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/readahead.h"
#include "base/text.h"
#include "model/spec/spec.h"
#include "observe/module_files.h"
#include "observe/module_options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Against for-ever, not against slow: a first boot reads its files from a snapshot. */
#define TOOL_TIMEOUT_USEC (600 * 1000000ULL)
#define MEMINFO_MAX       65536
#define CPUS_MAX          8191
#define SERVERS           (ROLE_MGS | ROLE_MDS | ROLE_OSS)
#define ALL               (SERVERS | ROLE_CLIENT)

/* What the effects of each role run. */
static const struct {
	const char *name;
	unsigned roles;
} tools[] = {
	{ "modprobe", ALL },          { "lctl", ALL },         { "lnetctl", ALL },
	{ "mount.lustre", ALL },      { "lvm", SERVERS },      { "mkfs.lustre", SERVERS },
	{ "tunefs.lustre", SERVERS }, { "mke2fs", SERVERS },   { "e2fsck", SERVERS },
	{ "e2label", SERVERS },       { "debugfs", SERVERS },  { "dumpe2fs", SERVERS },
	{ "blkdiscard", SERVERS },    { "blockdev", SERVERS },
};

/* Modules with all they need: modprobe's dry run finds a dependency missing as well. */
static const struct {
	const char *name;
	unsigned roles;
} modules[] = {
	{ "lustre", ALL },
	{ "osd_ldiskfs", SERVERS }, /* nothing depends on it, and no target mounts without it */
};
#define MODULE_COUNT (sizeof(modules) / sizeof(modules[0]))

static size_t list_modules(unsigned roles, const char *ret[MODULE_COUNT])
{
	size_t count = 0;

	for (size_t i = 0; i < MODULE_COUNT; i++)
		if (modules[i].roles & roles)
			ret[count++] = modules[i].name;
	return count;
}

/* What Lustre's own e2fsprogs know and stock ones do not: an MDT has it, and the tools that run on
 * any target come from the same package. */
static const char *const features[] = { "dirdata" };

/* 1 for yes, 0 for no; a file that cannot be looked at may be the program. */
static int is_program(const char *directory, size_t length, const char *name, char path[PATH_MAX])
{
	struct stat status;
	int used = snprintf(path, PATH_MAX, "%.*s/%s", (int)length, directory, name);

	if (used < 0 || used >= PATH_MAX)
		return 0;
	if (stat(path, &status) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	if (!S_ISREG(status.st_mode))
		return 0;
	return access(path, X_OK) == 0 ? 1 : errno == EACCES ? 0 : -errno;
}

/* *path: where it is, of use when the answer is 1. */
static int find_in_path(const char *name, char path[PATH_MAX])
{
	const char *at = getenv("PATH");
	int unknown = 0;

	while (at && *at) {
		size_t length = strcspn(at, ":");
		int r = length > 0 ? is_program(at, length, name, path) : 0;

		if (r > 0)
			return 1;
		unknown = r < 0 ? r : unknown;
		at += length;
		at += strspn(at, ":");
	}
	return unknown;
}

static int find_missing_tools(unsigned roles, struct words *missing, struct error *err)
{
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		char path[PATH_MAX];
		int r = tools[i].roles & roles ? find_in_path(tools[i].name, path) : 1;

		if (r < 0)
			return error_errno(err, r, "cannot tell whether %s is installed",
					   tools[i].name);
		if (r == 0 && words_add(missing, tools[i].name) < 0)
			return error_set(err, -ENOMEM, "out of memory looking for tools");
	}
	return 0;
}

/* modprobe says "not found" as well where it could not read its index; an index that is not there
 * has no module. */
static bool is_index_there(const char *release)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep.bin", release);
	return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* Exit status 1 with the reason on standard error; whatever else it ends with says nothing. */
static bool says_absent(const struct process_output *output, const char *release)
{
	static const char *const troubles[] = { "Too many open files", "Cannot allocate memory",
						"Input/output error", "Permission denied" };

	if (output->code != 1)
		return false;
	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
		if (strstr(output->errors, troubles[i]))
			return false;
	return !strstr(output->errors, "could not open") || !is_index_there(release);
}

/* What the files say needs no child; that a module is not there is modprobe's to say. */
static int has_module(const char *root, const char *module, const char *release,
		      struct inquiries *inquiries, bool *ret, struct error *err)
{
	const char *const argv[] = { "modprobe", "--dry-run", module, NULL };
	struct process_output output;
	int r;

	*ret = module_files_are_there(root, release, &module, 1);
	if (*ret)
		return 0;
	r = inquiry_answer(inquiries, argv, TOOL_TIMEOUT_USEC, &output, err);
	if (r == -ENOENT) /* told as a missing tool */
		return 0;
	if (r < 0)
		return r;
	r = process_check_end("modprobe --dry-run", &output, err);
	*ret = r == 0 && output.code == 0;
	if (r < 0) {
		error_prefix(err, "cannot tell whether kernel module %s is there", module);
	} else if (!*ret && !says_absent(&output, release)) {
		const struct process_result result = { output.end, output.code, output.output,
						       output.errors, output.usec };
		char sentence[512];

		process_describe("modprobe --dry-run", &result, sentence, sizeof(sentence));
		r = error_set(err, -EIO, "cannot tell whether kernel module %s is there: %s",
			      module, sentence);
	}
	process_output_done(&output);
	return r;
}

static int find_missing_modules(const char *root, unsigned roles, const char *release,
				struct inquiries *inquiries, struct words *missing,
				struct error *err)
{
	const char *names[MODULE_COUNT];
	size_t count = list_modules(roles, names);

	if (module_files_are_there(root, release, names, count))
		return 0;
	for (size_t i = 0; i < count; i++) {
		bool there;
		int r = has_module(root, names[i], release, inquiries, &there, err);

		if (r < 0)
			return r;
		if (!there && words_add(missing, names[i]) < 0)
			return error_set(err, -ENOMEM, "out of memory looking for modules");
	}
	return 0;
}

static bool has_feature(const char *list, const char *name)
{
	struct words known = { 0 };
	bool found = words_split(&known, list, " \t\n") >= 0 && words_contain(&known, name);

	words_done(&known);
	return found;
}

/* debugfs exits with 0 whatever happens: only a list is an answer. */
static int judge_features(const struct process_output *output, struct platform *platform,
			  struct error *err)
{
	static const char heading[] = "Supported features:";
	const char *list = strstr(output->output, heading);
	int r = process_check_end("debugfs -c -R supported_features", output, err);

	if (r < 0)
		return r;
	if (output->code != 0 || !list) {
		const struct process_result result = { output->end, output->code, output->output,
						       output->errors, output->usec };
		char sentence[512];

		process_describe("debugfs -c -R supported_features", &result, sentence,
				 sizeof(sentence));
		text_copy(platform->features_unknown_because,
			  sizeof(platform->features_unknown_because), sentence);
		return 0;
	}
	for (size_t i = 0; r >= 0 && i < sizeof(features) / sizeof(features[0]); i++)
		if (!has_feature(list + strlen(heading), features[i]))
			r = words_add(&platform->missing_features, features[i]);
	return r < 0 ? error_set(err, r, "out of memory asking debugfs") : 0;
}

/*
 * To e2fsprogs that do not know its features a target is no file system at all: mount fails with
 * ENODEV, and mkfs.lustre --ost overwrites an MDT and calls that a success (measured, 1.47.0). So
 * this one tool is run, though it costs each boot of a server its start (some milliseconds warm):
 * mkfs.lustre itself runs it in the same way, and mount.lustre needs the same library.
 */
static const char *const features_argv[] = { "debugfs", "-c", "-R", "supported_features", NULL };

static int find_missing_features(struct inquiries *inquiries, struct platform *platform,
				 struct error *err)
{
	struct process_output output;
	int r = inquiry_answer(inquiries, features_argv, TOOL_TIMEOUT_USEC, &output, err);

	if (r == -ENOENT) /* told as a missing tool */
		return 0;
	if (r < 0)
		return r;
	r = judge_features(&output, platform, err);
	process_output_done(&output);
	return r;
}

/* "MemTotal:       32613272 kB" (proc(5)); 0 where the kernel says it otherwise. */
static uint64_t read_memory(const char *root)
{
	static const char key[] = "MemTotal:";
	cleanup(free_pointer) char *text = NULL;
	const char *line;
	uint64_t kib;
	char *end;

	if (file_read(root, "/proc/meminfo", MEMINFO_MAX, &text, /* ret_size= */ NULL,
		      /* err= */ NULL) < 0 ||
	    strncmp(text, key, strlen(key)) != 0)
		return 0;
	line = text + strlen(key);
	kib = strtoull(line + strspn(line, " \t"), &end, 10);
	return strncmp(end, " kB\n", 4) == 0 && kib < UINT64_MAX / 1024 ? kib * 1024 : 0;
}

/* "0-3,8", of CPUs that are online; 0 where the kernel says it otherwise. */
static unsigned read_cpus(const char *root)
{
	char text[256];
	const char *at = text;
	unsigned long count = 0;

	if (!file_read_line(root, "/sys/devices/system/cpu/online", text, sizeof(text)))
		return 0;
	while (*at) {
		char *end;
		unsigned long first = strtoul(at, &end, 10), last = first;

		if (end != at && *end == '-')
			last = strtoul(end + 1, &end, 10);
		if (end == at || (*end != ',' && *end != '\0') || last < first || last > CPUS_MAX)
			return 0;
		count += last - first + 1;
		at = *end == ',' ? end + 1 : end;
	}
	return (unsigned)count;
}

void platform_board_instance(const char *root, char id[PLATFORM_INSTANCE_MAX])
{
	if (!file_read_line(root, "/sys/class/dmi/id/board_asset_tag", id, PLATFORM_INSTANCE_MAX) ||
	    strncmp(id, "i-", 2) != 0)
		id[0] = '\0';
}

int platform_observe_efa(struct facts *facts, struct error *err)
{
	struct platform *platform = &facts->platform;
	bool there = true;
	int r = has_module("", "kefalnd", platform->kernel, /* inquiries= */ NULL, &there, err);

	if (r == 0 && !there && words_add(&platform->missing_modules, "kefalnd") < 0)
		return error_set(err, -ENOMEM, "out of memory looking for modules");
	return r;
}

/* What is loaded, with all it needs, and what else LNET loads then. */
static void read_modules_ahead(const char *root, const char *release, unsigned roles,
			       uint64_t *budget)
{
	cleanup(words_done) struct words files = { 0 };
	const char *names[MODULE_COUNT + 1];
	size_t count = list_modules(roles, names);

	names[count++] = "ksocklnd";
	module_files_find(root, release, names, count, &files);
	for (size_t i = 0; i < files.count; i++) {
		char path[PATH_MAX];

		if (text_format(path, sizeof(path), "%s%s", root, files.items[i]) == 0)
			readahead_file(path, budget);
	}
}

void platform_read_ahead(const char *root, unsigned roles)
{
	uint64_t budget = READAHEAD_BYTES_MAX;
	struct utsname names;

	if (uname(&names) == 0)
		read_modules_ahead(root, names.release, roles, &budget);
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		char path[PATH_MAX];

		if (tools[i].roles & roles && find_in_path(tools[i].name, path) > 0)
			readahead_file(path, &budget);
	}
}

void platform_foresee(const char *root, struct inquiries *inquiries, unsigned roles)
{
	const char *names[MODULE_COUNT];
	size_t count = list_modules(roles, names);
	struct utsname kernel;

	if (uname(&kernel) < 0)
		return;
	if (roles & SERVERS)
		inquiry_put(inquiries, features_argv);
	if (module_files_are_there(root, kernel.release, names, count))
		return;
	for (size_t i = 0; i < count; i++) {
		const char *const argv[] = { "modprobe", "--dry-run", names[i], NULL };

		if (!module_files_are_there(root, kernel.release, &names[i], 1))
			inquiry_put(inquiries, argv);
	}
}

static int look_up_tools(unsigned roles, struct inquiries *inquiries, struct platform *platform,
			 struct error *err)
{
	int r = find_missing_tools(roles, &platform->missing_tools, err);

	return r == 0 && roles & SERVERS ? find_missing_features(inquiries, platform, err) : r;
}

int platform_observe(const char *root, unsigned roles, struct inquiries *inquiries,
		     struct marks *marks, struct facts *facts, struct error *err)
{
	struct platform *platform = &facts->platform;
	struct utsname names;
	struct mark *mark;
	int r;

	if (uname(&names) < 0)
		return error_errno(err, -errno, "cannot find the kernel's release");
	text_copy(platform->kernel, sizeof(platform->kernel), names.release);
	platform->memory = read_memory(root);
	platform->cpus = read_cpus(root);
	r = module_options_observe(root, platform, err);
	if (r < 0)
		return r;
	mark = mark_begin(marks, "tools, and what e2fsprogs know");
	r = look_up_tools(roles, inquiries, platform, err);
	mark_end(mark);
	if (r < 0)
		return r;
	mark = mark_begin(marks, "kernel modules, looked up");
	r = find_missing_modules(root, roles, names.release, inquiries, &platform->missing_modules,
				 err);
	mark_end(mark);
	return r;
}
