/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An error is a code and a sentence: the code is a negative errno that the program acts on, the
 * sentence reaches the journal, STATUS= and boot.json unchanged, so it names the thing and the
 * fix.
 *
 * Functions that can fail return 0 or the negative code, and fill *err when they fail. Outputs
 * named ret_* are written on success only. What a caller must decide about ("the disk is not
 * blank") is an answer, never an error.
 */

#include <stdbool.h>

#define ERROR_TEXT_MAX 1024

struct error {
	int code;
	char text[ERROR_TEXT_MAX];
};

/* Fills *err (which may be NULL) and returns `code`, so that `return error_set(...)` is one line.
 */
int error_set(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As error_set(), with ": " and the text of `code` behind the sentence. */
int error_errno(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Whether `code` says that this program or the kernel is short of something (descriptors, memory,
 * processes): nothing at all about what was looked for.
 */
bool error_is_shortage(int code);

/* Puts a context before the sentence already in *err ("nvme1n1: …"). Returns err's code. */
int error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
