// SPDX-License-Identifier: Apache-2.0
#include "kernel_files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parameters.h"

enum { VALUE_SIZE = 16384, NAMES_MAX = TARGETS_MAX * 24 };

/* The files of one turn, by their paths below the run directory: what is not among them goes. */
struct turn {
	const struct conf *conf;
	char paths[NAMES_MAX][192];
	size_t count;
};

static void make_parents(char *path)
{
	for (char *at = path + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(path, 0755);
		*at = '/';
	}
}

static bool holds(const char *path, const char *text)
{
	char held[VALUE_SIZE + 2] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd >= 0 ? read(fd, held, sizeof(held) - 1) : -1;

	if (fd >= 0)
		close(fd);
	return size >= 0 && strcmp(held, text) == 0;
}

/* Whole or not at all, as a reader of the kernel's gets it. */
static void put_file(struct turn *turn, const char *path, const char *text)
{
	char full[300], new[320];
	FILE *file;

	if (turn->count == NAMES_MAX)
		return;
	snprintf(turn->paths[turn->count++], sizeof(turn->paths[0]), "%s", path);
	snprintf(full, sizeof(full), "%s/kernel/%s", turn->conf->run_dir, path);
	if (holds(full, text))
		return;
	make_parents(full);
	snprintf(new, sizeof(new), "%s.new", full);
	file = fopen(new, "we");
	if (!file)
		return;
	fputs(text, file);
	if (fclose(file) == 0)
		rename(new, full);
}

/* Its last word is sysfs's, the names before it are debugfs's (lustre/obdclass/obd_sysfs.c). */
static void put_health(struct turn *turn, const char *value)
{
	const char *last = strrchr(value, '\n');
	const size_t names = last ? (size_t)(last + 1 - value) : 0;
	char text[VALUE_SIZE + 2];

	snprintf(text, sizeof(text), "%.*s", (int)names, value);
	put_file(turn, "sys/kernel/debug/lustre/health_check", text);
	snprintf(text, sizeof(text), "%s\n", value + names);
	put_file(turn, "sys/fs/lustre/health_check", text);
}

/* "obdfilter.lustrewt-OST0000.degraded" is a file of three names; of procfs is what is a table. */
static void put_parameter(struct turn *turn, const char *name, const char *value)
{
	static const char *const types[] = { "obdfilter.", "mdt.", "osd-ldiskfs." };
	const char *place = strstr(name, ".recovery_status") ? "proc/fs" : "sys/fs";
	char path[256], text[VALUE_SIZE + 2];
	bool shown = false;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		shown = shown || strncmp(name, types[i], strlen(types[i])) == 0;
	if (!shown)
		return;
	snprintf(path, sizeof(path), "%s/lustre/%s", place, name);
	for (char *at = path; (at = strchr(at, '.'));)
		*at = '/';
	snprintf(text, sizeof(text), "%s\n", value);
	put_file(turn, path, text);
}

static void put_parameters(struct simd *simd, struct turn *turn)
{
	struct message message = { 0 };
	char name[128], value[VALUE_SIZE];

	if (simd->lustre_loaded && parameters_list(simd, &message) == 0)
		while (message.position < message.length && !message.bad) {
			get_string(&message, name, sizeof(name));
			get_string(&message, value, sizeof(value));
			if (!message.bad && strcmp(name, "health_check") == 0)
				put_health(turn, value);
			else if (!message.bad)
				put_parameter(turn, name, value);
		}
	message_done(&message);
}

/* lnet/lnet/router_proc.c, proc_lnet_nis() */
static void put_nis(struct simd *simd, struct turn *turn)
{
	static const char row[] = "%-24s %6s %5s %4s %4s %4s %5s %5s %5s\n";
	char text[VALUE_SIZE], list[256];
	size_t used = 0;

	pthread_mutex_lock(&simd->lock);
	if (simd->lnet.up) {
		used += (size_t)snprintf(text, sizeof(text), row, "nid", "status", "alive", "refs",
					 "peer", "rtr", "max", "tx", "min");
		used += (size_t)snprintf(text + used, sizeof(text) - used, row, "0@lo", "up", "0",
					 "2", "0", "0", "0", "0", "0");
	}
	for (size_t i = 0; simd->lnet.up && i < simd->lnet.count; i++) {
		nid_list_format(&simd->lnet.nis[i].nid, 1, list, sizeof(list));
		used += (size_t)snprintf(text + used, sizeof(text) - used, row, list, "up", "0",
					 "1", "8", "0", "256", "256", "248");
	}
	pthread_mutex_unlock(&simd->lock);
	if (used > 0)
		put_file(turn, "sys/kernel/debug/lnet/nis", text);
}

static _Thread_local const struct turn *sweeping;

static int sweep_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	size_t before = strlen(sweeping->conf->run_dir) + strlen("/kernel/");

	(void)status;
	if (kind == FTW_DP) {
		/* Only an empty one goes; the first three are what others have bound. */
		if (where->level > 3)
			rmdir(path);
		return 0;
	}
	for (size_t i = 0; i < sweeping->count; i++)
		if (strcmp(path + before, sweeping->paths[i]) == 0)
			return 0;
	unlink(path);
	return 0;
}

static void sweep(const struct turn *turn)
{
	char top[160];

	snprintf(top, sizeof(top), "%s/kernel", turn->conf->run_dir);
	sweeping = turn;
	nftw(top, sweep_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void *kernel_files_thread(void *argument)
{
	static const char *const bound[] = { "sys/fs/lustre/", "proc/fs/lustre/",
					     "sys/kernel/debug/" };
	struct simd *simd = argument;
	struct turn *turn = malloc(sizeof(*turn));
	char path[160];

	for (size_t i = 0; i < sizeof(bound) / sizeof(bound[0]); i++) {
		snprintf(path, sizeof(path), "%s/kernel/%s", simd->conf.run_dir, bound[i]);
		make_parents(path);
	}
	while (turn && !simd->stopping) {
		turn->conf = &simd->conf;
		turn->count = 0;
		put_parameters(simd, turn);
		put_nis(simd, turn);
		sweep(turn);
		sleep_seconds(1);
	}
	free(turn);
	return NULL;
}

int kernel_files_start(struct simd *simd)
{
	pthread_t thread;
	int r = pthread_create(&thread, NULL, kernel_files_thread, simd);

	if (r == 0)
		pthread_detach(thread);
	return -r;
}
