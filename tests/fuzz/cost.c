/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Under the address sanitizer by its hooks. Else by standing in for malloc() and its kin, as the
 * manual of the GNU C library describes ("Replacing malloc"): what the program defines is what its
 * libraries call.
 */

#include "cost.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>

static struct cost counted;
static size_t held;

static void take(size_t size)
{
	counted.allocations++;
	held += size;
	if (held > counted.peak)
		counted.peak = held;
}

/* What was there before cost_begin() may be given back after it. */
static void give_back(size_t size)
{
	held -= size < held ? size : held;
}

static void begin(void)
{
	held = 0;
	counted = (struct cost){ 0 };
}

struct cost cost_so_far(void)
{
	return counted;
}

#ifdef FUZZ_SANITIZED

#include <sanitizer/allocator_interface.h>

static void on_malloc(const volatile void *memory, size_t size)
{
	(void)memory;
	take(size);
}

static void on_free(const volatile void *memory)
{
	give_back(__sanitizer_get_allocated_size(memory));
}

void cost_begin(void)
{
	static bool is_installed;

	if (!is_installed)
		__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
	is_installed = true;
	begin();
}

#else

/* The library's own, behind the names that are taken here. */
void *library_malloc(size_t size) __asm__("__libc_malloc");
void *library_calloc(size_t nmemb, size_t size) __asm__("__libc_calloc");
void *library_realloc(void *ptr, size_t size) __asm__("__libc_realloc");
void library_free(void *ptr) __asm__("__libc_free");

void cost_begin(void)
{
	begin();
}

void *malloc(size_t size)
{
	void *memory = library_malloc(size);

	take(malloc_usable_size(memory));
	return memory;
}

void *calloc(size_t nmemb, size_t size)
{
	void *memory = library_calloc(nmemb, size);

	take(malloc_usable_size(memory));
	return memory;
}

void *realloc(void *ptr, size_t size)
{
	size_t before = malloc_usable_size(ptr);
	void *after = library_realloc(ptr, size);

	if (after || size == 0)
		give_back(before);
	take(malloc_usable_size(after));
	return after;
}

void free(void *ptr)
{
	give_back(malloc_usable_size(ptr));
	library_free(ptr);
}

#endif
