/* SPDX-License-Identifier: Apache-2.0 */
#include "model/finding.h"

#include "base/json_whole.h"
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const verdicts[FINDING_VERDICT_MAX] = {
	[FINDING_OK] = "ok",
	[FINDING_WARN] = "warn",
	[FINDING_FAIL] = "fail",
};

void findings_done(struct findings *findings)
{
	free(findings->items);
	*findings = (struct findings){ 0 };
}

static int add(struct findings *findings, const struct finding *like, const char *id,
	       const char *fix, const char *format, va_list args)
	__attribute__((format(printf, 5, 0)));

static int add(struct findings *findings, const struct finding *like, const char *id,
	       const char *fix, const char *format, va_list args)
{
	struct finding *items =
		reallocarray(findings->items, findings->count + 1, sizeof(*findings->items));
	struct finding *added;

	if (!items)
		return -ENOMEM;
	findings->items = items;
	added = &items[findings->count++];
	*added = *like;
	text_set(added->id, sizeof(added->id), "%s", id);
	snprintf(added->fix, sizeof(added->fix), "%s", fix);
	text_vsentence(added->text, sizeof(added->text), format, args);
	return 0;
}

int findings_ok(struct findings *findings, const char *id, const char *format, ...)
{
	va_list args;
	int r;

	va_start(args, format);
	r = add(findings, &(struct finding){ .verdict = FINDING_OK }, id, "", format, args);
	va_end(args);
	return r;
}

int findings_warn(struct findings *findings, const char *id, const char *fix, const char *format,
		  ...)
{
	va_list args;
	int r;

	va_start(args, format);
	r = add(findings, &(struct finding){ .verdict = FINDING_WARN }, id, fix, format, args);
	va_end(args);
	return r;
}

int findings_fail(struct findings *findings, const char *id, int exit_code, const char *fix,
		  const char *format, ...)
{
	const struct finding like = { .verdict = FINDING_FAIL, .exit_code = exit_code };
	va_list args;
	int r;

	va_start(args, format);
	r = add(findings, &like, id, fix, format, args);
	va_end(args);
	return r;
}

int findings_exit_code(const struct findings *findings)
{
	static const int by_weight[] = { 2, 3, 1 };

	for (size_t w = 0; w < sizeof(by_weight) / sizeof(by_weight[0]); w++)
		for (size_t i = 0; i < findings->count; i++)
			if (findings->items[i].verdict == FINDING_FAIL &&
			    findings->items[i].exit_code == by_weight[w])
				return by_weight[w];
	return 0;
}

const char *finding_verdict_name(enum finding_verdict verdict)
{
	return verdicts[verdict];
}

json_t *findings_to_json(const struct findings *findings)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];
		json_t *json = json_pack("{s:s, s:s, s:o}", "id", finding->id, "verdict",
					 finding_verdict_name(finding->verdict), "found",
					 json_text(finding->text));

		if (finding->fix[0] != '\0')
			json_put(&json, "fix", json_text(finding->fix));
		json_add(&array, json);
	}
	return array;
}
