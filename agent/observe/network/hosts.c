/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/network/hosts.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "model/mgs_answer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOOKUP_USEC   5000000ULL  /* a resolver's first try (resolv.conf(5)) */
#define LOOKUPS_USEC  15000000ULL /* all of them: further names do not wait for a dead server */
#define PAUSE_SEC     1
#define ADDRESSES_MAX 16 /* of one name */

/* "10.0.0.10      STREAM mgs.internal", and again for each kind of socket. */
int hosts_parse(const char *printed, struct words *addresses)
{
	int r = 0;

	for (const char *line = printed; r == 0 && *line && addresses->count < ADDRESSES_MAX;) {
		size_t length = strcspn(line, " \t\n");
		char address[INET_ADDRSTRLEN];
		struct in_addr ipv4;

		if (text_format(address, sizeof(address), "%.*s", (int)length, line) == 0 &&
		    inet_pton(AF_INET, address, &ipv4) == 1 && !words_contain(addresses, address))
			r = words_add(addresses, address);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return r;
}

static int look_up(struct host *host, struct inquiries *inquiries, struct error *err)
{
	const char *const argv[] = { "getent", "ahostsv4", host->name, NULL };
	cleanup(process_output_done) struct process_output output = { 0 };
	int r = inquiry_answer(inquiries, argv, LOOKUP_USEC, &output, err);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (output.end != PROCESS_EXITED || output.code != 0)
		return 0;
	r = hosts_parse(output.output, &host->addresses);
	return r < 0 ? error_set(err, r, "out of memory") : 0;
}

static int find_names(const struct words *mgs, struct facts *facts, struct error *err)
{
	facts->hosts = calloc(mgs->count + 1, sizeof(*facts->hosts));
	if (!facts->hosts)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < mgs->count; i++) {
		struct host *host = &facts->hosts[facts->host_count];

		if (!mgs_nid_has_name(mgs->items[i]) || facts_host(facts, mgs->items[i]))
			continue;
		if (mgs_nid_host(mgs->items[i], host->name, sizeof(host->name)) < 0)
			return error_set(err, -ENAMETOOLONG, "mgs: a name is too long");
		facts->host_count++;
	}
	return 0;
}

void hosts_foresee(const struct words *mgs, struct inquiries *inquiries)
{
	for (size_t i = 0; i < mgs->count; i++) {
		struct host host = { .name = "" };
		const char *const argv[] = { "getent", "ahostsv4", host.name, NULL };

		if (mgs_nid_has_name(mgs->items[i]) &&
		    mgs_nid_host(mgs->items[i], host.name, sizeof(host.name)) == 0)
			inquiry_put(inquiries, argv);
	}
}

/* Those that have no address yet. *ret is the first that still has none, NULL for none. */
static int look_up_all(struct facts *facts, struct inquiries *inquiries, const struct host **ret,
		       struct error *err)
{
	const uint64_t deadline = clock_now_usec() + LOOKUPS_USEC;
	int r = 0;

	*ret = NULL;
	for (size_t i = 0; r == 0 && i < facts->host_count; i++) {
		struct host *host = &facts->hosts[i];

		if (host->addresses.count == 0 && clock_now_usec() < deadline)
			r = look_up(host, inquiries, err);
		if (host->addresses.count == 0 && !*ret)
			*ret = host;
	}
	return r;
}

int hosts_observe(const struct words *mgs, uint64_t timeout_usec, network_progress_fn progress,
		  void *userdata, struct inquiries *inquiries, struct facts *facts,
		  struct error *err)
{
	const uint64_t deadline = clock_now_usec() + timeout_usec;
	const struct timespec pause = { .tv_sec = PAUSE_SEC };
	const struct host *missing = NULL, *told = NULL;
	int r = find_names(mgs, facts, err);

	while (r == 0) {
		char sentence[sizeof(missing->name) + 64];

		r = look_up_all(facts, inquiries, &missing, err);
		if (r < 0 || !missing || clock_now_usec() >= deadline)
			break;
		snprintf(sentence, sizeof(sentence),
			 "waiting for the name of the MGS: %s does not resolve yet", missing->name);
		if (progress && told != missing)
			progress(userdata, sentence);
		told = missing;
		nanosleep(&pause, NULL);
	}
	return r;
}
