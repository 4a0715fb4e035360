// SPDX-License-Identifier: Apache-2.0
/* One program under many names: as `mkfs.lustre ...` by its link, or as `lustre-sim mkfs.lustre
 * ...`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools.h"

struct tool {
	const char *name;
	int (*run)(const struct conf *conf, int argc, char **argv);
};

static const struct tool tools[] = {
	{ "mkfs.lustre", mkfs_main },   { "tunefs.lustre", tunefs_main },
	{ "mount.lustre", mount_main }, { "umount.lustre", umount_main },
	{ "lnetctl", lnetctl_main },    { "lctl", lctl_main },
	{ "lustre_rmmod", rmmod_main }, { "lfs", lfs_main },
	{ "lustre-simd", simd_main },   { "module", module_main },
};

static const struct tool *find_tool(const char *name)
{
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		if (!strcmp(tools[i].name, name))
			return &tools[i];
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const struct tool *tool = find_tool(slash ? slash + 1 : argv[0]);
	struct conf conf;

	if (!tool && argc > 1) {
		tool = find_tool(argv[1]);
		argc--;
		argv++;
	}
	if (!tool) {
		fprintf(stderr, "usage: lustre-sim TOOL [ARGUMENTS]; tools:");
		for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
			fprintf(stderr, " %s", tools[i].name);
		fprintf(stderr, "\n");
		return 2;
	}
	/* mount(8) leaves its helpers no PATH; the shells of the real tools then have one of their
	 * own. */
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 0);
	conf_load(&conf);
	return tool->run(&conf, argc, argv);
}
