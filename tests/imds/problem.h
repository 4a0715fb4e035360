/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is wrong with a node file, in one sentence. Functions that can find
 * fault with their input take one and return -1 after filling it.
 */
struct problem {
	char text[256];
};

/* Fills the sentence (cut to fit) and returns -1, so that callers can return it. */
int problem_set(struct problem *problem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
