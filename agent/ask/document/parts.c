/* SPDX-License-Identifier: Apache-2.0 */

#include "ask/document/parts.h"

#include "ask/document/encoding.h"
#include "ask/document/mime.h"
#include "ask/document/signature.h"
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

/* The first header that bears the name of one of our keys: it is a line of the document. */
struct stray_key {
	bool is_found;
	size_t offset;
};

static void note_stray_key(void *userdata, const char *name, const char *value, size_t offset)
{
	struct stray_key *stray = userdata;

	(void)value;
	if (stray->is_found || spec_key_find(name) == KEY_MAX)
		return;
	*stray = (struct stray_key){ true, offset };
}

/* What makes a part of our type unusable before its body is looked at. Whether there was something.
 */
static bool refuse_headers(struct walk *walk, const struct piece *part,
			   const struct mime_headers *headers, const struct stray_key *stray)
{
	struct piece place = *part;

	if (headers->lacks_blank || stray->is_found) {
		place = piece_within(part, stray->is_found ? stray->offset : headers->body, 0);
		walk_problem(
			walk, &place,
			"a blank line is missing above this one, between the headers of the part "
			"and the document");
	} else if (headers->is_launch_only) {
		walk_problem(
			walk, &place,
			"a part with Launch-Index is not possible here; leave that header out");
	} else if (headers->charset[0] && strcmp(headers->charset, "utf-8") != 0 &&
		   strcmp(headers->charset, "us-ascii") != 0) {
		walk_problem(walk, &place, "the charset %s is not possible here; save it as utf-8",
			     quote(headers->charset).text);
	} else {
		return false;
	}
	return true;
}

/* A part of somebody else's type, unless type or content show that it was meant to be ours. */
static int check_foreign_part(struct walk *walk, const struct piece *part,
			      const struct mime_headers *headers)
{
	if (strstr(headers->type, "lustre"))
		return walk_problem(walk, part,
				    "the Content-Type %s is not known; write text/lustre-init",
				    quote(headers->type).text);
	if (signature_is_ours(part->data + headers->body, part->size - headers->body))
		return walk_problem(
			walk, part,
			"the part is a document of lustre-init, but its Content-Type is "
			"%s; write text/lustre-init",
			quote(headers->type).text);
	return 0;
}

/* A part that is no multipart: its body, decoded, is a document of ours or unknown bytes. */
static int read_leaf(struct walk *walk, const struct piece *part,
		     const struct mime_headers *headers, const struct stray_key *stray,
		     part_fn take)
{
	bool is_ours = strcmp(headers->type, our_type) == 0;
	cleanup(free_pointer) char *decoded = NULL;
	struct piece body = piece_within(part, headers->body, part->size - headers->body);
	size_t size = 0;
	int r;

	body.wrappers++;
	if (!is_ours && !is_untyped(headers->type))
		return check_foreign_part(walk, part, headers);
	if (is_ours && refuse_headers(walk, part, headers, stray))
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
	return take(walk, &body, is_ours);
}

static bool names_us(const struct piece *piece)
{
	for (size_t i = 0; i + strlen(our_type) <= piece->size; i++)
		if (strncasecmp(piece->data + i, our_type, strlen(our_type)) == 0)
			return true;
	return false;
}

static int read_multipart(struct walk *walk, const struct piece *part,
			  const struct mime_headers *headers, part_fn take)
{
	struct piece body = piece_within(part, headers->body, part->size - headers->body);
	struct mime_parts parts = mime_parts_of(body.data, body.size, headers->boundary);
	struct piece rest, inner;
	char last[sizeof(headers->boundary) + 4];
	const char *data;
	size_t size;

	body.wrappers++;
	if (!walk_reach(walk, &body, BOUND_WRAPPERS, body.wrappers))
		return 0;
	rest = body;
	while (mime_next_part(&parts, &data, &size)) {
		int r;

		/* From the part before: lines are counted once, not once for each part. */
		rest = piece_within(&rest, (size_t)(data - rest.data),
				    (size_t)(body.data + body.size - data));
		inner = piece_within(&rest, 0, size);
		if (!walk_take(walk, &inner, BOUND_PARTS, 1))
			return 0;
		r = parts_read(walk, &inner, take);
		if (r < 0 || walk_is_over(walk))
			return r < 0 ? r : 0;
	}
	if (parts.is_closed || !names_us(&body))
		return 0;
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
	struct stray_key stray = { 0 };
	struct mime_headers headers;

	mime_read_headers(message->data, message->size, &headers, note_stray_key, &stray);
	if (strncmp(headers.type, "multipart/", 10) == 0)
		return read_multipart(walk, message, &headers, take);
	return read_leaf(walk, message, &headers, &stray, take);
}
