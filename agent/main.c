/* SPDX-License-Identifier: Apache-2.0 */

/* The command line: verbs, options, exit codes. */

#include "base/startup.h"
#include "observe/storage/storage.h"
#include "report_stream.h"
#include "verbs/verbs.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TAKES_MACHINE = 1, /* it changes nothing, and so can be told of another machine */
	TAKES_RECORD = 2,
	TAKES_SVG = 4,
	TAKES_MOUNT_POINTS = 8,
	TAKES_WAIT = 16,
	TAKES_TIMEOUT = 32,
	TAKES_JSON = 64,      /* it prints a value */
	TAKES_ENDPOINT = 128, /* it asks the metadata service */
};
#define TAKES_INPUTS (TAKES_JSON | TAKES_ENDPOINT | TAKES_MACHINE)

struct verb {
	const char *name;
	const char *help;
	int (*run)(const struct arguments
			   *arguments); /* NULL: verb_check(), whose options are its own */
	unsigned takes;                 /* of the options that only some verbs have */
};

static const struct verb verbs[] = {
	{ "apply", "converge this node (what the boot unit runs)", verb_apply,
	  TAKES_JSON | TAKES_ENDPOINT },
	{ "plan", "print what apply would do, and why; change nothing", verb_plan, TAKES_INPUTS },
	{ "facts", "print what is observed; --record DIR writes a machine fixture", verb_facts,
	  TAKES_INPUTS | TAKES_RECORD },
	{ "spec", "print the effective specification and each value's source", verb_spec,
	  TAKES_INPUTS },
	{ "check", "validate a document or tags: check [FILE] [--tags KEY=VALUE…] [--address A/N]",
	  NULL, 0 },
	{ "status", "how this node stands; --wait blocks until ready or failed", verb_status,
	  TAKES_JSON | TAKES_WAIT | TAKES_TIMEOUT },
	{ "doctor", "check this node, read-only; each finding says what to do", verb_doctor,
	  TAKES_INPUTS },
	{ "timeline", "how long each step of this boot took", verb_timeline,
	  TAKES_JSON | TAKES_SVG },
	{ "watch", "look after this node, and act on notices of EC2 (what the watch unit runs)",
	  verb_watch, TAKES_ENDPOINT },
	{ "stop", "unmount in order: client, OST, MDT, MGT", verb_stop, TAKES_TIMEOUT },
	{ "clean", "forget this node, before baking an AMI", verb_clean, TAKES_MOUNT_POINTS },
};
#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(void)
{
	puts("Usage: lustre-init [OPTION…] VERB\n\n"
	     "Makes an EC2 instance the Lustre server or client that its tags or user-data ask "
	     "for.\n");
	for (size_t i = 0; i < VERB_COUNT; i++)
		printf("  %-8s %s\n", verbs[i].name, verbs[i].help);
	puts("\n"
	     "  --json           print JSON\n"
	     "  --tags, --address, --instance-type\n"
	     "                   with check: lustre-init check --help\n"
	     "  --svg            with timeline: a picture\n"
	     "  --wait           with status: until ready or failed\n"
	     "  --timeout SEC    with --wait, and with stop: no longer than this\n"
	     "  --record DIR     with facts: write a machine fixture\n"
	     "  --mount-points   with clean: only take away the directories made to mount on\n"
	     "  --machine DIR    with plan, facts, spec, doctor: a recorded machine instead of "
	     "this one\n"
	     "  --endpoint URL   the metadata service, where it is not EC2's own\n"
	     "  -h, --help       this text\n"
	     "  --version        the version\n\n"
	     "Exit codes: 0 done, 1 failed (a retry may help), 2 usage or specification error,\n"
	     "3 refused (a person must decide), 4 not for this node, 5 another lustre-init is at\n"
	     "work on this node (of stop and clean). See lustre-init(8).");
}

static bool parse_seconds(const char *text, unsigned *ret)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (end == text || *end != '\0' || value == 0 || value > 1000000)
		return false;
	*ret = (unsigned)value;
	return true;
}

enum long_option {
	OPTION_JSON = 256,
	OPTION_WAIT,
	OPTION_TIMEOUT,
	OPTION_RECORD,
	OPTION_MACHINE,
	OPTION_ENDPOINT,
	OPTION_SVG,
	OPTION_MOUNT_POINTS,
	OPTION_VERSION,
};

static const struct option long_options[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "wait", no_argument, NULL, OPTION_WAIT },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "record", required_argument, NULL, OPTION_RECORD },
	{ "machine", required_argument, NULL, OPTION_MACHINE },
	{ "endpoint", required_argument, NULL, OPTION_ENDPOINT },
	{ "svg", no_argument, NULL, OPTION_SVG },
	{ "mount-points", no_argument, NULL, OPTION_MOUNT_POINTS },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* Returns -1 to go on, else an exit code. */
static int take_option(int option, struct arguments *arguments)
{
	switch (option) {
	case OPTION_JSON:
		arguments->json = true;
		return -1;
	case OPTION_WAIT:
		arguments->wait = true;
		return -1;
	case OPTION_TIMEOUT:
		if (parse_seconds(optarg, &arguments->timeout_sec))
			return -1;
		fprintf(stderr, "lustre-init: --timeout takes seconds, not '%s'\n", optarg);
		return EXIT_USAGE;
	case OPTION_RECORD:
		arguments->record = optarg;
		return -1;
	case OPTION_MACHINE:
		arguments->node.machine = optarg;
		return -1;
	case OPTION_ENDPOINT:
		arguments->node.endpoint = optarg;
		return -1;
	case OPTION_SVG:
		arguments->svg = true;
		return -1;
	case OPTION_MOUNT_POINTS:
		arguments->mount_points = true;
		return -1;
	case OPTION_VERSION:
		puts("lustre-init " LUSTRE_INIT_VERSION);
		return EXIT_DONE;
	case 'h':
		print_help();
		return EXIT_DONE;
	default:
		return EXIT_USAGE;
	}
}

/* Read here and nowhere else: see observe/storage/storage.h for what it stands in for. */
static uint16_t stand_in_vendor(void)
{
	const char *text = getenv(STORAGE_NVME_VENDOR_VARIABLE);

	return text ? (uint16_t)strtoul(text, NULL, 16) : 0;
}

static unsigned given(const struct arguments *arguments)
{
	return (arguments->node.machine ? TAKES_MACHINE : 0U) |
	       (arguments->node.endpoint ? TAKES_ENDPOINT : 0U) |
	       (arguments->record ? TAKES_RECORD : 0U) | (arguments->svg ? TAKES_SVG : 0U) |
	       (arguments->mount_points ? TAKES_MOUNT_POINTS : 0U) |
	       (arguments->wait ? TAKES_WAIT : 0U) |
	       (arguments->timeout_sec > 0 ? TAKES_TIMEOUT : 0U) |
	       (arguments->json ? TAKES_JSON : 0U);
}

/* An option that is passed over would be a promise, such as of a look that changes nothing. */
static int check_options(const struct verb *verb, unsigned options)
{
	static const struct {
		unsigned option;
		const char *name, *who;
	} rows[] = {
		{ TAKES_MACHINE, "--machine", "plan, facts, spec and doctor do" },
		{ TAKES_ENDPOINT, "--endpoint", "apply, plan, facts, spec, doctor and watch do" },
		{ TAKES_RECORD, "--record", "facts does" },
		{ TAKES_SVG, "--svg", "timeline does" },
		{ TAKES_MOUNT_POINTS, "--mount-points", "clean does" },
		{ TAKES_WAIT, "--wait", "status does" },
		{ TAKES_TIMEOUT, "--timeout", "status and stop do" },
		{ TAKES_JSON, "--json", "it prints no value" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!(options & rows[i].option & ~verb->takes))
			continue;
		fprintf(stderr, "lustre-init: %s%s takes no %s; %s\n", verb->name,
			rows[i].option == TAKES_MACHINE ? " is of this machine, and" : "",
			rows[i].name, rows[i].who);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int check_arguments(const struct verb *verb, const struct arguments *arguments)
{
	if (check_options(verb, given(arguments)) != EXIT_DONE)
		return EXIT_USAGE;
	if (arguments->json && arguments->svg)
		fputs("lustre-init: --json and --svg are two forms of one thing; give one\n",
		      stderr);
	else if (arguments->timeout_sec > 0 && verb->takes & TAKES_WAIT && !arguments->wait)
		fprintf(stderr, "lustre-init: --timeout of %s goes with --wait\n", verb->name);
	else if (arguments->word_count > 0)
		fprintf(stderr, "lustre-init: %s takes no '%s'\n", verb->name, arguments->words[0]);
	else
		return EXIT_DONE;
	return EXIT_USAGE;
}

static int run_verb(const char *name, const struct arguments *arguments)
{
	for (size_t i = 0; i < VERB_COUNT; i++) {
		int code;

		if (strcmp(verbs[i].name, name) != 0)
			continue;
		if (!verbs[i].run) {
			fprintf(stderr, "lustre-init: the options of %s stand behind it\n", name);
			return EXIT_USAGE;
		}
		code = check_arguments(&verbs[i], arguments);
		return code == EXIT_DONE ? verbs[i].run(arguments) : code;
	}
	fprintf(stderr, "lustre-init: there is no verb '%s'; lustre-init --help lists them\n",
		name);
	return EXIT_USAGE;
}

/* Its options are its own; of those that stand before other verbs it has --json. */
static bool bring_check_forward(int argc, char **argv)
{
	char *verb;
	int at = 1;

	while (at < argc && strcmp(argv[at], "--json") == 0)
		at++;
	if (at == argc || strcmp(argv[at], "check") != 0)
		return false;
	verb = argv[at];
	memmove(&argv[2], &argv[1], (size_t)(at - 1) * sizeof(argv[0]));
	argv[1] = verb;
	return true;
}

static int run(int argc, char **argv)
{
	struct arguments arguments = { .node.nvme_vendor = stand_in_vendor() };
	int option, code;

	if (bring_check_forward(argc, argv))
		return verb_check(argc - 1, argv + 1);
	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		code = take_option(option, &arguments);
		if (code >= 0)
			return code;
	}
	if (optind == argc) {
		print_help();
		return EXIT_USAGE;
	}
	arguments.words = argv + optind + 1;
	arguments.word_count = argc - optind - 1;
	return run_verb(argv[optind], &arguments);
}

int main(int argc, char **argv)
{
	struct report_streams streams;
	struct error err;

	if (startup_put_in_order(&err) < 0 || report_streams_open(&streams, &err) < 0) {
		fprintf(stderr, "lustre-init: %s\n", err.text);
		return EXIT_FAILED;
	}
	return report_streams_close(&streams, run(argc, argv));
}
