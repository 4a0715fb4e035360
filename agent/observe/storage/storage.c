/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/storage/storage.h"

#include "observe/storage/content.h"
#include "observe/storage/disk_begun.h"
#include "observe/storage/disk_kind.h"
#include "observe/storage/disk_links.h"
#include "observe/storage/disk_probe.h"
#include "observe/storage/disk_rows.h"
#include "observe/storage/disk_use.h"
#include "observe/storage/lvm_report.h"
#include "observe/storage/mounts.h"

/*
 * The disks that may be ours, and that may be looked into: instance store, always, since a group of
 * ours may lie there though other disks are asked for by now; and what the operator named.
 */
static bool may_be_ours(const struct disk *disk, void *userdata)
{
	const struct storage_options *options = userdata;

	return disk->kind == DISK_INSTANCE_STORE ||
	       disk_is_chosen(disk, options->disks, options->disks_name);
}

int storage_glance(const char *root, struct facts *facts, struct error *err)
{
	int r = disk_rows_read(root, &facts->disks, &facts->disk_count, err);

	return r < 0 ? r : disk_links_find(root, facts, err);
}

static int read_rows(const struct storage_options *options, struct facts *facts, struct error *err)
{
	int r = storage_glance(options->root, facts, err);

	if (r >= 0)
		r = mounts_read(options->root, &facts->mounts, &facts->mount_count, err);
	if (r >= 0)
		r = disk_use_find(options->root, facts, err);
	return r >= 0 ? disk_kinds_find(options, facts, err) : r;
}

static int probe(const struct storage_options *options, struct facts *facts, struct error *err)
{
	struct storage_options wanted = *options;

	return disk_probe_all(options->root, facts, may_be_ours, &wanted, err);
}

static int report_groups(const struct storage_options *options, struct facts *facts,
			 struct error *err)
{
	struct storage_options wanted = *options;
	int r = lvm_report_read(options->root, facts, may_be_ours, &wanted, options->inquiries,
				err);

	return r >= 0 ? disk_begun_find(options->root, facts, may_be_ours, &wanted, err) : r;
}

static int find_contents(const struct storage_options *options, struct facts *facts,
			 struct error *err)
{
	return content_find(options->root, options->inquiries, facts, err);
}

static const struct {
	const char *what;
	bool probes;
	int (*take)(const struct storage_options *options, struct facts *facts, struct error *err);
} steps[] = {
	{ "disks, by what the kernel tells", false, read_rows },
	{ "what is on the disks", true, probe },
	{ "volume groups", true, report_groups },
	{ "what is in the volumes", true, find_contents },
};

int storage_observe(const struct storage_options *options, struct facts *facts, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct mark *mark;

		if (steps[i].probes && !options->probe)
			continue;
		mark = mark_begin(options->marks, "%s", steps[i].what);
		r = steps[i].take(options, facts, err);
		mark_end(mark);
	}
	return r;
}
