/* SPDX-License-Identifier: Apache-2.0 */
#include "model/mgs_answer.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

static const struct {
	const char *name, *sentence, *next;
} answers[MGS_ANSWER_MAX] = {
	[MGS_UNKNOWN] = { "unknown", "it was not asked yet", "" },
	[MGS_ANSWERS] = { "answers", "it answers", "" },
	[MGS_NO_NAME] = { "no-name", "its name does not resolve",
			  "check mgs, and the DNS zone of the VPC" },
	[MGS_NO_RESOLVER] = { "no-resolver", "no name server answers",
			      "check /etc/resolv.conf and the DNS settings of the VPC" },
	[MGS_NO_HOST] = { "no-host", "no host has its address yet",
			  "check mgs, and that its instance runs" },
	[MGS_REFUSES] = { "refuses",
			  "its node is up, but Lustre is not up there yet: TCP port 988 is closed",
			  "lustre-init status on that node tells why" },
	[MGS_SILENT] = { "silent",
			 "no answer on TCP port 988: a security group, or a wrong address",
			 "open TCP port 988 between the nodes in their security groups, and check "
			 "mgs" },
	[MGS_NO_LNET] = { "no-lnet", "TCP port 988 is open, but LNET does not answer there",
			  "ss -tlnp 'sport = 988' on that node names what has the port; where it "
			  "names nothing, that is LNET, and what is between the nodes must leave "
			  "source ports below 1024 as they are" },
	[MGS_NO_LNET_PING] = { "no-lnet-ping",
			       "LNET answers on TCP port 988, but not to a ping of this NID",
			       "check that both nodes use the same net in lnet" },
	[MGS_NOT_ASKED] = { "not-asked", "this node could not ask it",
			    "lustre-init doctor checks the tools; of addresses, only IPv4 can be "
			    "asked, and by root only" },
};

const char *mgs_answer_name(enum mgs_answer answer)
{
	return answers[answer].name;
}

bool mgs_answer_from_name(const char *name, enum mgs_answer *ret)
{
	for (unsigned i = 0; i < MGS_ANSWER_MAX; i++) {
		if (strcmp(answers[i].name, name) == 0) {
			*ret = (enum mgs_answer)i;
			return true;
		}
	}
	return false;
}

const char *mgs_answer_sentence(enum mgs_answer answer)
{
	return answers[answer].sentence;
}

const char *mgs_answer_next(enum mgs_answer answer)
{
	return answers[answer].next;
}

enum mgs_answer mgs_answer_of_connect(int code)
{
	switch (code) {
	case 0:
		return MGS_ANSWERS;
	case ECONNREFUSED:
	case ECONNRESET:
		return MGS_REFUSES;
	case EHOSTUNREACH:
	case EHOSTDOWN:
		return MGS_NO_HOST;
	case ETIMEDOUT:
	case EINPROGRESS:
	case ENETUNREACH:
	case EACCES:
	case EPERM:
		return MGS_SILENT;
	default:
		return MGS_NOT_ASKED;
	}
}

int mgs_nid_host(const char *nid, char *host, size_t size)
{
	return text_format(host, size, "%.*s", (int)strcspn(nid, "@"), nid);
}

bool mgs_nid_has_name(const char *nid)
{
	struct in6_addr address;
	char host[256];

	/* No address is so long. */
	if (mgs_nid_host(nid, host, sizeof(host)) < 0)
		return true;
	return inet_pton(AF_INET, host, &address) != 1 && inet_pton(AF_INET6, host, &address) != 1;
}
