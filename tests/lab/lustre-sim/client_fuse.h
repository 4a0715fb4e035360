/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "client.h"

/* The file system's operations; the private data of the FUSE object is a struct client. */
extern const struct fuse_operations client_operations;
