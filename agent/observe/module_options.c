/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/module_options.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "base/tree.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define FILE_SIZE_MAX (256 * 1024)
#define CMDLINE_MAX   16384
#define OPTIONS_MAX   256

/* Those that we would set (decide/tuning.c, decide/network/efa.c), or set otherwise
 * (decide/network/lnet_options.c). */
static const struct {
	const char *module, *name;
} known[] = {
	{ "ksocklnd", "conns_per_peer" },
	{ "ksocklnd", "credits" },
	{ "ptlrpc", "ptlrpcd_per_cpt_max" },
	{ "kefalnd", "ipif_name" },
	{ "lnet", "networks" },
	{ "lnet", "ip2nets" },
	{ "lnet", "routes" },
};
#define KNOWN_COUNT (sizeof(known) / sizeof(known[0]))

/* What the reading hands on. */
struct reading {
	const char *root;
	struct platform *platform;
	struct words files; /* "/etc/modprobe.d/lustre.conf" */
};

static struct module_option *append(struct platform *platform, const char *where)
{
	size_t count = platform->module_option_count;
	struct module_option *options;

	if (count >= OPTIONS_MAX)
		return NULL;
	options = reallocarray(platform->module_options, count + 1, sizeof(*options));
	if (!options)
		return NULL;
	platform->module_options = options;
	platform->module_option_count++;
	options[count] = (struct module_option){ .module = "" };
	text_copy(options[count].where, sizeof(options[count].where), where);
	return &options[count];
}

/* "-" and "_" are one in a module's name. */
static bool is_name(const char *written, size_t length, const char *name)
{
	for (size_t i = 0; i < length; i++)
		if ((written[i] == '-' ? '_' : written[i]) != name[i])
			return false;
	return name[length] == '\0';
}

/* "conns_per_peer=4", of this module. */
static int take_option(struct reading *reading, const char *module, size_t module_length,
		       const char *word, const char *where)
{
	size_t length = strcspn(word, "=");

	for (size_t i = 0; i < KNOWN_COUNT; i++) {
		struct module_option *option;

		if (!is_name(module, module_length, known[i].module) ||
		    !is_name(word, length, known[i].name))
			continue;
		option = append(reading->platform, where);
		if (!option)
			return -ENOMEM;
		text_set(option->module, sizeof(option->module), "%s", known[i].module);
		text_set(option->name, sizeof(option->name), "%s", known[i].name);
		if (word[length] == '=' &&
		    text_take(option->value, sizeof(option->value), word + length + 1) < 0)
			option->value[0] = '\0';
	}
	return 0;
}

/* As the kernel has it: what is between quotation marks is one, and they are dropped. */
static int split(struct words *words, const char *line, const char *separators)
{
	cleanup(free_pointer) char *word = malloc(strlen(line) + 1);
	size_t length = 0;
	bool inside = false;
	int r = word ? 0 : -ENOMEM;

	for (const char *at = line; r == 0; at++) {
		bool ends = *at == '\0' || (!inside && strchr(separators, *at));

		if (*at == '"')
			inside = !inside;
		else if (!ends)
			word[length++] = *at;
		if (ends && length > 0) {
			word[length] = '\0';
			r = words_add(words, word) < 0 ? -ENOMEM : 0;
			length = 0;
		}
		if (*at == '\0')
			break;
	}
	return r;
}

/*
 * "options ksocklnd conns_per_peer=4 credits=512", or the command in its place: "install ksocklnd
 * /sbin/modprobe --ignore-install ksocklnd credits=512; true".
 */
static int take_line(struct reading *reading, const char *line, const char *where)
{
	cleanup(words_done) struct words words = { 0 };
	bool command = strncmp(line + strspn(line, " \t"), "install", strlen("install")) == 0;
	/* A shell's words may be words of the option's within its quotation marks. */
	int r = command ? words_split(&words, line, " \t\r;\"'") : split(&words, line, " \t\r");

	if (r < 0 || words.count < 3 ||
	    (strcmp(words.items[0], "options") != 0 && strcmp(words.items[0], "install") != 0))
		return r;
	for (size_t i = 2; r == 0 && i < words.count; i++)
		r = take_option(reading, words.items[1], strlen(words.items[1]), words.items[i],
				where);
	return r;
}

/* As modprobe has it, a backslash is dropped, with the end of the line behind it. */
static void join_lines(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++) {
		bool escaped = *at == '\\' && at[1] != '\0';

		at += escaped;
		if (!(escaped && *at == '\n'))
			*to++ = *at;
	}
	*to = '\0';
}

static int take_text(struct reading *reading, char *text, const char *where)
{
	cleanup(words_done) struct words lines = { 0 };
	int r;

	join_lines(text);
	r = words_split(&lines, text, "\n");
	for (size_t i = 0; r == 0 && i < lines.count; i++)
		r = take_line(reading, lines.items[i], where);
	return r;
}

/* /dev/null in the place of a file takes it out, as modprobe has it. */
static int read_conf(struct reading *reading, const char *path)
{
	cleanup(free_pointer) char *text = NULL;
	struct error err;
	int r = file_read_kept(reading->root, path, FILE_SIZE_MAX, &text, /* ret_size= */ NULL,
			       &err);

	if (r == -ENOMEM || r == 0)
		return r < 0 ? r : take_text(reading, text, path);
	return append(reading->platform, path) ? 0 : -ENOMEM;
}

static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

static bool has_name(const struct words *files, const char *name)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(name_of(files->items[i]), name) == 0)
			return true;
	return false;
}

static int find_files(struct reading *reading, const char *directory)
{
	cleanup(words_done) struct words names = { 0 };
	int r = tree_list(reading->root, directory, &names);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return append(reading->platform, directory) ? 0 : -ENOMEM;
	for (size_t i = 0; r >= 0 && i < names.count; i++) {
		const char *name = names.items[i], *ending = strrchr(name, '.');

		if (ending && strcmp(ending, ".conf") == 0 && !has_name(&reading->files, name))
			r = words_addf(&reading->files, "%s/%s", directory, name);
	}
	return r;
}

static int by_name(const void *one, const void *other)
{
	return strcmp(name_of(*(char *const *)one), name_of(*(char *const *)other));
}

/* In the order of their names, whichever directory they are of: the last one holds. */
static int read_files(struct reading *reading)
{
	struct words *files = &reading->files;
	int r = 0;

	if (files->count > 0)
		qsort(files->items, files->count, sizeof(*files->items), by_name);
	for (size_t i = 0; r >= 0 && i < files->count; i++)
		r = read_conf(reading, files->items[i]);
	return r;
}

/* "ksocklnd.conns_per_peer=4": modprobe gives it to the module, behind the others. */
static int read_command_line(struct reading *reading)
{
	cleanup(free_pointer) char *text = NULL;
	cleanup(words_done) struct words words = { 0 };
	struct error err;
	int r = file_read(reading->root, "/proc/cmdline", CMDLINE_MAX, &text, /* ret_size= */ NULL,
			  &err);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = split(&words, text, " \n");
	for (size_t i = 0; r == 0 && i < words.count; i++) {
		const char *word = words.items[i], *dot = strchr(word, '.');

		if (dot)
			r = take_option(reading, word, (size_t)(dot - word), dot + 1,
					"the kernel's command line");
	}
	return r;
}

/* What the kernel has of those that are loaded. */
static int read_loaded(struct reading *reading)
{
	for (size_t i = 0; i < KNOWN_COUNT; i++) {
		struct module_option *option;
		char path[PATH_MAX], value[sizeof(option->value)];

		if (text_format(path, sizeof(path), "/sys/module/%s", known[i].module) < 0 ||
		    tree_exists(reading->root, path) != 1)
			continue;
		if (text_format(path, sizeof(path), "/sys/module/%s/parameters/%s", known[i].module,
				known[i].name) < 0)
			continue;
		file_read_line(reading->root, path, value, sizeof(value));
		option = append(reading->platform, path);
		if (!option)
			return -ENOMEM;
		text_set(option->module, sizeof(option->module), "%s", known[i].module);
		text_set(option->name, sizeof(option->name), "%s", known[i].name);
		text_copy(option->value, sizeof(option->value), value);
		option->loaded = true;
	}
	return 0;
}

int module_options_observe(const char *root, struct platform *platform, struct error *err)
{
	/* modprobe.d(5): what has the name of one before it does not count. */
	static const char *const directories[] = {
		"/etc/modprobe.d",     "/run/modprobe.d", "/usr/local/lib/modprobe.d",
		"/usr/lib/modprobe.d", "/lib/modprobe.d",
	};
	struct reading reading = { .root = root, .platform = platform };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < sizeof(directories) / sizeof(directories[0]); i++)
		r = find_files(&reading, directories[i]);
	if (r >= 0)
		r = read_files(&reading);
	if (r >= 0)
		r = read_command_line(&reading);
	if (r >= 0)
		r = read_loaded(&reading);
	words_done(&reading.files);
	return r < 0 ? error_errno(err, r, "cannot keep what modprobe.d(5) sets") : 0;
}
