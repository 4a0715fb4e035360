/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One document of ours to settings. libyaml reads both syntaxes, since JSON is nearly a subset of
 * YAML and libyaml knows the line of everything; whether JSON is JSON is judged before
 * (text.c).
 *
 * The grammar is one mapping whose values are scalars or lists of scalars. What does not fit is a
 * problem, and reading goes on behind it, so that a person sees all mistakes at once. Texts of
 * libyaml and jansson reach the journal only where they quote nothing of what was written.
 */

#include "ask/document/document.h"

#include "ask/document/naming.h"
#include "ask/document/text.h"
#include "base/cleanup.h"
#include "base/quote.h"
#include "model/spec/keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

struct reader {
	yaml_parser_t parser;
	const struct origin *origin; /* its line is that of the document's first line, less one */
	struct settings *settings;
	size_t first; /* of this document's settings */
	struct problems *problems;
	bool wrapped; /* only what is inside of "lustre-init" is ours */
	size_t depth; /* of collections that the parser is in */
	bool done;    /* the parser has given up, and said so */
};

static struct origin origin_at(const struct reader *reader, const yaml_mark_t *mark)
{
	struct origin origin = *reader->origin;

	origin.line += (unsigned)mark->line + 1;
	origin.column = (unsigned)mark->column + 1;
	return origin;
}

/* libyaml's own sentence is fixed text; what people do wrong most often gets the fix besides. */
static void report_syntax(struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	const char *text = parser->problem ? parser->problem : "unreadable";
	struct origin origin = origin_at(reader, &parser->problem_mark);
	const char *fix = "";

	if (parser->error == YAML_READER_ERROR) {
		/* No mark, only an offset in bytes: the caller has looked for control characters.
		 */
		origin.line = origin.column = 0;
		fix = "; save the text as UTF-8";
	} else if (strstr(text, "cannot start any token")) {
		fix = "; put quotation marks around a value that begins with a special "
		      "character, and indent with blanks, not tabs";
	} else if (strstr(text, "tab character")) {
		/* libyaml's own words, without the mistake that 0.2.2 has in them. */
		text = "found a tab character that violates indentation";
		fix = "; indent with blanks";
	} else if (strstr(text, "found unexpected ':'")) {
		/* Any colon there until libyaml 0.2.1, as on EL 8; later, one before a bracket. */
		fix = "; put quotation marks around a text with a colon in a list in brackets";
	} else if (strstr(text, "expected ':'") || strstr(text, "not allowed in this context") ||
		   strstr(text, "expected key")) {
		fix = "; each line is KEY: VALUE, with a blank behind the colon and all keys in "
		      "one "
		      "column";
	}
	problems_add(reader->problems, &origin, "not valid YAML: %s%s", text, fix);
	reader->settings->is_incomplete = true;
}

/* Where reading ends early, the value before it may not be what was meant. */
static void give_up(struct reader *reader)
{
	reader->done = true;
	if (reader->settings->count > reader->first)
		settings_drop_last(reader->settings);
}

static void end_at(struct reader *reader, enum bound bound, const struct origin *origin)
{
	settings_end(reader->settings, bound, origin, reader->problems);
	give_up(reader);
}

/*
 * Takes an event from the budget. The parser looks ahead 1,024 characters at most (what may be a
 * simple key), so whatever costs it more than its length, such as flow collections deep inside of
 * each other, is ended here before it has.
 */
static bool afford(struct reader *reader, const yaml_event_t *event)
{
	struct budget *budget = &reader->settings->budget;
	struct origin origin = origin_at(reader, &event->start_mark);

	if (event->type == YAML_MAPPING_START_EVENT || event->type == YAML_SEQUENCE_START_EVENT)
		reader->depth++;
	else if (event->type == YAML_MAPPING_END_EVENT || event->type == YAML_SEQUENCE_END_EVENT)
		reader->depth--;
	if (!budget_take(budget, BOUND_NODES, 1))
		end_at(reader, BOUND_NODES, &origin);
	else if (!budget_reach(budget, BOUND_DEPTH, reader->depth))
		end_at(reader, BOUND_DEPTH, &origin);
	return !reader->done;
}

/*
 * The next event, to be deleted by the caller. false: the end, or a syntax error or a bound that
 * was reported.
 */
static bool next_event(struct reader *reader, yaml_event_t *ret)
{
	if (reader->done)
		return false;
	if (!yaml_parser_parse(&reader->parser, ret)) {
		report_syntax(reader);
		give_up(reader);
		return false;
	}
	if (afford(reader, ret))
		return true;
	yaml_event_delete(ret);
	return false;
}

/* Reads to the end of the collection that *event began, or over a scalar; deletes *event. */
static void skip_value(struct reader *reader, yaml_event_t *event)
{
	unsigned depth = 0;

	do {
		if (event->type == YAML_MAPPING_START_EVENT ||
		    event->type == YAML_SEQUENCE_START_EVENT)
			depth++;
		else if (event->type == YAML_MAPPING_END_EVENT ||
			 event->type == YAML_SEQUENCE_END_EVENT)
			depth--;
		yaml_event_delete(event);
	} while (depth > 0 && next_event(reader, event));
}

/* ~, null or nothing, without quotation marks. */
static bool is_null(const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;

	return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (*text == '\0' || strcmp(text, "~") == 0 || strcasecmp(text, "null") == 0);
}

/* A key as a sentence shows it: ours as they are, others as what somebody wrote. */
static struct quote show_key(const char *key)
{
	struct quote shown = quote(key);

	if (spec_key_find(key) != KEY_MAX)
		snprintf(shown.text, sizeof(shown.text), "%s", key);
	return shown;
}

/*
 * Whether the value would be something else than what is written, by its tag: a function of a
 * template (!Ref, !If), which nobody has put in, or an encoding (!!binary).
 */
static bool has_changing_tag(const yaml_event_t *event)
{
	static const char *const plain[] = { "!", YAML_STR_TAG, YAML_INT_TAG, YAML_BOOL_TAG,
					     YAML_SEQ_TAG };
	const yaml_char_t *tag = event->type == YAML_SCALAR_EVENT ? event->data.scalar.tag
				 : event->type == YAML_SEQUENCE_START_EVENT
					 ? event->data.sequence_start.tag
					 : NULL;

	for (size_t i = 0; tag && i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strcmp((const char *)tag, plain[i]) == 0)
			return false;
	return tag != NULL;
}

static bool has_nul(const yaml_event_t *event)
{
	return event->type == YAML_SCALAR_EVENT &&
	       memchr(event->data.scalar.value, '\0', event->data.scalar.length);
}

/* What stands where a value of `key` belongs; it is told, and then passed over by the caller. */
static void refuse_event(struct reader *reader, const char *key, const yaml_event_t *event)
{
	struct origin origin = origin_at(reader, &event->start_mark);
	const char *what = has_changing_tag(event)            ? "a YAML tag (!)"
			   : event->type == YAML_ALIAS_EVENT  ? "an alias (*)"
			   : event->type == YAML_SCALAR_EVENT ? "a text with a NUL character"
			   : event->type == YAML_SEQUENCE_START_EVENT ? "a list"
								      : "a mapping";

	problems_add(reader->problems, &origin, "%s: %s stands where a value belongs",
		     show_key(key).text, what);
	reader->settings->is_incomplete = true;
}

/* A scalar as the only or next word of a setting, without the blanks around it. Deletes *event. */
static int add_word(struct setting *setting, yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t size;
	int r = 0;

	if (!is_null(event)) {
		text += strspn(text, " \t\r\n");
		size = strlen(text);
		while (size > 0 && strchr(" \t\r\n", text[size - 1]))
			size--;
		r = words_addf(&setting->values, "%.*s", (int)size, text);
	}
	yaml_event_delete(event);
	return r;
}

static int read_items(struct reader *reader, struct setting *setting)
{
	yaml_event_t event;

	setting->is_list = true;
	while (next_event(reader, &event)) {
		int r = 0;

		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			return 0;
		}
		if (event.type == YAML_SCALAR_EVENT && !has_nul(&event) &&
		    !has_changing_tag(&event)) {
			r = add_word(setting, &event);
		} else {
			refuse_event(reader, setting->key, &event);
			skip_value(reader, &event);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_repeated(struct reader *reader, const char *key, const struct origin *origin)
{
	for (size_t i = reader->first; i < reader->settings->count; i++) {
		const struct setting *setting = &reader->settings->items[i];

		if (strcmp(setting->key, key) != 0)
			continue;
		problems_add(reader->problems, origin,
			     "%s: stands there twice, first in line %u; leave one of them out",
			     show_key(key).text, setting->origin.line);
		return true;
	}
	return false;
}

/* The value of `key`, which begins with *event; consumes it. */
static int read_value(struct reader *reader, const char *key, const struct origin *key_origin,
		      yaml_event_t *event)
{
	struct origin origin = *key_origin;
	struct setting *setting;

	if (is_repeated(reader, key, key_origin)) {
		skip_value(reader, event);
		return 0;
	}
	if (has_nul(event) || has_changing_tag(event) ||
	    (event->type != YAML_SCALAR_EVENT && event->type != YAML_SEQUENCE_START_EVENT)) {
		refuse_event(reader, key, event);
		skip_value(reader, event);
		return 0;
	}
	/* A mistake in a value is shown at the value, one in a key at the key. */
	if (spec_key_find(key) != KEY_MAX)
		origin = origin_at(reader, &event->start_mark);
	if (!budget_take(&reader->settings->budget, BOUND_SETTINGS, 1)) {
		end_at(reader, BOUND_SETTINGS, key_origin);
		yaml_event_delete(event);
		return 0;
	}
	setting = settings_add(reader->settings, key, &origin);
	if (!setting) {
		yaml_event_delete(event);
		return -ENOMEM;
	}
	if (event->type == YAML_SCALAR_EVENT)
		return add_word(setting, event);
	yaml_event_delete(event);
	return read_items(reader, setting);
}

/* Where a mapping stands. */
enum level {
	LEVEL_ROOT,    /* at the top, and all of it is ours */
	LEVEL_BESIDE,  /* at the top of JSON, where only "lustre-init" is */
	LEVEL_WRAPPED, /* inside of "lustre-init" */
};

static int read_mapping(struct reader *reader, enum level level);

/* A key beside the wrapper of a JSON document: other people's, unless it is one of ours. */
static void skip_beside_wrapper(struct reader *reader, const char *key, const struct origin *origin,
				yaml_event_t *event)
{
	if (strcmp(key, DOCUMENT_WRAPPER) == 0)
		problems_add(reader->problems, origin,
			     "\"" DOCUMENT_WRAPPER "\": holds no object; write the keys into one");
	else if (spec_key_find(key) != KEY_MAX)
		problems_add(reader->problems, origin,
			     "%s: stands beside \"" DOCUMENT_WRAPPER "\"; move it inside", key);
	reader->settings->is_incomplete |= strcmp(key, DOCUMENT_WRAPPER) == 0;
	skip_value(reader, event);
}

/* A key, its event being *key_event, and its value. Deletes the event. */
static int read_entry(struct reader *reader, enum level level, yaml_event_t *key_event)
{
	struct origin origin = origin_at(reader, &key_event->start_mark);
	cleanup(free_pointer) char *key = NULL;
	yaml_event_t event;

	if (key_event->type == YAML_SCALAR_EVENT)
		key = strdup((const char *)key_event->data.scalar.value);
	if (key_event->type == YAML_SCALAR_EVENT && !key) {
		yaml_event_delete(key_event);
		return -ENOMEM;
	}
	if (!key)
		problems_add(reader->problems, &origin,
			     "a list, mapping or alias stands where a key belongs");
	skip_value(reader, key_event);
	if (!next_event(reader, &event))
		return 0;
	if (!key) {
		skip_value(reader, &event);
		return 0;
	}
	if (level != LEVEL_WRAPPED && strcmp(key, DOCUMENT_WRAPPER) == 0 &&
	    event.type == YAML_MAPPING_START_EVENT) {
		yaml_event_delete(&event);
		return read_mapping(reader, LEVEL_WRAPPED);
	}
	if (level != LEVEL_BESIDE)
		return read_value(reader, key, &origin, &event);
	skip_beside_wrapper(reader, key, &origin, &event);
	return 0;
}

/* The entries of a mapping whose start has been read, to its end. */
static int read_mapping(struct reader *reader, enum level level)
{
	yaml_event_t event;

	while (next_event(reader, &event)) {
		int r;

		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			return 0;
		}
		r = read_entry(reader, level, &event);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What stands at the top: a mapping, or a mistake; nothing at all is an empty document. */
static int read_root(struct reader *reader, yaml_event_t *event)
{
	static const char no_mapping[] =
		"the document is no list of KEY: VALUE lines; write each key on a line of its own, "
		"with a colon and a blank behind it";
	struct origin origin = origin_at(reader, &event->start_mark);

	if (event->type == YAML_MAPPING_START_EVENT) {
		yaml_event_delete(event);
		return read_mapping(reader, reader->wrapped ? LEVEL_BESIDE : LEVEL_ROOT);
	}
	if (event->type != YAML_SCALAR_EVENT || !is_null(event)) {
		problems_add(reader->problems, &origin, "%s", no_mapping);
		/* What follows a lone scalar is its remains, not worth a second sentence. */
		reader->settings->is_incomplete = reader->done = true;
	}
	skip_value(reader, event);
	return 0;
}

static int read_stream(struct reader *reader)
{
	unsigned documents = 0;
	yaml_event_t event;
	int r = 0;

	while (r == 0 && next_event(reader, &event)) {
		bool is_end = event.type == YAML_STREAM_END_EVENT;

		if (event.type == YAML_STREAM_START_EVENT ||
		    event.type == YAML_DOCUMENT_END_EVENT || is_end) {
			yaml_event_delete(&event);
		} else if (event.type == YAML_DOCUMENT_START_EVENT) {
			struct origin origin = origin_at(reader, &event.start_mark);

			yaml_event_delete(&event);
			if (++documents < 2)
				continue;
			problems_add(reader->problems, &origin,
				     "a second document begins here (---); leave one of them out");
			return 0;
		} else {
			r = read_root(reader, &event);
		}
		if (is_end)
			break;
	}
	return r;
}

/* What is asked of the text before libyaml reads it. Tells what is wrong. */
static bool check_text(struct reader *reader, const char *data, size_t size)
{
	struct settings *settings = reader->settings;
	enum bound over;
	size_t nodes;

	if (!document_is_text(data, size, reader->origin, reader->problems))
		return false;
	if (naming_has_literal_line_ends(data, size)) {
		problems_add(reader->problems, reader->origin, "%s", naming_line_ends);
		return false;
	}
	if (!document_is_json(data, size))
		return true;
	if (document_json_fits(data, size, &settings->budget, &nodes, &over))
		return document_check_json(data, size, reader->origin, reader->problems,
					   &reader->wrapped);
	settings->budget.is_over = true;
	settings_end(settings, over, reader->origin, reader->problems);
	return false;
}

/*
 * A document of ours that sets nothing, all of it commented out or its text lost on the way, is no
 * answer to anybody's question: not of user-data, and not of conf.d, where the node would be what
 * other sources make of it.
 */
static void check_says_something(const struct reader *reader, size_t told_before)
{
	struct problems *problems = reader->problems;

	/* The first of several is told; a text that was cut off has been. */
	if (reader->settings->count > reader->first || reader->settings->is_incomplete ||
	    problems->count + problems->left_out > told_before)
		return;
	problems_add(
		problems, reader->origin,
		"the document sets nothing; write KEY: VALUE lines, such as role: oss, or take it "
		"away");
	/* A key that is missing for that is not worth a second sentence. */
	reader->settings->is_incomplete = true;
}

int document_parse(const char *data, size_t size, const struct origin *origin,
		   struct settings *settings, struct problems *problems)
{
	struct reader reader = {
		.origin = origin,
		.settings = settings,
		.first = settings->count,
		.problems = problems,
	};
	size_t told = problems->count + problems->left_out;
	int r;

	if (settings->budget.is_over)
		return 0;
	if (!budget_take(&settings->budget, BOUND_TEXT, size)) {
		settings_end(settings, BOUND_TEXT, origin, problems);
		return 0;
	}
	if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
		data += 3;
		size -= 3;
	}
	if (!check_text(&reader, data, size)) {
		settings->is_incomplete = true;
		return 0;
	}
	if (!yaml_parser_initialize(&reader.parser))
		return -ENOMEM;
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)data, size);
	r = read_stream(&reader);
	yaml_parser_delete(&reader.parser);
	if (r == 0)
		check_says_something(&reader, told);
	return r;
}
