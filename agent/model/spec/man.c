/* SPDX-License-Identifier: Apache-2.0 */

/* lustre-init.yaml(5): the keys from their table, around them what is true of all. */

#include "model/spec/document.h"

#include "model/spec/bound.h"
#include "model/spec/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_WIDTH 78

static const char head[] =
	".\\\" SPDX-License-Identifier: Apache-2.0\n"
	".\\\" Made from the table of keys by `lustre-init check --man`; edit it there.\n"
	".Dd November 24, 2026\n"
	".Dt LUSTRE-INIT.YAML 5\n"
	".Os\n"
	".Sh NAME\n"
	".Nm lustre-init.yaml\n"
	".Nd what an EC2 instance shall be to Lustre\n"
	".Sh DESCRIPTION\n"
	"The same keys are read from four sources and merged key by key, the strongest\n"
	"source winning:\n"
	".Bl -enum\n"
	".It\n"
	"Instance tags,\n"
	".Li lustre : Ns Ar KEY ,\n"
	"when the instance metadata service shows tags.\n"
	".It\n"
	"User-data: the document described here.\n"
	".It\n"
	"Documents in\n"
	".Pa /etc/lustre-init/conf.d ,\n"
	"in name order, the later winning.\n"
	".It\n"
	"The defaults below.\n"
	".El\n"
	".Pp\n"
	"An unknown key, a bad value, a broken document or one that sets nothing is an\n"
	"error, also where a stronger source has a good value.\n"
	"The node is then left untouched.\n"
	".Xr lustre-init 8\n"
	"shows the outcome with\n"
	".Cm spec ,\n"
	"and tells all errors of a file beforehand with\n"
	".Cm check .\n"
	".Ss The document\n"
	"In YAML, the first line is\n"
	".Li #lustre-init ,\n"
	"and each other line a key, a colon, a blank and a value:\n"
	".Bd -literal -offset indent\n"
	"#lustre-init\n"
	"role: oss\n"
	"fsname: lustrewt\n"
	"mgs: 10.0.0.10\n"
	".Ed\n"
	".Pp\n"
	"In JSON, the keys stand inside of one object:\n"
	".Bd -literal -offset indent\n"
	"{\"lustre-init\": {\"role\": \"oss\", \"fsname\": \"lustrewt\", \"mgs\": \"10.0.0.10\"}}\n"
	".Ed\n"
	".Pp\n"
	"Several values are a list, or text with commas or blanks between them.\n"
	"Aliases, nested mappings, a second document, and tags that would make something else\n"
	"of a value (the functions of a template) are not taken.\n"
	".Ss Inside of user-data\n"
	"The document may stand alone, or as a part of a MIME message with the\n"
	"Content-Type\n"
	".Li text/lustre-init ,\n"
	"beside parts for others, such as\n"
	".Li text/cloud-config .\n"
	"Several parts are merged in order, the later winning.\n"
	"A part of type\n"
	".Li text/plain\n"
	"is ours when its first line is\n"
	".Li #lustre-init .\n"
	"Gzip and base64, around the whole or a part, are undone.\n"
	"All other user-data is somebody else's, and no error.\n"
	"What cloud-init would fetch or unfold by\n"
	".Li #include\n"
	"or\n"
	".Li #cloud-config-archive\n"
	"is not looked into.\n"
	".Ss What is changed later\n"
	"Each boot asks anew, and\n"
	".Cm plan\n"
	"shows beforehand what a change comes to.\n"
	"Where role, fsname, index, index-base, mdt-index, osts or, with per-disk,\n"
	"expect-disks ask for other targets than the disks hold, that is refused; what\n"
	"this instance served and nobody asks for any more is named.\n"
	"What is changed while\n"
	".Cm apply\n"
	"is at work, such as waiting for its MGS, counts from\n"
	".Ql systemctl restart lustre-init\n"
	"on.\n"
	"A target that is there stays as it was made: disks, expect-disks, stripe-size,\n"
	"mgt-size, mdt-size and mkfs-options count for one that is yet to be made, and\n"
	"what can be changed of the other is for\n"
	".Xr tunefs.lustre 8 .\n"
	"Options of a mount count from the next mount on: after a reboot, or\n"
	".Ql lustre-init stop\n"
	"and\n"
	".Ql systemctl restart lustre-init .\n";

static const char bounds_head[] =
	".Ss Bounds\n"
	"What is read is bounded, so that no user-data of any content delays a boot.\n"
	"Of all documents together, no more is read than\n"
	".Bl -bullet -compact\n";

static const char bounds_tail[] = ".El\n"
				  ".Pp\n"
				  "More than that is an error, and nothing further is read.\n"
				  "A document that has every key stays far below.\n";

static const char keys_head[] = ".Sh KEYS\n"
				".Bl -tag -width Ds\n";

static const char tail[] =
	".El\n"
	".Sh VALUES\n"
	".Bl -tag -width Ds\n"
	".It number\n"
	"Decimal digits, without leading zeros.\n"
	".It size\n"
	"A number of bytes, or a number with K, M, G or T, also written KiB and so on:\n"
	"powers of 1024.\n"
	"KB and MB mean two things and are refused.\n"
	".It percentage\n"
	"1% to 100%, of the volume group.\n"
	".It time\n"
	"A number of seconds, or numbers with s, min, h or d, such as 1h 30min: from\n"
	"1s to 24h.\n"
	".It yes or no\n"
	"Also true, false, on, off, 1 and 0.\n"
	".El\n"
	".Sh FILES\n"
	".Bl -tag -width Ds\n"
	".It Pa /etc/lustre-init/conf.d/*.yaml , /etc/lustre-init/conf.d/*.json\n"
	"Documents baked into an image.\n"
	"The line\n"
	".Li #lustre-init\n"
	"and the object\n"
	".Li lustre-init\n"
	"may be left out there.\n"
	"They alone make no instance a node of ours: without a role nothing is done.\n"
	".It Pa /usr/share/lustre-init/lustre-init.schema.json\n"
	"The JSON schema of the document, for editors.\n"
	".El\n"
	".Sh EXAMPLES\n"
	"The MGS and MDS of a file system:\n"
	".Bd -literal -offset indent\n"
	"#lustre-init\n"
	"role: mgs+mds\n"
	"fsname: lustrewt\n"
	".Ed\n"
	".Pp\n"
	"A client, beside\n"
	".Xr cloud-init 1 :\n"
	".Bd -literal -offset indent\n"
	"MIME-Version: 1.0\n"
	"Content-Type: multipart/mixed; boundary=\"==BOUNDARY==\"\n"
	"\n"
	"--==BOUNDARY==\n"
	"Content-Type: text/cloud-config\n"
	"\n"
	"#cloud-config\n"
	"packages: [htop]\n"
	"--==BOUNDARY==\n"
	"Content-Type: text/lustre-init\n"
	"\n"
	"role: client\n"
	"fsname: lustrewt\n"
	"mgs: 10.0.0.10\n"
	"--==BOUNDARY==--\n"
	".Ed\n"
	".Sh SEE ALSO\n"
	".Xr lustre-init 8\n";

/*
 * Words as lines of mdoc: no longer than LINE_WIDTH, a new one after each sentence, and none that
 * begins like a macro.
 */
static void put_text(FILE *stream, const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t length = strcspn(text, " ");
		bool ends_sentence = length > 0 && text[length - 1] == '.';

		if (column > 0 && column + 1 + length > LINE_WIDTH) {
			fputc('\n', stream);
			column = 0;
		}
		if (column > 0)
			fputc(' ', stream);
		else if (*text == '.' || *text == '\'')
			fputs("\\&", stream);
		fprintf(stream, "%.*s", (int)length, text);
		column += length + (column > 0);
		text += length;
		text += strspn(text, " ");
		if (ends_sentence && *text) {
			fputc('\n', stream);
			column = 0;
		}
	}
	fputc('\n', stream);
}

static void put_key(FILE *stream, const struct spec_key_row *row)
{
	const char *fallback = row->fallback_is ? row->fallback_is : row->fallback;

	fprintf(stream, ".It Li %s : Ar %s\n", row->name, row->type->name);
	put_text(stream, row->summary);
	if (row->details)
		put_text(stream, row->details);
	fprintf(stream, ".Pp\nDefault: %s.\n.br\nExample:\n.Li %s : %s\n", fallback, row->name,
		row->example);
}

static void put_bounds(FILE *stream)
{
	fputs(bounds_head, stream);
	for (enum bound bound = 0; bound < BOUND_MAX; bound++)
		fprintf(stream, ".It\n%zu %s\n", bound_row(bound)->most, bound_row(bound)->what);
	fputs(bounds_tail, stream);
}

char *spec_document_man(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	fputs(head, stream);
	put_bounds(stream);
	fputs(keys_head, stream);
	for (enum spec_key key = 0; key < KEY_MAX; key++)
		put_key(stream, spec_key_row(key));
	fputs(tail, stream);
	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
