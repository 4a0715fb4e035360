/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/storage/content.h"

#include "base/superblock.h"
#include "base/text.h"
#include "model/target_listing.h"
#include "model/volume_tags.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Both tools read a few blocks; on a disk that answers at all they take far less. */
#define TOOL_TIMEOUT_USEC (600 * 1000000ULL) /* a disk may stand still for minutes */

/* An argv, NULL-terminated. */
struct question {
	const char *words[6];
};

static struct question lustre_question(const char *path)
{
	return (struct question){ { "tunefs.lustre", "--dryrun", path } };
}

static struct question served_question(const char *path)
{
	return (struct question){ { "debugfs", "-c", "-R", "stat /last_rcvd", path } };
}

bool content_parse_target(const char *output, char *target, size_t size)
{
	for (const char *line = output; line; line = strchr(line, '\n')) {
		line += strspn(line, "\n \t");
		if (strncmp(line, "Target:", 7) == 0) {
			line += 7;
			line += strspn(line, " \t");
			text_copy_padded(target, size, line, strcspn(line, "\r\n"));
			return target[0] != '\0';
		}
	}
	return false;
}

static int run_tool(const char *const argv[], struct inquiries *inquiries,
		    struct process_output *ret, struct error *err)
{
	int r = inquiry_answer(inquiries, argv, TOOL_TIMEOUT_USEC, ret, err);

	if (r < 0)
		return r;
	r = process_check_end(argv[0], ret, err);
	if (r < 0)
		process_output_done(ret);
	return r;
}

static int find_data(struct blockdev *device, struct content *content, struct error *err)
{
	uint64_t offset;
	int r = blockdev_find_data(device, 0, &offset, err);

	if (r >= 0 && offset != UINT64_MAX)
		snprintf(content->not_blank_because, sizeof(content->not_blank_because),
			 "data at byte %" PRIu64, offset);
	return r;
}

/* Type, label, UUID and the journal's state, from the medium: what a boot after a cut would find.
 */
static int find_signature(struct blockdev *device, struct content *content, struct error *err)
{
	struct blockdev_signature found[2];
	struct superblock superblock;
	size_t count;
	int r = blockdev_probe(device, found, 2, &count, err);

	if (r >= 0 && count == 0)
		return find_data(device, content, err);
	if (r >= 0)
		r = superblock_read(device, &superblock, err);
	if (r < 0)
		return r;
	text_copy(content->type, sizeof(content->type), found[0].type);
	text_copy(content->label, sizeof(content->label), found[0].label);
	text_copy(content->uuid, sizeof(content->uuid), found[0].uuid);
	if (count > 1)
		text_copy(content->other_type, sizeof(content->other_type), found[1].type);
	content->needs_recovery = superblock_needs_recovery(&superblock);
	return 0;
}

static int find_file_system(const char *path, struct content *content, struct error *err)
{
	struct blockdev *device;
	int r = blockdev_open(path, BLOCKDEV_READ, &device, err);

	if (r < 0)
		return r;
	r = find_signature(device, content, err);
	blockdev_close(device);
	return r;
}

/*
 * Exit status 0 is a complete format, whose target is named; 19 (ENODEV) is "not formatted with
 * mkfs.lustre". Anything else proves nothing.
 */
static int find_lustre(const char *path, struct inquiries *inquiries, struct content *content,
		       struct error *err)
{
	const struct question question = lustre_question(path);
	struct process_output output;
	int r = run_tool(question.words, inquiries, &output, err);

	if (r < 0)
		return r;
	content->lustre = output.code == 0;
	if (output.code == 0 && !content_parse_target(output.output, content->lustre_target,
						      sizeof(content->lustre_target)))
		r = error_set(err, -EBADMSG, "tunefs.lustre --dryrun does not name the target");
	else if (output.code != 0 && output.code != ENODEV)
		r = error_set(err, -EIO, "tunefs.lustre --dryrun exited with status %d",
			      output.code);
	process_output_done(&output);
	return r;
}

/*
 * debugfs exits with 0 whatever happens, so what it says decides, and only "not found" is an
 * absence: a file system it cannot open may well have been in service.
 */
static int find_served(const char *path, struct inquiries *inquiries, struct content *content,
		       struct error *err)
{
	const struct question question = served_question(path);
	struct process_output output;
	char line[256];
	int r = run_tool(question.words, inquiries, &output, err);

	if (r < 0)
		return r;
	process_last_line(output.errors, line, sizeof(line));
	if (strstr(output.output, "Type: regular"))
		content->served = true;
	else if (!strstr(output.errors, "File not found by ext2_lookup"))
		r = error_set(err, -EIO, "debugfs: %s", line);
	process_output_done(&output);
	return r;
}

/* What else is on it, in one directory; one that is not there has nothing. */
static int find_stranger_in(const char *path, const char *directory, enum listing listing,
			    struct content *content, struct error *err)
{
	char command[64];
	const char *const argv[] = { "debugfs", "-c", "-R", command, path, NULL };
	struct process_output output;
	int r;

	if (content->stranger[0] != '\0')
		return 0;
	snprintf(command, sizeof(command), "ls -p %s", directory);
	r = run_tool(argv, /* inquiries= */ NULL, &output, err);
	if (r < 0)
		return r;
	if (!strstr(output.errors, "File not found by ext2_lookup"))
		r = target_listing_stranger(output.output, listing, content->stranger, err);
	process_output_done(&output);
	return r;
}

/* Where nobody ever mounted it as a target, only what mkfs.lustre makes is ours. */
static int find_stranger(const char *path, struct content *content, struct error *err)
{
	int r = find_stranger_in(path, "/", content->lustre ? LISTING_TARGET : LISTING_FORMAT,
				 content, err);

	if (r >= 0 && !content->lustre)
		r = find_stranger_in(path, "/CONFIGS", LISTING_CONFIGS, content, err);
	if (r >= 0 && !content->lustre)
		r = find_stranger_in(path, "/lost+found", LISTING_LOST, content, err);
	return r;
}

static bool is_mounted(const struct facts *facts, const struct volume *volume)
{
	for (size_t i = 0; i < facts->mount_count; i++)
		if (strcmp(facts->mounts[i].device, volume->device) == 0)
			return true;
	return false;
}

/* The label names the target; before registration with ':', after a writeconf with '='. */
static void name_from_label(struct content *content)
{
	char *at;

	text_copy(content->lustre_target, sizeof(content->lustre_target), content->label);
	at = strpbrk(content->lustre_target, ":=");
	if (at)
		*at = '-';
}

static int ask_tools(const char *path, struct inquiries *inquiries, struct content *content,
		     struct error *err)
{
	int r = find_lustre(path, inquiries, content, err);

	return r < 0 ? r : find_served(path, inquiries, content, err);
}

/* What was met tells nothing of the volume. */
static bool is_no_answer(int code)
{
	return code == -ECANCELED || error_is_shortage(code);
}

/*
 * Of what was put before, only that it was in service is taken: that leads to a mount. What leads
 * anywhere else is asked now.
 */
static int find_service(const char *path, struct inquiries *inquiries, struct content *content,
			struct error *err)
{
	struct content found = *content;
	int r = inquiries ? ask_tools(path, inquiries, &found, err) : 0;

	if (inquiries && (is_no_answer(r) || (r >= 0 && found.served))) {
		*content = found;
		return r;
	}
	return ask_tools(path, /* inquiries= */ NULL, content, err);
}

static int judge(const char *path, bool mounted, struct inquiries *inquiries,
		 struct content *content, struct error *err)
{
	int r = find_file_system(path, content, err);

	if (r < 0 || strncmp(content->type, "ext", 3) != 0)
		return r;
	if (mounted) {
		content->lustre = content->served = true;
		content->needs_recovery = false; /* the running journal sets it, too */
		name_from_label(content);
		return 0;
	}
	/* Until its journal is replayed it may be torn anywhere: what the tools say proves nothing.
	 */
	if (content->needs_recovery)
		return 0;
	r = find_service(path, inquiries, content, err);
	return r < 0 || content->served ? r : find_stranger(path, content, err);
}

static int find_content(const char *root, struct inquiries *inquiries, const struct facts *facts,
			struct volume *volume, struct error *err)
{
	struct content content = { 0 };
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/dev/%s", root, volume->device);
	r = judge(path, is_mounted(facts, volume), inquiries, &content, err);
	if (is_no_answer(r))
		return r;
	if (r < 0) {
		content = (struct content){ 0 };
		text_copy(content.unknown_because, sizeof(content.unknown_because), err->text);
	} else {
		content.known = true;
	}
	volume->content = content;
	return 0;
}

void content_foresee(const char *root, const char *device, struct inquiries *inquiries)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/dev/%s", root, device);
	inquiry_put(inquiries, lustre_question(path).words);
	inquiry_put(inquiries, served_question(path).words);
}

int content_find(const char *root, struct inquiries *inquiries, struct facts *facts,
		 struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < facts->group_count; i++) {
		struct volume_group *group = &facts->groups[i];

		if (!volume_tags_ours(&group->tags) || !volume_group_name_ours(group->name))
			continue;
		for (size_t j = 0; r >= 0 && j < group->volume_count; j++)
			if (group->volumes[j].active && volume_tags_ours(&group->volumes[j].tags))
				r = find_content(root, inquiries, facts, &group->volumes[j], err);
	}
	return r;
}
