/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The private addresses of the other interfaces: a request, and one more for each, so only a node
 * whose LNET names one of them pays for it.
 */

#include "ask/imds/imds.h"
#include "ask/imds/keys.h"
#include "ask/imds/session.h"
#include "base/cleanup.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MACS_KEY       "meta-data/network/interfaces/macs/"
#define INTERFACES_MAX 64U

/* "10.0.8.23\n10.0.8.24": the first is the interface's primary one. */
static bool is_address_list(const char *body, size_t size)
{
	char address[INET_ADDRSTRLEN];
	struct in_addr ipv4;
	size_t length = strcspn(body, "\r\n");

	return length <= size &&
	       text_format(address, sizeof(address), "%.*s", (int)length, body) == 0 &&
	       inet_pton(AF_INET, address, &ipv4) == 1;
}

static int fetch_addresses(struct imds *imds, const char *mac, struct metadata *metadata,
			   struct error *err)
{
	cleanup(free_pointer) char *body = NULL;
	char key[128];
	const struct imds_question question = {
		.key = key,
		/* Absent where it has IPv6 only, or is for EFA alone. */
		.required = false,
		.limit = IMDS_VALUE_MAX,
		.is_well_formed = is_address_list,
	};
	size_t size = 0;
	int r;

	snprintf(key, sizeof(key), MACS_KEY "%s/local-ipv4s", mac);
	r = imds_session_ask(imds, &question, &body, &size, err);
	if (r >= 0 && size > 0 &&
	    words_addf(&metadata->interfaces, "%s=%.*s", mac, (int)strcspn(body, "\r\n"), body) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return r;
}

int imds_fetch_interfaces(struct imds *imds, struct metadata *metadata, struct error *err)
{
	cleanup(free_pointer) char *listing = NULL;
	const struct imds_question question = { .key = MACS_KEY,
						.limit = IMDS_LISTING_MAX,
						.is_well_formed = imds_is_listing };
	size_t size = 0, position = 0;
	unsigned count = 0;
	char name[64];
	int r;

	imds_session_set_deadline(imds);
	r = imds_session_ask(imds, &question, &listing, &size, err);
	while (r >= 0 && imds_next_name(listing, size, &position, name, sizeof(name))) {
		name[strcspn(name, "/")] = '\0';
		if (!imds_is_mac(name, strlen(name)) || strcasecmp(name, metadata->mac) == 0)
			continue;
		if (++count > INTERFACES_MAX)
			return error_set(err, -EBADMSG, "%s has more than %u interfaces", MACS_KEY,
					 INTERFACES_MAX);
		r = fetch_addresses(imds, name, metadata, err);
	}
	return r < 0 ? r : 0;
}
