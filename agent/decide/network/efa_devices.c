/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/network/efa_devices.h"

#include "base/text.h"

#include <string.h>

#define EVERY_OF_MANY 4

static bool is_efa(const struct rdma_device *device)
{
	return strcmp(device->driver, "efa") == 0;
}

static size_t count_devices(const struct facts *facts)
{
	size_t count = 0;

	for (size_t i = 0; i < facts->rdma_count; i++)
		count += is_efa(&facts->rdma[i]);
	return count;
}

/* The guide's choice for the type: of the 32 of a p5 each fourth, else the first and the last. */
static bool is_of_auto(const char *type, size_t number, size_t count)
{
	if (strncmp(type, "p5.", 3) == 0 || strncmp(type, "p5e.", 4) == 0)
		return number % EVERY_OF_MANY == 0;
	return number == 0 || number + 1 == count;
}

/* "rdmap36s0, rdmap37s0": those that could be named. */
static void list_devices(const struct facts *facts, char *text, size_t size)
{
	struct words names = { 0 };

	for (size_t i = 0; i < facts->rdma_count; i++)
		if (is_efa(&facts->rdma[i]))
			words_add(&names, facts->rdma[i].name);
	words_list(&names, text, size);
	words_done(&names);
}

static int refuse(struct plan *plan, const char *fix, const char *text)
{
	return plan_refuse(plan, REFUSAL_LNET, "", fix, "%s", text);
}

/* A device may come when its driver is loaded: it is waited for like an interface. */
static int refuse_absent(struct plan *plan, const char *fix, const char *text)
{
	int r = refuse(plan, fix, text);

	if (r == 0)
		plan->refusals[plan->refusal_count - 1].may_pass = true;
	return r;
}

static int refuse_without_devices(const struct lnet_net *net, struct plan *plan)
{
	char text[256];

	text_set(text, sizeof(text), "lnet asks for %s(%s), and this instance has no EFA device",
		 net->net, net->interface);
	return refuse_absent(plan,
			     "Launch it with a network interface of type efa or efa-only, with the "
			     "driver efa in its image; or leave efa out of `lnet`.",
			     text);
}

static int refuse_name(const struct lnet_net *net, const struct facts *facts, struct plan *plan)
{
	bool ethernet = facts_interface(facts, net->interface) != NULL;
	char text[256], fix[384], devices[256];

	list_devices(facts, devices, sizeof(devices));
	text_sentence(fix, sizeof(fix), "Name one of %s, or write efa(all).", devices);
	if (ethernet) {
		text_set(text, sizeof(text),
			 "lnet names %s for net %s, an Ethernet interface, where an EFA device is "
			 "needed",
			 net->interface, net->net);
		return refuse(plan, fix, text);
	}
	text_set(text, sizeof(text), "lnet names EFA device %s, which this node does not have",
		 net->interface);
	return refuse_absent(plan, fix, text);
}

/* What is wrong with a device itself. 1: nothing. */
static int check_device(const struct rdma_device *device, const struct lnet_net *net,
			struct plan *plan)
{
	char text[256];

	if (!is_efa(device)) {
		text_set(text, sizeof(text),
			 "lnet names %s for net %s, whose driver is %s and not efa", device->name,
			 net->net, device->driver[0] ? device->driver : "unknown");
		return refuse(plan, "Name an EFA device, or write efa(all).", text);
	}
	if (device->port_state[0] != '\0' && strcmp(device->port_state, "ACTIVE") != 0) {
		text_set(text, sizeof(text), "the port of EFA device %s is %s, and not ACTIVE",
			 device->name, device->port_state);
		return refuse_absent(plan,
				     "rdma link shows it, dmesg tells why; or leave it out of "
				     "`lnet`.",
				     text);
	}
	return 1;
}

static void take(struct efa_devices *taken, const struct rdma_device *device)
{
	if (taken->count < EFA_DEVICES_MAX)
		taken->items[taken->count++] = device;
}

static int choose_many(const struct facts *facts, const struct lnet_net *net, bool all,
		       struct efa_devices *ret, struct plan *plan)
{
	size_t count = count_devices(facts), number = 0;
	int r = count > 0 ? 0 : refuse_without_devices(net, plan);

	for (size_t i = 0; r >= 0 && i < facts->rdma_count; i++) {
		const struct rdma_device *device = &facts->rdma[i];

		if (!is_efa(device))
			continue;
		r = 0;
		if (all || is_of_auto(facts->instance_type, number, count))
			r = check_device(device, net, plan);
		if (r == 1)
			take(ret, device);
		number++;
	}
	return r < 0 ? r : 0;
}

int efa_devices_choose(const struct facts *facts, const struct lnet_net *net,
		       struct efa_devices *ret, struct plan *plan)
{
	int r;

	*ret = (struct efa_devices){ .count = 0 };
	if (strcmp(net->interface, "all") == 0 || strcmp(net->interface, "auto") == 0)
		return choose_many(facts, net, net->interface[1] == 'l', ret, plan);
	for (size_t i = 0; i < facts->rdma_count; i++) {
		if (strcmp(facts->rdma[i].name, net->interface) != 0)
			continue;
		r = check_device(&facts->rdma[i], net, plan);
		if (r == 1)
			take(ret, &facts->rdma[i]);
		return r < 0 ? r : 0;
	}
	return count_devices(facts) > 0 ? refuse_name(net, facts, plan)
					: refuse_without_devices(net, plan);
}
