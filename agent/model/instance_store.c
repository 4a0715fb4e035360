/* SPDX-License-Identifier: Apache-2.0 */
#include "model/instance_store.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *type;
	unsigned disks;
} types[] = {
	{ "c1.medium", 1 },   { "c1.xlarge", 4 },   { "c3.large", 2 },     { "c3.xlarge", 2 },
	{ "c3.2xlarge", 2 },  { "c3.4xlarge", 2 },  { "c3.8xlarge", 2 },   { "cc2.8xlarge", 4 },
	{ "cr1.8xlarge", 2 }, { "d2.xlarge", 3 },   { "d2.2xlarge", 6 },   { "d2.4xlarge", 12 },
	{ "d2.8xlarge", 24 }, { "g2.2xlarge", 1 },  { "g2.8xlarge", 2 },   { "h1.2xlarge", 1 },
	{ "h1.4xlarge", 2 },  { "h1.8xlarge", 4 },  { "h1.16xlarge", 8 },  { "hs1.8xlarge", 24 },
	{ "i2.xlarge", 1 },   { "i2.2xlarge", 2 },  { "i2.4xlarge", 4 },   { "i2.8xlarge", 8 },
	{ "m1.small", 1 },    { "m1.medium", 1 },   { "m1.large", 2 },     { "m1.xlarge", 4 },
	{ "m2.xlarge", 1 },   { "m2.2xlarge", 1 },  { "m2.4xlarge", 2 },   { "m3.medium", 1 },
	{ "m3.large", 1 },    { "m3.xlarge", 2 },   { "m3.2xlarge", 2 },   { "r3.large", 1 },
	{ "r3.xlarge", 1 },   { "r3.2xlarge", 1 },  { "r3.4xlarge", 1 },   { "r3.8xlarge", 2 },
	{ "x1.16xlarge", 1 }, { "x1.32xlarge", 2 }, { "x1e.xlarge", 1 },   { "x1e.2xlarge", 1 },
	{ "x1e.4xlarge", 1 }, { "x1e.8xlarge", 1 }, { "x1e.16xlarge", 1 }, { "x1e.32xlarge", 2 },
};

unsigned instance_store_xen_disks(const char *type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].type, type) == 0)
			return types[i].disks;
	return 0;
}
