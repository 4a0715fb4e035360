// SPDX-License-Identifier: Apache-2.0
#include "imds.h"

#include <stdlib.h>
#include <string.h>

/* As "/" lists them; they sort by age, and "latest" after all. */
static const char *const versions[] = {
	"1.0",        "2007-01-19", "2007-03-01", "2007-08-29", "2007-10-10", "2007-12-15",
	"2008-02-01", "2008-09-01", "2009-04-04", "2011-01-01", "2011-05-01", "2012-01-12",
	"2014-02-25", "2014-11-05", "2015-10-20", "2016-04-19", "2016-06-30", "2016-09-02",
	"2018-03-28", "2018-08-17", "2018-09-24", "2019-10-01", "2020-10-27", "2021-01-03",
	"2021-03-23", "2021-07-15", "2022-07-09", "2022-09-24", "latest",
};

enum { VERSION_COUNT = sizeof(versions) / sizeof(*versions) };

/* Instance tags came with this version. */
static const char tags_version[] = "2021-03-23";

/* The version a path begins with, or NULL. *ret_below is what follows, without slash. */
static const char *split_version(const char *path, const char **ret_below)
{
	if (*path != '/')
		return NULL;
	for (int i = 0; i < VERSION_COUNT; i++) {
		size_t length = strlen(versions[i]);
		const char *rest = path + 1 + length;

		if (strncmp(path + 1, versions[i], length) != 0 || (*rest && *rest != '/'))
			continue;
		*ret_below = *rest ? rest + 1 : rest;
		return versions[i];
	}
	return NULL;
}

const char *imds_below_version(const char *path)
{
	const char *below;

	return split_version(path, &below) ? below : NULL;
}

static void answer_text(struct answer *answer, const char *type, const void *data, size_t size)
{
	answer->status = 200;
	answer_set_body(answer, data, size);
	answer_set_header(answer, "Content-Type", "%s", type);
	answer_set_header(answer, "Accept-Ranges", "none");
}

static void answer_versions(struct answer *answer)
{
	char text[512] = "";
	size_t used = 0;

	for (int i = 0; i < VERSION_COUNT; i++) {
		if (i > 0)
			text[used++] = '\n';
		memcpy(text + used, versions[i], strlen(versions[i]));
		used += strlen(versions[i]);
	}
	answer_text(answer, "text/plain", text, used);
}

/* Answers a directory's listing, or false where there is none. */
static bool answer_listing(const struct tree *tree, const char *directory, bool has_tags,
			   struct answer *answer)
{
	char override[1024];
	const struct tree_entry *entry = NULL;
	char *listing;

	if (strlen(directory) + 2 <= sizeof(override)) {
		memcpy(override, directory, strlen(directory));
		memcpy(override + strlen(directory), "/", 2);
		entry = tree_find(tree, override);
	}
	if (entry) {
		answer_text(answer, "text/plain", entry->data, entry->size);
		return true;
	}
	listing = tree_list(tree, directory,
			    !has_tags && !strcmp(directory, "meta-data") ? "tags" : NULL);
	if (!listing)
		return false;
	answer_text(answer, "text/plain", listing, strlen(listing));
	free(listing);
	return true;
}

static bool is_tags_path(const char *below)
{
	static const char tags[] = "meta-data/tags";
	char next = strncmp(below, tags, strlen(tags)) ? 'x' : below[strlen(tags)];

	return next == '/' || next == '\0';
}

static void answer_tree(const struct tree *tree, const char *version, const char *below,
			struct answer *answer)
{
	bool has_tags = strcmp(version, tags_version) >= 0;
	size_t length = strlen(below);
	const struct tree_entry *entry = NULL;
	char *directory;

	if (!has_tags && is_tags_path(below)) {
		answer_error(answer, 404);
		return;
	}
	if (length > 0 && below[length - 1] != '/')
		entry = tree_find(tree, below);
	if (entry) {
		answer_text(answer,
			    strcmp(below, "user-data") ? "text/plain" : "application/octet-stream",
			    entry->data, entry->size);
		return;
	}
	if (length > 0 && below[length - 1] == '/')
		length--;
	directory = strndup(below, length);
	if (!directory || !answer_listing(tree, directory, has_tags, answer))
		answer_error(answer, 404);
	free(directory);
}

/* Digits only, 1 to 21600; anything else makes the PUT malformed. */
static int64_t parse_ttl(const char *text)
{
	size_t length = text ? strlen(text) : 0;
	int64_t ttl;

	if (length == 0 || length > 5 || strspn(text, "0123456789") != length)
		return -1;
	ttl = strtol(text, NULL, 10);
	return ttl >= 1 && ttl <= TOKEN_TTL_MAX ? ttl : -1;
}

static void answer_ttl(struct answer *answer, int64_t seconds)
{
	answer_set_header(answer, "X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "%lld",
			  (long long)seconds);
}

static void answer_not_allowed(struct answer *answer, const char *allowed)
{
	answer_error(answer, 405);
	answer_set_header(answer, "Allow", "%s", allowed);
}

static void answer_token(struct token_jar *jar, const struct request *request, int64_t now_ms,
			 int64_t ttl_cap, struct answer *answer)
{
	int64_t ttl = parse_ttl(request->token_ttl);
	const char *token;

	if (strcmp(request->method, "PUT") != 0) {
		answer_not_allowed(answer, "OPTIONS, PUT");
		return;
	}
	/* A request that came through a proxy is nobody's but an attacker's. */
	if (request->forwarded) {
		answer_error(answer, 403);
		return;
	}
	if (ttl < 0) {
		answer_error(answer, 400);
		return;
	}
	if (ttl_cap > 0 && ttl_cap < ttl)
		ttl = ttl_cap;
	token = token_issue(jar, now_ms, ttl);
	answer_text(answer, "text/plain", token, strlen(token));
	answer_ttl(answer, ttl);
}

static void answer_get(const struct node *node, const struct request *request,
		       struct answer *answer)
{
	const char *below, *version = split_version(request->path, &below);

	if (strcmp(request->path, "/") == 0)
		answer_versions(answer);
	else if (version)
		answer_tree(&node->tree, version, below, answer);
	else
		answer_error(answer, 404);
	/* Rounded up, so that a token just issued has the life that was asked for. */
	answer_ttl(answer, (request->verdict.remaining_ms + 999) / 1000);
}

void imds_answer(const struct node *node, struct token_jar *jar, const struct request *request,
		 int64_t now_ms, int64_t ttl_cap, struct answer *answer)
{
	const char *below = imds_below_version(request->path);
	bool is_get = !strcmp(request->method, "GET") || !strcmp(request->method, "HEAD");

	answer->connection = node->connection;
	if (!strcmp(request->path, IMDS_TOKEN_PATH))
		answer_token(jar, request, now_ms, ttl_cap, answer);
	else if (below && !strcmp(below, "api/token"))
		answer_error(answer, 403);
	else if (!is_get)
		answer_not_allowed(answer, "GET, HEAD");
	else if (request->verdict.state != TOKEN_VALID)
		answer_error(answer, 401);
	else
		answer_get(node, request, answer);
}
