/* SPDX-License-Identifier: Apache-2.0 */

#include "ask/document/parts.h"

#include "ask/document/charset.h"
#include "ask/document/encoding.h"
#include "ask/document/mime.h"
#include "ask/document/name.h"
#include "ask/document/name_key.h"
#include "ask/document/naming.h"
#include "ask/document/signature.h"
#include "ask/document/text.h"
#include "base/cleanup.h"
#include "base/quote.h"
#include "model/spec/keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char our_type[] = "text/lustre-init";

/* Content types that say nothing about the content; the first is also that of parts without any. */
static const char *const untyped[] = {
	"text/plain",
	"text/x-not-multipart",
	"application/octet-stream",
	"application/gzip",
	"application/x-gzip",
	"application/gzip-compressed",
	"application/x-gzip-compressed",
};

static bool is_untyped(const char *type)
{
	for (size_t i = 0; i < sizeof(untyped) / sizeof(untyped[0]); i++)
		if (strcmp(type, untyped[i]) == 0)
			return true;
	return type[0] == '\0';
}

/* Undoes the Content-Transfer-Encoding: 1 with *ret, 0 where there is none to undo, -EINVAL. */
static int decode_transfer(const char *transfer, const struct piece *body, char **ret,
			   size_t *ret_size)
{
	int r;

	if (transfer[0] == '\0' || strcmp(transfer, "7bit") == 0 || strcmp(transfer, "8bit") == 0 ||
	    strcmp(transfer, "binary") == 0)
		return 0;
	if (strcmp(transfer, "base64") == 0)
		r = base64_decode(body->data, body->size, ret, ret_size);
	else if (strcmp(transfer, "quoted-printable") == 0)
		r = quoted_printable_decode(body->data, body->size, ret, ret_size);
	else
		r = -EINVAL;
	return r < 0 ? r : 1;
}

/* What stands among the headers and is none of those that are read. */
struct strays {
	bool has_key; /* the first that bears the name of one of our keys: a line of the document */
	size_t key_offset;
	bool has_type; /* our type, in a header of another name */
};

static void note_stray(void *userdata, const char *name, const char *value, size_t offset)
{
	struct strays *strays = userdata;

	strays->has_type |=
		strcasecmp(name, "content-type") != 0 && name_is_type(value, strlen(value));
	if (strays->has_key || spec_key_find(name) == KEY_MAX)
		return;
	strays->has_key = true;
	strays->key_offset = offset;
}

/* Whether a type that is not ours was meant to be: text/x-lustre, text/luster-init. */
static bool strays_into(const char *type)
{
	return strstr(type, "lustre") || name_is_type(type, strlen(type));
}

/* What makes a part of our type unusable before its body is looked at. Whether there was something.
 */
static bool refuse_headers(struct walk *walk, const struct piece *part,
			   const struct mime_headers *headers, const struct strays *strays)
{
	struct piece place = *part;

	if (headers->lacks_blank || strays->has_key) {
		place = piece_within(part, strays->has_key ? strays->key_offset : headers->body, 0);
		walk_problem(
			walk, &place,
			"a blank line is missing above this one, between the headers of the part "
			"and the document");
	} else if (headers->is_launch_only) {
		walk_problem(
			walk, &place,
			"a part with Launch-Index is not possible here; leave that header out");
	} else {
		return false;
	}
	return true;
}

/*
 * The charset that is declared: UTF-8 and what is part of it, by any of its names (utf8, ASCII), is
 * told by the bytes themselves. Others are not converted.
 */
static bool refuse_charset(struct walk *walk, const struct piece *part, const struct piece *body,
			   const char *charset)
{
	struct problems unused = { 0 };

	if (charset[0] == '\0' || charset_is_utf8(charset) ||
	    (charset_has_ascii(charset) && charset_fits_ascii(body->data, body->size)))
		return false;
	if (document_is_text(body->data, body->size, &body->origin, &unused))
		walk_problem(walk, part,
			     "the charset %s is not possible here, and the text is UTF-8 already; "
			     "write charset=utf-8",
			     quote(charset).text);
	else
		walk_problem(walk, part, "the charset %s is not possible here; save it as utf-8",
			     quote(charset).text);
	return true;
}

/* What is wrong with the content of a part that somebody else's type was given; "" for nothing. */
static void describe_naming(const char *type, const char *data, size_t size, char *text,
			    size_t text_size)
{
	text[0] = '\0';
	if (signature_is_ours(data, size) || name_key_in_braces(data, size) ||
	    signature_is_packed(data, size))
		snprintf(text, text_size, "write text/lustre-init");
	else if (strstr(type, "include") && naming_has_document_url(data, size))
		snprintf(text, text_size, "nothing is fetched; put the document itself there");
	else if (!naming_find(data, size, text, text_size) &&
		 signature_is_near(data, size, text, text_size))
		snprintf(text, text_size, "write text/lustre-init");
}

/* A part of somebody else's type, unless type or content show that it was meant to be ours. */
static int check_foreign_part(struct walk *walk, const struct piece *part,
			      const struct mime_headers *headers, const struct piece *body)
{
	char fix[256];

	if (strays_into(headers->type))
		return walk_problem(walk, part,
				    "the Content-Type %s is not known; write text/lustre-init",
				    quote(headers->type).text);
	if (headers->boundary[0] && naming_has_header(body->data, body->size))
		return walk_problem(walk, part,
				    "has parts, but its Content-Type is %s; write multipart/mixed",
				    quote(headers->type).text);
	describe_naming(headers->type, body->data, body->size, fix, sizeof(fix));
	if (fix[0])
		return walk_problem(
			walk, part,
			"the part is a document of lustre-init, but its Content-Type is "
			"%s; %s",
			quote(headers->type).text, fix);
	return 0;
}

/* Decoded beside the piece, in bytes that were paid for, and given up at once. */
static int look_at_foreign_part(struct walk *walk, const struct piece *part,
				const struct mime_headers *headers, const struct piece *raw)
{
	cleanup(free_pointer) char *decoded = NULL;
	struct piece body = *raw;
	int r = decode_transfer(headers->transfer, raw, &decoded, &body.size);

	if (r == -ENOMEM)
		return r;
	if (r > 0)
		body.data = decoded;
	return check_foreign_part(walk, part, headers, r > 0 ? &body : raw);
}

/* A part that is no multipart: its body, decoded, is a document of ours or unknown bytes. */
static int read_leaf(struct walk *walk, const struct piece *part,
		     const struct mime_headers *headers, const struct strays *strays, part_fn take)
{
	bool is_ours = strcmp(headers->type, our_type) == 0;
	cleanup(free_pointer) char *decoded = NULL;
	struct piece body = piece_within(part, headers->body, part->size - headers->body);
	size_t size = 0;
	int r;

	body.wrappers++;
	if (!is_ours && strays->has_type)
		return walk_problem(walk, part,
				    "text/lustre-init stands in a header of another name than "
				    "Content-Type");
	if (!is_ours && !is_untyped(headers->type))
		return look_at_foreign_part(walk, part, headers, &body);
	if (is_ours && refuse_headers(walk, part, headers, strays))
		return 0;
	r = decode_transfer(headers->transfer, &body, &decoded, &size);
	if (r == -ENOMEM)
		return r;
	if (r < 0 && is_ours)
		return walk_problem(walk, &body,
				    "the part is not in its Content-Transfer-Encoding, %s",
				    quote(headers->transfer).text);
	if (r < 0)
		return 0;
	if (r > 0) {
		struct piece numbered = *part;

		if (!walk_take(walk, part, BOUND_UNPACKED, size))
			return 0;
		snprintf(numbered.origin.name, sizeof(numbered.origin.name), "%.100s, part %zu",
			 part->origin.name, walk->settings->budget.spent[BOUND_PARTS]);
		body = piece_decoded(&numbered, decoded, size);
	}
	if (is_ours && refuse_charset(walk, part, &body, headers->charset))
		return 0;
	return take(walk, &body, is_ours);
}

/* By our type, or by a line that is a signature. */
static bool names_us(const struct piece *piece)
{
	for (size_t i = 0; i + strlen(our_type) <= piece->size; i++)
		if (strncasecmp(piece->data + i, our_type, strlen(our_type)) == 0)
			return true;
	return naming_has_signature(piece->data, piece->size);
}

static int read_multipart(struct walk *walk, const struct piece *part,
			  const struct mime_headers *headers, part_fn take)
{
	struct piece body = piece_within(part, headers->body, part->size - headers->body);
	struct mime_parts parts = mime_parts_of(body.data, body.size, headers->boundary);
	struct piece rest, inner;
	const char *end = body.data; /* of the part before; what stands between is nobody's */
	bool has_stray = false;
	char last[sizeof(headers->boundary) + 4];
	const char *data;
	size_t size;

	body.wrappers++;
	body.is_part = true;
	if (!walk_reach(walk, &body, BOUND_WRAPPERS, body.wrappers))
		return 0;
	rest = body;
	while (mime_next_part(&parts, &data, &size)) {
		int r;

		/* From the part before: lines are counted once, not once for each part. */
		rest = piece_within(&rest, (size_t)(data - rest.data),
				    (size_t)(body.data + body.size - data));
		inner = piece_within(&rest, 0, size);
		has_stray |= naming_has_signature(end, (size_t)(data - end));
		end = data + size;
		if (!walk_take(walk, &inner, BOUND_PARTS, 1))
			return 0;
		r = parts_read(walk, &inner, take);
		if (r < 0 || walk_is_over(walk))
			return r < 0 ? r : 0;
	}
	has_stray |=
		parts.is_closed && naming_has_signature(end, (size_t)(body.data + body.size - end));
	if (has_stray)
		return walk_problem(walk, part,
				    "has a document of lustre-init before its first part or behind "
				    "its last one; make it a part text/lustre-init");
	if (parts.is_closed || !names_us(part))
		return 0;
	if (naming_is_message_in_a_line(part->data, part->size))
		return walk_problem(walk, part, "%s", naming_line_ends);
	if (headers->boundary[0] == '\0')
		return walk_problem(
			walk, part,
			"the multipart names no boundary; write it into its Content-Type, "
			"as boundary=\"…\"");
	if (!parts.is_begun)
		return walk_problem(
			walk, part,
			"the boundary of the multipart, %s, stands nowhere below; each part "
			"begins with a line of -- and the boundary",
			quote(headers->boundary).text);
	snprintf(last, sizeof(last), "--%s--", headers->boundary);
	return walk_problem(walk, part, "the multipart never ends; its last line must be %s",
			    quote(last).text);
}

int parts_read(struct walk *walk, const struct piece *message, part_fn take)
{
	struct strays strays = { 0 };
	struct mime_headers headers;

	mime_read_headers(message->data, message->size, &headers, note_stray, &strays);
	if (strncmp(headers.type, "multipart/", 10) == 0 && strays_into(headers.type))
		return walk_problem(walk, message,
				    "the Content-Type %s is not known; write multipart/mixed, and "
				    "text/lustre-init for the part",
				    quote(headers.type).text);
	if (strncmp(headers.type, "multipart/", 10) == 0)
		return read_multipart(walk, message, &headers, take);
	return read_leaf(walk, message, &headers, &strays, take);
}
