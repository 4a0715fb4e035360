/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/lnet_config.h"

#include "base/text.h"
#include "model/spec/nid.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int refuse_interface(const struct lnet_net *net, const struct interface *interface,
			    const struct facts *facts, struct plan *plan)
{
	const char *fix =
		"Check the node's network configuration, or name another interface in `lnet`.";

	if (!interface && strcmp(net->interface, "primary") == 0)
		return plan_refuse(
			plan, REFUSAL_LNET, "", fix,
			"no interface has the MAC address %s, which the metadata gives for "
			"the primary interface",
			facts->mac[0] ? facts->mac : "(none)");
	if (!interface)
		return plan_refuse(plan, REFUSAL_LNET, "", fix,
				   "lnet names interface %s, which this node does not have",
				   net->interface);
	if (interface->ipv4[0] == '\0')
		return plan_refuse(plan, REFUSAL_LNET, "", fix,
				   "interface %s has no IPv4 address, so LNET cannot use it",
				   interface->name);
	return plan_refuse(
		plan, REFUSAL_LNET, "", fix,
		"interface %s has address %s, but the metadata gives %s as this instance's own: "
		"nobody would reach a target that registers under the other",
		interface->name, interface->ipv4, facts->local_ipv4);
}

/* An address that an image brought along, or the lease of an earlier life. */
static bool is_strange(const struct lnet_net *net, const struct interface *interface,
		       const struct facts *facts)
{
	return strcmp(net->interface, "primary") == 0 && facts->local_ipv4[0] != '\0' &&
	       strcmp(interface->ipv4, facts->local_ipv4) != 0;
}

int lnet_config_resolve(const struct spec *spec, const struct facts *facts, struct plan *plan,
			struct error *err)
{
	for (size_t i = 0; i < spec->lnet_count; i++) {
		const struct lnet_net *net = &spec->lnet[i];
		const struct interface *interface = facts_interface(facts, net->interface);
		struct plan_net *planned;

		if (!interface || interface->ipv4[0] == '\0' || is_strange(net, interface, facts)) {
			if (refuse_interface(net, interface, facts, plan) < 0)
				return error_set(err, -ENOMEM, "out of memory");
			continue;
		}
		planned = &plan->nets[plan->net_count++];
		snprintf(planned->net, sizeof(planned->net), "%s", net->net);
		snprintf(planned->interface, sizeof(planned->interface), "%s", interface->name);
		snprintf(planned->nid, sizeof(planned->nid), "%s@%s", interface->ipv4, net->net);
		planned->is_there =
			facts->lnet == LNET_UP && words_contain(&facts->nids, planned->nid);
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
