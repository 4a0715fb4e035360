// SPDX-License-Identifier: Apache-2.0
#include "network.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_value(struct tree *tree, const char *mac, const char *key, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "meta-data/network/interfaces/macs/%s/%s", mac, key);
	if (value)
		tree_put(tree, path, value, strlen(value));
}

static void put_number(struct tree *tree, const char *mac, const char *key, int number)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", number);
	put_value(tree, mac, key, text);
}

/* One address a line. */
static void put_list(struct tree *tree, const char *mac, const char *key, json_t *list)
{
	char *text = NULL;
	size_t size = 0, i;
	FILE *out;
	json_t *value;

	if (json_array_size(list) == 0)
		return;
	out = open_memstream(&text, &size);
	if (!out) {
		tree->overflow = true;
		return;
	}
	json_array_foreach(list, i, value)
		fprintf(out, "%s%s", i ? "\n" : "", json_string_value(value));
	if (fclose(out) == 0)
		put_value(tree, mac, key, text);
	else
		tree->overflow = true;
	free(text);
}

/* eni- and 17 hexadecimal digits, told apart by the MAC. */
static void put_interface_id(struct tree *tree, const struct interface *interface)
{
	char id[64] = "eni-00000";
	size_t length = strlen(id);

	if (interface->interface_id) {
		put_value(tree, interface->mac, "interface-id", interface->interface_id);
		return;
	}
	for (const char *c = interface->mac; *c; c++) {
		if (isxdigit((unsigned char)*c))
			id[length++] = *c;
	}
	id[length] = '\0';
	put_value(tree, interface->mac, "interface-id", id);
}

static void build_interface(const struct facts *facts, const struct interface *interface,
			    struct tree *tree)
{
	const char *mac = interface->mac;
	const struct tree_entry *name = tree_find(tree, "meta-data/local-hostname");

	put_number(tree, mac, "device-number", interface->device_number);
	if (interface->network_card >= 0)
		put_number(tree, mac, "network-card", interface->network_card);
	put_interface_id(tree, interface);
	if (name && interface->device_number == 0)
		put_value(tree, mac, "local-hostname", name->data);
	put_list(tree, mac, "local-ipv4s", interface->local_ipv4s);
	put_value(tree, mac, "mac", mac);
	put_value(tree, mac, "owner-id", facts->account_id);
	put_value(tree, mac, "security-group-ids", interface->security_group_ids);
	put_value(tree, mac, "security-groups", facts->security_group);
	put_value(tree, mac, "subnet-id", interface->subnet_id);
	put_value(tree, mac, "vpc-id", interface->vpc_id);
	put_value(tree, mac, "vpc-ipv4-cidr-block", interface->vpc_cidr);
	put_value(tree, mac, "vpc-ipv4-cidr-blocks", interface->vpc_cidr);
	if (json_array_size(interface->local_ipv4s) > 0)
		put_value(tree, mac, "subnet-ipv4-cidr-block", interface->subnet_cidr);
	put_list(tree, mac, "ipv6s", interface->ipv6s);
	if (json_array_size(interface->ipv6s) > 0)
		put_value(tree, mac, "subnet-ipv6-cidr-blocks", interface->subnet_ipv6_cidr);
}

void network_build(const struct facts *facts, struct tree *tree)
{
	for (size_t i = 0; i < facts->interface_count; i++)
		build_interface(facts, &facts->interfaces[i], tree);
}
