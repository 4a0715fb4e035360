/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/network/lnet_options.h"

#include "base/text.h"
#include "model/spec/nid.h"

#include <errno.h>
#include <string.h>

#define BLANKS " \t"

/* A part of what networks= says, without the blanks around it. */
struct piece {
	const char *at;
	size_t length;
};

static struct piece piece_of(const char *at, size_t length)
{
	while (length > 0 && strchr(BLANKS, *at)) {
		at++;
		length--;
	}
	while (length > 0 && strchr(BLANKS, at[length - 1]))
		length--;
	return (struct piece){ at, length };
}

/* Which of the plan's nets networks= has named. */
struct naming {
	const struct plan *plan;
	bool named[PLAN_NETS_MAX];
};

/* That net on that interface, or on any where it names none, is the plan's, and not named yet. */
static bool name_net(struct naming *naming, const char *net, struct piece interface)
{
	const struct plan *plan = naming->plan;
	size_t found = 0, last = 0;

	for (size_t i = 0; i < plan->net_count; i++) {
		const struct plan_net *planned = &plan->nets[i];
		bool fits = interface.length == 0 ||
			    /* By its name LNET would take another address of that interface. */
			    (!planned->by_nid && strlen(planned->interface) == interface.length &&
			     memcmp(planned->interface, interface.at, interface.length) == 0);

		if (strcmp(planned->net, net) == 0 && fits) {
			found++;
			last = i;
		}
	}
	if (found != 1 || naming->named[last])
		return false;
	naming->named[last] = true;
	return true;
}

/* "eth0,eth1[0,1]": CPU partitions are no matter of which net there is. */
static bool name_interfaces(struct naming *naming, const char *net, struct piece list)
{
	size_t at = 0;

	do {
		size_t begin = at, length;

		while (at < list.length && !strchr(",[", list.at[at]))
			at++;
		length = at - begin;
		if (at < list.length && list.at[at] == '[')
			while (at < list.length && list.at[at] != ']')
				at++;
		while (at < list.length && list.at[at] != ',')
			at++;
		if (piece_of(list.at + begin, length).length == 0 ||
		    !name_net(naming, net, piece_of(list.at + begin, length)))
			return false;
	} while (at++ < list.length);
	return true;
}

/* "tcp0(eth0)" of "tcp0(eth0)[0,1]": partitions of all of its interfaces. */
static struct piece without_partitions(struct piece network)
{
	size_t end = network.length;

	if (end == 0 || network.at[end - 1] != ']')
		return network;
	while (end > 0 && network.at[end - 1] != '[')
		end--;
	return piece_of(network.at, end > 0 ? end - 1 : network.length);
}

/* "tcp0(eth0)", or "tcp", and partitions behind either. */
static bool name_network(struct naming *naming, struct piece whole)
{
	const struct piece network = without_partitions(whole);
	size_t name = 0;
	char net[NET_TEXT_MAX];
	struct piece written;

	while (name < network.length && network.at[name] != '(')
		name++;
	written = piece_of(network.at, name);
	if (net_normalise(written.at, written.length, net) < 0)
		return false;
	if (name == network.length)
		return name_net(naming, net, (struct piece){ "", 0 });
	return network.at[network.length - 1] == ')' &&
	       name_interfaces(naming, net,
			       piece_of(network.at + name + 1, network.length - name - 2));
}

/* How long the first network is: to a separator that stands in no parentheses and no brackets. */
static size_t length_of_network(const char *networks)
{
	size_t end = 0;
	char closing = '\0';

	for (; networks[end] && (closing || !strchr(",;", networks[end])); end++) {
		if (closing)
			closing = networks[end] == closing ? '\0' : closing;
		else if (networks[end] == '(')
			closing = ')';
		else if (networks[end] == '[')
			closing = ']';
	}
	return end;
}

/* "tcp0(eth0),tcp1(eth1,eth2)" is the plan's nets, all of them and no other. */
static bool is_plan(const struct plan *plan, const char *networks)
{
	struct naming naming = { .plan = plan };

	while (*networks) {
		size_t end = length_of_network(networks);

		if (!name_network(&naming, piece_of(networks, end)))
			return false;
		networks += end + (networks[end] != '\0');
	}
	for (size_t i = 0; i < plan->net_count; i++)
		if (!naming.named[i])
			return false;
	return true;
}

static const struct module_option *option_of(const struct platform *platform, const char *name)
{
	const struct module_option *option = platform_option(platform, "lnet", name);

	return option && option->module[0] != '\0' && option->value[0] != '\0' ? option : NULL;
}

/* The first that comes to other nets. Which addresses ip2nets= is for is LNET's own language. */
static const struct module_option *find_other(const struct platform *platform,
					      const struct plan *plan)
{
	const struct module_option *ip2nets = option_of(platform, "ip2nets");
	const struct module_option *networks = option_of(platform, "networks");

	if (ip2nets)
		return ip2nets;
	return networks && !is_plan(plan, networks->value) ? networks : NULL;
}

int lnet_options_check(const struct planner_input *input, bool formats, struct plan *plan)
{
	const struct spec *spec = input->spec;
	const struct module_option *other;
	/* By the key, or by who configured LNET, whose NIDs are judged by themselves. */
	bool decided = spec->origins[KEY_LNET].source != SOURCE_DEFAULT ||
		       (input->facts->lnet == LNET_UP && input->facts->nids.count > 0);
	char fix[sizeof(plan->refusals->fix)];

	if (plan->net_count == 0)
		return 0;
	other = find_other(&input->facts->platform, plan);
	if (!other)
		return 0;
	if (decided || !formats)
		return words_addf(
			&plan->notes,
			"lnet has %s=%.128s by %.150s, which is not followed: LNET gets %s "
			"on %s, and who loads Lustre by hand gets the other",
			other->name, other->value, other->where, plan->nets[0].net,
			plan->nets[0].interface);
	text_sentence(fix, sizeof(fix),
		      "Write what is meant into `lnet`, such as lnet: %s(%s), or take %s out of "
		      "%.150s.",
		      plan->nets[0].net, plan->nets[0].interface, other->name, other->where);
	return plan_refuse(
		plan, REFUSAL_LNET, "", fix,
		"lnet has %s=%.128s by %.150s, and `lnet`, which is not written, comes to "
		"%s on %s: nobody would reach a target that registers under the wrong one",
		other->name, other->value, other->where, plan->nets[0].net,
		plan->nets[0].interface);
}
