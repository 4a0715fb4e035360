// SPDX-License-Identifier: Apache-2.0
/* lnetctl: outputs, YAML errors on stderr and exit codes as in facts, section 4. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lnet_import.h"
#include "local.h"
#include "ping.h"
#include "tool_time.h"
#include "tools.h"

enum {
	EXIT_INVALID = -EINVAL & 255, /* 234, whatever the YAML says */
	NO_INTERFACE = 42,
};

static int yaml_error(const char *verb, const char *object, int error, const char *text)
{
	fprintf(stderr, "%s:\n    - %s:\n          errno: %d\n          descr: ! \"%s\"\n", verb,
		object, error, text);
	return EXIT_INVALID;
}

static int not_loaded(void)
{
	fprintf(stderr, "Writer error: failed to resolve Netlink family id\n");
	return EXIT_INVALID;
}

static int call(const struct conf *conf, enum operation operation, const char *first,
		const char *second)
{
	struct message message = { 0 };
	int r;

	if (first)
		put_string(&message, first);
	if (second)
		put_string(&message, second);
	r = local_call(conf, operation, &message);
	message_done(&message);
	return r;
}

static int lnet_verb(const struct conf *conf, int argc, char **argv)
{
	struct message message = { 0 };
	const char *verb = argc > 2 ? argv[2] : "";
	int r;

	if (!strcmp(verb, "configure")) {
		put_u32(&message,
			argc > 3 && (!strcmp(argv[3], "--all") || !strcmp(argv[3], "-a")));
		r = local_call(conf, OP_LNET_CONFIGURE, &message);
		message_done(&message);
		if (r < 0)
			yaml_error("configure", "lnet", r, strerror(-r));
	} else if (!strcmp(verb, "unconfigure")) {
		r = call(conf, OP_LNET_UNCONFIGURE, NULL, NULL);
		if (r < 0)
			yaml_error("unconfigure", "lnet", r,
				   r == -EBUSY ? "Object busy" : strerror(-r));
	} else {
		fprintf(stderr, "usage: lnetctl lnet {configure [--all] | unconfigure}\n");
		return EXIT_INVALID;
	}
	return r & 255;
}

static void show_tunables(const struct lnet_ni *ni)
{
	if (ni->peer_credits)
		printf("          tunables:\n              peer_credits: %u\n", ni->peer_credits);
	if (ni->conns)
		printf("          lnd tunables:\n              conns_per_peer: %u\n", ni->conns);
}

static void show_ni(const struct lnet_state *state, const char *net, bool tunables)
{
	bool first = true;

	for (size_t i = 0; i < state->count; i++) {
		if (strcmp(state->nis[i].nid.net, net) != 0)
			continue;
		if (first)
			printf("    - net type: %s\n      local NI(s):\n", net);
		first = false;
		printf("        - nid: %s\n          status: up\n          interfaces:\n"
		       "              0: %s\n",
		       state->nis[i].nid.text, state->nis[i].interface);
		if (tunables)
			show_tunables(&state->nis[i]);
	}
}

static int net_show(const struct conf *conf, bool tunables)
{
	struct lnet_state state;

	local_lnet_state(conf, &state);
	if (state.phase == LNET_NOT_LOADED)
		return not_loaded();
	if (state.phase == LNET_DOWN)
		return yaml_error("show", "net", -ENETDOWN, "LNet stack down");
	printf("net:\n    - net type: lo\n      local NI(s):\n        - nid: 0@lo\n"
	       "          status: up\n");
	for (size_t i = 0; i < state.count; i++) {
		bool seen = false;

		for (size_t j = 0; j < i; j++)
			seen |= !strcmp(state.nis[j].nid.net, state.nis[i].nid.net);
		if (!seen)
			show_ni(&state, state.nis[i].nid.net, tunables);
	}
	return 0;
}

/* What `net add` was told beside the net and where it is. */
struct add_options {
	unsigned conns, peer_credits; /* 0: not told */
	bool routes;
};

static int net_add(const struct conf *conf, const char *net, const char *interface,
		   const struct add_options *options)
{
	struct message message = { 0 };
	double began = monotonic_seconds();
	int r;

	put_string(&message, net);
	put_string(&message, interface);
	put_u32(&message, options->conns);
	put_u32(&message, options->peer_credits);
	r = local_call(conf, OP_NET_ADD, &message);
	message_done(&message);
	if (r < 0)
		return yaml_error("add", "net", r, "cannot add LNet NI");
	tool_time_fill(conf, TOOL_TIME_NET_ADD, began);
	if (!options->routes)
		return 0;
	/* ksocklnd-config sets up routes for several cards, after the NI is up (facts 12). */
	tool_time_fill(conf, TOOL_TIME_ROUTES, monotonic_seconds());
	/* The real one lets a helper's route line through. */
	printf("%s proto kernel scope link\n", interface);
	return 0;
}

static const char *option_value(int argc, char **argv, const char *name)
{
	size_t length = strlen(name);

	for (int i = 3; i < argc; i++) {
		if (!strcmp(argv[i], name) && i + 1 < argc)
			return argv[i + 1];
		if (!strncmp(argv[i], name, length) && argv[i][length] == '=')
			return argv[i] + length + 1;
	}
	return NULL;
}

static bool has_option(int argc, char **argv, const char *name)
{
	bool found = false;

	for (int i = 3; i < argc; i++)
		found |= !strcmp(argv[i], name);
	return found;
}

static unsigned option_number(int argc, char **argv, const char *name)
{
	const char *value = option_value(argc, argv, name);

	return value ? (unsigned)strtoul(value, NULL, 10) : 0;
}

static int net_add_help(const struct conf *conf)
{
	printf("net add: add a network\n\t--net: net name (e.g. tcp0)\n"
	       "\t--if: physical interface (e.g. eth0)\n%s"
	       "\t--skip-mr-route-setup: do not add linux route for the ni\n",
	       conf->without_nid ? ""
				 : "\t--nid: bring up NI based on the address of the "
				   "specified LNet NID\n");
	return 1;
}

/* The net is that of the NID. */
static int net_add_nid(const struct conf *conf, const char *nid, const char *net,
		       const struct add_options *options)
{
	const char *at = strchr(nid, '@');

	if (conf->without_nid) {
		fprintf(stderr, "lnetctl: unrecognized option '--nid'\n");
		net_add_help(conf);
		return 0;
	}
	if (net) {
		printf("--net is invalid with --nid option\n");
		return EXIT_INVALID;
	}
	return net_add(conf, at ? at + 1 : "tcp", nid, options);
}

static int net_verb(const struct conf *conf, int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[2] : "", *net = option_value(argc, argv, "--net");
	const char *interface = option_value(argc, argv, "--if");
	const char *nid = option_value(argc, argv, "--nid");
	const struct add_options options = {
		.conns = option_number(argc, argv, "--conns-per-peer"),
		.peer_credits = option_number(argc, argv, "--peer-credits"),
		.routes = !has_option(argc, argv, "--skip-mr-route-setup"),
	};
	int r;

	if (!strcmp(verb, "show"))
		return net_show(conf, has_option(argc, argv, "-v"));
	if (!strcmp(verb, "add") && nid)
		return net_add_nid(conf, nid, net, &options);
	if (!net || (!strcmp(verb, "add") && !interface)) {
		fprintf(stderr, "usage: lnetctl net {show | add --net NET --if IF | del --net NET "
				"[--if IF]}\n");
		return EXIT_INVALID;
	}
	if (!strcmp(verb, "add"))
		return net_add(conf, net, interface, &options);
	r = call(conf, OP_NET_DEL, net, interface ? interface : "");
	return r < 0 ? yaml_error("del", "net", r, "cannot del network") : 0;
}

static int import_one(const struct conf *conf, const struct import *import)
{
	char text[64];

	if (!if_nametoindex(import->interface)) {
		snprintf(text, sizeof(text), "No interface matching '%s'", import->interface);
		yaml_error("add", "net", -NO_INTERFACE, text);
		return -NO_INTERFACE & 255;
	}
	return net_add(conf, import->net, import->interface, &(struct add_options){ .conns = 0 });
}

static int import_verb(const struct conf *conf, int argc, char **argv)
{
	struct import imports[IMPORT_MAX];
	const char *path = NULL;
	FILE *file = stdin;
	size_t count;
	int r = 0;

	for (int i = 2; i < argc; i++) {
		if (argv[i][0] != '-')
			path = argv[i];
	}
	if (path)
		file = fopen(path, "re");
	if (!file) {
		fprintf(stderr, "lnetctl: cannot open '%s': %s\n", path, strerror(errno));
		return EXIT_INVALID;
	}
	count = lnet_import_read(file, imports);
	if (path)
		fclose(file);
	for (size_t i = 0; i < count && r == 0; i++)
		r = import_one(conf, &imports[i]);
	return r;
}

static int ping_verb(const struct conf *conf, int argc, char **argv)
{
	struct message message = { 0 };
	char nid[64];
	int r = argc > 2 ? lnet_ping(conf, argv[argc - 1], 0, &message) : -EINVAL;

	if (r == 0) {
		printf("ping:\n    - primary nid: %s\n      Multi-Rail: True\n      peer ni:\n",
		       argv[argc - 1]);
		for (uint32_t count = get_u32(&message); count > 0 && !message.bad; count--) {
			get_string(&message, nid, sizeof(nid));
			printf("        - nid: %s\n", nid);
		}
	} else {
		yaml_error("manage", "ping", r, "failed to ping");
	}
	message_done(&message);
	return r == 0 ? 0 : 255;
}

/* `set discovery 1` */
static int set_verb(const struct conf *conf, int argc, char **argv)
{
	struct message message = { 0 };
	int r;

	if (argc < 4 || strcmp(argv[2], "discovery") != 0) {
		fprintf(stderr, "usage: lnetctl set discovery {0 | 1}\n");
		return EXIT_INVALID;
	}
	put_u32(&message, !strcmp(argv[3], "1"));
	r = local_call(conf, OP_DISCOVERY, &message);
	message_done(&message);
	return r < 0 ? yaml_error("set", "discovery", r, "cannot set discovery") : 0;
}

static int global_verb(const struct conf *conf, int argc, char **argv)
{
	struct lnet_state state;

	(void)argc;
	(void)argv;
	local_lnet_state(conf, &state);
	printf("global:\n    discovery: %d\n", state.discovery);
	return 0;
}

/* `udsp add --src NET --priority N`, `udsp show` */
static int udsp_verb(const struct conf *conf, int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[2] : "", *net = option_value(argc, argv, "--src");
	struct lnet_state state;
	int r;

	if (!strcmp(verb, "show")) {
		local_lnet_state(conf, &state);
		printf("udsp:\n");
		for (size_t i = 0; i < state.rule_count; i++)
			printf("    - idx: %zu\n      src: %s\n      action:\n"
			       "          priority: 0\n",
			       i, state.rules[i]);
		return 0;
	}
	if (strcmp(verb, "add") != 0 || !net) {
		fprintf(stderr, "usage: lnetctl udsp {show | add --src NET --priority N}\n");
		return EXIT_INVALID;
	}
	r = call(conf, OP_UDSP_ADD, net, NULL);
	return r < 0 ? yaml_error("add", "udsp", r, strerror(-r)) : 0;
}

int lnetctl_main(const struct conf *conf, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct conf *conf, int argc, char **argv);
	} verbs[] = {
		{ "lnet", lnet_verb }, { "net", net_verb },       { "import", import_verb },
		{ "set", set_verb },   { "global", global_verb }, { "udsp", udsp_verb },
		{ "ping", ping_verb },
	};

	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		struct lnet_state state;

		if (strcmp(verbs[i].name, argv[1]) != 0)
			continue;
		/* Help asks no kernel. */
		if (argc == 4 && !strcmp(argv[1], "net") && !strcmp(argv[2], "add") &&
		    has_option(argc, argv, "--help"))
			return net_add_help(conf);
		local_lnet_state(conf, &state);
		return state.phase == LNET_NOT_LOADED ? not_loaded()
						      : verbs[i].run(conf, argc, argv);
	}
	fprintf(stderr, "usage: lnetctl {lnet | net | import | ping} ...\n");
	return EXIT_INVALID;
}
