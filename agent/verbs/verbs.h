/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The verbs of the command line; main.c has their table. Each returns an exit code. */

#include "model/exit_code.h"
#include "node.h"

/* What the command line said. */
struct arguments {
	struct node_options node;
	bool json;
	bool svg;          /* timeline --svg */
	bool mount_points; /* clean --mount-points */
	bool wait;
	unsigned timeout_sec; /* of status --wait and of stop; 0: not given */
	const char *record;   /* facts --record DIR */
	char **words;         /* what is left after options and verb */
	int word_count;
};

int verb_apply(const struct arguments *arguments);
int verb_plan(const struct arguments *arguments);
int verb_facts(const struct arguments *arguments);
int verb_spec(const struct arguments *arguments);
int verb_status(const struct arguments *arguments);
int verb_doctor(const struct arguments *arguments);
int verb_timeline(const struct arguments *arguments);
int verb_watch(const struct arguments *arguments);
int verb_stop(const struct arguments *arguments);
int verb_clean(const struct arguments *arguments);

/*
 * lustre-init check [FILE] [--tags KEY=VALUE…] [--address ADDRESS/LENGTH [--instance-type TYPE]]
 * [--json], or --schema or --man, whose options are its own. argv[0] is the verb. Returns an exit
 * code: 0 good, 2 problems or usage, 3 the node would be refused, 4 nothing of ours, 1 out of
 * memory.
 */
int verb_check(int argc, char **argv);
