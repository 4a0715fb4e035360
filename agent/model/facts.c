/* SPDX-License-Identifier: Apache-2.0 */
#include "model/facts.h"

#include "model/attachment.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void disk_done(struct disk *disk)
{
	words_done(&disk->links);
	words_done(&disk->holders);
	words_done(&disk->partitions);
	words_done(&disk->mounts);
}

static void group_done(struct volume_group *group)
{
	for (size_t i = 0; i < group->volume_count; i++)
		words_done(&group->volumes[i].tags);
	free(group->volumes);
	words_done(&group->tags);
}

void facts_done(struct facts *facts)
{
	for (size_t i = 0; i < facts->disk_count; i++)
		disk_done(&facts->disks[i]);
	for (size_t i = 0; i < facts->group_count; i++)
		group_done(&facts->groups[i]);
	free(facts->disks);
	free(facts->groups);
	for (size_t i = 0; i < facts->mount_count; i++) {
		free(facts->mounts[i].source);
		free(facts->mounts[i].target);
	}
	for (size_t i = 0; i < facts->interface_count; i++) {
		words_done(&facts->interfaces[i].addresses);
		words_done(&facts->interfaces[i].taken);
	}
	for (size_t i = 0; i < facts->host_count; i++)
		words_done(&facts->hosts[i].addresses);
	free(facts->interfaces);
	free(facts->hosts);
	free(facts->rdma);
	free(facts->mounts);
	words_done(&facts->assigned);
	free(facts->links);
	words_done(&facts->mount_units);
	words_done(&facts->fstab);
	words_done(&facts->nids);
	free(facts->platform.module_options);
	words_done(&facts->platform.missing_modules);
	words_done(&facts->platform.missing_tools);
	words_done(&facts->platform.missing_features);
	*facts = (struct facts){ 0 };
}

bool disk_is_chosen(const struct disk *disk, enum disk_choice choice, const char *name)
{
	switch (choice) {
	case DISKS_INSTANCE_STORE:
		return disk->kind == DISK_INSTANCE_STORE;
	case DISKS_EBS:
		return disk->kind == DISK_EBS && disk->attached_as[0] != '\0' &&
		       strcmp(attachment_name(disk->attached_as), attachment_name(name)) == 0;
	case DISKS_PATH:
		return words_contain(&disk->links, name);
	}
	return false;
}

const struct disk *facts_disk_by_serial(const struct facts *facts, const char *serial)
{
	/* "No serial" is what many virtual disks have in common. */
	for (size_t i = 0; serial[0] != '\0' && i < facts->disk_count; i++)
		if (strcmp(facts->disks[i].serial, serial) == 0)
			return &facts->disks[i];
	return NULL;
}

const struct volume_group *facts_group_by_uuid(const struct facts *facts, const char *uuid)
{
	for (size_t i = 0; uuid[0] != '\0' && i < facts->group_count; i++)
		if (strcmp(facts->groups[i].uuid, uuid) == 0)
			return &facts->groups[i];
	return NULL;
}

const struct host *facts_host(const struct facts *facts, const char *nid)
{
	size_t length = strcspn(nid, "@");

	for (size_t i = 0; i < facts->host_count; i++)
		if (strlen(facts->hosts[i].name) == length &&
		    strncmp(facts->hosts[i].name, nid, length) == 0)
			return &facts->hosts[i];
	return NULL;
}

/* A tunnel has no MAC at all, and metadata without one names no interface. */
bool facts_is_primary(const struct facts *facts, const struct interface *interface)
{
	return facts->mac[0] != '\0' && strcasecmp(interface->mac, facts->mac) == 0;
}

const char *facts_assigned(const struct facts *facts, const struct interface *interface)
{
	size_t length = strlen(interface->mac);

	if (facts_is_primary(facts, interface))
		return facts->local_ipv4;
	for (size_t i = 0; length > 0 && i < facts->assigned.count; i++) {
		const char *word = facts->assigned.items[i];

		if (strncasecmp(word, interface->mac, length) == 0 && word[length] == '=')
			return word + length + 1;
	}
	return "";
}

bool facts_has_address(const struct facts *facts, const char *ipv4)
{
	for (size_t i = 0; ipv4[0] != '\0' && i < facts->interface_count; i++)
		if (strcmp(facts->interfaces[i].ipv4, ipv4) == 0 ||
		    words_contain(&facts->interfaces[i].addresses, ipv4))
			return true;
	return false;
}

/* 2 for the address that the metadata gives, 1 for another, 0 for none. */
static unsigned worth(const struct facts *facts, const struct interface *interface)
{
	if (interface->ipv4[0] == '\0')
		return 0;
	return strcmp(interface->ipv4, facts_assigned(facts, interface)) == 0 ? 2 : 1;
}

const struct interface *facts_interface(const struct facts *facts, const char *name)
{
	bool primary = strcmp(name, "primary") == 0;
	const struct interface *found = NULL;

	for (size_t i = 0; i < facts->interface_count; i++) {
		const struct interface *interface = &facts->interfaces[i];

		if (primary ? !facts_is_primary(facts, interface)
			    : strcmp(interface->name, name) != 0)
			continue;
		if (!found || worth(facts, interface) > worth(facts, found))
			found = interface;
	}
	return found;
}

const struct mount_point *facts_mount_at(const struct facts *facts, const char *target)
{
	/* The last one hides those under it. */
	for (size_t i = facts->mount_count; i > 0; i--)
		if (strcmp(facts->mounts[i - 1].target, target) == 0)
			return &facts->mounts[i - 1];
	return NULL;
}
