/* SPDX-License-Identifier: Apache-2.0 */

/* Linked into a program of tests/unit, lets it run the one test that $GUARDS_ONLY names. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

__attribute__((constructor)) static void run_only(void)
{
	const char *name = getenv("GUARDS_ONLY");

	if (name)
		cmocka_set_test_filter(name);
}
