/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/tuning.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * To an interface that gives no speed, which is every one of EC2's. Lustre gives 4 at 100 Gbit/s,
 * where flows have no cap; 8 flows of 5 Gbit/s fill 40.
 */
#define CONNS_WITHOUT_SPEED 8

#define LARGE_CPUS 64
#define LARGE_GIB  64ULL
#define GUIDE      "the guide of Amazon FSx for Lustre, Performance tips"

/* ---- connections ---- */

/* Lustre's own, of an interface that gives its speed (source: ksocklnd_lookup_conns_per_peer()). */
static unsigned conns_of_speed(unsigned mbits)
{
	unsigned gbits = mbits / 1000, log = 0;

	while (gbits > 1) {
		gbits /= 2;
		log++;
	}
	return log / 2 + 1;
}

static bool is_tcp(const char *net)
{
	return strncmp(net, "tcp", strlen("tcp")) == 0;
}

/* By its address: LNET may know the interface by a label of it. */
static const struct interface *interface_of(const struct facts *facts, const struct plan_net *net)
{
	size_t length = strcspn(net->nid, "@");

	for (size_t i = 0; i < facts->interface_count; i++) {
		const char *ipv4 = facts->interfaces[i].ipv4;

		if (strlen(ipv4) == length && strncmp(ipv4, net->nid, length) == 0)
			return &facts->interfaces[i];
	}
	return NULL;
}

/* "driver ena gives no speed"; "" where nothing is known of it. */
static void describe_interface(const struct interface *interface, char *text, size_t size)
{
	char speed[64] = "";

	text[0] = '\0';
	if (interface->speed > 0)
		snprintf(speed, sizeof(speed), "gives %u Mbit/s", interface->speed);
	else if (interface->gives_no_speed)
		snprintf(speed, sizeof(speed), "gives no speed");
	else
		return;
	snprintf(text, size, "driver %s %s, ", interface->driver[0] ? interface->driver : "none",
		 speed);
}

/* As the kernel reads one, in hexadecimal and octal, too (kstrtouint(), base 0). */
static bool number_of(const struct module_option *option, unsigned long *ret)
{
	char *end;

	*ret = strtoul(option->value, &end, 0);
	return end != option->value && *end == '\0';
}

/* What somebody gave ksocklnd; NULL for nothing: 0 is its own "choose". */
static const struct module_option *conns_option(const struct facts *facts)
{
	const struct module_option *option =
		platform_option(&facts->platform, "ksocklnd", "conns_per_peer");
	unsigned long number;

	return option && !(number_of(option, &number) && number == 0) ? option : NULL;
}

static void take_key(const struct spec *spec, const char *interface, struct plan_net *net)
{
	char origin[ORIGIN_TEXT_MAX];

	origin_format(&spec->origins[KEY_CONNS_PER_PEER], origin, sizeof(origin));
	net->conns = spec->conns_per_peer;
	net->gives_conns = true;
	text_sentence(net->conns_because, sizeof(net->conns_because),
		      "%sand conns-per-peer asks for so many (%s)", interface, origin);
}

static void take_option(const struct module_option *option, const char *interface,
			struct plan_net *net)
{
	unsigned long number;

	net->conns = number_of(option, &number) && number <= CONNS_MAX ? (unsigned)number : 0;
	if (option->module[0] == '\0')
		text_sentence(net->conns_because, sizeof(net->conns_because),
			      "%sand %.150s cannot be read, and may say how many", interface,
			      option->where);
	else
		text_sentence(net->conns_because, sizeof(net->conns_because),
			      "%sand ksocklnd has conns_per_peer=%s by %.150s, which stays",
			      interface, option->value, option->where);
}

static void choose(const struct interface *interface, const char *described, struct plan_net *net)
{
	if (interface->speed > 0) {
		net->conns = conns_of_speed(interface->speed);
		text_sentence(net->conns_because, sizeof(net->conns_because),
			      "%sand Lustre chooses so itself", described);
	} else if (interface->gives_no_speed) {
		net->conns = CONNS_WITHOUT_SPEED;
		net->gives_conns = true;
		text_sentence(net->conns_because, sizeof(net->conns_because),
			      "%sso Lustre would open one, and EC2 caps each flow", described);
	}
}

int tuning_plan_nets(const struct planner_input *input, struct plan *plan)
{
	const struct module_option *option = conns_option(input->facts);

	for (size_t i = 0; i < plan->net_count; i++) {
		struct plan_net *net = &plan->nets[i];
		const struct interface *interface = interface_of(input->facts, net);
		char described[128];

		if (!is_tcp(net->net) || !interface)
			continue;
		describe_interface(interface, described, sizeof(described));
		if (input->spec->conns_per_peer > 0)
			take_key(input->spec, described, net);
		else if (option)
			take_option(option, described, net);
		else
			choose(interface, described, net);
		net->gives_conns = net->gives_conns && !net->is_there;
	}
	return 0;
}

/* ---- large instances ---- */

static int tell(struct plan *plan, const char *what, const char *how, const char *because)
{
	return words_addf(&plan->tuning, "%s, %s: %s", what, how, because);
}

static int give_option(const struct planner_input *input, const char *module, const char *name,
		       unsigned value, const char *because, struct plan *plan)
{
	const struct module_option *option = platform_option(&input->facts->platform, module, name);
	struct plan_module *planned;
	char what[96], how[256];
	unsigned long set;

	text_set(what, sizeof(what), "%s %s=%u", module, name, value);
	if (option && !(number_of(option, &set) && set == value)) {
		text_sentence(how, sizeof(how), "left at %s %s %.150s",
			      option->value[0] ? option->value : "what it is",
			      option->loaded ? "as it is loaded," : "by", option->where);
		return tell(plan, what, how, because);
	}
	if (option)
		return 0;
	planned = plan_module(plan, module);
	if (!planned || words_addf(&planned->options, "%s=%u", name, value) < 0)
		return -ENOMEM;
	return tell(plan, what, "when it is loaded", because);
}

#define BECAUSE_MAX 160

static bool has_many_cpus(const struct planner_input *input, char because[BECAUSE_MAX])
{
	const unsigned cpus = input->facts->platform.cpus;

	text_set(because, BECAUSE_MAX, "%u CPUs, more than %d (" GUIDE ")", cpus, LARGE_CPUS);
	return cpus > LARGE_CPUS;
}

static int give_options(const struct planner_input *input, struct plan *plan)
{
	char because[BECAUSE_MAX];
	int r;

	if (!has_many_cpus(input, because))
		return 0;
	r = give_option(input, "ksocklnd", "credits", 2560, because, plan);
	return r < 0 ? r : give_option(input, "ptlrpc", "ptlrpcd_per_cpt_max", 32, because, plan);
}

/* Of this file system alone: others may be mounted here by somebody who chose otherwise. */
static int set(struct plan *plan, const char *because, const char *of, const char *instances,
	       const char *name, unsigned long value)
{
	char what[128];

	text_set(what, sizeof(what), "%s.%s-%s.%s=%lu", of, plan->client.fsname, instances, name,
		 value);
	if (words_add(&plan->client.settings, what) < 0)
		return -ENOMEM;
	return tell(plan, what, "once the client is mounted", because);
}

static int set_requests(const struct planner_input *input, struct plan *plan)
{
	char because[BECAUSE_MAX];
	int r;

	if (!has_many_cpus(input, because))
		return 0;
	r = set(plan, because, "osc", "OST*", "max_rpcs_in_flight", 32);
	if (r == 0)
		r = set(plan, because, "mdc", "MDT*", "max_rpcs_in_flight", 64);
	return r < 0 ? r : set(plan, because, "mdc", "MDT*", "max_mod_rpcs_in_flight", 50);
}

static int set_locks(const struct planner_input *input, struct plan *plan)
{
	const struct platform *platform = &input->facts->platform;
	/* Whole ones, begun ones counted: what is more than so many reads as more. */
	const unsigned long long mib = (platform->memory + (1 << 20) - 1) >> 20, gib = mib >> 10;
	char because[BECAUSE_MAX];
	int r;

	if (mib <= LARGE_GIB << 10)
		return 0;
	text_set(because, sizeof(because), "%llu %s of memory, more than %llu (" GUIDE ")",
		 gib > LARGE_GIB ? gib : mib, gib > LARGE_GIB ? "GiB" : "MiB",
		 gib > LARGE_GIB ? LARGE_GIB : LARGE_GIB << 10);
	r = set(plan, because, "ldlm.namespaces", "*", "lru_max_age", 600000);
	if (r == 0 && platform->cpus > 0)
		r = set(plan, because, "ldlm.namespaces", "*", "lru_size", 100UL * platform->cpus);
	return r;
}

int tuning_plan_large(const struct planner_input *input, struct plan *plan)
{
	int r;

	if (input->spec->tuning == TUNING_NONE)
		return 0;
	r = give_options(input, plan);
	if (r == 0 && plan->client.wanted)
		r = set_requests(input, plan);
	if (r == 0 && plan->client.wanted)
		r = set_locks(input, plan);
	return r;
}
