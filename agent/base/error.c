/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include "base/errno_text.h"
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *err, int code, const char *format, ...)
{
	va_list args;

	if (!err)
		return code;
	err->code = code;
	va_start(args, format);
	text_vsentence(err->text, sizeof(err->text), format, args);
	va_end(args);
	return code;
}

int error_errno(struct error *err, int code, const char *format, ...)
{
	va_list args;
	size_t used;

	if (!err)
		return code;
	err->code = code;
	va_start(args, format);
	text_vsentence(err->text, sizeof(err->text), format, args);
	va_end(args);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", errno_text(-code));
	return code;
}

bool error_is_shortage(int code)
{
	return code == -EMFILE || code == -ENFILE || code == -ENOMEM || code == -ENOBUFS ||
	       code == -EAGAIN;
}

int error_prefix(struct error *err, const char *format, ...)
{
	char sentence[ERROR_TEXT_MAX];
	va_list args;
	size_t used;

	if (!err)
		return -1;
	memcpy(sentence, err->text, sizeof(sentence));
	va_start(args, format);
	text_vsentence(err->text, sizeof(err->text), format, args);
	va_end(args);
	used = strlen(err->text);
	text_sentence(err->text + used, sizeof(err->text) - used, ": %s", sentence);
	return err->code;
}
