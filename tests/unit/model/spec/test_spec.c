/* SPDX-License-Identifier: Apache-2.0 */

/* Merging: precedence, defaults, what is missing, what contradicts, and what each key takes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/spec/spec.h"

#include "scenes/asked.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void expect_problem(const struct asked *scene, const char *sentence)
{
	char text[PROBLEM_TEXT_MAX];

	for (size_t i = 0; i < scene->problems.count; i++) {
		problem_format(&scene->problems.items[i], text, sizeof(text));
		if (strstr(text, sentence))
			return;
	}
	fail_msg("no problem says \"%s\"", sentence);
}

/* A node on which `key` is set besides what an OSS needs, and the only problem it has. */
static void expect_refusal(const char *key, const char *value, const char *sentence)
{
	struct asked scene = { 0 };

	asked_say(&scene, SOURCE_TAG, "role", "oss");
	asked_say(&scene, SOURCE_TAG, "fsname", "lustrewt");
	asked_say(&scene, SOURCE_TAG, "mgs", "10.0.0.10");
	asked_say(&scene, SOURCE_TAG, key, value);
	assert_int_equal(asked_merge(&scene), -EINVAL);
	assert_int_equal(scene.problems.count, 1);
	expect_problem(&scene, sentence);
	asked_done(&scene);
}

static void nothing_said_is_no_node_of_ours(void **state)
{
	struct asked scene = { 0 };

	(void)state;
	assert_int_equal(asked_merge(&scene), 0);
	assert_int_equal(scene.spec.roles, 0);
	asked_done(&scene);
}

static void defaults_are_the_contracts(void **state)
{
	struct asked scene = { 0 };
	const struct spec *spec = &scene.spec;

	(void)state;
	asked_say(&scene, SOURCE_TAG, "role", "oss");
	asked_say(&scene, SOURCE_TAG, "fsname", "lustrewt");
	asked_say(&scene, SOURCE_TAG, "mgs", "10.0.0.10");
	assert_int_equal(asked_merge(&scene), 0);
	assert_int_equal(spec->roles, ROLE_OSS);
	assert_string_equal(spec->fsname, "lustrewt");
	assert_int_equal(spec->mgs.count, 1);
	assert_string_equal(spec->mgs.items[0], "10.0.0.10");
	assert_int_equal(spec->index_mode, INDEX_SUBNET);
	assert_int_equal(spec->mdt_index, 0);
	assert_int_equal(spec->index_base, 0);
	assert_false(spec->osts_per_disk);
	assert_int_equal(spec->disks, DISKS_INSTANCE_STORE);
	assert_int_equal(spec->expect_disks, 0);
	assert_int_equal(spec->stripe_size, 256 * 1024);
	assert_int_equal(spec->mgt_size.bytes, 1 << 30);
	assert_int_equal(spec->mdt_size.percent, 10);
	assert_string_equal(spec->mount_point, "");
	assert_int_equal(spec->lnet_count, 1);
	assert_string_equal(spec->lnet[0].net, "tcp");
	assert_string_equal(spec->lnet[0].interface, "primary");
	assert_int_equal(spec->on_data_loss, ON_DATA_LOSS_HALT);
	assert_false(spec->replace);
	assert_false(spec->accept_preformatted);
	assert_int_equal(spec->mgs_timeout, 600);
	assert_int_equal(spec->device_timeout, 180);
	assert_int_equal(spec->origins[KEY_INDEX].source, SOURCE_DEFAULT);
	assert_int_equal(spec->origins[KEY_ROLE].source, SOURCE_TAG);
	asked_done(&scene);
}

/* The order in which the sources were read must not matter, only their strength. */
static void tags_win_over_user_data_over_conf(void **state)
{
	struct asked scene = { 0 };

	(void)state;
	asked_say(&scene, SOURCE_TAG, "role", "client");
	asked_say(&scene, SOURCE_USER_DATA, "role", "oss");
	asked_say(&scene, SOURCE_USER_DATA, "fsname", "user");
	asked_say(&scene, SOURCE_CONF, "fsname", "conf");
	asked_say(&scene, SOURCE_CONF, "mgs", "10.0.0.1");
	asked_say(&scene, SOURCE_CONF, "mgs", "10.0.0.2");
	assert_int_equal(asked_merge(&scene), 0);
	assert_int_equal(scene.spec.roles, ROLE_CLIENT);
	assert_string_equal(scene.spec.fsname, "user");
	assert_string_equal(scene.spec.mgs.items[0], "10.0.0.2");
	assert_int_equal(scene.spec.origins[KEY_MGS].source, SOURCE_CONF);
	asked_done(&scene);
}

static void a_bad_value_is_an_error_even_where_a_stronger_source_wins(void **state)
{
	struct asked scene = { 0 };

	(void)state;
	asked_say(&scene, SOURCE_CONF, "fsname", "lustrewt1");
	asked_say(&scene, SOURCE_TAG, "role", "oss");
	asked_say(&scene, SOURCE_TAG, "fsname", "lustrewt");
	asked_say(&scene, SOURCE_TAG, "mgs", "10.0.0.10");
	assert_int_equal(asked_merge(&scene), -EINVAL);
	expect_problem(&scene, "conf.d/10.yaml: fsname: \"lustrewt1\" has 9 characters");
	asked_done(&scene);
}

static void conf_alone_makes_no_node_ours(void **state)
{
	struct asked scene = { 0 };

	(void)state;
	asked_say(&scene, SOURCE_CONF, "fsname", "lustrewt");
	assert_int_equal(asked_merge(&scene), 0);
	assert_int_equal(scene.spec.roles, 0);
	asked_say(&scene, SOURCE_TAG, "mgs", "10.0.0.10");
	spec_done(&scene.spec);
	assert_int_equal(asked_merge(&scene), -EINVAL);
	expect_problem(&scene, "role: missing, though \"mgs\" is set");
	asked_done(&scene);
}

static void what_a_role_needs_is_asked_for(void **state)
{
	struct asked scene = { 0 };

	(void)state;
	asked_say(&scene, SOURCE_TAG, "role", "client+oss");
	assert_int_equal(asked_merge(&scene), -EINVAL);
	assert_int_equal(scene.problems.count, 2);
	expect_problem(&scene, "fsname: missing, and role oss+client needs it");
	expect_problem(&scene, "mgs: missing");
	asked_done(&scene);
}

static void a_lone_mgs_needs_nothing(void **state)
{
	struct asked scene = { 0 };

	(void)state;
	asked_say(&scene, SOURCE_TAG, "role", "mgs");
	assert_int_equal(asked_merge(&scene), 0);
	assert_int_equal(scene.spec.roles, ROLE_MGS);
	asked_done(&scene);
}

static void what_is_misspelt_is_not_missing_too(void **state)
{
	struct asked scene = { 0 };

	(void)state;
	asked_say(&scene, SOURCE_TAG, "role", "oss");
	asked_say(&scene, SOURCE_TAG, "fs-name", "lustrewt");
	asked_say(&scene, SOURCE_TAG, "mgs", "-x");
	assert_int_equal(asked_merge(&scene), -EINVAL);
	assert_int_equal(scene.problems.count, 2);
	expect_problem(&scene, "\"lustre:fs-name\" is not a key; did you mean lustre:fsname?");
	expect_problem(&scene, "mgs: \"-x\" is neither");
	asked_done(&scene);
}

static void earlier_problems_are_never_forgotten(void **state)
{
	const struct origin origin = { .source = SOURCE_USER_DATA, .name = "user-data" };
	struct asked scene = { 0 };

	(void)state;
	asked_say(&scene, SOURCE_TAG, "role", "mgs");
	problems_add(&scene.problems, &origin, "not valid YAML");
	assert_int_equal(asked_merge(&scene), -EINVAL);
	asked_done(&scene);
}

static void keys_that_contradict_are_told(void **state)
{
	(void)state;
	expect_refusal("osts", "per-disk", "osts: per-disk needs expect-disks");
	expect_refusal("mount-options", "noatime,ro",
		       "leave ro out, or give it as client-mount-options");
	expect_refusal("index", "65504", "too large; at most 65503");
}

static void what_a_client_cannot_have_is_told(void **state)
{
	(void)state;
	expect_refusal("client-mount-options", "ro,abort_recov",
		       "\"abort_recov\" is an option of targets");
	expect_refusal("client-mount-options", "nofail", "belongs to fstab");
}

static void a_fileset_is_a_plain_directory_from_the_root(void **state)
{
	(void)state;
	expect_refusal("fileset", "projects", "begin it with /");
	expect_refusal("fileset", "/", "is all of the file system; leave the key out");
	expect_refusal("fileset", "/a/../b", "not in its shortest form");
	expect_refusal("fileset", "/a//b", "not in its shortest form");
	expect_refusal("fileset", "/a/", "not in its shortest form");
	expect_refusal("fileset", "/a:/b", "a character that is not possible here");
	expect_refusal("fileset", "/a,ro", "a character that is not possible here");
	expect_refusal("fileset", "/a b", "a character that is not possible here");
	expect_refusal("fileset", "/%h", "a character that is not possible here");
}

static void a_number_is_the_index_of_a_lone_mdt(void **state)
{
	struct asked scene = { 0 };

	(void)state;
	asked_say(&scene, SOURCE_TAG, "role", "mds");
	asked_say(&scene, SOURCE_TAG, "fsname", "lustrewt");
	asked_say(&scene, SOURCE_TAG, "mgs", "10.0.0.10");
	asked_say(&scene, SOURCE_TAG, "index", "3");
	assert_int_equal(asked_merge(&scene), 0);
	assert_int_equal(scene.spec.mdt_index, 3);
	asked_say(&scene, SOURCE_TAG, "mdt-index", "4");
	spec_done(&scene.spec);
	assert_int_equal(asked_merge(&scene), -EINVAL);
	expect_problem(&scene, "index: 3 contradicts mdt-index 4");
	asked_done(&scene);
}

static void an_index_out_of_lustres_range_is_told_before_anything_is_done(void **state)
{
	struct asked scene = { 0 };

	(void)state;
	asked_say(&scene, SOURCE_TAG, "role", "oss");
	asked_say(&scene, SOURCE_TAG, "fsname", "lustrewt");
	asked_say(&scene, SOURCE_TAG, "mgs", "10.0.0.10");
	asked_say(&scene, SOURCE_TAG, "osts", "per-disk");
	asked_say(&scene, SOURCE_TAG, "expect-disks", "8");
	asked_say(&scene, SOURCE_TAG, "index", "8187");
	assert_int_equal(asked_merge(&scene), 0);
	asked_say(&scene, SOURCE_TAG, "index", "8188");
	spec_done(&scene.spec);
	assert_int_equal(asked_merge(&scene), -EINVAL);
	expect_problem(&scene, "it would reach 65511");
	asked_done(&scene);
}

/* A node's own word can be a mistake; a file of all nodes means those that have several. */
static void one_named_disk_is_never_two(void **state)
{
	static const enum source sources[] = { SOURCE_CONF, SOURCE_TAG };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct asked scene = { 0 };

		asked_say(&scene, SOURCE_TAG, "role", "oss");
		asked_say(&scene, SOURCE_TAG, "fsname", "lustrewt");
		asked_say(&scene, SOURCE_TAG, "mgs", "10.0.0.10");
		asked_say(&scene, SOURCE_TAG, "disks", "ebs:sdf");
		asked_say(&scene, sources[i], "expect-disks", "2");
		assert_int_equal(asked_merge(&scene), sources[i] == SOURCE_CONF ? 0 : -EINVAL);
		asked_done(&scene);
	}
}

#define TENS     "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"
#define HUNDREDS TENS TENS TENS TENS

/* mount(2) takes a page, and what is behind that is lost without a word: the last one may be ro. */
static void options_that_mount_cannot_carry_are_refused(void **state)
{
	static const char one[] = "10.0.0.10",
			  four[] = "10.0.0.10, 10.0.0.11, 10.0.0.12, 10.0.0.13";
	static const char own[] = "client-mount-options", both[] = "mount-options";
	static const struct {
		size_t words;
		const char *mgs;
		int result;
		const char *key, *beside, *value; /* another key, with its value; "" for none */
	} rows[] = {
		{ 16, one, 0, both, "", "" },
		{ 17, one, -EINVAL, both, "", "" },
		{ 20, one, -EINVAL, both, "", "" },
		{ 16, four, -EINVAL, both, "", "" },
		{ 15, four, 0, both, "", "" },
		{ 16, one, 0, own, "", "" },
		{ 17, one, -EINVAL, own, "", "" },
		{ 16, one, -EINVAL, own, both, HUNDREDS },
		{ 16, one, -EINVAL, both, own, HUNDREDS },
		{ 16, one, -EINVAL, both, "fileset", "/" HUNDREDS },
		/* What is of targets alone does not go to a client. */
		{ 16, one, 0, own, both, "errors=" HUNDREDS },
	};
	char text[8192], word[216];

	(void)state;
	memset(word, 'o', sizeof(word));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct asked scene = { 0 };
		size_t used = 0;

		for (size_t k = 0; k < rows[i].words; k++)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%.*s%02zu,",
						 213, word, k);
		snprintf(text + used, sizeof(text) - used, "ro");
		asked_say(&scene, SOURCE_TAG, "role", "client");
		asked_say(&scene, SOURCE_TAG, "fsname", "lustrewt");
		asked_say(&scene, SOURCE_TAG, "mgs", rows[i].mgs);
		asked_say(&scene, SOURCE_TAG, rows[i].key, text);
		if (rows[i].beside[0] != '\0')
			asked_say(&scene, SOURCE_TAG, rows[i].beside, rows[i].value);
		assert_int_equal(asked_merge(&scene), rows[i].result);
		if (rows[i].result < 0)
			expect_problem(&scene, "mount can carry");
		else
			assert_true(words_contain(&scene.spec.mount_options, "ro") ||
				    words_contain(&scene.spec.client_mount_options, "ro"));
		asked_done(&scene);
	}
}

/* Two words of mke2fs's options, "-m 0" as many times. */
static const char *mke2fs_words(unsigned first, unsigned second, char text[1024])
{
	size_t used = (size_t)snprintf(text, 1024, "--mkfsoptions='-m 0");

	for (unsigned i = 1; i < first; i++)
		used += (size_t)snprintf(text + used, 1024 - used, " -m 0");
	used += (size_t)snprintf(text + used, 1024 - used, "' --mkfsoptions='-m 0");
	for (unsigned i = 1; i < second; i++)
		used += (size_t)snprintf(text + used, 1024 - used, " -m 0");
	snprintf(text + used, 1024 - used, "'");
	return text;
}

static void mkfs_options_beyond_its_room_are_refused(void **state)
{
	struct asked scene = { 0 };
	char text[1024];

	(void)state;
	asked_say(&scene, SOURCE_TAG, "role", "mgs");
	asked_say(&scene, SOURCE_TAG, "mkfs-options", mke2fs_words(25, 26, text));
	assert_int_equal(asked_merge(&scene), 0);
	asked_done(&scene);
	expect_refusal("mkfs-options", mke2fs_words(26, 26, text), "mkfs.lustre has room for 255");
}

/* Half the bits of a disk's size, and a sum of them, would be another size. */
static void sizes_have_a_bound(void **state)
{
	(void)state;
	expect_refusal("mgt-size", "16777215TiB", "at most 1048576TiB is possible");
	expect_refusal("mdt-size", "1048577TiB", "at most 1048576TiB is possible");
	expect_refusal("mdt-size", "16777216TiB", "is too large");
	expect_refusal("mdt-size", "18446744073709551615", "at most 1048576TiB is possible");
	expect_refusal("mdt-size", "101%", "is not a percentage");
	expect_refusal("mdt-size", "4294967297%", "is not a percentage");
}

/* A name that systemd would not take is found out here, not after the format. */
static void a_mount_point_has_a_name_that_systemd_takes(void **state)
{
	static const struct {
		size_t plain;
		const char *end;
		int result;
	} rows[] = {
		{ 249, "", 0 },        { 250, "", -EINVAL }, { 245, "-", 0 },
		{ 246, "-", -EINVAL }, { 247, "/a", 0 },     { 248, "/a", -EINVAL },
	};
	char path[320];

	(void)state;
	expect_refusal("mount-point", "/scratch/", "not in its shortest form");
	expect_refusal("mount-point", "//scratch", "not in its shortest form");
	expect_refusal("mount-point", "/scratch/../x", "not in its shortest form");
	expect_refusal("mount-point", "/scr\xc3\xa4tch", "a character that is not possible");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct asked scene = { 0 };

		memset(path, 'x', sizeof(path));
		path[0] = '/';
		strcpy(path + 1 + rows[i].plain, rows[i].end);
		asked_say(&scene, SOURCE_TAG, "role", "mgs");
		asked_say(&scene, SOURCE_TAG, "mount-point", path);
		assert_int_equal(asked_merge(&scene), rows[i].result);
		asked_done(&scene);
	}
}

static void one_mount_point_serves_one_mount(void **state)
{
	struct asked scene = { 0 };

	(void)state;
	asked_say(&scene, SOURCE_TAG, "role", "mgs+mds");
	asked_say(&scene, SOURCE_TAG, "fsname", "lustrewt");
	asked_say(&scene, SOURCE_TAG, "mount-point", "/scratch");
	assert_int_equal(asked_merge(&scene), -EINVAL);
	expect_problem(&scene, "this node mounts more than one thing (role mgs+mds)");
	asked_done(&scene);
}

/* Each is what Lustre prints, so that text can be compared with it. */
static void addresses_and_nets_are_in_their_normal_form(void **state)
{
	struct asked scene = { 0 };

	(void)state;
	asked_say(&scene, SOURCE_TAG, "role", "client");
	asked_say(&scene, SOURCE_TAG, "fsname", "lustrewt");
	asked_say(&scene, SOURCE_TAG, "mgs",
		  "10.0.0.10@tcp0, 10.0.0.10@TCP, MGS.Example.com@tcp01, ::ffff:10.0.0.12");
	asked_say(&scene, SOURCE_TAG, "lnet", "TCP0(Primary), efa00(rdmap36s0), tcp01(Eth2)");
	assert_int_equal(asked_merge(&scene), 0);
	assert_int_equal(scene.spec.mgs.count, 3);
	assert_string_equal(scene.spec.mgs.items[0], "10.0.0.10@tcp");
	assert_string_equal(scene.spec.mgs.items[1], "mgs.example.com@tcp1");
	assert_string_equal(scene.spec.mgs.items[2], "10.0.0.12");
	assert_int_equal(scene.spec.lnet_count, 3);
	assert_string_equal(scene.spec.lnet[0].net, "tcp");
	assert_string_equal(scene.spec.lnet[0].interface, "primary");
	assert_string_equal(scene.spec.lnet[1].net, "efa");
	assert_string_equal(scene.spec.lnet[2].net, "tcp1");
	assert_string_equal(scene.spec.lnet[2].interface, "Eth2");
	asked_done(&scene);
}

static void words_of_nets_are_words_in_any_case(void **state)
{
	struct asked scene = { 0 };

	(void)state;
	asked_say(&scene, SOURCE_TAG, "role", "client");
	asked_say(&scene, SOURCE_TAG, "fsname", "lustrewt");
	asked_say(&scene, SOURCE_TAG, "mgs", "10.0.0.10");
	asked_say(&scene, SOURCE_TAG, "lnet", "tcp(PRIMARY), efa(All), efa1(Auto)");
	assert_int_equal(asked_merge(&scene), 0);
	assert_string_equal(scene.spec.lnet[0].interface, "primary");
	assert_string_equal(scene.spec.lnet[1].interface, "all");
	assert_string_equal(scene.spec.lnet[2].interface, "auto");
	asked_done(&scene);
}

static void what_is_no_address_of_an_mgs_is_named(void **state)
{
	static const char *const words[][2] = {
		{ "127.0.0.1", "\"127.0.0.1\" is a loopback address" },
		{ "169.254.49.58@tcp", "is a link-local address" },
		{ "224.0.0.1", "is a multicast address" },
		{ "0.0.0.0", "is an address of no host" },
		{ "255.255.255.255", "is the broadcast address" },
		{ "::1", "is a loopback address" },
		{ "fe80::1@tcp", "is a link-local address" },
		{ "localhost", "is the name of a loopback address" },
		{ "Localhost@tcp", "is the name of a loopback address" },
		{ "mgs.localhost", "is the name of a loopback address" },
		{ "010.0.0.10", "has a number with a leading zero" },
		{ "10.0.0.010@tcp", "has a number with a leading zero" },
		{ "10.0.0.256@tcp", "is neither an address nor a host name" },
		{ "10.0.0", "is neither an address nor a host name" },
		{ "0x0a.0.0.10", "is neither an address nor a host name" },
		{ "10.0.0.10@lo", "write it as 10.0.0.10@tcp" },
		{ "fd00::a", "is an IPv6 address" },
		{ "fd00::a@tcp", "is an IPv6 address" },
		{ "10.0.0.10@efa", "on another net than tcp" },
		{ "10.0.0.10@o2ib", "on another net than tcp" },
		{ "@tcp", "is neither an address nor a host name" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct asked scene = { 0 };

		asked_say(&scene, SOURCE_TAG, "role", "client");
		asked_say(&scene, SOURCE_TAG, "fsname", "lustrewt");
		asked_say(&scene, SOURCE_TAG, "mgs", words[i][0]);
		assert_int_equal(asked_merge(&scene), -EINVAL);
		expect_problem(&scene, words[i][1]);
		asked_done(&scene);
	}
}

/* What names a fabric of another place, or an interface of another kind, in a sentence of its own.
 */
static void what_is_no_net_of_ec2_is_named(void **state)
{
	static const char *const words[][2] = {
		{ "tcp(primary), o2ib(ib0)", "is for InfiniBand" },
		{ "tcp(primary), kfi1(cxi0)", "is for the Slingshot fabric" },
		{ "tcp(primary), efa(primary)", "names an Ethernet interface" },
		{ "tcp(primary), efa", "write efa(all)" },
		{ "efa(all)", "stands beside tcp" },
		{ "tcp(an-interface-with-a-long-name)", "is not NET(INTERFACE)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct asked scene = { 0 };

		asked_say(&scene, SOURCE_TAG, "role", "mgs");
		asked_say(&scene, SOURCE_TAG, "lnet", words[i][0]);
		assert_int_equal(asked_merge(&scene), -EINVAL);
		expect_problem(&scene, words[i][1]);
		asked_done(&scene);
	}
}

/* RDMA devices have longer names than Ethernet interfaces: none of them is cut. */
static void a_name_of_a_device_is_whole(void **state)
{
	static const char lnet[] = "tcp(primary), efa(rdma-device-with-a-name-of-sixty-three-"
				   "letters-that-is-the-most)";
	struct asked scene = { 0 };

	(void)state;
	asked_say(&scene, SOURCE_TAG, "role", "mgs");
	asked_say(&scene, SOURCE_TAG, "lnet", lnet);
	assert_int_equal(asked_merge(&scene), 0);
	assert_int_equal(strncmp(scene.spec.lnet[1].interface, strstr(lnet, "rdma"),
				 strlen(scene.spec.lnet[1].interface)),
			 0);
	assert_int_equal(strlen(scene.spec.lnet[1].interface), strlen(strstr(lnet, "rdma")) - 1);
	asked_done(&scene);
}

static void connections_have_a_bound(void **state)
{
	static const struct {
		const char *written;
		int result;
		unsigned conns;
	} rows[] = { { "auto", 0, 0 },      { "1", 0, 1 },       { "127", 0, 127 },
		     { "128", -EINVAL, 0 }, { "0", -EINVAL, 0 }, { "-1", -EINVAL, 0 },
		     { "some", -EINVAL, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct asked scene = { 0 };

		asked_say(&scene, SOURCE_TAG, "role", "mgs");
		asked_say(&scene, SOURCE_TAG, "conns-per-peer", rows[i].written);
		assert_int_equal(asked_merge(&scene), rows[i].result);
		if (rows[i].result == 0)
			assert_int_equal(scene.spec.conns_per_peer, rows[i].conns);
		asked_done(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_said_is_no_node_of_ours),
		cmocka_unit_test(defaults_are_the_contracts),
		cmocka_unit_test(tags_win_over_user_data_over_conf),
		cmocka_unit_test(a_bad_value_is_an_error_even_where_a_stronger_source_wins),
		cmocka_unit_test(conf_alone_makes_no_node_ours),
		cmocka_unit_test(what_a_role_needs_is_asked_for),
		cmocka_unit_test(a_lone_mgs_needs_nothing),
		cmocka_unit_test(what_is_misspelt_is_not_missing_too),
		cmocka_unit_test(earlier_problems_are_never_forgotten),
		cmocka_unit_test(keys_that_contradict_are_told),
		cmocka_unit_test(what_a_client_cannot_have_is_told),
		cmocka_unit_test(a_fileset_is_a_plain_directory_from_the_root),
		cmocka_unit_test(a_number_is_the_index_of_a_lone_mdt),
		cmocka_unit_test(an_index_out_of_lustres_range_is_told_before_anything_is_done),
		cmocka_unit_test(one_named_disk_is_never_two),
		cmocka_unit_test(options_that_mount_cannot_carry_are_refused),
		cmocka_unit_test(mkfs_options_beyond_its_room_are_refused),
		cmocka_unit_test(sizes_have_a_bound),
		cmocka_unit_test(a_mount_point_has_a_name_that_systemd_takes),
		cmocka_unit_test(one_mount_point_serves_one_mount),
		cmocka_unit_test(addresses_and_nets_are_in_their_normal_form),
		cmocka_unit_test(words_of_nets_are_words_in_any_case),
		cmocka_unit_test(what_is_no_address_of_an_mgs_is_named),
		cmocka_unit_test(what_is_no_net_of_ec2_is_named),
		cmocka_unit_test(a_name_of_a_device_is_whole),
		cmocka_unit_test(connections_have_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
