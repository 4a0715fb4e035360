/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "exchange.h"
#include "problem.h"

#include <jansson.h>

/* When an effect has its turn. */
enum effect_stage {
	EFFECT_TOKEN,     /* before the truthful answer is made */
	EFFECT_ANSWER,    /* alters it */
	EFFECT_DELAY,     /* before anything is sent */
	EFFECT_WIRE,      /* instead of sending it properly */
	EFFECT_LISTENER,  /* concerns the listening socket, not a request */
	EFFECT_PARAMETER, /* only says more about another effect */
};

/* Stage of the effect with this name, or -1. */
int effect_stage_of(const char *name);

/* Is the value one that README.md allows for the effect? */
int effect_check(const char *name, json_t *value, struct problem *problem);

/* Applies what the exchange's rule says for one stage. Returns how many effects that were. */
int effects_apply(struct exchange *exchange, enum effect_stage stage);

/* "status+delay_ms": the effects a rule has, in fresh text. */
char *effects_name(json_t *rule);
