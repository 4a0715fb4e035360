/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/stat.h>
#include <sys/statvfs.h>

#include "wire.h"

/* struct stat and statvfs as they travel, the same way in both directions. */
void put_stat(struct message *message, const struct stat *st);
void get_stat(struct message *message, struct stat *ret_st);

/* Adds whether the target asks for no new objects (obdfilter.*.degraded). */
void put_statfs(struct message *message, const struct statvfs *fs, bool degraded);
bool get_statfs(struct message *message, struct statvfs *ret_fs);

void put_times(struct message *message, const struct timespec times[static 2]);
void get_times(struct message *message, struct timespec ret_times[static 2]);
