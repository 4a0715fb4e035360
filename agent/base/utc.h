/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Seconds since 1970 and how EC2 writes them. Arithmetic alone: no zone, no locale, no clock. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTC_SEC_MAX   253402300799ULL /* 9999-12-31T23:59:59Z */
#define UTC_TEXT_SIZE sizeof("2026-01-01T00:02:00Z")

/* "2026-01-01T00:02:00Z"; "" for 0, which is a time that nobody has said, and beyond UTC_SEC_MAX.
 */
void utc_format(uint64_t sec, char text[UTC_TEXT_SIZE]);

/* "2026-01-01T00:02:00Z" (RFC 3339, whole seconds or with a fraction, in UTC, which may be written
 * "+00:00"), and nothing else. */
bool utc_parse(const char *text, uint64_t *ret_sec);

/* "21 Jan 2019 09:00:43 GMT", as the events of a maintenance have it, and nothing else. */
bool utc_parse_http(const char *text, uint64_t *ret_sec);
