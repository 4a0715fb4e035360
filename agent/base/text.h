/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/*
 * printf(3) into a value: a name, a path, a NID, whatever a tool or a comparison gets to see. A
 * part of it would be another value: what does not fit is -ENAMETOOLONG, and leaves "".
 */
int text_format(char *to, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4), warn_unused_result));

/* The same of what is known to fit. Should it not, there is no value ("") in place of another. */
void text_set(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * The same from what a disk, a device or a tool says of itself; what is not shown (printable.h)
 * becomes '?', as by text_copy().
 */
int text_take(char *to, size_t size, const char *from) __attribute__((warn_unused_result));

/*
 * Copies what a disk, a device or a tool says of itself, for people to read: cut at `size`, with an
 * ellipsis where there is room for one. What is not shown (printable.h) becomes '?'.
 */
void text_copy(char *to, size_t size, const char *from);

/* Likewise from `length` bytes that need not be terminated, and cut between words where it can. */
void text_copy_line(char *to, size_t size, const char *from, size_t length);

/* A sentence, by printf(3): in one line, and cut as by text_copy(), whatever came into it. */
void text_sentence(char *to, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void text_vsentence(char *to, size_t size, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/* Likewise from `length` bytes that need not be terminated; blanks around the text are left out. */
void text_copy_padded(char *to, size_t size, const void *from, size_t length);
