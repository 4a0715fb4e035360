// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "disk.h"
#include "target_options.h"
#include "tools.h"

static int read_previous(struct target_options *options)
{
	char label[LABEL_SIZE];

	if (options->verbose > 0)
		printf("checking for existing Lustre data: ");
	if (disk_read_mountdata(options->device, &options->data) < 0 ||
	    disk_label(options->device, label) < 0) {
		if (options->verbose > 0)
			printf("not found\n");
		target_fatal(options, "Device %s has not been formatted with mkfs.lustre\n",
			     options->device);
		return ENODEV;
	}
	if (options->verbose > 0)
		printf("found\n");
	mountdata_apply_label(&options->data, label);
	if (strstr(options->data.parameters, "mgsnode="))
		options->mgs_nodes++;
	if (options->verbose > 0)
		mountdata_print(&options->data, "Read previous values", options->device);
	return 0;
}

static int write_changes(struct target_options *options)
{
	char directory[PATH_MAX], label[LABEL_SIZE];
	struct mountdata *data = &options->data;

	if (disk_mounted(options->device, directory)) {
		fprintf(stderr, "%s: is currently mounted, exiting without any change\n",
			options->device);
		return EEXIST;
	}
	if ((data->flags & FLAG_WRITECONF) && !mountdata_is_mgs_only(data)) {
		snprintf(label, sizeof(label), "%.16s", data->svname);
		if (disk_set_label(options->device, label) < 0)
			return EIO;
	}
	if (options->verbose > 0)
		printf("Writing CONFIGS/mountdata\n");
	if (disk_write_mountdata(options->device, data) < 0) {
		target_fatal(options, "failed to write local files\n");
		return EIO;
	}
	return 0;
}

static int tune(struct target_options *options, int argc, char **argv)
{
	struct mountdata before;
	int r = read_previous(options);

	if (r)
		return r;
	before = options->data;
	if (options->erase_parameters) {
		options->data.parameters[0] = '\0';
		options->mgs_nodes = 0;
		options->data.flags |= FLAG_UPDATE;
	}
	r = target_options_parse(options, argc, argv);
	if (r)
		return r;
	if (!options->mount_options && !memcmp(&before, &options->data, sizeof(before))) {
		if (options->verbose > 0)
			printf("exiting because there is no change.\n");
		return 0;
	}
	r = target_options_check(options);
	if (r)
		return r;
	if (options->verbose > 0)
		mountdata_print(&options->data, "Permanent disk data", options->device);
	if (options->dryrun) {
		printf("exiting before disk write.\n");
		return 0;
	}
	return write_changes(options);
}

int tunefs_main(const struct conf *conf, int argc, char **argv)
{
	struct target_options options = { .tool = "tunefs.lustre", .tunefs = true };
	int r;

	(void)conf;
	r = target_options_early(&options, argc, argv);
	return r ? r : target_exit(&options, tune(&options, argc, argv));
}
