/* SPDX-License-Identifier: Apache-2.0 */

/* Instance tags: each line of the input is one, KEY=VALUE. */

#include "ask/document/tags.h"
#include "cost.h"
#include "fuzz.h"
#include "outcome.h"

#include <string.h>

/* Copies up to `size` - 1 bytes, as IMDS would have been cut. */
static void copy(char *to, size_t size, const char *from, size_t length)
{
	length = length < size ? length : size - 1;
	memcpy(to, from, length);
	to[length] = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct metadata room; /* large, as the problems are: only counts are reset */
	static struct problems problems;
	struct metadata *metadata = &room;
	struct settings settings = { 0 };

	const char *line = (const char *)data, *end = line + size;

	problems.count = problems.left_out = metadata->tag_count = 0;
	cost_begin();
	while (line < end && metadata->tag_count < TAGS_MAX) {
		struct metadata_tag *tag = &metadata->tags[metadata->tag_count];
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t length = (size_t)((newline ? newline : end) - line);
		const char *equals = memchr(line, '=', length);
		size_t key = equals ? (size_t)(equals - line) : length;

		copy(tag->key, sizeof(tag->key), line, key);
		tag->value[0] = '\0';
		if (equals)
			copy(tag->value, sizeof(tag->value), equals + 1, length - key - 1);
		if (strncmp(tag->key, "lustre:", 7) == 0)
			must(tag_may_be_ours(tag->key), "our tags are fetched");
		metadata->tag_count++;
		line += length + 1;
	}
	must(tags_parse(metadata, &settings, &problems) == 0, "only memory can fail");
	outcome_check(&settings, &problems);
	return 0;
}
