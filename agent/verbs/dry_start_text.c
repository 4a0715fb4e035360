/* SPDX-License-Identifier: Apache-2.0 */

/* A dry start as people and programs read it. */

#include "base/cleanup.h"
#include "base/json_whole.h"
#include "verbs/dry_start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_mgs(FILE *stream, const struct spec *spec, const struct plan *plan)
{
	if (spec->roles & ROLE_MGS) {
		fprintf(stream, "MGS       this node");
		for (size_t i = 0; i < plan->net_count; i++)
			fprintf(stream, ", %s", plan->nets[i].nid);
		fprintf(stream, "\n");
		return;
	}
	fprintf(stream, "MGS      ");
	for (size_t i = 0; i < plan->mgs_nids.count; i++)
		fprintf(stream, " %s", plan->mgs_nids.items[i]);
	fprintf(stream, "; TCP port 988 must be open between it and this node\n");
}

static void print_target(FILE *stream, const char *head, const struct plan_target *target)
{
	fprintf(stream, "%-9s %s", head, target->name);
	if (target->kind != TARGET_MGT)
		fprintf(stream, ", index %u", target->index);
	fprintf(stream, ", at %s", target->mount_point);
}

/* One that the address names has another name at the other end of the subnet. */
static void print_targets(FILE *stream, const struct spec *spec, const struct dry_start *dry)
{
	for (size_t i = 0; i < dry->first.target_count; i++) {
		const struct plan_target *target = &dry->first.targets[i];
		bool varies =
			i < dry->last.target_count && dry->last.targets[i].index != target->index;

		print_target(stream, "target", target);
		if (target->kind == TARGET_OST && spec->index_mode == INDEX_LAUNCH)
			fprintf(stream, ", where the launch index is 0");
		if (varies) {
			fprintf(stream, ", where the address is %s\n", dry->place.address);
			print_target(stream, "  up to", &dry->last.targets[i]);
			fprintf(stream, ", where it is %s", dry->place.last);
		}
		fprintf(stream, "\n");
	}
}

static void print_refusals(FILE *stream, const char *address, const struct plan *plan)
{
	for (size_t i = 0; i < plan->refusal_count; i++) {
		const struct refusal *refusal = &plan->refusals[i];

		fprintf(stream, "refused   at %s, %s%s%s: %s. %s\n", address, refusal->target,
			refusal->target[0] ? ", " : "", refusal_code_name(refusal->code),
			refusal->text, refusal->fix);
	}
}

char *dry_start_format(const struct spec *spec, const struct dry_start *dry)
{
	const struct plan_client *client = &dry->first.client;
	char roles[32], *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	roles_format(spec->roles, roles, sizeof(roles));
	fprintf(stream, "role      %s%s%s, at %s", roles, spec->fsname[0] ? " of " : "",
		spec->fsname, dry->place.address);
	fprintf(stream, "%s%s in %s\n", dry->place.last[0] ? " to " : "", dry->place.last,
		dry->place.subnet);
	print_mgs(stream, spec, &dry->first);
	print_targets(stream, spec, dry);
	if (dry->assumed_disks > 0)
		fprintf(stream,
			"disks     how many %s has is not known here: %zu taken to be there; a "
			"type "
			"without instance store is refused at its boot\n",
			dry->place.type, dry->assumed_disks);
	if (client->wanted)
		fprintf(stream, "client    %s, at %s\n", client->source, client->mount_point);
	print_refusals(stream, dry->place.address, &dry->first);
	print_refusals(stream, dry->place.last, &dry->last);
	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static json_t *targets_to_json(const struct plan *plan)
{
	json_t *targets = json_array();

	for (size_t i = 0; i < plan->target_count; i++) {
		const struct plan_target *target = &plan->targets[i];
		json_t *row = json_object();

		json_put(&row, "name", json_text(target->name));
		if (target->kind != TARGET_MGT)
			json_put(&row, "index", json_integer(target->index));
		json_put(&row, "mount-point", json_text(target->mount_point));
		json_add(&targets, row);
	}
	return targets;
}

static json_t *node_to_json(const struct dry_start *dry, const char *address,
			    const struct plan *plan)
{
	json_t *node = json_object(), *refusals = json_array(), *client;

	for (size_t i = 0; i < plan->refusal_count; i++)
		json_add(&refusals, refusal_to_json(&plan->refusals[i]));
	json_put(&node, "address", json_text(address));
	if (plan->net_count > 0)
		json_put(&node, "nid", json_text(plan->nets[0].nid));
	json_put(&node, "wait-for", words_to_json(&plan->mgs_nids));
	json_put(&node, "targets", targets_to_json(plan));
	if (dry->assumed_disks > 0)
		json_put(&node, "assumed-disks", json_integer((json_int_t)dry->assumed_disks));
	if (plan->client.wanted) {
		client = json_object();
		json_put(&client, "source", json_text(plan->client.source));
		json_put(&client, "mount-point", json_text(plan->client.mount_point));
		json_put(&node, "client", client);
	}
	json_put(&node, "refusals", refusals);
	return node;
}

json_t *dry_start_to_json(const struct dry_start *dry)
{
	json_t *nodes = json_array();

	json_add(&nodes, node_to_json(dry, dry->place.address, &dry->first));
	if (dry->place.last[0] != '\0')
		json_add(&nodes, node_to_json(dry, dry->place.last, &dry->last));
	return nodes;
}
