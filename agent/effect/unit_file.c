/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/unit_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int unit_file_name(const char *mount_point, char *name, size_t size)
{
	char unit[UNIT_NAME_MAX];
	int r = unit_name_from_path(mount_point, unit);

	if (r < 0)
		return r;
	if (strlen(unit) >= size)
		return -ENAMETOOLONG;
	memcpy(name, unit, strlen(unit) + 1);
	return 0;
}

/* Specifiers start with '%' in unit files; a value's own has to be doubled (systemd.unit(5)). */
static void print_escaped(FILE *stream, const char *value)
{
	for (; *value; value++) {
		if (*value == '%')
			fputc('%', stream);
		fputc(*value, stream);
	}
}

static void print_value(FILE *stream, const char *key, const char *value)
{
	fprintf(stream, "%s=", key);
	print_escaped(stream, value);
	fputc('\n', stream);
}

static void print_options(FILE *stream, const struct words *options)
{
	for (size_t i = 0; i < options->count; i++) {
		fputs(i > 0 ? "," : "Options=", stream);
		print_escaped(stream, options->items[i]);
	}
	if (options->count > 0)
		fputc('\n', stream);
}

int unit_file_text(const char *description, const char *what, const char *where,
		   const struct words *options, const char *after, char **ret)
{
	char after_unit[UNIT_NAME_MAX];
	char *text = NULL;
	size_t size = 0;
	FILE *stream;

	if (after && unit_file_name(after, after_unit, sizeof(after_unit)) < 0)
		return -ENAMETOOLONG;
	stream = options->failed ? NULL : open_memstream(&text, &size);
	if (!stream)
		return -ENOMEM;
	fputs(UNIT_HEADLINE, stream);
	fputs("[Unit]\n", stream);
	print_value(stream, "Description", description);
	fputs("DefaultDependencies=no\n"
	      "After=local-fs.target network.target lnet.service blk-availability.service\n",
	      stream);
	if (after)
		print_value(stream, "After", after_unit);
	/* Who comes after lustre-ready.target is stopped before what is mounted here goes away. */
	fputs("Before=umount.target lustre-ready.target\nConflicts=umount.target\n\n[Mount]\n",
	      stream);
	print_value(stream, "What", what);
	print_value(stream, "Where", where);
	fputs("Type=lustre\n", stream);
	print_options(stream, options);
	/* The kernel's own time-outs rule; a mount that waits is told apart by what it says. */
	fputs("TimeoutSec=infinity\n", stream);
	if (fclose(stream) != 0 || !text) {
		free(text);
		return -ENOMEM;
	}
	*ret = text;
	return 0;
}

bool unit_file_is_ours(const char *text)
{
	return strncmp(text, UNIT_HEADLINE, strlen(UNIT_HEADLINE)) == 0;
}

/* What stands behind `key`, to the end of its line, in a new text. */
static char *value_of(const char *text, const char *key)
{
	const char *found = strstr(text, key);
	const char *from = found ? found + strlen(key) : NULL;
	char *value = from ? strndup(from, strcspn(from, "\n")) : NULL;
	char *to = value;

	for (char *at = value; at && *at; at++) {
		if (*at == '%' && at[1] == '%')
			at++;
		*to++ = *at;
	}
	if (to)
		*to = '\0';
	return value;
}

char *unit_file_what(const char *text)
{
	return value_of(text, "\nWhat=");
}

char *unit_file_target(const char *text)
{
	return value_of(text, "\nDescription=" UNIT_TARGET_DESCRIPTION);
}
