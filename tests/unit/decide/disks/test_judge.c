/* SPDX-License-Identifier: Apache-2.0 */

/* What a target is, row by row of the table: tag and content of its volume, and nothing else. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/disks/judge.h"

#include "scenes/answers.h"

static struct judged judge(struct scene *s)
{
	const struct planner_input input = { &s->spec, &s->facts, &s->state, &s->status };
	struct plan_target *target;
	struct judged judged;

	scene_specify(s);
	plan_done(&s->plan);
	target = plan_add_target(&s->plan);
	assert_non_null(target);
	target->kind = TARGET_OST;
	strcpy(target->name, SCENE_OST);
	strcpy(target->volume, "ost0017");
	strcpy(target->mount_point, "/srv/lustre/" SCENE_OST);
	assert_int_equal(judge_target(&input, target, &s->plan, &judged), 0);
	/* A judgement and the refusals agree, always. */
	assert_int_equal(judged.what == JUDGED_REFUSED, s->plan.refusal_count > 0);
	return judged;
}

/* How a volume looks; "" is blank. */
struct look {
	enum phase phase;
	const char *type;
	bool lustre, served, needs_recovery;
	enum judgement judgement;
};

static void every_row_of_the_table(void **state)
{
	static const struct look looks[] = {
		/* never announced to the MGS: what is complete is kept, the rest is formatted */
		{ PHASE_CREATING, "", false, false, false, JUDGED_UNFORMATTED },
		{ PHASE_CREATING, "ext4", false, false, false, JUDGED_UNFORMATTED },
		{ PHASE_CREATING, "ext4", true, false, false, JUDGED_FORMATTED },
		{ PHASE_FORMATTED, "ext4", true, false, false, JUDGED_FORMATTED },
		{ PHASE_FORMATTED, "", false, false, false, JUDGED_UNFORMATTED },
		{ PHASE_CREATING, "xfs", false, false, false, JUDGED_REFUSED },
		/* perhaps announced: only a mount can tell, and nothing incomplete is touched */
		{ PHASE_REGISTERING, "ext4", true, false, false, JUDGED_REGISTERING },
		{ PHASE_REGISTERING, "ext4", true, true, false, JUDGED_REGISTERING },
		{ PHASE_REGISTERING, "ext4", false, false, false, JUDGED_REFUSED },
		{ PHASE_REGISTERING, "", false, false, false, JUDGED_REFUSED },
		/* the journal first, whatever is to be seen without it */
		{ PHASE_CREATING, "ext4", false, false, true, JUDGED_UNREPLAYED },
		{ PHASE_REGISTERING, "ext4", true, true, true, JUDGED_UNREPLAYED },
		/* last_rcvd is the proof, behind any tag and without a readable mountdata */
		{ PHASE_CREATING, "ext4", true, true, false, JUDGED_REGISTERING },
		{ PHASE_FORMATTED, "ext4", false, true, false, JUDGED_REGISTERING },
		/* the tag is proof as well: nobody looks further */
		{ PHASE_SERVED, "", false, false, false, JUDGED_SERVED },
		{ PHASE_SERVED, "ext4", true, true, true, JUDGED_SERVED },
		{ PHASE_NONE, "", false, false, false, JUDGED_REFUSED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		struct volume *volume;
		struct scene s;
		enum judgement what;

		scene_start(&s, 2);
		volume = scene_ost(&s, looks[i].phase);
		strcpy(volume->content.type, looks[i].type);
		if (strcmp(looks[i].type, "ext4") == 0)
			strcpy(volume->content.label, "lustrewt:OST0017");
		volume->content.lustre = looks[i].lustre;
		volume->content.served = looks[i].served;
		volume->content.needs_recovery = looks[i].needs_recovery;
		if (looks[i].lustre)
			strcpy(volume->content.lustre_target, SCENE_OST);
		what = judge(&s).what;
		if (what != looks[i].judgement)
			fail_msg("row %zu is judged %d, not %d", i, (int)what,
				 (int)looks[i].judgement);
		scene_end(&s);
	}
}

/* How a volume of ours looks that was never in service; and the words of a refusal, NULL for none.
 */
struct content_look {
	const char *type, *other_type, *label, *stranger, *data, *refused;
	bool lustre, remains;
};

/*
 * Our tag says whose the volume is, not what is on it: somebody may have used it since a first boot
 * that failed. Only what a format of this very target leaves is formatted over (S3).
 */
static void what_is_not_a_format_of_this_target_is_kept(void **state)
{
	static const struct content_look looks[] = {
		{ .type = "ext4", .label = "lustrewt:OST0017" },
		{ .type = "ext4", .label = "lustrewt-OST0017" },
		{ .type = "ext4", .label = "lustrewt=OST0017" },
		{ .type = "ext4", .label = "my-backups", .refused = "ext4, label \"my-backups\"," },
		{ .type = "ext4", .label = "", .refused = "of ext4 that is not ours" },
		{ .type = "ext4", .label = "lustrewt:OST0018", .refused = "OST0018" },
		{ .type = "ext4", .label = "lustrewt:MDT0017", .refused = "MDT0017" },
		{ .type = "ext4", .label = "lustrewt", .refused = "lustrewt" },
		{ .type = "ext4", .label = "lustrewt:OST0017x", .refused = "OST0017x" },
		{ .type = "ext4", .label = "lustrewt/OST0017", .refused = "lustrewt/OST0017" },
		{ .type = "ext4", .label = "MGS", .refused = "MGS" },
		{ .type = "ext4",
		  .label = "lustrewt:OST0017",
		  .stranger = "photos",
		  .refused = "photos" },
		{ .type = "ext4",
		  .label = "lustrewt:OST0017",
		  .other_type = "swap",
		  .refused = "ext4 and swap" },
		{ .type = "xfs", .label = "lustrewt:OST0017", .refused = "xfs" },
		{ .type = "crypto_LUKS", .refused = "crypto_LUKS" },
		{ .type = "gpt", .refused = "gpt" },
		{ .data = "data at byte 4096", .refused = "data at byte 4096" },
		/* What a format of ours, once begun, left behind has no signature either. */
		{ .data = "data at byte 4096", .remains = true },
		{ .type = "swap", .remains = true, .refused = "swap" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		const struct content_look *look = &looks[i];
		struct content *content;
		struct judged judged;
		struct scene s;

		scene_start(&s, 2);
		content = &scene_ost(&s, PHASE_CREATING)->content;
		content->lustre = false;
		content->lustre_target[0] = '\0';
		strcpy(content->type, look->type ? look->type : "");
		strcpy(content->other_type, look->other_type ? look->other_type : "");
		strcpy(content->label, look->label ? look->label : "");
		strcpy(content->stranger, look->stranger ? look->stranger : "");
		strcpy(content->not_blank_because, look->data ? look->data : "");
		if (look->remains)
			scene_remember(&s, SCENE_OST, PHASE_CREATING, s.facts.groups[0].name)
				->remains = true;
		judged = judge(&s);
		assert_int_equal(judged.what, look->refused ? JUDGED_REFUSED : JUDGED_UNFORMATTED);
		if (look->refused &&
		    !strstr(scene_refusal(&s, REFUSAL_FOREIGN_DATA)->text, look->refused))
			fail_msg("row %zu: %s", i, s.plan.refusals[0].text);
		scene_end(&s);
	}
}

/* Remains are those of one volume: in another group they are somebody's. */
static void remains_are_known_of_one_group(void **state)
{
	struct content *content;
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	content = &scene_ost(&s, PHASE_CREATING)->content;
	*content = (struct content){ .known = true, .not_blank_because = "data at byte 0" };
	scene_remember(&s, SCENE_OST, PHASE_CREATING, "lustre-init-0000beef")->remains = true;
	assert_int_equal(judge(&s).what, JUDGED_REFUSED);
	scene_end(&s);
}

/*
 * What a replay that was cut off has done cannot be seen in what is there: e2fsck may have dropped
 * what the journal held. How far it came is looked at first, and a tag of any other words refuses.
 */
static void a_replay_that_was_cut_off_is_looked_at(void **state)
{
	static const struct {
		const char *tag;
		enum judgement judgement;
	} looks[] = {
		{ "lustre-init.journals=x", JUDGED_UNFORMATTED },
		{ "lustre-init.journal=replaying", JUDGED_UNREPLAYED },
		{ "lustre-init.journal=lost", JUDGED_REFUSED },
		{ "lustre-init.journal=", JUDGED_REFUSED },
		{ "lustre-init.journal=replayed", JUDGED_REFUSED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		for (unsigned wiped = 0; wiped < 2; wiped++) {
			struct volume *volume;
			struct scene s;

			scene_start(&s, 2);
			volume = scene_ost(&s, PHASE_CREATING);
			strcpy(volume->content.type, wiped ? "" : "ext4");
			strcpy(volume->content.label, wiped ? "" : "lustrewt:OST0017");
			assert_int_equal(words_add(&volume->tags, looks[i].tag), 0);
			assert_int_equal(judge(&s).what, looks[i].judgement);
			scene_end(&s);
		}
	}
}

/* To replay a journal is to write. */
static void a_foreign_journal_is_not_replayed(void **state)
{
	struct content *content;
	struct volume *volume;
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	volume = scene_ost(&s, PHASE_CREATING);
	scene_format(volume);
	content = &volume->content;
	content->needs_recovery = true;
	assert_int_equal(judge(&s).what, JUDGED_UNREPLAYED);
	strcpy(content->label, "my-backups");
	assert_int_equal(judge(&s).what, JUDGED_REFUSED);
	assert_non_null(strstr(scene_refusal(&s, REFUSAL_FOREIGN_DATA)->text, "my-backups"));
	scene_end(&s);
}

/* Consent to take an index over is no consent to lose what somebody put beside the target. */
static void consent_does_not_cover_strangers(void **state)
{
	struct content *content;
	struct volume *volume;
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	scene_say(&s, "replace", "true");
	volume = scene_ost(&s, PHASE_REGISTERING);
	scene_format(volume);
	content = &volume->content;
	scene_tried(&s, ACTION_MOUNT, SCENE_OST, OUTCOME_FAILED, EADDRINUSE);
	assert_int_equal(judge(&s).what, JUDGED_UNFORMATTED);
	assert_true(s.plan.targets[0].replace && s.plan.targets[0].reformat);
	strcpy(content->stranger, "photos");
	assert_int_equal(judge(&s).what, JUDGED_REFUSED);
	assert_false(s.plan.targets[0].replace);
	assert_non_null(strstr(scene_refusal(&s, REFUSAL_FOREIGN_DATA)->text, "photos"));
	scene_end(&s);
}

static void what_is_not_active_is_not_judged(void **state)
{
	struct volume *volume;
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	volume = scene_ost(&s, PHASE_CREATING);
	volume->active = volume->content.known = false;
	assert_int_equal(judge(&s).what, JUDGED_INACTIVE);
	volume->active = true;
	strcpy(volume->content.unknown_because, "debugfs: no");
	assert_int_equal(judge(&s).what, JUDGED_REFUSED);
	assert_non_null(strstr(scene_refusal(&s, REFUSAL_NOT_READABLE)->text, "debugfs: no"));
	scene_end(&s);
}

static void a_tag_without_ours_is_no_volume(void **state)
{
	struct volume *volume;
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	volume = scene_ost(&s, PHASE_SERVED);
	strcpy(volume->tags.items[0], "site");
	assert_null(judge(&s).volume);
	assert_non_null(strstr(scene_refusal(&s, REFUSAL_FOREIGN_DATA)->fix, "Remove nothing"));
	strcpy(volume->tags.items[1], "lustre-init.target=lustrewt-OST0018");
	strcpy(volume->name, "ost0018");
	assert_int_equal(judge(&s).what, JUDGED_ABSENT);
	strcpy(volume->tags.items[0], "lustre-init");
	strcpy(volume->tags.items[1], "lustre-init.target=" SCENE_OST);
	strcpy(volume->name, "ost0017");
	strcpy(s.facts.groups[0].tags.items[0], "site");
	assert_int_equal(judge(&s).what, JUDGED_ABSENT);
	scene_end(&s);
}

static void a_missing_disk_is_counted_against_the_tag(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	scene_ost(&s, PHASE_SERVED);
	s.facts.groups[0].pv_missing = 1;
	judge(&s);
	scene_refusal(&s, REFUSAL_DISK_MISSING);
	s.facts.groups[0].pv_missing = 0;
	s.facts.groups[0].pv_count = 1; /* what LVM sees is consistent, and yet */
	scene_disk(&s, 2)->vg_uuid[0] = '\0';
	judge(&s);
	scene_refusal(&s, REFUSAL_DISK_MISSING);
	scene_end(&s);
}

static void in_service_is_in_service(void **state)
{
	struct volume *volume;
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	volume = scene_ost(&s, PHASE_SERVED);
	scene_mount(&s, volume->device, "/srv/lustre/" SCENE_OST);
	assert_int_equal(judge(&s).what, JUDGED_MOUNTED);
	assert_true(s.plan.targets[0].in_service);
	strcpy(s.facts.mounts[0].fstype, "ldiskfs"); /* looked into, and it serves nobody */
	assert_int_equal(judge(&s).what, JUDGED_REFUSED);
	assert_false(s.plan.targets[0].in_service);
	strcpy(s.facts.mounts[0].fstype, "lustre");
	strcpy(volume->tags.items[2], "lustre-init.phase=x");
	assert_int_equal(judge(&s).what, JUDGED_REFUSED); /* a later version's: left alone */
	free(volume->tags.items[2]);
	volume->tags.items[2] = strdup("lustre-init.phase=registering");
	strcpy(volume->content.type, "ext4");
	strcpy(volume->content.label, SCENE_OST);
	assert_int_equal(judge(&s).what, JUDGED_UNSETTLED);
	/* Somebody's own file system at the target's place is no target in service. */
	strcpy(volume->content.label, "my-backups");
	assert_int_equal(judge(&s).what, JUDGED_REFUSED);
	strcpy(volume->content.label, SCENE_OST);
	/* Also where a disk is missing by now: that is told, and it serves all the same. */
	s.facts.groups[0].pv_missing = 1;
	assert_int_equal(judge(&s).what, JUDGED_REFUSED);
	assert_true(s.plan.targets[0].in_service);
	scene_end(&s);
}

static void another_place_is_a_refusal(void **state)
{
	struct volume *volume;
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	volume = scene_ost(&s, PHASE_SERVED);
	scene_mount(&s, volume->device, "/mnt/by-hand");
	judge(&s);
	assert_non_null(strstr(scene_refusal(&s, REFUSAL_MOUNT_POINT)->text, "/mnt/by-hand"));
	scene_end(&s);
	scene_start(&s, 2);
	scene_ost(&s, PHASE_SERVED);
	scene_mount(&s, "nvme9n1", "/srv/lustre/" SCENE_OST);
	judge(&s);
	assert_non_null(strstr(scene_refusal(&s, REFUSAL_MOUNT_POINT)->text, "nvme9n1"));
	scene_end(&s);
}

/* Served, by what is remembered of this very volume, and nothing of that is on it; unless what is
 * remembered is of another one, and a format was begun on this. */
static void what_was_served_is_not_formatted_by_its_tag(void **state)
{
	struct remembered_target *t;
	struct volume *volume;
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	volume = scene_ost(&s, PHASE_CREATING);
	volume->active = true;
	volume->content = (struct content){ .known = true };
	t = scene_remember(&s, SCENE_OST, PHASE_SERVED, SCENE_GROUP);
	judge(&s);
	assert_non_null(strstr(scene_refusal(&s, REFUSAL_DATA_LOSS)->text, "this instance served"));
	t->remains = true;
	assert_int_equal(judge(&s).what, JUDGED_UNFORMATTED);
	t->remains = false;
	strcpy(t->group, "lustre-init-0000beef");
	assert_int_equal(judge(&s).what, JUDGED_UNFORMATTED);
	scene_end(&s);
}

/* Mounted at the target's place, and another target by its label. */
static void another_target_in_its_place_is_a_refusal(void **state)
{
	struct volume *volume;
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	volume = scene_ost(&s, PHASE_SERVED);
	scene_mount(&s, volume->device, "/srv/lustre/" SCENE_OST);
	strcpy(volume->content.lustre_target, "lustrewt-OST0005");
	judge(&s);
	assert_non_null(strstr(scene_refusal(&s, REFUSAL_DRIFT)->text, "lustrewt-OST0005"));
	strcpy(volume->content.lustre_target, SCENE_OST);
	assert_int_equal(judge(&s).what, JUDGED_MOUNTED);
	scene_end(&s);
}

/* A volume that is not active has no device, as a tmpfs and NFS have none: it is not mounted there.
 */
static void a_mount_without_a_device_is_nobodys(void **state)
{
	struct volume *volume;
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	volume = scene_ost(&s, PHASE_SERVED);
	volume->active = false;
	volume->device[0] = '\0';
	scene_mount(&s, "", "/tmp");
	assert_int_equal(judge(&s).what, JUDGED_SERVED);
	scene_end(&s);
}

static void memory_counts_in_this_group_and_this_far(void **state)
{
	struct remembered_target *t;
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	scene_ost(&s, PHASE_SERVED);
	assert_false(judge(&s).remembered);
	t = scene_remember(&s, SCENE_OST, PHASE_REGISTERING, SCENE_GROUP);
	assert_false(judge(&s).remembered);
	t->phase = PHASE_SERVED;
	assert_true(judge(&s).remembered);
	strcpy(t->group, "lustre-init-00000000");
	assert_false(judge(&s).remembered);
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_table),
		cmocka_unit_test(what_is_not_a_format_of_this_target_is_kept),
		cmocka_unit_test(remains_are_known_of_one_group),
		cmocka_unit_test(a_replay_that_was_cut_off_is_looked_at),
		cmocka_unit_test(a_foreign_journal_is_not_replayed),
		cmocka_unit_test(consent_does_not_cover_strangers),
		cmocka_unit_test(what_is_not_active_is_not_judged),
		cmocka_unit_test(a_tag_without_ours_is_no_volume),
		cmocka_unit_test(a_missing_disk_is_counted_against_the_tag),
		cmocka_unit_test(in_service_is_in_service),
		cmocka_unit_test(another_place_is_a_refusal),
		cmocka_unit_test(what_was_served_is_not_formatted_by_its_tag),
		cmocka_unit_test(another_target_in_its_place_is_a_refusal),
		cmocka_unit_test(a_mount_without_a_device_is_nobodys),
		cmocka_unit_test(memory_counts_in_this_group_and_this_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
