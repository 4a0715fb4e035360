/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/dry_start.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "decide/planner.h"
#include "model/instance_store.h"
#include "model/spec/nid.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Source: Amazon VPC user guide, "Subnet CIDR blocks". */
#define SUBNET_LARGEST  16
#define SUBNET_SMALLEST 28
#define RESERVED_FIRST  4 /* and the last one */

/* Large enough for any share that is cut from it; the dry start tells no sizes. */
#define IMAGINED_DISK_SIZE (UINT64_C(16) << 40)
#define IMAGINED_MAC       "02:00:00:00:00:00"

void dry_start_done(struct dry_start *dry)
{
	plan_done(&dry->first);
	plan_done(&dry->last);
}

static void format_address(uint32_t address, char text[16])
{
	struct in_addr in = { .s_addr = htonl(address) };

	if (!inet_ntop(AF_INET, &in, text, 16))
		text[0] = '\0';
}

static bool parse_address(const char *text, uint32_t *ret)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		return false;
	*ret = ntohl(in.s_addr);
	return true;
}

static int take_host(uint32_t network, uint32_t host, uint32_t last, struct dry_place *ret,
		     struct error *err)
{
	if (host != 0 && (host < RESERVED_FIRST || host == last))
		return error_set(err, -EINVAL,
				 "EC2 gives the first four addresses and the last one of a subnet "
				 "to nobody; of %s it gives host parts %d to %u",
				 ret->subnet, RESERVED_FIRST, last - 1);
	format_address(network + (host ? host : RESERVED_FIRST), ret->address);
	if (host == 0)
		format_address(network + last - 1, ret->last);
	return 0;
}

int dry_place_parse(const char *text, struct dry_place *ret, struct error *err)
{
	const char *slash = strchr(text, '/');
	char address[16], *end = NULL;
	uint32_t value, mask;
	unsigned long length;

	*ret = (struct dry_place){ 0 };
	if (!slash || slash[1] < '0' || slash[1] > '9' ||
	    text_format(address, sizeof(address), "%.*s", (int)(slash - text), text) < 0 ||
	    !parse_address(address, &value))
		return error_set(err, -EINVAL,
				 "%.64s is no address in a subnet, as 10.0.0.23/24 is, and no "
				 "subnet, as 10.0.0.0/24 is",
				 text);
	length = strtoul(slash + 1, &end, 10);
	if (*end != '\0' || length < SUBNET_LARGEST || length > SUBNET_SMALLEST)
		return error_set(err, -EINVAL,
				 "%.64s: a subnet is /%d at the largest, and /%d at "
				 "the smallest",
				 text, SUBNET_LARGEST, SUBNET_SMALLEST);
	mask = UINT32_MAX << (32 - length);
	format_address(value & mask, address);
	text_set(ret->subnet, sizeof(ret->subnet), "%s/%lu", address, length);
	return take_host(value & mask, value & ~mask, ~mask, ret, err);
}

/* "primary" and what else `lnet` names: each interface is there, and has one address. */
static int imagine_interfaces(const struct spec *spec, const char *address, struct facts *facts)
{
	facts->interfaces = calloc(spec->lnet_count + 1, sizeof(*facts->interfaces));
	if (!facts->interfaces)
		return -ENOMEM;
	for (size_t i = 0; i <= spec->lnet_count; i++) {
		struct interface *interface = &facts->interfaces[facts->interface_count];
		const char *name = i == 0 ? "primary" : spec->lnet[i - 1].interface;

		if (i > 0 && (net_is_efa(spec->lnet[i - 1].net) || facts_interface(facts, name)))
			continue;
		text_set(interface->name, sizeof(interface->name), "%s", name);
		text_set(interface->mac, sizeof(interface->mac), "02:00:00:00:00:%02zx", i);
		/* TEST-NET-1: nobody's. */
		text_set(interface->ipv4, sizeof(interface->ipv4), "192.0.2.%zu", i);
		if (i == 0)
			text_set(interface->ipv4, sizeof(interface->ipv4), "%s", address);
		interface->up = true;
		if (words_add(&interface->addresses, interface->ipv4) < 0 ||
		    (i > 0 &&
		     words_addf(&facts->assigned, "%s=%s", interface->mac, interface->ipv4) < 0))
			return -ENOMEM;
		facts->interface_count++;
	}
	return 0;
}

static unsigned known_disks(const char *type)
{
	return instance_store_nvme_disks(type) + instance_store_xen_disks(type);
}

/* As many as the type has, else as many as are expected, else one; none, where its name says so. */
static size_t count_disks(const struct spec *spec, const char *type)
{
	unsigned store = known_disks(type);

	if (spec->disks != DISKS_INSTANCE_STORE)
		return 1;
	if (store > 0)
		return store;
	if (instance_store_is_ruled_out(type))
		return 0;
	return spec->expect_disks > 0 ? spec->expect_disks : 1;
}

/* Each EFA device that `lnet` names is there; one, where it names none. */
static int imagine_rdma(const struct spec *spec, struct facts *facts)
{
	facts->rdma = calloc(spec->lnet_count + 1, sizeof(*facts->rdma));
	if (!facts->rdma)
		return -ENOMEM;
	for (size_t i = 0; i < spec->lnet_count; i++) {
		struct rdma_device *device = &facts->rdma[facts->rdma_count];

		if (!net_is_efa(spec->lnet[i].net))
			continue;
		device->numa_node = -1;
		text_set(device->name, sizeof(device->name), "%s", spec->lnet[i].interface);
		text_set(device->driver, sizeof(device->driver), "efa");
		text_set(device->pci_address, sizeof(device->pci_address), "0000:%02zx:00.0", i);
		facts->rdma_count++;
	}
	return 0;
}

static int imagine_disks(const struct spec *spec, const char *type, struct facts *facts)
{
	size_t count = count_disks(spec, type);

	/* One more: that there is none is no failure. */
	facts->disks = calloc(count + 1, sizeof(*facts->disks));
	if (!facts->disks)
		return -ENOMEM;
	for (facts->disk_count = 0; facts->disk_count < count; facts->disk_count++) {
		size_t i = facts->disk_count;
		struct disk *disk = &facts->disks[i];

		text_set(disk->name, sizeof(disk->name), "nvme%zun1", i + 1);
		text_set(disk->path, sizeof(disk->path), "/dev/nvme%zun1", i + 1);
		text_set(disk->serial, sizeof(disk->serial), "DISK%zu", i);
		text_set(disk->attached_as, sizeof(disk->attached_as), "ephemeral%zu:none", i);
		disk->kind = DISK_INSTANCE_STORE;
		disk->size = IMAGINED_DISK_SIZE;
		disk->logical_sector = 512;
		disk->blank = BLANK_YES;
		if (spec->disks == DISKS_EBS) {
			disk->kind = DISK_EBS;
			text_set(disk->attached_as, sizeof(disk->attached_as), "%.60s",
				 spec->disks_name);
		}
		if (spec->disks == DISKS_PATH && words_add(&disk->links, spec->disks_name) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* What names the MGS resolves on the MGS's own node, to itself; other nodes wait for that. */
static int imagine_hosts(const struct spec *spec, const char *address, struct facts *facts)
{
	facts->hosts = calloc(spec->mgs.count + 1, sizeof(*facts->hosts));
	if (!facts->hosts)
		return -ENOMEM;
	for (size_t i = 0; spec->roles & ROLE_MGS && i < spec->mgs.count; i++) {
		struct host *host = &facts->hosts[facts->host_count++];

		text_set(host->name, sizeof(host->name), "%.*s",
			 (int)strcspn(spec->mgs.items[i], "@"), spec->mgs.items[i]);
		if (words_add(&host->addresses, address) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int imagine(const struct spec *spec, const struct dry_place *place, const char *address,
		   struct facts *facts)
{
	text_set(facts->instance_id, sizeof(facts->instance_id), "i-dry-start");
	text_set(facts->instance_type, sizeof(facts->instance_type), "%s", place->type);
	text_set(facts->local_ipv4, sizeof(facts->local_ipv4), "%s", address);
	text_set(facts->subnet_cidr, sizeof(facts->subnet_cidr), "%s", place->subnet);
	text_set(facts->mac, sizeof(facts->mac), IMAGINED_MAC);
	facts->launch_index = 0;
	facts->lnet = LNET_DOWN;
	memset(facts->random, '0', sizeof(facts->random) - 1);
	if (imagine_interfaces(spec, address, facts) < 0 || imagine_rdma(spec, facts) < 0 ||
	    imagine_hosts(spec, address, facts) < 0)
		return -ENOMEM;
	return imagine_disks(spec, place->type, facts);
}

static int plan_at(const struct spec *spec, const struct dry_place *place, const char *address,
		   struct plan *ret, struct error *err)
{
	struct facts facts = { 0 };
	struct state state = { 0 };
	struct status *status = calloc(1, sizeof(*status));
	int r = status ? imagine(spec, place, address, &facts) : -ENOMEM;

	if (r == 0)
		r = planner_plan(&(struct planner_input){ spec, &facts, &state, status }, ret, err);
	else
		error_set(err, r, "out of memory");
	facts_done(&facts);
	free(status);
	return r;
}

/* A type may have none at all, and that a type is not known does not say so. */
static size_t assumed_disks(const struct spec *spec, const char *type)
{
	bool needs = spec->roles & ~(unsigned)ROLE_CLIENT && spec->disks == DISKS_INSTANCE_STORE;

	return needs && type[0] != '\0' && known_disks(type) == 0 ? count_disks(spec, type) : 0;
}

/* By an address alone, or by a NID, on whatever net. */
static bool is_of_mgs(const struct spec *spec, const char *address)
{
	size_t length = strlen(address);

	for (size_t i = 0; i < spec->mgs.count; i++)
		if (strcspn(spec->mgs.items[i], "@") == length &&
		    strncmp(spec->mgs.items[i], address, length) == 0)
			return true;
	return false;
}

/* The MGS has one of the subnet's addresses itself. */
static void leave_to_mgs(const struct spec *spec, char address[16], int step)
{
	uint32_t value;

	while (is_of_mgs(spec, address) && parse_address(address, &value))
		format_address(value + (uint32_t)step, address);
}

int dry_start_plan(const struct spec *spec, const struct dry_place *place, struct dry_start *ret,
		   struct error *err)
{
	bool any = place->last[0] != '\0';
	int r;

	*ret = (struct dry_start){ .place = *place,
				   .assumed_disks = assumed_disks(spec, place->type) };
	if (any && spec->roles & ROLE_MGS)
		return error_set(err, -EINVAL,
				 "an MGS has an address of its own, which all other nodes name: "
				 "give it in place of the subnet %s",
				 place->subnet);
	if (any) {
		leave_to_mgs(spec, ret->place.address, 1);
		leave_to_mgs(spec, ret->place.last, -1);
	}
	r = plan_at(spec, place, ret->place.address, &ret->first, err);
	return r == 0 && any ? plan_at(spec, place, ret->place.last, &ret->last, err) : r;
}

bool dry_start_is_refused(const struct dry_start *dry)
{
	return dry->first.refusal_count + dry->last.refusal_count > 0;
}
