/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/network/lnet_config.h"

#include "base/text.h"
#include "model/spec/nid.h"

#include <errno.h>
#include <string.h>

/* What keeps LNET from an interface. */
enum fault {
	FAULT_NONE,
	FAULT_NO_MAC, /* of the primary interface: nothing tells which one it is */
	FAULT_NO_INTERFACE,
	FAULT_NO_OWN, /* the instance has no IPv4 address, so no other can be told from its own */
	FAULT_NO_ADDRESS,
	FAULT_NOT_OWN,     /* one that an image brought along, or the lease of an earlier life */
	FAULT_UNREACHABLE, /* link-local and the like */
	FAULT_HIDDEN,      /* LNET takes another address by each name, and knows no other way */
};

static void write_nid(const struct lnet_net *net, const struct interface *interface,
		      char nid[PLAN_NID_MAX])
{
	text_set(nid, PLAN_NID_MAX, "%s@%s", interface->ipv4, net->net);
}

static bool is_there(const char *nid, const struct facts *facts)
{
	return facts->lnet == LNET_UP && words_contain(&facts->nids, nid);
}

/* A NID that is there already stays, whatever the order of addresses has become since. */
static bool is_hidden(const struct lnet_net *net, const struct interface *interface,
		      const struct facts *facts)
{
	char name[INTERFACE_NAME_MAX], nid[PLAN_NID_MAX];

	write_nid(net, interface, nid);
	return !interface_lnet_name(interface, name) && !facts->lnet_adds_by_nid &&
	       !is_there(nid, facts);
}

/* A reference that is missing is no check that is passed. */
static enum fault find_fault(const struct lnet_net *net, const struct interface *interface,
			     const struct facts *facts)
{
	const char *own = interface ? facts_assigned(facts, interface) : "";
	bool primary = interface && facts_is_primary(facts, interface);

	if (!interface && strcmp(net->interface, "primary") == 0 && facts->mac[0] == '\0')
		return FAULT_NO_MAC;
	if (!interface)
		return FAULT_NO_INTERFACE;
	if (primary && own[0] == '\0')
		return FAULT_NO_OWN;
	if (interface->ipv4[0] == '\0')
		return FAULT_NO_ADDRESS;
	if (own[0] != '\0' && strcmp(interface->ipv4, own) != 0)
		return FAULT_NOT_OWN;
	if (nid_unreachable(interface->ipv4))
		return FAULT_UNREACHABLE;
	return is_hidden(net, interface, facts) ? FAULT_HIDDEN : FAULT_NONE;
}

static int refuse_missing(const struct lnet_net *net, const struct facts *facts, struct plan *plan,
			  const char *fix)
{
	if (strcmp(net->interface, "primary") == 0)
		return plan_refuse(
			plan, REFUSAL_LNET, "", fix,
			"no interface has the MAC address %s, which the metadata gives for "
			"the primary interface",
			facts->mac);
	for (size_t i = 0; i < facts->rdma_count; i++)
		if (strcmp(facts->rdma[i].name, net->interface) == 0)
			return plan_refuse(
				plan, REFUSAL_LNET, "",
				"Write tcp(primary), and beside it an efa net on the device.",
				"lnet names RDMA device %s for net %s, where an Ethernet "
				"interface is needed",
				net->interface, net->net);
	return plan_refuse(plan, REFUSAL_LNET, "", fix,
			   "lnet names interface %s, which this node does not have",
			   net->interface);
}

/* lnetctl would be told the interface, and LNET take its first address. */
static int refuse_hidden(const struct interface *interface, struct plan *plan)
{
	const char *first = interface->taken.items[0];
	char fix[sizeof(plan->refusals->fix)];

	text_sentence(fix, sizeof(fix),
		      "Have %s configured before the other addresses of %s, or these with labels "
		      "of their own, as by ip address add ... label %.12s:1; lnetctl of Lustre "
		      "2.16 can do without.",
		      interface->ipv4, interface->name, interface->name);
	return plan_refuse(plan, REFUSAL_LNET, "", fix,
			   "interface %s has address %s before %s, its own: LNET takes the first "
			   "one by the interface's name, and this lnetctl knows no other way",
			   interface->name, strrchr(first, '=') + 1, interface->ipv4);
}

static int refuse_interface(enum fault fault, const struct lnet_net *net,
			    const struct interface *interface, const struct facts *facts,
			    struct plan *plan)
{
	const char *fix =
		"Check the node's network configuration, or name another interface in `lnet`.";

	switch (fault) {
	case FAULT_NONE:
		break;
	case FAULT_NO_MAC:
		return plan_refuse(plan, REFUSAL_LNET, "",
				   "Name the interface in `lnet`, such as lnet: tcp(eth0).",
				   "the metadata gives no MAC address, so nothing tells which "
				   "interface is the primary one");
	case FAULT_NO_INTERFACE:
		return refuse_missing(net, facts, plan, fix);
	case FAULT_NO_OWN:
		return plan_refuse(
			plan, REFUSAL_LNET, "",
			"Launch it into a subnet with IPv4, or set `lnet` to an interface in such "
			"a subnet, as in lnet: tcp(eth1).",
			"the metadata gives this instance no IPv4 address, as in a subnet of IPv6 "
			"only, and LNET needs one that others reach; interface %s has %s%s",
			interface->name, interface->ipv4[0] ? interface->ipv4 : "none",
			interface->ipv4[0] ? ", and nothing tells whose that is" : "");
	case FAULT_NO_ADDRESS:
		return plan_refuse(plan, REFUSAL_LNET, "", fix,
				   "interface %s has no IPv4 address, so LNET cannot use it",
				   interface->name);
	case FAULT_NOT_OWN:
		return plan_refuse(
			plan, REFUSAL_LNET, "", fix,
			"interface %s has address %s, but the metadata gives %s as %s own: nobody "
			"would reach a target that registers under the other",
			interface->name, interface->ipv4, facts_assigned(facts, interface),
			facts_is_primary(facts, interface) ? "this instance's" : "its");
	case FAULT_UNREACHABLE:
		return plan_refuse(
			plan, REFUSAL_LNET, "", fix,
			"interface %s has address %s, %s: nobody would reach a target that "
			"registers under it",
			interface->name, interface->ipv4, nid_unreachable(interface->ipv4));
	case FAULT_HIDDEN:
		return refuse_hidden(interface, plan);
	}
	return 0;
}

/* An interface or its address may still come; what the metadata do not say does not, and the order
 * of addresses is somebody's making. */
static bool may_pass(enum fault fault)
{
	return fault != FAULT_NO_MAC && fault != FAULT_NO_OWN && fault != FAULT_HIDDEN;
}

static int refuse(enum fault fault, const struct lnet_net *net, const struct interface *interface,
		  const struct facts *facts, struct plan *plan)
{
	const size_t before = plan->refusal_count;
	int r = refuse_interface(fault, net, interface, facts, plan);

	if (plan->refusal_count > before)
		plan->refusals[before].may_pass = may_pass(fault);
	return r;
}

/* tcp(primary) and tcp(eth0) may be one: LNET has no NID twice. */
static void add_net(const struct lnet_net *net, const struct interface *interface,
		    const struct facts *facts, struct plan *plan)
{
	struct plan_net *planned = &plan->nets[plan->net_count];

	write_nid(net, interface, planned->nid);
	for (size_t i = 0; i < plan->net_count; i++)
		if (strcmp(plan->nets[i].nid, planned->nid) == 0)
			return;
	text_set(planned->net, sizeof(planned->net), "%s", net->net);
	planned->by_nid = !interface_lnet_name(interface, planned->interface);
	planned->is_there = is_there(planned->nid, facts);
	plan->net_count++;
}

int lnet_config_resolve(const struct spec *spec, const struct facts *facts, struct plan *plan,
			struct error *err)
{
	for (size_t i = 0; i < spec->lnet_count; i++) {
		const struct lnet_net *net = &spec->lnet[i];
		const struct interface *interface = facts_interface(facts, net->interface);
		enum fault fault = find_fault(net, interface, facts);

		/* Of RDMA devices: decide/network/efa.c. */
		if (net_is_efa(net->net))
			continue;
		if (fault == FAULT_NONE)
			add_net(net, interface, facts, plan);
		else if (refuse(fault, net, interface, facts, plan) < 0)
			return error_set(err, -ENOMEM, "out of memory");
	}
	return 0;
}

static bool is_planned(const struct plan *plan, const char *nid)
{
	for (size_t i = 0; i < plan->net_count; i++)
		if (strcmp(plan->nets[i].nid, nid) == 0)
			return true;
	return false;
}

const char *lnet_config_stranger(const struct facts *facts, const struct plan *plan)
{
	for (size_t i = 0; i < facts->nids.count; i++)
		if (!is_planned(plan, facts->nids.items[i]))
			return facts->nids.items[i];
	return NULL;
}

enum lnet_match lnet_config_compare(const struct facts *facts, const struct plan *plan)
{
	if (facts->lnet != LNET_UP || facts->nids.count == 0)
		return LNET_MATCH_NONE;
	if (lnet_config_stranger(facts, plan))
		return LNET_MATCH_OTHER;
	return facts->nids.count == plan->net_count ? LNET_MATCH_SAME : LNET_MATCH_PART;
}

int lnet_config_add_nid(const struct plan *plan, const char *mgs, struct words *nids)
{
	const char *net = plan->net_count > 0 ? plan->nets[0].net : "tcp";
	bool is_whole = strchr(mgs, '@');
	char nid[NID_TEXT_MAX];

	if (text_format(nid, sizeof(nid), "%s%s%s", mgs, is_whole ? "" : "@", is_whole ? "" : net) <
	    0)
		return words_fail(nids);
	return words_contain(nids, nid) ? 0 : words_add(nids, nid);
}
