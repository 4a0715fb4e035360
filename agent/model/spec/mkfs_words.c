/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/mkfs_words.h"

#include "base/cleanup.h"
#include "base/quote.h"
#include "model/spec/mount_words.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* Copies one word to `word`, which is as long as the text, and returns where it ended. */
static const char *copy_word(const char *text, char *word, char *ret_open)
{
	char open = '\0';

	for (; *text && (open || !isspace((unsigned char)*text)); text++) {
		if (open ? *text == open : *text == '"' || *text == '\'')
			open = open ? '\0' : *text;
		else
			*word++ = *text;
	}
	*word = '\0';
	*ret_open = open;
	return text;
}

int mkfs_words_split(const char *text, struct words *words, struct error *why)
{
	cleanup(free_pointer) char *word = malloc(strlen(text) + 1);

	if (!word)
		return -ENOMEM;
	for (;;) {
		char open;

		while (isspace((unsigned char)*text))
			text++;
		if (!*text)
			return 0;
		text = copy_word(text, word, &open);
		if (open)
			return error_set(why, -EINVAL, "%s has a quotation mark that is not closed",
					 quote(word).text);
		if (words_add(words, word) < 0)
			return -ENOMEM;
	}
}

static const char *const allowed[] = {
	"--comment=", "--failnode=", "--mkfsoptions=", "--mountfsoptions=",
	"--network=", "--param=",    "--servicenode=", "--stripe-count-hint=",
};

static const struct {
	const char *option;
	const char *reason;
} refused[] = {
	{ "--reformat", "decides over data; lustre-init does that by what is on the disks" },
	{ "--replace", "decides over data; use the key replace" },
	{ "--index", "comes from the keys index and mdt-index" },
	{ "--fsname", "comes from the key fsname" },
	{ "--mgsnode", "comes from the key mgs" },
	{ "--mgs", "comes from the key role" },
	{ "--nomgs", "comes from the key role" },
	{ "--mdt", "comes from the key role" },
	{ "--ost", "comes from the key role" },
	{ "--backfstype", "is always ldiskfs here" },
	{ "--device-size", "comes from the disks" },
	{ "--dryrun", "would format nothing" },
	{ "--verbose", "changes output that lustre-init reads" },
	{ "--quiet", "changes output that lustre-init reads" },
};

/* Options of mke2fs(8) that shape the file system. Others name other devices, files or labels. */
static const char mke2fs_letters[] = "bCeEgGiIJmNO";

/* Those of them that take a number, -m one of percent. */
static const char mke2fs_numbers[] = "bCgGiImN";

/* "262144", "64k", "0.5": what mke2fs does not take is found when the volume is made. */
static int check_mke2fs_number(char letter, const char *argument, struct error *why)
{
	size_t digits = strspn(argument, letter == 'm' ? "0123456789." : "0123456789");
	const char *rest = argument + digits;
	bool has_unit = letter != 'm' && *rest && strchr("kKmMgGtT", *rest);
	double number = strtod(argument, NULL);

	if (!isdigit((unsigned char)argument[0]) || rest[has_unit] != '\0' ||
	    (letter == 'm' ? number > 50 : number < 1))
		return error_set(why, -EINVAL, "-%c %s: mke2fs takes %s here", letter,
				 quote(argument).text,
				 letter == 'm' ? "0 to 50 percent" : "a number above 0");
	return 0;
}

static int check_mke2fs_argument(char letter, const char *argument, struct error *why)
{
	if (strchr(mke2fs_numbers, letter))
		return check_mke2fs_number(letter, argument, why);
	if (letter == 'J' && strstr(argument, "device="))
		return error_set(why, -EINVAL,
				 "%s puts the journal on another disk, which nobody has checked; "
				 "leave device= out",
				 quote(argument).text);
	if (letter == 'E' && (strstr(argument, "offset=") || strstr(argument, "test_fs")))
		return error_set(why, -EINVAL, "%s makes a file system that cannot be mounted",
				 quote(argument).text);
	if (letter == 'E' && strstr(argument, "assume_storage_prezeroed"))
		return error_set(why, -EINVAL,
				 "%s leaves what was on a disk where the inodes are to be; "
				 "lustre-init knows which disks read zero: leave it out",
				 quote(argument).text);
	if (letter == 'O' && strstr(argument, "^has_journal"))
		return error_set(why, -EINVAL, "%s: Lustre needs the journal; leave it out",
				 quote(argument).text);
	if (letter == 'O' && strstr(argument, "journal_dev"))
		return error_set(why, -EINVAL, "%s makes no file system but a journal",
				 quote(argument).text);
	return 0;
}

/* The value of --mkfsoptions: "-E nodiscard -i 1048576". */
static int check_mke2fs_options(const char *value, struct error *why)
{
	cleanup(words_done) struct words words = { 0 };

	if (words_split(&words, value, " ") < 0)
		return error_set(why, -ENOMEM, "out of memory");
	for (size_t i = 0; i < words.count; i++) {
		const char *word = words.items[i];
		const char *argument = word + 2;
		int r;

		if (word[0] != '-' || word[1] == '\0' || !strchr(mke2fs_letters, word[1]))
			return error_set(why, -EINVAL,
					 "%s is not an option of mke2fs that may be passed on; "
					 "possible are -%s with an argument",
					 quote(word).text, "b -C -e -E -g -G -i -I -J -m -N -O");
		if (*argument == '\0' && ++i < words.count)
			argument = words.items[i];
		if (*argument == '\0' || *argument == '-')
			return error_set(why, -EINVAL,
					 "%s lacks its argument; keep both together, as in "
					 "--mkfsoptions=\"-E nodiscard\"",
					 quote(word).text);
		r = check_mke2fs_argument(word[1], argument, why);
		if (r < 0)
			return r;
	}
	return 0;
}

static int check_characters(const char *word, struct error *why)
{
	for (const char *p = word; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr(" _-=.,:/@+%^", *p))
			return error_set(
				why, -EINVAL,
				"%s has a character that is not possible here; use letters, "
				"digits, blanks and _ - = . , : / @ + %% ^",
				quote(word).text);
	return 0;
}

/* `option` is the word up to "=". */
static int refuse(const char *word, size_t option, struct error *why)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (strlen(refused[i].option) == option &&
		    strncmp(word, refused[i].option, option) == 0)
			return error_set(why, -EINVAL, "%s %s; leave it out", quote(word).text,
					 refused[i].reason);
	if (word[0] == '-' && word[1] != '\0' && strchr(mke2fs_letters, word[1]))
		return error_set(why, -EINVAL,
				 "%s is an option of mke2fs; write \"--mkfsoptions=%.2s …\"",
				 quote(word).text, word);
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (strlen(allowed[i]) == option + 1 && strncmp(word, allowed[i], option) == 0)
			return error_set(why, -EINVAL,
					 "%s lacks its value; write %sVALUE as one word",
					 quote(word).text, allowed[i]);
	return error_set(why, -EINVAL,
			 "%s is not an option that may be passed on; possible are --mkfsoptions=, "
			 "--mountfsoptions=, --param=, --stripe-count-hint=, --network=, "
			 "--servicenode=, --failnode= and --comment=, each with its value in the "
			 "same word (an item of a list, or in quotation marks where it has blanks)",
			 quote(word).text);
}

static int check_param(const char *value, struct error *why)
{
	if (strncmp(value, "mgsnode=", 8) != 0)
		return 0;
	return error_set(why, -EINVAL, "%s comes from the key mgs; leave it out",
			 quote(value).text);
}

static int check_value(const char *option, const char *value, struct error *why)
{
	if (strcmp(option, "--mkfsoptions=") == 0)
		return check_mke2fs_options(value, why);
	if (strcmp(option, "--mountfsoptions=") == 0)
		return mount_words_check_for_good(value, why);
	return strcmp(option, "--param=") == 0 ? check_param(value, why) : 0;
}

static int check_word(const char *word, struct error *why)
{
	size_t option = strcspn(word, "=");

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		const char *value = word + strlen(allowed[i]);
		int r;

		if (strncmp(word, allowed[i], strlen(allowed[i])) != 0)
			continue;
		if (*value == '\0')
			return refuse(word, option, why);
		r = check_characters(word, why);
		return r < 0 ? r : check_value(allowed[i], value, why);
	}
	return refuse(word, option, why);
}

static bool has_option(const struct words *words, const char *option)
{
	for (size_t i = 0; i < words->count; i++)
		if (strncmp(words->items[i], option, strlen(option)) == 0)
			return true;
	return false;
}

int mkfs_words_check(const struct words *words, struct error *why)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < words->count; i++)
		r = check_word(words->items[i], why);
	if (r == 0 && has_option(words, "--servicenode=") && has_option(words, "--failnode="))
		r = error_set(why, -EINVAL,
			      "--servicenode= and --failnode= cannot stand together; "
			      "--servicenode= for each node that may serve the target is enough");
	return r;
}
