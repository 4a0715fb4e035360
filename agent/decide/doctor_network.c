/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/doctor_network.h"

#include <stdio.h>
#include <string.h>

/* How many it runs with; 0 where it does not tell, as an LNET of before 2.15. */
static unsigned running(const struct checkup *checkup, const char *nid)
{
	for (size_t i = 0; i < checkup->net_count; i++)
		if (strcmp(checkup->nets[i].nid, nid) == 0)
			return checkup->nets[i].conns;
	return 0;
}

int doctor_check_connections(const struct doctor_input *input, struct findings *ret)
{
	const struct plan *plan = input->plan;
	int r = 0;

	for (size_t i = 0; plan && r == 0 && i < plan->net_count; i++) {
		const struct plan_net *net = &plan->nets[i];
		unsigned conns = running(input->checkup, net->nid);
		char fix[256];

		if (!net->is_there || net->conns == 0 || conns == 0)
			continue;
		if (conns >= net->conns) {
			r = findings_ok(ret, "connections",
					"%s has conns-per-peer %u; a peer that has less gets less",
					net->nid, conns);
			continue;
		}
		snprintf(fix, sizeof(fix),
			 "lnetctl net set --net %s --conns-per-peer %u holds for peers that are "
			 "connected after it, here and on the other end; a boot sets it for all.",
			 net->net, net->conns);
		r = findings_warn(ret, "connections", fix,
				  "%s has conns-per-peer %u, and chosen is %u (%s)", net->nid,
				  conns, net->conns, net->conns_because);
	}
	return r;
}
