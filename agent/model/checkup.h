/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a check-up looks at beyond the facts that a plan needs. `doctor` reads it from the running
 * system, or from checkup.json of a recorded machine.
 */

#include "base/error.h"
#include "base/words.h"
#include "model/mgs_answer.h"
#include "model/spec/nid.h"

struct checkup_mgs {
	char nid[300];
	enum mgs_answer answer;
};
#define CHECKUP_MGS_MAX 16 /* of the key `mgs` */

/* A net of LNET as it runs. */
struct checkup_net {
	char nid[NID_TEXT_MAX];
	unsigned conns; /* bulk connections to each peer */
};
#define CHECKUP_NETS_MAX 64

struct checkup {
	char metadata_error[ERROR_TEXT_MAX]; /* "" where the metadata service answered */
	bool is_elsewhere; /* there is none: this is no instance of EC2, as metadata_error says */
	char selinux[16];  /* "enforcing", "permissive"; "" where it is off */
	struct words filesystems;  /* registered at the MGS of this node */
	struct words members;      /* their targets, as far as the MGS has them loaded */
	struct words exports;      /* NIDs of other nodes that it holds an export of */
	struct words exports_gone; /* those of them where no LNET answers */
	struct checkup_mgs mgs[CHECKUP_MGS_MAX];
	size_t mgs_count;
	struct checkup_net nets[CHECKUP_NETS_MAX]; /* those that tell how many */
	size_t net_count;
	/* Of a client here that is to have some set: "osc.lustrewt-OST0017-osc-ffff8f0a.max_…=8" */
	struct words parameters;
};

void checkup_done(struct checkup *checkup);

json_t *checkup_to_json(const struct checkup *checkup);
int checkup_from_json(const json_t *json, struct checkup *ret, struct error *err);
