// SPDX-License-Identifier: Apache-2.0
#include "simd_local.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kernel_log.h"
#include "lnet.h"
#include "parameters.h"
#include "registry.h"
#include "targets.h"

/* The list that lsmod would show: for people, and for a test that wants to know. */
static void write_modules(const struct simd *simd)
{
	static const char *const lnet[] = { "libcfs", "lnet" };
	static const char *const lustre[] = { "ksocklnd", "obdclass", "ptlrpc", "lustre",
					      "mgs",      "mdt",      "ost",    "ldiskfs" };
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/modules", simd->conf.run_dir);
	file = fopen(path, "we");
	if (!file)
		return;
	for (size_t i = 0; i < sizeof(lnet) / sizeof(lnet[0]); i++)
		fprintf(file, "%s\n", lnet[i]);
	if (simd->lnet.has_efa)
		fprintf(file, "kefalnd\n");
	for (size_t i = 0; simd->lustre_loaded && i < sizeof(lustre) / sizeof(lustre[0]); i++)
		fprintf(file, "%s\n", lustre[i]);
	fclose(file);
}

static int load_lustre(struct simd *simd)
{
	int r = simd->lustre_loaded ? 0 : lnet_configure(simd, true);

	if (r < 0) {
		kernel_error(&simd->conf,
			     "LustreError: %d:0:(events.c:0:ptlrpc_init_portals()) network "
			     "initialisation failed: rc = %d",
			     getpid(), r);
		return r;
	}
	simd->lustre_loaded = true;
	return 0;
}

/* The value of a module's option, without its quotation marks; false where it is not given. */
static bool take_option(const char *options, const char *name, char *value, size_t size)
{
	const char *at = strstr(options, name);

	if (!at)
		return false;
	at += strlen(name);
	at += strspn(at, "\"'");
	snprintf(value, size, "%.*s", (int)strcspn(at, "\"' "), at);
	return true;
}

static int module_load(struct simd *simd, struct message *message)
{
	char name[32], options[512];
	int r = 0;

	get_string(message, name, sizeof(name));
	get_string(message, options, sizeof(options));
	if (message->bad)
		return -EINVAL;
	if (!simd->lnet.up)
		take_option(options, "networks=", simd->lnet.networks, sizeof(simd->lnet.networks));
	if (!strcmp(name, "kefalnd")) {
		/* What is loaded takes no options any more. */
		if (!simd->lnet.has_efa)
			take_option(options, "ipif_name=", simd->lnet.ipif_name,
				    sizeof(simd->lnet.ipif_name));
		simd->lnet.has_efa = true;
	} else if (strcmp(name, "lnet") != 0) {
		r = load_lustre(simd);
	}
	write_modules(simd);
	return r;
}

static int modules_unload(struct simd *simd)
{
	char path[128];

	if (targets_busy(simd))
		return -EBUSY;
	lnet_shutdown(simd);
	snprintf(path, sizeof(path), "%s/modules", simd->conf.run_dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/simd.sock", simd->conf.run_dir);
	unlink(path);
	simd->stopping = true;
	eventfd_write(simd->wake, 1);
	return 0;
}

static int lnet_state(struct simd *simd, struct message *message)
{
	const struct lnet *lnet = &simd->lnet;

	message_reset(message);
	put_u32(message, lnet->up ? LNET_UP : LNET_DOWN);
	put_u32(message, simd->lustre_loaded);
	put_u32(message, (uint32_t)lnet->count);
	for (size_t i = 0; i < lnet->count; i++) {
		put_string(message, lnet->nis[i].nid.text);
		put_string(message, lnet->nis[i].interface);
		put_u32(message, lnet->nis[i].conns);
		put_u32(message, lnet->nis[i].peer_credits);
	}
	put_u32(message, lnet->discovery);
	put_u32(message, (uint32_t)lnet->rule_count);
	for (size_t i = 0; i < lnet->rule_count; i++)
		put_string(message, lnet->rules[i]);
	return 0;
}

static int net_change(struct simd *simd, bool add, struct message *message)
{
	char net[16], interface[64]; /* or a NID */
	struct tunables tunables = { 0 };

	get_string(message, net, sizeof(net));
	get_string(message, interface, sizeof(interface));
	if (add) {
		tunables.conns = get_u32(message);
		tunables.peer_credits = get_u32(message);
	}
	if (message->bad)
		return -EINVAL;
	return add ? lnet_add(simd, net, interface, &tunables) : lnet_delete(simd, net, interface);
}

static int set_discovery(struct simd *simd, struct message *message)
{
	uint32_t on = get_u32(message);

	if (message->bad || !simd->lnet.up)
		return message->bad ? -EINVAL : -ENETDOWN;
	simd->lnet.discovery = on;
	return 0;
}

static int add_rule(struct simd *simd, struct message *message)
{
	char net[16];

	get_string(message, net, sizeof(net));
	if (message->bad || !simd->lnet.up)
		return message->bad ? -EINVAL : -ENETDOWN;
	return lnet_prefer(simd, net);
}

static int target_claim(struct simd *simd, const struct connection *connection,
			struct message *message)
{
	char name[NAME_SIZE];
	uint32_t others = 0;
	int r;

	get_string(message, name, sizeof(name));
	if (message->bad)
		return -EINVAL;
	r = targets_claim(simd, connection->fd, name);
	for (size_t i = 0; i < TARGETS_MAX; i++)
		others += simd->targets[i].phase == TARGET_SERVING;
	message_reset(message);
	put_u32(message, others); /* then this node has an MGC already (facts, surprise 14) */
	return r;
}

static int target_start(struct simd *simd, const struct connection *connection,
			struct message *message)
{
	struct target target = { 0 };

	get_string(message, target.name, sizeof(target.name));
	get_string(message, target.fsname, sizeof(target.fsname));
	target.flags = get_u32(message);
	get_string(message, target.device, sizeof(target.device));
	get_string(message, target.directory, sizeof(target.directory));
	return message->bad ? -EINVAL : targets_start(simd, connection->fd, &target);
}

static int target_quiesce(struct simd *simd, bool closing, struct message *message)
{
	char directory[PATH_MAX];

	get_string(message, directory, sizeof(directory));
	return message->bad ? -EINVAL : targets_quiesce(simd, directory, closing);
}

static int lnet_change(struct simd *simd, enum operation operation, struct message *message)
{
	switch ((int)operation) {
	case OP_LNET_CONFIGURE:
		return lnet_configure(simd, get_u32(message) && !message->bad);
	case OP_LNET_UNCONFIGURE:
		return lnet_unconfigure(simd);
	case OP_NET_ADD:
		return net_change(simd, true, message);
	case OP_NET_DEL:
		return net_change(simd, false, message);
	case OP_DISCOVERY:
		return set_discovery(simd, message);
	case OP_UDSP_ADD:
		return add_rule(simd, message);
	}
	return lnet_state(simd, message);
}

static int locked(struct simd *simd, const struct connection *connection, enum operation operation,
		  struct message *message)
{
	switch ((int)operation) {
	case OP_MODULE_LOAD:
		return module_load(simd, message);
	case OP_MODULES_UNLOAD:
		return modules_unload(simd);
	case OP_TARGET_CLAIM:
		return target_claim(simd, connection, message);
	case OP_TARGET_START:
		return target_start(simd, connection, message);
	case OP_TARGET_QUIESCE:
		return target_quiesce(simd, true, message);
	case OP_TARGET_RESUME:
		return target_quiesce(simd, false, message);
	case OP_DEVICES:
		return parameters_devices(simd, message);
	case OP_PARAMETER_SET:
		return parameters_set(simd, message);
	}
	return lnet_change(simd, operation, message);
}

int simd_local(struct simd *simd, const struct connection *connection, enum operation operation,
	       struct message *message)
{
	int r;

	/* These look into mounted targets, and take the lock for themselves. */
	if (operation == OP_PARAMETERS)
		return parameters_list(simd, message);
	if (operation == OP_MGS_REPLACE_NIDS)
		return registry_replace_nids(simd, message);
	pthread_mutex_lock(&simd->lock);
	r = locked(simd, connection, operation, message);
	pthread_mutex_unlock(&simd->lock);
	return r;
}
