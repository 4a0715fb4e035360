/* SPDX-License-Identifier: Apache-2.0 */

/* What the journal is told under an id: which, with which fields, and when nothing is. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report.h"
#include "report_journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

/* Each field on a line, as journald would get them; the library's own is not reached. */
static char told[65536];
static int entries;

int sd_journal_sendv(const struct iovec *iov, int n)
{
	size_t used = strlen(told);

	entries++;
	for (int i = 0; i < n; i++) {
		assert_true(used + iov[i].iov_len + 2 < sizeof(told));
		memcpy(told + used, iov[i].iov_base, iov[i].iov_len);
		used += iov[i].iov_len;
		told[used++] = '\n';
	}
	told[used] = '\0';
	return 0;
}

static int begin(void **state)
{
	struct status *status = calloc(1, sizeof(*status));

	assert_non_null(status);
	told[0] = '\0';
	entries = 0;
	unsetenv("JOURNAL_STREAM");
	*state = status;
	return 0;
}

static int end(void **state)
{
	status_done(*state);
	free(*state);
	return 0;
}

/* As systemd has it where standard error is the journal. */
static void become_a_service(void)
{
	struct stat status;
	char text[64];

	assert_int_equal(fstat(STDERR_FILENO, &status), 0);
	snprintf(text, sizeof(text), "%llu:%llu", (unsigned long long)status.st_dev,
		 (unsigned long long)status.st_ino);
	setenv("JOURNAL_STREAM", text, 1);
}

static void a_verdict_has_its_id(void **state)
{
	static const struct {
		enum verdict verdict;
		const char *expected;
	} rows[] = {
		{ VERDICT_READY, "MESSAGE=ready: so it stands\n"
				 "MESSAGE_ID=35b2fda9818d4fcf8d83c98cfa51467d\nPRIORITY=6\n" },
		{ VERDICT_FAILED, "MESSAGE=failed: so it stands\n"
				  "MESSAGE_ID=7ff195745ea444d094509285a02905bb\nPRIORITY=3\n" },
		{ VERDICT_SPEC_ERROR, "MESSAGE=specification error: so it stands\n"
				      "MESSAGE_ID=2283faf16af943ae830d6126f009b7cb\nPRIORITY=3\n" },
		{ VERDICT_REFUSED, "MESSAGE=refused: so it stands\n"
				   "MESSAGE_ID=f2ab179d729a4e66bfefd11cdd4ef276\nPRIORITY=3\n" },
		{ VERDICT_NOT_OURS, "MESSAGE=not ours: so it stands\n"
				    "MESSAGE_ID=f6595f98c15643a3a138b1c3f4923c1d\nPRIORITY=6\n" },
	};
	struct status *status = *state;
	struct report report = { .status = status };

	become_a_service();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		told[0] = '\0';
		status->verdict = rows[i].verdict;
		snprintf(status->sentence, sizeof(status->sentence), "so it stands");
		report_verdict(&report);
		assert_string_equal(told, rows[i].expected);
	}
}

static void a_refusal_is_told_by_its_code(void **state)
{
	struct status *status = *state;
	struct report report = { .status = status };

	status->refusals = calloc(2, sizeof(*status->refusals));
	assert_non_null(status->refusals);
	status->refusal_count = 2;
	status->refusals[0].code = REFUSAL_FOREIGN_DATA;
	snprintf(status->refusals[0].target, sizeof(status->refusals[0].target), "a-OST0001");
	snprintf(status->refusals[0].text, sizeof(status->refusals[0].text), "data\nMESSAGE_ID=1");
	snprintf(status->refusals[0].fix, sizeof(status->refusals[0].fix), "wipe it");
	status->refusals[1].code = REFUSAL_NO_DISK; /* of the whole node: no target */
	snprintf(status->roles, sizeof(status->roles), "oss");
	snprintf(status->fsname, sizeof(status->fsname), "a");
	snprintf(status->sentence, sizeof(status->sentence), "line\nMESSAGE_ID=0");
	status->verdict = VERDICT_REFUSED;
	become_a_service();
	report_verdict(&report);
	assert_int_equal(entries, 3);
	assert_string_equal(told, "MESSAGE=refused: a-OST0001: data?MESSAGE_ID=1. wipe it\n"
				  "MESSAGE_ID=c5e8181f0fd54342aa15b8463cf75b4b\nPRIORITY=3\n"
				  "LUSTRE_INIT_ROLES=oss\nLUSTRE_INIT_FSNAME=a\n"
				  "LUSTRE_INIT_REFUSAL=foreign-data\nLUSTRE_INIT_TARGET=a-OST0001\n"
				  "MESSAGE=refused: . \n"
				  "MESSAGE_ID=34fe3b5a0d19458b8afbefbf4e18d61f\nPRIORITY=3\n"
				  "LUSTRE_INIT_ROLES=oss\nLUSTRE_INIT_FSNAME=a\n"
				  "LUSTRE_INIT_REFUSAL=no-disk\n"
				  "MESSAGE=refused: line?MESSAGE_ID=0\n"
				  "MESSAGE_ID=f2ab179d729a4e66bfefd11cdd4ef276\nPRIORITY=3\n"
				  "LUSTRE_INIT_ROLES=oss\nLUSTRE_INIT_FSNAME=a\n"
				  "LUSTRE_INIT_REFUSAL=foreign-data\nLUSTRE_INIT_TARGET=a-OST0001\n"
				  "LUSTRE_INIT_REFUSAL=no-disk\n");
}

/* A node of many targets does not make an entry of any length. */
static void as_many_refusals_as_there_is_room_for(void **state)
{
	struct status *status = *state;
	size_t count = 0;

	status->refusals = calloc(100, sizeof(*status->refusals));
	assert_non_null(status->refusals);
	status->refusal_count = 100;
	for (size_t i = 0; i < 100; i++)
		snprintf(status->refusals[i].target, sizeof(status->refusals[i].target),
			 "a-OST%04zx", i);
	report_journal_send(JOURNAL_REFUSED, "all of them", status);
	for (const char *at = told; (at = strstr(at, "LUSTRE_INIT_TARGET=")); at++)
		count++;
	assert_int_equal(count, 16);
}

static void waiting_is_told(void **state)
{
	struct report report = { .status = *state };

	become_a_service();
	report_waiting(&report, "for up to 60 s: no disk");
	assert_string_equal(told, "MESSAGE=waiting: for up to 60 s: no disk\n"
				  "MESSAGE_ID=27e3ef1dc062437a82ad8beeef8973cc\nPRIORITY=6\n");
}

/* A sentence that counts seconds is one entry; what is only to be known has none. */
static void each_wait_has_its_id(void **state)
{
	static const struct {
		enum wait wait;
		const char *expected;
	} rows[] = {
		{ WAIT_METADATA, "MESSAGE=waiting for metadata: 1 s\n"
				 "MESSAGE_ID=29552582242442369fc8a0174eac7d97\nPRIORITY=6\n" },
		{ WAIT_DEVICE, "MESSAGE=waiting: 1 s\n"
			       "MESSAGE_ID=27e3ef1dc062437a82ad8beeef8973cc\nPRIORITY=6\n" },
		{ WAIT_MGS, "MESSAGE=waiting for the MGS: 1 s\n"
			    "MESSAGE_ID=d7783a8b85fd44e88d333d3de0332bba\nPRIORITY=6\n" },
		{ WAIT_MOUNT, "MESSAGE=waiting for a mount: 1 s\n"
			      "MESSAGE_ID=feba06f9bfe14ac9a968a4b40af02534\nPRIORITY=6\n" },
		{ WAIT_RETRY, "MESSAGE=waiting to try again: 1 s\n"
			      "MESSAGE_ID=49706fa00da24216a63461ecdecd686e\nPRIORITY=6\n" },
	};
	struct report report = { .status = *state };

	become_a_service();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		told[0] = '\0';
		report_wait(&report, rows[i].wait, "1 s");
		report_wait(&report, rows[i].wait, "2 s");
		assert_string_equal(told, rows[i].expected);
	}
	told[0] = '\0';
	report_note(&report, WAIT_NONE, "known");
	assert_string_equal(told, "");
	report_note(&report, WAIT_MGS, "1 s");
	assert_string_equal(told, rows[2].expected);
}

/* On a terminal, for a verb that prints a value, and while there is no verdict yet. */
static void nothing_is_told_elsewhere(void **state)
{
	struct status *status = *state;
	struct report report = { .status = status };

	status->verdict = VERDICT_READY;
	report_verdict(&report);
	setenv("JOURNAL_STREAM", "1:1", 1);
	report_verdict(&report);
	become_a_service();
	report.quiet = true;
	report_verdict(&report);
	report.quiet = false;
	status->verdict = VERDICT_WORKING;
	report_verdict(&report);
	assert_int_equal(entries, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_verdict_has_its_id, begin, end),
		cmocka_unit_test_setup_teardown(a_refusal_is_told_by_its_code, begin, end),
		cmocka_unit_test_setup_teardown(as_many_refusals_as_there_is_room_for, begin, end),
		cmocka_unit_test_setup_teardown(waiting_is_told, begin, end),
		cmocka_unit_test_setup_teardown(each_wait_has_its_id, begin, end),
		cmocka_unit_test_setup_teardown(nothing_is_told_elsewhere, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
