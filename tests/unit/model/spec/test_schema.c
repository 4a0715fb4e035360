/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The JSON schema takes whatever the program takes: for an editor to underline what is right would
 * be worse than no schema. It may take more, since it cannot add up.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/spec/document.h"
#include "model/spec/keys.h"

#include "scenes/dice.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 256
#define PIECES   4
#define THROWS   20000

/* ---- as much of JSON Schema as ours is made of ---- */

static bool takes(const json_t *schema, const json_t *value);

static bool is_of_type(const char *type, const json_t *value)
{
	return (strcmp(type, "string") == 0 && json_is_string(value)) ||
	       (strcmp(type, "array") == 0 && json_is_array(value)) ||
	       (strcmp(type, "boolean") == 0 && json_is_boolean(value)) ||
	       (strcmp(type, "integer") == 0 && json_is_integer(value)) ||
	       (strcmp(type, "number") == 0 && json_is_number(value));
}

static bool takes_type(const json_t *types, const json_t *value)
{
	const json_t *type;
	size_t i;

	if (json_is_string(types))
		return is_of_type(json_string_value(types), value);
	json_array_foreach(types, i,
			   type) if (is_of_type(json_string_value(type), value)) return true;
	return false;
}

static bool matches(const json_t *pattern, const json_t *value)
{
	regex_t regex;
	bool found;

	if (!json_is_string(value))
		return true;
	assert_int_equal(regcomp(&regex, json_string_value(pattern), REG_EXTENDED | REG_NOSUB), 0);
	found = regexec(&regex, json_string_value(value), 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}

static bool is_any_of(const json_t *schemas, const json_t *value)
{
	const json_t *one;
	size_t i;

	json_array_foreach(schemas, i, one) if (takes(one, value)) return true;
	return false;
}

static bool has(const json_t *values, const json_t *value)
{
	const json_t *one;
	size_t i;

	json_array_foreach(values, i, one) if (json_equal(one, value)) return true;
	return false;
}

static bool takes_items(const json_t *schema, const json_t *value)
{
	const json_t *one;
	size_t i;

	json_array_foreach(value, i, one) if (!takes(schema, one)) return false;
	return true;
}

static bool holds(const char *keyword, const json_t *said, const json_t *value)
{
	if (strcmp(keyword, "anyOf") == 0)
		return is_any_of(said, value);
	if (strcmp(keyword, "enum") == 0)
		return has(said, value);
	if (strcmp(keyword, "const") == 0)
		return json_equal(said, value);
	if (strcmp(keyword, "type") == 0)
		return takes_type(said, value);
	if (strcmp(keyword, "pattern") == 0)
		return matches(said, value);
	if (strcmp(keyword, "items") == 0)
		return takes_items(said, value);
	if (strcmp(keyword, "minItems") == 0)
		return !json_is_array(value) || json_array_size(value) >= 1;
	if (strcmp(keyword, "minimum") == 0)
		return !json_is_number(value) ||
		       json_number_value(value) >= json_number_value(said);
	if (strcmp(keyword, "maximum") == 0)
		return !json_is_number(value) ||
		       json_number_value(value) <= json_number_value(said);
	if (strcmp(keyword, "description") != 0)
		fail_msg("this test does not know the keyword %s", keyword);
	return true;
}

static bool takes(const json_t *schema, const json_t *value)
{
	const char *keyword;
	json_t *said;

	json_object_foreach((json_t *)(uintptr_t)schema, keyword,
			    said) if (!holds(keyword, said, value)) return false;
	return true;
}

/* ---- both of them asked ---- */

/* As the reader of documents hands it over: without the blanks around it. */
static bool program_takes(const struct spec_key_row *row, const char *text, bool is_list)
{
	struct setting setting = { .is_list = is_list };
	struct spec spec = { 0 };
	struct error why;
	char trimmed[TEXT_MAX];
	size_t length;
	int r;

	text += strspn(text, " \t");
	snprintf(trimmed, sizeof(trimmed), "%s", text);
	for (length = strlen(trimmed); length > 0 && strchr(" \t", trimmed[length - 1]); length--)
		trimmed[length - 1] = '\0';
	assert_int_equal(words_add(&setting.values, trimmed), 0);
	r = row->type->read(row, &setting, &spec, &why);
	words_done(&setting.values);
	spec_done(&spec);
	return r == 0;
}

/* Takes `value` over. */
static void expect_taken(const struct spec_key_row *row, const json_t *schema, json_t *value)
{
	if (!takes(schema, value))
		fail_msg("%s: %s is right, and the schema refuses it", row->name,
			 json_dumps(value, JSON_ENCODE_ANY));
	json_decref(value);
}

/* A text, and what it is without quotation marks, where JSON and YAML have something else for it.
 */
static bool agree_on(const struct spec_key_row *row, const json_t *schema, const char *text)
{
	bool one = program_takes(row, text, false), listed = program_takes(row, text, true);
	json_t *plain = json_loads(text, JSON_DECODE_ANY, NULL);

	if (json_is_string(plain) || json_is_null(plain)) {
		json_decref(plain);
		plain = NULL;
	}
	if (one)
		expect_taken(row, schema, json_string(text));
	if (one && plain)
		expect_taken(row, schema, json_incref(plain));
	if (listed)
		expect_taken(row, schema, json_pack("[s]", text));
	if (listed && plain)
		expect_taken(row, schema, json_pack("[O]", plain));
	json_decref(plain);
	return one;
}

/* ---- */

static json_t *schema_of(enum spec_key key)
{
	return spec_key_row(key)->type->schema(spec_key_row(key));
}

/* What values are made of, and what people write for them. */
static const char *const pieces[] = {
	"mgs",
	"oss",
	"client",
	"mds",
	"+",
	",",
	" ",
	"\t",
	"1",
	"0",
	"17",
	"65503",
	"per-disk",
	"auto",
	"subnet",
	"launch",
	"yes",
	"True",
	"OFF",
	"false",
	"halt",
	"recreate",
	"aws",
	"none",
	"ebs:sdf",
	"ebs:/dev/x",
	"/dev/disk",
	"/by-id/a:b",
	"256",
	"K",
	"KiB",
	"kIB",
	"b",
	"%",
	"90",
	"s",
	"min",
	"h",
	"10.0.0.1",
	"@tcp",
	"@TCP1",
	"mgs.example",
	"tcp",
	"TCP1",
	"EFA",
	"(primary)",
	"(eth1)",
	"(All)",
	"--param=",
	"--comment=",
	"\"",
	"'",
	"-i 1",
	"flock",
	"/mnt",
	"/a-b",
	"64k",
	"1Mi",
	"1e5",
	"_",
	"instance-store",
};
#define PIECE_COUNT (sizeof(pieces) / sizeof(pieces[0]))

static void throw_text(struct dice *dice, char text[TEXT_MAX])
{
	size_t used = 0;

	for (unsigned left = 1 + dice_below(dice, PIECES); left > 0; left--)
		used += (size_t)snprintf(text + used, TEXT_MAX - used, "%s",
					 pieces[dice_below(dice, PIECE_COUNT)]);
}

static void the_schema_takes_what_the_program_takes(void **state)
{
	(void)state;
	for (enum spec_key key = 0; key < KEY_MAX; key++) {
		struct dice dice = { .state = key };
		json_t *schema = schema_of(key);
		unsigned taken = 0;

		for (unsigned i = 0; i < THROWS; i++) {
			char text[TEXT_MAX];

			throw_text(&dice, text);
			taken += agree_on(spec_key_row(key), schema, text);
		}
		if (taken < 5)
			fail_msg("%s: only %u texts were right", spec_key_name(key), taken);
		json_decref(schema);
	}
}

static const struct {
	enum spec_key key;
	const char *text;
} wrong[] = {
	{ KEY_ROLE, "osd" },
	{ KEY_ROLE, "OSS" },
	{ KEY_FSNAME, "lustre wt" },
	{ KEY_FSNAME, "-x" },
	{ KEY_MGS, "http://mgs" },
	{ KEY_INDEX, "first" },
	{ KEY_OSTS, "2" },
	{ KEY_DISKS, "/dev/sda" },
	{ KEY_EXPECT_DISKS, "two" },
	{ KEY_STRIPE_SIZE, "1GB" },
	{ KEY_MDT_SIZE, "101%" },
	{ KEY_MOUNT_POINT, "mnt" },
	{ KEY_FILESET, "/" },
	{ KEY_MKFS_OPTIONS, "ext4" },
	{ KEY_LNET, "ens5" },
	{ KEY_CONNS_PER_PEER, "0" },
	{ KEY_TUNING, "gcp" },
	{ KEY_REPLACE, "maybe" },
	{ KEY_ON_DATA_LOSS, "Halt" },
	{ KEY_MGS_TIMEOUT, "soon" },
	{ KEY_MOUNT_OPTIONS, "-o" },
};

/* So that it is of any use. */
static void the_schema_refuses_what_is_mistyped(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		json_t *schema = schema_of(wrong[i].key), *value = json_string(wrong[i].text);

		if (takes(schema, value))
			fail_msg("%s: %s", spec_key_name(wrong[i].key), wrong[i].text);
		assert_false(program_takes(spec_key_row(wrong[i].key), wrong[i].text, false));
		json_decref(schema);
		json_decref(value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_schema_takes_what_the_program_takes),
		cmocka_unit_test(the_schema_refuses_what_is_mistyped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
