/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/progress.h"

#include "ask/imds/retry.h"

#include <stdio.h>
#include <string.h>

#define EVERY_MS 1000

static void tell(struct imds_progress *progress, uint64_t now_ms)
{
	char sentence[512];

	progress->told_ms = now_ms;
	if (!progress->tell)
		return;
	snprintf(sentence, sizeof(sentence), "waiting for the metadata service: %s; %llu s of %u s",
		 progress->reason[0] ? progress->reason : "no answer yet",
		 (unsigned long long)(now_ms - progress->began_ms) / 1000, progress->timeout_sec);
	progress->tell(progress->userdata, sentence);
}

void imds_progress_set(struct imds_progress *progress, const char *reason)
{
	uint64_t now_ms = imds_now_ms();
	bool is_new = strcmp(progress->reason, reason) != 0;

	snprintf(progress->reason, sizeof(progress->reason), "%s", reason);
	if (is_new || now_ms - progress->told_ms >= EVERY_MS)
		tell(progress, now_ms);
}

void imds_progress_tick(struct imds_progress *progress)
{
	uint64_t now_ms = imds_now_ms();

	if (now_ms - progress->told_ms >= EVERY_MS)
		tell(progress, now_ms);
}
