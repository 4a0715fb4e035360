/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/network/network.h"

#include "base/file.h"
#include "base/text.h"
#include "base/tree.h"
#include "observe/network/addresses.h"
#include "observe/network/lnet_state.h"
#include "observe/network/rdma.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NET_DIRECTORY "/sys/class/net"
#define SPEED_UNKNOWN (-1)
#define SPEED_MOST    100000000 /* Mbit/s */

/* "" for what an interface does not have; what could not be looked at is a negative errno. */
static int attribute(const char *root, const char *name, const char *file, char *line, size_t size)
{
	char path[PATH_MAX], text[64];
	int r;

	snprintf(path, sizeof(path), NET_DIRECTORY "/%s/%s", name, file);
	r = file_read_optional(root, path, text, sizeof(text));
	if (text_take(line, size, text) < 0)
		line[0] = '\0';
	return r;
}

/*
 * ENA's answer to ethtool's question is that it cannot say: reading fails, with EINVAL, where
 * virtio has -1. It fails as well of one that is down, whatever it has.
 */
static void read_speed(const char *root, const char *name, struct interface *interface)
{
	char path[PATH_MAX], text[32];
	long speed;
	int r;

	if (text_format(path, sizeof(path), NET_DIRECTORY "/%s/speed", name) < 0)
		return;
	r = file_read_attribute(root, path, text, sizeof(text));
	speed = r == 0 ? strtol(text, NULL, 10) : 0;
	if (speed > 0 && speed <= SPEED_MOST)
		interface->speed = (unsigned)speed;
	else if (interface->up && (r == -ENODATA || (r == 0 && speed == SPEED_UNKNOWN)))
		interface->gives_no_speed = true;
}

static void read_driver(const char *root, const char *name, struct interface *interface)
{
	char path[PATH_MAX];

	if (text_format(path, sizeof(path), NET_DIRECTORY "/%s/device/driver", name) == 0)
		tree_link_name(root, path, interface->driver, sizeof(interface->driver));
}

static int read_interface(const char *root, const char *name, struct interface *interface)
{
	char flags[32], carrier[16];
	int r;

	/* The kernel has none that is longer (IFNAMSIZ). */
	if (text_take(interface->name, sizeof(interface->name), name) < 0)
		return 0;
	r = attribute(root, name, "address", interface->mac, sizeof(interface->mac));
	for (char *at = interface->mac; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	if (r == 0)
		r = attribute(root, name, "flags", flags, sizeof(flags));
	/* Reading it fails while the interface is administratively down. */
	if (r == 0)
		r = attribute(root, name, "carrier", carrier, sizeof(carrier));
	if (r < 0)
		return r;
	interface->up = strtoul(flags, NULL, 16) & IFF_UP && strcmp(carrier, "1") == 0;
	read_driver(root, name, interface);
	read_speed(root, name, interface);
	return 0;
}

static bool is_interface(const char *root, const char *name)
{
	char path[PATH_MAX];

	/* The directory also has files of the bonding driver. */
	snprintf(path, sizeof(path), NET_DIRECTORY "/%s/flags", name);
	return strcmp(name, "lo") != 0 && tree_exists(root, path) != 0;
}

int network_interfaces(const char *root, struct facts *facts, struct error *err)
{
	struct words names = { 0 };
	int r = tree_list(root, NET_DIRECTORY, &names);

	if (r >= 0) {
		facts->interfaces = calloc(names.count + 1, sizeof(*facts->interfaces));
		r = facts->interfaces ? 0 : -ENOMEM;
	}
	for (size_t i = 0; r >= 0 && i < names.count; i++)
		if (is_interface(root, names.items[i]))
			r = read_interface(root, names.items[i],
					   &facts->interfaces[facts->interface_count++]);
	words_done(&names);
	return r < 0 ? error_errno(err, r, "cannot look at the interfaces") : 0;
}

int network_observe(const char *root, struct inquiries *inquiries, struct facts *facts,
		    struct error *err)
{
	int r = network_interfaces(root, facts, err);

	if (r < 0)
		return r;
	r = rdma_observe(root, facts, err);
	if (r < 0)
		return r;
	/* A recorded tree has neither of these two; this machine's would be lies about it. */
	if (root[0] != '\0')
		return 0;
	r = addresses_find(facts, err);
	if (r == 0)
		r = lnet_state_find(inquiries, facts, err);
	return r < 0 ? r : lnet_state_find_adds_by_nid(facts, err);
}
