/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* "Did you mean": the known name that a mistyped one most probably stands for. */

#include <stddef.h>

/*
 * The one of `names` nearest to `written`, or NULL when none is near. Case and the characters - _ .
 * / : and blank do not count ("FS_Name" is "fsname"); up to a third of the letters may be wrong,
 * missing, added or swapped ("mgs-timout"); failing that, a known name may be the beginning or end
 * of the written one ("mgsnode") or the other way about ("timeout").
 */
const char *nearest_name(const char *written, const char *const names[], size_t count);
