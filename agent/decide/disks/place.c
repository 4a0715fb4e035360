/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/place.h"

#include "base/text.h"
#include "decide/disks/consent.h"
#include "decide/disks/disk_identity.h"
#include "decide/disks/remembered.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* mkfs.lustre refuses 32 MiB and less; who asks for a size gets twice that (model/spec/keys.c). */
#define TARGET_LEAST (64ULL << 20)
#define REST_LEAST   (36ULL << 20)

/* Of a group that vgcreate makes, and what is before the first of them on a PV (base/lvm_head.h).
 */
#define EXTENT  (4ULL << 20)
#define PV_HEAD (1ULL << 20)

int place_refuse(const struct place *place, struct plan *plan, enum refusal_code code,
		 const char *fix, const char *format, ...)
{
	char text[512];
	va_list args;
	int r = 0;

	va_start(args, format);
	text_vsentence(text, sizeof(text), format, args);
	va_end(args);
	for (size_t i = 0; i < place->target_count && r == 0; i++)
		r = plan_refuse(plan, code, place->targets[i]->name, fix, "%s", text);
	return r;
}

int place_check_disks(const struct place *place, struct plan *plan, bool *ret_refused)
{
	int r = 0;

	*ret_refused = false;
	for (size_t t = 0; t < place->target_count; t++) {
		for (size_t d = 0; d < place->disk_count && r == 0; d++) {
			bool refused;

			r = candidate_check(place->disks[d], place->targets[t]->name, plan,
					    &refused);
			*ret_refused = *ret_refused || refused;
		}
	}
	return r;
}

/* One whose logical sectors are not as large as those of the first; NULL for none. */
static const struct disk *find_unlike(const struct place *place)
{
	for (size_t i = 1; i < place->disk_count; i++) {
		const struct disk *first = place->disks[0]->disk, *disk = place->disks[i]->disk;

		if (disk->logical_sector > 0 && first->logical_sector > 0 &&
		    disk->logical_sector != first->logical_sector)
			return disk;
	}
	return NULL;
}

int place_check_sectors(const struct place *place, struct plan *plan, bool *ret_refused)
{
	char text[DISK_DESCRIPTION_MAX], text_of_first[DISK_DESCRIPTION_MAX];
	const struct disk *unlike = find_unlike(place);

	*ret_refused = unlike != NULL;
	if (!unlike)
		return 0;
	disk_describe(place->disks[0]->disk, text_of_first);
	disk_describe(unlike, text);
	return place_refuse(place, plan, REFUSAL_NO_DISK,
			    "Use an instance type whose disks are alike, or name those to use with "
			    "disks.",
			    "%s and %s have sectors of different sizes, and LVM makes no group of "
			    "both",
			    text_of_first, text);
}

/* "MGS, lustrewt-MDT0000": the targets that are lost, and a loss that nothing consents to. */
static const struct plan_target *list_lost(const struct planner_input *input,
					   const struct place *place, char *text, size_t size)
{
	const struct plan_target *worst = NULL;
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < place->target_count && used < size; i++) {
		const struct plan_target *target = place->targets[i];

		if (!consent_is_needed(input, target))
			continue;
		used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "",
					 target->name);
		if (!consent_to_recreate(input, target) && (!worst || target->kind == TARGET_MDT))
			worst = target;
	}
	return worst;
}

/* The disks that a target was on, as state.json has them: "AWS1, AWS2 and 2 more". */
static void list_serials(const struct remembered_target *remembered, char *text, size_t size)
{
	size_t used = 0, shown = 0;

	text[0] = '\0';
	if (!remembered)
		return;
	for (; shown < remembered->disk_count && shown < 4; shown++)
		used += (size_t)snprintf(text + used, size - used, "%s%.40s", shown > 0 ? ", " : "",
					 remembered->disks[shown].serial);
	if (shown < remembered->disk_count)
		snprintf(text + used, size - used, " and %zu more", remembered->disk_count - shown);
}

static const struct {
	const char *lost, *fix;
} losses[TARGET_KIND_MAX] = {
	[TARGET_MGT] = { "targets that it knew would have to register anew",
			 "Set on-data-loss: recreate to make it anew, empty." },
	[TARGET_MDT] = { "the names of all files were on it",
			 "Start over with a new file system, under a new fsname (with "
			 "on-data-loss: "
			 "recreate, for the MGT): a new MDT over the OSTs of an old one is no file "
			 "system." },
	[TARGET_OST] = { "files that had objects there would read as empty, without an error",
			 "Set on-data-loss: recreate to make it anew, empty, under its old "
			 "index." },
};

/* Another index is no consent: with other disks, or another number of them, it comes by itself. */
static int check_gone(const struct planner_input *input, const struct place *place,
		      struct plan *plan, bool *ret_refused)
{
	const struct remembered_target *gone = remembered_find_gone(input, plan);
	const bool is_mdt = gone && target_kind_of_name(gone->name) == TARGET_MDT;
	char serials[256];

	/* What was named may be somewhere else, and what is named now is meant. */
	*ret_refused = gone && input->spec->disks == DISKS_INSTANCE_STORE &&
		       (is_mdt || input->spec->on_data_loss != ON_DATA_LOSS_RECREATE);
	if (!*ret_refused)
		return 0;
	list_serials(gone, serials, sizeof(serials));
	return place_refuse(
		place, plan, REFUSAL_DATA_LOSS,
		is_mdt ? losses[TARGET_MDT].fix
		       : "Ask for it again (role, index, index-base, osts, expect-disks), or set "
			 "on-data-loss: recreate to go on without it.",
		"this instance served %s from disks of serial %s, and nothing of it "
		"is here, and it is not asked for any more; what was on it is lost",
		gone->name, serials);
}

int place_check_loss(const struct planner_input *input, const struct place *place, const char *how,
		     struct plan *plan, bool *ret_refused)
{
	char lost[SHARING_MAX * TARGET_NAME_MAX], serials[256];
	const struct plan_target *worst = list_lost(input, place, lost, sizeof(lost));

	*ret_refused = worst != NULL;
	if (!worst)
		return check_gone(input, place, plan, ret_refused);
	list_serials(state_find(input->state, input->facts->instance_id, worst->name), serials,
		     sizeof(serials));
	return place_refuse(place, plan, REFUSAL_DATA_LOSS, losses[worst->kind].fix,
			    "this instance served %s from disks of serial %s, and %s; %s", lost,
			    serials, how, losses[worst->kind].lost);
}

struct room room_over(const uint64_t *sizes, size_t count, uint64_t used)
{
	uint64_t smallest = UINT64_MAX;
	struct room room = { .step = (count > 0 ? count : 1) * EXTENT, .is_new = used == 0 };

	for (size_t i = 0; i < count; i++) {
		uint64_t extents = sizes[i] > PV_HEAD ? (sizes[i] - PV_HEAD) / EXTENT : 0;

		smallest = extents < smallest ? extents : smallest;
		if (__builtin_add_overflow(room.total, extents * EXTENT, &room.total))
			room.total = UINT64_MAX;
	}
	if (count == 0)
		smallest = 0;
	if (__builtin_mul_overflow(smallest, room.step, &room.free))
		room.free = UINT64_MAX;
	room.free = room.free > used ? room.free - used : 0;
	return room;
}

/* In whole steps: a share no more than it says, a size no less. What is left over goes to the last.
 */
static uint64_t size_of(const struct size_choice *size, const struct room *room)
{
	uint64_t bytes = size->bytes;

	if (size->percent > 0)
		return room->total / 100 * size->percent / room->step * room->step;
	if (bytes == 0)
		bytes = REST_LEAST;
	if (__builtin_add_overflow(bytes, room->step - 1, &bytes))
		return UINT64_MAX;
	return bytes / room->step * room->step;
}

/* The key that gives a target its size, where it has one to share disks with; NULL where not. */
static const char *size_key(const struct plan_target *target)
{
	if (target->size.percent == 0 && target->size.bytes == 0)
		return NULL;
	return target->kind == TARGET_MGT ? "mgt-size" : "mdt-size";
}

static int refuse_share(const struct place *place, const struct plan_target *target,
			const struct room *room, uint64_t bytes, struct plan *plan)
{
	char fix[96];

	text_sentence(fix, sizeof(fix), "Set a larger share (%s), or a size.", size_key(target));
	return place_refuse(place, plan, REFUSAL_NO_SPACE, fix,
			    "%u%% of %.1f GB for %s are %.1f MB, and a target needs %.1f MB",
			    target->size.percent, (double)room->total / 1e9, target->name,
			    (double)bytes / 1e6, (double)TARGET_LEAST / 1e6);
}

/* "mgt-size, mdt-size": those of the place's targets; "" for none. */
static void list_size_keys(const struct place *place, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < place->target_count; i++) {
		const char *key = size_key(place->targets[i]);

		if (key && used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%s",
						 used > 0 ? ", " : "", key);
	}
}

/* The one that all others give no more than; NULL where they are alike. */
static const struct disk *find_smaller(const struct place *place)
{
	const struct disk *least = NULL;
	uint64_t most = 0;

	for (size_t i = 0; i < place->disk_count; i++) {
		const struct disk *disk = place->disks[i]->disk;

		if (!least || disk->size < least->size)
			least = disk;
		most = disk->size > most ? disk->size : most;
	}
	return least && least->size < most ? least : NULL;
}

static void advise_space(const struct place *place, const struct room *room, bool unequal,
			 char *fix, size_t size)
{
	char keys[32];

	list_size_keys(place, keys, sizeof(keys));
	if (!room->is_new)
		snprintf(fix, size, "Ask for what is there, or start over on blank disks.");
	else if (unequal && keys[0])
		snprintf(fix, size,
			 "Set smaller sizes (%s): of disks of several sizes, each gives as much as "
			 "the smallest.",
			 keys);
	else if (unequal)
		snprintf(fix, size,
			 "Of disks of several sizes, each gives as much as the smallest: use an "
			 "instance type whose disks are alike, or name the one to use with "
			 "`disks`.");
	else if (keys[0])
		snprintf(fix, size, "Set smaller sizes (%s), or give the node more disks.", keys);
	else
		snprintf(fix, size, "Give the node larger disks.");
}

static int refuse_space(const struct place *place, const struct room *room, uint64_t needed,
			struct plan *plan)
{
	const struct disk *small = room->is_new ? find_smaller(place) : NULL;
	/* In whichever unit the first decimal shows what is missing. */
	bool in_gb = needed - room->free >= 100000000;
	double unit = in_gb ? 1e9 : 1e6;
	char fix[256], disk[DISK_DESCRIPTION_MAX], least[DISK_DESCRIPTION_MAX + 64] = "";

	advise_space(place, room, small != NULL, fix, sizeof(fix));
	if (small) {
		disk_describe(small, disk);
		snprintf(least, sizeof(least), "; the smallest, %s, has %.1f %s", disk,
			 (double)small->size / unit, in_gb ? "GB" : "MB");
	}
	return place_refuse(place, plan, REFUSAL_NO_SPACE, fix,
			    "%.1f %s are needed, and %.1f of %.1f %s are free%s",
			    (double)needed / unit, in_gb ? "GB" : "MB", (double)room->free / unit,
			    (double)room->total / unit, in_gb ? "GB" : "MB", least);
}

int place_cut(const struct place *place, const struct room *room, struct plan *plan,
	      bool *ret_refused)
{
	uint64_t needed = 0;

	*ret_refused = true;
	for (size_t i = 0; i < place->target_count; i++) {
		struct plan_target *target = place->targets[i];
		uint64_t bytes = size_of(&target->size, room);

		if (target->size.percent > 0 && bytes < TARGET_LEAST)
			return refuse_share(place, target, room, bytes, plan);
		if (__builtin_add_overflow(needed, bytes, &needed))
			needed = UINT64_MAX;
		if (target->size.percent > 0 || target->size.bytes > 0)
			target->size = (struct size_choice){ .bytes = bytes };
	}
	if (needed > room->free)
		return refuse_space(place, room, needed, plan);
	*ret_refused = false;
	return 0;
}

static int copy_refusals(struct plan *plan, const char *from, const char *to)
{
	size_t count = plan->refusal_count;
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		const struct refusal refusal = plan->refusals[i];

		if (refusal_names(&refusal, from))
			r = plan_refuse(plan, refusal.code, to, refusal.fix, "%s", refusal.text);
	}
	return r;
}

int place_share_refusals(const struct place *place, struct plan *plan, bool *ret_refused)
{
	int r = 0;

	*ret_refused = false;
	for (size_t i = 0; i < place->target_count; i++) {
		for (size_t j = 0; j < place->target_count && r == 0; j++)
			if (i != j)
				r = copy_refusals(plan, place->targets[i]->name,
						  place->targets[j]->name);
		for (size_t k = 0; k < plan->refusal_count; k++)
			*ret_refused = *ret_refused ||
				       refusal_names(&plan->refusals[k], place->targets[i]->name);
	}
	return r;
}
