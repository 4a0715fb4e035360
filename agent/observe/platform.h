/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the kernel and the installed tools can do (S7). Tools are looked for in PATH and not run,
 * since the first touch of a large program on a lazily loaded EBS volume is what boots spend their
 * time on; but for debugfs, where the node is a server: what it knows decides over data.
 */

#include "base/error.h"
#include "base/inquiry.h"
#include "base/mark.h"
#include "model/facts.h"

/*
 * Fills facts->platform: the kernel's release, its memory (of `root`), and which modules (by the
 * files of modules.dep, else by a dry run of modprobe, which loads nothing) and tools are missing
 * of those that `roles` (enum role, or-ed) need; for servers, which features of Lustre's file
 * systems e2fsprogs do not know (by debugfs, bounded). `inquiries`: what was put before, or NULL.
 * `marks`: of its steps, NULL where they are not wanted.
 */
int platform_observe(const char *root, unsigned roles, struct inquiries *inquiries,
		     struct marks *marks, struct facts *facts, struct error *err);

#define PLATFORM_INSTANCE_MAX 64

/*
 * The instance's id as its firmware has it, before any metadata are asked: the asset tag of the
 * board, on Nitro; "" where that is no such id, as on Xen. (AWS: "Detect whether a host is an EC2
 * instance".)
 */
void platform_board_instance(const char *root, char id[PLATFORM_INSTANCE_MAX]);

/* Has the kernel read the modules and tools of these roles in the background. */
void platform_read_ahead(const char *root, unsigned roles);

/* Puts what it will ask for these roles. */
void platform_foresee(const char *root, struct inquiries *inquiries, unsigned roles);

/*
 * Adds kefalnd to the missing modules, where it is missing. After platform_observe(), for a node
 * that is to have an efa net alone, since it runs modprobe.
 */
int platform_observe_efa(struct facts *facts, struct error *err);
