/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/network/mgs_nids.h"

#include "base/text.h"
#include "decide/network/lnet_config.h"
#include "model/mgs_answer.h"
#include "model/spec/nid.h"

#include <stdio.h>
#include <string.h>

#define ADDRESS_TEXT_MAX 64
#define WORD_TEXT_MAX    (NID_TEXT_MAX + ADDRESS_TEXT_MAX + 32)

/* Whose address one word of `mgs` is. */
enum whose {
	WHOSE_OWN_NID,     /* of this node, in a net that it shall have */
	WHOSE_OWN_ADDRESS, /* of this node, but LNET is not there */
	WHOSE_NOBODY,      /* a loopback address and the like */
	WHOSE_OTHERS,
	WHOSE_UNKNOWN, /* a name that does not resolve here */
};

struct named {
	enum whose whose;
	char address[ADDRESS_TEXT_MAX]; /* the one that it is, or resolves to first; "" for none */
	const char *nid;                /* with WHOSE_OWN_NID, the plan's */
};

/* `net` with its @. */
static const char *find_own_nid(const struct plan *plan, const char *address, const char *net)
{
	for (size_t i = 0; i < plan->net_count; i++) {
		const char *nid = plan->nets[i].nid;
		size_t length = strcspn(nid, "@");

		if (strlen(address) == length && strncmp(nid, address, length) == 0 &&
		    strcmp(nid + length, net) == 0)
			return nid;
	}
	return NULL;
}

static enum whose whose_address(const struct facts *facts, const char *address)
{
	if (address[0] == '\0')
		return WHOSE_UNKNOWN;
	if (nid_unreachable(address))
		return WHOSE_NOBODY;
	return facts_has_address(facts, address) ? WHOSE_OWN_ADDRESS : WHOSE_OTHERS;
}

/* Of several addresses mkfs.lustre takes the first; but the MGS is known by any that is its own. */
static struct named look(const struct planner_input *input, const struct plan *plan,
			 const char *word)
{
	const struct facts *facts = input->facts;
	const char *at = strchr(word, '@'), *first = strchr(plan->nets[0].nid, '@');
	const char *net = at ? at : first ? first : "@tcp";
	const struct host *host = mgs_nid_has_name(word) ? facts_host(facts, word) : NULL;
	struct named named = { .whose = WHOSE_UNKNOWN };

	if (host && host->addresses.count > 0)
		text_set(named.address, sizeof(named.address), "%s", host->addresses.items[0]);
	else if (!mgs_nid_has_name(word))
		text_set(named.address, sizeof(named.address), "%.*s", (int)strcspn(word, "@"),
			 word);
	named.nid = find_own_nid(plan, named.address, net);
	for (size_t i = 1; host && input->spec->roles & ROLE_MGS && i < host->addresses.count; i++)
		if (!named.nid)
			named.nid = find_own_nid(plan, host->addresses.items[i], net);
	named.whose = named.nid ? WHOSE_OWN_NID : whose_address(facts, named.address);
	return named;
}

/* The first word of `mgs` that is so; NULL for none. */
static const char *find(const struct planner_input *input, const struct plan *plan,
			enum whose whose, struct named *ret)
{
	const struct words *mgs = &input->spec->mgs;

	for (size_t i = 0; i < mgs->count; i++) {
		*ret = look(input, plan, mgs->items[i]);
		if (ret->whose == whose)
			return mgs->items[i];
	}
	return NULL;
}

int mgs_nids_resolve(const struct planner_input *input, const struct plan *plan, struct words *nids)
{
	const struct spec *spec = input->spec;
	int r = 0;

	if (spec->mgs.count == 0 && plan->net_count > 0)
		return words_add(nids, plan->nets[0].nid);
	for (size_t i = 0; r == 0 && i < spec->mgs.count; i++) {
		const char *word = spec->mgs.items[i];
		struct named named = { .nid = NULL };

		if (spec->roles & ROLE_MGS && plan->net_count > 0)
			named = look(input, plan, word);
		r = lnet_config_add_nid(plan, named.nid ? named.nid : word, nids);
	}
	return r;
}

/* "mgs.internal, which is 127.0.1.1 on this node", or the address as it was written. */
static void describe(const char *word, const struct named *named, char text[WORD_TEXT_MAX])
{
	if (mgs_nid_has_name(word) && named->address[0] != '\0')
		snprintf(text, WORD_TEXT_MAX, "%s, which is %s on this node", word, named->address);
	else
		snprintf(text, WORD_TEXT_MAX, "%s", word);
}

static int refuse_nobody(const char *word, const struct named *named, struct plan *plan)
{
	char text[WORD_TEXT_MAX];

	describe(word, named, text);
	return plan_refuse(plan, REFUSAL_MGS, "",
			   "Set mgs to the address of the MGS, or correct the name in this node's "
			   "/etc/hosts or in DNS.",
			   "mgs names %s, %s, where no other node finds the MGS", text,
			   nid_unreachable(named->address));
}

static int check_on_mgs(const struct planner_input *input, bool formats, struct plan *plan)
{
	const char *nid = plan->nets[0].nid, *word;
	char text[WORD_TEXT_MAX], fix[160];
	struct named named;

	word = find(input, plan, WHOSE_UNKNOWN, &named);
	if (word && formats) {
		snprintf(fix, sizeof(fix),
			 "Let it resolve, or write the address; this MGS itself is %s.", nid);
		return plan_refuse(plan, REFUSAL_MGS, "", fix,
				   "mgs names %s, which does not resolve on this node, and "
				   "mkfs.lustre writes down what it resolves to",
				   word);
	}
	if (word || find(input, plan, WHOSE_OWN_NID, &named))
		return 0;
	word = input->spec->mgs.items[0];
	named = look(input, plan, word);
	describe(word, &named, text);
	snprintf(fix, sizeof(fix),
		 "Set mgs to %s, or leave it out here; among failover partners, name this node, "
		 "too.",
		 nid);
	return plan_refuse(plan, REFUSAL_MGS, "", fix,
			   "mgs names %s, but this node is to be the MGS, and its NID is %s", text,
			   nid);
}

static int check_elsewhere(const struct planner_input *input, struct plan *plan)
{
	const char *word = input->spec->mgs.items[0];
	char text[WORD_TEXT_MAX], roles[32];
	struct named named;

	if (find(input, plan, WHOSE_OTHERS, &named) || find(input, plan, WHOSE_UNKNOWN, &named))
		return 0;
	named = look(input, plan, word);
	describe(word, &named, text);
	roles_format(input->spec->roles, roles, sizeof(roles));
	return plan_refuse(
		plan, REFUSAL_MGS, "", "Set mgs to the address of the MGS, or add mgs to role.",
		"mgs names %s, but that is this node itself, whose role is %s", text, roles);
}

/* That was asked for: its interface may be yet to come, which is waited for by itself. */
static bool is_in_a_net(const struct spec *spec, const char *word)
{
	const char *at = strchr(word, '@');

	for (size_t i = 0; at && i < spec->lnet_count; i++)
		if (strcmp(spec->lnet[i].net, at + 1) == 0)
			return true;
	return !at;
}

/* Routers lead to other nets; who has set LNET up by hand, or gave it routes, may have some. */
static bool may_be_routed(const struct facts *facts)
{
	return facts->lnet == LNET_UP || platform_option(&facts->platform, "lnet", "routes");
}

/*
 * The first NID of an MGS that is out of reach, NULL where one of them is not: an MGS with several
 * is told to all nodes alike.
 */
static const char *find_out_of_reach(const struct planner_input *input)
{
	const struct words *mgs = &input->spec->mgs;
	const char *first = NULL;

	for (size_t i = 0; i < mgs->count; i++) {
		if (is_in_a_net(input->spec, mgs->items[i]))
			return NULL;
		first = first ? first : mgs->items[i];
	}
	return may_be_routed(input->facts) ? NULL : first;
}

static int refuse_net(const char *word, struct plan *plan)
{
	const char *at = strchr(word, '@'), *net = at ? at + 1 : "";
	char fix[256];

	snprintf(fix, sizeof(fix),
		 "Give this node that net, as in lnet: %s(primary), or correct mgs: without @ it "
		 "is in the node's first net.",
		 net);
	return plan_refuse(plan, REFUSAL_MGS, "", fix,
			   "mgs names %s, and this node has no net %s: its first is %s, and "
			   "nothing leads from there to another",
			   word, net, plan->nets[0].net);
}

int mgs_nids_check(const struct planner_input *input, bool formats, struct plan *plan)
{
	struct named named;
	const char *word;

	if (input->spec->mgs.count == 0 || plan->net_count == 0)
		return 0;
	word = find(input, plan, WHOSE_NOBODY, &named);
	if (word)
		return refuse_nobody(word, &named, plan);
	if (input->spec->roles & ROLE_MGS)
		return check_on_mgs(input, formats, plan);
	word = formats || plan->target_count == 0 ? find_out_of_reach(input) : NULL;
	if (word)
		return refuse_net(word, plan);
	return check_elsewhere(input, plan);
}
