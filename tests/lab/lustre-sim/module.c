// SPDX-License-Identifier: Apache-2.0
/* `lustre-sim module NAME [OPTIONS]`, from modprobe's install lines, and lustre_rmmod. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "local.h"
#include "tools.h"

int module_main(const struct conf *conf, int argc, char **argv)
{
	int r;

	if (argc < 2) {
		fprintf(stderr, "usage: lustre-sim module NAME [OPTIONS]\n");
		return 2;
	}
	r = local_load_module(conf, argv[1], argc > 2 ? argv[2] : "");
	if (r < 0) {
		fprintf(stderr, "modprobe: ERROR: could not insert '%s': %s\n", argv[1],
			strerror(-r));
		return 1;
	}
	return 0;
}

int rmmod_main(const struct conf *conf, int argc, char **argv)
{
	struct message message = { 0 };
	int r = local_call(conf, OP_MODULES_UNLOAD, &message);

	(void)argc;
	(void)argv;
	message_done(&message);
	if (r == -EBUSY) {
		fprintf(stderr, "rmmod: ERROR: Module lustre is in use\n");
		return 1;
	}
	return 0;
}
