// SPDX-License-Identifier: Apache-2.0
#include "metadata.h"

#include "base64.h"
#include "network.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_text(struct tree *tree, const char *path, const char *text)
{
	tree_put(tree, path, text, strlen(text));
}

/* An availability zone is its region and one letter (user guide, using-regions-availability-zones).
 */
static int region_length(const struct facts *facts)
{
	return (int)strlen(facts->availability_zone) - 1;
}

/* ip-10-0-0-23.ec2.internal; other regions have their name in it; IPv6-only nodes use the id. */
static void host_name(const struct facts *facts, char name[256])
{
	int region = region_length(facts);
	bool first_region = region == 9 && !strncmp(facts->availability_zone, "us-east-1", 9);
	char host[64];

	if (facts->local_ipv4)
		snprintf(host, sizeof(host), "ip-%s", facts->local_ipv4);
	else
		snprintf(host, sizeof(host), "%s", facts->instance_id);
	for (char *c = host; *c; c++) {
		if (*c == '.')
			*c = '-';
	}
	if (first_region)
		snprintf(name, 256, "%s.ec2.internal", host);
	else
		snprintf(name, 256, "%s.%.*s.compute.internal", host, region,
			 facts->availability_zone);
}

static void build_instance(const struct facts *facts, struct tree *tree)
{
	char name[256];

	host_name(facts, name);
	put_text(tree, "meta-data/ami-id", facts->ami_id);
	tree_print(tree, "meta-data/ami-launch-index", "%d", facts->ami_launch_index);
	put_text(tree, "meta-data/ami-manifest-path", "(unknown)");
	put_text(tree, "meta-data/hibernation/configured", "false");
	put_text(tree, "meta-data/hostname", name);
	put_text(tree, "meta-data/instance-action", "none");
	put_text(tree, "meta-data/instance-id", facts->instance_id);
	put_text(tree, "meta-data/instance-life-cycle", facts->life_cycle);
	put_text(tree, "meta-data/instance-type", facts->instance_type);
	put_text(tree, "meta-data/local-hostname", name);
	if (facts->local_ipv4)
		put_text(tree, "meta-data/local-ipv4", facts->local_ipv4);
	put_text(tree, "meta-data/mac", facts->mac);
	put_text(tree, "meta-data/metrics/vhostmd", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
	put_text(tree, "meta-data/placement/availability-zone", facts->availability_zone);
	put_text(tree, "meta-data/placement/availability-zone-id", "use1-az1");
	tree_print(tree, "meta-data/placement/region", "%.*s", region_length(facts),
		   facts->availability_zone);
	put_text(tree, "meta-data/profile", "default-hvm");
	put_text(tree, "meta-data/reservation-id", facts->reservation_id);
	put_text(tree, "meta-data/security-groups", facts->security_group);
	put_text(tree, "meta-data/services/domain", "amazonaws.com");
	put_text(tree, "meta-data/services/partition", "aws");
	put_text(tree, "meta-data/system", "nitro");
}

static int build_block_devices(const struct facts *facts, struct tree *tree,
			       struct problem *problem)
{
	const char *name;
	json_t *device;
	char path[256];

	put_text(tree, "meta-data/block-device-mapping/ami", "xvda");
	put_text(tree, "meta-data/block-device-mapping/root", "/dev/xvda");
	json_object_foreach(facts->block_devices, name, device)
	{
		snprintf(path, sizeof(path), "meta-data/block-device-mapping/%s", name);
		if (json_is_null(device))
			tree_remove(tree, path);
		else if (json_is_string(device))
			put_text(tree, path, json_string_value(device));
		else
			return problem_set(problem, "block_devices: %s is not text", name);
	}
	return 0;
}

/* The listing has a form of its own, "0=name", that no path implies. */
static int build_public_keys(const struct facts *facts, struct tree *tree, struct problem *problem)
{
	char listing[4096] = "";
	size_t used = 0, number = 0;
	const char *name;
	json_t *key;
	char path[64];

	if (json_object_size(facts->public_keys) == 0)
		return 0;
	json_object_foreach(facts->public_keys, name, key)
	{
		int n = snprintf(listing + used, sizeof(listing) - used, "%s%zu=%s",
				 number ? "\n" : "", number, name);

		if (!json_is_string(key))
			return problem_set(problem, "public_keys: %s is not text", name);
		if (n < 0 || (size_t)n >= sizeof(listing) - used)
			return problem_set(problem, "public_keys: too many");
		used += (size_t)n;
		snprintf(path, sizeof(path), "meta-data/public-keys/%zu/openssh-key", number++);
		put_text(tree, path, json_string_value(key));
	}
	put_text(tree, "meta-data/public-keys/", listing);
	return 0;
}

/* EC2 refuses to launch an instance whose tag keys could not be paths (user guide, Using_Tags). */
static bool is_tag_key(const char *key)
{
	return *key && !strchr(key, '/') && strcmp(key, ".") != 0 && strcmp(key, "..") != 0 &&
	       strcmp(key, "_index") != 0;
}

static int build_tags(const struct facts *facts, struct tree *tree, struct problem *problem)
{
	const char *key;
	json_t *value;
	char path[1024];

	/* Both answers of an instance whose tags are off have been seen in the field. */
	if (!facts->tags && !strcmp(facts->tags_off, "empty"))
		put_text(tree, "meta-data/tags/instance/", "");
	if (facts->tags && json_object_size(facts->tags) == 0)
		put_text(tree, "meta-data/tags/instance/", "");

	json_object_foreach(facts->tags, key, value)
	{
		if (!is_tag_key(key))
			return problem_set(problem, "tags: \"%s\" is no key EC2 would accept", key);
		if (!json_is_string(value))
			return problem_set(problem, "tags: %s is not text", key);
		if (strlen(key) > 512)
			return problem_set(problem, "tags: a key is too long");
		snprintf(path, sizeof(path), "meta-data/tags/instance/%s", key);
		tree_put(tree, path, json_string_value(value), json_string_length(value));
	}
	return 0;
}

static int build_user_data(const struct facts *facts, struct tree *tree, struct problem *problem)
{
	char *bytes;
	size_t size;

	if (facts->user_data)
		tree_put(tree, "user-data", facts->user_data, facts->user_data_size);
	if (!facts->user_data_base64)
		return 0;
	bytes = base64_decode(facts->user_data_base64, &size);
	if (!bytes)
		return problem_set(problem, "user_data_base64 is not base64");
	tree_put(tree, "user-data", bytes, size);
	free(bytes);
	return 0;
}

/* Field for field as AWS documents it (user guide, instance-identity-documents), nulls included. */
static void build_identity(const struct facts *facts, struct tree *tree)
{
	json_t *document;
	char *text;

	document = json_pack(
		"{s:s s:s s:s s:n s:n s:n s:s s:s s:s s:n s:s s:s? s:n s:s% s:s}", "accountId",
		facts->account_id, "architecture", facts->architecture, "availabilityZone",
		facts->availability_zone, "billingProducts", "devpayProductCodes",
		"marketplaceProductCodes", "imageId", facts->ami_id, "instanceId",
		facts->instance_id, "instanceType", facts->instance_type, "kernelId", "pendingTime",
		facts->pending_time, "privateIp", facts->local_ipv4, "ramdiskId", "region",
		facts->availability_zone, (size_t)region_length(facts), "version", "2017-09-30");
	text = json_dumps(document, JSON_INDENT(2));
	if (text)
		put_text(tree, "dynamic/instance-identity/document", text);
	else
		tree->overflow = true;
	free(text);
	json_decref(document);

	/* Present, so that a crawler makes as many requests as it would on EC2. */
	put_text(tree, "dynamic/instance-identity/pkcs7", "c2ltdWxhdGVk");
	put_text(tree, "dynamic/instance-identity/rsa2048", "c2ltdWxhdGVk");
	put_text(tree, "dynamic/instance-identity/signature", "c2ltdWxhdGVk");
}

static int override_key(struct tree *tree, const char *path, json_t *value, struct problem *problem)
{
	const char *base64 = json_string_value(json_object_get(value, "base64"));
	char *bytes;
	size_t size;

	if (*path == '\0' || *path == '/')
		return problem_set(problem, "keys: \"%s\" is no path below the version", path);
	if (json_is_null(value)) {
		tree_remove(tree, path);
		return 0;
	}
	if (json_is_string(value)) {
		tree_put(tree, path, json_string_value(value), json_string_length(value));
		return 0;
	}
	if (!base64 || json_object_size(value) != 1)
		return problem_set(problem, "keys: %s is neither text, base64 nor null", path);
	bytes = base64_decode(base64, &size);
	if (!bytes)
		return problem_set(problem, "keys: %s is not base64", path);
	tree_put(tree, path, bytes, size);
	free(bytes);
	return 0;
}

/* The root is the one directory that EC2 lists without slashes. */
static void build_root(struct tree *tree)
{
	if (tree_find(tree, "user-data"))
		put_text(tree, "/", "dynamic\nmeta-data\nuser-data");
	else
		put_text(tree, "/", "dynamic\nmeta-data");
}

int metadata_build(const struct facts *facts, struct tree *tree, struct problem *problem)
{
	const char *path;
	json_t *value;

	build_instance(facts, tree);
	build_identity(facts, tree);
	network_build(facts, tree);
	if (build_block_devices(facts, tree, problem) < 0 ||
	    build_public_keys(facts, tree, problem) < 0 || build_tags(facts, tree, problem) < 0 ||
	    build_user_data(facts, tree, problem) < 0)
		return -1;
	json_object_foreach(facts->keys, path, value)
	{
		if (override_key(tree, path, value, problem) < 0)
			return -1;
	}
	build_root(tree);
	if (tree->overflow)
		return problem_set(problem, "the tree is too large");
	return 0;
}
