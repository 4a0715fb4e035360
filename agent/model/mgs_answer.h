/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How far an MGS could be reached: its name, its port, its LNET. Each stage has a reason of its own
 * why it ended there, and each reason a sentence and a next step.
 */

#include "base/words.h"

#include <stdbool.h>
#include <stddef.h>

enum mgs_answer {
	MGS_UNKNOWN,      /* not asked yet */
	MGS_ANSWERS,      /* LNET answered on port 988, and a ping where one was sent */
	MGS_NO_NAME,      /* the host name does not resolve */
	MGS_NO_RESOLVER,  /* nor does anybody say that it does not */
	MGS_NO_HOST,      /* no host has the address */
	MGS_REFUSES,      /* a host is there, and Lustre is not up on it */
	MGS_SILENT,       /* no answer: a security group, an address, a route */
	MGS_NO_LNET,      /* port 988 is open, but it is not LNET that has it */
	MGS_NO_LNET_PING, /* LNET has it, but does not answer a ping to that NID */
	MGS_NOT_ASKED,    /* this node could not ask */
	MGS_ANSWER_MAX,
};

const char *mgs_answer_name(enum mgs_answer answer); /* "refuses" */
bool mgs_answer_from_name(const char *name, enum mgs_answer *ret);
const char *mgs_answer_sentence(enum mgs_answer answer); /* "its node is up, but …" */
const char *mgs_answer_next(enum mgs_answer answer);     /* what to do where it stays so */

/* What connect(2)'s error (a positive errno; 0 for none) says of the host. */
enum mgs_answer mgs_answer_of_connect(int code);

/* The host of a NID: "10.0.0.10" of "10.0.0.10@tcp". -ENAMETOOLONG where it does not fit. */
int mgs_nid_host(const char *nid, char *host, size_t size) __attribute__((warn_unused_result));

/* Whether that is a name, which has to be looked up. */
bool mgs_nid_has_name(const char *nid);
