/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One of these for each row of what is measured. */
struct row {
	const struct metrics *of;
	const struct applied_target *applied;
	const struct health_target *target;
	const struct health_disk *disk;
};

enum metric_type {
	METRIC_GAUGE,
	METRIC_COUNTER,
};

/* ` name="value"`, escaped as the format has it. */
static void put_label(FILE *file, const char *name, const char *value, bool first)
{
	fprintf(file, "%c%s=\"", first ? '{' : ',', name);
	for (const char *at = value; *at; at++)
		if (*at == '\n')
			fputs("\\n", file);
		else
			fprintf(file, "%s%c", *at == '\\' || *at == '"' ? "\\" : "", *at);
	fputc('"', file);
}

static void put_head(FILE *file, const char *name, enum metric_type type, const char *help)
{
	fprintf(file, "# HELP lustre_init_%s %s\n# TYPE lustre_init_%s %s\n", name, help, name,
		type == METRIC_COUNTER ? "counter" : "gauge");
}

static void put_seconds(FILE *file, uint64_t usec)
{
	fprintf(file, " %" PRIu64 ".%06" PRIu64 "\n", usec / 1000000, usec % 1000000);
}

/* By an error of its file system: a client is read-only by its options alone. */
static bool is_stopped(const struct health_target *target)
{
	return target->read_only && target->role != APPLIED_CLIENT;
}

static bool is_ready(const struct metrics *metrics)
{
	const struct applied *applied = metrics->applied;

	if (!metrics->status || metrics->status->verdict != VERDICT_READY)
		return false;
	for (size_t i = 0; i < applied->target_count; i++) {
		const struct health_target *target =
			health_target(metrics->health, applied->targets[i].name);

		if (!target || !target->mounted || is_stopped(target))
			return false;
	}
	return true;
}

/* From the first start of the actions of one kind to the end of the last of them. */
static bool find_step(const struct status *status, enum action_kind kind, uint64_t *ret_usec)
{
	uint64_t first = UINT64_MAX, last = 0;

	for (size_t i = 0; i < status->outcome_count; i++) {
		const struct outcome *outcome = &status->outcomes[i];

		if (outcome->action != kind || outcome->kind == OUTCOME_SKIPPED)
			continue;
		if (outcome->started_usec < first)
			first = outcome->started_usec;
		if (outcome->ended_usec > last)
			last = outcome->ended_usec;
	}
	*ret_usec = last > first ? last - first : 0;
	return first != UINT64_MAX;
}

static void put_boot(FILE *file, const struct status *status)
{
	uint64_t usec;

	put_head(file, "boot_verdict", METRIC_GAUGE,
		 "How apply ended on this boot: 1 for the verdict that holds.");
	for (int i = 0; i < VERDICT_MAX; i++) {
		fputs("lustre_init_boot_verdict", file);
		put_label(file, "verdict", verdict_name((enum verdict)i), true);
		fprintf(file, "} %d\n", status->verdict == (enum verdict)i);
	}
	if (status->ended_usec > status->started_usec) {
		put_head(file, "boot_duration_seconds", METRIC_GAUGE,
			 "How long apply took on this boot.");
		fputs("lustre_init_boot_duration_seconds", file);
		put_seconds(file, status->ended_usec - status->started_usec);
	}
	if (status->outcome_count == 0)
		return;
	put_head(file, "boot_step_duration_seconds", METRIC_GAUGE,
		 "How long the actions of one kind took on this boot, from the first to the last.");
	for (int i = 0; i < ACTION_KIND_MAX; i++) {
		if (!find_step(status, (enum action_kind)i, &usec))
			continue;
		fputs("lustre_init_boot_step_duration_seconds", file);
		put_label(file, "step", action_kind_name((enum action_kind)i), true);
		fputc('}', file);
		put_seconds(file, usec);
	}
}

static void put_node(FILE *file, const struct metrics *metrics)
{
	const struct status *status = metrics->status;

	put_head(
		file, "up", METRIC_GAUGE,
		"1 where apply ended well, all it mounted is mounted, and no target is read-only.");
	fprintf(file, "lustre_init_up %d\n", is_ready(metrics));
	put_head(file, "info", METRIC_GAUGE, "What this node is, as labels.");
	fputs("lustre_init_info", file);
	put_label(file, "version", LUSTRE_INIT_VERSION, true);
	put_label(file, "roles", status ? status->roles : "", false);
	put_label(file, "fsname", status ? status->fsname : "", false);
	fputs("} 1\n", file);
	if (status)
		put_boot(file, status);
}

static bool read_mounted(const struct row *row, uint64_t *ret)
{
	*ret = row->target->mounted;
	return true;
}

/* Of a server that is mounted; of a client, or of one that is gone, nothing of that is known. */
static bool is_serving(const struct row *row)
{
	return row->target->mounted && row->target->role != APPLIED_CLIENT;
}

static bool read_read_only(const struct row *row, uint64_t *ret)
{
	*ret = row->target->read_only;
	return row->target->mounted;
}

static bool read_unhealthy(const struct row *row, uint64_t *ret)
{
	*ret = row->target->unhealthy;
	return is_serving(row) && row->of->health->health_check[0] != '\0';
}

static bool read_degraded(const struct row *row, uint64_t *ret)
{
	*ret = row->target->degraded;
	return is_serving(row) && row->target->role == APPLIED_OST;
}

static bool read_recovering(const struct row *row, uint64_t *ret)
{
	*ret = health_is_recovering(row->target);
	return is_serving(row) && row->target->recovery[0] != '\0';
}

static bool read_partial(const struct row *row, uint64_t *ret)
{
	*ret = row->target->partial;
	return row->applied->disk_count > 0;
}

static bool read_fs_errors(const struct row *row, uint64_t *ret)
{
	*ret = row->target->fs_errors;
	return is_serving(row);
}

static bool read_size(const struct row *row, uint64_t *ret)
{
	*ret = row->target->space.total_bytes;
	return row->target->space.known;
}

static bool read_free(const struct row *row, uint64_t *ret)
{
	*ret = row->target->space.free_bytes;
	return row->target->space.known;
}

static bool read_inodes(const struct row *row, uint64_t *ret)
{
	*ret = row->target->space.total_inodes;
	return row->target->space.known;
}

static bool read_free_inodes(const struct row *row, uint64_t *ret)
{
	*ret = row->target->space.free_inodes;
	return row->target->space.known;
}

static bool read_disk_up(const struct row *row, uint64_t *ret)
{
	*ret = row->disk->name[0] != '\0';
	return true;
}

static bool read_io_errors(const struct row *row, uint64_t *ret)
{
	*ret = row->disk->io_errors;
	return row->disk->has_io_errors;
}

static bool read_media_errors(const struct row *row, uint64_t *ret)
{
	*ret = row->disk->media_errors;
	return row->disk->smart_known;
}

static bool read_warning(const struct row *row, uint64_t *ret)
{
	*ret = row->disk->critical_warning;
	return row->disk->smart_known;
}

struct metric {
	const char *name;
	enum metric_type type;
	bool (*read)(const struct row *row, uint64_t *ret); /* false where it is not known */
	const char *help;
};

static const struct metric of_targets[] = {
	{ "target_up", METRIC_GAUGE, read_mounted,
	  "1 where the target, or the client, is mounted." },
	{ "target_read_only", METRIC_GAUGE, read_read_only,
	  "1 where it is read-only, as it becomes by an error of its file system." },
	{ "target_unhealthy", METRIC_GAUGE, read_unhealthy,
	  "1 where Lustre's health_check reports it as unhealthy." },
	{ "target_degraded", METRIC_GAUGE, read_degraded,
	  "1 where the OST is marked degraded: no new objects land on it." },
	{ "target_recovering", METRIC_GAUGE, read_recovering,
	  "1 while it waits for its clients of before its start." },
	{ "target_partial", METRIC_GAUGE, read_partial,
	  "1 where a disk of its volume group is gone, or is another." },
	{ "target_filesystem_errors", METRIC_GAUGE, read_fs_errors,
	  "Errors that its file system counted since it was last checked." },
	{ "target_size_bytes", METRIC_GAUGE, read_size, "Size of its file system." },
	{ "target_avail_bytes", METRIC_GAUGE, read_free, "Space left for users." },
	{ "target_files", METRIC_GAUGE, read_inodes, "Inodes in all." },
	{ "target_files_free", METRIC_GAUGE, read_free_inodes, "Inodes that are free." },
	{ 0 },
};

static const struct metric of_disks[] = {
	{ "disk_up", METRIC_GAUGE, read_disk_up, "1 where the disk is there." },
	{ "disk_io_errors_total", METRIC_COUNTER, read_io_errors,
	  "Commands that its kernel driver counts as failed; SCSI alone counts." },
	{ "disk_media_errors_total", METRIC_COUNTER, read_media_errors,
	  "Errors of its medium, by NVMe's health log." },
	{ "disk_critical_warning", METRIC_GAUGE, read_warning,
	  "The bits of NVMe's critical warning; 0 is well." },
	{ 0 },
};

/* Of all targets, or of all disks; the head only where a line follows. */
static void put_metric(FILE *file, const struct metric *metric, const struct row *rows,
		       size_t count)
{
	bool has_head = false;

	for (size_t i = 0; i < count; i++) {
		const struct row *row = &rows[i];
		uint64_t value;

		if (!metric->read(row, &value))
			continue;
		if (!has_head)
			put_head(file, metric->name, metric->type, metric->help);
		has_head = true;
		fprintf(file, "lustre_init_%s", metric->name);
		put_label(file, "target", row->disk ? row->disk->target : row->target->name, true);
		if (row->disk)
			put_label(file, "serial", row->disk->serial, false);
		else
			put_label(file, "role", applied_role_name(row->target->role), false);
		fprintf(file, "} %" PRIu64 "\n", value);
	}
}

static void put_phases(FILE *file, const struct applied *applied)
{
	bool has_head = false;

	for (size_t i = 0; i < applied->target_count; i++) {
		const struct applied_target *target = &applied->targets[i];

		if (target->role == APPLIED_CLIENT || target->phase == PHASE_NONE)
			continue;
		if (!has_head)
			put_head(file, "target_phase", METRIC_GAUGE,
				 "How far the volume of the target got: 1 for the phase it is in.");
		has_head = true;
		for (int phase = PHASE_CREATING; phase < PHASE_MAX; phase++) {
			fputs("lustre_init_target_phase", file);
			put_label(file, "target", target->name, true);
			put_label(file, "phase", phase_name((enum phase)phase), false);
			fprintf(file, "} %d\n", target->phase == (enum phase)phase);
		}
	}
}

static int put_rows(FILE *file, const struct metrics *metrics)
{
	const struct health *health = metrics->health;
	const struct applied *applied = metrics->applied;
	size_t number = 0;
	struct row *rows = calloc(health->target_count + health->disk_count + 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < applied->target_count; i++) {
		const struct health_target *target =
			health_target(health, applied->targets[i].name);

		if (target && number < health->target_count)
			rows[number++] =
				(struct row){ metrics, &applied->targets[i], target, NULL };
	}
	for (const struct metric *metric = of_targets; metric->name; metric++)
		put_metric(file, metric, rows, number);
	for (size_t i = 0; i < health->disk_count; i++)
		rows[i] = (struct row){ .of = metrics, .disk = &health->disks[i] };
	for (const struct metric *metric = of_disks; metric->name; metric++)
		put_metric(file, metric, rows, health->disk_count);
	free(rows);
	return 0;
}

static void put_network(FILE *file, const struct metrics *metrics)
{
	const struct health *health = metrics->health;
	const struct words *asked = &metrics->applied->nids;
	const struct health_mgs *mgs = &health->mgs;

	if (health->nids_known && asked->count > 0) {
		put_head(file, "lnet_nid_up", METRIC_GAUGE,
			 "1 where LNET has the NID that it was given.");
		for (size_t i = 0; i < asked->count; i++) {
			fputs("lustre_init_lnet_nid_up", file);
			put_label(file, "nid", asked->items[i], true);
			fprintf(file, "} %d\n", words_contain(&health->nids, asked->items[i]));
		}
	}
	if (!mgs->asked)
		return;
	put_head(file, "mgs_up", METRIC_GAUGE, "1 where the MGS answers this node.");
	fprintf(file, "lustre_init_mgs_up %d\n", mgs->away_since_usec == 0);
	put_head(file, "mgs_away_seconds", METRIC_GAUGE,
		 "For how long the MGS does not answer; 0 where it does.");
	fputs("lustre_init_mgs_away_seconds", file);
	put_seconds(file, mgs->away_since_usec != 0 && health->at_usec > mgs->away_since_usec
				  ? health->at_usec - mgs->away_since_usec
				  : 0);
}

static void put_events(FILE *file, const struct watch *watch)
{
	put_head(file, "events", METRIC_GAUGE, "How many things are amiss, by their severity.");
	for (int severity = 0; severity < SEVERITY_MAX; severity++) {
		unsigned number = 0;

		for (size_t i = 0; i < watch->events.count; i++)
			number += watch_event_is_open(&watch->events.items[i]) &&
				  watch_event_severity(watch->events.items[i].kind) ==
					  (enum watch_severity)severity;
		fputs("lustre_init_events", file);
		put_label(file, "severity", watch_severity_name((enum watch_severity)severity),
			  true);
		fprintf(file, "} %u\n", number);
	}
	put_head(file, "event", METRIC_GAUGE, "What is amiss: 1 while it lasts.");
	for (size_t i = 0; i < watch->events.count; i++) {
		const struct watch_event *event = &watch->events.items[i];

		if (!watch_event_is_open(event))
			continue;
		fputs("lustre_init_event", file);
		put_label(file, "event", watch_event_name(event->kind), true);
		put_label(file, "severity", watch_severity_name(watch_event_severity(event->kind)),
			  false);
		put_label(file, "subject", event->subject, false);
		put_label(file, "target", event->target, false);
		fputs("} 1\n", file);
	}
}

static void put_metadata(FILE *file, const struct watch *watch)
{
	put_head(file, "metadata_up", METRIC_GAUGE,
		 "1 where the metadata service of EC2 answers all that is asked of it.");
	fprintf(file, "lustre_init_metadata_up %d\n", watch->metadata_trouble[0] == '\0');
	put_head(file, "changed_tags", METRIC_GAUGE,
		 "How many instance tags are other than what was applied.");
	fprintf(file, "lustre_init_changed_tags %zu\n", watch->changed_tags.count);
	put_head(file, "leaving", METRIC_GAUGE,
		 "1 where the targets are taken out of service, since the instance ends.");
	fprintf(file, "lustre_init_leaving %d\n", watch->leaving != LEAVING_NOT);
}

/* Two whose ids are not understood may differ by their time alone: the nearer comes first, and a
 * line that stands there twice is an error to who reads. */
static bool has_its_line(const struct notices *notices, const struct notice *notice)
{
	for (const struct notice *other = notices->items; other < notice; other++)
		if (other->kind == notice->kind && strcmp(other->code, notice->code) == 0 &&
		    strcmp(other->id, notice->id) == 0)
			return true;
	return false;
}

static void put_notices(FILE *file, const struct notices *notices)
{
	put_head(file, "notices", METRIC_GAUGE, "How many notices of EC2 hold for this instance.");
	fprintf(file, "lustre_init_notices %zu\n", notices->count + notices->left_out);
	if (notices->count == 0)
		return;
	put_head(file, "notice_timestamp_seconds", METRIC_GAUGE,
		 "When what EC2 gives notice of is done, or begins; of a rebalance, when it was "
		 "given; 0 where that is not understood.");
	for (size_t i = 0; i < notices->count; i++) {
		const struct notice *notice = &notices->items[i];

		if (has_its_line(notices, notice))
			continue;
		fputs("lustre_init_notice_timestamp_seconds", file);
		put_label(file, "notice", notice_kind_name(notice->kind), true);
		put_label(file, "code", notice->code, false);
		put_label(file, "id", notice->id, false);
		fprintf(file, "} %" PRIu64 "\n", notice->when_sec);
	}
}

int metrics_text(const struct metrics *metrics, char **ret, struct error *err)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	int r = file ? 0 : -ENOMEM;

	if (r == 0) {
		put_node(file, metrics);
		put_phases(file, metrics->applied);
		r = put_rows(file, metrics);
		put_network(file, metrics);
		put_events(file, metrics->watch);
		put_notices(file, &metrics->watch->notices);
		put_metadata(file, metrics->watch);
		if (fclose(file) != 0)
			r = -ENOMEM;
	}
	if (r < 0) {
		free(text);
		return error_set(err, r, "out of memory");
	}
	*ret = text;
	return 0;
}
