// SPDX-License-Identifier: Apache-2.0
#include "facts.h"

#include <string.h>

/* All that a node file may hold; each is explained in README.md. */
static const char *const node_keys[] = {
	"account_id",
	"ami_id",
	"ami_launch_index",
	"architecture",
	"availability_zone",
	"block_devices",
	"comment",
	"connection",
	"faults",
	"instance_id",
	"instance_type",
	"interfaces",
	"keys",
	"life_cycle",
	"local_ipv4",
	"mac",
	"pending_time",
	"public_keys",
	"reservation_id",
	"security_group",
	"sources",
	"subnet_cidr",
	"tags",
	"tags_off",
	"user_data",
	"user_data_base64",
	"vpc_cidr",
	NULL,
};

static const char *const interface_keys[] = {
	"comment",          "device_number",
	"interface_id",     "ipv6s",
	"local_ipv4s",      "mac",
	"network_card",     "security_group_ids",
	"subnet_cidr",      "subnet_id",
	"subnet_ipv6_cidr", "vpc_cidr",
	"vpc_id",           NULL,
};

static int expect(json_t *value, json_type type, const char *key, struct problem *problem)
{
	if (value && json_typeof(value) != type)
		return problem_set(problem, "%s has the wrong type", key);
	return 0;
}

/* A JSON null is as good as absence. */
static json_t *unless_null(json_t *value)
{
	return json_is_null(value) ? NULL : value;
}

static int expect_texts(json_t *list, const char *key, struct problem *problem)
{
	size_t i;
	json_t *value;

	if (expect(list, JSON_ARRAY, key, problem) < 0)
		return -1;
	json_array_foreach(list, i, value)
	{
		if (!json_is_string(value))
			return problem_set(problem, "%s must be a list of text", key);
	}
	return 0;
}

/* A text key that may be missing, and the fact it fills. */
struct text_fact {
	const char *key;
	const char **value;
};

static int texts_parse(json_t *object, const struct text_fact *facts, size_t count,
		       struct problem *problem)
{
	for (size_t i = 0; i < count; i++) {
		json_t *value = json_object_get(object, facts[i].key);

		if (expect(value, JSON_STRING, facts[i].key, problem) < 0)
			return -1;
		if (value)
			*facts[i].value = json_string_value(value);
	}
	return 0;
}

/* A number key that may be missing, from 0 to 65535. */
static int number_parse(json_t *object, const char *key, int *number, struct problem *problem)
{
	json_t *value = json_object_get(object, key);

	if (expect(value, JSON_INTEGER, key, problem) < 0)
		return -1;
	if (value && (json_integer_value(value) < 0 || json_integer_value(value) > 65535))
		return problem_set(problem, "%s is out of range", key);
	if (value)
		*number = (int)json_integer_value(value);
	return 0;
}

/* Lists of keys end with NULL. */
static int known_keys(json_t *object, const char *const keys[], struct problem *problem)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		size_t i = 0;

		while (keys[i] && strcmp(keys[i], key) != 0)
			i++;
		if (!keys[i])
			return problem_set(problem, "unknown key %s", key);
	}
	return 0;
}

static int interface_parse(json_t *object, int place, const struct interface *defaults,
			   struct interface *interface, struct problem *problem)
{
	const struct text_fact texts[] = {
		{ "mac", &interface->mac },
		{ "subnet_cidr", &interface->subnet_cidr },
		{ "vpc_cidr", &interface->vpc_cidr },
		{ "subnet_ipv6_cidr", &interface->subnet_ipv6_cidr },
		{ "interface_id", &interface->interface_id },
		{ "subnet_id", &interface->subnet_id },
		{ "vpc_id", &interface->vpc_id },
		{ "security_group_ids", &interface->security_group_ids },
	};

	*interface = *defaults;
	interface->device_number = place;
	interface->local_ipv4s = json_object_get(object, "local_ipv4s");
	interface->ipv6s = json_object_get(object, "ipv6s");
	if (expect(object, JSON_OBJECT, "it", problem) < 0 ||
	    known_keys(object, interface_keys, problem) < 0 ||
	    texts_parse(object, texts, sizeof(texts) / sizeof(*texts), problem) < 0 ||
	    number_parse(object, "device_number", &interface->device_number, problem) < 0 ||
	    number_parse(object, "network_card", &interface->network_card, problem) < 0 ||
	    expect_texts(interface->local_ipv4s, "local_ipv4s", problem) < 0 ||
	    expect_texts(interface->ipv6s, "ipv6s", problem) < 0)
		return -1;
	if (!interface->mac || strlen(interface->mac) > 31 || strchr(interface->mac, '/'))
		return problem_set(problem, "mac is missing, or no MAC address");
	return 0;
}

static int interfaces_parse(json_t *list, const struct interface *defaults, struct facts *facts,
			    struct problem *problem)
{
	size_t i;
	json_t *value;

	if (expect(list, JSON_ARRAY, "interfaces", problem) < 0)
		return -1;
	if (json_array_size(list) > INTERFACES_MAX)
		return problem_set(problem, "more than %d interfaces", INTERFACES_MAX);
	json_array_foreach(list, i, value)
	{
		struct problem detail;

		if (interface_parse(value, (int)i, defaults, &facts->interfaces[i], &detail) < 0)
			return problem_set(problem, "interface %zu: %.200s", i + 1, detail.text);
	}
	facts->interface_count = json_array_size(list);
	return 0;
}

/* Most nodes have one interface, described by facts at the top of the file. */
static json_t *single_interface(const struct facts *facts)
{
	if (facts->local_ipv4)
		return json_pack("[{s:s, s:[s]}]", "mac", facts->mac, "local_ipv4s",
				 facts->local_ipv4);
	return json_pack("[{s:s}]", "mac", facts->mac);
}

static const struct interface *primary_interface(const struct facts *facts)
{
	for (size_t i = 0; i < facts->interface_count; i++) {
		if (facts->interfaces[i].device_number == 0)
			return &facts->interfaces[i];
	}
	return NULL;
}

/* What the top of the file leaves out is the primary interface's. */
static int primary_facts(json_t *document, struct facts *facts, struct problem *problem)
{
	const struct interface *primary = primary_interface(facts);

	if (!primary)
		return problem_set(problem, "no interface has device_number 0");
	if (!json_object_get(document, "mac"))
		facts->mac = primary->mac;
	if (!json_object_get(document, "local_ipv4"))
		facts->local_ipv4 = json_string_value(json_array_get(primary->local_ipv4s, 0));
	return 0;
}

static int network_parse(json_t *document, const struct interface *defaults, struct facts *facts,
			 struct problem *problem)
{
	json_t *list = unless_null(json_object_get(document, "interfaces"));

	if (!list) {
		list = single_interface(facts);
		if (!list || json_object_set_new(document, "interfaces", list) < 0)
			return problem_set(problem, "mac or local_ipv4 cannot be used");
	}
	if (interfaces_parse(list, defaults, facts, problem) < 0)
		return -1;
	return primary_facts(document, facts, problem);
}

/* The facts that are plain text or a number. */
static int scalars_parse(json_t *document, struct facts *facts, struct interface *network,
			 struct problem *problem)
{
	const struct text_fact texts[] = {
		{ "instance_id", &facts->instance_id },
		{ "instance_type", &facts->instance_type },
		{ "life_cycle", &facts->life_cycle },
		{ "architecture", &facts->architecture },
		{ "ami_id", &facts->ami_id },
		{ "availability_zone", &facts->availability_zone },
		{ "account_id", &facts->account_id },
		{ "reservation_id", &facts->reservation_id },
		{ "security_group", &facts->security_group },
		{ "mac", &facts->mac },
		{ "pending_time", &facts->pending_time },
		{ "tags_off", &facts->tags_off },
		{ "connection", &facts->connection },
		{ "subnet_cidr", &network->subnet_cidr },
		{ "vpc_cidr", &network->vpc_cidr },
	};

	if (texts_parse(document, texts, sizeof(texts) / sizeof(*texts), problem) < 0)
		return -1;
	return number_parse(document, "ami_launch_index", &facts->ami_launch_index, problem);
}

/* The values that are not plain text. */
static int compounds_parse(json_t *document, struct facts *facts, struct problem *problem)
{
	json_t *address = json_object_get(document, "local_ipv4");
	json_t *text = unless_null(json_object_get(document, "user_data"));
	json_t *base64 = unless_null(json_object_get(document, "user_data_base64"));

	facts->block_devices = unless_null(json_object_get(document, "block_devices"));
	facts->public_keys = unless_null(json_object_get(document, "public_keys"));
	facts->tags = unless_null(json_object_get(document, "tags"));
	facts->keys = unless_null(json_object_get(document, "keys"));
	facts->sources = unless_null(json_object_get(document, "sources"));
	facts->faults = unless_null(json_object_get(document, "faults"));
	if (expect(facts->block_devices, JSON_OBJECT, "block_devices", problem) < 0 ||
	    expect(facts->public_keys, JSON_OBJECT, "public_keys", problem) < 0 ||
	    expect(facts->tags, JSON_OBJECT, "tags", problem) < 0 ||
	    expect(facts->keys, JSON_OBJECT, "keys", problem) < 0 ||
	    expect_texts(facts->sources, "sources", problem) < 0 ||
	    expect(facts->faults, JSON_ARRAY, "faults", problem) < 0 ||
	    expect(unless_null(address), JSON_STRING, "local_ipv4", problem) < 0 ||
	    expect(text, JSON_STRING, "user_data", problem) < 0 ||
	    expect(base64, JSON_STRING, "user_data_base64", problem) < 0)
		return -1;
	if (text && base64)
		return problem_set(problem, "user_data and user_data_base64 exclude each other");
	if (address)
		facts->local_ipv4 = json_string_value(address);
	facts->user_data = json_string_value(text);
	facts->user_data_size = json_string_length(text);
	facts->user_data_base64 = json_string_value(base64);
	return 0;
}

static int one_of(const char *key, const char *value, const char *a, const char *b, const char *c,
		  struct problem *problem)
{
	if (!strcmp(value, a) || !strcmp(value, b) || (c && !strcmp(value, c)))
		return 0;
	return problem_set(problem, "%s is neither %s nor %s%s%s", key, a, b, c ? " nor " : "",
			   c ? c : "");
}

static int ranges_check(const struct facts *facts, struct problem *problem)
{
	if (strlen(facts->availability_zone) < 2)
		return problem_set(problem, "availability_zone is too short");
	if (one_of("life_cycle", facts->life_cycle, "on-demand", "spot", NULL, problem) < 0 ||
	    one_of("tags_off", facts->tags_off, "404", "empty", NULL, problem) < 0)
		return -1;
	return one_of("connection", facts->connection, "close", "keep-alive", "http-1.0", problem);
}

int facts_parse(json_t *document, struct facts *facts, struct problem *problem)
{
	struct interface network = {
		.subnet_cidr = "10.0.0.0/24",
		.vpc_cidr = "10.0.0.0/16",
		.subnet_id = "subnet-0123456789abcdef0",
		.vpc_id = "vpc-0123456789abcdef0",
		.security_group_ids = "sg-0123456789abcdef0",
		.network_card = -1,
	};

	*facts = (struct facts){
		.instance_id = "i-0123456789abcdef0",
		.instance_type = "i4i.4xlarge",
		.life_cycle = "on-demand",
		.architecture = "x86_64",
		.ami_id = "ami-0123456789abcdef0",
		.availability_zone = "us-east-1a",
		.account_id = "123456789012",
		.reservation_id = "r-0123456789abcdef0",
		.security_group = "default",
		.local_ipv4 = "10.0.0.10",
		.mac = "06:00:00:00:00:0a",
		.pending_time = "2026-01-01T00:00:00Z",
		.tags_off = "404",
		.connection = "close",
	};
	if (!json_is_object(document))
		return problem_set(problem, "not a JSON object");
	if (known_keys(document, node_keys, problem) < 0 ||
	    scalars_parse(document, facts, &network, problem) < 0 ||
	    compounds_parse(document, facts, problem) < 0 || ranges_check(facts, problem) < 0)
		return -1;
	return network_parse(document, &network, facts, problem);
}
