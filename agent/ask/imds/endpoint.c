/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/endpoint.h"

#include "base/cleanup.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void free_url(CURLU **url)
{
	curl_url_cleanup(*url);
}

static void free_text(char **text)
{
	curl_free(*text);
}

/* A part that is there must be `wanted`; with NULL it must be absent. */
static bool part_is(CURLU *url, CURLUPart part, const char *wanted)
{
	cleanup(free_text) char *text = NULL;
	bool is_there = curl_url_get(url, part, &text, 0) == CURLUE_OK;

	return wanted ? is_there && strcmp(text, wanted) == 0 : !is_there;
}

static bool is_plain(CURLU *url)
{
	return part_is(url, CURLUPART_SCHEME, "http") && part_is(url, CURLUPART_PATH, "/") &&
	       part_is(url, CURLUPART_USER, NULL) && part_is(url, CURLUPART_PASSWORD, NULL) &&
	       part_is(url, CURLUPART_QUERY, NULL) && part_is(url, CURLUPART_FRAGMENT, NULL);
}

int imds_endpoint_parse(const char *endpoint, char **ret_base, struct error *err)
{
	cleanup(free_url) CURLU *url = curl_url();
	cleanup(free_text) char *whole = NULL;
	char text[256];
	int length;

	length = snprintf(text, sizeof(text), "%s%s", strstr(endpoint, "://") ? "" : "http://",
			  endpoint);
	if (length < 0 || (size_t)length >= sizeof(text) || !url ||
	    curl_url_set(url, CURLUPART_URL, text, 0) || !is_plain(url) ||
	    curl_url_get(url, CURLUPART_URL, &whole, 0))
		return error_set(err, -EINVAL,
				 "\"%.64s\" is no metadata endpoint: write http://HOST:PORT",
				 endpoint);
	/* The path is "/", so this leaves http://HOST:PORT. */
	*ret_base = strndup(whole, strlen(whole) - 1);
	return *ret_base ? 0 : error_set(err, -ENOMEM, "out of memory");
}
