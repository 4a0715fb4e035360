/* SPDX-License-Identifier: Apache-2.0 */

/* What reading may cost, counted. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/spec/bound.h"
#include "model/spec/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void what_is_left_may_be_taken_and_no_more(void **state)
{
	(void)state;
	for (enum bound bound = 0; bound < BOUND_MAX; bound++) {
		size_t most = bound_row(bound)->most;
		struct budget budget = { 0 };

		assert_true(budget_take(&budget, bound, most - 1));
		assert_int_equal(budget_left(&budget, bound), 1);
		assert_false(budget_take(&budget, bound, 2));
		assert_true(budget.is_over);
		assert_false(budget_take(&budget, bound, SIZE_MAX));
		assert_int_equal(budget.spent[bound], most - 1);
		assert_true(budget_take(&budget, bound, 1));
		assert_true(budget.is_over);
	}
}

static void of_levels_the_deepest_counts(void **state)
{
	size_t most = bound_row(BOUND_DEPTH)->most;
	struct budget budget = { 0 };

	(void)state;
	for (size_t i = 0; i < 3 * most; i++)
		assert_true(budget_reach(&budget, BOUND_DEPTH, i % most + 1));
	assert_int_equal(budget.spent[BOUND_DEPTH], most);
	assert_false(budget.is_over);
	assert_false(budget_reach(&budget, BOUND_DEPTH, most + 1));
	assert_true(budget.is_over);
	assert_int_equal(budget.spent[BOUND_DEPTH], most);
}

static void the_manual_and_the_error_name_the_number(void **state)
{
	char *man = spec_document_man(), text[256], number[128];

	(void)state;
	assert_non_null(man);
	for (enum bound bound = 0; bound < BOUND_MAX; bound++) {
		snprintf(number, sizeof(number), ".It\n%zu %s\n", bound_row(bound)->most,
			 bound_row(bound)->what);
		assert_non_null(strstr(man, number));
		bound_format(bound, text, sizeof(text));
		snprintf(number, sizeof(number), "more than %zu ", bound_row(bound)->most);
		assert_int_equal(strncmp(text, number, strlen(number)), 0);
		assert_non_null(strstr(text, " are not read; "));
	}
	free(man);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_may_be_taken_and_no_more),
		cmocka_unit_test(of_levels_the_deepest_counts),
		cmocka_unit_test(the_manual_and_the_error_name_the_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
