/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/nid.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HOST_MAX       254 /* with its end */
#define NET_DIGITS_MAX 5
#define NIDS_MAX       64

_Static_assert(NID_TEXT_MAX >= HOST_MAX + NET_TEXT_MAX, "a NID is whole");

/* ---- nets ---- */

/* "", "1", "65535": a number of sixteen bits. */
static bool read_net_number(const char *digits, size_t length, unsigned *ret)
{
	unsigned number = 0;

	if (length > NET_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!isdigit((unsigned char)digits[i]))
			return false;
		number = number * 10 + (unsigned)(digits[i] - '0');
	}
	*ret = number;
	return number <= UINT16_MAX;
}

int net_normalise(const char *text, size_t length, char ret[NET_TEXT_MAX])
{
	/* "o2ib" has a digit of its own, and no kind is the beginning of another. */
	static const char *const kinds[] = { "tcp", "efa", "o2ib", "kfi" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t kind = strlen(kinds[i]);
		unsigned number;

		if (kind > length || strncasecmp(text, kinds[i], kind) != 0 ||
		    !read_net_number(text + kind, length - kind, &number))
			continue;
		if (number == 0)
			return text_format(ret, NET_TEXT_MAX, "%s", kinds[i]);
		return text_format(ret, NET_TEXT_MAX, "%s%u", kinds[i], number);
	}
	return -EINVAL;
}

bool net_is_efa(const char *net)
{
	return strncmp(net, "efa", strlen("efa")) == 0;
}

/* ---- hosts ---- */

/* One label of a host name, RFC 1123: letters, digits and inner dashes. */
static bool is_label(const char *text, size_t length)
{
	if (length == 0 || length > 63 || text[0] == '-' || text[length - 1] == '-')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '-')
			return false;
	return true;
}

/* Resolvers take "0x0a.1" and "10.1" for addresses. */
static bool is_number(const char *label)
{
	if (strncasecmp(label, "0x", 2) == 0)
		return label[2 + strspn(label + 2, "0123456789abcdefABCDEF")] == '\0';
	return label[strspn(label, "0123456789")] == '\0';
}

static bool is_name(const char *host)
{
	for (;;) {
		size_t length = strcspn(host, ".");

		if (!is_label(host, length))
			return false;
		if (host[length] == '\0')
			return !is_number(host);
		host += length + 1;
	}
}

/* An IPv4 address in IPv6's clothes (RFC 4291, 2.5.5.2) is one of IPv4. */
static void write_ipv6(const struct in6_addr *address, char ret[INET6_ADDRSTRLEN])
{
	if (IN6_IS_ADDR_V4MAPPED(address))
		inet_ntop(AF_INET, &address->s6_addr[12], ret, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, address, ret, INET6_ADDRSTRLEN);
}

static int host_normalise(const char *host, char ret[HOST_MAX])
{
	struct in6_addr ipv6;
	struct in_addr ipv4;
	size_t length = strlen(host);

	_Static_assert(HOST_MAX >= INET6_ADDRSTRLEN, "an address is a host");
	if (inet_pton(AF_INET, host, &ipv4) == 1) {
		inet_ntop(AF_INET, &ipv4, ret, HOST_MAX);
		return 0;
	}
	if (inet_pton(AF_INET6, host, &ipv6) == 1) {
		write_ipv6(&ipv6, ret);
		return 0;
	}
	if (length >= HOST_MAX || !is_name(host))
		return -EINVAL;
	for (size_t i = 0; i <= length; i++)
		ret[i] = (char)tolower((unsigned char)host[i]);
	return 0;
}

/* ---- NIDs ---- */

int nid_normalise(const char *text, char ret[NID_TEXT_MAX])
{
	const char *at = strchr(text, '@');
	char written[HOST_MAX], host[HOST_MAX], net[NET_TEXT_MAX];
	size_t length = at ? (size_t)(at - text) : strlen(text);

	if (length >= sizeof(written))
		return -EINVAL;
	memcpy(written, text, length);
	written[length] = '\0';
	if (host_normalise(written, host) < 0)
		return -EINVAL;
	if (!at)
		return text_format(ret, NID_TEXT_MAX, "%s", host);
	if (net_normalise(at + 1, strlen(at + 1), net) < 0)
		return -EDOM;
	return text_format(ret, NID_TEXT_MAX, "%s@%s", host, net);
}

/* The host of a NID as an address; AF_UNSPEC for a name. */
static int read_address(const char *nid, struct in_addr *ipv4, struct in6_addr *ipv6)
{
	char host[HOST_MAX];

	if (text_format(host, sizeof(host), "%.*s", (int)strcspn(nid, "@"), nid) < 0)
		return AF_UNSPEC;
	if (inet_pton(AF_INET, host, ipv4) == 1)
		return AF_INET;
	return inet_pton(AF_INET6, host, ipv6) == 1 ? AF_INET6 : AF_UNSPEC;
}

bool nid_is_ipv4(const char *nid)
{
	struct in6_addr ipv6;
	struct in_addr ipv4;

	return read_address(nid, &ipv4, &ipv6) == AF_INET;
}

/* RFC 6890, those that no VPC has either. */
static const char *ipv4_unreachable(struct in_addr address)
{
	static const struct {
		uint32_t first;
		unsigned bits;
		const char *what;
	} blocks[] = {
		{ 0x00000000, 8, "an address of no host" },
		{ 0x7f000000, 8, "a loopback address" },
		{ 0xa9fe0000, 16, "a link-local address" },
		{ 0xe0000000, 4, "a multicast address" },
		{ 0xffffffff, 32, "the broadcast address" },
	};

	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if ((ntohl(address.s_addr) ^ blocks[i].first) >> (32 - blocks[i].bits) == 0)
			return blocks[i].what;
	return NULL;
}

static const char *ipv6_unreachable(const struct in6_addr *address)
{
	if (IN6_IS_ADDR_UNSPECIFIED(address))
		return "an address of no host";
	if (IN6_IS_ADDR_LOOPBACK(address))
		return "a loopback address";
	if (IN6_IS_ADDR_LINKLOCAL(address))
		return "a link-local address";
	return IN6_IS_ADDR_MULTICAST(address) ? "a multicast address" : NULL;
}

const char *nid_unreachable(const char *nid)
{
	struct in6_addr ipv6;
	struct in_addr ipv4;

	switch (read_address(nid, &ipv4, &ipv6)) {
	case AF_INET:
		return ipv4_unreachable(ipv4);
	case AF_INET6:
		return ipv6_unreachable(&ipv6);
	default:
		return NULL;
	}
}

/* ---- what tools print ---- */

int nids_read(const char *printed, struct words *nids)
{
	cleanup(words_done) struct words words = { 0 };
	int r = words_split(&words, printed, " \t\r\n");

	for (size_t i = 0; r == 0 && i < words.count; i++) {
		char nid[NID_TEXT_MAX];
		const char *word = words.items[i];

		if (!strchr(word, '@') || strcmp(word, "0@lo") == 0)
			continue;
		if (nids->count >= NIDS_MAX)
			return -E2BIG;
		word = nid_normalise(word, nid) == 0 ? nid : word;
		if (!words_contain(nids, word))
			r = words_add(nids, word);
	}
	return r;
}

/* Takes the NIDs of a source apart. The host of one may have colons: it ends at its '@'. */
static int read_source(const char *source, const char *end, struct words *ret)
{
	int r = 0;

	while (r == 0 && source < end) {
		char written[NID_TEXT_MAX], whole[NID_TEXT_MAX], nid[NID_TEXT_MAX];
		const size_t left = (size_t)(end - source);
		size_t host = strcspn(source, "@"), length;

		/* None has a net: then none is IPv6. */
		host = host < left ? host : 0;
		length = host + strcspn(source + host, ",:");
		if (length > left || length >= sizeof(written))
			return -EINVAL;
		memcpy(written, source, length);
		written[length] = '\0';
		/* mount.lustre takes it for tcp. */
		r = text_format(whole, sizeof(whole), "%s%s", written,
				strchr(written, '@') ? "" : "@tcp");
		if (r == 0)
			r = nid_normalise(whole, nid);
		if (r == 0 && !words_contain(ret, nid))
			r = words_add(ret, nid);
		source += length + 1;
	}
	return r;
}

bool nid_sources_name_one_mgs(const char *one, const char *other)
{
	cleanup(words_done) struct words first = { 0 };
	cleanup(words_done) struct words second = { 0 };
	const char *name = strstr(one, ":/"), *other_name = strstr(other, ":/");

	if (!name || !other_name || read_source(one, name, &first) < 0 ||
	    read_source(other, other_name, &second) < 0 || first.count != second.count)
		return false;
	for (size_t i = 0; i < first.count; i++)
		if (!words_contain(&second, first.items[i]))
			return false;
	return true;
}
