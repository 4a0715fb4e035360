/* SPDX-License-Identifier: Apache-2.0 */

/*
 * An address that stays. LNET takes what an interface has at that moment, or silently another
 * interface, and the target registers under it (measured); network-online.target says nothing
 * about it.
 */

#include "base/clock.h"
#include "base/text.h"
#include "model/spec/nid.h"
#include "observe/network/addresses.h"
#include "observe/network/network.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define POLL_USEC 200000

static void missing_of(const struct facts *facts, const char *name,
		       char sentence[NETWORK_SENTENCE_MAX])
{
	const struct interface *interface = facts_interface(facts, name);
	bool primary = strcmp(name, "primary") == 0;

	if (!interface)
		snprintf(sentence, NETWORK_SENTENCE_MAX, "there is no interface %s%s yet",
			 primary ? "with MAC address " : "", primary ? facts->mac : name);
	else if (interface->ipv4[0] == '\0')
		snprintf(sentence, NETWORK_SENTENCE_MAX, "interface %s has no IPv4 address yet",
			 interface->name);
	else if (facts_is_primary(facts, interface) &&
		 strcmp(interface->ipv4, facts->local_ipv4) != 0)
		snprintf(sentence, NETWORK_SENTENCE_MAX,
			 "interface %s has address %s, and not yet %s as the metadata says",
			 interface->name, interface->ipv4, facts->local_ipv4);
	else if (nid_unreachable(interface->ipv4))
		snprintf(sentence, NETWORK_SENTENCE_MAX,
			 "interface %s has no address but %s yet, %s", interface->name,
			 interface->ipv4, nid_unreachable(interface->ipv4));
	else if (interface->tentative)
		snprintf(sentence, NETWORK_SENTENCE_MAX,
			 "address %s of interface %s may go away again: nobody renews its lease",
			 interface->ipv4, interface->name);
}

/*
 * What the metadata do not say does not come: which interface is the primary one, without its MAC
 * address; an address for it, in a subnet of IPv6 only.
 */
static bool may_come(const struct facts *facts, const char *name)
{
	const struct interface *interface = facts_interface(facts, name);
	bool primary = strcmp(name, "primary") == 0;

	if (primary && facts->mac[0] == '\0')
		return false;
	if (facts->local_ipv4[0] != '\0')
		return true;
	return !primary && !(interface && facts_is_primary(facts, interface));
}

void network_missing(const struct spec *spec, const struct facts *facts,
		     char sentence[NETWORK_SENTENCE_MAX])
{
	sentence[0] = '\0';
	for (size_t i = 0; i < spec->lnet_count && sentence[0] == '\0'; i++) {
		if (net_is_efa(spec->lnet[i].net))
			continue;
		if (may_come(facts, spec->lnet[i].interface))
			missing_of(facts, spec->lnet[i].interface, sentence);
	}
}

static int look(const struct spec *spec, const char *mac, const char *local_ipv4, char *sentence,
		struct error *err)
{
	struct facts facts = { 0 };
	int r = network_interfaces("", &facts, err);

	text_set(facts.mac, sizeof(facts.mac), "%s", mac);
	text_set(facts.local_ipv4, sizeof(facts.local_ipv4), "%s", local_ipv4);
	if (r >= 0)
		r = addresses_find(&facts, err);
	if (r >= 0)
		network_missing(spec, &facts, sentence);
	facts_done(&facts);
	return r;
}

int network_wait(const struct spec *spec, const char *mac, const char *local_ipv4,
		 uint64_t timeout_usec, network_progress_fn progress, void *userdata,
		 struct error *err)
{
	const struct timespec pause = { .tv_nsec = POLL_USEC * 1000 };
	const uint64_t started = clock_now_usec();
	char told[NETWORK_SENTENCE_MAX] = "", missing[NETWORK_SENTENCE_MAX];
	uint64_t told_sec = 0;
	int r;

	while ((r = look(spec, mac, local_ipv4, missing, err)) >= 0 && missing[0] != '\0') {
		uint64_t waited = clock_now_usec() - started;
		bool over = waited >= timeout_usec;
		char sentence[NETWORK_SENTENCE_MAX + 64];

		if (over)
			snprintf(sentence, sizeof(sentence), "not waiting longer: %s", missing);
		else
			snprintf(sentence, sizeof(sentence),
				 "waiting for the network, %llu of %llu s: %s",
				 (unsigned long long)waited / 1000000,
				 (unsigned long long)(timeout_usec + 999999) / 1000000, missing);
		if (progress &&
		    (over || strcmp(told, missing) != 0 || waited / 1000000 != told_sec))
			progress(userdata, sentence);
		if (over)
			break;
		memcpy(told, missing, sizeof(told));
		told_sec = waited / 1000000;
		nanosleep(&pause, NULL);
	}
	return r < 0 ? r : 0;
}
