/* SPDX-License-Identifier: Apache-2.0 */

/* The verbs that show an input or a decision and change nothing: spec, facts, plan. */

#include "base/cleanup.h"
#include "decide/planner.h"
#include "report.h"
#include "verbs/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_node(struct node **node)
{
	if (*node)
		node_done(*node);
	free(*node);
}

static void print_problems(const struct node *node)
{
	char text[PROBLEM_TEXT_MAX];

	for (size_t i = 0; i < node->problems.count; i++) {
		problem_format(&node->problems.items[i], text, sizeof(text));
		fprintf(stderr, "lustre-init: %s\n", text);
	}
}

/* Returns an exit code; EXIT_DONE when there is a specification, be it one without a role. */
static int read_spec(const struct arguments *arguments, struct node *node)
{
	struct error err;
	int r = node_read_spec(&arguments->node, node, &err);

	if (r == 0)
		return EXIT_DONE;
	print_problems(node);
	if (node->problems.count == 0)
		fprintf(stderr, "lustre-init: %s\n", err.text);
	return r == -EINVAL ? EXIT_USAGE : r == -ENODEV ? EXIT_NOT_OURS : EXIT_FAILED;
}

static int say_error(const struct error *err, int code)
{
	fprintf(stderr, "lustre-init: %s\n", err->text);
	return code;
}

/* Returns an exit code. A file of a recorded machine that is not understood is the caller's. */
static int observe(const struct arguments *arguments, struct node *node)
{
	struct error err;
	int r = node_observe(&arguments->node, node, &err);

	if (r == 0)
		return EXIT_DONE;
	return say_error(&err, r == -EINVAL && arguments->node.machine ? EXIT_USAGE : EXIT_FAILED);
}

static int read_state(const struct arguments *arguments, struct node *node)
{
	struct error err;
	int r = node_read_state(&arguments->node, node, &err);

	return r == 0 ? EXIT_DONE : say_error(&err, r == -EBADMSG ? EXIT_REFUSED : EXIT_FAILED);
}

static int say_not_ours(const struct arguments *arguments, struct node *node)
{
	char text[NODE_NO_ROLE_MAX];
	struct error unread;

	/* A state that cannot be read tells nothing here, as when applied. */
	(void)node_read_state(&arguments->node, node, &unread);
	node_tell_no_role(node, text, sizeof(text));
	fprintf(stderr, "lustre-init: %s\n", text);
	return EXIT_NOT_OURS;
}

static void print_spec(const struct spec *spec)
{
	cleanup(json_decrefp) json_t *json = spec_to_json(spec);
	const char *key;
	json_t *row;

	json_object_foreach(json, key, row)
	{
		json_t *value = json_object_get(row, "value");
		cleanup(free_pointer) char *text =
			json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

		printf("%-20s %-28s %s\n", key,
		       json_is_string(value) ? json_string_value(value)
		       : text                ? text
					     : "",
		       json_string_value(json_object_get(row, "source")));
	}
}

int verb_spec(const struct arguments *arguments)
{
	cleanup(free_node) struct node *node = calloc(1, sizeof(*node));
	int code = node ? read_spec(arguments, node) : EXIT_FAILED;

	if (code != EXIT_DONE)
		return code;
	code = node->spec.roles == 0 ? EXIT_NOT_OURS : EXIT_DONE;
	if (arguments->json)
		return report_print_json(spec_to_json(&node->spec), code);
	print_spec(&node->spec);
	return code;
}

static const char *disk_verdict(const struct disk *disk)
{
	switch (disk->blank) {
	case BLANK_YES:
		return "blank";
	case BLANK_NO:
		return disk->signature_count > 0 ? disk->signatures[0].type
						 : disk->not_blank_because;
	case BLANK_UNKNOWN:
		return "not looked at";
	}
	return "";
}

static void print_interface(const struct interface *interface)
{
	printf("interface  %-14s %s %s", interface->name, interface->mac,
	       interface->ipv4[0] ? interface->ipv4 : "no address");
	for (size_t i = 0; i < interface->addresses.count; i++)
		if (strcmp(interface->addresses.items[i], interface->ipv4) != 0)
			printf(", %s", interface->addresses.items[i]);
	if (interface->driver[0] != '\0')
		printf(", driver %s", interface->driver);
	if (interface->speed > 0)
		printf(", %u Mbit/s", interface->speed);
	else if (interface->gives_no_speed)
		printf(", gives no speed");
	putchar('\n');
}

static void print_rdma(const struct rdma_device *device)
{
	printf("rdma       %-14s driver %s, PCI %s, ", device->name,
	       device->driver[0] ? device->driver : "none",
	       device->pci_address[0] ? device->pci_address : "none");
	if (device->numa_node >= 0)
		printf("NUMA node %d, ", device->numa_node);
	printf("port %s\n", device->port_state[0] ? device->port_state : "unknown");
}

static void print_module_options(const struct platform *platform)
{
	for (size_t i = 0; i < platform->module_option_count; i++) {
		const struct module_option *option = &platform->module_options[i];

		if (option->module[0] == '\0')
			printf("options    %s cannot be read\n", option->where);
		else
			printf("options    %s %s=%s by %s\n", option->module, option->name,
			       option->value, option->where);
	}
}

static void print_facts(const struct facts *facts)
{
	printf("instance %s, %s, %s in %s\n", facts->instance_id, facts->instance_type,
	       facts->local_ipv4, facts->subnet_cidr);
	for (size_t i = 0; i < facts->disk_count; i++) {
		const struct disk *disk = &facts->disks[i];

		printf("disk       %-14s %9.1f GB  %-15s %s (%s)\n", disk->path,
		       (double)disk->size / 1e9, disk_kind_name(disk->kind), disk_verdict(disk),
		       disk->kind_proof[0] ? disk->kind_proof : "nothing proves what it is");
	}
	for (size_t i = 0; i < facts->group_count; i++)
		printf("group      %s, %u disks, %u missing, %zu volumes\n", facts->groups[i].name,
		       facts->groups[i].pv_count, facts->groups[i].pv_missing,
		       facts->groups[i].volume_count);
	for (size_t i = 0; i < facts->interface_count; i++)
		print_interface(&facts->interfaces[i]);
	for (size_t i = 0; i < facts->rdma_count; i++)
		print_rdma(&facts->rdma[i]);
	print_module_options(&facts->platform);
	for (size_t i = 0; i < facts->nids.count; i++)
		printf("nid        %s\n", facts->nids.items[i]);
}

/* Facts are worth having also where nobody said yet what the node shall be: for a bug report. */
int verb_facts(const struct arguments *arguments)
{
	cleanup(free_node) struct node *node = calloc(1, sizeof(*node));
	struct error err;
	int code;

	if (!node)
		return EXIT_FAILED;
	if (read_spec(arguments, node) != EXIT_DONE)
		fputs("lustre-init: the specification is not usable; facts follow all the same\n",
		      stderr);
	read_state(arguments, node);
	code = observe(arguments, node);
	if (code != EXIT_DONE)
		return code;
	if (arguments->record && node_record(&arguments->node, node, arguments->record, &err) < 0)
		return say_error(&err, EXIT_FAILED);
	if (arguments->json)
		return report_print_json(facts_to_json(&node->facts), EXIT_DONE);
	print_facts(&node->facts);
	return EXIT_DONE;
}

int verb_plan(const struct arguments *arguments)
{
	cleanup(free_node) struct node *node = calloc(1, sizeof(*node));
	cleanup(plan_done) struct plan plan = { 0 };
	struct status *status = calloc(1, sizeof(*status));
	struct planner_input input = { 0 };
	struct error err;
	int code = node && status ? read_spec(arguments, node) : EXIT_FAILED;

	if (code == EXIT_DONE && node->spec.roles == 0)
		code = say_not_ours(arguments, node);
	if (code == EXIT_DONE)
		code = read_state(arguments, node);
	if (code == EXIT_DONE)
		code = observe(arguments, node);
	if (code == EXIT_DONE) {
		input = (struct planner_input){ &node->spec, &node->facts, &node->state, status };
		if (planner_plan(&input, &plan, &err) < 0)
			code = say_error(&err, err.code == -EINVAL ? EXIT_USAGE : EXIT_FAILED);
	}
	free(status);
	if (code != EXIT_DONE)
		return code;
	code = plan.refusal_count > 0 ? EXIT_REFUSED : EXIT_DONE;
	if (arguments->json)
		return report_print_json(plan_to_json(&plan), code);
	report_print_plan(&plan);
	return code;
}
