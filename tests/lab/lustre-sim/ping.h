/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "conf.h"
#include "protocol.h"

/*
 * An LNET ping (facts 4): `message` then holds the NIDs that answered. 0 or a negative errno:
 * -EHOSTUNREACH (no such host, some 3 s), -EIO (host there, LNET not), -ETIMEDOUT (packets
 * dropped, 53 s or `seconds` if not 0), -ENETDOWN (no NI here).
 */
int lnet_ping(const struct conf *conf, const char *text, double seconds, struct message *message);
