/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * The session tokens of one node. Times are milliseconds of the simulator's
 * clock. Only the last TOKENS_MAX tokens are remembered: an older one is
 * unknown, as if it had never been.
 */
enum {
	TOKENS_MAX = 1024,
	TOKEN_LENGTH = 56, /* as EC2's are */
	TOKEN_TTL_MAX = 21600,
};

struct token {
	char text[TOKEN_LENGTH + 1];
	int64_t issued_ms, expires_ms;
};

struct token_jar {
	struct token tokens[TOKENS_MAX];
	size_t next;
};

enum token_state {
	TOKEN_NONE,
	TOKEN_VALID,
	TOKEN_EXPIRED,
	TOKEN_UNKNOWN,
};

/* What a token sent by a client is worth; the times are meaningful only for a valid one. */
struct token_verdict {
	enum token_state state;
	int64_t age_ms, remaining_ms;
};

/* Makes a token that lives ttl_seconds. The text stays valid while the jar is unchanged. */
const char *token_issue(struct token_jar *jar, int64_t now_ms, int64_t ttl_seconds);

/* Judges the text of a token, NULL where the client sent none. */
struct token_verdict token_judge(const struct token_jar *jar, const char *text, int64_t now_ms);

/* "none", "valid", "expired", "unknown". */
const char *token_state_name(enum token_state state);
