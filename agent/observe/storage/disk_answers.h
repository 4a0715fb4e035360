/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "model/facts.h"

/*
 * Reads the first block of those disks that `wanted` picks, past the page cache, and all at once.
 * One that gives no answer within `limit_usec`, as an EBS volume whose driver waits for ever, is
 * BLANK_UNKNOWN after that, with the reason, and must not be looked into: who reads it hangs with
 * it, and cannot be ended. It is a child that asks. What an answer says is nothing to this: a disk
 * with errors answers. -ENOMEM, and -EINTR (told to stop), are the only failures.
 */
int disk_answers_check(const char *root, struct facts *facts,
		       bool (*wanted)(const struct disk *, void *), void *userdata,
		       uint64_t limit_usec, struct error *err);
