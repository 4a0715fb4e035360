/* SPDX-License-Identifier: Apache-2.0 */
#include "model/instance_store.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct row {
	const char *type;
	unsigned disks;
};

static const struct row xen[] = {
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

static const struct row nvme[] = {
	{ "i3.large", 1 },        { "i3.xlarge", 1 },        { "i3.2xlarge", 1 },
	{ "i3.4xlarge", 2 },      { "i3.8xlarge", 4 },       { "i3.16xlarge", 8 },
	{ "i3.metal", 8 },        { "i3en.large", 1 },       { "i3en.xlarge", 1 },
	{ "i3en.2xlarge", 2 },    { "i3en.3xlarge", 1 },     { "i3en.6xlarge", 2 },
	{ "i3en.12xlarge", 4 },   { "i3en.24xlarge", 8 },    { "i3en.metal", 8 },
	{ "i4g.large", 1 },       { "i4g.xlarge", 1 },       { "i4g.2xlarge", 1 },
	{ "i4g.4xlarge", 1 },     { "i4g.8xlarge", 2 },      { "i4g.16xlarge", 4 },
	{ "i4i.large", 1 },       { "i4i.xlarge", 1 },       { "i4i.2xlarge", 1 },
	{ "i4i.4xlarge", 1 },     { "i4i.8xlarge", 2 },      { "i4i.12xlarge", 3 },
	{ "i4i.16xlarge", 4 },    { "i4i.24xlarge", 6 },     { "i4i.32xlarge", 8 },
	{ "i4i.metal", 8 },       { "i7i.large", 1 },        { "i7i.xlarge", 1 },
	{ "i7i.2xlarge", 1 },     { "i7i.4xlarge", 1 },      { "i7i.8xlarge", 2 },
	{ "i7i.12xlarge", 3 },    { "i7i.16xlarge", 4 },     { "i7i.24xlarge", 6 },
	{ "i7i.48xlarge", 12 },   { "i7i.metal-24xl", 6 },   { "i7i.metal-48xl", 12 },
	{ "i7ie.large", 1 },      { "i7ie.xlarge", 1 },      { "i7ie.2xlarge", 2 },
	{ "i7ie.3xlarge", 1 },    { "i7ie.6xlarge", 2 },     { "i7ie.12xlarge", 4 },
	{ "i7ie.18xlarge", 6 },   { "i7ie.24xlarge", 8 },    { "i7ie.48xlarge", 16 },
	{ "i7ie.metal-24xl", 8 }, { "i7ie.metal-48xl", 16 }, { "i8g.large", 1 },
	{ "i8g.xlarge", 1 },      { "i8g.2xlarge", 1 },      { "i8g.4xlarge", 1 },
	{ "i8g.8xlarge", 2 },     { "i8g.12xlarge", 3 },     { "i8g.16xlarge", 4 },
	{ "i8g.24xlarge", 6 },    { "i8g.48xlarge", 12 },    { "i8g.metal-24xl", 6 },
	{ "i8ge.large", 1 },      { "i8ge.xlarge", 1 },      { "i8ge.2xlarge", 2 },
	{ "i8ge.3xlarge", 1 },    { "i8ge.6xlarge", 2 },     { "i8ge.12xlarge", 4 },
	{ "i8ge.18xlarge", 6 },   { "i8ge.24xlarge", 8 },    { "i8ge.48xlarge", 16 },
	{ "i8ge.metal-24xl", 8 }, { "i8ge.metal-48xl", 16 }, { "im4gn.large", 1 },
	{ "im4gn.xlarge", 1 },    { "im4gn.2xlarge", 1 },    { "im4gn.4xlarge", 1 },
	{ "im4gn.8xlarge", 2 },   { "im4gn.16xlarge", 4 },   { "is4gen.medium", 1 },
	{ "is4gen.large", 1 },    { "is4gen.xlarge", 1 },    { "is4gen.2xlarge", 1 },
	{ "is4gen.4xlarge", 2 },  { "is4gen.8xlarge", 4 },   { "d3.xlarge", 3 },
	{ "d3.2xlarge", 6 },      { "d3.4xlarge", 12 },      { "d3.8xlarge", 24 },
	{ "d3en.xlarge", 2 },     { "d3en.2xlarge", 4 },     { "d3en.4xlarge", 8 },
	{ "d3en.6xlarge", 12 },   { "d3en.8xlarge", 16 },    { "d3en.12xlarge", 24 },
	{ "c5d.large", 1 },       { "c5d.xlarge", 1 },       { "c5d.2xlarge", 1 },
	{ "c5d.4xlarge", 1 },     { "c5d.9xlarge", 1 },      { "c5d.12xlarge", 2 },
	{ "c5d.18xlarge", 2 },    { "c5d.24xlarge", 4 },     { "c5d.metal", 4 },
	{ "m5d.large", 1 },       { "m5d.xlarge", 1 },       { "m5d.2xlarge", 1 },
	{ "m5d.4xlarge", 2 },     { "m5d.8xlarge", 2 },      { "m5d.12xlarge", 2 },
	{ "m5d.16xlarge", 4 },    { "m5d.24xlarge", 4 },     { "m6id.large", 1 },
	{ "m6id.xlarge", 1 },     { "m6id.2xlarge", 1 },     { "m6id.4xlarge", 1 },
	{ "m6id.8xlarge", 1 },    { "m6id.12xlarge", 2 },    { "m6id.16xlarge", 2 },
	{ "m6id.24xlarge", 4 },   { "m6id.32xlarge", 4 },    { "m6id.metal", 4 },
	{ "hpc6id.32xlarge", 4 }, { "g5.xlarge", 1 },        { "g5.48xlarge", 2 },
	{ "g6.8xlarge", 2 },      { "g6.48xlarge", 8 },      { "g6e.48xlarge", 4 },
	{ "p3dn.24xlarge", 2 },   { "p4d.24xlarge", 8 },     { "p4de.24xlarge", 8 },
	{ "p5.4xlarge", 1 },      { "p5.48xlarge", 8 },      { "p5e.48xlarge", 8 },
	{ "p5en.48xlarge", 8 },   { "p6-b200.48xlarge", 8 }, { "p6e-gb200.36xlarge", 3 },
	{ "trn1.2xlarge", 1 },    { "trn1.32xlarge", 4 },    { "trn2.48xlarge", 4 },
};

static unsigned find(const struct row *rows, size_t count, const char *type)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].type, type) == 0)
			return rows[i].disks;
	return 0;
}

unsigned instance_store_xen_disks(const char *type)
{
	return find(xen, sizeof(xen) / sizeof(xen[0]), type);
}

unsigned instance_store_nvme_disks(const char *type)
{
	return find(nvme, sizeof(nvme) / sizeof(nvme[0]), type);
}

#define EBS_ALONE_SINCE 4 /* the generation; T never had any */

bool instance_store_is_ruled_out(const char *type)
{
	const char *size = strchr(type, '.');
	char *attributes;
	unsigned long generation;

	if (!size || !strchr("cmrt", type[0]) || !isdigit((unsigned char)type[1]))
		return false;
	generation = strtoul(type + 1, &attributes, 10);
	return (type[0] == 't' || generation >= EBS_ALONE_SINCE) &&
	       !memchr(attributes, 'd', (size_t)(size - attributes));
}
