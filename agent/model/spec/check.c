/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/check.h"

#include "model/spec/keys.h"
#include "model/spec/mount_words.h"
#include "model/spec/nid.h"

#include <stdio.h>
#include <string.h>

/*
 * mount(2) takes a page of options, and mount.lustre cuts what it is given to one before it puts
 * its own behind: device=, osd=, svname=, and an mgsnode= or a part of the source for each MGS. The
 * end is lost without a word (measured), and that may be ro.
 */
#define MOUNT_DATA_MAX    4095
#define MOUNT_OWN_OPTIONS 512
#define MOUNT_PER_MGS     32

static const unsigned server_roles = ROLE_MGS | ROLE_MDS | ROLE_OSS;

/* How a missing key is written where the role was: beside it. */
struct example {
	char text[64];
};

static struct example example_of(const struct origin *beside, const char *key, const char *value)
{
	struct example example;

	snprintf(example.text, sizeof(example.text),
		 beside->source == SOURCE_TAG ? "tag lustre:%s = %s" : "%s: %s", key, value);
	return example;
}

static void check_required(const struct spec *spec, const bool written[KEY_MAX],
			   struct problems *problems)
{
	const struct origin *origin = &spec->origins[KEY_ROLE];
	char roles[32];

	roles_format(spec->roles, roles, sizeof(roles));
	if (!written[KEY_FSNAME] && spec->roles != ROLE_MGS)
		problems_add(problems, origin,
			     "fsname: missing, and role %s needs it; add the name of the file "
			     "system, such as %s",
			     roles, example_of(origin, "fsname", "lustrewt").text);
	if (!written[KEY_MGS] && !(spec->roles & ROLE_MGS))
		problems_add(problems, origin,
			     "mgs: missing, and role %s needs it; add the address of the MGS, "
			     "such as %s",
			     roles, example_of(origin, "mgs", "10.0.0.10").text);
}

static void check_per_disk(const struct spec *spec, const bool written[KEY_MAX],
			   struct problems *problems)
{
	/* It is said of OSTs: a file of all nodes may say it where there are none. */
	if (!(spec->roles & ROLE_OSS) || !spec->osts_per_disk)
		return;
	if (!written[KEY_EXPECT_DISKS])
		problems_add(problems, &spec->origins[KEY_OSTS],
			     "osts: per-disk needs expect-disks, the number of disks of each node, "
			     "the same in the whole fleet; add it");
	if (spec->disks != DISKS_INSTANCE_STORE)
		problems_add(problems, &spec->origins[KEY_OSTS],
			     "osts: per-disk is for instance-store disks, and disks names another; "
			     "leave osts out");
}

/* Each of the other choices names one disk. A file of all nodes may mean its OSSes. */
static void check_named_disk(const struct spec *spec, struct problems *problems)
{
	if (spec->origins[KEY_EXPECT_DISKS].source != SOURCE_CONF && (spec->roles & server_roles) &&
	    spec->disks != DISKS_INSTANCE_STORE && spec->expect_disks > 1)
		problems_add(problems, &spec->origins[KEY_EXPECT_DISKS],
			     "expect-disks: %u disks can never be there, since disks names one, "
			     "%s%s; leave expect-disks out",
			     spec->expect_disks, spec->disks == DISKS_EBS ? "ebs:" : "",
			     spec->disks_name);
}

/* The highest index that this node's OSTs would get from a written number. */
static void check_index(struct spec *spec, const bool written[KEY_MAX], struct problems *problems)
{
	unsigned long highest = spec->index;

	if (spec->index_mode != INDEX_NUMBER)
		return;
	if (!(spec->roles & ROLE_OSS)) {
		if ((spec->roles & ROLE_MDS) && !written[KEY_MDT_INDEX])
			spec->mdt_index = spec->index;
		else if ((spec->roles & ROLE_MDS) && spec->mdt_index != spec->index)
			problems_add(problems, &spec->origins[KEY_INDEX],
				     "index: %u contradicts mdt-index %u; leave one of them out",
				     spec->index, spec->mdt_index);
		return;
	}
	if (spec->osts_per_disk && spec->expect_disks > 0)
		highest = highest * spec->expect_disks + spec->expect_disks - 1;
	highest += spec->index_base;
	if (highest > OST_INDEX_MAX)
		problems_add(problems, &spec->origins[KEY_INDEX],
			     "index: with index-base, osts and expect-disks it would reach %lu; "
			     "Lustre allows %d at most",
			     highest, OST_INDEX_MAX);
}

/* How many things the node mounts. */
static unsigned mount_count(const struct spec *spec)
{
	unsigned count = (unsigned)__builtin_popcount(spec->roles);

	return (spec->roles & ROLE_OSS) && spec->osts_per_disk ? count + 1 : count;
}

static void check_mounts(const struct spec *spec, struct problems *problems)
{
	char roles[32];

	roles_format(spec->roles, roles, sizeof(roles));
	if (spec->mount_point[0] && mount_count(spec) > 1)
		problems_add(problems, &spec->origins[KEY_MOUNT_POINT],
			     "mount-point: this node mounts more than one thing (role %s%s); leave "
			     "it out",
			     roles, spec->osts_per_disk ? ", osts per-disk" : "");
	if ((spec->roles & server_roles) && (words_contain(&spec->mount_options, "ro") ||
					     words_contain(&spec->mount_options, "rdonly_dev")))
		problems_add(problems, &spec->origins[KEY_MOUNT_OPTIONS],
			     "mount-options: a target that is mounted read-only cannot serve (role "
			     "%s); leave ro out, or give it as client-mount-options where the "
			     "client is meant",
			     roles);
}

/* Of those that are not `other`'s alone, with a comma each. */
static size_t joined_length(const struct words *words, enum mount_word_owner other)
{
	size_t length = 0;

	for (size_t i = 0; i < words->count; i++)
		if (other == MOUNT_WORD_ANY || mount_word_owner(words->items[i]) != other)
			length += strlen(words->items[i]) + 1;
	return length;
}

/* `others`: what stands in the page beside them. */
static void check_page(const struct spec *spec, enum spec_key key, size_t options, size_t others,
		       struct problems *problems)
{
	size_t most = others < MOUNT_DATA_MAX ? MOUNT_DATA_MAX - others : 0;

	if (options > most)
		problems_add(
			problems, &spec->origins[key],
			"%s: joined they have %zu characters, and with %zu addresses of the MGS "
			"mount can carry %zu; leave some out",
			spec_key_name(key), options, spec->mgs.count, most);
}

static void check_mount_length(const struct spec *spec, struct problems *problems)
{
	size_t others = MOUNT_OWN_OPTIONS + joined_length(&spec->mgs, MOUNT_WORD_ANY) +
			spec->mgs.count * MOUNT_PER_MGS;
	size_t clients = joined_length(&spec->client_mount_options, MOUNT_WORD_ANY);

	if (spec->roles & server_roles)
		check_page(spec, KEY_MOUNT_OPTIONS,
			   joined_length(&spec->mount_options, MOUNT_WORD_CLIENT), others,
			   problems);
	if (spec->roles & ROLE_CLIENT)
		check_page(spec, clients > 0 ? KEY_CLIENT_MOUNT_OPTIONS : KEY_MOUNT_OPTIONS,
			   joined_length(&spec->mount_options, MOUNT_WORD_TARGET) + clients,
			   others + strlen(spec->fileset), problems);
}

/* Peers find each other over tcp, and LNET's discovery tells them of the other net. */
static void check_efa(const struct spec *spec, struct problems *problems)
{
	bool efa = false, other = false;

	for (size_t i = 0; i < spec->lnet_count; i++) {
		efa = efa || net_is_efa(spec->lnet[i].net);
		other = other || !net_is_efa(spec->lnet[i].net);
	}
	if (efa && !other)
		problems_add(
			problems, &spec->origins[KEY_LNET],
			"lnet: an efa net stands beside tcp, over which nodes find each other, "
			"and not in its place; write tcp(primary), efa(all)");
}

void spec_check(struct spec *spec, const bool written[KEY_MAX], struct problems *problems)
{
	if (spec->roles == 0)
		return;
	check_required(spec, written, problems);
	check_per_disk(spec, written, problems);
	check_named_disk(spec, problems);
	check_index(spec, written, problems);
	check_mounts(spec, problems);
	check_mount_length(spec, problems);
	check_efa(spec, problems);
}
