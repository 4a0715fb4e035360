/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/spec.h"

#include "base/quote.h"
#include "model/spec/check.h"
#include "model/spec/keys.h"
#include "model/spec/nid.h"

#include <errno.h>
#include <string.h>

void spec_done(struct spec *spec)
{
	words_done(&spec->mgs);
	words_done(&spec->mkfs_options);
	words_done(&spec->mount_options);
	words_done(&spec->client_mount_options);
	*spec = (struct spec){ 0 };
}

bool spec_has_efa(const struct spec *spec)
{
	for (size_t i = 0; i < spec->lnet_count; i++)
		if (net_is_efa(spec->lnet[i].net))
			return true;
	return false;
}

/* Reads the table's own default for each key that has one, as if it had been written. */
static int apply_defaults(struct spec *spec)
{
	static const struct origin origin = { .source = SOURCE_DEFAULT, .name = "default" };
	struct error why = { 0 };

	for (enum spec_key key = 0; key < KEY_MAX; key++) {
		const struct spec_key_row *row = spec_key_row(key);
		struct setting setting = { .origin = origin };
		int r = 0;

		spec->origins[key] = origin;
		if (!row->fallback)
			continue;
		r = words_add(&setting.values, row->fallback);
		if (r == 0)
			r = row->type->read(row, &setting, spec, &why);
		words_done(&setting.values);
		if (r < 0)
			return r;
	}
	return 0;
}

static int merge_one(const struct setting *setting, struct spec *spec, bool written[KEY_MAX],
		     struct problems *problems)
{
	enum spec_key key = spec_key_find(setting->key);
	const struct spec_key_row *row;
	struct error why = { 0 };
	char unknown[512];
	int r;

	if (key == KEY_MAX) {
		key = spec_key_unknown(setting->key,
				       setting->origin.source == SOURCE_TAG ? "lustre:" : "",
				       unknown, sizeof(unknown));
		problems_add(problems, &setting->origin, "%s", unknown);
		/* What was meant has been written, if not well. */
		if (key != KEY_MAX)
			written[key] = true;
		return 0;
	}
	row = spec_key_row(key);
	written[key] = true;
	r = row->type->read(row, setting, spec, &why);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		problems_add(problems, &setting->origin, "%s: %s", row->name, why.text);
	else
		spec->origins[key] = setting->origin;
	return 0;
}

/*
 * Keys in user-data or tags say that somebody meant this node; what an AMI brings along in conf.d
 * serves nodes of any role and says nothing alone.
 */
static const struct setting *first_meant_for_this_node(const struct settings *settings)
{
	for (size_t i = 0; i < settings->count; i++)
		if (settings->items[i].origin.source >= SOURCE_USER_DATA)
			return &settings->items[i];
	return NULL;
}

static void check_role_missing(const struct settings *settings, const bool written[KEY_MAX],
			       struct problems *problems)
{
	const struct setting *first = first_meant_for_this_node(settings);

	if (written[KEY_ROLE])
		return;
	if (first)
		problems_add(problems, &first->origin,
			     "role: missing, though %s is set; add role: mgs, mds, oss or client",
			     quote(first->key).text);
}

int spec_merge(const struct settings *settings, struct spec *ret, struct problems *problems)
{
	bool written[KEY_MAX] = { false };
	int r;

	*ret = (struct spec){ 0 };
	r = apply_defaults(ret);
	/* Weakest source first, so that what is read last stands. */
	for (enum source source = SOURCE_CONF; r == 0 && source <= SOURCE_TAG; source++)
		for (size_t i = 0; r == 0 && i < settings->count; i++)
			if (settings->items[i].origin.source == source)
				r = merge_one(&settings->items[i], ret, written, problems);
	if (r < 0)
		return r;
	if (settings->is_incomplete)
		memset(written, true, sizeof(written));
	check_role_missing(settings, written, problems);
	spec_check(ret, written, problems);
	return problems->count > 0 ? -EINVAL : 0;
}
