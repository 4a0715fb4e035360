/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The instance metadata service, version 2 only: the one user of libcurl.
 *
 * Serial requests on one connection while the service keeps it (EC2 closes it after each answer),
 * no proxy, no redirect, bounded bodies, one monotonic deadline for the whole. Transient answers
 * are retried with jittered back-off inside that deadline; 403 ("disabled") and "this is not EC2"
 * are final. Source: AWS user guide, "Instance metadata and user data"
 * (instancedata-data-retrieval).
 */

#include "base/mark.h"
#include "model/metadata.h"

/* Tells what is being waited for, for STATUS=; called at most once a second and on each change. */
typedef void (*imds_progress_fn)(void *userdata, const char *sentence);

struct imds_options {
	const char *root;     /* "" or a recorded machine, for /sys/class/dmi */
	const char *endpoint; /* NULL: the link-local addresses, if DMI says EC2 */
	unsigned timeout_sec; /* the deadline for everything; 0: 300 s */
	bool want_launch_index;
	imds_progress_fn progress;
	void *userdata;
	struct marks *marks; /* the way to the service, and each request; NULL: not wanted */
};

struct imds;

/*
 * Opens a session: finds the endpoint and fetches a token. -ENODEV: not an EC2 instance (say how to
 * pass an endpoint); -EACCES: the service is disabled or locked (the sentence says how to enable
 * it); -ETIMEDOUT: no usable answer inside the deadline; -EPROTO: what answers is no metadata
 * service of version 2; -EINVAL: the endpoint is not "http://HOST[:PORT]". `options` is needed
 * during the call only, but for root, marks and what progress points to.
 */
int imds_open(const struct imds_options *options, struct imds **ret, struct error *err);
struct imds *imds_free(struct imds *imds);

/*
 * Fetches all that the agent uses: identity, tags of ours, user-data, the primary interface's
 * subnet; inside the deadline that began with imds_open(). Further codes: -ENOENT, -EBADMSG: a key
 * that must be there is absent, or not of its form, for long; -EFBIG: a key is larger than any that
 * EC2 allows.
 */
int imds_fetch(struct imds *imds, struct metadata *ret, struct error *err);

/*
 * Fills metadata->interfaces: the first private address of each interface but the primary one. In
 * interfaces.c. Codes and deadline as imds_get().
 */
int imds_fetch_interfaces(struct imds *imds, struct metadata *metadata, struct error *err);

/*
 * Whether the newest answer had tags in it, or was an empty list of them: then others may follow.
 * Where tags are off it is 404 (and on some other services an empty list, too).
 */
bool imds_lists_tags(const struct imds *imds);

/* The tags once more, in place of those in *metadata. As imds_get(), with a deadline of its own. */
int imds_fetch_tags(struct imds *imds, struct metadata *metadata, struct error *err);

/* user-data once more, where there was none: one answer alone does not make it so. Likewise. */
int imds_fetch_user_data(struct imds *imds, struct metadata *metadata, struct error *err);

/*
 * One more key, such as "meta-data/ami-launch-index". *ret_body is freed by the caller. An absent
 * key (404) is 0 with *ret_body NULL. `limit` in bytes. Each call has a deadline of its own, of
 * timeout_sec.
 */
int imds_get(struct imds *imds, const char *key, size_t limit, char **ret_body, size_t *ret_size,
	     struct error *err);
