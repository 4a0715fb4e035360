/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/value_types.h"

#include "base/cleanup.h"
#include "base/json_whole.h"
#include "base/quote.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MGS_MAX        16
#define HOST_NAME_MAX_ 253
#define NET_DIGITS_MAX 5

static int read_fsname(const struct spec_key_row *row, const struct setting *setting,
		       struct spec *spec, struct error *why)
{
	const char *text;
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
	snprintf(spec->fsname, sizeof(spec->fsname), "%s", text);
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
	/* A name of digits is a number to YAML. */
	return json_pack("{s:[o, {s:s, s:i, s:i}]}", "anyOf",
			 schema_pattern("^[A-Za-z0-9_][A-Za-z0-9_-]{0,7}$"), "type", "integer",
			 "minimum", 0, "maximum", 99999999);
}

const struct value_type value_fsname = {
	.name = "file system name",
	.read = read_fsname,
	.to_json = fsname_to_json,
	.schema = fsname_schema,
};

/* "", "1", "65535": what follows the kind of a net, a number of sixteen bits. */
static bool is_net_number(const char *digits, size_t length)
{
	unsigned long number = 0;

	for (size_t i = 0; i < length && number <= UINT16_MAX; i++) {
		if (!isdigit((unsigned char)digits[i]))
			return false;
		number = number * 10 + (unsigned long)(digits[i] - '0');
	}
	return length <= NET_DIGITS_MAX && number <= UINT16_MAX;
}

/* "tcp", "tcp1", "efa": a kind of LNET net and its number. Source: Lustre manual, "Configuring
 * LNet". "o2ib" has a digit of its own, and no kind is the beginning of another. */
static bool is_net(const char *text, size_t length)
{
	static const char *const kinds[] = { "tcp", "efa", "o2ib", "kfi" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t kind = strlen(kinds[i]);

		if (kind <= length && strncmp(text, kinds[i], kind) == 0)
			return is_net_number(text + kind, length - kind);
	}
	return false;
}

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

/* An IPv4 or IPv6 address, or a host name. Text of digits and dots is an address or nothing. */
static bool is_host(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	if (strlen(host) > HOST_NAME_MAX_)
		return false;
	if (strspn(host, "0123456789.") == strlen(host))
		return inet_pton(AF_INET, host, address) == 1;
	if (strchr(host, ':'))
		return inet_pton(AF_INET6, host, address) == 1;
	for (;;) {
		size_t length = strcspn(host, ".");

		if (!is_label(host, length))
			return false;
		if (host[length] == '\0')
			return true;
		host += length + 1;
	}
}

static int refuse_mgs(const char *word, struct error *why)
{
	const char *mount_source = strstr(word, ":/");

	if (mount_source)
		return error_set(why, -EINVAL, "%s is what a client mounts; write %s only",
				 quote(word).text,
				 quote_bytes(word, (size_t)(mount_source - word)).text);
	if (strchr(word, ':'))
		return error_set(why, -EINVAL,
				 "%s is no address; separate failover partners with a comma, and "
				 "give no port",
				 quote(word).text);
	return error_set(why, -EINVAL,
			 "%s is neither an address nor a host name nor a NID such as 10.0.0.10@tcp",
			 quote(word).text);
}

static int check_mgs_word(const char *word, struct error *why)
{
	char host[HOST_NAME_MAX_ + 1];
	size_t length = strcspn(word, "@");

	if (length >= sizeof(host))
		return refuse_mgs(word, why);
	memcpy(host, word, length);
	host[length] = '\0';
	if (!is_host(host) || strchr(word + length, ':'))
		return refuse_mgs(word, why);
	if (word[length] == '@' && !is_net(word + length + 1, strlen(word + length + 1)))
		return error_set(why, -EINVAL,
				 "%s does not end in a net of LNET; write it as %s@tcp",
				 quote(word).text, host);
	return 0;
}

static int read_mgs(const struct spec_key_row *row, const struct setting *setting,
		    struct spec *spec, struct error *why)
{
	cleanup(words_done) struct words words = { 0 };
	int r;

	(void)row;
	r = value_list(setting, ", \t", MGS_MAX, &words, why);
	for (size_t i = 0; r == 0 && i < words.count; i++)
		r = check_mgs_word(words.items[i], why);
	if (r < 0)
		return r;
	return words_copy(&spec->mgs, &words);
}

static json_t *mgs_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	(void)row;
	return spec->mgs.count ? words_to_json(&spec->mgs) : json_null();
}

static json_t *mgs_schema(const struct spec_key_row *row)
{
	(void)row;
	return schema_one_or_more(schema_pattern("^[A-Za-z0-9:][A-Za-z0-9.:@, \\t-]*$"));
}

const struct value_type value_mgs = {
	.name = "addresses",
	.read = read_mgs,
	.to_json = mgs_to_json,
	.schema = mgs_schema,
};

/* "primary", or a name that the kernel could give: dev_valid_name() and nothing tools trip over. */
static bool is_interface(const char *text, size_t length)
{
	if (length == 0 || length > 15 || !isalnum((unsigned char)text[0]))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("._-", text[i]))
			return false;
	return true;
}

static int refuse_net(const char *word, struct error *why)
{
	if (is_net(word, strlen(word)))
		return error_set(why, -EINVAL, "%s names no interface; write %s(primary)",
				 quote(word).text, word);
	return error_set(why, -EINVAL,
			 "%s is not NET(INTERFACE); write tcp(primary), or one pair for each "
			 "interface, such as tcp(eth0), tcp1(eth1)",
			 quote(word).text);
}

/* Reads "tcp1(eth1)". */
static int read_net(const char *word, struct lnet_net *ret, struct error *why)
{
	size_t net = strcspn(word, "("), rest = strlen(word) - net;

	if (net >= sizeof(ret->net) || rest < 3 || word[net + rest - 1] != ')' ||
	    !is_net(word, net) || !is_interface(word + net + 1, rest - 2))
		return refuse_net(word, why);
	*ret = (struct lnet_net){ 0 };
	memcpy(ret->net, word, net);
	memcpy(ret->interface, word + net + 1, rest - 2);
	return 0;
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

static json_t *lnet_schema(const struct spec_key_row *row)
{
	(void)row;
	return schema_one_or_more(schema_pattern(
		"^(tcp|efa|o2ib|kfi)[0-9]{0,5}\\([A-Za-z0-9][A-Za-z0-9._-]{0,14}\\)"
		"([, \\t]+(tcp|efa|o2ib|kfi)[0-9]{0,5}\\([A-Za-z0-9][A-Za-z0-9._-]*\\))*$"));
}

const struct value_type value_lnet = {
	.name = "NET(INTERFACE)",
	.read = read_lnet,
	.to_json = lnet_to_json,
	.schema = lnet_schema,
};
