/* SPDX-License-Identifier: Apache-2.0 */
#include "model/checkup.h"

#include "model/fields.h"

/* In the order of enum mgs_answer, as FIELD_NAME wants them. */
static const char *const answers[] = {
	"unknown", "answers", "no-name",      "no-resolver", "no-host", "refuses",
	"silent",  "no-lnet", "no-lnet-ping", "not-asked",   NULL,
};
_Static_assert(sizeof(answers) / sizeof(answers[0]) == MGS_ANSWER_MAX + 1, "a name for each");

static const struct field mgs_fields[] = {
	{ "nid", FIELD_TEXT, FIELD_AT(struct checkup_mgs, nid) },
	{ "answer", FIELD_NAME, FIELD_AT(struct checkup_mgs, answer), .names = answers },
	{ 0 },
};

static const struct field net_fields[] = {
	{ "nid", FIELD_TEXT, FIELD_AT(struct checkup_net, nid), .required = true },
	{ "conns-per-peer", FIELD_NUMBER, FIELD_AT(struct checkup_net, conns), .most = 65535 },
	{ 0 },
};

static const struct field checkup_fields[] = {
	{ "metadata-error", FIELD_TEXT, FIELD_AT(struct checkup, metadata_error) },
	{ "elsewhere", FIELD_BOOL, FIELD_AT(struct checkup, is_elsewhere) },
	{ "selinux", FIELD_TEXT, FIELD_AT(struct checkup, selinux) },
	{ "filesystems", FIELD_WORDS, FIELD_AT(struct checkup, filesystems) },
	{ "members", FIELD_WORDS, FIELD_AT(struct checkup, members) },
	{ "exports", FIELD_WORDS, FIELD_AT(struct checkup, exports) },
	{ "exports-gone", FIELD_WORDS, FIELD_AT(struct checkup, exports_gone) },
	{ "mgs", FIELD_ARRAY, FIELD_AT(struct checkup, mgs), .fields = mgs_fields,
	  .item_size = sizeof(struct checkup_mgs), .count = offsetof(struct checkup, mgs_count),
	  .capacity = CHECKUP_MGS_MAX },
	{ "nets", FIELD_ARRAY, FIELD_AT(struct checkup, nets), .fields = net_fields,
	  .item_size = sizeof(struct checkup_net), .count = offsetof(struct checkup, net_count),
	  .capacity = CHECKUP_NETS_MAX },
	{ "parameters", FIELD_WORDS, FIELD_AT(struct checkup, parameters) },
	{ 0 },
};

void checkup_done(struct checkup *checkup)
{
	words_done(&checkup->filesystems);
	words_done(&checkup->members);
	words_done(&checkup->exports);
	words_done(&checkup->exports_gone);
	words_done(&checkup->parameters);
	*checkup = (struct checkup){ 0 };
}

json_t *checkup_to_json(const struct checkup *checkup)
{
	return fields_to_json(checkup_fields, checkup);
}

int checkup_from_json(const json_t *json, struct checkup *ret, struct error *err)
{
	int r;

	*ret = (struct checkup){ 0 };
	r = fields_from_json(checkup_fields, json, ret, err);
	if (r < 0)
		checkup_done(ret);
	return r;
}
