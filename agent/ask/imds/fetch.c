/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Which keys are asked for, in which order. Every request costs a connection (EC2 closes it after
 * each answer), so this is the shortest list: nine for an OSS with three tags.
 */

#include "ask/document/tags.h"
#include "ask/imds/session.h"
#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAC_KEY "meta-data/mac"

/* Before what was absent is asked for once more. */
#define ABSENCE_PAUSE_MS 100

/* Of one kind; instances on Xen have up to 40 EBS volumes, and 24 disks of their own. */
#define MAPPED_MAX 64U

/* A key that must be there. */
static int ask(struct imds *imds, const char *key, size_t limit, bool required,
	       bool (*is_well_formed)(const char *, size_t), char **ret_body, size_t *ret_size,
	       struct error *err)
{
	const struct imds_question question = {
		.key = key, .required = required, .limit = limit, .is_well_formed = is_well_formed
	};

	return imds_session_ask(imds, &question, ret_body, ret_size, err);
}

static int fetch_identity(struct imds *imds, struct metadata *metadata, struct error *err)
{
	cleanup(free_pointer) char *body = NULL;
	size_t size;
	int r = ask(imds, "dynamic/instance-identity/document", IMDS_DOCUMENT_MAX, true,
		    imds_is_document, &body, &size, err);

	return r < 0 ? r : imds_take_document(body, size, metadata, err);
}

static int fetch_interface(struct imds *imds, struct metadata *metadata, struct error *err)
{
	cleanup(free_pointer) char *mac = NULL, *cidr = NULL;
	char key[128];
	size_t size;
	int r = ask(imds, MAC_KEY, IMDS_VALUE_MAX, true, imds_is_mac, &mac, &size, err);

	if (r < 0)
		return r;
	imds_take_mac(mac, metadata);
	snprintf(key, sizeof(key), "meta-data/network/interfaces/macs/%s/subnet-ipv4-cidr-block",
		 mac);
	/* Absent in a subnet of IPv6 only. */
	r = ask(imds, key, IMDS_VALUE_MAX, false, imds_is_cidr, &cidr, &size, err);
	if (r >= 0 && size > 0)
		imds_take_cidr(cidr, metadata);
	return r;
}

/* 1: it was listed, and is not there. */
static int fetch_tag(struct imds *imds, const char *name, bool is_listed_again,
		     struct metadata *metadata, struct error *err)
{
	cleanup(free_pointer) char *value = NULL;
	char key[640];
	const struct imds_question question = { .key = key,
						.is_listed = is_listed_again,
						.limit = IMDS_VALUE_MAX };
	size_t size;
	int r;

	/* A near miss ("Lustre.role") is told by its key; its value is not worth a request. */
	if (!tag_value_tells(name))
		return imds_take_tag(name, "", 0, metadata, err);
	snprintf(key, sizeof(key), "meta-data/tags/instance/%s", name);
	r = imds_session_ask(imds, &question, &value, &size, err);
	/* Longer than EC2 takes. */
	if (r == -EFBIG)
		return imds_take_tag(name, NULL, 0, metadata, err);
	if (r < 0)
		return r;
	return value ? imds_take_tag(name, value, size, metadata, err) : 1;
}

/* All tags by one listing. 1: one of them was not there. */
static int fetch_listed_tags(struct imds *imds, bool is_listed_again, struct metadata *metadata,
			     struct error *err)
{
	cleanup(free_pointer) char *listing = NULL;
	size_t size, position = 0;
	char name[IMDS_NAME_MAX + 1];
	int r = ask(imds, "meta-data/tags/instance", IMDS_LISTING_MAX, false, imds_is_listing,
		    &listing, &size, err);

	/* Tags that are off show as 404, or as an empty listing. */
	metadata->tags_enabled = r >= 0 && size > 0;
	metadata->tag_count = 0;
	imds->lists_tags = r >= 0 && listing;
	while (r == 0 && imds_next_name(listing, size, &position, name, sizeof(name)))
		if (tag_may_be_ours(name))
			r = fetch_tag(imds, name, is_listed_again, metadata, err);
	return r;
}

/*
 * A tag that was listed and is not there was taken away since; or it could not be read, and a
 * default may not stand in its place. A second listing tells which, and all are read by it: they
 * belong together.
 */
static int fetch_tags(struct imds *imds, struct metadata *metadata, struct error *err)
{
	int r = fetch_listed_tags(imds, /* is_listed_again= */ false, metadata, err);

	return r > 0 ? fetch_listed_tags(imds, /* is_listed_again= */ true, metadata, err) : r;
}

/*
 * That tags are off is told by an absence (404) or an empty listing, and in their place something
 * else would be taken, as an index that nobody asked for: one such answer alone, which the service
 * may give while it starts, does not make it so.
 */
static int fetch_tags_surely(struct imds *imds, struct metadata *metadata, struct error *err)
{
	int r = fetch_tags(imds, metadata, err);

	if (r < 0 || metadata->tags_enabled)
		return r;
	imds_session_wait(imds, ABSENCE_PAUSE_MS);
	return fetch_tags(imds, metadata, err);
}

bool imds_lists_tags(const struct imds *imds)
{
	return imds->lists_tags;
}

int imds_fetch_tags(struct imds *imds, struct metadata *metadata, struct error *err)
{
	imds_session_set_deadline(imds);
	return fetch_tags_surely(imds, metadata, err);
}

static int fetch_user_data(struct imds *imds, struct metadata *metadata, struct error *err)
{
	cleanup(free_pointer) char *body = NULL;
	size_t size;
	int r = ask(imds, "user-data", IMDS_USER_DATA_MAX, false, NULL, &body, &size, err);

	if (r < 0 || size == 0)
		return r;
	metadata->user_data = take_pointer(body);
	metadata->user_data_size = size;
	return 0;
}

int imds_fetch_user_data(struct imds *imds, struct metadata *metadata, struct error *err)
{
	imds_session_set_deadline(imds);
	imds_session_wait(imds, ABSENCE_PAUSE_MS);
	return fetch_user_data(imds, metadata, err);
}

static int fetch_launch_index(struct imds *imds, struct metadata *metadata, struct error *err)
{
	cleanup(free_pointer) char *body = NULL;
	size_t size;
	int r;

	metadata->launch_index = -1;
	if (!imds->want_launch_index)
		return 0;
	r = ask(imds, "meta-data/ami-launch-index", IMDS_VALUE_MAX, false, imds_is_launch_index,
		&body, &size, err);
	if (r >= 0 && size > 0)
		imds_take_launch_index(body, metadata);
	return r;
}

/* The device of one name: without it a disk would be left out, or what speaks against one. */
static int fetch_device(struct imds *imds, const char *name, struct metadata *metadata,
			struct error *err)
{
	cleanup(free_pointer) char *device = NULL;
	char key[128];
	const struct imds_question question = { .key = key,
						.is_listed = true,
						.limit = IMDS_VALUE_MAX };
	size_t size;
	int r;

	snprintf(key, sizeof(key), "meta-data/block-device-mapping/%s", name);
	r = imds_session_ask(imds, &question, &device, &size, err);
	return r < 0 || size == 0 ? r : imds_take_device(name, device, size, metadata, err);
}

/* Those names of the mapping that are, or are not, ephemeral. */
static int fetch_devices(struct imds *imds, const char *listing, size_t size, bool ephemeral,
			 struct metadata *metadata, struct error *err)
{
	size_t position = 0;
	unsigned count = 0;
	char name[64];
	int r = 0;

	while (r >= 0 && imds_next_name(listing, size, &position, name, sizeof(name))) {
		if (imds_is_ephemeral(name) != ephemeral)
			continue;
		if (++count > MAPPED_MAX)
			return error_set(err, -EBADMSG,
					 "block-device-mapping has more than %u names", MAPPED_MAX);
		r = fetch_device(imds, name, metadata, err);
	}
	return r;
}

/*
 * NVMe disks are not in the mapping (facts: absent on Nitro), so there it is not asked for. What
 * else a device is mapped as counts only where it may be instance store.
 */
static int fetch_mapping(struct imds *imds, struct metadata *metadata, struct error *err)
{
	cleanup(free_pointer) char *listing = NULL;
	size_t size;
	int r;

	if (imds->way.platform != IMDS_PLATFORM_XEN)
		return 0;
	r = ask(imds, "meta-data/block-device-mapping", IMDS_LISTING_MAX, false, imds_is_listing,
		&listing, &size, err);
	if (r >= 0)
		r = fetch_devices(imds, listing, size, /* ephemeral= */ true, metadata, err);
	if (r >= 0 && metadata->ephemerals.count > 0)
		r = fetch_devices(imds, listing, size, /* ephemeral= */ false, metadata, err);
	return r;
}

int imds_fetch(struct imds *imds, struct metadata *ret, struct error *err)
{
	static int (*const fetch[])(struct imds *, struct metadata *, struct error *) = {
		fetch_identity,  fetch_interface,    fetch_tags_surely,
		fetch_user_data, fetch_launch_index, fetch_mapping,
	};
	struct metadata metadata = { 0 };

	for (size_t i = 0; i < sizeof(fetch) / sizeof(fetch[0]); i++) {
		int r = fetch[i](imds, &metadata, err);

		if (r < 0) {
			metadata_done(&metadata);
			return r;
		}
	}
	metadata.requests = imds->requests;
	*ret = metadata;
	return 0;
}
