// SPDX-License-Identifier: Apache-2.0
/*
 * imds-sim: the EC2 instance metadata service, with its faults. README.md is
 * its manual.
 */
#include "listener.h"
#include "serve.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LISTENERS_MAX = 8,
	/* How late a port may open or close after its time, milliseconds. */
	TICK_MS = 20,
	EXIT_USAGE = 2,
};

struct options {
	const char *listen[LISTENERS_MAX];
	size_t listen_count;
	const char *path;
	bool directory;
	const char *log;
	int ready_fd; /* -1: none */
};

static const char usage[] = "usage: imds-sim --listen ADDRESS:PORT [--listen ...] "
			    "(--nodes DIR | --node FILE) [--log FILE] [--ready-fd N]\n";

static int parse_descriptor(const char *text)
{
	char *end;
	long number = strtol(text, &end, 10);

	return *text && !*end && number >= 0 && number < 65536 ? (int)number : -1;
}

/* Returns false where the command line makes no sense. */
static bool take_option(struct options *options, int option)
{
	switch (option) {
	case 'l':
		if (options->listen_count == LISTENERS_MAX)
			return false;
		options->listen[options->listen_count++] = optarg;
		return true;
	case 'd':
	case 'n':
		if (options->path)
			return false;
		options->path = optarg;
		options->directory = option == 'd';
		return true;
	case 'o':
		options->log = optarg;
		return true;
	case 'r':
		options->ready_fd = parse_descriptor(optarg);
		return options->ready_fd >= 0;
	default:
		return false;
	}
}

static bool parse_options(int argc, char *argv[], struct options *options)
{
	static const struct option names[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "nodes", required_argument, NULL, 'd' },
		{ "node", required_argument, NULL, 'n' },
		{ "log", required_argument, NULL, 'o' },
		{ "ready-fd", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	struct stat status;
	int option;

	*options = (struct options){ .ready_fd = -1 };
	while ((option = getopt_long(argc, argv, "", names, NULL)) >= 0) {
		if (!take_option(options, option))
			return false;
	}
	if (optind != argc || !options->path || options->listen_count == 0)
		return false;
	if (options->directory && (stat(options->path, &status) < 0 || !S_ISDIR(status.st_mode))) {
		fprintf(stderr, "imds-sim: %s is not a directory\n", options->path);
		return false;
	}
	return true;
}

static void complain(const char *file, const char *problem)
{
	fprintf(stderr, "imds-sim: %s: %s\n", file, problem);
}

/* Blocked before any thread starts, so that only the main loop ever gets them. */
static sigset_t block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return set;
}

static bool bind_all(const struct options *options, struct service *service,
		     struct listener *listeners)
{
	struct problem problem;

	for (size_t i = 0; i < options->listen_count; i++) {
		if (listener_bind(&listeners[i], options->listen[i], service, &problem) < 0) {
			complain(options->listen[i], problem.text);
			return false;
		}
	}
	return true;
}

/* Opens and closes ports as the faults of the moment want it. */
static bool settle(struct service *service, struct listener *listeners, size_t count)
{
	struct problem problem;
	bool ok = true;

	for (size_t i = 0; i < count; i++) {
		bool open = !store_closes(service->store, listeners[i].name);

		if (listener_set_open(&listeners[i], open, &problem) < 0) {
			complain(listeners[i].name, problem.text);
			ok = false;
		}
	}
	return ok;
}

static void announce(const struct options *options, const struct listener *listeners)
{
	for (size_t i = 0; i < options->listen_count; i++)
		printf("listening %s\n", listeners[i].name);
	fflush(stdout);
	if (options->ready_fd >= 0) {
		dprintf(options->ready_fd, "ready %d\n", listener_port(&listeners[0]));
		close(options->ready_fd);
	}
}

/* Returns when a signal asks for the end, or false if a port could not be had any more. */
static bool run(struct service *service, struct listener *listeners, size_t count,
		const sigset_t *signals)
{
	const struct timespec tick = { .tv_nsec = TICK_MS * 1000000 };

	while (sigtimedwait(signals, NULL, &tick) < 0) {
		if (!settle(service, listeners, count))
			return false;
	}
	return true;
}

static int serve_all(const struct options *options, struct service *service)
{
	struct listener listeners[LISTENERS_MAX];
	const sigset_t signals = block_signals();
	int status = EXIT_USAGE;

	for (size_t i = 0; i < LISTENERS_MAX; i++)
		listeners[i] = (struct listener){ .socket = -1 };
	if (bind_all(options, service, listeners) &&
	    settle(service, listeners, options->listen_count)) {
		announce(options, listeners);
		status = run(service, listeners, options->listen_count, &signals) ? EXIT_SUCCESS
										  : EXIT_FAILURE;
	}
	for (size_t i = 0; i < options->listen_count; i++)
		listener_done(&listeners[i]);
	return status;
}

int main(int argc, char *argv[])
{
	struct options options;
	struct service service = { 0 };
	int status = EXIT_USAGE;

	if (!parse_options(argc, argv, &options)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	service.store = store_new(options.path, options.directory, complain);
	if (options.log)
		service.log = log_open(options.log);
	if (options.log && !service.log)
		complain(options.log, strerror(errno));
	else if (service.store)
		status = serve_all(&options, &service);

	log_close(service.log);
	store_free(service.store);
	return status;
}
