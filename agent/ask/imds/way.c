/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/way.h"

#include "ask/imds/route.h"

void imds_way_set(const struct imds_way *way, struct imds_http *http)
{
	/* Without a route an IPv6 attempt would only blur what is wrong with the IPv4 one. */
	bool ipv6 =
		way->platform == IMDS_PLATFORM_NITRO && imds_route_check(IMDS_IPV6, way->mark) == 0;

	imds_http_use(http, way->interface, way->mark, ipv6);
}

enum imds_trouble imds_way_find_another(struct imds_way *way, struct imds_http *http,
					enum imds_trouble trouble, struct imds_http_answer *answer)
{
	int route;

	if (!way->link_local || (trouble != IMDS_UNROUTED && trouble != IMDS_UNREACHED))
		return trouble;
	route = imds_route_check(IMDS_IPV4, 0);
	if (imds_route_is_barrier(route)) {
		way->mark = imds_route_check(IMDS_IPV4, IMDS_MARK) == 0 ? IMDS_MARK : 0;
		way->interface[0] = '\0';
		answer->os_errno = -route;
		trouble = IMDS_LOCKED;
	} else {
		way->mark = 0;
		if (trouble == IMDS_UNREACHED)
			imds_route_next_interface(way->root, way->interface);
	}
	imds_way_set(way, http);
	return trouble;
}
