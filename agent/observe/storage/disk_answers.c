/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/storage/disk_answers.h"

#include "base/clock.h"
#include "base/inquiry.h"
#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#define BLOCK "bs=4096" /* as large as any disk's here */

/* What is read by whom; *ret is what the words are kept in. */
static void make_question(const char *root, const struct disk *disk, char input[PATH_MAX],
			  const char *ret[8])
{
	const char *const words[8] = { "dd",      input,          "of=/dev/null", BLOCK,
				       "count=1", "iflag=direct", "status=none",  NULL };

	snprintf(input, PATH_MAX, "if=%s%s", root, disk->path);
	for (size_t i = 0; i < 8; i++)
		ret[i] = words[i];
}

static int take_answer(const char *root, struct inquiries *inquiries, struct disk *disk,
		       uint64_t until_usec, struct error *err)
{
	const uint64_t begun = clock_now_usec();
	struct process_output output = { 0 };
	char input[PATH_MAX];
	const char *argv[8];
	int r;

	make_question(root, disk, input, argv);
	r = inquiry_answer(inquiries, argv, until_usec > begun ? until_usec - begun : 1, &output,
			   err);
	/* Without the tool the disk is looked into as it is. */
	if (r < 0)
		return r == -EINTR || r == -ENOMEM ? r : 0;
	if (output.end == PROCESS_TIMED_OUT || output.end == PROCESS_ABANDONED) {
		disk->blank = BLANK_UNKNOWN;
		text_sentence(disk->not_blank_because, sizeof(disk->not_blank_because),
			      "%s does not answer", disk->path);
	}
	process_output_done(&output);
	return 0;
}

int disk_answers_check(const char *root, struct facts *facts,
		       bool (*wanted)(const struct disk *, void *), void *userdata,
		       uint64_t limit_usec, struct error *err)
{
	const uint64_t until_usec = clock_now_usec() + limit_usec;
	struct inquiries *inquiries;
	char input[PATH_MAX];
	const char *argv[8];
	int r = inquiries_new(/* processes= */ NULL, &inquiries, err);

	for (size_t i = 0; r == 0 && i < facts->disk_count; i++)
		if (wanted(&facts->disks[i], userdata)) {
			make_question(root, &facts->disks[i], input, argv);
			inquiry_put(inquiries, argv);
		}
	for (size_t i = 0; r == 0 && i < facts->disk_count; i++)
		if (wanted(&facts->disks[i], userdata))
			r = take_answer(root, inquiries, &facts->disks[i], until_usec, err);
	inquiries_free(inquiries);
	return r;
}
