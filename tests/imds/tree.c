// SPDX-License-Identifier: Apache-2.0
#include "tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TREE_ENTRIES_MAX = 4096 };

/* The place of the first entry whose path is not below the one given. */
static size_t tree_position(const struct tree *tree, const char *path)
{
	size_t low = 0, high = tree->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(tree->entries[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct tree_entry *tree_insert(struct tree *tree, size_t position, const char *path)
{
	struct tree_entry *entry;
	char *name;

	if (tree->count == TREE_ENTRIES_MAX)
		return NULL;
	if (tree->count == tree->allocated) {
		size_t allocated = tree->allocated ? tree->allocated * 2 : 64;
		struct tree_entry *entries =
			reallocarray(tree->entries, allocated, sizeof(*entries));

		if (!entries)
			return NULL;
		tree->entries = entries;
		tree->allocated = allocated;
	}
	name = strdup(path);
	if (!name)
		return NULL;
	entry = &tree->entries[position];
	memmove(entry + 1, entry, (tree->count - position) * sizeof(*entry));
	*entry = (struct tree_entry){ .path = name };
	tree->count++;
	return entry;
}

void tree_put(struct tree *tree, const char *path, const void *data, size_t size)
{
	size_t position = tree_position(tree, path);
	struct tree_entry *entry;
	char *copy = malloc(size + 1);

	if (!copy) {
		tree->overflow = true;
		return;
	}
	memcpy(copy, data, size);
	copy[size] = '\0';

	if (position < tree->count && !strcmp(tree->entries[position].path, path))
		entry = &tree->entries[position];
	else
		entry = tree_insert(tree, position, path);
	if (!entry) {
		free(copy);
		tree->overflow = true;
		return;
	}
	free(entry->data);
	entry->data = copy;
	entry->size = size;
}

void tree_print(struct tree *tree, const char *path, const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0) {
		tree->overflow = true;
		return;
	}
	tree_put(tree, path, text, (size_t)length);
	free(text);
}

static bool is_below(const char *path, const char *directory, size_t length)
{
	return length == 0 || (!strncmp(path, directory, length) && path[length] == '/');
}

void tree_remove(struct tree *tree, const char *path)
{
	size_t length = strlen(path), kept = 0;

	for (size_t i = 0; i < tree->count; i++) {
		struct tree_entry entry = tree->entries[i];

		if (!strcmp(entry.path, path) || is_below(entry.path, path, length)) {
			free(entry.path);
			free(entry.data);
		} else {
			tree->entries[kept++] = entry;
		}
	}
	tree->count = kept;
}

const struct tree_entry *tree_find(const struct tree *tree, const char *path)
{
	size_t position = tree_position(tree, path);

	if (position < tree->count && !strcmp(tree->entries[position].path, path))
		return &tree->entries[position];
	return NULL;
}

/* Length of a path's first component, with its slash if it is a directory. */
static size_t component_length(const char *path)
{
	size_t length = strcspn(path, "/");

	return path[length] ? length + 1 : length;
}

static bool is_named(const char *child, size_t length, const char *name)
{
	return name && strlen(name) <= length && !strncmp(child, name, strlen(name)) &&
	       (child[strlen(name)] == '/' || child[strlen(name)] == '\0');
}

/* Children of one directory are neighbours in the sorted list, so duplicates follow each other. */
static bool list_children(const struct tree *tree, const char *directory, const char *hidden,
			  FILE *out)
{
	size_t prefix = strlen(directory), last_length = 0;
	const char *last = NULL;

	for (size_t i = 0; i < tree->count; i++) {
		const char *path = tree->entries[i].path;
		const char *child = prefix ? path + prefix + 1 : path;
		size_t length;

		if (!is_below(path, directory, prefix))
			continue;
		length = component_length(child);
		if (length == 0 || *child == '/' || is_named(child, length, hidden))
			continue;
		if (last && length == last_length && !strncmp(child, last, length))
			continue;
		fprintf(out, "%s%.*s", last ? "\n" : "", (int)length, child);
		last = child;
		last_length = length;
	}
	return last != NULL;
}

char *tree_list(const struct tree *tree, const char *directory, const char *hidden)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	bool found;

	if (!out)
		return NULL;
	found = list_children(tree, directory, hidden, out);
	if (fclose(out) != 0 || !found) {
		free(text);
		return NULL;
	}
	return text;
}

void tree_done(struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		free(tree->entries[i].path);
		free(tree->entries[i].data);
	}
	free(tree->entries);
	*tree = (struct tree){ 0 };
}
