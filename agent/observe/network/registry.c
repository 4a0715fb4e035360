/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/network/registry.h"

#include "base/cleanup.h"
#include "base/process.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define LCTL_TIMEOUT_USEC (10 * 1000000ULL)
#define NAMES_MAX         4096

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

/* The words of a parameter that `wanted` takes; a parameter that is not there has none. */
static int read_parameter(const char *parameter, bool (*wanted)(const char *word),
			  struct words *names, struct error *err)
{
	const char *const argv[] = { "lctl", "get_param", "-n", parameter, NULL };
	cleanup(process_output_done) struct process_output output = { 0 };
	cleanup(words_done) struct words words = { 0 };
	int r = process_run(argv, LCTL_TIMEOUT_USEC, &output, err);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (output.end != PROCESS_EXITED)
		return error_set(err, -ETIMEDOUT, "lctl get_param %s does not end", parameter);
	if (output.code != 0)
		return 0;
	r = words_split(&words, output.output, " \t\r\n");
	for (size_t i = 0; r == 0 && i < words.count && names->count < NAMES_MAX; i++)
		if (wanted(words.items[i]) && !words_contain(names, words.items[i]))
			r = words_add(names, words.items[i]);
	return r < 0 ? error_set(err, r, "out of memory") : 0;
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
