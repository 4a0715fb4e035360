/* SPDX-License-Identifier: Apache-2.0 */

/* The verb check: on any laptop, without root and without a network. */

#include "verbs/check_document.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "model/spec/document.h"
#include "verbs/dry_start.h"
#include "verbs/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More than could ever be user-data, so that too much is told as that. */
#define FILE_SIZE_MAX (1024 * 1024)

struct options {
	const char *file; /* NULL: tags alone */
	struct words tags;
	const char *address, *type; /* of a dry start; NULL */
	struct dry_place place;
	bool json;
};

/* What is known of the document and of the node that it would make. */
struct result {
	struct check check;
	struct dry_start dry;
	int code;
};

static void print_usage(FILE *stream)
{
	fputs("Usage: lustre-init check [FILE] [--tags KEY=VALUE…] [--json]\n"
	      "                         [--address ADDRESS/LENGTH [--instance-type TYPE]]\n"
	      "       lustre-init check --schema | --man\n"
	      "FILE is what goes into user-data; - is the standard input. With the address\n"
	      "that a node will have, or its subnet, it says what the node would become.\n",
	      stream);
}

__attribute__((format(printf, 1, 2))) static int usage(const char *format, ...)
{
	va_list arguments;

	fputs("lustre-init check: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	print_usage(stderr);
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
	return options->file || options->tags.count > 0 ? 0 : usage("no FILE and no tag is given");
}

static int take_place(struct options *options)
{
	struct error err;

	if (!options->address)
		return options->type ? usage("--instance-type goes with --address") : 0;
	if (options->type && options->type[0] == '\0')
		return usage("--instance-type is empty");
	if (dry_place_parse(options->address, &options->place, &err) < 0)
		return usage("%s", err.text);
	if (options->type &&
	    text_format(options->place.type, sizeof(options->place.type), "%s", options->type) < 0)
		return usage("no instance type has so long a name");
	return 0;
}

/* Returns 0 to go on, else an exit code. */
static int take_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "tags", required_argument, NULL, 't' },
		{ "json", no_argument, NULL, 'j' },
		{ "address", required_argument, NULL, 'a' },
		{ "instance-type", required_argument, NULL, 'i' },
		{ 0 },
	};
	int option, code;

	optind = 0;
	while ((option = getopt_long(argc, argv, ":", known, NULL)) != -1) {
		if (option == 't' && words_add(&options->tags, optarg) < 0)
			return EXIT_FAILED;
		if (option == 'j')
			options->json = true;
		if (option == 'a')
			options->address = optarg;
		if (option == 'i')
			options->type = optarg;
		if (option == ':')
			return usage("%s needs a value", argv[optind - 1]);
		if (option == '?')
			return usage("there is no option %s", argv[optind - 1]);
	}
	code = take_words(argc - optind, argv + optind, options);
	return code == 0 ? take_place(options) : code;
}

static bool asks_for_help(int argc, char **argv)
{
	return argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
}

/* A pipe, too, and whoever may not open what the standard input is has it open all the same. */
static int read_input(const char *file, char **ret, size_t *ret_size, struct error *err)
{
	cleanup(close_fd) int opened = -1;

	if (strcmp(file, "-") == 0)
		return file_read_open(STDIN_FILENO, "the standard input", FILE_SIZE_MAX, ret,
				      ret_size, err);
	opened = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (opened < 0)
		return error_errno(err, -errno, "cannot open %s", file);
	return file_read_open(opened, file, FILE_SIZE_MAX, ret, ret_size, err);
}

static int print_json(const struct options *options, const struct result *result)
{
	const struct check *check = &result->check;
	bool good = result->code == EXIT_DONE || result->code == EXIT_REFUSED;
	cleanup(json_decrefp) json_t *json =
		json_pack("{s:b, s:o, s:o, s:o*}", "good", result->code == EXIT_DONE, "problems",
			  problems_to_json(&check->problems), "spec",
			  good ? spec_to_json(&check->spec) : json_null(), "nodes",
			  good && options->address ? dry_start_to_json(&result->dry) : NULL);

	if (!json || json_dumpf(json, stdout, JSON_INDENT(2)) < 0)
		return EXIT_FAILED;
	putchar('\n');
	return result->code;
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

static int print_text(const struct options *options, const struct result *result)
{
	const struct check *check = &result->check;
	int r;

	if (result->code == EXIT_USAGE) {
		print_problems(check);
		return result->code;
	}
	if (result->code == EXIT_NOT_OURS) {
		fprintf(stderr,
			"%s: nothing in it is for lustre-init; a document begins with the line "
			"#lustre-init, or is a MIME part text/lustre-init\n",
			options->file ? options->file : "--tags");
		return result->code;
	}
	if (spec_has_efa(&check->spec))
		fprintf(stderr, "%s: lnet: %s\n", options->file ? options->file : "--tags",
			EFA_COLLISION);
	if (options->address)
		r = print_owned(dry_start_format(&check->spec, &result->dry));
	else
		r = print_owned(check_format_spec(&check->spec, /* with_defaults= */ true));
	return r == EXIT_DONE ? result->code : r;
}

/* What no machine can be is a problem of the document, too. */
static int start_dry(const struct options *options, struct result *result)
{
	const struct origin origin = { .source = SOURCE_TAG, .name = "--address" };
	struct error err;
	int r = dry_start_plan(&result->check.spec, &options->place, &result->dry, &err);

	if (r == -EINVAL) {
		problems_add(&result->check.problems, &origin, "%s", err.text);
		return EXIT_USAGE;
	}
	if (r < 0)
		return EXIT_FAILED;
	return dry_start_is_refused(&result->dry) ? EXIT_REFUSED : EXIT_DONE;
}

static int judge(const struct options *options, const char *data, size_t size,
		 struct result *result)
{
	int r = check_document(data, size, options->file ? options->file : "--tags", &options->tags,
			       &result->check);

	if (r == -ENOMEM)
		return EXIT_FAILED;
	if (r < 0)
		return EXIT_USAGE;
	if (result->check.spec.roles == 0)
		return EXIT_NOT_OURS;
	return options->address ? start_dry(options, result) : EXIT_DONE;
}

static int say_unreadable(const struct options *options, const struct error *err,
			  struct result *result)
{
	const struct origin origin = { .source = SOURCE_TAG, .name = "lustre-init check" };

	result->code = EXIT_USAGE;
	problems_add(&result->check.problems, &origin, "%s", err->text);
	return options->json ? print_json(options, result) : print_text(options, result);
}

static void result_done(struct result *result)
{
	check_done(&result->check);
	dry_start_done(&result->dry);
}

static int run(const struct options *options)
{
	cleanup(result_done) struct result result = { 0 };
	cleanup(free_pointer) char *data = NULL;
	struct error err;
	size_t size = 0;

	if (options->file && read_input(options->file, &data, &size, &err) < 0)
		return say_unreadable(options, &err, &result);
	result.code = judge(options, data ? data : "", size, &result);
	if (result.code == EXIT_FAILED)
		return result.code;
	return options->json ? print_json(options, &result) : print_text(options, &result);
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
	if (asks_for_help(argc, argv)) {
		print_usage(stdout);
		return EXIT_DONE;
	}
	code = take_options(argc, argv, &options);
	if (code == 0)
		code = run(&options);
	words_done(&options.tags);
	return code;
}
