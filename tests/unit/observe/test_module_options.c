/* SPDX-License-Identifier: Apache-2.0 */

/* What an operator has set of the parameters of Lustre's modules is found wherever modprobe finds
 * it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/module_options.h"

#include "scenes/recorded.h"

struct scene {
	struct recorded machine;
	struct platform platform;
};

static void start(struct scene *s)
{
	*s = (struct scene){ .platform = { .cpus = 0 } };
	recorded_start(&s->machine);
}

static void end(struct scene *s)
{
	free(s->platform.module_options);
	recorded_end(&s->machine);
}

static const struct module_option *find(struct scene *s, const char *module, const char *name)
{
	struct error err;

	free(s->platform.module_options);
	s->platform = (struct platform){ .cpus = 0 };
	if (module_options_observe(s->machine.root, &s->platform, &err) < 0)
		fail_msg("%s", err.text);
	return platform_option(&s->platform, module, name);
}

static void files_of_modprobe_are_read(void **state)
{
	const struct module_option *option;
	struct scene s;

	(void)state;
	start(&s);
	assert_null(find(&s, "ksocklnd", "credits"));
	recorded_file(&s.machine, "/etc/modprobe.d/lustre.conf",
		      "# options ksocklnd credits=1\n"
		      "options lnet networks=tcp(ens5)\n"
		      "options ksocklnd \\\n\tconns_per_peer=4 credits=512\n"
		      "blacklist ptlrpc\n");
	recorded_file(&s.machine, "/etc/modprobe.d/lustre.conf.rpmsave",
		      "options ptlrpc ptlrpcd_per_cpt_max=1\n");
	option = find(&s, "ksocklnd", "conns_per_peer");
	assert_non_null(option);
	assert_string_equal(option->value, "4");
	assert_string_equal(option->where, "/etc/modprobe.d/lustre.conf");
	assert_false(option->loaded);
	assert_string_equal(platform_option(&s.platform, "ksocklnd", "credits")->value, "512");
	assert_null(platform_option(&s.platform, "ptlrpc", "ptlrpcd_per_cpt_max"));
	end(&s);
}

/* modprobe.d(5): a file hides those of its name in directories after it. */
static void a_file_hides_its_namesakes(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	recorded_file(&s.machine, "/usr/lib/modprobe.d/lustre.conf",
		      "options ksocklnd credits=1024\n");
	assert_string_equal(find(&s, "ksocklnd", "credits")->value, "1024");
	recorded_file(&s.machine, "/etc/modprobe.d/lustre.conf", "%s", "\n");
	assert_null(find(&s, "ksocklnd", "credits"));
	end(&s);
}

/* Whatever directory it is in, and by bytes: 9 comes after 10. */
static void the_last_by_name_holds(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	recorded_file(&s.machine, "/etc/modprobe.d/lustre.conf", "options ksocklnd credits=512\n");
	recorded_file(&s.machine, "/usr/lib/modprobe.d/distribution.conf",
		      "options ksocklnd credits=1024\n");
	assert_string_equal(find(&s, "ksocklnd", "credits")->value, "512");
	recorded_file(&s.machine, "/run/modprobe.d/10-a.conf",
		      "options ptlrpc "
		      "ptlrpcd_per_cpt_max=10\n");
	recorded_file(&s.machine, "/run/modprobe.d/9-a.conf",
		      "options ptlrpc "
		      "ptlrpcd_per_cpt_max=9\n");
	assert_string_equal(find(&s, "ptlrpc", "ptlrpcd_per_cpt_max")->value, "9");
	end(&s);
}

static void a_line_is_read_as_modprobe_and_the_kernel_read_it(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	recorded_file(&s.machine, "/etc/modprobe.d/lustre.conf",
		      "# a comment \\\noptions ksocklnd credits=1\n"
		      "options\tksocklnd\tconns_per_\\\npeer=4\r\n"
		      "options kefalnd ipif_name=\"ens5\"\n"
		      "options lnet networks=\"tcp0(ens5), tcp1(ens6)\" ip2nets=\"\"\n");
	assert_null(find(&s, "ksocklnd", "credits"));
	assert_string_equal(find(&s, "lnet", "networks")->value, "tcp0(ens5), tcp1(ens6)");
	assert_string_equal(find(&s, "lnet", "ip2nets")->value, "");
	assert_string_equal(find(&s, "ksocklnd", "conns_per_peer")->value, "4");
	assert_string_equal(find(&s, "kefalnd", "ipif_name")->value, "ens5");
	end(&s);
}

static void a_command_that_loads_a_module_may_give_options(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	recorded_file(&s.machine, "/etc/modprobe.d/lustre.conf",
		      "install ksocklnd /sbin/modprobe --ignore-install ksocklnd credits=512; "
		      "/bin/true\n"
		      "remove ptlrpc /bin/true ptlrpcd_per_cpt_max=1\n");
	assert_string_equal(find(&s, "ksocklnd", "credits")->value, "512");
	assert_null(find(&s, "ptlrpc", "ptlrpcd_per_cpt_max"));
	recorded_file(&s.machine, "/etc/modprobe.d/lustre.conf",
		      " install ksocklnd /bin/sh -c \"modprobe -i ksocklnd 'credits=640'\"\n");
	assert_string_equal(find(&s, "ksocklnd", "credits")->value, "640");
	end(&s);
}

static void the_command_line_of_the_kernel_counts(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	recorded_file(&s.machine, "/proc/cmdline",
		      "root=/dev/nvme0n1p1 ksocklnd.conns_per_peer=6 ptlrpc.other=1 "
		      "lnet.networks=\"tcp(ens5), tcp1(ens6)\"\n");
	assert_string_equal(find(&s, "lnet", "networks")->value, "tcp(ens5), tcp1(ens6)");
	assert_string_equal(find(&s, "ksocklnd", "conns_per_peer")->value, "6");
	assert_null(platform_option(&s.platform, "ptlrpc", "ptlrpcd_per_cpt_max"));
	end(&s);
}

static void what_is_loaded_holds(void **state)
{
	const struct module_option *option;
	struct scene s;

	(void)state;
	start(&s);
	recorded_file(&s.machine, "/etc/modprobe.d/lustre.conf", "options ksocklnd credits=512\n");
	recorded_file(&s.machine, "/sys/module/ksocklnd/parameters/credits", "256\n");
	option = find(&s, "ksocklnd", "credits");
	assert_true(option->loaded);
	assert_string_equal(option->value, "256");
	assert_true(platform_has_loaded(&s.platform, "ksocklnd"));
	assert_false(platform_has_loaded(&s.platform, "ptlrpc"));
	end(&s);
}

/* What may be set there is not known: nothing is set over it. */
static void a_file_that_cannot_be_read_may_set_all(void **state)
{
	const struct module_option *option;
	struct scene s;

	(void)state;
	start(&s);
	recorded_link(&s.machine, "/etc/modprobe.d/site.conf", "/nowhere/at/all");
	option = find(&s, "ptlrpc", "ptlrpcd_per_cpt_max");
	assert_non_null(option);
	assert_string_equal(option->module, "");
	assert_string_equal(option->where, "/etc/modprobe.d/site.conf");
	end(&s);
}

static void a_value_that_is_too_long_is_no_other_value(void **state)
{
	struct scene s;

	(void)state;
	start(&s);
	recorded_file(&s.machine, "/etc/modprobe.d/lustre.conf",
		      "options ksocklnd credits=%0200d\n", 4);
	assert_string_equal(find(&s, "ksocklnd", "credits")->value, "");
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_of_modprobe_are_read),
		cmocka_unit_test(a_file_hides_its_namesakes),
		cmocka_unit_test(the_last_by_name_holds),
		cmocka_unit_test(a_line_is_read_as_modprobe_and_the_kernel_read_it),
		cmocka_unit_test(a_command_that_loads_a_module_may_give_options),
		cmocka_unit_test(the_command_line_of_the_kernel_counts),
		cmocka_unit_test(what_is_loaded_holds),
		cmocka_unit_test(a_file_that_cannot_be_read_may_set_all),
		cmocka_unit_test(a_value_that_is_too_long_is_no_other_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
