/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/mkfs_words.h"

#include "base/cleanup.h"
#include "base/quote.h"

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

static int check_mke2fs_argument(char letter, const char *argument, struct error *why)
{
	if (letter == 'J' && strstr(argument, "device="))
		return error_set(why, -EINVAL,
				 "%s puts the journal on another disk, which nobody has checked; "
				 "leave device= out",
				 quote(argument).text);
	if (letter == 'E' && (strstr(argument, "offset=") || strstr(argument, "test_fs")))
		return error_set(why, -EINVAL, "%s makes a file system that cannot be mounted",
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

int mkfs_word_check(const char *word, struct error *why)
{
	size_t option = strcspn(word, "=");
	const char *value;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		size_t length = strlen(allowed[i]);
		int r;

		if (strncmp(word, allowed[i], length) != 0)
			continue;
		value = word + length;
		if (*value == '\0')
			return refuse(word, option, why);
		r = check_characters(word, why);
		if (r == 0 && strcmp(allowed[i], "--mkfsoptions=") == 0)
			r = check_mke2fs_options(value, why);
		if (r == 0 && strcmp(allowed[i], "--param=") == 0 &&
		    strncmp(value, "mgsnode=", 8) == 0)
			r = error_set(why, -EINVAL, "%s comes from the key mgs; leave it out",
				      quote(word).text);
		return r;
	}
	return refuse(word, option, why);
}
