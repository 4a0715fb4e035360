/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Whose is it? User-data is handed from wrapper to wrapper (gzip, base64, MIME) until it is a
 * document of ours or clearly somebody else's. What cannot be unpacked cannot be told, and is a
 * problem: the node is left alone rather than half understood.
 */

#include "ask/document/userdata.h"

#include "ask/document/document.h"
#include "ask/document/encoding.h"
#include "ask/document/json_text.h"
#include "ask/document/line.h"
#include "ask/document/mime.h"
#include "ask/document/name_key.h"
#include "ask/document/naming.h"
#include "ask/document/parts.h"
#include "ask/document/signature.h"
#include "ask/document/text.h"
#include "base/cleanup.h"

#include <errno.h>
#include <string.h>

static int read_document(struct walk *walk, const struct piece *piece)
{
	return document_parse(piece->data, piece->size, &piece->origin, walk->settings,
			      walk->problems);
}

/* Unpacks gzip within all bounds. 1 with *ret; 0 when it cannot be done, with a problem told. */
static int unpack(struct walk *walk, const struct piece *piece, char **ret, size_t *ret_size)
{
	size_t left = budget_left(&walk->settings->budget, BOUND_UNPACKED);
	int r = gzip_decode(piece->data, piece->size, left, ret, ret_size);

	if (r == -ENOMEM)
		return r;
	/* What came out has cost its time, also where it is of no use. */
	if (!walk_take(walk, piece, BOUND_UNPACKED, r == -EFBIG ? left + 1 : *ret_size))
		return 0;
	if (r < 0)
		return walk_problem(walk, piece,
				    "begins like gzip, but is damaged or cut off; pack it again");
	return 1;
}

enum json_owner {
	JSON_NOBODYS,
	JSON_OURS,
	JSON_MISSPELT, /* it has our name as its key, but for a letter or two */
};

/* JSON that names us is ours, unless it is read and has our name elsewhere than as its key. */
static enum json_owner whose_json(struct walk *walk, const struct piece *piece)
{
	static const char name[] = "\"" DOCUMENT_WRAPPER "\"";
	struct budget *budget = &walk->settings->budget;
	struct problems unused = { 0 };
	const bool has_key = name_key_in_braces(piece->data, piece->size);
	bool is_wrapped = false;
	enum bound over;
	size_t nodes;

	if (!document_is_json(piece->data, piece->size) ||
	    (!has_key && !memmem(piece->data, piece->size, name, strlen(name))))
		return JSON_NOBODYS;
	if (piece->size > budget_left(budget, BOUND_TEXT) ||
	    !document_json_fits(piece->data, piece->size, budget, &nodes, &over) ||
	    !document_check_json(piece->data, piece->size, &piece->origin, &unused, &is_wrapped) ||
	    is_wrapped)
		return JSON_OURS;
	budget_take(budget, BOUND_NODES, nodes);
	return has_key ? JSON_MISSPELT : JSON_NOBODYS;
}

static int read_json(struct walk *walk, const struct piece *piece, enum json_owner owner)
{
	if (owner == JSON_OURS)
		return read_document(walk, piece);
	return walk_problem(walk, piece,
			    "has no key \"" DOCUMENT_WRAPPER "\", but one that is nearly "
			    "it; write exactly that");
}

/* Whether it became another piece by gzip or base64: 1 with *ret_data, to be freed; 0 if not. */
static int unwrap(struct walk *walk, const struct piece *piece, char **ret_data, size_t *ret_size)
{
	int r;

	if (looks_like_gzip(piece->data, piece->size))
		return unpack(walk, piece, ret_data, ret_size);
	if (!looks_like_base64(piece->data, piece->size))
		return 0;
	r = base64_decode(piece->data, piece->size, ret_data, ret_size);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return walk_take(walk, piece, BOUND_UNPACKED, *ret_size);
}

static int read_piece(struct walk *walk, const struct piece *whole, bool is_ours);

/* Bytes of which nothing is known but where they stood, and that are not wrapped. */
static int read_unknown(struct walk *walk, const struct piece *piece)
{
	enum json_owner owner;
	struct piece inner;
	size_t skipped;
	char hint[256];

	if (signature_is_ours(piece->data, piece->size))
		return read_document(walk, piece);
	owner = whose_json(walk, piece);
	if (owner != JSON_NOBODYS)
		return read_json(walk, piece, owner);
	skipped = mime_message_start(piece->data, piece->size);
	if (skipped < piece->size) {
		inner = piece_within(piece, skipped, piece->size - skipped);
		return parts_read(walk, &inner, read_piece);
	}
	if (signature_is_near(piece->data, piece->size, hint, sizeof(hint)))
		return walk_problem(walk, piece, "%s", hint);
	if (json_text_is_ours(piece->data, piece->size))
		return walk_problem(walk, piece,
				    "holds a document of lustre-init as a text in JSON, where it "
				    "is not read; hand over the document itself");
	return 0;
}

/*
 * Packed by what is not unpacked here: whether it would have been ours nobody can tell, so it is a
 * mistake to be told, as damaged gzip is, also where tags give the node a role (half of what was
 * asked for might be in there). But not a part of a message, which is for others where its type
 * does not say otherwise.
 */
static bool is_packed_otherwise(const struct piece *piece, bool is_ours)
{
	return (is_ours || !piece->is_part) && packer_name(piece->data, piece->size);
}

/* Whatever it is wrapped in: a document where `is_ours`, else unknown. */
static int read_piece(struct walk *walk, const struct piece *whole, bool is_ours)
{
	const size_t marks = line_skip_marks(whole->data, whole->size);
	const struct piece unmarked = piece_within(whole, marks, whole->size - marks);
	const struct piece *piece = &unmarked;
	cleanup(free_pointer) char *decoded = NULL;
	struct piece inner;
	size_t size = 0;
	int r;

	if (!walk_reach(walk, piece, BOUND_WRAPPERS, piece->wrappers))
		return 0;
	r = unwrap(walk, piece, &decoded, &size);
	if (r < 0)
		return r;
	if (r > 0) {
		inner = piece_decoded(piece, decoded, size);
		return read_piece(walk, &inner, is_ours);
	}
	if (is_packed_otherwise(piece, is_ours))
		return walk_problem(walk, piece,
				    "is packed by %s, which is not read here, so nobody can tell "
				    "whose it is; use gzip",
				    packer_name(piece->data, piece->size));
	if (!is_ours)
		return read_unknown(walk, piece);
	/* What could not be unpacked has been told. */
	if (looks_like_gzip(piece->data, piece->size))
		return 0;
	return read_document(walk, piece);
}

int userdata_parse(const char *data, size_t size, const struct origin *origin,
		   struct settings *settings, struct problems *problems)
{
	struct walk walk = { .settings = settings, .problems = problems };
	const struct piece whole = { data, size, *origin, 0, false };

	return read_piece(&walk, &whole, /* is_ours= */ false);
}
