/* SPDX-License-Identifier: Apache-2.0 */

/* What IMDS said, as JSON: a bug report holds all of it but the bytes of user-data. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/metadata.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void fill(struct metadata *metadata)
{
	*metadata = (struct metadata){
		.instance_id = "i-0123456789abcdef0",
		.instance_type = "i4i.4xlarge",
		.local_ipv4 = "10.0.0.23",
		.subnet_cidr = "10.0.0.0/24",
		.mac = "02:00:00:00:00:01",
		.region = "eu-west-1",
		.availability_zone = "eu-west-1a",
		.launch_index = 3,
		.tags_enabled = true,
		.tags = { { .key = "lustre:role", .value = "oss" },
			  { .key = "lustre:fsname", .value = "lustrewt" } },
		.tag_count = 2,
		.requests = 9,
	};
	metadata->user_data = strdup("password: secret");
	metadata->user_data_size = strlen(metadata->user_data);
	assert_int_equal(words_add(&metadata->ephemerals, "ephemeral0=sdb"), 0);
	assert_int_equal(words_add(&metadata->other_devices, "ebs1=sdf"), 0);
	assert_int_equal(words_add(&metadata->interfaces, "0a:00:00:00:00:99=10.0.8.23"), 0);
}

static void json_holds_all_but_secrets(void **state)
{
	struct metadata metadata, back = { 0 };
	struct error err = { 0 };
	json_t *json, *again;
	char *text;

	(void)state;
	fill(&metadata);
	json = metadata_to_json(&metadata);
	text = json_dumps(json, 0);
	assert_null(strstr(text, "secret"));
	assert_int_equal(json_integer_value(json_object_get(json, "user_data_size")), 16);
	free(text);
	assert_int_equal(metadata_from_json(json, &back, &err), 0);
	assert_null(back.user_data);
	assert_string_equal(back.tags[1].value, "lustrewt");
	assert_int_equal(back.launch_index, 3);
	json_object_set_new(json, "user_data_size", json_null());
	again = metadata_to_json(&back);
	assert_true(json_equal(json, again));
	json_decref(again);
	json_decref(json);
	metadata_done(&metadata);
	metadata_done(&back);
}

/* Each key left out, or of another type, in turn. */
static void what_is_missing_is_named(void **state)
{
	static const char *const keys[] = {
		"instance_id",  "instance_type", "local_ipv4",        "subnet_cidr",
		"mac",          "region",        "availability_zone", "launch_index",
		"tags_enabled", "tags",          "ephemerals"
	};
	struct metadata metadata, back = { 0 };
	struct error err = { 0 };
	json_t *json;

	(void)state;
	fill(&metadata);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json = metadata_to_json(&metadata);
		json_object_set_new(json, keys[i], json_real(0.5));
		assert_int_equal(metadata_from_json(json, &back, &err), -EINVAL);
		assert_non_null(strstr(err.text, keys[i]));
		json_object_del(json, keys[i]);
		assert_int_equal(metadata_from_json(json, &back, &err), -EINVAL);
		json_decref(json);
	}
	metadata_done(&metadata);
}

/* Also where a tag holds what no terminal should see, and no JSON can. */
static void json_is_made_of_any_text(void **state)
{
	struct metadata metadata;
	json_t *json;

	(void)state;
	fill(&metadata);
	snprintf(metadata.tags[0].value, sizeof(metadata.tags[0].value),
		 "a\xff\x1b[2J\xe2\x80\xae");
	json = metadata_to_json(&metadata);
	assert_non_null(json);
	assert_string_equal(json_string_value(json_object_get(json_object_get(json, "tags"),
							      metadata.tags[0].key)),
			    "a??[2J???");
	json_decref(json);
	metadata_done(&metadata);
}

static void a_tag_that_is_no_text_stays_that(void **state)
{
	struct metadata metadata, back = { 0 };
	struct error err;
	json_t *json;

	(void)state;
	fill(&metadata);
	metadata.tags[1] = (struct metadata_tag){ .key = "lustre:fsname", .is_no_text = true };
	json = metadata_to_json(&metadata);
	assert_true(json_is_null(json_object_get(json_object_get(json, "tags"), "lustre:fsname")));
	assert_int_equal(metadata_from_json(json, &back, &err), 0);
	assert_false(back.tags[0].is_no_text);
	assert_true(back.tags[1].is_no_text);
	assert_string_equal(back.tags[1].value, "");
	json_decref(json);
	metadata_done(&metadata);
	metadata_done(&back);
}

/* A part of it is another machine's: nothing is read past. */
static void what_is_not_understood_is_refused(void **state)
{
	static const struct {
		const char *key, *value;
	} changes[] = {
		{ "vpc_id", "\"vpc-1\"" },
		{ "Mac", "\"02:00:00:00:00:01\"" },
		{ "instance_id", "17" },
		{ "instance_type",
		  "\"i4i.4xlarge.4xlarge.4xlarge.4xlarge.4xlarge.4xlarge.4xlarge.4xlarge\"" },
		{ "mac", "\"02:00:00:00:00:001\"" },
		{ "launch_index", "-2" },
		{ "launch_index", "2147483648" },
		{ "launch_index", "\"3\"" },
		{ "launch_index", "3.0" },
		{ "tags_enabled", "\"true\"" },
		{ "tags_enabled", "1" },
		{ "tags", "[]" },
		{ "tags", "{\"lustre:index\": 3}" },
		{ "ephemerals", "\"ephemeral0=sdb\"" },
		{ "ephemerals", "[1]" },
		{ "other_devices", "{}" },
		{ "requests", "-1" },
		{ "interfaces", "\"02:00:00:00:00:01=10.0.0.9\"" },
		{ "requests", "4294967296" },
		{ "user_data_size", "-1" },
		{ "user_data_size", "\"16\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct metadata metadata, back = { 0 };
		struct error err = { 0 };
		json_t *json;

		fill(&metadata);
		json = metadata_to_json(&metadata);
		json_object_set_new(json, changes[i].key,
				    json_loads(changes[i].value, JSON_DECODE_ANY, NULL));
		if (metadata_from_json(json, &back, &err) != -EINVAL)
			fail_msg("%s: %s is taken", changes[i].key, changes[i].value);
		assert_non_null(
			strstr(err.text, changes[i].key[0] == 't' ? "tag" : changes[i].key));
		assert_string_equal(back.instance_id, "");
		json_decref(json);
		metadata_done(&metadata);
	}
}

/* -1 is "not asked for", and no other number below 0 is anything. */
static void an_index_may_not_have_been_asked_for(void **state)
{
	struct metadata metadata, back = { 0 };
	struct error err = { 0 };
	json_t *json;

	(void)state;
	fill(&metadata);
	metadata.launch_index = -1;
	json = metadata_to_json(&metadata);
	assert_int_equal(metadata_from_json(json, &back, &err), 0);
	assert_int_equal(back.launch_index, -1);
	json_decref(json);
	metadata_done(&metadata);
	metadata_done(&back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_holds_all_but_secrets),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(json_is_made_of_any_text),
		cmocka_unit_test(a_tag_that_is_no_text_stays_that),
		cmocka_unit_test(what_is_not_understood_is_refused),
		cmocka_unit_test(an_index_may_not_have_been_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
