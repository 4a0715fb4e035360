/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Runs the metadata client once and tells as one JSON object all that can be seen of it, for the
 * fault matrix.
 *
 *	imds-probe [--endpoint URL] [--root DIR] [--timeout SECONDS] [--launch-index] [--interfaces]
 *		[--no-descriptors] [--get KEY]
 *
 * Without --get: a first boot's fetch. Exit 0 whatever came of it; the object says that. It is the
 * last line; each line before it is a progress sentence as a JSON text, written when it was told.
 */

#include "ask/imds/imds.h"
#include "base/cleanup.h"
#include "base/errno_text.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct asked {
	const char *key; /* NULL: a first boot's fetch */
	bool interfaces, no_descriptors;
};

static double now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void on_progress(void *userdata, const char *sentence)
{
	json_t *told = json_string(sentence);

	json_array_append_new(userdata, told);
	json_dumpf(told, stdout, JSON_ENCODE_ANY);
	putchar('\n');
	fflush(stdout);
}

static json_t *hex(const char *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	cleanup(free_pointer) char *text = malloc(2 * size + 1);

	if (!text)
		return json_null();
	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[(unsigned char)data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 15];
	}
	text[2 * size] = '\0';
	return json_string(text);
}

static int fetch(struct imds *imds, bool interfaces, json_t *result, struct error *err)
{
	static struct metadata metadata;
	int r = imds_fetch(imds, &metadata, err);

	if (r >= 0 && interfaces)
		r = imds_fetch_interfaces(imds, &metadata, err);
	if (r < 0)
		return r;
	json_object_set_new(result, "metadata", metadata_to_json(&metadata));
	json_object_set_new(result, "user_data_hex",
			    metadata.user_data ? hex(metadata.user_data, metadata.user_data_size)
					       : json_null());
	metadata_done(&metadata);
	return 0;
}

static int get(struct imds *imds, const char *key, json_t *result, struct error *err)
{
	cleanup(free_pointer) char *body = NULL;
	size_t size = 0;
	int r = imds_get(imds, key, 4096, &body, &size, err);

	if (r >= 0)
		json_object_set_new(result, "body_hex", body ? hex(body, size) : json_null());
	return r;
}

/* All that are left are somebody else's: the next socket(2) fails with EMFILE. */
static void leave_no_descriptors(void)
{
	struct rlimit few = { 0 };
	int lowest = dup(STDOUT_FILENO);

	close(lowest);
	getrlimit(RLIMIT_NOFILE, &few);
	few.rlim_cur = (rlim_t)lowest;
	setrlimit(RLIMIT_NOFILE, &few);
}

static int run(const struct imds_options *options, const struct asked *asked, json_t *result,
	       struct error *err)
{
	struct imds *imds = NULL;
	int r = imds_open(options, &imds, err);

	if (asked->no_descriptors)
		leave_no_descriptors();
	if (r >= 0)
		r = asked->key ? get(imds, asked->key, result, err)
			       : fetch(imds, asked->interfaces, result, err);
	imds_free(imds);
	return r;
}

/* Of this program alone: ru_maxrss would count what forked it, too. */
static long peak_kib(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];
	long kib = 0;

	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (status)
		fclose(status);
	return kib;
}

static void add_cost(json_t *result, double seconds)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	json_object_set_new(result, "seconds", json_real(seconds));
	json_object_set_new(
		result, "cpu_ms",
		json_integer(usage.ru_utime.tv_sec * 1000 + usage.ru_utime.tv_usec / 1000 +
			     usage.ru_stime.tv_sec * 1000 + usage.ru_stime.tv_usec / 1000));
	json_object_set_new(result, "rss_kib", json_integer(peak_kib()));
}

int main(int argc, char **argv)
{
	static const struct option known[] = { { "endpoint", required_argument, NULL, 'e' },
					       { "root", required_argument, NULL, 'r' },
					       { "timeout", required_argument, NULL, 't' },
					       { "launch-index", no_argument, NULL, 'l' },
					       { "interfaces", no_argument, NULL, 'i' },
					       { "no-descriptors", no_argument, NULL, 'n' },
					       { "get", required_argument, NULL, 'g' },
					       { 0 } };
	cleanup(json_decrefp) json_t *result = json_object(), *progress = json_array();
	struct imds_options options = { .progress = on_progress, .userdata = progress };
	struct asked asked = { 0 };
	struct error err = { 0 };
	double began;
	int option, r;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'e')
			options.endpoint = optarg;
		else if (option == 'r')
			options.root = optarg;
		else if (option == 't')
			options.timeout_sec = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'l')
			options.want_launch_index = true;
		else if (option == 'i')
			asked.interfaces = true;
		else if (option == 'n')
			asked.no_descriptors = true;
		else if (option == 'g')
			asked.key = optarg;
		else
			return 2;
	}
	began = now_seconds();
	r = run(&options, &asked, result, &err);
	add_cost(result, now_seconds() - began);
	json_object_set_new(result, "code", r < 0 ? json_string(errno_name(-r)) : json_null());
	json_object_set_new(result, "sentence", json_string(err.text));
	json_object_set(result, "progress", progress);
	json_dumpf(result, stdout, 0);
	putchar('\n');
	return 0;
}
