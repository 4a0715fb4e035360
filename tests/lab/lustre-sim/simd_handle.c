// SPDX-License-Identifier: Apache-2.0
/* Who answers which request. */
#include <errno.h>

#include "mdt.h"
#include "ost.h"
#include "registry.h"
#include "simd.h"
#include "simd_local.h"

static int ping(struct simd *simd, struct message *message)
{
	message_reset(message);
	pthread_mutex_lock(&simd->lock);
	put_u32(message, (uint32_t)simd->lnet.count);
	for (size_t i = 0; i < simd->lnet.count; i++)
		put_string(message, simd->lnet.nis[i].nid.text);
	pthread_mutex_unlock(&simd->lock);
	return 0;
}

int simd_handle(struct simd *simd, const struct connection *connection, uint32_t operation,
		struct message *message)
{
	if (operation <= OP_LOCAL_LAST)
		return connection->local
			       ? simd_local(simd, connection, (enum operation)operation, message)
			       : -EPERM;
	if (operation == OP_PING)
		return ping(simd, message);
	/* LNET answers pings by itself; the services need their modules. */
	if (!simd->lustre_loaded)
		return -ENODEV;
	if (operation <= OP_MGS_FILESYSTEMS)
		return registry_handle(simd, connection, (enum operation)operation, message);
	if (operation <= OP_MDT_SYNC)
		return mdt_handle(simd, (enum operation)operation, message);
	return ost_handle(simd, (enum operation)operation, message);
}
