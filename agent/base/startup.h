/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a program inherits from whoever started it (execve(2)), put in order before anything else is
 * done: one that was started with SIGCHLD ignored never learns of its children's end, one without
 * standard error writes its messages into the first file it opens.
 */

#include "base/error.h"

/*
 * Descriptors 0 to 2 are open, /dev/null where they were not, to which standard output cannot
 * write. No signal is blocked, and all do what they do by default, but for SIGPIPE and SIGXFSZ (a
 * write that cannot be done fails, and says so), and for SIGHUP, SIGINT and SIGQUIT where they were
 * ignored: nohup(1), and a shell's "&". New files are as their modes say (umask 022). PATH has the
 * directories of the system's tools.
 */
int startup_put_in_order(struct error *err);
