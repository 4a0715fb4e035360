/* SPDX-License-Identifier: Apache-2.0 */

/* The verb check: on any laptop, without root and without a network. */

#include "verbs/check_document.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "model/spec/document.h"
#include "verbs/verbs.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than could ever be user-data, so that too much is told as that. */
#define FILE_SIZE_MAX (1024 * 1024)

struct options {
	const char *file;
	struct words tags;
	bool json;
};

static int usage(const char *sentence)
{
	fprintf(stderr,
		"lustre-init check: %s\n"
		"Usage: lustre-init check FILE [--tags KEY=VALUE…] [--json]\n"
		"       lustre-init check --schema | --man\n"
		"FILE is what goes into user-data; - is the standard input.\n",
		sentence);
	return EXIT_USAGE;
}

static int print_owned(char *text)
{
	if (!text)
		return EXIT_FAILED;
	fputs(text, stdout);
	free(text);
	return EXIT_DONE;
}

/* What stands behind the options: the file, and what --tags KEY=VALUE KEY=VALUE left over. */
static int take_words(int count, char **words, struct options *options)
{
	for (int i = 0; i < count; i++) {
		if (options->tags.count > 0 && strchr(words[i], '=')) {
			if (words_add(&options->tags, words[i]) < 0)
				return -ENOMEM;
		} else if (options->file) {
			return usage("one FILE at a time");
		} else {
			options->file = words[i];
		}
	}
	return options->file ? 0 : usage("no FILE is given");
}

/* Returns 0 to go on, else an exit code. */
static int take_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "tags", required_argument, NULL, 't' },
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	int option;

	optind = 0;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 't' && words_add(&options->tags, optarg) < 0)
			return EXIT_FAILED;
		if (option == 'j')
			options->json = true;
		if (option == '?')
			return usage("unknown option");
	}
	return take_words(argc - optind, argv + optind, options);
}

static int read_input(const char *file, char **ret, size_t *ret_size, struct error *err)
{
	return file_read(/* root= */ "", strcmp(file, "-") == 0 ? "/dev/stdin" : file,
			 FILE_SIZE_MAX, ret, ret_size, err);
}

static int print_json(const struct check *check, int code)
{
	cleanup(json_decrefp) json_t *json =
		json_pack("{s:b, s:o, s:o}", "good", code == EXIT_DONE, "problems",
			  problems_to_json(&check->problems), "spec",
			  code == EXIT_DONE ? spec_to_json(&check->spec) : json_null());

	if (!json || json_dumpf(json, stdout, JSON_INDENT(2)) < 0)
		return EXIT_FAILED;
	putchar('\n');
	return code;
}

static void print_problems(const struct check *check)
{
	char text[PROBLEM_TEXT_MAX];

	for (size_t i = 0; i < check->problems.count; i++) {
		problem_format(&check->problems.items[i], text, sizeof(text));
		fprintf(stderr, "%s\n", text);
	}
	if (check->problems.left_out > 0)
		fprintf(stderr, "and %zu more\n", check->problems.left_out);
}

static int print_text(const struct options *options, const struct check *check, int code)
{
	if (code == EXIT_USAGE) {
		print_problems(check);
		return code;
	}
	if (code == EXIT_NOT_OURS) {
		fprintf(stderr,
			"%s: nothing in it is for lustre-init; a document begins with the line "
			"#lustre-init, or is a MIME part text/lustre-init\n",
			options->file);
		return code;
	}
	return print_owned(check_format_spec(&check->spec, /* with_defaults= */ true));
}

static int run(const struct options *options)
{
	cleanup(check_done) struct check check = { 0 };
	cleanup(free_pointer) char *data = NULL;
	struct error err;
	size_t size = 0;
	int r, code;

	if (read_input(options->file, &data, &size, &err) < 0) {
		fprintf(stderr, "lustre-init check: %s\n", err.text);
		return EXIT_USAGE;
	}
	r = check_document(data, size, options->file, &options->tags, &check);
	if (r == -ENOMEM)
		return EXIT_FAILED;
	code = r < 0 ? EXIT_USAGE : check.spec.roles == 0 ? EXIT_NOT_OURS : EXIT_DONE;
	return options->json ? print_json(&check, code) : print_text(options, &check, code);
}

int verb_check(int argc, char **argv)
{
	struct options options = { 0 };
	int code;

	/* For the build and its tests: the other two uses of the table of keys. */
	if (argc == 2 && strcmp(argv[1], "--schema") == 0)
		return print_owned(spec_document_schema());
	if (argc == 2 && strcmp(argv[1], "--man") == 0)
		return print_owned(spec_document_man());
	code = take_options(argc, argv, &options);
	if (code == 0)
		code = run(&options);
	words_done(&options.tags);
	return code;
}
