/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/tuning.h"

#include "base/file.h"
#include "base/text.h"
#include "model/mount_look.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#define LCTL_TIMEOUT_USEC (60 * 1000000ULL)

void tuning_load_module(struct step *step)
{
	const struct plan_module *module = &step->options->plan->modules[step->action->item];
	struct words argv = { 0 };

	words_add(&argv, "modprobe");
	words_add(&argv, module->name);
	if (module->options.failed)
		words_fail(&argv);
	for (size_t i = 0; i < module->options.count; i++)
		words_add(&argv, module->options.items[i]);
	step_run(step, &argv, step_patience(step), /* next= */ NULL);
	words_done(&argv);
}

static int mark_path(const struct step *step, char path[PATH_MAX])
{
	return text_format(path, PATH_MAX, "%s" CLIENT_UNTUNED_PATH, step->options->root);
}

void tuning_mark_client(struct step *step)
{
	const struct plan_client *client = &step->options->plan->client;
	char path[PATH_MAX];
	struct error err;

	if (client->settings.count > 0 && mark_path(step, path) == 0 &&
	    file_replace(path, client->mount_point, strlen(client->mount_point), 0644, &err) < 0)
		step_note(step, "%s; a client whose mount is cut off is not tuned then", err.text);
}

/* What the kernel did not take it does not take the next time. */
static void unmark_client(const struct step *step)
{
	char path[PATH_MAX];

	if (mark_path(step, path) == 0)
		unlink(path);
}

static void on_set(struct step *step, const struct process_result *result)
{
	char sentence[512];

	unmark_client(step);
	if (result->end == PROCESS_EXITED && result->code == 0) {
		step_done(step);
		return;
	}
	step_describe(step, "lctl set_param", result, sentence, sizeof(sentence));
	step_done_without(step, "not all of the client's parameters could be set: %s", sentence);
}

void tuning_set_client(struct step *step)
{
	const struct words *settings = &step->options->plan->client.settings;
	struct words argv = { 0 };

	words_add(&argv, "lctl");
	words_add(&argv, "set_param");
	if (settings->failed)
		words_fail(&argv);
	for (size_t i = 0; i < settings->count; i++)
		words_add(&argv, settings->items[i]);
	step_run_any(step, &argv, LCTL_TIMEOUT_USEC, on_set);
	words_done(&argv);
}
