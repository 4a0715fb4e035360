// SPDX-License-Identifier: Apache-2.0
#include "token.h"

#include <string.h>
#include <sys/random.h>

/* EC2's tokens are 40 bytes in URL-safe base64, and always begin alike. */
static void token_invent(char text[TOKEN_LENGTH + 1])
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	static const char head[] = "AQAE", tail[] = "==";
	unsigned char noise[TOKEN_LENGTH];

	/* Up to 256 bytes are always delivered whole once the pool is ready (getrandom(2)). */
	if (getrandom(noise, sizeof(noise), 0) != (ssize_t)sizeof(noise))
		memset(noise, 0, sizeof(noise));
	for (size_t i = 0; i < TOKEN_LENGTH; i++)
		text[i] = alphabet[noise[i] % 64];
	memcpy(text, head, strlen(head));
	memcpy(text + TOKEN_LENGTH - strlen(tail), tail, strlen(tail) + 1);
}

const char *token_issue(struct token_jar *jar, int64_t now_ms, int64_t ttl_seconds)
{
	struct token *token = &jar->tokens[jar->next];

	jar->next = (jar->next + 1) % TOKENS_MAX;
	token_invent(token->text);
	token->issued_ms = now_ms;
	token->expires_ms = now_ms + ttl_seconds * 1000;
	return token->text;
}

struct token_verdict token_judge(const struct token_jar *jar, const char *text, int64_t now_ms)
{
	if (!text || !*text)
		return (struct token_verdict){ .state = TOKEN_NONE };

	for (size_t i = 0; i < TOKENS_MAX; i++) {
		const struct token *token = &jar->tokens[i];

		if (strcmp(token->text, text) != 0)
			continue;
		return (struct token_verdict){
			.state = now_ms < token->expires_ms ? TOKEN_VALID : TOKEN_EXPIRED,
			.age_ms = now_ms - token->issued_ms,
			.remaining_ms = token->expires_ms - now_ms,
		};
	}
	return (struct token_verdict){ .state = TOKEN_UNKNOWN };
}

const char *token_state_name(enum token_state state)
{
	switch (state) {
	case TOKEN_NONE:
		return "none";
	case TOKEN_VALID:
		return "valid";
	case TOKEN_EXPIRED:
		return "expired";
	case TOKEN_UNKNOWN:
		break;
	}
	return "unknown";
}
