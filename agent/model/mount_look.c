/* SPDX-License-Identifier: Apache-2.0 */
#include "model/mount_look.h"

#include "base/cleanup.h"
#include "model/mgs_answer.h"
#include "model/spec/nid.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Lustre's own; a stand-in without its kernel modules has ext4 itself, and fuse for a client. */
static const char *const of_targets[] = { "lustre", "lustre_tgt", "ext4", NULL };
static const char *const of_clients[] = { "lustre", "fuse.lustre", NULL };

static bool is_one_of(const char *const types[], const char *type)
{
	for (size_t i = 0; types[i]; i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

bool mount_is_target_type(const char *type)
{
	return is_one_of(of_targets, type);
}

bool mount_is_client_type(const char *type)
{
	return is_one_of(of_clients, type);
}

/* "10.0.0.10@tcp,10.1.0.10@efa:mgs2@tcp:/lustrewt" has one. */
static bool has_name(const char *source, const char *end)
{
	while (source < end) {
		const char *at = strchr(source, '@');

		if (!at || at > end || mgs_nid_has_name(source))
			return true;
		source = at + strcspn(at, ":,") + 1;
	}
	return false;
}

bool mount_is_of_mgs(const char *mounted, const char *asked)
{
	const char *is = strstr(mounted, ":/"), *shall_be = strstr(asked, ":/");

	if (!is || !shall_be)
		return false;
	return has_name(asked, shall_be) || nid_sources_name_one_mgs(mounted, asked);
}

/* "/lustrewt/sub" and "/lustrewt//sub/" are one place to Lustre. */
static bool is_same_path(const char *a, const char *b)
{
	while (*a != '\0' || *b != '\0') {
		size_t length = strcspn(a, "/");

		if (length != strcspn(b, "/") || strncmp(a, b, length) != 0)
			return false;
		a += length;
		b += length;
		a += strspn(a, "/");
		b += strspn(b, "/");
	}
	return true;
}

bool mount_is_source(const char *mounted, const char *asked)
{
	return strcmp(mounted, asked) == 0 ||
	       (mount_is_of_mgs(mounted, asked) &&
		is_same_path(strstr(mounted, ":/") + 2, strstr(asked, ":/") + 2));
}

/* "10.0.0.10@tcp:10.0.0.11@tcp", as the kernel joins them; an IPv6 address is not taken apart. */
static int read_nids(const char *text, struct words *ret)
{
	cleanup(words_done) struct words written = { 0 };
	char nid[NID_TEXT_MAX];
	int r = words_split(&written, text, ":");

	for (size_t i = 0; r == 0 && i < written.count; i++) {
		r = strchr(written.items[i], '@') ? nid_normalise(written.items[i], nid) : -EINVAL;
		if (r == 0)
			r = words_add(ret, nid);
	}
	return r;
}

/* Those of one node with several nets may be joined by the comma that ends an option, too. */
static int read_mgs(const char *options, struct words *ret)
{
	static const char name[] = "mgsnode=";
	cleanup(words_done) struct words words = { 0 };
	bool within = false;
	int r = words_split(&words, options, ",");

	for (size_t i = 0; r == 0 && i < words.count; i++) {
		const char *word = words.items[i];
		bool begins = strncmp(word, name, sizeof(name) - 1) == 0;

		within = begins || (within && strchr(word, '@') && !strchr(word, '='));
		if (within)
			r = read_nids(begins ? word + sizeof(name) - 1 : word, ret);
	}
	return r;
}

bool mount_asks_another_mgs(const char *options, const struct words *nids, struct words *ret_at)
{
	if (nids->count == 0 || read_mgs(options, ret_at) < 0)
		return false;
	for (size_t i = 0; i < nids->count; i++)
		if (mgs_nid_has_name(nids->items[i]) || words_contain(ret_at, nids->items[i]))
			return false;
	return ret_at->count > 0;
}
