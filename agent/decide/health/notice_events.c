/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/health/notice_events.h"

#include "base/text.h"

#include <string.h>

#define LEAVE                                                                                     \
	"its OSTs are marked degraded, the hooks run, and all is unmounted before that; what is " \
	"on "                                                                                     \
	"its instance-store disks is lost"

/* ---- notices ---- */

static enum watch_event_kind kind_of(const struct notice *notice)
{
	static const enum watch_event_kind kinds[NOTICE_KIND_MAX] = {
		[NOTICE_TERMINATE] = EVENT_SPOT_TERMINATE, [NOTICE_STOP] = EVENT_SPOT_STOP,
		[NOTICE_HIBERNATE] = EVENT_SPOT_HIBERNATE, [NOTICE_REBALANCE] = EVENT_REBALANCE,
		[NOTICE_MAINTENANCE] = EVENT_MAINTENANCE,
	};

	return kinds[notice->kind];
}

static bool keeps_disks(const struct notice *notice)
{
	return strcmp(notice->code, "system-reboot") == 0 ||
	       strcmp(notice->code, "instance-reboot") == 0 ||
	       strcmp(notice->code, "system-maintenance") == 0;
}

/* Of a code that EC2 did not have when this was written nobody knows what outlasts it. */
static const char *advice_of_maintenance(const struct notice *notice)
{
	const bool is_end = notice_is_end(notice);

	if ((!is_end && !keeps_disks(notice)) || (is_end && notice->when_sec == 0))
		return "nothing is done: see it with aws ec2 describe-instance-status, and if the "
		       "instance ends with it, run lustre-init stop before";
	return is_end ? LEAVE ". Stop and start it yourself before, at a time that "
			      "suits"
		      : "nothing is done; instance-store disks outlast it";
}

/* What is done, and what to do. */
static const char *advice_of(const struct notice *notice)
{
	switch (notice->kind) {
	case NOTICE_TERMINATE:
	case NOTICE_STOP:
		return LEAVE;
	case NOTICE_HIBERNATE:
		return "its OSTs are marked degraded and all is unmounted at once: instance-store "
		       "disks do not outlast it";
	case NOTICE_REBALANCE:
		return "nothing is done; copy what must not be lost, or add an OST elsewhere and "
		       "let this one drain";
	case NOTICE_MAINTENANCE:
		return advice_of_maintenance(notice);
	case NOTICE_KIND_MAX:
		break;
	}
	return "";
}

void notice_event(const struct notice *notice, enum watch_change change, struct watch_event *ret)
{
	char what[256];

	notice_describe(notice, what, sizeof(what));
	*ret = (struct watch_event){ .kind = kind_of(notice), .told = true, .change = change };
	text_set(ret->subject, sizeof(ret->subject), "%s", notice->id);
	if (change == CHANGE_ENDED)
		text_sentence(ret->sentence, sizeof(ret->sentence), "withdrawn or over: %s", what);
	else
		text_sentence(ret->sentence, sizeof(ret->sentence), "%s; %s", what,
			      advice_of(notice));
}

/* Behind the last that is kept of more than are: it is not known to be over. */
static bool is_left_out(const struct notices *notices, const struct notice *notice)
{
	return notices->left_out > 0 && notices->count > 0 &&
	       !notice_comes_before(notice, &notices->items[notices->count - 1]);
}

/* Those of `some` that are not among the others. Returns how many. */
static size_t tell_missing(const struct notices *some, const struct notices *others,
			   enum watch_change change, struct watch_event *ret)
{
	size_t count = 0;

	for (size_t i = 0; i < some->count; i++)
		if (!notices_contain(others, &some->items[i]) &&
		    (change == CHANGE_BEGAN || !is_left_out(others, &some->items[i])))
			notice_event(&some->items[i], change, &ret[count++]);
	return count;
}

size_t notice_events(const struct notices *before, const struct notices *now,
		     struct watch_event ret[NOTICE_EVENTS_MAX])
{
	size_t count = tell_missing(before, now, CHANGE_ENDED, ret);

	return count + tell_missing(now, before, CHANGE_BEGAN, ret + count);
}

/* ---- when ---- */

/* How long until it is as near as a spot notice would be, by a clock that says `now_sec`. */
static uint64_t until_near(uint64_t when_sec, uint64_t now_sec)
{
	return when_sec > now_sec + NOTICE_LEAD_SEC ? when_sec - now_sec - NOTICE_LEAD_SEC : 0;
}

static uint64_t later(uint64_t one, uint64_t other)
{
	return one > other ? one : other;
}

static uint64_t sooner(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

uint64_t notice_due_in_sec(const struct notice *notice, const struct notice_clock *clock)
{
	const struct notice_heard *heard = &clock->heard;
	const uint64_t since_sec = clock->boot_sec - heard->boot_sec, when_sec = notice->when_sec;
	uint64_t by_wall, by_first;

	if (!notice_is_end(notice))
		return NOTICE_NEVER_DUE;
	if (notice->kind != NOTICE_MAINTENANCE || heard->was_due)
		return 0;
	/* It may be weeks away. */
	if (when_sec == 0)
		return NOTICE_NEVER_DUE;
	by_wall = until_near(when_sec, clock->wall_sec);
	by_first = until_near(when_sec, heard->wall_sec + since_sec);
	if (heard->service_sec == 0)
		return later(by_wall, by_first);
	return later(sooner(by_wall, by_first),
		     until_near(when_sec, heard->service_sec + since_sec));
}

unsigned notice_left_sec(const struct notice *notice, uint64_t wall_sec)
{
	/* EC2 begins to hibernate when it gives the notice. */
	if (notice->kind == NOTICE_HIBERNATE)
		return 0;
	/* A time that is not understood, 0, is taken for the shortest notice that there is. A clock
	 * that is wrong neither takes the time away nor adds to it. */
	if (notice->when_sec <= wall_sec || notice->when_sec - wall_sec > NOTICE_LEAD_SEC)
		return NOTICE_LEAD_SEC;
	return (unsigned)(notice->when_sec - wall_sec);
}

/* ---- tags ---- */

static size_t key_length(const char *tag)
{
	return strcspn(tag, "=");
}

static bool has_key(const struct words *tags, const char *tag)
{
	size_t length = key_length(tag);

	for (size_t i = 0; i < tags->count; i++)
		if (key_length(tags->items[i]) == length &&
		    strncmp(tags->items[i], tag, length) == 0)
			return true;
	return false;
}

static int add_key(struct words *words, const char *tag)
{
	return words_addf(words, "%.*s", (int)key_length(tag), tag);
}

int notice_changed_tags(const struct words *applied, const struct words *now, struct words *ret)
{
	int r = 0;

	for (size_t i = 0; i < now->count && r == 0; i++)
		if (!words_contain(applied, now->items[i]))
			r = add_key(ret, now->items[i]);
	for (size_t i = 0; i < applied->count && r == 0; i++)
		if (!has_key(now, applied->items[i]))
			r = add_key(ret, applied->items[i]);
	return r;
}

void notice_tags_event(const struct words *changed, enum watch_change change,
		       struct watch_event *ret)
{
	char keys[256];

	words_list(changed, keys, sizeof(keys));
	*ret = (struct watch_event){ .kind = EVENT_TAGS_CHANGED, .told = true, .change = change };
	if (change == CHANGE_ENDED)
		text_sentence(ret->sentence, sizeof(ret->sentence),
			      "the tags of this instance are again what was applied");
	else
		text_sentence(ret->sentence, sizeof(ret->sentence),
			      "tags of this instance are not what was applied: %s; nothing is done "
			      "by itself. See what they would change with lustre-init plan, then "
			      "systemctl restart lustre-init",
			      keys);
}

void notice_trouble_event(const char *sentence, bool is_deaf, enum watch_change change,
			  struct watch_event *ret)
{
	const char *meanwhile = is_deaf ? "; until it answers, no notice of EC2 is heard. "
					: "; all else of it is heard. ";

	*ret = (struct watch_event){ .kind = EVENT_METADATA_SILENT,
				     .told = true,
				     .change = change };
	if (change == CHANGE_ENDED)
		text_sentence(ret->sentence, sizeof(ret->sentence), "%s", sentence);
	else
		text_sentence(ret->sentence, sizeof(ret->sentence),
			      "%s%slustre-init doctor says what to do", sentence, meanwhile);
}
