/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/doctor/doctor.h"

#include "decide/client.h"
#include "decide/doctor/doctor_network.h"
#include "decide/doctor/registered.h"
#include "decide/network/efa.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Exit codes of the command line: 1 a retry may help, 2 the specification, 3 a person decides. */
enum { RETRY = 1, SPECIFICATION = 2, REFUSED = 3 };

#define SERVERS (ROLE_MGS | ROLE_MDS | ROLE_OSS)

typedef int (*check_fn)(const struct doctor_input *input, struct findings *ret);

static int check_metadata(const struct doctor_input *input, struct findings *ret)
{
	if (input->checkup->is_elsewhere)
		return findings_warn(ret, "imds",
				     "Run it on an instance of EC2; --machine DIRECTORY looks at a "
				     "recorded one.",
				     "%s", input->checkup->metadata_error);
	if (input->checkup->metadata_error[0] != '\0')
		return findings_fail(
			ret, "imds", RETRY,
			"Let the instance metadata service answer: aws ec2 "
			"modify-instance-metadata-options --instance-id ID --http-endpoint "
			"enabled; its route must not be taken by a proxy or a firewall.",
			"%s", input->checkup->metadata_error);
	return findings_ok(ret, "imds", "the metadata service answers: %s, %s",
			   input->metadata->instance_id, input->metadata->instance_type);
}

static int check_tags(const struct doctor_input *input, struct findings *ret)
{
	if (input->checkup->metadata_error[0] != '\0')
		return 0;
	if (!input->metadata->tags_enabled)
		return findings_warn(ret, "tags",
				     "To use tags, run aws ec2 modify-instance-metadata-options "
				     "--instance-id ID --instance-metadata-tags enabled, then "
				     "systemctl restart lustre-init.",
				     "instance tags are not in the metadata; only user-data and "
				     "conf.d are read");
	return findings_ok(ret, "tags", "instance tags are in the metadata, %zu of them ours",
			   input->metadata->tag_count);
}

static int check_spec(const struct doctor_input *input, struct findings *ret)
{
	char text[PROBLEM_TEXT_MAX], roles[32];
	int r = 0;

	for (size_t i = 0; r == 0 && i < input->problems->count; i++) {
		problem_format(&input->problems->items[i], text, sizeof(text));
		r = findings_fail(ret, "spec", SPECIFICATION,
				  "Correct it there; lustre-init check FILE tries a document.",
				  "%s", text);
	}
	if (r < 0 || input->problems->count > 0 || input->checkup->metadata_error[0] != '\0')
		return r;
	if (input->spec->roles == 0)
		return findings_warn(
			ret, "spec",
			"To make it one, set role and the other keys; see "
			"lustre-init.yaml(5).",
			"this node is none of ours: no role in tags, user-data or conf.d");
	roles_format(input->spec->roles, roles, sizeof(roles));
	return findings_ok(ret, "spec", "%s%s%s", roles, input->spec->fsname[0] ? " of " : "",
			   input->spec->fsname);
}

static int check_modules(const struct doctor_input *input, struct findings *ret)
{
	const struct platform *platform = input->facts ? &input->facts->platform : NULL;
	int r = 0;

	if (input->spec->roles == 0 || !platform)
		return 0;
	for (size_t i = 0; r == 0 && i < platform->missing_modules.count; i++)
		r = findings_fail(ret, "modules", REFUSED,
				  strcmp(platform->missing_modules.items[i], "kefalnd") == 0
					  ? EFA_MODULE_FIX
					  : "Install Lustre's modules for this kernel, or boot the "
					    "kernel they are for.",
				  "kernel module %s is not there for kernel %s",
				  platform->missing_modules.items[i], platform->kernel);
	if (r < 0 || platform->missing_modules.count > 0)
		return r;
	return findings_ok(ret, "modules", "Lustre's modules are there for kernel %s",
			   platform->kernel);
}

/* Of e2fsprogs: told also of a node in service, which would not come back after a boot. */
static int check_features(const struct platform *platform, bool *ret_bad, struct findings *ret)
{
	const struct words *missing = &platform->missing_features;
	int r = 0;

	*ret_bad = missing->count > 0 || platform->features_unknown_because[0] != '\0';
	for (size_t i = 0; r == 0 && i < missing->count; i++)
		r = findings_fail(ret, "tools", REFUSED, PLATFORM_FEATURES_FIX,
				  PLATFORM_FEATURE_MISSING, missing->items[i]);
	if (r == 0 && platform->features_unknown_because[0] != '\0')
		r = findings_fail(ret, "tools", REFUSED, PLATFORM_FEATURES_FIX,
				  PLATFORM_FEATURES_UNKNOWN, platform->features_unknown_because);
	return r;
}

static int check_tools(const struct doctor_input *input, struct findings *ret)
{
	const struct words *missing = input->facts ? &input->facts->platform.missing_tools : NULL;
	bool bad = false;
	int r = 0;

	if (input->spec->roles == 0 || !missing)
		return 0;
	for (size_t i = 0; r == 0 && i < missing->count; i++)
		r = findings_fail(ret, "tools", REFUSED,
				  "Install the package that has it (Lustre's, lvm2 or e2fsprogs).",
				  "%s is not installed", missing->items[i]);
	if (r == 0)
		r = check_features(&input->facts->platform, &bad, ret);
	if (r < 0 || missing->count > 0 || bad)
		return r;
	return findings_ok(ret, "tools", "every tool that its roles need is there");
}

/* Under which id a refusal is found; NULL for what the checks above have told. */
static const char *id_of(enum refusal_code code)
{
	switch (code) {
	case REFUSAL_NO_DISK:
	case REFUSAL_TOO_FEW_DISKS:
	case REFUSAL_DISK_IN_USE:
	case REFUSAL_FOREIGN_DATA:
	case REFUSAL_NOT_READABLE:
	case REFUSAL_DISK_MISSING:
	case REFUSAL_NO_SPACE:
		return "disks";
	case REFUSAL_DATA_LOSS:
	case REFUSAL_OTHER_INSTANCE:
	case REFUSAL_DRIFT:
		return "data";
	case REFUSAL_INDEX_TAKEN:
		return "index";
	case REFUSAL_LNET:
		return "lnet";
	case REFUSAL_MGS:
		return "mgs";
	case REFUSAL_MOUNT_POINT:
		return "mount-point";
	case REFUSAL_NO_MEMORY:
		return "memory";
	case REFUSAL_TOOLS:
	case REFUSAL_CODE_MAX:
		break;
	}
	return NULL;
}

static int check_refusals(const struct doctor_input *input, struct findings *ret)
{
	const struct plan *plan = input->plan;
	int r = 0;

	for (size_t i = 0; plan && r == 0 && i < plan->refusal_count; i++) {
		const struct refusal *refusal = &plan->refusals[i];
		const char *id = id_of(refusal->code);

		if (id)
			r = findings_fail(ret, id, REFUSED, refusal->fix, "%s%s%s", refusal->target,
					  refusal->target[0] ? ": " : "", refusal->text);
	}
	return r;
}

static bool is_told(const struct findings *findings, const char *id)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->items[i].id, id) == 0)
			return true;
	return false;
}

static int check_disks(const struct doctor_input *input, struct findings *ret)
{
	size_t used = 0;

	if (!input->plan || !(input->spec->roles & SERVERS) || is_told(ret, "disks"))
		return 0;
	for (size_t i = 0; i < input->plan->group_count; i++)
		used += input->plan->groups[i].disk_count;
	return findings_ok(ret, "disks", "%zu of the %zu disks here are for Lustre", used,
			   input->facts->disk_count);
}

static int check_lnet(const struct doctor_input *input, struct findings *ret)
{
	const struct plan *plan = input->plan;
	struct words planned = { 0 };
	char nids[512];
	bool up = true;

	if (!plan || plan->net_count == 0 || is_told(ret, "lnet"))
		return 0;
	for (size_t i = 0; i < plan->net_count; i++) {
		words_add(&planned, plan->nets[i].nid);
		up = up && plan->nets[i].is_there;
	}
	words_list(&planned, nids, sizeof(nids));
	words_done(&planned);
	if (up)
		return findings_ok(ret, "lnet", "LNET is up as %s", nids);
	return findings_warn(ret, "lnet", "systemctl restart lustre-init brings it up.",
			     "LNET is not up as %s yet", nids);
}

/* An MGS that does not answer is a failure where no partner does. */
static int check_mgs(const struct doctor_input *input, struct findings *ret)
{
	const struct checkup *checkup = input->checkup;
	bool any = false;
	int r = 0;

	for (unsigned i = 0; i < checkup->mgs_count; i++)
		any = any || checkup->mgs[i].answer == MGS_ANSWERS;
	for (unsigned i = 0; r == 0 && i < checkup->mgs_count; i++) {
		const struct checkup_mgs *mgs = &checkup->mgs[i];
		const char *sentence = mgs_answer_sentence(mgs->answer);
		char fix[256];

		snprintf(fix, sizeof(fix), "Next: %s.", mgs_answer_next(mgs->answer));
		if (mgs->answer == MGS_ANSWERS)
			r = findings_ok(ret, "mgs", "the MGS %s: %s", mgs->nid, sentence);
		else if (any)
			r = findings_warn(ret, "mgs", fix, "the MGS %s: %s", mgs->nid, sentence);
		else
			r = findings_fail(ret, "mgs", RETRY, fix, "the MGS %s: %s", mgs->nid,
					  sentence);
	}
	return r;
}

static int check_mount(const struct doctor_input *input, const char *name, const char *mount_point,
		       bool mounted, struct findings *ret)
{
	if (mounted)
		return findings_ok(ret, "mounts", "%s is mounted at %s", name, mount_point);
	if (plan_refuses(input->plan, name))
		return findings_fail(
			ret, "mounts", REFUSED,
			"Resolve what stands against it, above; then systemctl restart "
			"lustre-init.",
			"%s is not mounted, since it is refused", name);
	return findings_fail(
		ret, "mounts", RETRY,
		"systemctl status lustre-init says what it waits for or why it failed; "
		"systemctl restart lustre-init tries again.",
		"%s is not mounted at %s", name, mount_point);
}

static int check_mounts(const struct doctor_input *input, struct findings *ret)
{
	const struct plan *plan = input->plan;
	int r = 0;

	for (size_t i = 0; plan && r == 0 && i < plan->target_count; i++)
		r = check_mount(input, plan->targets[i].name, plan->targets[i].mount_point,
				plan->targets[i].in_service, ret);
	if (plan && r == 0 && plan->client.wanted)
		r = check_mount(input, CLIENT_NAME, plan->client.mount_point, plan->client.mounted,
				ret);
	return r;
}

static int check_selinux(const struct doctor_input *input, struct findings *ret)
{
	const char *mode = input->checkup->selinux;

	if (strcmp(mode, "enforcing") == 0 && input->spec->roles & SERVERS)
		return findings_warn(
			ret, "selinux",
			"Where a mount or format fails for no other reason, ausearch -m "
			"avc shows what was denied; setenforce 0 tries without.",
			"SELinux is enforcing on a server of Lustre");
	return findings_ok(ret, "selinux", "SELinux is %s", mode[0] ? mode : "off");
}

static int check_filesystems(const struct doctor_input *input, struct findings *ret)
{
	const struct checkup *checkup = input->checkup;
	const char *fsname = input->spec->fsname;
	char text[512];
	int r = 0;

	if (!(input->spec->roles & ROLE_MGS))
		return 0;
	for (size_t i = 0; r == 0 && i < checkup->filesystems.count; i++) {
		const char *filesystem = checkup->filesystems.items[i];

		registered_describe(filesystem, &checkup->members, text, sizeof(text));
		if (registered_is_foreign(fsname, filesystem))
			r = findings_warn(ret, "filesystems", registered_fix,
					  "%s is registered at this MGS, whose node is of %s", text,
					  fsname);
		else
			r = findings_ok(ret, "filesystems", "%s is registered at this MGS", text);
	}
	return r;
}

static const struct plan_target *mounted_mgt(const struct plan *plan)
{
	for (size_t i = 0; plan && i < plan->target_count; i++)
		if (plan->targets[i].kind == TARGET_MGT && plan->targets[i].in_service)
			return &plan->targets[i];
	return NULL;
}

static bool mounts_more(const struct plan *plan)
{
	bool more = plan->client.mounted;

	for (size_t i = 0; i < plan->target_count; i++)
		more = more || (plan->targets[i].kind != TARGET_MGT && plan->targets[i].in_service);
	return more;
}

/*
 * Whom the MGS waits for before it lets anybody register, and whether it would replace NIDs: that
 * it does with nothing but its MGT mounted, and no export (source: mgs_llog.c,
 * only_mgs_is_running()).
 */
static int check_exports(const struct doctor_input *input, struct findings *ret)
{
	const struct checkup *checkup = input->checkup;
	char gone[256];

	if (!mounted_mgt(input->plan))
		return 0;
	words_list(&checkup->exports_gone, gone, sizeof(gone));
	if (gone[0] != '\0')
		return findings_warn(
			ret, "exports",
			"Until then a registration or client's mount may take 3 minutes. lctl "
			"replace_nids fails with EINPROGRESS as long: see A SERVER AT ANOTHER "
			"ADDRESS in lustre-init(8).",
			"the MGS still holds an export of nodes that do not answer, and gives them "
			"up by and by: %s",
			gone);
	if (checkup->exports.count > 0 || mounts_more(input->plan))
		return findings_ok(ret, "exports",
				   "nodes that are connected to the MGS: %zu; lctl replace_nids "
				   "wants none, and only the MGT mounted here",
				   checkup->exports.count);
	return findings_ok(ret, "exports",
			   "no other node is connected to the MGS, and only the MGT is mounted "
			   "here: lctl replace_nids should succeed");
}

int doctor_examine(const struct doctor_input *input, struct findings *ret)
{
	/* From what is asked, over what is here, to what came of it. */
	static const check_fn checks[] = {
		check_metadata,
		check_tags,
		check_spec,
		check_modules,
		check_tools,
		doctor_check_efa_driver,
		check_refusals,
		check_disks,
		check_lnet,
		doctor_check_connections,
		check_mgs,
		check_mounts,
		doctor_check_parameters,
		check_selinux,
		check_filesystems,
		check_exports,
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(checks) / sizeof(checks[0]); i++)
		r = checks[i](input, ret);
	return r;
}
