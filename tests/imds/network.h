/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "facts.h"
#include "tree.h"

/*
 * Adds meta-data/network/interfaces/macs/MAC/… of every interface. What an
 * interface does not have (IPv4, IPv6, a network card number) is left out, and
 * so answered 404, as EC2 does.
 */
void network_build(const struct facts *facts, struct tree *tree);
