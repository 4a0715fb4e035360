/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/doctor/doctor_network.h"

#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
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
		char fix[384];

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
			 "connected after it, here and on the other end. A boot sets it where "
			 "lustre-init adds the net; where lnet.service does, write conns_per_peer: "
			 "%u into its lnd tunables in /etc/lnet.conf.",
			 net->net, net->conns, net->conns);
		r = findings_warn(ret, "connections", fix,
				  "%s has conns-per-peer %u, and chosen is %u (%s)", net->nid,
				  conns, net->conns, net->conns_because);
	}
	return r;
}

/* Amazon FSx's guide to EFA clients: "2.12.1 or later". */
static const unsigned efa_version_least[] = { 2, 12, 1 };

/* "2.12.1g": numbers and dots, as far as they go; what is not there is 0. */
static bool is_efa_too_old(const char *version)
{
	for (size_t i = 0; i < sizeof(efa_version_least) / sizeof(efa_version_least[0]); i++) {
		char *end;
		unsigned long number = strtoul(version, &end, 10);

		if (number != efa_version_least[i])
			return number < efa_version_least[i];
		version = *end == '.' ? end + 1 : end;
	}
	return false;
}

int doctor_check_efa_driver(const struct doctor_input *input, struct findings *ret)
{
	if (!input->facts || !spec_has_efa(input->spec))
		return 0;
	for (size_t i = 0; i < input->facts->rdma_count; i++) {
		const struct rdma_device *device = &input->facts->rdma[i];

		if (strcmp(device->driver, "efa") != 0 ||
		    !isdigit((unsigned char)device->driver_version[0]))
			continue;
		if (is_efa_too_old(device->driver_version))
			return findings_warn(ret, "efa",
					     "Install a newer EFA driver (Amazon's EFA installer), "
					     "and reboot; or leave efa out of `lnet`.",
					     "the EFA driver is %s, and kefalnd needs 2.12.1 or "
					     "later",
					     device->driver_version);
		return findings_ok(ret, "efa", "the EFA driver is %s", device->driver_version);
	}
	return 0;
}

/* "osc.fs-OST*.max_…", of `length` characters with one star, means this name. */
static bool means(const char *pattern, size_t length, const char *name, size_t name_length)
{
	const char *star = memchr(pattern, '*', length);
	size_t before = star ? (size_t)(star - pattern) : length;
	size_t behind = star ? length - before - 1 : 0;

	if (!star)
		return name_length == length && memcmp(name, pattern, length) == 0;
	return name_length >= before + behind && memcmp(name, pattern, before) == 0 &&
	       memcmp(name + name_length - behind, star + 1, behind) == 0;
}

/* Whether a parameter, "osc.fs-OST0017-osc-ffff8f0a.max_…=8", is one that `setting` means and has
 * another value. */
static bool differs(const char *setting, const char *parameter)
{
	size_t pattern = strcspn(setting, "="), name = strcspn(parameter, "=");

	return means(setting, pattern, parameter, name) &&
	       strcmp(parameter + name, setting + pattern) != 0;
}

int doctor_check_parameters(const struct doctor_input *input, struct findings *ret)
{
	const struct words *parameters = &input->checkup->parameters, *settings;
	const char *first = NULL, *wanted = NULL;
	size_t others = 0;
	char more[48] = "", fix[256];

	if (!input->plan || !input->plan->client.mounted || parameters->count == 0)
		return 0;
	settings = &input->plan->client.settings;
	for (size_t i = 0; i < parameters->count; i++) {
		for (size_t k = 0; k < settings->count; k++) {
			if (!differs(settings->items[k], parameters->items[i]))
				continue;
			others += first != NULL;
			wanted = first ? wanted : settings->items[k];
			first = first ? first : parameters->items[i];
		}
	}
	if (!first)
		return findings_ok(ret, "parameters", "the client has what tuning sets");
	if (others > 0)
		snprintf(more, sizeof(more), ", likewise %zu more", others);
	text_sentence(fix, sizeof(fix),
		      "lctl set_param '%.160s' sets it until it is unmounted, and so for each that "
		      "lustre-init plan shows; or let lustre-init mount it.",
		      wanted);
	return findings_warn(
		ret, "parameters", fix,
		"the client has %.200s, and tuning sets %.160s%s: it was mounted by hand, or "
		"they were set since",
		first, wanted, more);
}
