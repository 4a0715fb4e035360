/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The words of an errno, in English and in one thread: glibc has strerrordesc_np(3) and
 * strerrorname_np(3) since 2.32, EL 8 has 2.28. Both take errno's positive number, and never return
 * NULL: what a tool of somebody else's ended with may be any number.
 */

/* "No such device or address" */
const char *errno_text(int code);

/* "ENXIO"; "?" for a number that Linux does not use. Of two names of one number, the one that
 * errno(3) tells first. */
const char *errno_name(int code);
