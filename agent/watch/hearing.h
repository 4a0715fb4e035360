/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The watch over what EC2 says: notices, tags that are not those that were applied, and a metadata
 * service that says nothing. A notice that ends the instance takes the targets out of service
 * (leave.h); nothing else is acted on.
 */

#include "model/status.h"
#include "model/watch.h"
#include "watch/leave.h"

#include <systemd/sd-event.h>

struct hearing;

struct hearing_options {
	sd_event *loop;
	const char *endpoint; /* of the metadata service; NULL: EC2's own */
	struct watch *watch;  /* its notices, changed_tags and metadata_trouble are kept */
	struct leave *leave;
	/* The report of this boot, as far as it goes; NULL for none. */
	const struct status *(*status)(void *userdata);
	/* What began or ended is to be told, and its hooks run where leave does not. */
	void (*tell)(const struct watch_event *event, bool with_hooks, void *userdata);
	/* The hooks alone, of what was told without and leave has passed over. */
	void (*run_hooks)(const struct watch_event *event, void *userdata);
	/* Called when all that an answer brought is told. */
	void (*changed)(void *userdata);
	void *userdata;
};

/*
 * -ENODEV: this is no EC2 instance, and no endpoint was named: there is nobody to hear. What the
 * options point to outlives it.
 */
int hearing_start(const struct hearing_options *options, struct hearing **ret, struct error *err);
struct hearing *hearing_end(struct hearing *hearing); /* returns NULL, and accepts it */
