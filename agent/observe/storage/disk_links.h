/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "model/facts.h"

/*
 * Adds to each disk the names under /dev/disk/by-… that lead to it: what an operator may have
 * written. Links of partitions lead to no disk, and so do stale ones.
 */
int disk_links_find(const char *root, struct facts *facts, struct error *err);
