/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * Restarts the machine at once: nothing is synced, nothing unmounted, no service is stopped. For
 * one case alone: a machine that has woken from hibernation over blank disks holds dirty pages of
 * file systems that are not there any more, and whatever flushes them writes ruins over a disk that
 * the next boot is to find blank.
 *
 * Comes back only where the kernel would not, with its reason.
 */
int reboot_hard(struct error *err);
