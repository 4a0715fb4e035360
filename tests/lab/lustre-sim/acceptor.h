/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "conf.h"

/*
 * What LNET's acceptor does with a new connection, and what it logs (lnet/lnet/acceptor.c): true
 * for one that goes on to speak, with nothing of it read yet. The caller closes the others.
 */
bool acceptor_admits(const struct conf *conf, int fd);
