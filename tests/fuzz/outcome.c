/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

#include "base/utf8.h"
#include "cost.h"
#include "fuzz.h"
#include "model/metadata.h"

#include <errno.h>
#include <string.h>

/* Sentences reach terminals and the console: printable UTF-8 in one line. */
static void check_sentences(const struct problems *problems)
{
	char text[PROBLEM_TEXT_MAX];

	for (size_t i = 0; i < problems->count; i++) {
		const char *p = text, *end;

		problem_format(&problems->items[i], text, sizeof(text));
		end = text + strlen(text);
		must(p < end, "a problem says something");
		while (p < end) {
			size_t length = utf8_length(p, (size_t)(end - p));

			/* A sentence may be cut in the middle of a character, at its end only. */
			must((length > 0 && *p != '\n' && *p != '\r') ||
				     (size_t)(end - text) + 4 >= sizeof(problems->items[0].text),
			     "sentences are printable");
			p += length ? length : 1;
		}
	}
}

/* What would hurt in argv, in a unit file or in the shell inside of mkfs.lustre. */
static void check_words(const struct words *words, const char *forbidden, bool may_begin_with_dash)
{
	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->items[i];

		must(word[0] && (may_begin_with_dash || word[0] != '-'),
		     "no word is an option that is none");
		must(!word[strcspn(word, forbidden)], "no word has a special character");
	}
}

static void check_spec(const struct spec *spec)
{
	must(strlen(spec->fsname) <= FSNAME_MAX && spec->fsname[0] != '-', "fsname");
	must(spec->roles == ROLE_MGS || spec->fsname[0], "an fsname is there");
	must((spec->roles & ROLE_MGS) || spec->mgs.count > 0, "an MGS is there");
	must(spec->stripe_size >= 4096 && (spec->stripe_size & (spec->stripe_size - 1)) == 0,
	     "the stripe is a power of two");
	must((spec->mgt_size.percent > 0) != (spec->mgt_size.bytes > 0), "one kind of size");
	must(spec->lnet_count >= 1 && spec->lnet_count <= LNET_NETS_MAX, "nets are bounded");
	must(!strstr(spec->mount_point, "..") || !strstr(spec->mount_point, "/../"), "no way up");
	must(spec->mount_point[0] == '\0' || spec->mount_point[0] == '/', "an absolute path");
	must(!spec->mount_point[strcspn(spec->mount_point, " %\\\"'\n$`;")], "a plain path");
	check_words(&spec->mgs, " \t\n;$`|&<>()\"'\\,", false);
	check_words(&spec->mount_options, " \t\n;$`|&<>()\"'\\%,", false);
	check_words(&spec->mkfs_options, "\t\n;$`|&<>()\"'\\*?[]{}~#!", true);
}

/* A specification survives the way to JSON and back. */
static void check_json(const struct spec *spec)
{
	json_t *there = spec_to_json(spec), *again;
	struct error err = { 0 };
	struct spec back = { 0 };

	must(there, "a specification has JSON");
	if (spec_from_json(there, &back, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		must(false, "JSON is read back");
	}
	again = spec_to_json(&back);
	must(json_equal(there, again), "JSON is the same again");
	json_decref(there);
	json_decref(again);
	spec_done(&back);
}

/* Bounds hold for every input, by what was counted on the way and by what was kept of it. */
static void check_cost(const struct settings *settings)
{
	const struct budget *budget = &settings->budget;
	const struct cost cost = cost_so_far();
	size_t words = 0, bytes = 0;

	for (enum bound bound = 0; bound < BOUND_MAX; bound++)
		must(budget->spent[bound] <= bound_row(bound)->most, "a bound is kept");
	for (size_t i = 0; i < settings->count; i++) {
		const struct setting *setting = &settings->items[i];

		bytes += strlen(setting->key);
		words += setting->values.count;
		for (size_t k = 0; k < setting->values.count; k++)
			bytes += strlen(setting->values.items[k]);
	}
	must(settings->count <= budget->spent[BOUND_SETTINGS], "settings are counted");
	must(words <= budget->spent[BOUND_NODES] + TAGS_MAX, "words are counted");
	must(bytes <= 3 * budget->spent[BOUND_TEXT] + sizeof(struct metadata), "text is counted");
	must(!budget->is_over || settings->is_incomplete, "an end is told");
	must(cost.allocations <= COST_ALLOCATIONS_MAX, "allocations are bounded");
	must(cost.peak <= COST_PEAK_MAX, "memory is bounded");
}

void outcome_check(struct settings *settings, struct problems *problems)
{
	struct spec spec;
	int r = spec_merge(settings, &spec, problems);

	must(r == 0 || r == -EINVAL, "merging ends in 0 or -EINVAL");
	must((r == -EINVAL) == (problems->count > 0), "problems are the only error");
	check_cost(settings);
	check_sentences(problems);
	if (r == 0 && spec.roles != 0) {
		check_spec(&spec);
		check_json(&spec);
	}
	spec_done(&spec);
	settings_done(settings);
}
