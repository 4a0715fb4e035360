/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Whose is it? User-data is handed from wrapper to wrapper (gzip, base64, MIME) until it is a
 * document of ours or clearly somebody else's. What cannot be unpacked cannot be told, and is a
 * problem: the node is left alone rather than half understood.
 */

#include "ask/document/userdata.h"

#include "ask/document/document.h"
#include "ask/document/encoding.h"
#include "ask/document/mime.h"
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
	int r = walk->unpacked >= UNPACKED_TOTAL_MAX
			? -EFBIG
			: gzip_decode(piece->data, piece->size, UNPACKED_MAX, ret, ret_size);

	if (r == -ENOMEM)
		return r;
	if (r == -EFBIG)
		return walk_problem(walk, piece, "unpacks to more than %d KiB and is not read",
				    UNPACKED_MAX / 1024);
	if (r < 0)
		return walk_problem(walk, piece,
				    "begins like gzip, but is damaged or cut off; pack it again");
	walk->unpacked += *ret_size;
	return 1;
}

static bool is_our_json(const struct piece *piece)
{
	struct problems unused = { 0 };
	bool is_wrapped = false;

	if (!document_is_json(piece->data, piece->size))
		return false;
	if (document_check_json(piece->data, piece->size, &piece->origin, &unused, &is_wrapped))
		return is_wrapped;
	/* Broken: whoever names us means us. */
	return memmem(piece->data, piece->size, "\"" DOCUMENT_WRAPPER "\"",
		      strlen("\"" DOCUMENT_WRAPPER "\""));
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
	if (r == -ENOMEM)
		return r;
	return r == 0;
}

static int read_piece(struct walk *walk, const struct piece *piece, bool is_ours);

/* Bytes of which nothing is known but where they stood, and that are not wrapped. */
static int read_unknown(struct walk *walk, const struct piece *piece)
{
	size_t skipped;
	struct piece inner;
	char hint[256];

	if (signature_is_ours(piece->data, piece->size) || is_our_json(piece))
		return read_document(walk, piece);
	skipped = mime_message_start(piece->data, piece->size);
	if (skipped < piece->size) {
		inner = piece_within(piece, skipped, piece->size - skipped);
		return parts_read(walk, &inner, read_piece);
	}
	if (signature_is_near(piece->data, piece->size, hint, sizeof(hint)))
		return walk_problem(walk, piece, "%s", hint);
	return 0;
}

/* Whatever it is wrapped in: a document where `is_ours`, else unknown. */
static int read_piece(struct walk *walk, const struct piece *piece, bool is_ours)
{
	cleanup(free_pointer) char *decoded = NULL;
	struct piece inner;
	size_t size = 0;
	int r;

	if (piece->wrappers > WRAPPERS_MAX)
		return walk_problem(walk, piece, "is wrapped more than %d times", WRAPPERS_MAX);
	r = unwrap(walk, piece, &decoded, &size);
	if (r < 0)
		return r;
	if (r > 0) {
		inner = piece_decoded(piece, decoded, size);
		return read_piece(walk, &inner, is_ours);
	}
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
	const struct piece whole = { data, size, *origin, 0 };

	return read_piece(&walk, &whole, /* is_ours= */ false);
}
