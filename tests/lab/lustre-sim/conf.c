// SPDX-License-Identifier: Apache-2.0
#include "conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void conf_set(struct conf *conf, const char *key, const char *value)
{
	if (!strcmp(key, "time-scale")) {
		double scale = strtod(value, NULL);

		if (scale > 0 && scale <= 10)
			conf->time_scale = scale;
	} else if (!strcmp(key, "mgs-service-time")) {
		conf->mgs_service_time = strtod(value, NULL);
	} else if (!strcmp(key, "tool-times")) {
		conf->tool_times = !strcmp(value, "1");
	} else if (!strcmp(key, "without-nid")) {
		conf->without_nid = !strcmp(value, "1");
	} else if (!strcmp(key, "without-features")) {
		snprintf(conf->without_features, sizeof(conf->without_features), "%s", value);
	}
}

static void conf_read(struct conf *conf, const char *path)
{
	char line[256], key[64], value[128];
	FILE *file = fopen(path, "re");

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (line[0] != '#' && sscanf(line, " %63[a-z-] = %127s", key, value) == 2)
			conf_set(conf, key, value);
	}
	fclose(file);
}

void conf_load(struct conf *ret_conf)
{
	const char *run = getenv("LUSTRE_SIM_RUN"), *path = getenv("LUSTRE_SIM_CONF");

	*ret_conf = (struct conf){ .time_scale = 1, .private_run = run && *run };
	snprintf(ret_conf->run_dir, sizeof(ret_conf->run_dir), "%s",
		 ret_conf->private_run ? run : "/run/lustre-sim");
	snprintf(ret_conf->without_features, sizeof(ret_conf->without_features), "dirdata");
	conf_read(ret_conf, path && *path ? path : "/etc/lustre-sim.conf");
}

double conf_seconds(const struct conf *conf, double measured)
{
	return measured * conf->time_scale;
}

void sleep_seconds(double seconds)
{
	struct timespec left = { .tv_sec = (time_t)seconds };

	left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

double monotonic_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
