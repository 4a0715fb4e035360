/* SPDX-License-Identifier: Apache-2.0 */

/* What becomes a field has the form that AWS documents; anything else is refused. */

#include "ask/imds/keys.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define approves(predicate, text) predicate(text, sizeof(text) - 1)

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct metadata));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	metadata_done(*state);
	free(*state);
	return 0;
}

static void test_token(void **state)
{
	char longest[IMDS_TOKEN_MAX + 2];

	(void)state;
	memset(longest, 'A', sizeof(longest));
	assert_true(approves(imds_is_token, "AQAEAMPltokenxyz-_=="));
	assert_false(approves(imds_is_token, ""));
	assert_false(approves(imds_is_token, "two words"));
	assert_false(approves(imds_is_token, "line\r\nX-Injected: yes"));
	assert_false(approves(imds_is_token, "nul\0nul"));
	assert_false(approves(imds_is_token, "caf\xc3\xa9"));
	assert_true(imds_is_token(longest, IMDS_TOKEN_MAX));
	assert_false(imds_is_token(longest, IMDS_TOKEN_MAX + 1));
}

static void test_mac(void **state)
{
	struct metadata *metadata = *state;

	assert_true(approves(imds_is_mac, "06:12:34:56:78:17"));
	assert_true(approves(imds_is_mac, "06:AB:cd:EF:78:17"));
	assert_false(approves(imds_is_mac, "06:12:34:56:78"));
	assert_false(approves(imds_is_mac, "06:12:34:56:78:17:"));
	assert_false(approves(imds_is_mac, "061:2:34:56:78:17"));
	assert_false(approves(imds_is_mac, "06:12:34:56:78:1g"));
	assert_false(approves(imds_is_mac, "../../../user-dat"));
	imds_take_mac("06:AB:cd:EF:78:17", metadata);
	assert_string_equal(metadata->mac, "06:ab:cd:ef:78:17");
}

static void test_cidr(void **state)
{
	struct metadata *metadata = *state;

	assert_true(approves(imds_is_cidr, "10.0.0.0/24"));
	assert_true(approves(imds_is_cidr, "255.255.255.255/32"));
	assert_false(approves(imds_is_cidr, "10.0.0.0"));
	assert_false(approves(imds_is_cidr, "10.0.0.0/"));
	assert_false(approves(imds_is_cidr, "10.0.0.0/33"));
	assert_false(approves(imds_is_cidr, "10.0.0.0/024"));
	assert_false(approves(imds_is_cidr, "10.0.0.256/24"));
	assert_false(approves(imds_is_cidr, "10.0.0.0/2/4"));
	assert_false(approves(imds_is_cidr, "10.0.0.0/24\n"));
	assert_false(approves(imds_is_cidr, "fd00::/64"));
	imds_take_cidr("10.0.0.0/24", metadata);
	assert_string_equal(metadata->subnet_cidr, "10.0.0.0/24");
}

static void test_launch_index(void **state)
{
	struct metadata *metadata = *state;

	assert_true(approves(imds_is_launch_index, "0"));
	assert_true(approves(imds_is_launch_index, "65535"));
	assert_false(approves(imds_is_launch_index, "-1"));
	assert_false(approves(imds_is_launch_index, "123456"));
	assert_false(approves(imds_is_launch_index, "7 "));
	imds_take_launch_index("7", metadata);
	assert_int_equal(metadata->launch_index, 7);
}

static int take_document(struct metadata *metadata, const char *text)
{
	return imds_take_document(text, strlen(text), metadata, NULL);
}

static void test_document(void **state)
{
	struct metadata *metadata = *state;

	assert_int_equal(
		take_document(metadata,
			      "{\"instanceId\": \"i-0a1b\", \"instanceType\": \"i4i.4xlarge\","
			      "\"region\": \"us-east-1\", \"availabilityZone\": \"us-east-1a\","
			      "\"privateIp\": \"10.0.0.23\", \"kernelId\": null}"),
		0);
	assert_string_equal(metadata->instance_id, "i-0a1b");
	assert_string_equal(metadata->instance_type, "i4i.4xlarge");
	assert_string_equal(metadata->region, "us-east-1");
	assert_string_equal(metadata->availability_zone, "us-east-1a");
	assert_string_equal(metadata->local_ipv4, "10.0.0.23");
}

static void test_document_with_nulls(void **state)
{
	struct metadata *metadata = *state;

	assert_int_equal(take_document(metadata,
				       "{\"instanceId\": \"i-0a1b\", \"instanceType\": null,"
				       "\"region\": null, \"privateIp\": null}"),
			 0);
	assert_string_equal(metadata->instance_id, "i-0a1b");
	assert_string_equal(metadata->instance_type, "");
	assert_string_equal(metadata->local_ipv4, "");
	assert_string_equal(metadata->availability_zone, "");
}

static void test_bad_documents(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"[]",
		"null",
		"{}",
		"{\"instanceId\": null}",
		"{\"instanceId\": \"\"}",
		"{\"instanceId\": 7}",
		"{\"instanceId\": \"i-0 a\"}",
		"{\"instanceId\": \"i-0\\u0000a\"}",
		"{\"instanceId\": \"../../etc\"}",
		"{\"instanceId\": \"I-0A1B\"}",
		"{\"instanceId\": \"i-0a.b\"}",
		"{\"instanceId\": \"i-0a\", \"instanceId\": \"i-0b\"}",
		"{\"instanceId\": \"i-0a\", \"privateIp\": \"10.0.0\"}",
		"{\"instanceId\": \"i-0a\", \"privateIp\": \"10.0.0.1.2.3.4.5.6.7.8\"}",
		"{\"instanceId\": \"i-0a\", \"region\": [\"us-east-1\"]}",
		"{\"instanceId\": \"i-0a\"} trailing",
	};
	struct error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(imds_is_document(bad[i], strlen(bad[i])));
		assert_int_equal(imds_take_document(bad[i], strlen(bad[i]), *state, &err),
				 -EBADMSG);
		assert_non_null(strstr(err.text, "identity document"));
	}
}

static void test_an_instance_id_has_its_length(void **state)
{
	struct metadata *metadata = *state;
	char id[65], text[128];

	memset(id, 'i', sizeof(id));
	id[64] = '\0';
	snprintf(text, sizeof(text), "{\"instanceId\": \"%s\"}", id);
	assert_int_equal(take_document(metadata, text), -EBADMSG);
	id[63] = '\0';
	snprintf(text, sizeof(text), "{\"instanceId\": \"%s\"}", id);
	assert_int_equal(take_document(metadata, text), 0);
	assert_string_equal(metadata->instance_id, id);
}

static void test_listing(void **state)
{
	static const char listing[] = "lustre:role\r\n\nName with space\nna\xc3\xafve\nbad\xff\n"
				      "ctrl\x01\nlast";
	static const char *const wanted[] = { "lustre:role", "Name with space", "na\xc3\xafve",
					      "last" };
	size_t position = 0;
	char name[16];

	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		assert_true(imds_next_name(listing, sizeof(listing) - 1, &position, name,
					   sizeof(name)));
		assert_string_equal(name, wanted[i]);
	}
	assert_false(imds_next_name(listing, sizeof(listing) - 1, &position, name, sizeof(name)));
	assert_false(imds_next_name(listing, sizeof(listing) - 1, &position, name, sizeof(name)));
}

static void test_what_is_a_listing(void **state)
{
	static const char *const listings[] = { "lustre:role\nName", "a\r\n\r\n\nb c\r\n", "",
						"\n" };
	static const char *const others[] = { "<html>\n", " \n<!DOCTYPE html>", "{\"error\": 1}",
					      "Name\nlustre:\001\n", "Name\n\xff" };
	char line[IMDS_NAME_MAX + 2] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(listings) / sizeof(listings[0]); i++)
		assert_true(imds_is_listing(listings[i], strlen(listings[i])));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(imds_is_listing(others[i], strlen(others[i])));
	assert_false(imds_is_listing("a\0b", 3));
	memset(line, 'k', IMDS_NAME_MAX + 1);
	assert_false(imds_is_listing(line, IMDS_NAME_MAX + 1));
	assert_true(imds_is_listing(line, IMDS_NAME_MAX));
}

static void test_long_names_are_passed_over(void **state)
{
	size_t position = 0;
	char name[8];

	(void)state;
	assert_true(imds_next_name("much-too-long\nshort", 19, &position, name, sizeof(name)));
	assert_string_equal(name, "short");
}

static void test_tag_names(void **state)
{
	(void)state;
	assert_true(imds_is_our_tag("lustre:role"));
	assert_false(imds_is_our_tag("Lustre:role"));
	assert_false(imds_is_our_tag("lustre"));
}

static void test_tag_values(void **state)
{
	struct metadata *metadata = *state;
	char longest[1026];
	struct error err;

	memset(longest, 'v', sizeof(longest));
	assert_int_equal(imds_take_tag("lustre:role", "oss\r\n", 5, metadata, &err), 0);
	assert_string_equal(metadata->tags[0].value, "oss");
	assert_int_equal(imds_take_tag("lustre:empty", "", 0, metadata, &err), 0);
	assert_string_equal(metadata->tags[1].value, "");
	assert_int_equal(imds_take_tag("lustre:caf\xc3\xa9", "\xc3\xa9", 2, metadata, &err), 0);
	assert_int_equal(imds_take_tag("lustre:longest", longest, 1024, metadata, &err), 0);
	assert_int_equal(metadata->tag_count, 4);

	for (size_t i = 0; i < metadata->tag_count; i++)
		assert_false(metadata->tags[i].is_no_text);
}

/* Who set it is told; the service has nothing to do with it. */
static void test_tags_that_are_no_text(void **state)
{
	struct metadata *metadata = *state;
	char longest[1026];
	struct error err;

	memset(longest, 'v', sizeof(longest));
	assert_int_equal(imds_take_tag("lustre:long", longest, 1025, metadata, &err), 0);
	assert_int_equal(imds_take_tag("lustre:longer", NULL, 0, metadata, &err), 0);
	assert_int_equal(imds_take_tag("lustre:nul", "a\0b", 3, metadata, &err), 0);
	assert_int_equal(imds_take_tag("lustre:lines", "a\nb", 3, metadata, &err), 0);
	assert_int_equal(imds_take_tag("lustre:latin1", "\xe9", 1, metadata, &err), 0);
	longest[1025] = '\0';
	assert_int_equal(imds_take_tag(longest, "x", 1, metadata, &err), 0);
	assert_int_equal(metadata->tag_count, 6);
	for (size_t i = 0; i < metadata->tag_count; i++) {
		assert_true(metadata->tags[i].is_no_text);
		assert_string_equal(metadata->tags[i].value, "");
	}
	assert_string_equal(metadata->tags[4].key, "lustre:latin1");
}

static void test_tags_are_bounded(void **state)
{
	struct metadata *metadata = *state;
	char key[32];

	for (int i = 0; i < TAGS_MAX; i++) {
		snprintf(key, sizeof(key), "lustre:%d", i);
		assert_int_equal(imds_take_tag(key, "x", 1, metadata, NULL), 0);
	}
	assert_int_equal(imds_take_tag("lustre:more", "x", 1, metadata, NULL), -EBADMSG);
}

static void test_devices(void **state)
{
	struct metadata *metadata = *state;

	assert_true(imds_is_ephemeral("ephemeral0"));
	assert_true(imds_is_ephemeral("ephemeral23"));
	assert_false(imds_is_ephemeral("ephemeral"));
	assert_false(imds_is_ephemeral("ephemeral123"));
	assert_false(imds_is_ephemeral("ephemeral1a"));
	assert_false(imds_is_ephemeral("ebs1"));
	assert_int_equal(imds_take_device("ephemeral0", "sdb", 3, metadata, NULL), 0);
	assert_string_equal(metadata->ephemerals.items[0], "ephemeral0=sdb");
	assert_int_equal(imds_take_device("ephemeral1", "../sda", 6, metadata, NULL), -EBADMSG);
	assert_int_equal(imds_take_device("ephemeral1", "sd b", 4, metadata, NULL), -EBADMSG);
	assert_int_equal(imds_take_device("ephemeral1", "", 0, metadata, NULL), -EBADMSG);
	/* All else is kept apart. */
	assert_int_equal(imds_take_device("root", "/dev/sda1", 9, metadata, NULL), 0);
	assert_int_equal(imds_take_device("ebs1", "sdf", 3, metadata, NULL), 0);
	assert_int_equal(metadata->ephemerals.count, 1);
	assert_string_equal(metadata->other_devices.items[0], "root=/dev/sda1");
	assert_string_equal(metadata->other_devices.items[1], "ebs1=sdf");
	assert_int_equal(imds_take_device("../ami-id", "sdf", 3, metadata, NULL), -EBADMSG);
	assert_int_equal(imds_take_device("", "sdf", 3, metadata, NULL), -EBADMSG);
}

static void test_paths(void **state)
{
	char encoded[64];

	(void)state;
	assert_int_equal(imds_encode_path("meta-data/mac", encoded, sizeof(encoded)), 0);
	assert_string_equal(encoded, "meta-data/mac");
	assert_int_equal(imds_encode_path("lustre:a b%?#\xc3\xa9", encoded, sizeof(encoded)), 0);
	assert_string_equal(encoded, "lustre:a%20b%25%3F%23%C3%A9");
	assert_int_equal(imds_encode_path("a b", encoded, 5), -ENAMETOOLONG);
	assert_int_equal(imds_encode_path("abcd", encoded, 5), 0);
	assert_int_equal(imds_encode_path("abcde", encoded, 5), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_token),
		cmocka_unit_test_setup_teardown(test_mac, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cidr, setup, teardown),
		cmocka_unit_test_setup_teardown(test_launch_index, setup, teardown),
		cmocka_unit_test_setup_teardown(test_document, setup, teardown),
		cmocka_unit_test_setup_teardown(test_document_with_nulls, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_documents, setup, teardown),
		cmocka_unit_test_setup_teardown(test_an_instance_id_has_its_length, setup,
						teardown),
		cmocka_unit_test(test_listing),
		cmocka_unit_test(test_what_is_a_listing),
		cmocka_unit_test(test_long_names_are_passed_over),
		cmocka_unit_test(test_tag_names),
		cmocka_unit_test_setup_teardown(test_tag_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tags_that_are_no_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tags_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_devices, setup, teardown),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
