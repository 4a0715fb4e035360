/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SCHEME   "http://"
#define HOST_MAX 253 /* RFC 1035, 2.3.4, without the last dot */
#define PORT_MAX 65535

/* libcurl reads URLs since 7.62, and EL 8 has 7.61; what is left in one without a path is little.
 */

/* The length of the name or address that the text begins with; 0 without one. */
static size_t host_length(const char *text)
{
	static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789-._";
	char address[INET6_ADDRSTRLEN];
	struct in6_addr parsed;
	size_t length;

	if (text[0] != '[') {
		length = strspn(text, name);
		return length <= HOST_MAX ? length : 0;
	}
	length = strcspn(text + 1, "]");
	if (text[1 + length] != ']' || length >= sizeof(address))
		return 0;
	memcpy(address, text + 1, length);
	address[length] = '\0';
	return inet_pton(AF_INET6, address, &parsed) == 1 ? length + 2 : 0;
}

/* The length of ":PORT"; 0 where it is not one. */
static size_t port_length(const char *text)
{
	size_t digits = strspn(text + 1, "0123456789");
	long port = digits <= 5 ? strtol(text + 1, NULL, 10) : 0;

	return port >= 1 && port <= PORT_MAX ? digits + 1 : 0;
}

/* The length of "HOST[:PORT]", which is all there is but for a "/"; 0 where there is more. */
static size_t authority_length(const char *text)
{
	size_t length = host_length(text);

	if (length > 0 && text[length] == ':') {
		size_t port = port_length(text + length);

		if (port == 0)
			return 0;
		length += port;
	}
	return text[length] == '\0' || strcmp(text + length, "/") == 0 ? length : 0;
}

int imds_endpoint_parse(const char *endpoint, char **ret_base, struct error *err)
{
	bool has_scheme = strncasecmp(endpoint, SCHEME, strlen(SCHEME)) == 0;
	const char *authority = endpoint + (has_scheme ? strlen(SCHEME) : 0);
	size_t length = authority_length(authority);
	char *base = NULL;

	if (length == 0)
		return error_set(err, -EINVAL,
				 "\"%.64s\" is no metadata endpoint: write http://HOST:PORT",
				 endpoint);
	if (asprintf(&base, SCHEME "%.*s", (int)length, authority) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	*ret_base = base;
	return 0;
}
