/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/storage/lvm_report.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/lvm_command.h"
#include "base/text.h"
#include "base/tree.h"
#include "model/volume_tags.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LVM_TIMEOUT_USEC (600 * 1000000ULL) /* a disk may stand still for minutes */
#define GROUPS_MAX       256
#define VOLUMES_MAX      1024

/* What is asked for, and so must be there. The last two reports cannot be left out. */
static const struct report {
	const char *name, *fields;
} reports[] = {
	{ "vg", "vg_name,vg_uuid,vg_size,vg_free,vg_tags,vg_systemid,vg_exported,vg_shared,"
		"vg_clustered,vg_lock_type,pv_count,vg_missing_pv_count" },
	{ "pv", "pv_name,pv_major,pv_minor,pv_uuid,vg_uuid" },
	{ "lv", "lv_name,lv_uuid,lv_path,lv_size,lv_tags" },
	{ "pvseg", "pvseg_start" },
	{ "seg", "seg_start" },
};

static const char *text_of(const json_t *row, const char *field)
{
	const char *text = json_string_value(json_object_get(row, field));

	return text ? text : "";
}

/* LVM's JSON has numbers as texts. */
static uint64_t number_of(const json_t *row, const char *field)
{
	return strtoull(text_of(row, field), NULL, 10);
}

/* Bytes, and disks of a group: what is no number, or one that nothing has, is not none. */
static const struct {
	const char *field;
	uint64_t most;
} numbers[] = {
	{ "vg_size", 1ULL << 60 }, { "vg_free", 1ULL << 60 },        { "lv_size", 1ULL << 60 },
	{ "pv_count", 65535 },     { "vg_missing_pv_count", 65535 },
};

static bool is_number(const char *text, uint64_t most)
{
	return isdigit((unsigned char)text[0]) && text[strspn(text, "0123456789")] == '\0' &&
	       strlen(text) < 20 && strtoull(text, NULL, 10) <= most;
}

static bool has_numbers(const json_t *row)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (json_object_get(row, numbers[i].field) &&
		    !is_number(text_of(row, numbers[i].field), numbers[i].most))
			return false;
	return true;
}

/* A field that is missing, or called otherwise, is not an empty one: a group without our tag is
 * nobody's of ours. */
static bool has_fields(const json_t *row, const struct words *fields)
{
	for (size_t i = 0; i < fields->count; i++)
		if (!json_is_string(json_object_get(row, fields->items[i])))
			return false;
	return has_numbers(row);
}

static int check_rows(const json_t *part, const struct report *report)
{
	const json_t *rows = json_object_get(part, report->name), *row;
	struct words fields = { 0 };
	int r = words_split(&fields, report->fields, ",");
	size_t i;

	if (rows && !json_is_array(rows))
		r = -EBADMSG;
	json_array_foreach(rows, i, row) if (r >= 0 && !has_fields(row, &fields)) r = -EBADMSG;
	words_done(&fields);
	return r;
}

/* A name that was cut would be another group's or volume's. */
static int take(char *to, size_t size, const json_t *row, const char *field)
{
	return text_take(to, size, text_of(row, field));
}

static int read_volume(const json_t *row, struct volume *volume)
{
	int r = take(volume->name, sizeof(volume->name), row, "lv_name");

	if (r == 0)
		r = take(volume->uuid, sizeof(volume->uuid), row, "lv_uuid");
	if (r == 0)
		r = take(volume->path, sizeof(volume->path), row, "lv_path");
	if (r < 0)
		return r;
	volume->size = number_of(row, "lv_size");
	return words_split(&volume->tags, text_of(row, "lv_tags"), ",");
}

static int read_volumes(const json_t *rows, struct volume_group *group)
{
	size_t count = json_array_size(rows);
	int r = 0;

	if (count > VOLUMES_MAX)
		return -EFBIG;
	group->volumes = calloc(count + 1, sizeof(*group->volumes));
	if (!group->volumes)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < count; i++)
		r = read_volume(json_array_get(rows, i), &group->volumes[group->volume_count++]);
	return r;
}

/* Room for one more group, empty; NULL when there is none. */
static struct volume_group *add_group(struct facts *facts)
{
	struct volume_group *groups;

	groups = reallocarray(facts->groups, facts->group_count + 1, sizeof(*groups));
	if (!groups)
		return NULL;
	groups[facts->group_count] = (struct volume_group){ 0 };
	facts->groups = groups;
	return &groups[facts->group_count++];
}

static int read_group(const json_t *row, const json_t *volumes, struct facts *facts)
{
	struct volume_group *group;
	int r;

	if (facts->group_count >= GROUPS_MAX)
		return -EFBIG;
	group = add_group(facts);
	if (!group)
		return -ENOMEM;
	r = take(group->name, sizeof(group->name), row, "vg_name");
	if (r == 0)
		r = take(group->uuid, sizeof(group->uuid), row, "vg_uuid");
	if (r == 0 && (group->name[0] == '\0' || group->uuid[0] == '\0'))
		r = -EBADMSG;
	if (r == 0)
		r = take(group->lock_type, sizeof(group->lock_type), row, "vg_lock_type");
	if (r < 0)
		return r;
	group->size = number_of(row, "vg_size");
	group->free = number_of(row, "vg_free");
	group->pv_count = (unsigned)number_of(row, "pv_count");
	group->pv_missing = (unsigned)number_of(row, "vg_missing_pv_count");
	text_copy(group->system_id, sizeof(group->system_id), text_of(row, "vg_systemid"));
	group->exported = text_of(row, "vg_exported")[0] != '\0';
	group->shared = text_of(row, "vg_shared")[0] != '\0';
	group->clustered = text_of(row, "vg_clustered")[0] != '\0';
	if (!lvm_system_id_is_valid(text_of(row, "vg_systemid")))
		return -EBADMSG;
	if (words_split(&group->tags, text_of(row, "vg_tags"), ",") < 0)
		return -ENOMEM;
	return read_volumes(volumes, group);
}

static struct disk *find_disk(const struct facts *facts, const char *number)
{
	for (size_t i = 0; i < facts->disk_count; i++)
		if (strcmp(facts->disks[i].number, number) == 0)
			return &facts->disks[i];
	return NULL;
}

/*
 * LVM calls a PV by whichever of its names it likes, and not by the one that it was given: a link
 * /dev/sdf beside /dev/nvme1n1 is enough (measured, lvm2 2.03.16 and 2.03.31), and preferred_names
 * chooses as it wants. So a PV is known by the number of its device. A missing one has -1 there, or
 * 0:0, which no device has (measured, 2.03.16, "[unknown]"); any other that is none of our disks is
 * not understood.
 */
static bool is_missing(const char *number)
{
	return strncmp(number, "-1:", 3) == 0 || strcmp(number, "0:0") == 0;
}

static int read_physical_volume(const json_t *row, struct facts *facts, struct error *err)
{
	char number[sizeof(facts->disks->number)];
	struct disk *disk;
	int r;

	r = text_format(number, sizeof(number), "%s:%s", text_of(row, "pv_major"),
			text_of(row, "pv_minor"));
	if (r == 0 && is_missing(number))
		return 0;
	disk = r == 0 ? find_disk(facts, number) : NULL;
	if (!disk)
		return error_set(
			err, -EBADMSG,
			"lvm fullreport: PV %.40s lies on %.64s, device %.20s, and no disk "
			"here has that number",
			text_of(row, "pv_uuid"), text_of(row, "pv_name"), number);
	r = take(disk->pv_uuid, sizeof(disk->pv_uuid), row, "pv_uuid");
	if (r == 0)
		r = take(disk->vg_uuid, sizeof(disk->vg_uuid), row, "vg_uuid");
	return r < 0 ? error_errno(err, r, "lvm fullreport") : 0;
}

/* One part of the report is a group with its PVs and LVs, or a PV that is in no group. */
static int read_part(const json_t *part, struct facts *facts, struct error *err)
{
	const json_t *groups = json_object_get(part, "vg"), *group = json_array_get(groups, 0);
	const json_t *disks = json_object_get(part, "pv");
	const json_t *row;
	size_t i;
	int r = json_is_object(part) && json_array_size(groups) <= 1 ? 0 : -EBADMSG;

	for (i = 0; r >= 0 && i < sizeof(reports) / sizeof(reports[0]); i++)
		r = check_rows(part, &reports[i]);
	if (r < 0)
		return error_errno(err, r, "lvm fullreport");
	json_array_foreach(disks, i, row)
	{
		r = read_physical_volume(row, facts, err);
		if (r < 0)
			return r;
	}
	r = group ? read_group(group, json_object_get(part, "lv"), facts) : 0;
	return r < 0 ? error_errno(err, r, "lvm fullreport") : 0;
}

/*
 * Over metadata that it cannot read, LVM says "Retrying metadata scan." in the middle of its report
 * (measured). No line of the report itself begins with a letter.
 */
static char *without_remarks(const char *text)
{
	char *report = strdup(text), *to = report;

	for (const char *line = text; report && *line;) {
		size_t length = strcspn(line, "\n");

		length += line[length] == '\n';
		if (!isalpha((unsigned char)line[strspn(line, " \t")])) {
			memcpy(to, line, length);
			to += length;
		}
		line += length;
	}
	if (report)
		*to = '\0';
	return report;
}

int lvm_report_parse(const char *text, struct facts *facts, struct error *err)
{
	json_error_t trouble;
	cleanup(free_pointer) char *plain = without_remarks(text);
	cleanup(json_decrefp) json_t *json = plain ? json_loads(plain, 0, &trouble) : NULL;
	const json_t *report = json_object_get(json, "report");
	const json_t *part;
	size_t i;

	if (!plain)
		return error_set(err, -ENOMEM, "out of memory");
	if (!json_is_array(report))
		return error_set(err, -EBADMSG, "lvm fullreport: not a report: %s", trouble.text);
	json_array_foreach(report, i, part)
	{
		int r = read_part(part, facts, err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Whether volumes are active is seen in sysfs, by UUID: --readonly does not ask device-mapper. */
static int find_volume_device(const char *root, const struct facts *facts,
			      const struct volume_group *group, struct volume *volume)
{
	char wanted[VOLUME_UUID_MAX];

	volume_device_uuid(group->uuid, volume->uuid, wanted);
	for (size_t i = 0; i < facts->disk_count; i++) {
		char path[PATH_MAX], uuid[256];
		int r;

		if (strncmp(facts->disks[i].name, "dm-", 3) != 0)
			continue;
		snprintf(path, sizeof(path), "/sys/block/%s/dm/uuid", facts->disks[i].name);
		r = file_read_optional(root, path, uuid, sizeof(uuid));
		if (r < 0)
			return r;
		if (strcmp(uuid, wanted) != 0)
			continue;
		volume->active = true;
		memcpy(volume->device, facts->disks[i].name, sizeof(volume->device));
	}
	return 0;
}

static int find_devices(const char *root, struct facts *facts)
{
	int r = 0;

	for (size_t i = 0; i < facts->group_count; i++)
		for (size_t j = 0; r == 0 && j < facts->groups[i].volume_count; j++)
			r = find_volume_device(root, facts, &facts->groups[i],
					       &facts->groups[i].volumes[j]);
	return r;
}

static bool is_member(const struct disk *disk)
{
	for (unsigned i = 0; i < disk->signature_count; i++)
		if (strcmp(disk->signatures[i].type, "LVM2_member") == 0)
			return true;
	return false;
}

/*
 * Fields by name, since the default columns are many. A group that LVM takes for another host's, or
 * for one of many hosts, is told all the same: without these two words it would be as if it were
 * not there, and LVM would call that a success (measured).
 */
static int make_command(struct words *argv)
{
	static const char *const words[] = {
		"--readonly", "--foreign", "--shared", "--reportformat",
		"json",       "--units",   "b",        "--nosuffix",
	};
	int r = lvm_command_begin(argv, "fullreport", /* group= */ "", /* system_id= */ "");

	for (size_t i = 0; r >= 0 && i < sizeof(words) / sizeof(words[0]); i++)
		r = words_add(argv, words[i]);
	for (size_t i = 0; r >= 0 && i < sizeof(reports) / sizeof(reports[0]); i++) {
		const char *const columns[] = { "--configreport", reports[i].name, "--options",
						reports[i].fields };

		for (size_t k = 0; r >= 0 && k < 4; k++)
			r = words_add(argv, columns[k]);
	}
	return r;
}

static int run_report(const struct words *argv, struct inquiries *inquiries, struct facts *facts,
		      struct error *err)
{
	struct process_output output = { 0 };
	int r = inquiry_answer(inquiries, (const char *const *)argv->items, LVM_TIMEOUT_USEC,
			       &output, err);

	if (r < 0)
		return r;
	r = process_check_end("lvm fullreport", &output, err);
	if (r == 0 && output.code != 0) {
		struct process_result result = { output.end, output.code, output.output,
						 output.errors, output.usec };
		char sentence[512];

		process_describe("lvm fullreport", &result, sentence, sizeof(sentence));
		r = error_set(err, -EIO, "%s", sentence);
	} else if (r == 0) {
		r = lvm_report_parse(output.output, facts, err);
	}
	process_output_done(&output);
	return r;
}

/* Which disks it is about; *ret_count counts them. */
static int make_question(const struct facts *facts, bool (*wanted)(const struct disk *, void *),
			 void *userdata, bool only_members, struct words *argv, size_t *ret_count)
{
	int r = make_command(argv);

	*ret_count = 0;
	for (size_t i = 0; r >= 0 && i < facts->disk_count; i++) {
		const struct disk *disk = &facts->disks[i];

		if ((only_members && !is_member(disk)) || !wanted(disk, userdata))
			continue;
		(*ret_count)++;
		r = words_add(argv, "--devices");
		if (r >= 0)
			r = words_add(argv, disk->path);
	}
	return r;
}

void lvm_report_foresee(const struct facts *facts, bool (*wanted)(const struct disk *, void *),
			void *userdata, struct inquiries *inquiries)
{
	struct words argv = { 0 };
	size_t count;

	if (make_question(facts, wanted, userdata, /* only_members= */ false, &argv, &count) >= 0 &&
	    count > 0)
		inquiry_put(inquiries, (const char *const *)argv.items);
	words_done(&argv);
}

int lvm_report_read(const char *root, struct facts *facts,
		    bool (*wanted)(const struct disk *, void *), void *userdata,
		    struct inquiries *inquiries, struct error *err)
{
	struct words argv = { 0 };
	size_t members;
	int r = make_question(facts, wanted, userdata, /* only_members= */ true, &argv, &members);

	if (r < 0)
		r = error_set(err, r, "out of memory asking lvm");
	else if (members > 0)
		r = run_report(&argv, inquiries, facts, err);
	words_done(&argv);
	if (r < 0)
		return r;
	r = find_devices(root, facts);
	return r < 0 ? error_errno(err, r, "cannot find which volumes are active") : 0;
}
