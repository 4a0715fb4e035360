/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The name of a path's mount unit. systemd takes no unit of another name for the path, and says so
 * only when it is started: so one place has its rules (systemd.unit(5), "String Escaping for
 * Inclusion in Unit Names"; basic/unit-name.c, unit_name_from_path()).
 */

#define UNIT_NAME_MAX 256 /* systemd's own limit (UNIT_NAME_MAX), with the end */

/* The first line of each unit that we write, by which it is known again. */
#define UNIT_HEADLINE "# Written by lustre-init at every boot; changes here are lost.\n"

/*
 * "/srv/lustre/lustrewt-OST0017" gives "srv-lustre-lustrewt\x2dOST0017.mount", "/.lustre" gives
 * "\x2elustre.mount", "/" gives "-.mount"; slashes too many play no part. -EINVAL: the path is not
 * absolute, or has a component "." or ".."; -ENAMETOOLONG: no unit can have the name.
 */
int unit_name_from_path(const char *path, char name[UNIT_NAME_MAX]);
