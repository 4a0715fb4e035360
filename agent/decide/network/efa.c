/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/network/efa.h"

#include "base/text.h"
#include "decide/network/efa_address.h"
#include "decide/network/efa_devices.h"
#include "decide/network/efa_nid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the nets ---- */

static int refuse(struct plan *plan, const char *fix, const char *text)
{
	return plan_refuse(plan, REFUSAL_LNET, "", fix, "%s", text);
}

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

static int add_net(const struct planner_input *input, const struct lnet_net *net, const char *ipv4,
		   struct plan *plan)
{
	struct efa_devices devices;
	int r = efa_devices_choose(input->facts, net, &devices, plan);

	for (size_t i = 0; r == 0 && i < devices.count; i++)
		r = add_device(input, net, devices.items[i], ipv4, plan);
	return r;
}

/* Is there an efa net that is still to be added? */
static bool is_due(const struct plan *plan)
{
	for (size_t i = 0; i < plan->net_count; i++)
		if (net_is_efa(plan->nets[i].net) && !plan->nets[i].is_there)
			return true;
	return false;
}

static int load_module(const struct planner_input *input, const struct efa_address *address,
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
	    (address->tell && words_addf(&module->options, "ipif_name=%s", address->name) < 0))
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
	struct efa_address address;
	int r;

	if (!spec_has_efa(input->spec))
		return 0;
	r = efa_address_find(input, &address, plan);
	if (r <= 0)
		return r;
	r = 0;
	for (size_t i = 0; r == 0 && i < input->spec->lnet_count; i++)
		if (net_is_efa(input->spec->lnet[i].net))
			r = add_net(input, &input->spec->lnet[i], address.ipv4, plan);
	if (r == 0 && is_due(plan))
		r = load_module(input, &address, plan);
	return r == 0 ? note_collision(input, address.ipv4, plan) : r;
}
