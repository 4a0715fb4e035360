// SPDX-License-Identifier: Apache-2.0
#include "resident.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NODE_FILE_MAX = 1 << 20 };

struct resident *resident_new(const char *name)
{
	struct resident *resident = calloc(1, sizeof(*resident));

	if (!resident)
		return NULL;
	resident->name = strdup(name);
	resident->first_request_ms = -1;
	if (!resident->name)
		return resident_free(resident);
	return resident;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Reads up to the limit; a file that grows while it is read is refused like a large one. */
static ssize_t read_all(int fd, char *bytes, size_t limit)
{
	size_t size = 0;

	while (size <= limit) {
		ssize_t n = read(fd, bytes + size, limit + 1 - size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			return (ssize_t)size;
		size += (size_t)n;
	}
	errno = EFBIG;
	return -1;
}

static struct node *node_read(int fd, const struct stat *stamp, struct problem *problem)
{
	struct node *node = NULL;
	char *bytes;
	ssize_t size;

	if (!S_ISREG(stamp->st_mode)) {
		problem_set(problem, "not a regular file");
		return NULL;
	}
	bytes = malloc(NODE_FILE_MAX + 1);
	size = bytes ? read_all(fd, bytes, NODE_FILE_MAX) : -1;
	if (size < 0)
		problem_set(problem, "%s", strerror(errno));
	else
		node = node_parse(bytes, (size_t)size, problem);
	free(bytes);
	return node;
}

/* Faults that did not change go on counting where they were. */
static void adopt(struct resident *resident, struct node *node, int64_t now_ms)
{
	struct node *old = resident->node;

	if (old && old->faults.source && json_equal(old->faults.source, node->faults.source)) {
		for (size_t i = 0; i < node->faults.count; i++) {
			node->faults.rules[i].seen = old->faults.rules[i].seen;
			node->faults.rules[i].hits = old->faults.rules[i].hits;
		}
	} else {
		resident->load_ms = now_ms;
	}
	node_free(old);
	resident->node = node;
}

int resident_refresh(struct resident *resident, const char *path, int64_t now_ms,
		     struct problem *problem)
{
	struct stat stamp = { 0 };
	struct node *node;
	int fd;

	/* The first stamp is all zero, so that a new file always counts as changed. */
	if (stat(path, &stamp) == 0 && is_same(&stamp, &resident->stamp))
		return 0;
	/* Not to be held up by a FIFO of that name. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &stamp) < 0) {
		bool news = !resident->bad;

		problem_set(problem, "%s", strerror(errno));
		if (fd >= 0)
			close(fd);
		resident->bad = true;
		resident->stamp = (struct stat){ 0 };
		return news ? -1 : 0;
	}
	node = node_read(fd, &stamp, problem);
	close(fd);
	resident->stamp = stamp;
	resident->bad = !node;
	if (!node)
		return -1;
	adopt(resident, node, now_ms);
	return 0;
}

struct fault_clock resident_clock(const struct resident *resident, int64_t now_ms)
{
	return (struct fault_clock){
		.now_ms = now_ms,
		.first_request_ms = resident->first_request_ms,
		.load_ms = resident->load_ms,
	};
}

struct resident *resident_free(struct resident *resident)
{
	if (!resident)
		return NULL;
	node_free(resident->node);
	free(resident->name);
	free(resident);
	return NULL;
}
