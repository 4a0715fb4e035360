/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Questions to tools, put before their answers are needed: children that run while something else
 * is waited for. Who needs an answer asks as by process_run(), and is given that of the very same
 * question where it was put before, word for word. So whatever is foreseen is only about time:
 * what was not put, or was put otherwise, is asked then, and what nobody takes is dropped.
 *
 * For tools that only read. An answer is given once: who asks again wants to know how it is now.
 */

#include "base/process.h"

struct inquiries;

/* The children are those of `processes`, and on their loop; NULL: on a loop of its own. */
int inquiries_new(struct processes *processes, struct inquiries **ret, struct error *err);

/* Those that still run are ended. Returns NULL, and accepts it. */
struct inquiries *inquiries_free(struct inquiries *inquiries);

/* Puts a question, unless it is put already; where that cannot be done, nothing is lost. */
void inquiry_put(struct inquiries *inquiries, const char *const argv[]);

/*
 * process_run(), or the answer of a question that was put: its time counts from now. One that a
 * signal ended says nothing, and is asked again. `inquiries` may be NULL.
 */
int inquiry_answer(struct inquiries *inquiries, const char *const argv[], uint64_t timeout_usec,
		   struct process_output *ret, struct error *err);
