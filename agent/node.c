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
#include "node_wait.h"
#include "observe/mount_points.h"
#include "observe/network/addresses.h"
#include "observe/network/hosts.h"
#include "observe/network/lnet_state.h"
#include "observe/network/network.h"
#include "observe/network/rdma.h"
#include "observe/platform.h"
#include "observe/storage/storage.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define JSON_FILE_MAX (16 * 1024 * 1024)
#define USER_DATA_MAX (256 * 1024)
#define TAG_PAUSE_SEC 2

void node_done(struct node *node)
{
	metadata_done(&node->metadata);
	spec_done(&node->spec);
	facts_done(&node->facts);
}

static int parse_json(const char *directory, const char *path, const char *text, size_t size,
		      json_t **ret, struct error *err)
{
	json_error_t why;

	*ret = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
	if (*ret)
		return 0;
	if (json_error_code(&why) == json_error_out_of_memory)
		return error_set(err, -ENOMEM, "out of memory reading %s%s", directory, path);
	return error_set(err, -EBADMSG, "%s%s, line %d: %s", directory, path, why.line, why.text);
}

static int load_json(const char *directory, const char *name, json_t **ret, struct error *err)
{
	cleanup(free_pointer) char *text = NULL;
	char path[PATH_MAX];
	size_t size;
	int r;

	r = text_format(path, sizeof(path), "/%s", name);
	if (r < 0)
		return error_errno(err, r, "%s", name);
	r = file_read(directory, path, JSON_FILE_MAX, &text, &size, err);
	return r < 0 ? r : parse_json(directory, path, text, size, ret, err);
}

static int read_recorded_metadata(const char *machine, struct metadata *metadata, struct error *err)
{
	cleanup(json_decrefp) json_t *json = NULL;
	int r = load_json(machine, "metadata.json", &json, err);

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

static bool is_about_content(int code)
{
	return code == -EBADMSG || code == -EINVAL || code == -EFBIG;
}

/* What it says counts as broken only when it was read: an errno of reading says nothing of it. */
static int read_state(const char *directory, const char *name, struct state *state,
		      struct error *err)
{
	cleanup(free_pointer) char *text = NULL;
	cleanup(json_decrefp) json_t *json = NULL;
	char path[PATH_MAX];
	size_t size = 0;
	int r = text_format(path, sizeof(path), "/%s", name);

	if (r == 0)
		r = file_read_kept(directory, path, JSON_FILE_MAX, &text, &size, err);
	if (r == -EFBIG || r == -ENOENT)
		return r;
	if (r < 0)
		return -EIO;
	r = parse_json(directory, path, text, size, &json, err);
	return r < 0 ? r : state_from_json(json, state, err);
}

int node_read_state(const struct node_options *options, struct node *node, struct error *err)
{
	const char *name = options->machine ? "state.json" : NODE_STATE_PATH;
	int r = options->machine ? read_state(options->machine, name, &node->state, err)
				 : read_state("", &name[1], &node->state, err);

	if (r == -ENOENT || r == 0)
		return 0;
	error_prefix(err, "%s cannot be read%s, so lost disks cannot be told from new ones", name,
		     is_about_content(r) ? "" : " now");
	return err->code = is_about_content(r) ? -EBADMSG : -EIO;
}

static int take_metadata(const struct metadata *metadata, struct facts *facts, struct error *err)
{
	memcpy(facts->instance_id, metadata->instance_id, sizeof(facts->instance_id));
	memcpy(facts->instance_type, metadata->instance_type, sizeof(facts->instance_type));
	memcpy(facts->local_ipv4, metadata->local_ipv4, sizeof(facts->local_ipv4));
	memcpy(facts->subnet_cidr, metadata->subnet_cidr, sizeof(facts->subnet_cidr));
	memcpy(facts->mac, metadata->mac, sizeof(facts->mac));
	facts->launch_index = metadata->launch_index;
	if (words_copy(&facts->assigned, &metadata->interfaces) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return 0;
}

static int draw_random(struct facts *facts, struct error *err)
{
	unsigned char bytes[32];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return error_set(err, -EIO, "the kernel gives no random bytes");
	for (size_t i = 0; i < sizeof(bytes); i++)
		text_set(facts->random + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

static int replay_facts(const char *machine, struct facts *facts, struct error *err)
{
	cleanup(json_decrefp) json_t *json = NULL;
	int r = load_json(machine, "facts.json", &json, err);

	if (r == 0 && facts_from_json(json, facts, err) < 0)
		return error_prefix(err, "%s/facts.json", machine);
	return r;
}

int node_glance(char **ret, struct error *err)
{
	cleanup(json_decrefp) json_t *json = NULL;
	struct facts facts = { 0 };
	int r = storage_glance("", &facts, err);

	if (r == 0)
		r = network_interfaces("", &facts, err);
	if (r == 0)
		r = rdma_observe("", &facts, err);
	if (r == 0)
		r = addresses_find(&facts, err);
	if (r == 0) {
		json = facts_to_json(&facts);
		*ret = json ? json_dumps(json, JSON_COMPACT) : NULL;
		r = *ret ? 0 : error_set(err, -ENOMEM, "out of memory");
	}
	facts_done(&facts);
	return r;
}

/* Only a server's targets are remembered. A node of which nothing is known yet is not asked about.
 */
void node_foresee(const struct node_options *options, const struct node *node)
{
	const bool remembered = node->state.target_count > 0;
	const unsigned roles =
		node->spec.roles | (remembered ? ROLE_MGS | ROLE_MDS | ROLE_OSS : 0U);

	if (!options->inquiries || roles == 0)
		return;
	/* Once: what a look has met is in memory. */
	if (node->facts.platform.kernel[0] == '\0')
		platform_read_ahead("", roles);
	if (!options->await_lnet)
		lnet_state_foresee(options->inquiries);
	if (remembered)
		storage_foresee("", &node->state, options->inquiries);
	platform_foresee("", options->inquiries, roles);
	hosts_foresee(&node->spec.mgs, options->inquiries);
}

/* One look, and what its steps share. */
struct look {
	const struct node_options *options;
	const struct storage_options *storage;
	struct node *node;
};

static int wait_for_disks(const struct look *look, struct error *err)
{
	if (!(look->node->spec.roles & (ROLE_MGS | ROLE_MDS | ROLE_OSS)))
		return 0;
	return node_wait_for_disks(look->options, look->storage, look->node, err);
}

static int look_at_storage(const struct look *look, struct error *err)
{
	return storage_observe(look->storage, &look->node->facts, err);
}

static int wait_for_network(const struct look *look, struct error *err)
{
	return node_wait_for_network(look->options, look->node, err);
}

static int await_lnet(const struct look *look, struct error *err)
{
	(void)err;
	if (look->options->await_lnet)
		look->options->await_lnet(look->options->userdata);
	return 0;
}

static int look_at_network(const struct look *look, struct error *err)
{
	return network_observe("", look->options->inquiries, &look->node->facts, err);
}

static int wait_for_hosts(const struct look *look, struct error *err)
{
	return node_wait_for_hosts(look->options, look->node, err);
}

static int look_at_platform(const struct look *look, struct error *err)
{
	struct node *node = look->node;
	int r = platform_observe("", node->spec.roles, look->options->inquiries,
				 look->options->marks, &node->facts, err);

	return r == 0 && spec_has_efa(&node->spec) ? platform_observe_efa(&node->facts, err) : r;
}

static int look_at_mount_points(const struct look *look, struct error *err)
{
	return mount_points_observe("", &look->node->spec, &look->node->facts, err);
}

/* In this order; each has its mark, but for those that mark what they are made of. */
static const struct {
	const char *what;
	int (*take)(const struct look *look, struct error *err);
} looks[] = {
	{ "disks that were on their way", wait_for_disks },
	{ NULL, look_at_storage },
	{ "addresses that were on their way", wait_for_network },
	{ "LNET's module, loaded early", await_lnet },
	{ "interfaces, and how far LNET is", look_at_network },
	{ "names of the MGS", wait_for_hosts },
	{ NULL, look_at_platform },
	{ "mount points", look_at_mount_points },
};

int node_observe(const struct node_options *options, struct node *node, struct error *err)
{
	const struct storage_options storage = {
		.root = "",
		.ephemerals = &node->metadata.ephemerals,
		.other_devices = &node->metadata.other_devices,
		.instance_type = node->metadata.instance_type,
		.disks = node->spec.disks,
		.disks_name = node->spec.disks_name,
		.probe = geteuid() == 0,
		.nvme_vendor = options->nvme_vendor,
		.inquiries = options->inquiries,
		.marks = options->marks,
	};
	const struct look look = { options, &storage, node };
	int r;

	facts_done(&node->facts);
	node->facts = (struct facts){ 0 };
	if (options->machine)
		return replay_facts(options->machine, &node->facts, err);
	r = take_metadata(&node->metadata, &node->facts, err);
	for (size_t i = 0; r == 0 && i < sizeof(looks) / sizeof(looks[0]); i++) {
		struct mark *mark =
			looks[i].what ? mark_begin(options->marks, "%s", looks[i].what) : NULL;

		r = looks[i].take(&look, err);
		mark_end(mark);
	}
	return r == 0 ? draw_random(&node->facts, err) : r;
}

int node_read_checkup(const struct node_options *options, struct checkup *ret, struct error *err)
{
	cleanup(json_decrefp) json_t *json = NULL;
	int r = load_json(options->machine, "checkup.json", &json, err);

	if (r == 0 && checkup_from_json(json, ret, err) < 0)
		return error_prefix(err, "%s/checkup.json", options->machine);
	return r == -ENOENT ? 0 : r;
}

static int record_json(const char *directory, const char *name, json_t *json, struct error *err)
{
	cleanup(json_decrefp) json_t *owned = json;
	cleanup(free_pointer) char *text = owned ? json_dumps(owned, JSON_INDENT(2)) : NULL;
	char path[PATH_MAX];

	if (!text)
		return error_set(err, -ENOMEM, "out of memory");
	if (text_format(path, sizeof(path), "%s/%s", directory, name) < 0)
		return error_set(err, -ENAMETOOLONG, "%s/%s: path too long", directory, name);
	return file_replace(path, text, strlen(text), 0644, err);
}

/* As it is, since it may be that nobody understands it; where there is none, that nothing is known.
 */
static int record_state(const struct node_options *options, const struct node *node,
			const char *directory, struct error *err)
{
	cleanup(free_pointer) char *text = NULL;
	char path[PATH_MAX];
	size_t size;
	int r = options->machine
			? file_read_kept(options->machine, "/state.json", JSON_FILE_MAX, &text,
					 &size, err)
			: file_read_kept("", NODE_STATE_PATH, JSON_FILE_MAX, &text, &size, err);

	if (r == -ENOENT)
		return record_json(directory, "state.json", state_to_json(&node->state), err);
	if (r == 0 && text_format(path, sizeof(path), "%s/state.json", directory) < 0)
		r = error_set(err, -ENAMETOOLONG, "%s/state.json: path too long", directory);
	return r < 0 ? r : file_replace(path, text, size, 0644, err);
}

/* user-data may hold secrets of others and is left out; the specification says what it gave us. */
int node_record(const struct node_options *options, const struct node *node, const char *directory,
		struct error *err)
{
	int r = record_json(directory, "metadata.json", metadata_to_json(&node->metadata), err);

	if (r == 0)
		r = record_json(directory, "spec.json", spec_to_json(&node->spec), err);
	if (r == 0)
		r = record_json(directory, "facts.json", facts_to_json(&node->facts), err);
	return r == 0 ? record_state(options, node, directory, err) : r;
}
