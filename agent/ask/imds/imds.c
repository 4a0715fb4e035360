/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/imds.h"

#include "ask/imds/route.h"
#include "ask/imds/session.h"
#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_TIMEOUT_SEC 300

static void free_session(struct imds **imds)
{
	imds_free(*imds);
}

static struct imds *new_session(const struct imds_options *options)
{
	struct imds *imds = calloc(1, sizeof(*imds));

	if (!imds)
		return NULL;
	imds->way.root = options->root ? options->root : "";
	imds->way.link_local = options->endpoint == NULL;
	imds->want_launch_index = options->want_launch_index;
	imds->timeout_sec = options->timeout_sec ? options->timeout_sec : DEFAULT_TIMEOUT_SEC;
	imds->progress.tell = options->progress;
	imds->progress.userdata = options->userdata;
	imds->progress.timeout_sec = imds->timeout_sec;
	snprintf(imds->label, sizeof(imds->label), "%s",
		 options->endpoint ? options->endpoint : IMDS_IPV4);
	imds->marks = options->marks;
	imds_session_set_deadline(imds);
	imds->progress.told_ms = imds->progress.began_ms;
	return imds;
}

int imds_open(const struct imds_options *options, struct imds **ret, struct error *err)
{
	cleanup(free_session) struct imds *imds = new_session(options);
	int r;

	if (!imds)
		return error_set(err, -ENOMEM, "out of memory");
	r = imds_platform_detect(imds->way.root, &imds->way.platform);
	if (r < 0)
		return error_errno(err, r, "cannot tell whether this machine is an EC2 instance");
	/* A link-local address belongs to EC2 on EC2 only; elsewhere anybody may hold it. */
	if (imds->way.link_local && imds->way.platform == IMDS_PLATFORM_OTHER)
		return error_set(
			err, -ENODEV,
			"this machine is not an EC2 instance (its firmware does not say \"Amazon "
			"EC2\"), "
			"so no metadata service is asked; elsewhere name one with --endpoint "
			"http://HOST:PORT");
	r = imds_http_new(options->endpoint, "lustre-init", &imds->http, err);
	if (r < 0)
		return r;
	imds_way_set(&imds->way, imds->http);
	imds->reaching = mark_begin(imds->marks, "the network, up to the metadata service");
	r = imds_session_authenticate(imds, err);
	if (r < 0)
		return r;
	*ret = take_pointer(imds);
	return 0;
}

struct imds *imds_free(struct imds *imds)
{
	if (!imds)
		return NULL;
	imds_http_free(imds->http);
	free(imds);
	return NULL;
}

int imds_get(struct imds *imds, const char *key, size_t limit, char **ret_body, size_t *ret_size,
	     struct error *err)
{
	const struct imds_question question = { .key = key, .limit = limit };

	imds_session_set_deadline(imds);
	return imds_session_ask(imds, &question, ret_body, ret_size, err);
}
