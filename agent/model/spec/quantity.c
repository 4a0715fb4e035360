/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/quantity.h"

#include "base/quote.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/*
 * Reads the digits at *text and moves it behind them. false: no digit, or more than 64 bits. The
 * caller judges what follows.
 */
static bool read_digits(const char **text, uint64_t *ret)
{
	const char *p = *text;
	uint64_t value = 0;

	if (!isdigit((unsigned char)*p))
		return false;
	for (; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return false;
	*text = p;
	*ret = value;
	return true;
}

/* "010" is 8 to YAML 1.1 and ten to people. */
static bool has_leading_zero(const char *text)
{
	return text[0] == '0' && isdigit((unsigned char)text[1]);
}

int quantity_read_number(const char *text, uint64_t most, uint64_t *ret, struct error *err)
{
	const char *end = text;
	uint64_t value;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return error_set(err, -EINVAL, "%s is hexadecimal; write the number in decimal",
				 quote(text).text);
	if (has_leading_zero(text))
		return error_set(err, -EINVAL,
				 "%s could be meant as octal; write it without the leading zero",
				 quote(text).text);
	if (!read_digits(&end, &value))
		return error_set(err, -EINVAL, "%s is not a whole number%s", quote(text).text,
				 isdigit((unsigned char)*text) ? " of a usable size" : "");
	if (*end)
		return error_set(err, -EINVAL, "%s is not a whole number", quote(text).text);
	if (value > most)
		return error_set(err, -EINVAL, "%s is too large; at most %" PRIu64 " is possible",
				 quote(text).text, most);
	*ret = value;
	return 0;
}

static const char size_letters[] = "KMGT";

/* The exponent of 1024 that a unit stands for, or -1. "K", "k", "KiB", "B" and "" are known. */
static int size_unit_power(const char *unit)
{
	const char *letter;

	if (unit[0] == '\0' || strcasecmp(unit, "B") == 0)
		return 0;
	letter = strchr(size_letters, toupper((unsigned char)unit[0]));
	if (!letter ||
	    (unit[1] != '\0' && strcasecmp(unit + 1, "iB") != 0 && strcasecmp(unit + 1, "i") != 0))
		return -1;
	return (int)(letter - size_letters) + 1;
}

/* "1GB": decimal to some, binary to others. */
static bool is_ambiguous_unit(const char *unit)
{
	return unit[0] && strchr(size_letters, toupper((unsigned char)unit[0])) &&
	       strcasecmp(unit + 1, "B") == 0;
}

int quantity_read_size(const char *text, uint64_t *ret, struct error *err)
{
	const char *unit = text;
	uint64_t value;
	int power;

	if (has_leading_zero(text) || !read_digits(&unit, &value))
		return error_set(
			err, -EINVAL,
			"%s is not a size; write a whole number and a unit, such as 256K or "
			"1GiB",
			quote(text).text);
	unit += strspn(unit, " \t");
	if (is_ambiguous_unit(unit))
		return error_set(err, -EINVAL,
				 "%s could be decimal or binary; write %" PRIu64 "%ciB (powers of "
				 "1024)",
				 quote(text).text, value, toupper((unsigned char)unit[0]));
	power = size_unit_power(unit);
	if (power < 0)
		return error_set(
			err, -EINVAL,
			"%s is not a size; write a whole number and a unit, such as 256K or "
			"1GiB",
			quote(text).text);
	for (int i = 0; i < power; i++)
		if (__builtin_mul_overflow(value, 1024, &value))
			return error_set(err, -EINVAL, "%s is too large", quote(text).text);
	*ret = value;
	return 0;
}

int quantity_read_percent(const char *text, unsigned *ret, struct error *err)
{
	const char *end = text;
	uint64_t value;

	if (!has_leading_zero(text) && read_digits(&end, &value) && strcmp(end, "%") == 0 &&
	    value >= 1 && value <= 100) {
		*ret = (unsigned)value;
		return 0;
	}
	return error_set(err, -EINVAL, "%s is not a percentage from 1%% to 100%%",
			 quote(text).text);
}

static const struct {
	const char *name;
	unsigned seconds;
} time_units[] = {
	{ "s", 1 },         { "sec", 1 },         { "second", 1 },       { "seconds", 1 },
	{ "m", 60 },        { "min", 60 },        { "minute", 60 },      { "minutes", 60 },
	{ "h", 3600 },      { "hr", 3600 },       { "hour", 3600 },      { "hours", 3600 },
	{ "d", 24 * 3600 }, { "day", 24 * 3600 }, { "days", 24 * 3600 },
};

/* The seconds of the unit at *text, which is moved behind it; 0 for an unknown one. */
static unsigned read_time_unit(const char **text)
{
	size_t length = strcspn(*text, " \t0123456789");

	for (size_t i = 0; i < sizeof(time_units) / sizeof(time_units[0]); i++) {
		if (strlen(time_units[i].name) == length &&
		    strncmp(*text, time_units[i].name, length) == 0) {
			*text += length;
			return time_units[i].seconds;
		}
	}
	return 0;
}

int quantity_read_seconds(const char *text, uint64_t *ret, struct error *err)
{
	const char *p = text;
	uint64_t total = 0, value;

	do {
		unsigned unit = 1;

		if (has_leading_zero(p) || !read_digits(&p, &value))
			goto refuse;
		p += strspn(p, " \t");
		/* A number without a unit is seconds, but only alone: "1h 30" is a riddle. */
		if (*p || total > 0)
			unit = read_time_unit(&p);
		if (unit == 0 || __builtin_mul_overflow(value, unit, &value) ||
		    __builtin_add_overflow(total, value, &total))
			goto refuse;
		p += strspn(p, " \t");
	} while (*p);
	*ret = total;
	return 0;
refuse:
	return error_set(err, -EINVAL, "%s is not a time; write it as 90s, 10min or 1h 30min",
			 quote(text).text);
}

void quantity_format_size(uint64_t bytes, char *text, size_t size)
{
	int power = 0;

	while (power < 4 && bytes > 0 && bytes % 1024 == 0) {
		bytes /= 1024;
		power++;
	}
	if (power == 0)
		snprintf(text, size, "%" PRIu64, bytes);
	else
		snprintf(text, size, "%" PRIu64 "%ciB", bytes, size_letters[power - 1]);
}

void quantity_format_seconds(uint64_t seconds, char *text, size_t size)
{
	uint64_t hours = seconds / 3600, minutes = seconds / 60 % 60;

	if (seconds % 60 != 0)
		snprintf(text, size, "%" PRIu64 "s", seconds);
	else if (hours == 0)
		snprintf(text, size, "%" PRIu64 "min", seconds / 60);
	else if (minutes == 0)
		snprintf(text, size, "%" PRIu64 "h", hours);
	else
		snprintf(text, size, "%" PRIu64 "h%" PRIu64 "min", hours, minutes);
}

int quantity_read_bool(const char *text, bool *ret, struct error *err)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcasecmp(text, yes[i]) == 0 || strcasecmp(text, no[i]) == 0) {
			*ret = strcasecmp(text, yes[i]) == 0;
			return 0;
		}
	}
	return error_set(err, -EINVAL, "%s is neither yes nor no", quote(text).text);
}
