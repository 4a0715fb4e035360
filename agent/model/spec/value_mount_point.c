/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/value_types.h"

#include "base/quote.h"
#include "base/text.h"
#include "base/unit_name.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* Hiding one of these would break the system; what lies below those marked would as well. */
static const struct {
	const char *path;
	bool and_below;
} system_places[] = {
	{ "/bin", true },      { "/boot", true },    { "/dev", true },
	{ "/efi", true },      { "/etc", true },     { "/lib", true },
	{ "/lib64", true },    { "/proc", true },    { "/root", false },
	{ "/run", true },      { "/sbin", true },    { "/sys", true },
	{ "/tmp", false },     { "/usr", true },     { "/var", false },
	{ "/var/lib", false }, { "/var/log", true }, { "/var/lib/lustre-init", true },
	{ "/var/tmp", false },
};

static bool is_system_place(const char *path)
{
	for (size_t i = 0; i < sizeof(system_places) / sizeof(system_places[0]); i++) {
		size_t length = strlen(system_places[i].path);

		if (strncmp(path, system_places[i].path, length) == 0 &&
		    (path[length] == '\0' || (path[length] == '/' && system_places[i].and_below)))
			return true;
	}
	return false;
}

static bool has_only_plain_characters(const char *path)
{
	for (; *path; path++)
		if (!isalnum((unsigned char)*path) && !strchr("/._-+:@", *path))
			return false;
	return true;
}

int mount_point_check(const char *path, struct error *why)
{
	char unit[UNIT_NAME_MAX];

	if (path[0] != '/')
		return error_set(why, -EINVAL, "%s is not an absolute path; begin it with /",
				 quote(path).text);
	if (strcmp(path, "/") == 0 || is_system_place(path))
		return error_set(why, -EINVAL,
				 "%s belongs to the system; choose a directory of its own, such as "
				 "/mnt/lustre",
				 quote(path).text);
	/* In a unit file % and \ would be special, and blanks would end the word. */
	if (!has_only_plain_characters(path))
		return error_set(
			why, -EINVAL,
			"%s has a character that is not possible here; use letters, digits "
			"and / . _ - + : @",
			quote(path).text);
	if (!path_is_plain(path))
		return error_set(why, -EINVAL,
				 "%s is not in its shortest form; leave out . and .. and double or "
				 "trailing slashes",
				 quote(path).text);
	if (strlen(path) >= MOUNT_POINT_MAX || unit_name_from_path(path, unit) < 0)
		return error_set(why, -EINVAL, "%s is too long for the name of a mount unit",
				 quote(path).text);
	return 0;
}

static int read_mount_point(const struct spec_key_row *row, const struct setting *setting,
			    struct spec *spec, struct error *why)
{
	const char *path = "";
	int r;

	(void)row;
	r = value_single(setting, &path, why);
	if (r == 0)
		r = mount_point_check(path, why);
	if (r == 0)
		text_set(spec->mount_point, sizeof(spec->mount_point), "%s", path);
	return r;
}

static json_t *mount_point_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	(void)row;
	return spec->mount_point[0] ? json_string(spec->mount_point) : json_null();
}

static json_t *mount_point_schema(const struct spec_key_row *row)
{
	(void)row;
	return schema_text("(/[A-Za-z0-9._+:@-]+)+");
}

const struct value_type value_mount_point = {
	.name = "absolute path",
	.read = read_mount_point,
	.to_json = mount_point_to_json,
	.schema = mount_point_schema,
};

/* In the file system, not here. What splits a source (:), options (,) or a unit's words has no
 * place in it. */
static int check_fileset(const char *path, size_t size, struct error *why)
{
	if (path[0] != '/')
		return error_set(
			why, -EINVAL,
			"%s does not begin at the root of the file system; begin it with /",
			quote(path).text);
	if (strcmp(path, "/") == 0)
		return error_set(why, -EINVAL, "%s is all of the file system; leave the key out",
				 quote(path).text);
	if (!has_only_plain_characters(path) || strchr(path, ':'))
		return error_set(
			why, -EINVAL,
			"%s has a character that is not possible here; use letters, digits "
			"and / . _ - + @",
			quote(path).text);
	if (!path_is_plain(path))
		return error_set(why, -EINVAL,
				 "%s is not in its shortest form; leave out . and .. and double or "
				 "trailing slashes",
				 quote(path).text);
	if (strlen(path) >= size)
		return error_set(why, -EINVAL, "%s is longer than %zu characters", quote(path).text,
				 size - 1);
	return 0;
}

static int read_fileset(const struct spec_key_row *row, const struct setting *setting,
			struct spec *spec, struct error *why)
{
	const char *path = "";
	int r;

	(void)row;
	r = value_single(setting, &path, why);
	if (r == 0)
		r = check_fileset(path, sizeof(spec->fileset), why);
	if (r == 0)
		text_set(spec->fileset, sizeof(spec->fileset), "%s", path);
	return r;
}

static json_t *fileset_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	(void)row;
	return spec->fileset[0] ? json_string(spec->fileset) : json_null();
}

static json_t *fileset_schema(const struct spec_key_row *row)
{
	(void)row;
	return schema_text("(/[A-Za-z0-9._+@-]+)+");
}

const struct value_type value_fileset = {
	.name = "absolute path",
	.read = read_fileset,
	.to_json = fileset_to_json,
	.schema = fileset_schema,
};
