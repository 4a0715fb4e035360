/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "conf.h"

/* The programs of the multi-call binary; each returns its exit status. */
int mkfs_main(const struct conf *conf, int argc, char **argv);
int tunefs_main(const struct conf *conf, int argc, char **argv);
int mount_main(const struct conf *conf, int argc, char **argv);
int umount_main(const struct conf *conf, int argc, char **argv);
int lnetctl_main(const struct conf *conf, int argc, char **argv);
int lctl_main(const struct conf *conf, int argc, char **argv);
int rmmod_main(const struct conf *conf, int argc, char **argv);
int lfs_main(const struct conf *conf, int argc, char **argv);
/* `lustre-sim module NAME [OPTIONS]`: what modprobe's install lines run. */
int module_main(const struct conf *conf, int argc, char **argv);
/* The kernel's part, as a daemon. */
int simd_main(const struct conf *conf, int argc, char **argv);
