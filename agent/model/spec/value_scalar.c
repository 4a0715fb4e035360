/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/value_types.h"

#include "base/quote.h"
#include "model/spec/quantity.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int read_bool(const struct spec_key_row *row, const struct setting *setting,
		     struct spec *spec, struct error *why)
{
	const char *text = "";
	int r = value_single(setting, &text, why);

	return r < 0 ? r : quantity_read_bool(text, value_field(row, spec), why);
}

static json_t *bool_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	return json_boolean(*(const bool *)value_field_const(row, spec));
}

static json_t *bool_schema(const struct spec_key_row *row)
{
	(void)row;
	/* The words are there to be offered, the pattern for any case. */
	return json_pack("{s:[{s:[b, b, i, i, s, s, s, s, s, s]}, o]}", "anyOf", "enum", 1, 0, 1, 0,
			 "yes", "no", "true", "false", "on", "off",
			 schema_text("[Yy][Ee][Ss]|[Tt][Rr][Uu][Ee]|[Oo][Nn]|1|"
				     "[Nn][Oo]|[Ff][Aa][Ll][Ss][Ee]|[Oo][Ff][Ff]|0"));
}

const struct value_type value_bool = {
	.name = "yes or no",
	.read = read_bool,
	.to_json = bool_to_json,
	.schema = bool_schema,
};

static int too_small(const char *text, const char *least, struct error *why)
{
	return error_set(why, -EINVAL, "%s is too small; at least %s is needed", quote(text).text,
			 least);
}

static int read_number(const struct spec_key_row *row, const struct setting *setting,
		       struct spec *spec, struct error *why)
{
	const char *text = "";
	uint64_t number = 0;
	char least[24];
	int r;

	r = value_single(setting, &text, why);
	if (r < 0)
		return r;
	r = quantity_read_number(text, row->most, &number, why);
	if (r < 0)
		return r;
	if (number < row->least) {
		snprintf(least, sizeof(least), "%" PRIu64, row->least);
		return too_small(text, least, why);
	}
	*(unsigned *)value_field(row, spec) = (unsigned)number;
	return 0;
}

static json_t *number_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	unsigned number = *(const unsigned *)value_field_const(row, spec);

	/* Below `least` only where nothing was written: expect-disks. */
	return number < row->least ? json_null() : json_integer(number);
}

static json_t *number_schema(const struct spec_key_row *row)
{
	return json_pack("{s:[{s:s, s:I, s:I}, o]}", "anyOf", "type", "integer", "minimum",
			 (json_int_t)row->least, "maximum", (json_int_t)row->most,
			 schema_text("0|[1-9][0-9]*"));
}

const struct value_type value_number = {
	.name = "number",
	.read = read_number,
	.to_json = number_to_json,
	.schema = number_schema,
};

static int read_conns(const struct spec_key_row *row, const struct setting *setting,
		      struct spec *spec, struct error *why)
{
	static const char *const words[] = { "auto" };
	const char *text = "";
	int r = value_single(setting, &text, why);

	if (r < 0)
		return r;
	if (isalpha((unsigned char)*text) && strcmp(text, "auto") != 0)
		return value_refuse_choice(text, words, 1, "auto or a number", why);
	if (*text != 'a')
		return read_number(row, setting, spec, why);
	*(unsigned *)value_field(row, spec) = 0;
	return 0;
}

static json_t *conns_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	unsigned number = *(const unsigned *)value_field_const(row, spec);

	return number == 0 ? json_string("auto") : json_integer(number);
}

static json_t *conns_schema(const struct spec_key_row *row)
{
	return json_pack("{s:[{s:s}, {s:s, s:I, s:I}, o]}", "anyOf", "const", "auto", "type",
			 "integer", "minimum", (json_int_t)row->least, "maximum",
			 (json_int_t)row->most, schema_text("auto|[1-9][0-9]*"));
}

const struct value_type value_conns = {
	.name = "auto or a number",
	.read = read_conns,
	.to_json = conns_to_json,
	.schema = conns_schema,
};

static int read_stripe(const struct spec_key_row *row, const struct setting *setting,
		       struct spec *spec, struct error *why)
{
	char least[24], most[24];
	const char *text = "";
	uint64_t bytes;
	int r;

	r = value_single(setting, &text, why);
	if (r < 0)
		return r;
	r = quantity_read_size(text, &bytes, why);
	if (r < 0)
		return r;
	if (bytes < row->least || bytes > row->most || (bytes & (bytes - 1)) != 0) {
		quantity_format_size(row->least, least, sizeof(least));
		quantity_format_size(row->most, most, sizeof(most));
		return error_set(why, -EINVAL, "%s is not a power of two from %s to %s",
				 quote(text).text, least, most);
	}
	*(uint32_t *)value_field(row, spec) = (uint32_t)bytes;
	return 0;
}

static json_t *size_to_json(uint64_t bytes)
{
	char text[24];

	quantity_format_size(bytes, text, sizeof(text));
	return json_string(text);
}

static json_t *stripe_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	return size_to_json(*(const uint32_t *)value_field_const(row, spec));
}

/* Sizes: a number of bytes, or text. */
#define SIZE_PATTERN "[1-9][0-9]*[ \t]*([Bb]|[KMGTkmgt]([Ii][Bb]?)?)?"

static json_t *stripe_schema(const struct spec_key_row *row)
{
	return json_pack("{s:[{s:s, s:I, s:I}, o]}", "anyOf", "type", "integer", "minimum",
			 (json_int_t)row->least, "maximum", (json_int_t)row->most,
			 schema_text(SIZE_PATTERN));
}

const struct value_type value_stripe = {
	.name = "size",
	.read = read_stripe,
	.to_json = stripe_to_json,
	.schema = stripe_schema,
};

static int read_share(const struct spec_key_row *row, const struct setting *setting,
		      struct spec *spec, struct error *why)
{
	struct size_choice choice = { 0 };
	const char *text = "";
	char least[24], most[24];
	int r;

	r = value_single(setting, &text, why);
	if (r < 0)
		return r;
	if (strchr(text, '%'))
		r = quantity_read_percent(text, &choice.percent, why);
	else
		r = quantity_read_size(text, &choice.bytes, why);
	if (r < 0)
		return r;
	if (choice.percent == 0 && choice.bytes < row->least) {
		quantity_format_size(row->least, least, sizeof(least));
		return too_small(text, least, why);
	}
	if (choice.bytes > row->most) {
		quantity_format_size(row->most, most, sizeof(most));
		return error_set(why, -EINVAL, "%s is too large; at most %s is possible",
				 quote(text).text, most);
	}
	*(struct size_choice *)value_field(row, spec) = choice;
	return 0;
}

static json_t *share_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	const struct size_choice *choice = value_field_const(row, spec);

	return choice->percent ? json_sprintf("%u%%", choice->percent)
			       : size_to_json(choice->bytes);
}

static json_t *share_schema(const struct spec_key_row *row)
{
	return json_pack("{s:[{s:s, s:I, s:I}, o]}", "anyOf", "type", "integer", "minimum",
			 (json_int_t)row->least, "maximum", (json_int_t)row->most,
			 schema_text(SIZE_PATTERN "|([1-9][0-9]?|100)%"));
}

const struct value_type value_share = {
	.name = "size or percentage",
	.read = read_share,
	.to_json = share_to_json,
	.schema = share_schema,
};

static int read_seconds(const struct spec_key_row *row, const struct setting *setting,
			struct spec *spec, struct error *why)
{
	char least[24], most[24];
	uint64_t seconds = 0;
	const char *text = "";
	int r;

	r = value_single(setting, &text, why);
	if (r < 0)
		return r;
	r = quantity_read_seconds(text, &seconds, why);
	if (r < 0)
		return r;
	if (seconds < row->least || seconds > row->most) {
		quantity_format_seconds(row->least, least, sizeof(least));
		quantity_format_seconds(row->most, most, sizeof(most));
		return error_set(why, -EINVAL, "%s is outside of %s to %s", quote(text).text, least,
				 most);
	}
	*(unsigned *)value_field(row, spec) = (unsigned)seconds;
	return 0;
}

static json_t *seconds_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	char text[24];

	quantity_format_seconds(*(const unsigned *)value_field_const(row, spec), text,
				sizeof(text));
	return json_string(text);
}

static json_t *seconds_schema(const struct spec_key_row *row)
{
	return json_pack("{s:[{s:s, s:I, s:I}, o]}", "anyOf", "type", "integer", "minimum",
			 (json_int_t)row->least, "maximum", (json_int_t)row->most,
			 schema_text("[0-9]+[ \t]*([a-z]+[ \t]*([0-9]+[ \t]*[a-z]+[ \t]*)*)?"));
}

const struct value_type value_seconds = {
	.name = "time",
	.read = read_seconds,
	.to_json = seconds_to_json,
	.schema = seconds_schema,
};
