/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Numbers as people write them. Each function takes the whole text or nothing, and never rounds:
 * what could be read in two ways ("1GB", "010") is refused with a sentence that says how to write
 * it. -EINVAL with that sentence is the only failure.
 */

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal digits, at most `most`. "0x17", "+3", "010" and "3.0" are refused. */
int quantity_read_number(const char *text, uint64_t most, uint64_t *ret, struct error *err);

/* "262144", "256K", "1GiB": bytes. K, M, G and T, with or without iB, are powers of 1024. */
int quantity_read_size(const char *text, uint64_t *ret, struct error *err);

/* "10%": 1 to 100. */
int quantity_read_percent(const char *text, unsigned *ret, struct error *err);

/* "90s", "10min", "1h 30min", "600": seconds, as in systemd.time(7); no fractions of a second. */
int quantity_read_seconds(const char *text, uint64_t *ret, struct error *err);

/* "256K", "1GiB" or "1000": the shortest text that quantity_read_size() reads back as `bytes`. */
void quantity_format_size(uint64_t bytes, char *text, size_t size);

/* "10min", "1h30min", "90s": what quantity_read_seconds() reads back. */
void quantity_format_seconds(uint64_t seconds, char *text, size_t size);

/* yes, true, on, 1, no, false, off, 0, in any case. */
int quantity_read_bool(const char *text, bool *ret, struct error *err);
