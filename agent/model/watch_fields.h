/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The tables of what watch.json is made of, for the tables that hold them. */

#include "model/fields.h"
#include "model/notice.h"
#include "model/watch_event.h"

extern const struct field notice_fields[];
extern const struct field notice_heard_fields[];
extern const struct field watch_event_fields[];
