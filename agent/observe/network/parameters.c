/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/network/parameters.h"

#include "base/cleanup.h"
#include "base/process.h"

#include <errno.h>
#include <string.h>

#define LCTL_TIMEOUT_USEC (10 * 1000000ULL)
#define PARAMETERS_MAX    4096

static int make_argv(const struct words *settings, struct words *argv)
{
	int r = words_add(argv, "lctl");

	if (r >= 0)
		r = words_add(argv, "get_param");
	for (size_t i = 0; r >= 0 && i < settings->count; i++)
		r = words_addf(argv, "%.*s", (int)strcspn(settings->items[i], "="),
			       settings->items[i]);
	return r;
}

static int take_lines(const struct process_output *output, struct words *ret)
{
	cleanup(words_done) struct words lines = { 0 };
	int r = words_split(&lines, output->output, "\n");

	for (size_t i = 0; r >= 0 && i < lines.count && ret->count < PARAMETERS_MAX; i++)
		if (strchr(lines.items[i], '=') && !strpbrk(lines.items[i], " \t"))
			r = words_add(ret, lines.items[i]);
	return r;
}

int parameters_observe(const struct words *settings, struct words *ret, struct error *err)
{
	cleanup(process_output_done) struct process_output output = { 0 };
	cleanup(words_done) struct words argv = { 0 };
	int r = make_argv(settings, &argv);

	if (r < 0)
		return error_set(err, -ENOMEM, "out of memory");
	r = process_run((const char *const *)argv.items, LCTL_TIMEOUT_USEC, &output, err);
	if (r == -ENOENT)
		return 0; /* the missing tool is a finding of its own */
	if (r < 0)
		return r;
	r = process_check_end("lctl get_param", &output, err);
	if (r < 0)
		return r;
	/* It exits with an error where one of several is not there, and prints the others. */
	return take_lines(&output, ret) < 0 ? error_set(err, -ENOMEM, "out of memory") : 0;
}
