/* SPDX-License-Identifier: Apache-2.0 */
#include "model/platform.h"

#include <string.h>

const struct module_option *platform_option(const struct platform *platform, const char *module,
					    const char *name)
{
	const struct module_option *found = NULL;

	for (size_t i = 0; i < platform->module_option_count; i++) {
		const struct module_option *option = &platform->module_options[i];
		bool may_be = option->module[0] == '\0';

		if (may_be ? found != NULL
			   : strcmp(option->module, module) != 0 || strcmp(option->name, name) != 0)
			continue;
		if (option->loaded)
			return option;
		found = option;
	}
	return found;
}

bool platform_has_loaded(const struct platform *platform, const char *module)
{
	for (size_t i = 0; i < platform->module_option_count; i++)
		if (platform->module_options[i].loaded &&
		    strcmp(platform->module_options[i].module, module) == 0)
			return true;
	return false;
}
