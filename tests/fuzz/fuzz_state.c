/* SPDX-License-Identifier: Apache-2.0 */

/* state.json is refused whole, or comes out as it went in. */

#include "fuzz.h"
#include "model/state.h"

#include <errno.h>
#include <string.h>

static void check_again(const struct state *state)
{
	static struct state again;
	json_t *first = state_to_json(state), *second;
	struct error err = { 0 };

	must(first, "a state has JSON");
	must(state_from_json(first, &again, &err) == 0, "it is read back");
	second = state_to_json(&again);
	must(json_equal(first, second), "and is the same");
	json_decref(first);
	json_decref(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct state state;
	json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	struct error err = { 0 };
	int r;

	if (!json)
		return 0;
	r = state_from_json(json, &state, &err);
	json_decref(json);
	must(r == 0 || (r == -EINVAL && err.text[0] != '\0'), "an error says why");
	must(r == 0 || state.target_count == 0, "half of it is nothing");
	must(state.target_count <= REMEMBERED_TARGETS_MAX, "targets are bounded");
	if (r == 0)
		check_again(&state);
	return 0;
}
