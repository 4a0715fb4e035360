/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From the text of a key to fields of struct metadata. Bytes in, values out: no network here. All
 * text is untrusted: what does not have the form that AWS documents is refused, before it becomes a
 * field.
 */

#include "model/metadata.h"

/* The largest answers that are taken. AWS allows 16 KiB of user-data. */
#define IMDS_DOCUMENT_MAX  16384
#define IMDS_LISTING_MAX   16384
#define IMDS_VALUE_MAX     2048
#define IMDS_TOKEN_MAX     4096
#define IMDS_USER_DATA_MAX 65536
#define IMDS_NAME_MAX      512 /* of a tag: 128 characters of UTF-8 */

bool imds_is_token(const char *body, size_t size);
bool imds_is_document(const char *body, size_t size);
bool imds_is_mac(const char *body, size_t size);
bool imds_is_cidr(const char *body, size_t size);
bool imds_is_launch_index(const char *body, size_t size);

/*
 * The instance identity document (JSON; many values may be null). instanceId is required. -EBADMSG:
 * not such a document.
 */
int imds_take_document(const char *body, size_t size, struct metadata *metadata, struct error *err);

/* Of texts that imds_is_…() has approved. The MAC becomes lower case. */
void imds_take_mac(const char *body, struct metadata *metadata);
void imds_take_cidr(const char *body, struct metadata *metadata);
void imds_take_launch_index(const char *body, struct metadata *metadata);

/* Whether it has a name in each line, as all listings do; blank lines do no harm. */
bool imds_is_listing(const char *body, size_t size);

/*
 * The next name of a listing (names separated by LF). *position starts at 0. False at the end.
 * Empty names, and names with control characters or broken UTF-8, are passed over.
 */
bool imds_next_name(const char *body, size_t size, size_t *position, char *name, size_t name_size);

/* "lustre:…" */
bool imds_is_our_tag(const char *key);

/*
 * Adds a tag; a line end behind the value is dropped. What is no text (control characters, no
 * UTF-8, too long; NULL: too long to be read) is added as that: it is a mistake of who set it.
 * -EBADMSG: too many tags.
 */
int imds_take_tag(const char *key, const char *value, size_t size, struct metadata *metadata,
		  struct error *err);

/*
 * A name of block-device-mapping and its device: "ephemeral0=sdb" among the ephemerals, all else
 * ("root", "ami", "ebs1", "swap") among the other devices. -EBADMSG: no such name, or no device.
 */
bool imds_is_ephemeral(const char *name);
int imds_take_device(const char *name, const char *device, size_t size, struct metadata *metadata,
		     struct error *err);

/* Percent-encodes all but "/" and what a path may hold. -ENAMETOOLONG when it does not fit. */
int imds_encode_path(const char *path, char *encoded, size_t size);
