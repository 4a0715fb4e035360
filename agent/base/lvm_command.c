/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lvm_command.h"

#include <string.h>

/* lvm2, lib/commands/toolcontext.c: NAME_LEN, and the characters of a name. */
#define SYSTEM_ID_MAX 128
static const char system_id_characters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+";

/* One a group, as lvmconfig(8) names them; all are known to lvm2 2.03.14. */
static const char settings[] =
	/*
	 * LVM sees the disks it is given, each of them. What else a disk may be part of is judged
	 * before, by libblkid and sysfs: LVM's own guesses would hide a disk of ours, since the
	 * data of a target may look like the superblock of a RAID, and any serial may stand in
	 * multipath's list. Hints are a list of disks that other calls saw.
	 */
	"devices { dir=\"/dev\" scan=[\"/dev\"] hints=\"none\" use_devicesfile=0"
	" filter=[\"a|.*|\"] global_filter=[\"a|.*|\"] scan_lvs=0"
	" md_component_detection=0 multipath_component_detection=0 fw_raid_component_detection=0"
	" ignore_suspended_devices=0 require_restorefile_with_uuid=1"
	" allow_changes_with_duplicate_pvs=0"
	/* The first extent begins right behind the head (lvm_head.h). */
	" default_data_alignment=1 data_alignment=0 data_alignment_detection=0"
	" data_alignment_offset_detection=0 }"
	/* One area for metadata at the head of each PV, and each is used. */
	" metadata { pvmetadatacopies=1 vgmetadatacopies=0 pvmetadataignore=0"
	" check_pv_device_sizes=1 record_lvs_history=0 }"
	/* The report is parsed; of what LVM says besides, a line begins with a letter. */
	" report { list_item_separator=\",\" prefixes=0 quoted=1 columns_as_rows=0 compact_output=0"
	" compact_output_cols=\"\" binary_values_as_numeric=0 two_word_unknown_device=0 }"
	" log { prefix=\"  \" command_names=0 indent=0 silent=0 verbose=0 level=0 activation=0"
	" report_command_log=0 syslog=0 }"
	/*
	 * What is asked for is done (test=1 does nothing, and calls it done), by this LVM alone: no
	 * daemon is asked for a lock, or told.
	 */
	" global { test=0 activation=1 metadata_read_only=0 use_lvmlockd=0 notify_dbus=0"
	" wait_for_locks=1 locking_dir=\"/run/lock/lvm\" proc=\"/proc\" etc=\"/etc\" }"
	/* A copy of each change, from which a group that was torn is repaired. */
	" backup { backup=1 backup_dir=\"" LVM_BACKUP_DIRECTORY "\""
	" archive=1 archive_dir=\"" LVM_ARCHIVE_DIRECTORY "\" }"
	" tags { hosttags=0 }";

bool lvm_system_id_is_valid(const char *system_id)
{
	size_t length = strlen(system_id);

	return length < SYSTEM_ID_MAX && strspn(system_id, system_id_characters) == length;
}

/*
 * A host name must not decide whose a group is: our tag does. So we have no ID but the group's own.
 */
static int add_settings(struct words *argv, const char *group, const char *system_id)
{
	const char *quote = group[0] != '\0' ? "\"" : "";
	bool has_id = system_id[0] != '\0';

	return words_addf(argv,
			  "%s activation { volume_list=[%s%s%s] read_only_volume_list=[]"
			  " udev_sync=1 udev_rules=1 monitoring=0 }"
			  " global { system_id_source=\"%s\" } local { system_id=\"%s\" }",
			  settings, quote, group, quote, has_id ? "lvmlocal" : "none", system_id);
}

int lvm_command_begin(struct words *argv, const char *command, const char *group,
		      const char *system_id)
{
	const char *const begin[] = { "lvm", command, "--devicesfile", "", "--config" };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < sizeof(begin) / sizeof(begin[0]); i++)
		r = words_add(argv, begin[i]);
	return r < 0 ? r : add_settings(argv, group, system_id);
}
