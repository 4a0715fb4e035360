/* SPDX-License-Identifier: Apache-2.0 */
#include "node.h"

#include "ask/document/conf.h"
#include "ask/document/tags.h"
#include "ask/document/userdata.h"
#include "ask/imds/imds.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "node_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USER_DATA_MAX (256 * 1024)
#define TAG_PAUSE_SEC 2

static int read_recorded_metadata(const char *machine, struct metadata *metadata, struct error *err)
{
	cleanup(json_decrefp) json_t *json = NULL;
	int r = node_files_json(machine, "metadata.json", &json, err);

	if (r < 0)
		return r;
	r = metadata_from_json(json, metadata, err);
	if (r < 0)
		return error_prefix(err, "%s/metadata.json", machine);
	r = file_read(machine, "/user-data", USER_DATA_MAX, &metadata->user_data,
		      &metadata->user_data_size, err);
	return r == -ENOENT ? 0 : r;
}

static int fetch_metadata(const struct node_options *options, struct metadata *metadata,
			  struct imds **ret, struct error *err)
{
	const struct imds_options imds = {
		.root = "",
		.endpoint = options->endpoint,
		.timeout_sec = options->imds_timeout_sec,
		.progress = options->progress,
		.userdata = options->userdata,
		.marks = options->marks,
	};
	int r = imds_open(&imds, ret, err);

	return r < 0 ? r : imds_fetch(*ret, metadata, err);
}

static int read_launch_index(struct imds *imds, struct node *node, struct error *err)
{
	cleanup(free_pointer) char *body = NULL;
	size_t size = 0;
	unsigned long index;
	char *end;
	int r;

	r = imds_get(imds, "meta-data/ami-launch-index", 16, &body, &size, err);
	if (r < 0 || !body)
		return r;
	index = strtoul(body, &end, 10);
	if (end != body && *end == '\0' && index <= INT_MAX)
		node->metadata.launch_index = (int)index;
	return 0;
}

/* Only who asks for index: launch pays for the request. */
static int fetch_launch_index(struct imds *imds, struct node *node, struct error *err)
{
	if (!imds || node->spec.index_mode != INDEX_LAUNCH)
		return 0;
	return read_launch_index(imds, node, err);
}

/* Likewise, only who names another interface than the primary one. */
static int fetch_interfaces(struct imds *imds, struct node *node, struct error *err)
{
	bool named = false;

	for (size_t i = 0; i < node->spec.lnet_count; i++)
		named = named || strcmp(node->spec.lnet[i].interface, "primary") != 0;
	return imds && named ? imds_fetch_interfaces(imds, &node->metadata, err) : 0;
}

static int merge(const struct node_options *options, struct node *node, struct error *err)
{
	const struct origin user_data = { .source = SOURCE_USER_DATA, .name = "user-data" };
	cleanup(settings_done) struct settings settings = { 0 };
	int r;

	r = conf_read(options->machine ? options->machine : "/etc/lustre-init", &settings,
		      &node->problems, err);
	if (r < 0)
		return r;
	if (node->metadata.user_data)
		r = userdata_parse(node->metadata.user_data, node->metadata.user_data_size,
				   &user_data, &settings, &node->problems);
	if (r == 0)
		r = tags_parse(&node->metadata, &settings, &node->problems);
	if (r == 0)
		r = spec_merge(&settings, &node->spec, &node->problems);
	if (r == -EINVAL || (r == 0 && node->problems.count > 0))
		return error_set(err, -EINVAL, "%zu problems in what was asked",
				 node->problems.count + node->problems.left_out);
	return r < 0 ? error_errno(err, r, "cannot merge what was asked") : 0;
}

/* Nobody said what this node shall be. */
static bool is_nobodys(const struct node *node)
{
	return node->spec.roles == 0 && node->problems.count == 0;
}

static int merge_again(const struct node_options *options, struct node *node, struct error *err)
{
	spec_done(&node->spec);
	node->problems = (struct problems){ 0 };
	return merge(options, node, err);
}

static bool has_tags(const struct metadata *metadata, const struct metadata_tag *tags, size_t count)
{
	if (metadata->tag_count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(metadata->tags[i].key, tags[i].key) != 0 ||
		    strcmp(metadata->tags[i].value, tags[i].value) != 0 ||
		    metadata->tags[i].is_no_text != tags[i].is_no_text)
			return false;
	return true;
}

/* The tags once more. *ret_changed: others than before; a service that fails says nothing new. */
static void look_at_tags(struct imds *imds, struct metadata *metadata, bool *ret_changed)
{
	const bool enabled = metadata->tags_enabled;
	const size_t count = metadata->tag_count;
	cleanup(free_pointer) struct metadata_tag *before = calloc(count + 1, sizeof(*before));
	struct error why;

	*ret_changed = false;
	if (!before)
		return;
	memcpy(before, metadata->tags, count * sizeof(*before));
	if (imds_fetch_tags(imds, metadata, &why) == 0) {
		*ret_changed = !has_tags(metadata, before, count);
		return;
	}
	memcpy(metadata->tags, before, count * sizeof(*before));
	metadata->tag_count = count;
	metadata->tags_enabled = enabled;
}

static void tell_tags(const struct node_options *options, const struct node *node,
		      uint64_t waited_sec)
{
	char sentence[160];

	snprintf(sentence, sizeof(sentence), "waiting for tags, %llu of %u s: %s",
		 (unsigned long long)waited_sec, options->tag_patience_sec,
		 is_nobodys(node) ? "nothing says yet what this node shall be"
				  : "more of them may follow");
	if (options->progress)
		options->progress(options->userdata, sentence);
}

/*
 * Tags may be set when the instance runs already, and then show within seconds, perhaps not all at
 * once: so a node without a role is watched for a while, and where tags came, or make no whole,
 * they are looked at until they are the same twice. Only where the service lists tags, which has to
 * be switched on: a node that is nobody's waits once, and not long. `r` is what they came to
 * before.
 */
static int watch_tags(const struct node_options *options, struct imds *imds, struct node *node,
		      int r, struct error *err)
{
	const uint64_t started = clock_now_usec();
	bool changed = r == -EINVAL && node->metadata.tag_count > 0;

	while ((r == 0 || r == -EINVAL) && imds_lists_tags(imds) && (changed || is_nobodys(node))) {
		uint64_t waited_sec = (clock_now_usec() - started) / 1000000;

		if (waited_sec >= options->tag_patience_sec)
			break;
		tell_tags(options, node, waited_sec);
		sleep(TAG_PAUSE_SEC);
		look_at_tags(imds, &node->metadata, &changed);
		if (changed)
			r = merge_again(options, node, err);
	}
	return r;
}

/*
 * Where all that was asked for makes no node, it may be that user-data was absent in one answer
 * alone. Others, as most have none, are not asked twice: that is a boot's time.
 */
static int look_for_user_data(struct imds *imds, const struct node_options *options,
			      struct node *node, int r, struct error *err)
{
	const bool is_node = node->problems.count == 0 && !(r == 0 && is_nobodys(node));
	int asked;

	if (node->metadata.user_data || is_node)
		return r;
	asked = imds_fetch_user_data(imds, &node->metadata, err);
	if (asked < 0)
		return asked;
	return node->metadata.user_data ? merge_again(options, node, err) : r;
}

static void free_imds(struct imds **imds)
{
	imds_free(*imds);
}

int node_read_spec(const struct node_options *options, struct node *node, struct error *err)
{
	cleanup(free_imds) struct imds *imds = NULL;
	int r;

	if (options->machine)
		r = read_recorded_metadata(options->machine, &node->metadata, err);
	else
		r = fetch_metadata(options, &node->metadata, &imds, err);
	if (r == 0)
		r = merge(options, node, err);
	if (imds) {
		r = look_for_user_data(imds, options, node, r, err);
		r = watch_tags(options, imds, node, r, err);
	}
	if (r >= 0)
		r = fetch_launch_index(imds, node, err);
	return r < 0 ? r : fetch_interfaces(imds, node, err);
}

void node_tell_no_role(const struct node *node, char *ret, size_t size)
{
	const struct metadata *metadata = &node->metadata;
	char served[STATE_SERVED_MAX];
	const bool has_served = state_served(&node->state, metadata->instance_id, served) > 0;
	size_t used;

	text_sentence(ret, size, "not for this node%s%s: no role in ",
		      has_served ? ", which has served " : "", served);
	used = strlen(ret);
	if (metadata->tags_enabled || metadata->instance_id[0] == '\0')
		text_sentence(ret + used, size - used, "tags, user-data or conf.d");
	else
		text_sentence(
			ret + used, size - used,
			"user-data or conf.d, and instance tags are not in the metadata; where a "
			"tag has it: aws ec2 modify-instance-metadata-options --instance-id %s "
			"--instance-metadata-tags enabled, then systemctl restart lustre-init",
			metadata->instance_id);
}
