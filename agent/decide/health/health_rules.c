/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/health/health_rules.h"

#include "base/text.h"
#include "model/attachment.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Of what there is; between the two an event neither begins nor ends. */
#define LOW_PERCENT         5
#define LOW_NO_MORE_PERCENT 7

struct looking {
	const struct applied *applied;
	const struct health *before, *now;
	health_finding_fn found;
	void *userdata;
};

/* With a sentence where it is so, without one where it only stays so. */
__attribute__((format(printf, 6, 7))) static void
tell(const struct looking *looking, enum watch_event_kind kind, const char *subject,
     const char *target, enum health_finding how, const char *format, ...)
{
	struct watch_event event = { .kind = kind, .since_usec = looking->now->at_usec };
	va_list args;

	text_set(event.subject, sizeof(event.subject), "%s", subject);
	text_set(event.target, sizeof(event.target), "%s", target);
	va_start(args, format);
	text_vsentence(event.sentence, sizeof(event.sentence), format, args);
	va_end(args);
	looking->found(&event, how, looking->userdata);
}

static bool is_low(uint64_t free, uint64_t total, unsigned percent)
{
	return free < total / 100 * percent;
}

static void look_at_space(const struct looking *looking, const struct health_target *target)
{
	const struct health_space *space = &target->space;
	const struct {
		enum watch_event_kind kind;
		uint64_t free, total;
		const char *what, *fix;
	} rows[] = {
		{ EVENT_SPACE_LOW, space->free_bytes, space->total_bytes, "space",
		  "delete files, move them with lfs migrate, or add OSTs" },
		{ EVENT_INODES_LOW, space->free_inodes, space->total_inodes, "inodes",
		  "delete files, or add a target" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!space->known) {
			tell(looking, rows[i].kind, target->name, target->name, FINDING_UNKNOWN,
			     " ");
			continue;
		}
		if (is_low(rows[i].free, rows[i].total, LOW_PERCENT))
			tell(looking, rows[i].kind, target->name, target->name, FINDING_IS,
			     "%s has less than %d %% of its %s left (%" PRIu64 " of %" PRIu64
			     "): %s",
			     target->name, LOW_PERCENT, rows[i].what, rows[i].free, rows[i].total,
			     rows[i].fix);
		else if (is_low(rows[i].free, rows[i].total, LOW_NO_MORE_PERCENT))
			tell(looking, rows[i].kind, target->name, target->name, FINDING_STAYS, " ");
	}
}

/* What is known of a server only while it is mounted. */
static void look_at_mounted(const struct looking *looking, const struct health_target *target)
{
	const char *name = target->name;

	look_at_space(looking, target);
	if (target->read_only)
		tell(looking, EVENT_TARGET_READ_ONLY, name, name, FINDING_IS,
		     "%s is read-only, as its file system becomes by an error: see the kernel's "
		     "log and its disks, stop it, run e2fsck, start it again",
		     name);
	if (target->unhealthy)
		tell(looking, EVENT_TARGET_UNHEALTHY, name, name, FINDING_IS,
		     "Lustre's health_check calls %s unhealthy: its disks, or its threads, do not "
		     "get on; see the kernel's log",
		     name);
	else if (looking->now->health_check[0] == '\0')
		tell(looking, EVENT_TARGET_UNHEALTHY, name, name, FINDING_UNKNOWN, " ");
	if (target->degraded)
		tell(looking, EVENT_TARGET_DEGRADED, name, name, FINDING_IS,
		     "%s is marked degraded: no new objects land on it until lctl set_param "
		     "obdfilter.%s.degraded=0",
		     name, name);
	if (health_is_recovering(target))
		tell(looking, EVENT_RECOVERY_LONG, name, name, FINDING_IS,
		     "%s is in recovery for more than 20 minutes (%s): clients wait for it; lctl "
		     "--device %s abort_recovery ends it, and evicts those who did not come back",
		     name, target->recovery, name);
	else if (target->recovery[0] == '\0')
		tell(looking, EVENT_RECOVERY_LONG, name, name, FINDING_UNKNOWN, " ");
	if (target->fs_errors > 0)
		tell(looking, EVENT_FS_ERRORS, name, name, FINDING_IS,
		     "the file system of %s counts %" PRIu64 " errors, and may be read-only by "
		     "them, which newer kernels do not show: stop it, run e2fsck on /dev/%s, start "
		     "it again",
		     name, target->fs_errors, target->device);
}

/* Of one that is not mounted nothing of that is known: it neither begins nor ends. */
static void keep_unmounted(const struct looking *looking, const struct health_target *target)
{
	static const enum watch_event_kind kinds[] = {
		EVENT_TARGET_READ_ONLY, EVENT_TARGET_UNHEALTHY, EVENT_TARGET_DEGRADED,
		EVENT_RECOVERY_LONG,    EVENT_FS_ERRORS,        EVENT_SPACE_LOW,
		EVENT_INODES_LOW,
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		tell(looking, kinds[i], target->name, target->name, FINDING_UNKNOWN, " ");
}

/* What is detached has what it had. */
static bool has_lost_ebs_alone(const struct health *health, const struct health_target *target)
{
	bool is_lost = false;

	for (size_t i = 0; i < health->disk_count; i++) {
		const struct health_disk *disk = &health->disks[i];

		if (strcmp(disk->target, target->name) != 0 ||
		    (disk->name[0] != '\0' && disk->head != HEAD_OTHER))
			continue;
		if (!attachment_is_volume_number(disk->serial) || disk->head == HEAD_OTHER)
			return false;
		is_lost = true;
	}
	return is_lost;
}

static void tell_partial(const struct looking *looking, const char *name, bool is_of_ebs)
{
	if (is_of_ebs)
		tell(looking, EVENT_VOLUME_PARTIAL, name, name, FINDING_IS,
		     "the volume of %s has lost an EBS volume: writes to it fail; attach that "
		     "again, then reboot the node",
		     name);
	else
		tell(looking, EVENT_VOLUME_PARTIAL, name, name, FINDING_IS,
		     "the volume of %s has lost a disk: what lay on it is gone, and writes to it "
		     "fail; stop the target, and see the key on-data-loss of lustre-init.yaml(5)",
		     name);
}

static void look_at_target(const struct looking *looking, const struct applied_target *applied,
			   const struct health_target *target)
{
	const char *name = target->name;

	if (applied->mounted && !target->mounted)
		tell(looking, EVENT_TARGET_GONE, name, name, FINDING_IS,
		     "%s is not mounted at %s any more: see systemctl status of its mount unit; "
		     "systemctl restart lustre-init mounts it again",
		     name, applied->mount_point);
	if (target->partial)
		tell_partial(looking, name, has_lost_ebs_alone(looking->now, target));
	if (target->role == APPLIED_CLIENT)
		return;
	if (target->mounted)
		look_at_mounted(looking, target);
	else
		keep_unmounted(looking, target);
}

/* "spare blocks run out, read-only": the bits of NVMe's critical warning. */
static void describe_warning(uint32_t warning, char *text, size_t size)
{
	static const char *const bits[] = {
		"its spare blocks run out",
		"it is too hot or too cold",
		"it has become unreliable",
		"it is read-only",
		"its cache has lost its power backup",
		"its persistent memory is unreliable",
	};
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (warning & (1U << i) && used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
						 bits[i]);
	if (used == 0)
		snprintf(text, size, "warning 0x%02" PRIx32, warning);
}

/*
 * Only by counters that were read before: each disk's log is read at another look, and what a disk
 * had before the watch began is no news.
 */
static bool has_new_errors(const struct health_disk *disk, const struct health_disk *before)
{
	if (!before || before->name[0] == '\0')
		return false;
	return (before->smart_known && disk->media_errors > before->media_errors) ||
	       (before->has_io_errors && disk->io_errors > before->io_errors);
}

static void tell_gone(const struct looking *looking, const struct health_disk *disk)
{
	if (attachment_is_volume_number(disk->serial))
		tell(looking, EVENT_DISK_GONE, disk->serial, disk->target, FINDING_IS,
		     "the EBS volume %s of %s is gone: it was detached, and has what it had; "
		     "attach it again, then reboot the node",
		     disk->serial, disk->target);
	else
		tell(looking, EVENT_DISK_GONE, disk->serial, disk->target, FINDING_IS,
		     "the disk %s of %s is gone: a stop and start of the instance gives another "
		     "host, and blank disks; see the key on-data-loss of lustre-init.yaml(5)",
		     disk->serial, disk->target);
}

static void look_at_disk(const struct looking *looking, const struct health_disk *disk)
{
	const struct health_disk *before = health_disk(looking->before, disk->serial);

	if (disk->name[0] == '\0') {
		tell_gone(looking, disk);
		tell(looking, EVENT_DISK_FAILING, disk->serial, disk->target, FINDING_UNKNOWN, " ");
		return;
	}
	if (disk->smart_known && disk->critical_warning != 0) {
		char why[256];

		describe_warning(disk->critical_warning, why, sizeof(why));
		tell(looking, EVENT_DISK_FAILING, disk->serial, disk->target, FINDING_IS,
		     "the disk %s (%s) of %s warns of itself: %s; move its files away (lfs "
		     "migrate) while they can be read",
		     disk->serial, disk->name, disk->target, why);
	} else if (has_new_errors(disk, before)) {
		tell(looking, EVENT_DISK_FAILING, disk->serial, disk->target, FINDING_IS,
		     "the disk %s (%s) of %s has new errors (%" PRIu64 " of its medium, %" PRIu64
		     " of commands): see the kernel's log, move its files away (lfs migrate)",
		     disk->serial, disk->name, disk->target, disk->media_errors, disk->io_errors);
	}
}

static void look_at_network(const struct looking *looking)
{
	const struct health *now = looking->now;
	const struct health_mgs *mgs = &now->mgs;

	for (size_t i = 0; i < looking->applied->nids.count; i++) {
		const char *nid = looking->applied->nids.items[i];

		if (!now->nids_known)
			tell(looking, EVENT_NID_GONE, nid, "", FINDING_UNKNOWN, " ");
		else if (!words_contain(&now->nids, nid))
			tell(looking, EVENT_NID_GONE, nid, "", FINDING_IS,
			     "LNET does not have the NID %s any more: other nodes reach this one "
			     "by it; see lnetctl net show, and systemctl restart lustre-init adds "
			     "it again",
			     nid);
	}
	if (mgs->asked && mgs->away_since_usec != 0)
		tell(looking, EVENT_MGS_AWAY, "", "", FINDING_IS,
		     "the MGS cannot be reached at %s: %s; %s", mgs->nid,
		     mgs_answer_sentence(mgs->answer), mgs_answer_next(mgs->answer));
	else if (!mgs->asked && looking->applied->mgs_nids.count > 0)
		tell(looking, EVENT_MGS_AWAY, "", "", FINDING_UNKNOWN, " ");
}

/* Each of its disks is another, or blank, or gone, and one of them was read to be so. */
static bool lies_on_nothing(const struct health *health, const struct health_target *target)
{
	bool other = false;

	for (size_t i = 0; i < health->disk_count; i++) {
		const struct health_disk *disk = &health->disks[i];

		if (strcmp(disk->target, target->name) != 0)
			continue;
		if (disk->name[0] != '\0' && disk->head != HEAD_OTHER)
			return false;
		other = other || disk->head == HEAD_OTHER;
	}
	return other;
}

/*
 * The only event that is answered by force, so proven three times: the machine slept by clocks that
 * nobody sets (health_slept), a target is mounted all the same, and its disks are not its own.
 */
static void look_after_sleep(const struct looking *looking)
{
	const struct health *now = looking->now;

	for (size_t i = 0; now->woken && i < now->target_count; i++) {
		const struct health_target *target = &now->targets[i];

		if (target->mounted && lies_on_nothing(now, target))
			tell(looking, EVENT_WOKEN_OVER_BLANK_DISKS, target->name, target->name,
			     FINDING_IS,
			     "the machine woke up over other disks than %s is mounted from: what "
			     "memory still holds of it must not be written; the node reboots now, "
			     "without unmounting",
			     target->name);
	}
}

void health_rules(const struct applied *applied, const struct health *before,
		  const struct health *now, health_finding_fn found, void *userdata)
{
	const struct looking looking = { applied, before, now, found, userdata };

	for (size_t i = 0; i < applied->target_count; i++) {
		const struct health_target *target = health_target(now, applied->targets[i].name);

		if (target)
			look_at_target(&looking, &applied->targets[i], target);
	}
	for (size_t i = 0; i < now->disk_count; i++)
		look_at_disk(&looking, &now->disks[i]);
	look_at_network(&looking);
	look_after_sleep(&looking);
}
