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

int storage_observe(const struct storage_options *options, struct facts *facts, struct error *err)
{
	struct storage_options wanted = *options;
	int r = storage_glance(options->root, facts, err);

	if (r >= 0)
		r = mounts_read(options->root, &facts->mounts, &facts->mount_count, err);
	if (r >= 0)
		r = disk_use_find(options->root, facts, err);
	if (r >= 0)
		r = disk_kinds_find(options, facts, err);
	if (r < 0 || !options->probe)
		return r;
	r = disk_probe_all(options->root, facts, may_be_ours, &wanted, err);
	if (r >= 0)
		r = lvm_report_read(options->root, facts, may_be_ours, &wanted, err);
	if (r >= 0)
		r = disk_begun_find(options->root, facts, may_be_ours, &wanted, err);
	if (r >= 0)
		r = content_find(options->root, facts, err);
	return r;
}
