/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* From the bytes of user-data to settings: nothing here reads a file or the network. */

#include "model/spec/setting.h"

/*
 * User-data as a whole: the document alone, a MIME message with text/lustre-init parts, gzip and
 * base64 around either. Data that is somebody else's adds nothing. A broken document of ours adds
 * problems with line and column. Only -ENOMEM is an error.
 */
int userdata_parse(const char *data, size_t size, const struct origin *origin,
		   struct settings *settings, struct problems *problems);
