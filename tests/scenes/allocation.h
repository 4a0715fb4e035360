/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Memory that runs out: one allocation of this process fails, whoever asks for it, the C library
 * and other libraries too. For one source file of a test program: it takes the place of the C
 * library's own functions, which stay to be had under their other names.
 */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *memory, size_t size);

/* Counts down to the one that fails; 0: none will. */
static unsigned long allocation_countdown;

static inline void allocation_fail_at(unsigned long number)
{
	allocation_countdown = number;
}

/* None fails from here on. True when one has. */
static inline bool allocation_has_failed(void)
{
	bool failed = allocation_countdown == 0;

	allocation_countdown = 0;
	return failed;
}

static inline bool allocation_fails(void)
{
	if (__atomic_load_n(&allocation_countdown, __ATOMIC_RELAXED) == 0 ||
	    __atomic_sub_fetch(&allocation_countdown, 1, __ATOMIC_RELAXED) > 0)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return allocation_fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return allocation_fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	return allocation_fails() ? NULL : __libc_realloc(memory, size);
}
