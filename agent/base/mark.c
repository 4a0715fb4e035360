/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mark.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdarg.h>

struct mark *mark_begin(struct marks *marks, const char *format, ...)
{
	struct mark *mark;
	va_list arguments;

	if (!marks || marks->count == MARKS_MAX)
		return NULL;
	mark = &marks->items[marks->count++];
	va_start(arguments, format);
	text_vsentence(mark->what, sizeof(mark->what), format, arguments);
	va_end(arguments);
	mark->started_usec = mark->ended_usec = clock_now_usec();
	return mark;
}

void mark_end(struct mark *mark)
{
	if (mark)
		mark->ended_usec = clock_now_usec();
}
