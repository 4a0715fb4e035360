// SPDX-License-Identifier: Apache-2.0
#include "store.h"

#include "effect.h"
#include "imds.h"
#include "resident.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NODES_MAX = 256 };

struct store {
	const char *path;
	bool directory;
	store_complaint *complain;
	struct timespec start;
	pthread_mutex_t mutex; /* guards what follows */
	struct resident *residents[NODES_MAX];
	size_t count;
};

struct store *store_new(const char *path, bool directory, store_complaint *complain)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->path = path;
	store->directory = directory;
	store->complain = complain;
	clock_gettime(CLOCK_MONOTONIC, &store->start);
	pthread_mutex_init(&store->mutex, NULL);
	return store;
}

int64_t store_now(const struct store *store)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)(now.tv_sec - store->start.tv_sec) * 1000 +
	       (now.tv_nsec - store->start.tv_nsec) / 1000000;
}

static struct resident *find_by_name(struct store *store, const char *name)
{
	for (size_t i = 0; i < store->count; i++) {
		if (!strcmp(store->residents[i]->name, name))
			return store->residents[i];
	}
	return NULL;
}

static void refresh_file(struct store *store, const char *name, const char *path)
{
	struct resident *resident = find_by_name(store, name);
	struct problem problem;

	if (!resident) {
		resident = store->count < NODES_MAX ? resident_new(name) : NULL;
		if (!resident)
			return;
		store->residents[store->count++] = resident;
	}
	resident->present = true;
	if (resident_refresh(resident, path, store_now(store), &problem) < 0)
		store->complain(name, problem.text);
}

static bool is_node_name(const char *name)
{
	size_t length = strlen(name);

	return *name != '.' && length > 5 && !strcmp(name + length - 5, ".json");
}

static void sweep(struct store *store)
{
	size_t kept = 0;

	for (size_t i = 0; i < store->count; i++) {
		if (store->residents[i]->present)
			store->residents[kept++] = store->residents[i];
		else
			resident_free(store->residents[i]);
	}
	store->count = kept;
}

static void refresh_directory(struct store *store)
{
	DIR *directory = opendir(store->path);
	struct dirent *entry;

	for (size_t i = 0; i < store->count; i++)
		store->residents[i]->present = false;
	while (directory && (entry = readdir(directory))) {
		char path[4096];
		int length = snprintf(path, sizeof(path), "%s/%s", store->path, entry->d_name);

		if (is_node_name(entry->d_name) && length > 0 && length < (int)sizeof(path))
			refresh_file(store, entry->d_name, path);
	}
	if (directory)
		closedir(directory);
	sweep(store);
}

static void refresh(struct store *store)
{
	const char *slash = strrchr(store->path, '/');

	if (store->directory)
		refresh_directory(store);
	else
		refresh_file(store, slash ? slash + 1 : store->path, store->path);
}

static struct resident *find_by_source(struct store *store, const char *source)
{
	if (!store->directory)
		return store->count ? store->residents[0] : NULL;
	for (size_t i = 0; i < store->count; i++) {
		const struct node *node = store->residents[i]->node;

		if (node && node_has_source(node, source))
			return store->residents[i];
	}
	return NULL;
}

/* A mistake in a test must not look like a metadata service without data. */
static void answer_no_node(const struct request *request, bool bad, struct answer *answer)
{
	char text[128];
	int length = snprintf(text, sizeof(text),
			      bad ? "the node file of %s is bad\n" : "no node has the address %s\n",
			      request->source);

	answer_error(answer, 500);
	answer_set_header(answer, "Content-Type", "text/plain");
	answer_set_body(answer, text, (size_t)length);
}

static void answer_as(struct resident *resident, struct request *request, int64_t now_ms,
		      struct exchange *exchange)
{
	struct fault_clock clock;

	if (resident->first_request_ms < 0)
		resident->first_request_ms = now_ms;
	clock = resident_clock(resident, now_ms);
	request->verdict = token_judge(&resident->jar, request->token, now_ms);
	exchange->rule = faults_match(&resident->node->faults, request, &clock);
	effects_apply(exchange, EFFECT_TOKEN);
	imds_answer(resident->node, &resident->jar, request, now_ms, exchange->token_ttl_cap,
		    &exchange->answer);
	effects_apply(exchange, EFFECT_ANSWER);
}

void store_answer(struct store *store, struct request *request, struct exchange *exchange)
{
	struct resident *resident;

	pthread_mutex_lock(&store->mutex);
	refresh(store);
	resident = find_by_source(store, request->source);
	if (resident)
		exchange->node = strdup(resident->name);
	if (resident && resident->node && !resident->bad)
		answer_as(resident, request, store_now(store), exchange);
	else
		answer_no_node(request, resident != NULL, &exchange->answer);
	pthread_mutex_unlock(&store->mutex);
}

bool store_closes(struct store *store, const char *listen)
{
	int64_t now_ms = store_now(store);
	bool closes = false;

	pthread_mutex_lock(&store->mutex);
	refresh(store);
	for (size_t i = 0; i < store->count && !closes; i++) {
		const struct resident *resident = store->residents[i];
		struct fault_clock clock = resident_clock(resident, now_ms);

		if (resident->node && !resident->bad)
			closes = faults_close(&resident->node->faults, listen, &clock);
	}
	pthread_mutex_unlock(&store->mutex);
	return closes;
}

struct store *store_free(struct store *store)
{
	if (!store)
		return NULL;
	for (size_t i = 0; i < store->count; i++)
		resident_free(store->residents[i]);
	pthread_mutex_destroy(&store->mutex);
	free(store);
	return NULL;
}
