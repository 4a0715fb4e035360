/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utc.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define DAY_SEC 86400

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

struct moment {
	unsigned year, month, day, hour, minute, second;
};

/* Days before the first of March of `year`, counted from the one of year 0, so that the leap day is
 * a year's last. */
static uint64_t days_to_march(uint64_t year)
{
	return year * 365 + year / 4 - year / 100 + year / 400;
}

/* Days from the first of March to the first of `month`, which counts from March as 0. */
static uint64_t days_to_month(unsigned month)
{
	return (153 * month + 2) / 5;
}

#define DAYS_TO_1970 719468 /* from the first of March of year 0 */

static unsigned days_in_month(unsigned year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leaps = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (leaps ? 1U : 0U);
}

static bool to_sec(const struct moment *moment, uint64_t *ret)
{
	bool before_march = moment->month <= 2;
	unsigned month = before_march ? moment->month + 9 : moment->month - 3;
	uint64_t days;

	if (moment->year < 1970 || moment->month < 1 || moment->month > 12 || moment->day < 1 ||
	    moment->day > days_in_month(moment->year, moment->month) || moment->hour > 23 ||
	    moment->minute > 59 || moment->second > 60)
		return false;
	days = days_to_march(moment->year - (before_march ? 1 : 0)) + days_to_month(month) +
	       moment->day - 1 - DAYS_TO_1970;
	*ret = days * DAY_SEC + moment->hour * 3600ULL + moment->minute * 60ULL + moment->second;
	return *ret <= UTC_SEC_MAX;
}

/* `count` digits, and no other character. */
static bool take_digits(const char **text, unsigned count, unsigned *ret)
{
	*ret = 0;
	for (; count > 0; count--, (*text)++) {
		if (!isdigit((unsigned char)**text))
			return false;
		*ret = *ret * 10 + (unsigned)(**text - '0');
	}
	return true;
}

static bool take_char(const char **text, char wanted)
{
	return *(*text)++ == wanted;
}

static bool take_clock(const char **text, struct moment *moment)
{
	return take_digits(text, 2, &moment->hour) && take_char(text, ':') &&
	       take_digits(text, 2, &moment->minute) && take_char(text, ':') &&
	       take_digits(text, 2, &moment->second);
}

static const char *skip_fraction(const char *text)
{
	size_t digits = text[0] == '.' ? strspn(text + 1, "0123456789") : 0;

	return digits > 0 ? text + 1 + digits : text;
}

/* UTC in each of RFC 3339's writings. */
static bool is_utc(const char *zone)
{
	return strcmp(zone, "Z") == 0 || strcmp(zone, "+00:00") == 0 || strcmp(zone, "-00:00") == 0;
}

bool utc_parse(const char *text, uint64_t *ret_sec)
{
	struct moment moment = { 0 };

	return take_digits(&text, 4, &moment.year) && take_char(&text, '-') &&
	       take_digits(&text, 2, &moment.month) && take_char(&text, '-') &&
	       take_digits(&text, 2, &moment.day) && take_char(&text, 'T') &&
	       take_clock(&text, &moment) && is_utc(skip_fraction(text)) &&
	       to_sec(&moment, ret_sec);
}

static bool take_month(const char **text, unsigned *ret)
{
	for (*ret = 1; *ret <= 12; (*ret)++)
		if (strncmp(*text, &months[(*ret - 1) * 3], 3) == 0) {
			*text += 3;
			return true;
		}
	return false;
}

bool utc_parse_http(const char *text, uint64_t *ret_sec)
{
	struct moment moment = { 0 };
	unsigned day_digits = isdigit((unsigned char)text[0]) && text[1] == ' ' ? 1 : 2;

	return take_digits(&text, day_digits, &moment.day) && take_char(&text, ' ') &&
	       take_month(&text, &moment.month) && take_char(&text, ' ') &&
	       take_digits(&text, 4, &moment.year) && take_char(&text, ' ') &&
	       take_clock(&text, &moment) && strcmp(text, " GMT") == 0 && to_sec(&moment, ret_sec);
}

/* The greatest year whose first of March is not after `days`. */
static uint64_t year_of(uint64_t days)
{
	uint64_t year = days / 365;

	while (days_to_march(year) > days)
		year--;
	return year;
}

void utc_format(uint64_t sec, char text[UTC_TEXT_SIZE])
{
	uint64_t days = sec / DAY_SEC + DAYS_TO_1970;
	unsigned second = (unsigned)(sec % DAY_SEC);
	uint64_t year = year_of(days);
	unsigned day = (unsigned)(days - days_to_march(year));
	unsigned month = (5 * day + 2) / 153;

	text[0] = '\0';
	if (sec == 0 || sec > UTC_SEC_MAX)
		return;
	day -= (unsigned)days_to_month(month);
	snprintf(text, UTC_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02uZ",
		 (unsigned)(year + (month >= 10 ? 1 : 0)) % 10000,
		 (month < 10 ? month + 3 : month - 9) % 100, (day + 1) % 100, second / 3600 % 100,
		 second / 60 % 60, second % 60);
}
