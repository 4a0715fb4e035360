// SPDX-License-Identifier: Apache-2.0
/* lctl: outputs and exit codes as in facts, sections 4, 5 and 6. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "local.h"
#include "ping.h"
#include "tools.h"

enum { VALUE_SIZE = 16384 };

static int list_nids(const struct conf *conf, int argc, char **argv)
{
	struct lnet_state state;

	(void)argc;
	(void)argv;
	local_lnet_state(conf, &state);
	if (state.phase == LNET_NOT_LOADED) {
		fprintf(stderr, "Writer error: failed to resolve Netlink family id\n"
				"opening /dev/lnet failed: No such file or directory\n"
				"hint: the kernel modules may not be loaded\n"
				"IOC_LIBCFS_GET_NI error 2: No such file or directory\n");
		return 1;
	}
	if (state.phase == LNET_DOWN) {
		fprintf(stderr, "Reader error: 'LNet stack down' at 0\n"
				"IOC_LIBCFS_GET_NI error 100: Network is down\n");
		return 1;
	}
	for (size_t i = 0; i < state.count; i++)
		printf("%s\n", state.nis[i].nid.text);
	return 0;
}

static int network(const struct conf *conf, int argc, char **argv)
{
	bool up = argc > 2 && (!strcmp(argv[2], "up") || !strcmp(argv[2], "configure"));
	struct message message = { 0 };
	int r;

	put_u32(&message, 1);
	r = local_call(conf, up ? OP_LNET_CONFIGURE : OP_LNET_UNCONFIGURE, &message);
	message_done(&message);
	if (r < 0) {
		fprintf(stderr, "LNET %s error %d: %s\n", up ? "configure" : "unconfigure", -r,
			strerror(-r));
		return -r & 255;
	}
	printf(up ? "LNET configured: New Created\n" : "LNET ready to unload\n");
	return 0;
}

static int ping(const struct conf *conf, int argc, char **argv)
{
	struct message message = { 0 };
	char nid[64];
	int r;

	if (argc < 3) {
		fprintf(stderr, "usage: ping nid [timeout [pid]]\n");
		return 255;
	}
	r = lnet_ping(conf, argv[2], argc > 3 ? strtod(argv[3], NULL) : 0, &message);
	if (r < 0) {
		fprintf(stderr, "failed to ping %s: %s\n", argv[2], strerror(-r));
	} else {
		printf("12345-0@lo\n");
		for (uint32_t count = get_u32(&message); count > 0 && !message.bad; count--) {
			get_string(&message, nid, sizeof(nid));
			printf("12345-%s\n", nid);
		}
	}
	message_done(&message);
	return -r & 255;
}

static int devices(const struct conf *conf, int argc, char **argv)
{
	struct message message = { 0 };
	char text[VALUE_SIZE];
	int r = local_call(conf, OP_DEVICES, &message);

	(void)argc;
	(void)argv;
	if (r < 0) {
		fprintf(stderr, "Writer error: failed to resolve Netlink family id\n");
	} else {
		get_string(&message, text, sizeof(text));
		fputs(text, stdout);
	}
	message_done(&message);
	return r < 0 ? 2 : 0;
}

/* Prints what matches; true if anything did. */
static bool print_matches(struct message *message, const char *pattern, bool bare)
{
	char name[256], value[VALUE_SIZE];
	bool found = false;

	message->position = 0;
	while (message->position < message->length && !message->bad) {
		get_string(message, name, sizeof(name));
		get_string(message, value, sizeof(value));
		if (message->bad || fnmatch(pattern, name, 0))
			continue;
		found = true;
		if (bare)
			printf("%s\n", value);
		else
			printf("%s=%s%s\n", name, strchr(value, '\n') ? "\n" : "", value);
	}
	return found;
}

static int get_param(const struct conf *conf, int argc, char **argv)
{
	struct message message = { 0 };
	bool bare = false;
	int status = 0;

	if (local_call(conf, OP_PARAMETERS, &message) < 0)
		message_reset(&message);
	for (int i = 2; i < argc; i++) {
		if (argv[i][0] == '-') {
			bare |= strchr(argv[i], 'n') != NULL;
			continue;
		}
		for (char *c = argv[i]; *c; c++)
			*c = *c == '/' ? '.' : *c;
		if (print_matches(&message, argv[i], bare))
			continue;
		fprintf(stderr, "error: get_param: param_path '%s': No such file or directory\n",
			argv[i]);
		status = ENOENT;
	}
	message_done(&message);
	return status;
}

/* Sets every parameter that matches; -ENOENT if none can be set. */
static int set_matches(const struct conf *conf, struct message *known, const char *pattern,
		       const char *value)
{
	char name[256], old[VALUE_SIZE];
	int result = -ENOENT;

	known->position = 0;
	while (known->position < known->length && !known->bad) {
		struct message message = { 0 };

		get_string(known, name, sizeof(name));
		get_string(known, old, sizeof(old));
		if (known->bad || fnmatch(pattern, name, 0))
			continue;
		put_string(&message, name);
		put_string(&message, value);
		if (local_call(conf, OP_PARAMETER_SET, &message) == 0) {
			printf("%s=%s\n", name, value);
			result = 0;
		}
		message_done(&message);
	}
	return result;
}

static int set_param(const struct conf *conf, int argc, char **argv)
{
	struct message message = { 0 };
	int status = 0;

	if (local_call(conf, OP_PARAMETERS, &message) < 0)
		message_reset(&message);
	for (int i = 2; i < argc; i++) {
		char *equals = strchr(argv[i], '=');

		if (argv[i][0] == '-')
			continue;
		if (equals)
			*equals = '\0';
		if (equals && set_matches(conf, &message, argv[i], equals + 1) == 0)
			continue;
		fprintf(stderr, "error: set_param: param_path '%s': No such file or directory\n",
			argv[i]);
		status = ENOENT;
	}
	message_done(&message);
	return status;
}

static int replace_nids(const struct conf *conf, int argc, char **argv)
{
	struct message message = { 0 };
	struct nid nids[NIDS_MAX];
	char list[NIDS_SIZE];
	int count, r;

	count = argc > 3 ? nid_list_parse(argv[3], nids, NIDS_MAX) : -1;
	if (count <= 0) {
		fprintf(stderr, "usage: replace_nids <device> <nid1>[,nid2,nid3]\n");
		return EINVAL;
	}
	nid_list_format(nids, (size_t)count, list, sizeof(list));
	put_string(&message, argv[2]);
	put_string(&message, list);
	r = local_call(conf, OP_MGS_REPLACE_NIDS, &message);
	message_done(&message);
	if (r < 0)
		fprintf(stderr, "error: replace_nids: %s\n", strerror(-r));
	return -r & 255;
}

/* A target's entries: each of its NIDs, under the first of them. */
static void print_entries(const char *name, const char *list, int *index)
{
	struct nid nids[NIDS_MAX];
	int count = nid_list_parse(list, nids, NIDS_MAX);

	for (int i = 0; i < count; i++)
		printf("- { index: %d, event: add_uuid, nid: %s, node: %s }\n", (*index)++,
		       nids[i].text, nids[0].text);
	printf("- { index: %d, event: attach, device: %s-osc, type: osc }\n", (*index)++, name);
	printf("- { index: %d, event: setup, device: %s-osc, UUID: %s_UUID, node: %s }\n",
	       (*index)++, name, name, count > 0 ? nids[0].text : "");
}

/* The registry as the client log has it (facts 5). */
static int llog_print(const struct conf *conf, int argc, char **argv)
{
	struct message message = { 0 };
	char fsname[NAME_SIZE], name[NAME_SIZE], nids[NIDS_SIZE];
	int r, index = 1;

	snprintf(fsname, sizeof(fsname), "%.*s", argc > 2 ? (int)strcspn(argv[2], "-") : 0,
		 argc > 2 ? argv[2] : "");
	put_string(&message, fsname);
	r = local_call(conf, OP_MGS_TARGETS, &message);
	if (r == 0) {
		for (uint32_t count = get_u32(&message); count > 0 && !message.bad; count--) {
			get_string(&message, name, sizeof(name));
			get_string(&message, nids, sizeof(nids));
			if (!*nids)
				continue;
			print_entries(name, nids, &index);
		}
	}
	message_done(&message);
	return -r & 255;
}

/* Recovery is not played: there is never any to abort. */
static int abort_recovery(const struct conf *conf, int argc, char **argv)
{
	(void)conf;
	(void)argc;
	(void)argv;
	return 0;
}

int lctl_main(const struct conf *conf, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct conf *conf, int argc, char **argv);
	} verbs[] = {
		{ "list_nids", list_nids },
		{ "network", network },
		{ "net", network },
		{ "ping", ping },
		{ "dl", devices },
		{ "device_list", devices },
		{ "get_param", get_param },
		{ "set_param", set_param },
		{ "replace_nids", replace_nids },
		{ "llog_print", llog_print },
		{ "abort_recovery", abort_recovery },
	};

	/* `--device NAME VERB` names what these verbs find by themselves. */
	if (argc > 3 && !strcmp(argv[1], "--device")) {
		argc -= 2;
		argv += 2;
	}
	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!strcmp(verbs[i].name, argv[1]))
			return verbs[i].run(conf, argc, argv);
	}
	fprintf(stderr, "lctl: unknown command\n");
	return 1;
}
