/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/health/health_look.h"

#include "base/file.h"

static int look_at_all(const struct health_look *look, const struct applied *applied,
		       const struct health *before, struct health *health, struct error *err)
{
	int r;

	health->at_usec = look->at_usec;
	health->slept_usec = look->slept_usec;
	health->mgs = before->mgs;
	file_read_line(look->root, "/proc/sys/kernel/random/boot_id", health->boot_id,
		       sizeof(health->boot_id));
	r = health_look_at_targets(look, applied, health, err);
	if (r == 0)
		r = health_look_at_disks(look, applied, before, health, err);
	if (r == 0)
		r = health_look_at_nids(look->root, health, err);
	return r;
}

int health_look(const struct health_look *look, const struct applied *applied,
		const struct health *before, struct health *ret, struct error *err)
{
	struct health health = { 0 };
	int r = look_at_all(look, applied, before, &health, err);

	if (r < 0) {
		health_done(&health);
		return r;
	}
	*ret = health;
	return 0;
}
