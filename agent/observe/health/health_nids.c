/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/health/health_look.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <string.h>

#define NIS_SIZE_MAX 65536

/*
 * A table: its head, then a line for each NID and partition of CPUs that begins with the NID
 * (source: lnet/lnet/router_proc.c, proc_lnet_nis()). It is the kernel's own list, without a tool
 * to be run.
 */
static int take_nids(char *table, struct words *nids)
{
	char *line, *rest;
	int r = 0;

	for (line = strtok_r(table, "\n", &rest); r == 0 && line;
	     line = strtok_r(NULL, "\n", &rest)) {
		line[strcspn(line, " \t")] = '\0';
		if (strchr(line, '@'))
			r = nids_read(line, nids);
	}
	return r;
}

int health_look_at_nids(const char *root, struct health *health, struct error *err)
{
	static const char *const paths[] = { "/sys/kernel/debug/lnet/nis", "/proc/sys/lnet/nis" };
	cleanup(free_pointer) char *table = NULL;
	int r = -ENOENT;

	for (size_t i = 0; r < 0 && i < sizeof(paths) / sizeof(paths[0]); i++)
		r = file_read(root, paths[i], NIS_SIZE_MAX, &table, /* ret_size= */ NULL, NULL);
	if (r < 0) /* debugfs may be shut (lockdown), LNET may not be loaded */
		return 0;
	r = take_nids(table, &health->nids);
	if (r < 0 && r != -E2BIG)
		return error_errno(err, r, "cannot read the NIDs of this node");
	health->nids_known = r == 0;
	return 0;
}
