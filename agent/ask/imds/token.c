/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/token.h"

#include "ask/imds/retry.h"
#include "base/text.h"

#include <string.h>

#define TTL_HEADER "X-aws-ec2-metadata-token-ttl-seconds: 21600"

#define TRIAL_FIRST_MS 2000
#define TRIAL_LAST_MS  32000

const struct imds_question imds_token_question = {
	.key = "token",
	.is_token = true,
	.required = true,
	.limit = IMDS_TOKEN_MAX,
	.is_well_formed = imds_is_token,
};

struct imds_http_request imds_token_request(void)
{
	return (struct imds_http_request){ .method = "PUT",
					   .path = "/latest/api/token",
					   .header = TTL_HEADER };
}

void imds_token_take(struct imds_token *token, const struct imds_http_answer *answer)
{
	memcpy(token->text, answer->body, answer->size + 1);
	token->born_ms = imds_now_ms();
}

void imds_token_worked(struct imds_token *token)
{
	token->trial_ms = 0;
}

void imds_token_doubt(struct imds_token *token)
{
	if (imds_now_ms() - token->born_ms < token->trial_ms)
		return;
	token->text[0] = '\0';
	token->trial_ms = token->trial_ms ? token->trial_ms * 2 : TRIAL_FIRST_MS;
	if (token->trial_ms > TRIAL_LAST_MS)
		token->trial_ms = TRIAL_LAST_MS;
}

void imds_token_show(const struct imds_token *token, char header[IMDS_TOKEN_HEADER_SIZE])
{
	text_set(header, IMDS_TOKEN_HEADER_SIZE, IMDS_TOKEN_HEADER "%s", token->text);
}
