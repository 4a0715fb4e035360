/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Gives back what a process that mostly waits has no use for while it waits: free memory of the
 * heap, and pages of programs and libraries that are as they are in their files. Those are in the
 * page cache all the same, and mapped again when they are next touched; a start through 30
 * libraries touches thousands that nobody needs afterwards.
 *
 * Only a mapping of a file that is not writable, and of which the kernel says that no page differs
 * from the file (Anonymous: 0, so none was relocated) is given back: madvise(2), MADV_DONTNEED;
 * proc_pid_smaps(5). False where that could not be seen; nothing is lost then.
 */
bool resident_give_back(void);

/*
 * How much this program had resident at most, in bytes (VmHWM, proc_pid_status(5)); 0 where that
 * cannot be seen. Not getrusage(2): its ru_maxrss outlives execve(2), and of a service it is
 * systemd's.
 */
uint64_t resident_peak(void);
