/* SPDX-License-Identifier: Apache-2.0 */
#include "node_files.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define JSON_FILE_MAX (16 * 1024 * 1024)

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

int node_files_json(const char *directory, const char *name, json_t **ret, struct error *err)
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

	/* A client writes to no disk, whatever was on it. */
	if (r == -ENOENT || r == 0 || node->spec.roles == ROLE_CLIENT)
		return 0;
	error_prefix(err, "%s cannot be read%s, so lost disks cannot be told from new ones", name,
		     is_about_content(r) ? "" : " now");
	return err->code = is_about_content(r) ? -EBADMSG : -EIO;
}

int node_read_checkup(const struct node_options *options, struct checkup *ret, struct error *err)
{
	cleanup(json_decrefp) json_t *json = NULL;
	int r = node_files_json(options->machine, "checkup.json", &json, err);

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
