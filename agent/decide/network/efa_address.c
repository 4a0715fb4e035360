/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/network/efa_address.h"

#include "base/text.h"

#include <string.h>

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
	int r;

	if (!source->interface && !source->tell)
		return plan_refuse(
			plan, REFUSAL_LNET, "",
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
	r = plan_refuse(plan, REFUSAL_LNET, "",
			"Give it an IPv4 address: efa has its NID from that.",
			"the interface that kefalnd takes its address from has no IPv4 address");
	/* As of an interface of tcp, it is waited for. */
	if (r == 0)
		plan->refusals[plan->refusal_count - 1].may_pass = true;
	return r;
}

int efa_address_find(const struct planner_input *input, struct efa_address *ret, struct plan *plan)
{
	const struct ip_source source = find_source(input);
	int r = check_source(&source, plan);

	*ret = (struct efa_address){ .tell = source.tell };
	if (r <= 0)
		return r;
	memcpy(ret->name, source.name, sizeof(ret->name));
	ret->ipv4 = address_of(&source);
	return 1;
}
