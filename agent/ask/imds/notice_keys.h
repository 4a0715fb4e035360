/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From the text of the keys in which EC2 gives notice to values, as keys.h: untrusted bytes in.
 * What is no notice at all is refused whole. A notice of which something is not understood is one
 * all the same: a time is 0 then, a code or an id "". Further members of an object are let through:
 * AWS has added some.
 */

#include "model/notice.h"

/* {"action": "terminate", "time": "2017-09-18T08:22:00Z"} */
bool imds_take_spot_action(const char *body, size_t size, struct notices *ret);

/* {"noticeTime": "2020-10-27T08:22:00Z"} */
bool imds_take_rebalance(const char *body, size_t size, struct notices *ret);

/*
 * [{"NotBefore": "21 Jan 2019 09:00:43 GMT", "NotAfter": …, "Code": "system-reboot", "EventId": …,
 * "State": "active"}]. What is completed or canceled is left out, and no event keeps another from
 * being heard.
 */
bool imds_take_maintenance(const char *body, size_t size, struct notices *ret);
