/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * The metadata tree as a flat, sorted list: "meta-data/ami-id" → bytes.
 * Directories are not stored; they are what the paths imply. An entry whose
 * path ends in '/' is the text of that directory's listing, where the implied
 * one will not do.
 */
struct tree_entry {
	char *path;
	char *data; /* owned; a NUL follows that is not counted in size */
	size_t size;
};

struct tree {
	struct tree_entry *entries;
	size_t count, allocated;
	bool overflow; /* something did not fit (4096 entries, or memory) */
};

/* Sets or replaces an entry; the bytes are copied. What does not fit sets tree->overflow. */
void tree_put(struct tree *tree, const char *path, const void *data, size_t size);

/* The same with formatted text. */
void tree_print(struct tree *tree, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Takes away the entry and everything below it. */
void tree_remove(struct tree *tree, const char *path);

/* The entry with exactly this path, or NULL. */
const struct tree_entry *tree_find(const struct tree *tree, const char *path);

/*
 * The names below a directory (path without trailing slash, "" for the root),
 * separated by LF, directories ending in '/'. The child named hidden (or NULL)
 * is left out. Returns fresh text, or NULL if nothing is there.
 */
char *tree_list(const struct tree *tree, const char *directory, const char *hidden);

/* Frees the contents, not the tree itself. */
void tree_done(struct tree *tree);
