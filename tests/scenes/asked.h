/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What was asked, by the sources of the contract, and the specification that comes of it. */

#include "model/spec/spec.h"

#include <stdio.h>
#include <string.h>

struct asked {
	struct settings settings;
	struct spec spec;
	struct problems problems;
};

static inline void asked_say(struct asked *scene, enum source source, const char *key,
			     const char *value)
{
	static const char *const names[] = {
		[SOURCE_DEFAULT] = "default",
		[SOURCE_CONF] = "/etc/lustre-init/conf.d/10.yaml",
		[SOURCE_USER_DATA] = "user-data",
		[SOURCE_TAG] = "instance tag",
	};
	struct origin origin = { .source = source };
	struct setting *setting;

	snprintf(origin.name, sizeof(origin.name), "%s", names[source]);
	setting = settings_add(&scene->settings, key, &origin);
	assert_non_null(setting);
	assert_int_equal(words_add(&setting->values, value), 0);
}

static inline int asked_merge(struct asked *scene)
{
	return spec_merge(&scene->settings, &scene->spec, &scene->problems);
}

static inline void asked_done(struct asked *scene)
{
	settings_done(&scene->settings);
	spec_done(&scene->spec);
}
