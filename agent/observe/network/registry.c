/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/network/registry.h"

#include "base/cleanup.h"
#include "base/process.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define LCTL_TIMEOUT_USEC (10 * 1000000ULL)
#define NAMES_MAX         4096
#define NID_SIZE          64

/* "OST0017", "MDT0000": what follows the last dash of a target's name. */
static bool is_target(const char *word)
{
	const char *tail = strrchr(word, '-');

	if (!tail || strlen(tail) != 8 ||
	    (strncmp(tail, "-OST", 4) != 0 && strncmp(tail, "-MDT", 4) != 0))
		return false;
	for (const char *c = tail + 4; *c; c++)
		if (!isxdigit((unsigned char)*c))
			return false;
	return true;
}

/* The words of what lctl prints; of a parameter that is not there there are none. */
static int run_lctl(const char *const argv[], struct words *ret, struct error *err)
{
	cleanup(process_output_done) struct process_output output = { 0 };
	int r = process_run(argv, LCTL_TIMEOUT_USEC, &output, err);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	r = process_check_end("lctl get_param", &output, err);
	if (r < 0)
		return r;
	if (output.code != 0)
		return 0;
	r = words_split(ret, output.output, " \t\r\n");
	return r < 0 ? error_set(err, r, "out of memory") : 0;
}

static int add_once(struct words *names, const char *word, struct error *err)
{
	if (names->count >= NAMES_MAX || words_contain(names, word))
		return 0;
	return words_add(names, word) < 0 ? error_set(err, -ENOMEM, "out of memory") : 0;
}

/* The words of a parameter that `wanted` takes. */
static int read_parameter(const char *parameter, bool (*wanted)(const char *word),
			  struct words *names, struct error *err)
{
	const char *const argv[] = { "lctl", "get_param", "-n", parameter, NULL };
	cleanup(words_done) struct words words = { 0 };
	int r = run_lctl(argv, &words, err);

	for (size_t i = 0; r == 0 && i < words.count; i++)
		if (wanted(words.items[i]))
			r = add_once(names, words.items[i], err);
	return r;
}

static bool is_name(const char *word)
{
	return word[strspn(word,
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")] ==
	       '\0';
}

int registry_observe(struct words *filesystems, struct words *members, struct error *err)
{
	int r = read_parameter("mgs.MGS.filesystems", is_name, filesystems, err);

	return r < 0 ? r : read_parameter("mgs.MGS.live.*", is_target, members, err);
}

/*
 * "mgs.MGS.exports.10.0.0.23@tcp.uuid=5fbf…", with several UUIDs in the lines after it, or with
 * none where only the statistics of a node that has left are kept. False for what is no such name.
 */
static bool read_export(const char *word, const char *next, char nid[NID_SIZE], bool *ret_held)
{
	static const char before[] = "mgs.MGS.exports.", after[] = ".uuid=";
	const char *end = strstr(word, after);
	size_t length;

	if (strncmp(word, before, strlen(before)) != 0 || !end)
		return false;
	word += strlen(before);
	length = (size_t)(end - word);
	if (end < word || length >= NID_SIZE)
		return false;
	memcpy(nid, word, length);
	nid[length] = '\0';
	*ret_held = end[strlen(after)] != '\0' || (next && strncmp(next, before, 4) != 0);
	return strchr(nid, '@') != NULL;
}

int registry_observe_exports(const struct words *own, struct words *exports, struct error *err)
{
	static const char *const argv[] = { "lctl", "get_param", "mgs.MGS.exports.*.uuid", NULL };
	cleanup(words_done) struct words words = { 0 };
	int r = run_lctl(argv, &words, err);

	for (size_t i = 0; r == 0 && i < words.count; i++) {
		const char *next = i + 1 < words.count ? words.items[i + 1] : NULL;
		char nid[NID_SIZE];
		bool held;

		if (read_export(words.items[i], next, nid, &held) && held &&
		    strcmp(nid, "0@lo") != 0 && !words_contain(own, nid))
			r = add_once(exports, nid, err);
	}
	return r;
}
