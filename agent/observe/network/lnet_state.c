/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/network/lnet_state.h"

#include "model/spec/nid.h"

#include <errno.h>
#include <string.h>

#define LCTL_TIMEOUT_USEC (10 * 1000000ULL)

static bool says(const struct process_output *output, const char *text)
{
	return strstr(output->errors, text) || strstr(output->output, text);
}

static enum lnet_state state_of(const struct process_output *output)
{
	/* Before the other two: a module that is there but down is named by both interfaces. */
	if (says(output, "LNet stack down") || says(output, "Network is down") ||
	    says(output, "LNET is not configured"))
		return LNET_DOWN;
	if (says(output, "modules may not be loaded") ||
	    says(output, "/dev/lnet failed: No such file") ||
	    says(output, "failed to resolve Netlink family id"))
		return LNET_NO_MODULE;
	return LNET_UNKNOWN;
}

int lnet_state_parse(const struct process_output *output, struct facts *facts, struct error *err)
{
	int r = process_check_end("lctl list_nids", output, err);

	if (r < 0)
		return r;
	if (output->code != 0) {
		facts->lnet = state_of(output);
		return 0;
	}
	facts->lnet = LNET_UP;
	r = nids_read(output->output, &facts->nids);
	return r < 0 ? error_errno(err, r, "cannot read the NIDs of this node") : 0;
}

static bool is_hidden(const struct interface *interface)
{
	char name[INTERFACE_NAME_MAX];

	return interface->ipv4[0] != '\0' && !interface_lnet_name(interface, name);
}

/* Its help is that of the command, and adds nothing (source: lnet/utils/lnetctl.c, check_cmd()). */
static int find_adds_by_nid(bool *ret, struct error *err)
{
	const char *const argv[] = { "lnetctl", "net", "add", "--help", NULL };
	struct process_output output;
	int r = process_run(argv, LCTL_TIMEOUT_USEC, &output, err);

	*ret = false;
	if (r == -ENOENT) /* told as a missing tool */
		return 0;
	if (r < 0)
		return r;
	r = process_check_end("lnetctl net add --help", &output, err);
	*ret = r == 0 && says(&output, "--nid:");
	process_output_done(&output);
	return r;
}

int lnet_state_find_adds_by_nid(struct facts *facts, struct error *err)
{
	bool asked = false;

	for (size_t i = 0; i < facts->interface_count; i++)
		asked = asked || is_hidden(&facts->interfaces[i]);
	return asked ? find_adds_by_nid(&facts->lnet_adds_by_nid, err) : 0;
}

static const char *const nids_argv[] = { "lctl", "list_nids", NULL };

void lnet_state_foresee(struct inquiries *inquiries)
{
	inquiry_put(inquiries, nids_argv);
}

int lnet_state_find(struct inquiries *inquiries, struct facts *facts, struct error *err)
{
	struct process_output output;
	int r = inquiry_answer(inquiries, nids_argv, LCTL_TIMEOUT_USEC, &output, err);

	facts->lnet = LNET_UNKNOWN;
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	r = lnet_state_parse(&output, facts, err);
	process_output_done(&output);
	return r;
}
