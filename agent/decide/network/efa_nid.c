/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/network/efa_nid.h"

#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A number of `digits` digits, at most `most`, and `end` behind it. *at is moved behind that. */
static bool take(const char **at, size_t digits, int base, unsigned most, char end, unsigned *ret)
{
	const char *all = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
	size_t length = strspn(*at, all);

	if (length == 0 || length > digits || (*at)[length] != end)
		return false;
	*ret = (unsigned)strtoul(*at, NULL, base);
	*at += length + (end != '\0');
	return *ret <= most;
}

/* Domains have four digits, and more behind some bridges of virtual machines. */
static bool read_pci(const char *at, unsigned *ret_bus, unsigned *ret_devfn)
{
	unsigned domain, device, function;

	if (!take(&at, 8, 16, 0xffffffff, ':', &domain) || !take(&at, 2, 16, 0xff, ':', ret_bus) ||
	    !take(&at, 2, 16, 0x1f, '.', &device) || !take(&at, 1, 16, 7, '\0', &function))
		return false;
	*ret_devfn = device * 8 + function;
	return true;
}

static bool read_ipv4(const char *at, unsigned ret[4])
{
	for (int i = 0; i < 4; i++)
		if (!take(&at, 3, 10, 255, i < 3 ? '.' : '\0', &ret[i]))
			return false;
	return true;
}

int efa_nid(const char *pci_address, const char *ipv4, const char *net, char ret[NID_TEXT_MAX])
{
	unsigned address[4], bus, devfn;

	if (!read_pci(pci_address, &bus, &devfn) || !read_ipv4(ipv4, address))
		return -EINVAL;
	return text_format(ret, NID_TEXT_MAX, "%u.%u.%u.%u@%s", address[2], address[3], bus, devfn,
			   net);
}
