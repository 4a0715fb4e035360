/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The inputs of a decision, gathered: what was asked (spec), what is here (facts), what earlier
 * boots left (state). From the running system, or from a recorded machine: a directory with
 * metadata.json, user-data, conf.d/, facts.json and state.json.
 */

#include "base/inquiry.h"
#include "base/mark.h"
#include "model/checkup.h"
#include "model/facts.h"
#include "model/metadata.h"
#include "model/spec/spec.h"
#include "model/state.h"

typedef void (*node_progress_fn)(void *userdata, const char *sentence);

struct node_options {
	const char *machine;  /* directory of a recorded machine; NULL: this one */
	const char *endpoint; /* of the metadata service; NULL: EC2's own */
	unsigned imds_timeout_sec;
	uint16_t nvme_vendor; /* stands in where a controller reports vendor 0; see
				 observe/storage/storage.h */
	/*
	 * How long disks and addresses that are on their way are waited for, over all looks. 0: a
	 * moment, as for a person who only asks.
	 */
	unsigned patience_sec;
	unsigned tag_patience_sec; /* and tags, where nothing says that the node is ours */
	node_progress_fn progress;
	node_progress_fn note; /* what a person should know; told once */
	void *userdata;
	struct marks *marks;         /* how long each step took; NULL: not wanted */
	struct inquiries *inquiries; /* what node_foresee() puts; NULL: nothing */
};

struct node {
	struct metadata metadata;
	struct spec spec;
	struct problems problems; /* of what was asked */
	struct facts facts;
	struct state state;
	uint64_t waited_usec; /* of the patience */
	char noted[256];
};

#define NODE_STATE_PATH        "/var/lib/lustre-init/state.json"
#define NODE_MOUNT_POINTS_PATH "/var/lib/lustre-init/mount-points"

void node_done(struct node *node);

/*
 * Fills metadata and spec. A specification with problems is -EINVAL, the problems in
 * node->problems; other negative results are imds_open()'s.
 */
int node_read_spec(const struct node_options *options, struct node *node, struct error *err);

#define NODE_NO_ROLE_MAX 384

/*
 * Why nothing makes it a node of ours, what it has served all the same, by the state, and how tags
 * that nobody sees are seen.
 */
void node_tell_no_role(const struct node *node, char *ret, size_t size);

/*
 * Fills state; a file that is not there is an empty state. A broken one is -EBADMSG: without it
 * nothing can tell lost disks from new ones. One that could not be read is -EIO, whatever the
 * reason: nothing is known of it, and another try may do.
 */
int node_read_state(const struct node_options *options, struct node *node, struct error *err);

/*
 * Puts to tools what the look will ask, as far as it can be known by now: by the state, where it is
 * read, and by the specification; and has the files of its modules and tools read in the
 * background. May be called again when more is known.
 */
void node_foresee(const struct node_options *options, const struct node *node);

/* Waits until all disks that are on their way are there, then fills facts. May be called again for
 * a fresh look. */
int node_observe(const struct node_options *options, struct node *node, struct error *err);

/*
 * What may come and go, as a text that changes when something does: disks, their links, interfaces
 * and addresses. Cheap enough for every second. *ret is freed by the caller.
 */
int node_glance(char **ret, struct error *err);

/* checkup.json of a recorded machine; one that is not there is a check-up that found nothing. */
int node_read_checkup(const struct node_options *options, struct checkup *ret, struct error *err);

/* Writes all of it as a recorded machine into `directory`; state.json as it was found. */
int node_record(const struct node_options *options, const struct node *node, const char *directory,
		struct error *err);
