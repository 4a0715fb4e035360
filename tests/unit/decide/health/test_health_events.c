/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What the watch tells, by stories: tests/unit/data/watch/NAME.json has what apply set up, how the
 * node was, and then looks, each with what changed since the one before it and what is to be told.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/health/health_events.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STORIES "tests/unit/data/watch"

/* Items of a list are known by their names, or serials. */
static json_t *find_item(json_t *list, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		const char *key = json_object_get(item, "serial") ? "serial" : "name";

		if (strcmp(json_string_value(json_object_get(item, key)), name) == 0)
			return item;
	}
	return NULL;
}

static void patch(json_t *health, json_t *changes)
{
	json_t *value, *item_changes;
	const char *key, *name;

	json_object_foreach(changes, key, value)
	{
		json_t *list = json_object_get(health, key);

		if (!json_is_array(list) || !json_is_object(value)) {
			assert_int_equal(json_object_set(health, key, value), 0);
			continue;
		}
		json_object_foreach(value, name, item_changes)
		{
			json_t *item = find_item(list, name);

			assert_non_null(item);
			assert_int_equal(json_object_update(item, item_changes), 0);
		}
	}
}

/* "began disk-gone AWS1" for each change, sorted by the story's own order. */
static json_t *describe_changes(const struct watch_events *events)
{
	json_t *told = json_array();

	for (size_t i = 0; i < events->count; i++) {
		const struct watch_event *event = &events->items[i];

		if (event->change == CHANGE_NONE)
			continue;
		assert_true(strlen(event->sentence) > 20);
		assert_int_equal(strstr(event->sentence, "it is no longer so that ") ==
					 event->sentence,
				 event->change == CHANGE_ENDED);
		assert_true(event->change == CHANGE_BEGAN || !strstr(event->sentence, ": "));
		json_array_append_new(
			told,
			json_sprintf("%s %s%s%s", event->change == CHANGE_BEGAN ? "began" : "ended",
				     watch_event_name(event->kind), event->subject[0] ? " " : "",
				     event->subject));
	}
	return told;
}

static void compare(const char *story, size_t look, const json_t *is, const json_t *shall_be)
{
	char *text;

	if (json_equal(is, shall_be) || (!shall_be && json_array_size(is) == 0))
		return;
	text = json_dumps(is, 0);
	fail_msg("%s, look %zu: told %s", story, look + 1, text);
}

/* What one of those that are told is to say, where the story has it. */
static void compare_sentence(const char *story, size_t look, const struct watch_events *events,
			     const char *says)
{
	for (size_t i = 0; says && i < events->count; i++)
		if (events->items[i].change != CHANGE_NONE &&
		    strstr(events->items[i].sentence, says))
			return;
	if (says)
		fail_msg("%s, look %zu: nothing says: %s", story, look + 1, says);
}

struct telling {
	struct applied applied;
	struct health before;
	struct watch_events known;
};

static void take_look(const char *story, size_t number, const json_t *json, const json_t *look,
		      struct telling *telling)
{
	struct watch_events events;
	struct health now;
	struct error err;
	json_t *told;

	if (health_from_json(json, &now, &err) < 0)
		fail_msg("%s, look %zu: %s", story, number + 1, err.text);
	assert_int_equal(health_events(&telling->applied, &telling->before, &now, &telling->known,
				       &events, &err),
			 0);
	told = describe_changes(&events);
	compare(story, number, told, json_object_get(look, "told"));
	compare_sentence(story, number, &events, json_string_value(json_object_get(look, "says")));
	json_decref(told);
	watch_events_done(&telling->known);
	health_done(&telling->before);
	telling->known = events;
	telling->before = now;
}

static void play(const char *name)
{
	struct telling telling = { 0 };
	json_t *story, *health, *look;
	json_error_t where;
	struct error err;
	char path[512];
	size_t i;

	snprintf(path, sizeof(path), STORIES "/%s", name);
	story = json_load_file(path, JSON_REJECT_DUPLICATES, &where);
	if (!story)
		fail_msg("%s:%d: %s", path, where.line, where.text);
	if (applied_from_json(json_object_get(story, "applied"), &telling.applied, &err) < 0)
		fail_msg("%s: %s", name, err.text);
	health = json_object_get(story, "health");
	json_array_foreach(json_object_get(story, "looks"), i, look)
	{
		double seconds = json_number_value(json_object_get(look, "at"));

		patch(health, json_object_get(look, "changes"));
		json_object_set_new(health, "at-usec",
				    json_integer((json_int_t)(seconds * 1000000)));
		take_look(name, i, health, look, &telling);
	}
	assert_true(i > 1);
	watch_events_done(&telling.known);
	health_done(&telling.before);
	applied_done(&telling.applied);
	json_decref(story);
}

static void stories(void **state)
{
	DIR *directory = opendir(STORIES);
	struct dirent *entry;
	unsigned played = 0;

	(void)state;
	assert_non_null(directory);
	while ((entry = readdir(directory))) {
		if (!strstr(entry->d_name, ".json"))
			continue;
		play(entry->d_name);
		played++;
	}
	closedir(directory);
	assert_true(played >= 10);
}

/* Whatever the story, nothing of the list is lost by being written down between two looks. */
static void the_list_survives_json(void **state)
{
	struct watch_events events = { 0 }, back;
	struct watch_event items[] = {
		{ EVENT_DISK_GONE, "AWS1", "lustrewt-OST0000", "it is gone", 5, 0, true,
		  CHANGE_BEGAN },
		{ EVENT_MGS_AWAY, "", "", "the MGS …", 7, 9, false, CHANGE_NONE },
	};
	struct error err;
	json_t *json, *again;

	(void)state;
	events.items = items;
	events.count = 2;
	json = watch_events_to_json(&events);
	assert_int_equal(watch_events_from_json(json, &back, &err), 0);
	again = watch_events_to_json(&back);
	assert_true(json_equal(json, again));
	assert_int_equal(back.items[0].kind, EVENT_DISK_GONE);
	assert_int_equal(back.items[1].gone_usec, 9);
	json_array_append_new(json_object_get(json, "events"), json_pack("{s:s}", "id", "none"));
	watch_events_done(&back);
	assert_int_equal(watch_events_from_json(json, &back, &err), -22);
	json_decref(json);
	json_decref(again);
}

static void what_ec2_says_passes_through(void **state)
{
	struct watch_event items[] = {
		{ EVENT_SPOT_STOP, "", "", "EC2 stops it", 5, 0, true, CHANGE_BEGAN },
		{ EVENT_REBALANCE, "", "", "EC2 advises", 5, 9, true, CHANGE_ENDED },
	};
	const struct watch_events known = { items, 2 };
	const struct applied applied = { 0 };
	const struct health health = { .at_usec = 1000000000 };
	struct watch_events events;

	(void)state;
	assert_int_equal(health_events(&applied, &health, &health, &known, &events, NULL), 0);
	assert_int_equal(events.count, 2);
	assert_memory_equal(events.items, items, sizeof(items));
	watch_events_done(&events);
}

static void every_kind_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < WATCH_EVENT_KIND_MAX; i++) {
		assert_non_null(watch_event_name((enum watch_event_kind)i));
		assert_non_null(
			watch_severity_name(watch_event_severity((enum watch_event_kind)i)));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(watch_event_name((enum watch_event_kind)i),
						watch_event_name((enum watch_event_kind)k));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stories),
		cmocka_unit_test(the_list_survives_json),
		cmocka_unit_test(what_ec2_says_passes_through),
		cmocka_unit_test(every_kind_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
