// SPDX-License-Identifier: Apache-2.0
#include "target_options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nid.h"

enum option_code {
	OPT_MGS = 256,
	OPT_NOMGS,
	OPT_MDT,
	OPT_OST,
	OPT_FSNAME,
	OPT_INDEX,
	OPT_MGSNODE,
	OPT_FAILNODE,
	OPT_SERVICENODE,
	OPT_MOUNT_OPTIONS,
	OPT_PARAM,
	OPT_COMMENT,
	OPT_REPLACE,
	OPT_DRYRUN,
	OPT_QUIET,
	OPT_VERBOSE,
	OPT_BACKFSTYPE,
	OPT_DEVICE_SIZE,
	OPT_MKFS_OPTIONS,
	OPT_REFORMAT,
	OPT_ERASE_PARAMS,
	OPT_WRITECONF,
	OPT_IGNORED,
};

static const struct option mkfs_table[] = {
	{ "mgs", no_argument, NULL, OPT_MGS },
	{ "nomgs", no_argument, NULL, OPT_NOMGS },
	{ "mdt", no_argument, NULL, OPT_MDT },
	{ "ost", no_argument, NULL, OPT_OST },
	{ "fsname", required_argument, NULL, OPT_FSNAME },
	{ "index", required_argument, NULL, OPT_INDEX },
	{ "mgsnode", required_argument, NULL, OPT_MGSNODE },
	{ "mgsnid", required_argument, NULL, OPT_MGSNODE },
	{ "failnode", required_argument, NULL, OPT_FAILNODE },
	{ "servicenode", required_argument, NULL, OPT_SERVICENODE },
	{ "mountfsoptions", required_argument, NULL, OPT_MOUNT_OPTIONS },
	{ "param", required_argument, NULL, OPT_PARAM },
	{ "comment", required_argument, NULL, OPT_COMMENT },
	{ "replace", no_argument, NULL, OPT_REPLACE },
	{ "dryrun", no_argument, NULL, OPT_DRYRUN },
	{ "quiet", no_argument, NULL, OPT_QUIET },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ "backfstype", required_argument, NULL, OPT_BACKFSTYPE },
	{ "device-size", required_argument, NULL, OPT_DEVICE_SIZE },
	{ "mkfsoptions", required_argument, NULL, OPT_MKFS_OPTIONS },
	{ "reformat", no_argument, NULL, OPT_REFORMAT },
	{ "stripe-count-hint", required_argument, NULL, OPT_IGNORED },
	{ 0 },
};

static const struct option tunefs_table[] = {
	{ "mgs", no_argument, NULL, OPT_MGS },
	{ "nomgs", no_argument, NULL, OPT_NOMGS },
	{ "fsname", required_argument, NULL, OPT_FSNAME },
	{ "index", required_argument, NULL, OPT_INDEX },
	{ "mgsnode", required_argument, NULL, OPT_MGSNODE },
	{ "mgsnid", required_argument, NULL, OPT_MGSNODE },
	{ "failnode", required_argument, NULL, OPT_FAILNODE },
	{ "servicenode", required_argument, NULL, OPT_SERVICENODE },
	{ "mountfsoptions", required_argument, NULL, OPT_MOUNT_OPTIONS },
	{ "param", required_argument, NULL, OPT_PARAM },
	{ "comment", required_argument, NULL, OPT_COMMENT },
	{ "dryrun", no_argument, NULL, OPT_DRYRUN },
	{ "quiet", no_argument, NULL, OPT_QUIET },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ "erase-params", no_argument, NULL, OPT_ERASE_PARAMS },
	{ "writeconf", no_argument, NULL, OPT_WRITECONF },
	{ 0 },
};

void target_fatal(const struct target_options *options, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "\n%s FATAL: ", options->tool);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
}

int target_exit(const struct target_options *options, int status)
{
	if (status)
		fprintf(stderr, "%s: exiting with %d (%s)\n", options->tool, status,
			strerror(status));
	return status;
}

void target_usage(const struct target_options *options)
{
	const struct option *table = options->tunefs ? tunefs_table : mkfs_table;

	printf("usage: %s <target type> --fsname=<filesystem name> --index=<target index> "
	       "[options] "
	       "<device>\n\n\toptions:\n",
	       options->tool);
	for (; table->name; table++)
		printf("\t\t--%s%s\n", table->name, table->has_arg ? "=<value>" : "");
}

static int next_option(const struct target_options *options, int argc, char *const argv[])
{
	return getopt_long(argc, argv, options->tunefs ? "nqv" : "b:nqv",
			   options->tunefs ? tunefs_table : mkfs_table, NULL);
}

static bool backend_known(const char *type)
{
	return !strcmp(type, "ldiskfs") || !strcmp(type, "ext3");
}

int target_options_early(struct target_options *options, int argc, char *const argv[])
{
	int code;

	options->verbose = 1;
	if (argc < 2) {
		target_usage(options);
		return EINVAL;
	}
	optind = 0;
	opterr = 0;
	while ((code = next_option(options, argc, argv)) != -1) {
		if (code == OPT_QUIET || code == 'q')
			options->verbose--;
		else if (code == OPT_VERBOSE || code == 'v')
			options->verbose++;
		else if (code == OPT_ERASE_PARAMS)
			options->erase_parameters = true;
	}
	if (optind >= argc) {
		target_fatal(options, "Not enough arguments - device name or pool/dataset name not "
				      "specified.\n");
		return EINVAL;
	}
	if (optind < argc - 1) {
		fprintf(stderr,
			"%s: Only one device is allowed, but multiple devices are specified:",
			options->tool);
		for (int i = optind; i < argc; i++)
			fprintf(stderr, " %s", argv[i]);
		fprintf(stderr, "\n");
		return EINVAL;
	}
	snprintf(options->device, sizeof(options->device), "%s", argv[optind]);
	return 0;
}

static int set_fsname(struct target_options *options, const char *name)
{
	size_t length = strlen(name);

	if (length < 1 || length > 8) {
		fprintf(stderr, "%s: filesystem name must be 1-8 chars\n", options->tool);
		return 1;
	}
	for (const char *c = name; *c; c++) {
		if (isalnum((unsigned char)*c) || *c == '_' || *c == '-')
			continue;
		fprintf(stderr, "%s: char '%c' not allowed in filesystem name\n", options->tool,
			*c);
		return 1;
	}
	snprintf(options->data.fsname, sizeof(options->data.fsname), "%s", name);
	return 0;
}

static int set_index(struct target_options *options, const char *text)
{
	char *end;
	unsigned long index = strtoul(text, &end, !strncmp(text, "0x", 2) ? 16 : 10);

	if (*end || !*text) {
		fprintf(stderr,
			"%s: wrong index %s. Target index must be decimal or hexadecimal.\n",
			options->tool, text);
		return 1;
	}
	if (index >= INDEX_LIMIT) {
		fprintf(stderr, "%s: wrong index %lu. Target index must be less than %d.\n",
			options->tool, index, INDEX_LIMIT);
		return 1;
	}
	options->data.index = (uint32_t)index;
	options->data.flags &= ~(uint32_t)FLAG_NEED_INDEX;
	options->index_given = true;
	return 0;
}

static int add_parameter(struct target_options *options, const char *key, const char *value)
{
	char *all = options->data.parameters;
	size_t used = strlen(all), size = sizeof(options->data.parameters);

	if ((size_t)snprintf(all + used, size - used, " %s%s%s", key, *key ? "=" : "", value) >=
	    size - used)
		return E2BIG;
	return 0;
}

static int add_nids(struct target_options *options, const char *key, const char *list)
{
	struct nid nids[NIDS_MAX] = { 0 };
	char text[512];
	int count = nid_list_parse(list, nids, NIDS_MAX);

	if (count <= 0) {
		const char *bad = list;

		for (size_t i = 0; i < NIDS_MAX && *nids[i].text; i++)
			bad = nids[i].text;
		fprintf(stderr, "%s: Unsupported NID '%s': rc = Unknown error -22.\n",
			options->tool, bad);
		fprintf(stderr, "%s: Can't parse NID '%s'\n", options->tool, bad);
		return 1;
	}
	nid_list_format(nids, (size_t)count, text, sizeof(text));
	return add_parameter(options, key, text);
}

/* Each of the two once, never both: mirrored in the parameters that were stored so far. */
static int add_failover(struct target_options *options, bool service, const char *list)
{
	uint32_t *flags = &options->data.flags;
	char other[64];
	bool had = mountdata_parameter(&options->data, "failover.node", 0, other, sizeof(other));

	if (had && service != !!(*flags & FLAG_NO_PRIMNODE)) {
		fprintf(stderr, "%s: %s cannot use with --%s\n", options->tool,
			service ? "servicenode" : "failnode", service ? "failnode" : "servicenode");
		return 1;
	}
	*flags |= FLAG_UPDATE;
	if (service)
		*flags |= FLAG_NO_PRIMNODE;
	return add_nids(options, "failover.node", list);
}

static int set_option(struct target_options *options, int code, const char *value);

static int set_value(struct target_options *options, enum option_code code, const char *value)
{
	switch ((int)code) {
	case OPT_FSNAME:
		return set_fsname(options, value);
	case OPT_INDEX:
		return set_index(options, value);
	case OPT_MGSNODE:
		options->mgs_nodes++;
		return add_nids(options, "mgsnode", value);
	case OPT_FAILNODE:
	case OPT_SERVICENODE:
		return add_failover(options, code == OPT_SERVICENODE, value);
	case OPT_PARAM:
		options->data.flags |= FLAG_UPDATE;
		return add_parameter(options, "", value);
	case OPT_COMMENT:
		snprintf(options->data.comment, sizeof(options->data.comment), "%s", value);
		return 0;
	case OPT_MOUNT_OPTIONS:
		options->mount_options = value;
		return 0;
	case OPT_DEVICE_SIZE:
		options->device_kb = strtoull(value, NULL, 10);
		return 0;
	case OPT_MKFS_OPTIONS:
		snprintf(options->mkfs_options, sizeof(options->mkfs_options), "%s", value);
		return 0;
	case 'b':
	case OPT_BACKFSTYPE:
		if (backend_known(value))
			return 0;
		fprintf(stderr, "%s: invalid backend filesystem type %s\n", options->tool, value);
		return EINVAL;
	}
	return EINVAL;
}

static int set_option(struct target_options *options, int code, const char *value)
{
	uint32_t *flags = &options->data.flags;

	switch (code) {
	case OPT_MGS:
		*flags |= TARGET_MGS;
		return 0;
	case OPT_NOMGS:
		*flags &= ~(uint32_t)TARGET_MGS;
		return 0;
	case OPT_MDT:
		*flags |= TARGET_MDT;
		return 0;
	case OPT_OST:
		*flags |= TARGET_OST;
		return 0;
	case OPT_WRITECONF:
		*flags |= FLAG_WRITECONF;
		return 0;
	case OPT_REPLACE:
		options->replace = true;
		return 0;
	case OPT_REFORMAT:
		options->reformat = true;
		return 0;
	case 'n':
	case OPT_DRYRUN:
		options->dryrun = true;
		return 0;
	case 'q':
	case 'v':
	case OPT_QUIET:
	case OPT_VERBOSE:
	case OPT_ERASE_PARAMS:
	case OPT_IGNORED:
		return 0;
	}
	return code == '?' ? EINVAL : set_value(options, (enum option_code)code, value);
}

int target_options_parse(struct target_options *options, int argc, char *const argv[])
{
	int code, r;

	optind = 0;
	opterr = 1;
	while ((code = next_option(options, argc, argv)) != -1) {
		r = set_option(options, code, optarg);
		if (r)
			return r;
	}
	if (options->tunefs && options->index_given &&
	    !(options->data.flags & (FLAG_FIRST_TIME | FLAG_WRITECONF))) {
		fprintf(stderr, "%s: cannot change the index of a registered target\n",
			options->tool);
		return 1;
	}
	if (options->replace)
		options->data.flags &= ~(uint32_t)FLAG_FIRST_TIME;
	return 0;
}

static int check_type(struct target_options *options)
{
	uint32_t *flags = &options->data.flags;

	if (!(*flags & (TARGET_MDT | TARGET_OST | TARGET_MGS))) {
		target_fatal(options, "must set target type: MDT,OST,MGS\n");
		return EINVAL;
	}
	if ((*flags & (TARGET_MDT | TARGET_MGS)) && (*flags & TARGET_OST)) {
		target_fatal(options, "OST type is exclusive with MDT,MGS\n");
		return EINVAL;
	}
	if (mountdata_is_mgs_only(&options->data)) {
		options->index_on_mgs = options->index_given;
		*flags &= ~(uint32_t)FLAG_NEED_INDEX;
	}
	if (*flags & FLAG_NEED_INDEX)
		fprintf(stderr,
			"warning: %s: for Lustre 2.4 and later, the target index must be specified "
			"with --index\n",
			options->device);
	if ((*flags & TARGET_MDT) && options->data.index == INDEX_UNASSIGNED) {
		*flags &= ~(uint32_t)FLAG_NEED_INDEX;
		options->data.index = 0;
	}
	return 0;
}

static int check_membership(struct target_options *options)
{
	uint32_t flags = options->data.flags;
	bool spared = options->tunefs && (options->dryrun || options->erase_parameters);

	if (!(flags & TARGET_MGS) && !options->mgs_nodes && !spared) {
		target_fatal(options, flags & TARGET_MDT ? "Must specify --mgs or --mgsnode\n"
							 : "Must specify --mgsnode\n");
		return EINVAL;
	}
	if ((flags & (TARGET_MDT | TARGET_OST)) && !*options->data.fsname) {
		target_fatal(options, "Must specify --fsname for MDT/OST device\n");
		return EINVAL;
	}
	return 0;
}

int target_options_check(struct target_options *options)
{
	struct mountdata *data = &options->data;
	int r = check_type(options);

	if (r || options->index_on_mgs)
		return r;
	r = check_membership(options);
	if (r)
		return r;
	if (options->mount_options || !*data->mount_options) {
		const char *asked = options->mount_options;
		const char *base = data->flags & (TARGET_MDT | TARGET_MGS) ? "user_xattr" : "";

		if (asked)
			base = asked;
		snprintf(data->mount_options, sizeof(data->mount_options), "%s%s%s", base,
			 strstr(base, "errors=") ? "" : (*base ? "," : ""),
			 strstr(base, "errors=") ? "" : "errors=remount-ro");
	}
	mountdata_name(data);
	return 0;
}
