/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/value_types.h"

#include "base/cleanup.h"
#include "base/json_whole.h"
#include "base/quote.h"
#include "base/text.h"
#include "model/spec/nid.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MGS_MAX            16
#define ETHERNET_NAME_MOST 15 /* IFNAMSIZ, without its end */

static int read_fsname(const struct spec_key_row *row, const struct setting *setting,
		       struct spec *spec, struct error *why)
{
	const char *text = "";
	int r;

	(void)row;
	r = value_single(setting, &text, why);
	if (r < 0)
		return r;
	for (const char *p = text; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_' && *p != '-')
			return error_set(why, -EINVAL,
					 "%s has a character that is not possible in a file system "
					 "name; use A-Z a-z 0-9 _ -",
					 quote(text).text);
	if (strlen(text) > FSNAME_MAX)
		return error_set(why, -EINVAL, "%s has %zu characters; at most %d are possible",
				 quote(text).text, strlen(text), FSNAME_MAX);
	/* Tools would take it for an option. */
	if (text[0] == '-')
		return error_set(why, -EINVAL, "%s begins with a dash; begin it with a letter",
				 quote(text).text);
	text_set(spec->fsname, sizeof(spec->fsname), "%s", text);
	return 0;
}

static json_t *fsname_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	(void)row;
	return spec->fsname[0] ? json_string(spec->fsname) : json_null();
}

static json_t *fsname_schema(const struct spec_key_row *row)
{
	(void)row;
	return schema_word("[A-Za-z0-9_][A-Za-z0-9_-]{0,7}");
}

const struct value_type value_fsname = {
	.name = "file system name",
	.read = read_fsname,
	.to_json = fsname_to_json,
	.schema = fsname_schema,
};

/* "010.0.0.10", of digits and dots. */
static bool has_leading_zero(const char *word)
{
	bool first = true, found = false;

	for (; *word && *word != '@'; word++) {
		if (*word != '.' && !isdigit((unsigned char)*word))
			return false;
		found = found || (first && word[0] == '0' && isdigit((unsigned char)word[1]));
		first = *word == '.';
	}
	return found;
}

static int refuse_ipv6(const char *word, struct error *why)
{
	return error_set(why, -EINVAL,
			 "%s is an IPv6 address, and the nets that lustre-init sets up have IPv4; "
			 "write the MGS's IPv4 address, or a name that has one",
			 quote(word).text);
}

/* "[fd00:ec2::10]:988" and "fe80::1%ens5", as elsewhere one is written. */
static bool is_ipv6_in_dress(const char *word)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	word += *word == '[';
	return text_format(text, sizeof(text), "%.*s", (int)strcspn(word, "]%@"), word) == 0 &&
	       inet_pton(AF_INET6, text, &address) == 1;
}

static int refuse_mgs(const char *word, struct error *why)
{
	const char *mount_source = strstr(word, ":/");
	const size_t length = strlen(word);

	if (is_ipv6_in_dress(word))
		return refuse_ipv6(word, why);
	if (strstr(word, "://"))
		return error_set(why, -EINVAL,
				 "%s is a URL; write the address or the name alone, without what "
				 "stands before it",
				 quote(word).text);
	if (mount_source)
		return error_set(why, -EINVAL, "%s is what a client mounts; write %s only",
				 quote(word).text,
				 quote_bytes(word, (size_t)(mount_source - word)).text);
	if (strchr(word, ':'))
		return error_set(why, -EINVAL,
				 "%s is no address; separate failover partners with a comma, and "
				 "give no port",
				 quote(word).text);
	if (has_leading_zero(word))
		return error_set(why, -EINVAL,
				 "%s has a number with a leading zero, which is octal to some "
				 "programs; write it without",
				 quote(word).text);
	/* As DNS writes a name of its own, and LNET none. */
	if (length > 1 && word[length - 1] == '.')
		return error_set(why, -EINVAL, "%s ends in a dot; write %s", quote(word).text,
				 quote_bytes(word, length - 1).text);
	return error_set(why, -EINVAL,
			 "%s is neither an address nor a host name nor a NID such as 10.0.0.10@tcp",
			 quote(word).text);
}

/* RFC 6761, 6.3: whatever a name server says. */
static bool is_localhost(const char *nid)
{
	static const char name[] = "localhost";
	size_t length = strcspn(nid, "@"), tail = sizeof(name) - 1;

	return length >= tail && strncmp(nid + length - tail, name, tail) == 0 &&
	       (length == tail || nid[length - tail - 1] == '.');
}

/* What no node can mean by it, wherever it stands. */
static int check_reachable(const char *word, const char *nid, struct error *why)
{
	const char *what =
		is_localhost(nid) ? "the name of a loopback address" : nid_unreachable(nid);

	if (!what)
		return 0;
	return error_set(why, -EINVAL,
			 "%s is %s, and no other node reaches the MGS there; write the address "
			 "that it has in its subnet",
			 quote(word).text, what);
}

/*
 * Lustre 2.17 has NIDs of IPv6, but this node's are of its IPv4 address, and speak with no others;
 * a host has no colon.
 */
static int check_family(const char *word, const char *nid, struct error *why)
{
	return memchr(nid, ':', strcspn(nid, "@")) ? refuse_ipv6(word, why) : 0;
}

/* The MGS is asked over TCP whether it is there, and efa's NIDs are no addresses. */
static int check_mgs_net(const char *word, const char *nid, struct error *why)
{
	const char *net = strchr(nid, '@');

	if (!net || strncmp(net + 1, "tcp", 3) == 0)
		return 0;
	return error_set(why, -EINVAL,
			 "%s names the MGS on another net than tcp, over which nodes find each "
			 "other; write its address, or that and @tcp",
			 quote(word).text);
}

static int take_mgs(const char *word, struct words *ret, struct error *why)
{
	char nid[NID_TEXT_MAX];
	int r = nid_normalise(word, nid);

	if (r == -EDOM && !strchr(word + strcspn(word, "@"), ':'))
		return error_set(why, -EINVAL,
				 "%s does not end in a net of LNET; write it as %.*s@tcp",
				 quote(word).text, (int)strcspn(word, "@"), word);
	if (r < 0)
		return refuse_mgs(word, why);
	r = check_mgs_net(word, nid, why);
	if (r == 0)
		r = check_reachable(word, nid, why);
	if (r == 0)
		r = check_family(word, nid, why);
	if (r < 0 || words_contain(ret, nid))
		return r;
	return words_add(ret, nid);
}

static int read_mgs(const struct spec_key_row *row, const struct setting *setting,
		    struct spec *spec, struct error *why)
{
	cleanup(words_done) struct words words = { 0 };
	cleanup(words_done) struct words nids = { 0 };
	int r;

	(void)row;
	r = value_list(setting, ", \t", MGS_MAX, &words, why);
	for (size_t i = 0; r == 0 && i < words.count; i++)
		r = take_mgs(words.items[i], &nids, why);
	if (r < 0)
		return r;
	return words_copy(&spec->mgs, &nids);
}

static json_t *mgs_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	(void)row;
	return spec->mgs.count ? words_to_json(&spec->mgs) : json_null();
}

static json_t *mgs_schema(const struct spec_key_row *row)
{
	(void)row;
	return schema_one_or_more(schema_word("[, \t]*[A-Za-z0-9:][A-Za-z0-9.:@, \t-]*"));
}

const struct value_type value_mgs = {
	.name = "addresses",
	.read = read_mgs,
	.to_json = mgs_to_json,
	.schema = mgs_schema,
};

/* "primary", or a name that the kernel could give: dev_valid_name() and nothing tools trip over. */
static bool is_interface(const char *text, size_t length, size_t most)
{
	if (length == 0 || length > most || !isalnum((unsigned char)text[0]))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("._-", text[i]))
			return false;
	return true;
}

/* Nets that LNET has, and EC2 has not. */
static int check_fabric(const char *word, const struct lnet_net *net, struct error *why)
{
	if (strncmp(net->net, "o2ib", 4) == 0)
		return error_set(why, -EINVAL,
				 "%s is for InfiniBand, and does not run over EFA, which has no "
				 "reliable connections; write tcp(primary), efa(all)",
				 quote(word).text);
	if (strncmp(net->net, "kfi", 3) == 0)
		return error_set(why, -EINVAL,
				 "%s is for the Slingshot fabric, which EC2 does not have; write "
				 "tcp(primary), efa(all)",
				 quote(word).text);
	if (!net_is_efa(net->net) &&
	    (strcmp(net->interface, "all") == 0 || strcmp(net->interface, "auto") == 0))
		return error_set(
			why, -EINVAL,
			"%s names no interface, as efa(%s) names devices; write %s(primary)",
			quote(word).text, net->interface, net->net);
	if (net_is_efa(net->net) && strcmp(net->interface, "primary") == 0)
		return error_set(
			why, -EINVAL,
			"%s names an Ethernet interface, and an efa net has an RDMA device; "
			"write efa(all), efa(auto) or a name of /sys/class/infiniband, such "
			"as efa(rdmap36s0)",
			quote(word).text);
	return 0;
}

static int refuse_net(const char *word, struct error *why)
{
	struct lnet_net net = { 0 };

	if (net_normalise(word, strlen(word), net.net) == 0) {
		/* With an interface it would be refused all the same. */
		if (check_fabric(word, &net, why) < 0)
			return -EINVAL;
		return error_set(why, -EINVAL, "%s names no interface; write %s(%s)",
				 quote(word).text, net.net,
				 net_is_efa(net.net) ? "all" : "primary");
	}
	if (strncasecmp(word, "efa", strlen("efa")) == 0)
		return error_set(why, -EINVAL,
				 "%s is not NET(DEVICE); write efa(all), or one pair for each "
				 "device, such as efa(rdmap36s0), efa(rdmap52s0)",
				 quote(word).text);
	if (*word != '(' && strchr(word, '(') && word[strlen(word) - 1] == ')' &&
	    net_normalise(word, strcspn(word, "("), net.net) < 0)
		return error_set(why, -EINVAL,
				 "%s is of no net that EC2 has: those of LNET are tcp, tcp1 and so "
				 "on to tcp65535, and efa likewise",
				 quote(word).text);
	return error_set(why, -EINVAL,
			 "%s is not NET(INTERFACE); write tcp(primary), or one pair for each "
			 "interface, such as tcp(eth0), tcp1(eth1)",
			 quote(word).text);
}

/* Words in the place of an interface are words in any case, as nets are. */
static void normalise_word(struct lnet_net *net)
{
	static const char *const words[] = { "primary", "all", "auto" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(net->interface, words[i]) == 0)
			memcpy(net->interface, words[i], strlen(words[i]) + 1);
}

/* Reads "tcp1(eth1)". */
static int read_net(const char *word, struct lnet_net *ret, struct error *why)
{
	size_t net = strcspn(word, "("), rest = strlen(word) - net;

	_Static_assert(sizeof(ret->net) >= NET_TEXT_MAX, "a net is whole");
	*ret = (struct lnet_net){ 0 };
	if (rest < 3 || word[net + rest - 1] != ')' || net_normalise(word, net, ret->net) < 0 ||
	    !is_interface(word + net + 1, rest - 2,
			  net_is_efa(ret->net) ? sizeof(ret->interface) - 1 : ETHERNET_NAME_MOST))
		return refuse_net(word, why);
	memcpy(ret->interface, word + net + 1, rest - 2);
	normalise_word(ret);
	return check_fabric(word, ret, why);
}

static int read_lnet(const struct spec_key_row *row, const struct setting *setting,
		     struct spec *spec, struct error *why)
{
	cleanup(words_done) struct words words = { 0 };
	struct lnet_net nets[LNET_NETS_MAX];
	int r;

	(void)row;
	r = value_list(setting, ", \t", LNET_NETS_MAX, &words, why);
	if (r < 0)
		return r;
	for (size_t i = 0; i < words.count; i++) {
		r = read_net(words.items[i], &nets[i], why);
		if (r < 0)
			return r;
		for (size_t k = 0; k < i; k++)
			if (memcmp(&nets[k], &nets[i], sizeof(nets[i])) == 0)
				return error_set(why, -EINVAL, "%s stands there twice",
						 quote(words.items[i]).text);
	}
	memcpy(spec->lnet, nets, words.count * sizeof(nets[0]));
	spec->lnet_count = words.count;
	return 0;
}

static json_t *lnet_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	json_t *array = json_array();

	(void)row;
	for (size_t i = 0; array && i < spec->lnet_count; i++)
		json_add(&array,
			 json_sprintf("%s(%s)", spec->lnet[i].net, spec->lnet[i].interface));
	return array;
}

#define NET_PATTERN "([Tt][Cc][Pp]|[Ee][Ff][Aa])[0-9]{0,5}\\([A-Za-z0-9][A-Za-z0-9._-]{0,62}\\)"

static json_t *lnet_schema(const struct spec_key_row *row)
{
	(void)row;
	return schema_one_or_more(
		schema_text("[, \t]*" NET_PATTERN "([, \t]+" NET_PATTERN ")*[, \t]*"));
}

const struct value_type value_lnet = {
	.name = "NET(INTERFACE)",
	.read = read_lnet,
	.to_json = lnet_to_json,
	.schema = lnet_schema,
};
