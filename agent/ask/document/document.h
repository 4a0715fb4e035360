/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/spec/setting.h"

/*
 * One document (YAML or JSON), known to be ours, to settings: user-data itself, a MIME part, or a
 * file of conf.d. Mistakes are problems with line and column. Only -ENOMEM is an error.
 */
int document_parse(const char *data, size_t size, const struct origin *origin,
		   struct settings *settings, struct problems *problems);
