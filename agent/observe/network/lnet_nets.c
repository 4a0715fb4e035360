/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/network/lnet_nets.h"

#include "base/cleanup.h"
#include "base/process.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LNETCTL_TIMEOUT_USEC (10 * 1000000ULL)

/* The value of "key: value" at the beginning of a line, without what is before it; NULL for
 * another key. */
static const char *value_of(const char *line, const char *key)
{
	line += strspn(line, " -");
	if (strncmp(line, key, strlen(key)) != 0)
		return NULL;
	line += strlen(key);
	return line + strspn(line, " ");
}

static void take_conns(const char *nid, const char *value, struct checkup *checkup)
{
	struct checkup_net *net = &checkup->nets[checkup->net_count];
	long conns = strtol(value, NULL, 10);

	if (nid[0] == '\0' || conns <= 0 || conns > UINT16_MAX ||
	    checkup->net_count == CHECKUP_NETS_MAX)
		return;
	memcpy(net->nid, nid, sizeof(net->nid));
	net->conns = (unsigned)conns;
	checkup->net_count++;
}

void lnet_nets_parse(const char *printed, struct checkup *checkup)
{
	char nid[NID_TEXT_MAX] = "";

	for (const char *line = printed; *line;
	     line += strcspn(line, "\n"), line += *line == '\n') {
		const char *value = value_of(line, "nid:");
		char written[NID_TEXT_MAX];

		if (value) {
			if (text_format(written, sizeof(written), "%.*s",
					(int)strcspn(value, " \n"), value) < 0 ||
			    nid_normalise(written, nid) < 0)
				nid[0] = '\0';
		} else if ((value = value_of(line, "conns_per_peer:"))) {
			take_conns(nid, value, checkup);
		}
	}
}

int lnet_nets_observe(struct checkup *checkup, struct error *err)
{
	static const char *const argv[] = { "lnetctl", "net", "show", "-v", "4", NULL };
	cleanup(process_output_done) struct process_output output = { 0 };
	int r = process_run(argv, LNETCTL_TIMEOUT_USEC, &output, err);

	if (r == -ENOENT)
		return 0; /* the missing tool is a finding of its own */
	if (r < 0)
		return r;
	if (output.end == PROCESS_EXITED && output.code == 0)
		lnet_nets_parse(output.output, checkup);
	return 0;
}
