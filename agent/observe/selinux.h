/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/* "enforcing" or "permissive", from selinuxfs (selinux(8)); "" where SELinux is off. */
void selinux_observe(const char *root, char *mode, size_t size);
