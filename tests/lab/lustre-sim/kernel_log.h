/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "conf.h"

/*
 * What Lustre's kernel code would print: one line to /dev/kmsg (so dmesg and the journal have it),
 * or to RUN_DIR/kmsg in a test. Failures are ignored: a log must not change what is logged.
 */
__attribute__((format(printf, 2, 3))) void kernel_info(const struct conf *conf, const char *format,
						       ...);
__attribute__((format(printf, 2, 3))) void kernel_error(const struct conf *conf, const char *format,
							...);
