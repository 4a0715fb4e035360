/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/network/option_nids.h"

#include "base/text.h"
#include "model/mgs_answer.h"
#include "model/spec/nid.h"

#include <stdio.h>
#include <string.h>

/* The value of a word that begins with `option`; NULL for another. */
static const char *value_of(const char *word, const char *option)
{
	size_t length = strlen(option);

	return strncmp(word, option, length) == 0 ? word + length : NULL;
}

static bool may_be_own(const struct plan *plan, const char *word)
{
	char nid[NID_TEXT_MAX], whole[NID_TEXT_MAX];

	if (nid_normalise(word, nid) < 0 || mgs_nid_has_name(nid) ||
	    text_format(whole, sizeof(whole), "%s%s", nid, strchr(nid, '@') ? "" : "@tcp") < 0)
		return true;
	for (size_t i = 0; i < plan->net_count; i++)
		if (strcmp(plan->nets[i].nid, whole) == 0)
			return true;
	return false;
}

static bool has_net(const struct plan *plan, const char *word)
{
	char net[NET_TEXT_MAX];

	for (size_t i = 0; net_normalise(word, strlen(word), net) == 0 && i < plan->net_count; i++)
		if (strcmp(plan->nets[i].net, net) == 0)
			return true;
	return false;
}

/* All that --servicenode names, however often it is given. */
static int check_service_nodes(const struct words *options, struct plan *plan)
{
	struct words nodes = { 0 };
	bool own = false;
	char fix[160];
	int r = 0;

	for (size_t i = 0; r == 0 && i < options->count; i++) {
		const char *value = value_of(options->items[i], "--servicenode=");

		r = value ? words_split(&nodes, value, ",:") : 0;
	}
	for (size_t i = 0; r == 0 && i < nodes.count; i++)
		own = own || may_be_own(plan, nodes.items[i]);
	snprintf(fix, sizeof(fix), "Name %s in --servicenode, too, or leave that out.",
		 plan->nets[0].nid);
	if (r == 0 && nodes.count > 0 && !own)
		r = plan_refuse(plan, REFUSAL_LNET, "", fix,
				"mkfs-options: --servicenode names %s and no NID of this node, so "
				"that no target of it could register",
				nodes.items[0]);
	words_done(&nodes);
	return r;
}

/* `option` as it is written in the key `key`. */
static int check_nets(const struct words *options, const char *option, const char *key,
		      struct plan *plan)
{
	struct words nets = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < options->count; i++) {
		const char *value = value_of(options->items[i], option);

		r = value ? words_split(&nets, value, ",:") : 0;
	}
	for (size_t i = 0; r == 0 && i < nets.count; i++)
		if (!has_net(plan, nets.items[i]))
			r = plan_refuse(plan, REFUSAL_LNET, "",
					"Name a net of the key lnet there, or add this one to it.",
					"%s: %s%s names a net that this node does not have", key,
					option, nets.items[i]);
	words_done(&nets);
	return r;
}

int option_nids_check(const struct planner_input *input, bool formats, struct plan *plan)
{
	const struct spec *spec = input->spec;
	int r = 0;

	if (plan->net_count == 0)
		return 0;
	if (formats)
		r = check_service_nodes(&spec->mkfs_options, plan);
	if (r == 0 && formats)
		r = check_nets(&spec->mkfs_options, "--network=", "mkfs-options", plan);
	return r < 0 ? r : check_nets(&spec->mount_options, "network=", "mount-options", plan);
}
