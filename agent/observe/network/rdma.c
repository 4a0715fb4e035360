/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/network/rdma.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "base/tree.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define DIRECTORY "/sys/class/infiniband"

static int path_of(char path[PATH_MAX], const char *name, const char *file)
{
	return text_format(path, PATH_MAX, DIRECTORY "/%s/%s", name, file);
}

/* "4: ACTIVE" */
static void read_port(const char *root, const char *name, struct rdma_device *device)
{
	char path[PATH_MAX], text[64];
	const char *state;

	if (path_of(path, name, "ports/1/state") < 0 ||
	    !file_read_line(root, path, text, sizeof(text)))
		return;
	state = strstr(text, ": ");
	text_copy(device->port_state, sizeof(device->port_state), state ? state + 2 : text);
}

static void read_device(const char *root, const char *name, struct rdma_device *device)
{
	char path[PATH_MAX], text[32];

	device->numa_node = -1;
	if (text_take(device->name, sizeof(device->name), name) < 0)
		device->name[0] = '\0';
	if (path_of(path, name, "device/driver") == 0)
		tree_link_name(root, path, device->driver, sizeof(device->driver));
	if (path_of(path, name, "device/driver/module/version") == 0 &&
	    file_read_line(root, path, text, sizeof(text)))
		text_copy(device->driver_version, sizeof(device->driver_version), text);
	if (path_of(path, name, "device") == 0)
		tree_link_name(root, path, device->pci_address, sizeof(device->pci_address));
	if (path_of(path, name, "device/numa_node") == 0 &&
	    file_read_line(root, path, text, sizeof(text)))
		device->numa_node = (int)strtol(text, NULL, 10);
	if (device->numa_node < 0)
		device->numa_node = -1;
	read_port(root, name, device);
}

int rdma_observe(const char *root, struct facts *facts, struct error *err)
{
	cleanup(words_done) struct words names = { 0 };
	int r = tree_list(root, DIRECTORY, &names);

	if (r < 0)
		return error_errno(err, r, "cannot list the RDMA devices");
	if (names.count == 0)
		return 0;
	facts->rdma = calloc(names.count, sizeof(*facts->rdma));
	if (!facts->rdma)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < names.count; i++)
		read_device(root, names.items[i], &facts->rdma[facts->rdma_count++]);
	return 0;
}
