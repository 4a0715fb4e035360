/* SPDX-License-Identifier: Apache-2.0 */

/* User-data as a whole: every wrapper, and whose it is. */

#include "ask/document/userdata.h"
#include "cost.h"
#include "fuzz.h"
#include "outcome.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct origin origin = { .source = SOURCE_USER_DATA, .name = "user-data" };
	struct settings settings = { 0 };
	static struct problems problems; /* large: only its counts are reset */

	problems.count = problems.left_out = 0;
	cost_begin();
	must(userdata_parse((const char *)data, size, &origin, &settings, &problems) == 0,
	     "only memory can fail");
	outcome_check(&settings, &problems);
	return 0;
}
