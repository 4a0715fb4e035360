/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/watch_file.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/lock_holder.h"
#include "report_watch.h"

#include <errno.h>
#include <fcntl.h>

#define WATCH_FILE_MAX (16 * 1024 * 1024)

/* The lock is not tried: a watch that starts just now would not get it. */
static bool is_at_work(void)
{
	cleanup(close_fd) int fd = open(REPORT_WATCH_LOCK_PATH, O_PATH | O_CLOEXEC);
	struct lock_holder holder = { 0 };

	if (fd >= 0)
		lock_holder_find(fd, /* preferred= */ NULL, &holder);
	return holder.pid > 0;
}

int watch_file_read(struct watch *ret, struct error *err)
{
	cleanup(free_pointer) char *text = NULL;
	cleanup(json_decrefp) json_t *json = NULL;
	size_t size;
	int r;

	if (!is_at_work())
		return error_set(err, -ENOENT,
				 "no watch is at work; see systemctl status lustre-watch");
	r = file_read("", REPORT_WATCH_PATH, WATCH_FILE_MAX, &text, &size, err);
	if (r < 0)
		return r;
	json = json_loadb(text, size, JSON_REJECT_DUPLICATES, /* error= */ NULL);
	if (!json)
		return error_set(err, -EBADMSG, "%s is no JSON", REPORT_WATCH_PATH);
	r = watch_from_json(json, ret, err);
	return r < 0 ? error_prefix(err, "%s", REPORT_WATCH_PATH) : 0;
}
