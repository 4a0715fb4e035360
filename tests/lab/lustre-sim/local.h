/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "conf.h"
#include "nid.h"
#include "protocol.h"

/* This node's lustre-simd, as the tools see it. */

/* A connection to it, or -ENODEV: then no Lustre module is loaded. */
int local_connect(const struct conf *conf);

/* One question, one answer. A negative errno: of the transport (-ENODEV as above), or the answer's.
 */
int local_call(const struct conf *conf, enum operation operation, struct message *message);

struct lnet_ni {
	struct nid nid;
	char interface[16];
	unsigned conns, peer_credits;
};

struct lnet_state {
	enum lnet_phase phase;
	bool lustre_loaded;
	size_t count;
	struct lnet_ni nis[NIDS_MAX];
	bool discovery;
	size_t rule_count;
	char rules[RULES_MAX][16];
};

void local_lnet_state(const struct conf *conf, struct lnet_state *ret_state);

/*
 * Loads "lnet" or "lustre" with the options given, starting lustre-simd if this is the first
 * module. -ENETDOWN when LNET could not be started for lustre.
 */
int local_load_module(const struct conf *conf, const char *name, const char *options);

/* What the kernel's autoloading does for mount: `modprobe lustre`, with the options of modprobe.d.
 */
int local_autoload(const struct conf *conf);
