/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/value_types.h"

#include "base/cleanup.h"
#include "base/quote.h"
#include "base/text.h"
#include "model/spec/quantity.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LIST_SEPARATORS "+, \t"
#define ROLE_PATTERN    "(mgs|mds|oss|client)"

static const struct {
	const char *name;
	enum role role;
	const char *target; /* what it serves: people write one for the other */
} role_names[] = {
	{ "mgs", ROLE_MGS, "mgt" },
	{ "mds", ROLE_MDS, "mdt" },
	{ "oss", ROLE_OSS, "ost" },
	{ "client", ROLE_CLIENT, "clients" },
};
#define ROLE_COUNT (sizeof(role_names) / sizeof(role_names[0]))

void roles_format(unsigned roles, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ROLE_COUNT; i++) {
		int length;

		if (!(roles & role_names[i].role) || used >= size)
			continue;
		length = snprintf(text + used, size - used, "%s%s", used ? "+" : "",
				  role_names[i].name);
		used += length > 0 ? (size_t)length : 0;
	}
}

static int refuse_role(const char *word, struct error *why)
{
	for (size_t i = 0; i < ROLE_COUNT; i++)
		if (strcasecmp(word, role_names[i].name) == 0 ||
		    strcasecmp(word, role_names[i].target) == 0)
			return error_set(why, -EINVAL, "%s is no role; write %s", quote(word).text,
					 role_names[i].name);
	return error_set(why, -EINVAL, "%s is no role; use mgs, mds, oss or client, joined by +",
			 quote(word).text);
}

static int read_roles(const struct spec_key_row *row, const struct setting *setting,
		      struct spec *spec, struct error *why)
{
	cleanup(words_done) struct words words = { 0 };
	unsigned set = 0;
	int r;

	(void)row;
	r = value_list(setting, LIST_SEPARATORS, ROLE_COUNT, &words, why);
	if (r < 0)
		return r;
	for (size_t i = 0; i < words.count; i++) {
		unsigned role = 0;

		for (size_t k = 0; k < ROLE_COUNT; k++)
			if (strcmp(words.items[i], role_names[k].name) == 0)
				role = role_names[k].role;
		if (role == 0)
			return refuse_role(words.items[i], why);
		if (set & role)
			return error_set(why, -EINVAL, "%s stands there twice",
					 quote(words.items[i]).text);
		set |= role;
	}
	spec->roles = set;
	return 0;
}

static json_t *roles_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	char text[32];

	(void)row;
	roles_format(spec->roles, text, sizeof(text));
	return spec->roles ? json_string(text) : json_null();
}

static json_t *roles_schema(const struct spec_key_row *row)
{
	(void)row;
	/* The words are there to be offered. */
	return json_pack("{s:[{s:[s,s,s,s,s]}, o]}", "anyOf", "enum", "mgs", "mds", "oss", "client",
			 "mgs+mds",
			 schema_one_or_more(schema_text("[" LIST_SEPARATORS "]*" ROLE_PATTERN
							"([" LIST_SEPARATORS "]+" ROLE_PATTERN
							")*[" LIST_SEPARATORS "]*")));
}

const struct value_type value_roles = {
	.name = "roles",
	.read = read_roles,
	.to_json = roles_to_json,
	.schema = roles_schema,
};

static int read_index(const struct spec_key_row *row, const struct setting *setting,
		      struct spec *spec, struct error *why)
{
	static const char *const words[] = { "subnet", "launch" };
	const char *text = "";
	uint64_t number;
	int r;

	r = value_single(setting, &text, why);
	if (r < 0)
		return r;
	if (isdigit((unsigned char)*text)) {
		r = quantity_read_number(text, row->most, &number, why);
		if (r < 0)
			return r;
		spec->index_mode = INDEX_NUMBER;
		spec->index = (unsigned)number;
		return 0;
	}
	if (strcmp(text, "subnet") != 0 && strcmp(text, "launch") != 0)
		return value_refuse_choice(text, words, 2, "subnet, launch or a number", why);
	spec->index_mode = *text == 's' ? INDEX_SUBNET : INDEX_LAUNCH;
	spec->index = 0;
	return 0;
}

static json_t *index_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	(void)row;
	switch (spec->index_mode) {
	case INDEX_SUBNET:
		return json_string("subnet");
	case INDEX_LAUNCH:
		return json_string("launch");
	case INDEX_NUMBER:
		return json_integer(spec->index);
	}
	return NULL;
}

static json_t *index_schema(const struct spec_key_row *row)
{
	return json_pack("{s:[{s:[s,s]}, {s:s, s:i, s:I}, o]}", "anyOf", "enum", "subnet", "launch",
			 "type", "integer", "minimum", 0, "maximum", (json_int_t)row->most,
			 schema_text("subnet|launch|0|[1-9][0-9]*"));
}

const struct value_type value_index = {
	.name = "index",
	.read = read_index,
	.to_json = index_to_json,
	.schema = index_schema,
};

static int read_osts(const struct spec_key_row *row, const struct setting *setting,
		     struct spec *spec, struct error *why)
{
	static const char *const words[] = { "per-disk" };
	const char *text = "";
	int r;

	(void)row;
	r = value_single(setting, &text, why);
	if (r < 0)
		return r;
	if (strcmp(text, "1") != 0 && strcmp(text, "per-disk") != 0)
		return value_refuse_choice(text, words, 1, "1 or per-disk", why);
	spec->osts_per_disk = *text == 'p';
	return 0;
}

static json_t *osts_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	(void)row;
	return spec->osts_per_disk ? json_string("per-disk") : json_integer(1);
}

static json_t *osts_schema(const struct spec_key_row *row)
{
	(void)row;
	return json_pack("{s:[{s:[i, s]}, o]}", "anyOf", "enum", 1, "per-disk",
			 schema_text("1|per-disk"));
}

const struct value_type value_osts = {
	.name = "1 or per-disk",
	.read = read_osts,
	.to_json = osts_to_json,
	.schema = osts_schema,
};

/* Text of letters, digits and `others` only. */
static bool made_of(const char *text, const char *others)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr(others, *text))
			return false;
	return true;
}

/* "ebs:sdf" or "ebs:/dev/sdf": the vendor area of the volume has either form. */
static int read_ebs_name(const char *text, const char *name, struct spec *spec, struct error *why)
{
	if (strncmp(name, "/dev/", 5) == 0)
		name += 5;
	if (*name == '\0' || strlen(name) > 31 || !made_of(name, ""))
		return error_set(why, -EINVAL,
				 "%s does not name an EBS volume; write ebs: and the device name "
				 "given at attachment, such as ebs:sdf",
				 quote(text).text);
	spec->disks = DISKS_EBS;
	text_set(spec->disks_name, sizeof(spec->disks_name), "%s", name);
	return 0;
}

/* A target is made of a whole disk that is blank: udev has none of these names for it. */
static const struct {
	const char *under, *because;
} unfit_paths[] = {
	{ "by-uuid/", "names a file system, which a blank disk has none of" },
	{ "by-label/", "names a file system, which a blank disk has none of" },
	{ "by-partuuid/", "names a partition, and targets are made of whole disks" },
	{ "by-partlabel/", "names a partition, and targets are made of whole disks" },
	{ "by-id/lvm-pv-uuid-", "names what a blank disk has none of, a PV of LVM" },
};

static int check_path_fits(const char *text, const char *rest, struct error *why)
{
	for (size_t i = 0; i < sizeof(unfit_paths) / sizeof(unfit_paths[0]); i++)
		if (strncmp(rest, unfit_paths[i].under, strlen(unfit_paths[i].under)) == 0)
			return error_set(why, -EINVAL,
					 "%s %s; write ebs:NAME, instance-store, or the path of a "
					 "disk under /dev/disk/by-id/ or /dev/disk/by-path/",
					 quote(text).text, unfit_paths[i].because);
	return 0;
}

static int read_disk_path(const char *text, struct spec *spec, struct error *why)
{
	static const char base[] = "/dev/disk/";

	if (strncmp(text, base, sizeof(base) - 1) != 0)
		return error_set(why, -EINVAL,
				 "%s may be another disk after the next boot; write a path under "
				 "/dev/disk/, such as /dev/disk/by-id/…",
				 quote(text).text);
	if (strlen(text) >= sizeof(spec->disks_name) || !path_is_plain(text) ||
	    !made_of(text, "/_-.:+@=\\#"))
		return error_set(why, -EINVAL, "%s is not the path of a disk under /dev/disk/",
				 quote(text).text);
	if (check_path_fits(text, text + sizeof(base) - 1, why) < 0)
		return -EINVAL;
	spec->disks = DISKS_PATH;
	text_set(spec->disks_name, sizeof(spec->disks_name), "%s", text);
	return 0;
}

static int read_disks(const struct spec_key_row *row, const struct setting *setting,
		      struct spec *spec, struct error *why)
{
	static const char *const words[] = { "instance-store" };
	const char *text = "";
	int r;

	(void)row;
	r = value_single(setting, &text, why);
	if (r < 0)
		return r;
	if (strncmp(text, "ebs:", 4) == 0)
		return read_ebs_name(text, text + 4, spec, why);
	if (*text == '/')
		return read_disk_path(text, spec, why);
	if (strcmp(text, "instance-store") != 0)
		return value_refuse_choice(
			text, words, 1, "instance-store, ebs:NAME or a path under /dev/disk/", why);
	spec->disks = DISKS_INSTANCE_STORE;
	spec->disks_name[0] = '\0';
	return 0;
}

static json_t *disks_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	(void)row;
	switch (spec->disks) {
	case DISKS_INSTANCE_STORE:
		return json_string("instance-store");
	case DISKS_EBS:
		return json_sprintf("ebs:%s", spec->disks_name);
	case DISKS_PATH:
		return json_string(spec->disks_name);
	}
	return NULL;
}

static json_t *disks_schema(const struct spec_key_row *row)
{
	(void)row;
	return json_pack("{s:[{s:s}, o]}", "anyOf", "const", "instance-store",
			 schema_text("instance-store|ebs:(/dev/)?[A-Za-z0-9]{1,31}|/dev/disk/.+"));
}

const struct value_type value_disks = {
	.name = "disks",
	.read = read_disks,
	.to_json = disks_to_json,
	.schema = disks_schema,
};

/* Which of two words it is, 0 or 1; `either` names both. */
static int read_either(const struct setting *setting, const char *const words[2],
		       const char *either, struct error *why)
{
	const char *text = "";
	int r = value_single(setting, &text, why);

	if (r < 0)
		return r;
	for (int i = 0; i < 2; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	return value_refuse_choice(text, words, 2, either, why);
}

static json_t *either_schema(const char *const words[2])
{
	char pattern[64];

	text_set(pattern, sizeof(pattern), "%s|%s", words[0], words[1]);
	return json_pack("{s:[{s:[s,s]}, o]}", "anyOf", "enum", words[0], words[1],
			 schema_text(pattern));
}

static const char *const data_loss_words[] = { "halt", "recreate" };

static int read_data_loss(const struct spec_key_row *row, const struct setting *setting,
			  struct spec *spec, struct error *why)
{
	int r = read_either(setting, data_loss_words, "halt or recreate", why);

	(void)row;
	if (r >= 0)
		spec->on_data_loss = r == 0 ? ON_DATA_LOSS_HALT : ON_DATA_LOSS_RECREATE;
	return r < 0 ? r : 0;
}

static json_t *data_loss_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	(void)row;
	return json_string(data_loss_words[spec->on_data_loss == ON_DATA_LOSS_RECREATE]);
}

static json_t *data_loss_schema(const struct spec_key_row *row)
{
	(void)row;
	return either_schema(data_loss_words);
}

const struct value_type value_data_loss = {
	.name = "halt or recreate",
	.read = read_data_loss,
	.to_json = data_loss_to_json,
	.schema = data_loss_schema,
};

static const char *const tuning_words[] = { "aws", "none" };

static int read_tuning(const struct spec_key_row *row, const struct setting *setting,
		       struct spec *spec, struct error *why)
{
	int r = read_either(setting, tuning_words, "aws or none", why);

	(void)row;
	if (r >= 0)
		spec->tuning = r == 0 ? TUNING_AWS : TUNING_NONE;
	return r < 0 ? r : 0;
}

static json_t *tuning_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	(void)row;
	return json_string(tuning_words[spec->tuning == TUNING_NONE]);
}

static json_t *tuning_schema(const struct spec_key_row *row)
{
	(void)row;
	return either_schema(tuning_words);
}

const struct value_type value_tuning = {
	.name = "aws or none",
	.read = read_tuning,
	.to_json = tuning_to_json,
	.schema = tuning_schema,
};
