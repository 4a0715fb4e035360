/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/efa.h"

#include "base/text.h"
#include "decide/efa_nid.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVERY_OF_MANY 4

static bool is_efa(const struct rdma_device *device)
{
	return strcmp(device->driver, "efa") == 0;
}

static size_t count_devices(const struct facts *facts)
{
	size_t count = 0;

	for (size_t i = 0; i < facts->rdma_count; i++)
		count += is_efa(&facts->rdma[i]);
	return count;
}

/* The guide's choice for the type: of the 32 of a p5 each fourth, else the first and the last. */
static bool is_of_auto(const char *type, size_t number, size_t count)
{
	if (strncmp(type, "p5.", 3) == 0 || strncmp(type, "p5e.", 4) == 0)
		return number % EVERY_OF_MANY == 0;
	return number == 0 || number + 1 == count;
}

/* "rdmap36s0, rdmap37s0": those that could be named. */
static void list_devices(const struct facts *facts, char *text, size_t size)
{
	struct words names = { 0 };

	for (size_t i = 0; i < facts->rdma_count; i++)
		if (is_efa(&facts->rdma[i]))
			words_add(&names, facts->rdma[i].name);
	words_list(&names, text, size);
	words_done(&names);
}

/* ---- what stands against it ---- */

static int refuse(struct plan *plan, const char *fix, const char *text)
{
	return plan_refuse(plan, REFUSAL_LNET, "", fix, "%s", text);
}

/* A device may come when its driver is loaded: it is waited for like an interface. */
static int refuse_absent(struct plan *plan, const char *fix, const char *text)
{
	int r = refuse(plan, fix, text);

	if (r == 0)
		plan->refusals[plan->refusal_count - 1].may_pass = true;
	return r;
}

static int refuse_without_devices(const struct lnet_net *net, struct plan *plan)
{
	char text[256];

	text_set(text, sizeof(text), "lnet asks for %s(%s), and this instance has no EFA device",
		 net->net, net->interface);
	return refuse_absent(plan,
			     "Launch it with a network interface of type efa or efa-only, with the "
			     "driver efa in its image; or leave efa out of `lnet`.",
			     text);
}

static int refuse_name(const struct lnet_net *net, const struct facts *facts, struct plan *plan)
{
	bool ethernet = facts_interface(facts, net->interface) != NULL;
	char text[256], fix[384], devices[256];

	list_devices(facts, devices, sizeof(devices));
	text_sentence(fix, sizeof(fix), "Name one of %s, or write efa(all).", devices);
	if (ethernet) {
		text_set(text, sizeof(text),
			 "lnet names %s for net %s, an Ethernet interface, where an EFA device is "
			 "needed",
			 net->interface, net->net);
		return refuse(plan, fix, text);
	}
	text_set(text, sizeof(text), "lnet names EFA device %s, which this node does not have",
		 net->interface);
	return refuse_absent(plan, fix, text);
}

/* What is wrong with a device itself. 1: nothing. */
static int check_device(const struct rdma_device *device, const struct lnet_net *net,
			struct plan *plan)
{
	char text[256];

	if (!is_efa(device)) {
		text_set(text, sizeof(text),
			 "lnet names %s for net %s, whose driver is %s and not efa", device->name,
			 net->net, device->driver[0] ? device->driver : "unknown");
		return refuse(plan, "Name an EFA device, or write efa(all).", text);
	}
	if (device->port_state[0] != '\0' && strcmp(device->port_state, "ACTIVE") != 0) {
		text_set(text, sizeof(text), "the port of EFA device %s is %s, and not ACTIVE",
			 device->name, device->port_state);
		return refuse_absent(plan,
				     "rdma link shows it, dmesg tells why; or leave it out of "
				     "`lnet`.",
				     text);
	}
	return 1;
}

/* ---- where the NIDs come from ---- */

/* The interface whose address kefalnd takes, and how. */
struct ip_source {
	const struct interface *interface; /* NULL: it is not there */
	char name[INTERFACE_NAME_MAX];     /* by which kefalnd has it: perhaps a label */
	bool tell;                         /* it is told so: nobody else has */
};

/* What the kernel has by this name; NULL where it has none, or that is not known. */
static const char *taken_by(const struct interface *interface, const char *name)
{
	const size_t length = strlen(name);

	for (size_t i = 0; i < interface->taken.count; i++) {
		const char *word = interface->taken.items[i];

		if (strncmp(word, name, length) == 0 && strrchr(word, '=') == word + length)
			return word + length + 1;
	}
	return NULL;
}

/* kefalnd compares with the labels of addresses, which may be no interface's name. */
static const struct interface *labelled(const struct facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->interface_count; i++)
		if (taken_by(&facts->interfaces[i], name))
			return &facts->interfaces[i];
	return facts_interface(facts, name);
}

/*
 * What kefalnd is loaded with, what an operator has it loaded with, else the primary interface,
 * which it is told.
 */
static struct ip_source find_source(const struct planner_input *input)
{
	const struct module_option *option =
		platform_option(&input->facts->platform, "kefalnd", "ipif_name");
	struct ip_source source = { .tell = !option || option->module[0] == '\0' };

	if (source.tell) {
		source.interface = facts_interface(input->facts, "primary");
		if (source.interface)
			interface_lnet_name(source.interface, source.name);
	} else if (text_take(source.name, sizeof(source.name), option->value) == 0 &&
		   source.name[0] != '\0') {
		source.interface = labelled(input->facts, source.name);
	}
	return source;
}

/* The kernel's first address of that name, which need not be the instance's. */
static const char *address_of(const struct ip_source *source)
{
	const struct interface *interface = source->interface;
	const char *taken = taken_by(interface, source->name);

	if (taken)
		return taken;
	return interface->addresses.count > 0 ? interface->addresses.items[0] : interface->ipv4;
}

/* 1: it has an address. */
static int check_source(const struct ip_source *source, struct plan *plan)
{
	if (!source->interface && !source->tell)
		return refuse(plan,
			      "Unload it with lustre_rmmod, or remove what modprobe.d(5) has of "
			      "kefalnd: it is loaded with ipif_name= the primary interface then.",
			      "kefalnd takes its address from an interface that this node does not "
			      "have, or from whichever comes first: its ipif_name is not one of "
			      "here");
	/* Of a primary interface that is not there the tcp net says it. */
	if (!source->interface)
		return 0;
	if (address_of(source)[0] != '\0')
		return 1;
	return refuse_absent(plan, "Give it an IPv4 address: efa has its NID from that.",
			     "the interface that kefalnd takes its address from has no IPv4 "
			     "address");
}

/* ---- the nets ---- */

static int refuse_twice(const struct plan_net *other, const struct plan_net *planned,
			struct plan *plan)
{
	char text[256];

	text_set(text, sizeof(text), "lnet has EFA device %s in net %s and in net %s",
		 planned->interface, other->net, planned->net);
	return refuse(plan, "LNET takes a device once: leave it in one of them.", text);
}

static int refuse_one_nid(const struct plan_net *other, const struct plan_net *planned,
			  struct plan *plan)
{
	char text[256];

	text_set(text, sizeof(text),
		 "EFA devices %s and %s get one NID, %s, since it leaves the PCI domain out",
		 other->interface, planned->interface, planned->nid);
	return refuse(plan, "Name one of them in `lnet`.", text);
}

static int add_device(const struct planner_input *input, const struct lnet_net *net,
		      const struct rdma_device *device, const char *ipv4, struct plan *plan)
{
	struct plan_net planned = { .is_there = false };
	char nid[NID_TEXT_MAX], text[256];

	if (efa_nid(device->pci_address, ipv4, net->net, nid) < 0 ||
	    text_format(planned.nid, sizeof(planned.nid), "%s", nid) < 0) {
		text_set(text, sizeof(text), "EFA device %s has no PCI address to make a NID of",
			 device->name);
		return refuse(plan, "Leave it out of `lnet`.", text);
	}
	text_set(planned.net, sizeof(planned.net), "%s", net->net);
	text_set(planned.interface, sizeof(planned.interface), "%s", device->name);
	planned.is_there =
		input->facts->lnet == LNET_UP && words_contain(&input->facts->nids, planned.nid);
	for (size_t i = 0; i < plan->net_count; i++) {
		const struct plan_net *other = &plan->nets[i];
		bool one_device =
			net_is_efa(other->net) && strcmp(other->interface, planned.interface) == 0;

		if (one_device && strcmp(other->net, planned.net) == 0)
			return 0;
		if (one_device)
			return refuse_twice(other, &planned, plan);
		if (strcmp(other->nid, planned.nid) == 0)
			return refuse_one_nid(other, &planned, plan);
	}
	if (plan->net_count == PLAN_NETS_MAX)
		return refuse(plan, "Name fewer in `lnet`.", "lnet has more nets than LNET takes");
	plan->nets[plan->net_count++] = planned;
	return 0;
}

static int add_many(const struct planner_input *input, const struct lnet_net *net, bool all,
		    const char *ipv4, struct plan *plan)
{
	const struct facts *facts = input->facts;
	size_t count = count_devices(facts), number = 0;
	int r = count > 0 ? 0 : refuse_without_devices(net, plan);

	for (size_t i = 0; r == 0 && i < facts->rdma_count; i++) {
		const struct rdma_device *device = &facts->rdma[i];

		if (!is_efa(device))
			continue;
		if (all || is_of_auto(facts->instance_type, number, count))
			r = check_device(device, net, plan);
		if (r == 1)
			r = add_device(input, net, device, ipv4, plan);
		number++;
	}
	return r;
}

static int add_net(const struct planner_input *input, const struct lnet_net *net, const char *ipv4,
		   struct plan *plan)
{
	const struct facts *facts = input->facts;
	int r;

	if (strcmp(net->interface, "all") == 0 || strcmp(net->interface, "auto") == 0)
		return add_many(input, net, net->interface[1] == 'l', ipv4, plan);
	for (size_t i = 0; i < facts->rdma_count; i++) {
		if (strcmp(facts->rdma[i].name, net->interface) != 0)
			continue;
		r = check_device(&facts->rdma[i], net, plan);
		return r == 1 ? add_device(input, net, &facts->rdma[i], ipv4, plan) : r;
	}
	return count_devices(facts) > 0 ? refuse_name(net, facts, plan)
					: refuse_without_devices(net, plan);
}

/* Is there an efa net that is still to be added? */
static bool is_due(const struct plan *plan)
{
	for (size_t i = 0; i < plan->net_count; i++)
		if (net_is_efa(plan->nets[i].net) && !plan->nets[i].is_there)
			return true;
	return false;
}

static int load_module(const struct planner_input *input, const struct ip_source *source,
		       struct plan *plan)
{
	struct plan_module *module;

	if (words_contain(&input->facts->platform.missing_modules, "kefalnd"))
		return plan_refuse(
			plan, REFUSAL_TOOLS, "", EFA_MODULE_FIX,
			"kernel module kefalnd, which a net over EFA needs, is not there "
			"for kernel %s",
			input->facts->platform.kernel);
	if (platform_has_loaded(&input->facts->platform, "kefalnd"))
		return 0;
	module = plan_module(plan, "kefalnd");
	if (!module ||
	    (source->tell && words_addf(&module->options, "ipif_name=%s", source->name) < 0))
		return -ENOMEM;
	return 0;
}

/* ---- two nodes with one NID ---- */

static bool is_in_one_16(const char *one, const char *other)
{
	size_t length = strspn(one, "0123456789");

	length += one[length] == '.' ? 1 + strspn(one + length + 1, "0123456789") : 0;
	return strncmp(one, other, length) == 0 && other[length] == '.';
}

/* The first address of an MGS that is in another /16; NULL where none is, or none is known. */
static const char *far_address(const struct facts *facts, const char *ipv4, const char *mgs)
{
	const struct host *host = facts_host(facts, mgs);

	if (nid_is_ipv4(mgs))
		return is_in_one_16(ipv4, mgs) ? NULL : mgs;
	for (size_t i = 0; host && i < host->addresses.count; i++)
		if (!is_in_one_16(ipv4, host->addresses.items[i]))
			return host->addresses.items[i];
	return NULL;
}

/* A subnet wider than a /16, or an MGS outside of this node's. */
static int note_collision(const struct planner_input *input, const char *ipv4, struct plan *plan)
{
	const char *slash = strchr(input->facts->subnet_cidr, '/');
	const struct words *mgs = &input->spec->mgs;

	if (slash && strtoul(slash + 1, NULL, 10) < 16)
		return words_addf(&plan->notes, "this node's subnet is %s: " EFA_COLLISION,
				  input->facts->subnet_cidr);
	for (size_t i = 0; i < mgs->count; i++) {
		const char *far = far_address(input->facts, ipv4, mgs->items[i]);

		if (far)
			return words_addf(
				&plan->notes,
				"this node is %s, and its MGS %s in another /16: " EFA_COLLISION,
				ipv4, far);
	}
	return 0;
}

int efa_plan(const struct planner_input *input, struct plan *plan)
{
	struct ip_source source;
	const char *address;
	int r;

	if (!spec_has_efa(input->spec))
		return 0;
	source = find_source(input);
	r = check_source(&source, plan);
	if (r <= 0)
		return r;
	r = 0;
	address = address_of(&source);
	for (size_t i = 0; r == 0 && i < input->spec->lnet_count; i++)
		if (net_is_efa(input->spec->lnet[i].net))
			r = add_net(input, &input->spec->lnet[i], address, plan);
	if (r == 0 && is_due(plan))
		r = load_module(input, &source, plan);
	return r == 0 ? note_collision(input, address, plan) : r;
}
