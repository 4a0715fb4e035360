/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Ten thousand OSSs in fleets by chance, each planned by itself as on EC2: no coordinator. Inside
 * one subnet no index may meet another; wherever two do meet, either the node itself says so
 * before anything is written, or the MGS does at registration (a list here of what is registered,
 * first come first served, as the real one) and the node refuses. Nothing may pass in silence.
 *
 * LUSTRE_INIT_SEED=N draws other fleets. The table is printed by the run.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/disks/layout.h"

#include "scenes/answers.h"
#include "scenes/fleets.h"

#include <arpa/inet.h>

#define INDEXES (OST_INDEX_MAX + 1)

/* What became of a fleet. */
struct figures {
	unsigned nodes, osts, too_high, inside, across, told, silent;
};

static struct figures total;

/* A file system's registry: who holds an index, as subnet number + 1; 0 is nobody. */
struct registry {
	unsigned char holder[INDEXES];
};

static unsigned disks_of(const struct fleet *fleet, unsigned node)
{
	return fleet->disks[1] ? fleet->disks[node & 1] : fleet->disks[0];
}

/* The bases that an operator would choose: subnet after subnet, each with room for its last host.
 */
static unsigned base_of(const struct fleet *fleet, unsigned subnet)
{
	unsigned base = 0, stride = fleet->disks[0] ? fleet->disks[0] : 1;

	for (unsigned i = 0; fleet->based == WITH_BASE && i < subnet; i++)
		base += stride << (32 - fleet->prefixes[i]);
	return base;
}

static void say_number(struct scene *s, const char *key, unsigned number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	scene_say(s, key, text);
}

/* An OSS at `address`, its `ordinal`th of the subnet; the second interface must make no difference.
 */
static void start_node(const struct fleet *fleet, struct dice *dice, const struct subnet *subnet,
		       uint32_t address, unsigned base, unsigned ordinal, struct scene *s)
{
	struct in_addr own = { htonl(address) }, net = { htonl(subnet->network) };
	unsigned disks = disks_of(fleet, ordinal);
	char network[16];

	scene_start(s, disks ? disks : 1 + dice_below(dice, 4));
	inet_ntop(AF_INET, &net, network, sizeof(network));
	inet_ntop(AF_INET, &own, s->facts.local_ipv4, sizeof(s->facts.local_ipv4));
	snprintf(s->facts.subnet_cidr, sizeof(s->facts.subnet_cidr), "%s/%u", network,
		 subnet->prefix);
	strcpy(s->facts.interfaces[0].ipv4, s->facts.local_ipv4);
	if (dice_is(dice, 30)) {
		s->facts.interface_count = 2;
		strcpy(s->facts.interfaces[1].name, "ens6");
		strcpy(s->facts.interfaces[1].mac, "0a:00:00:00:00:99");
		strcpy(s->facts.interfaces[1].ipv4, "10.255.0.9");
	}
	s->facts.launch_index = (int)ordinal;
	if (strcmp(fleet->index, "number") == 0)
		say_number(s, "index", ordinal - (ordinal % 10 == 9 ? 1 : 0));
	else
		scene_say(s, "index", fleet->index);
	if (disks) {
		scene_say(s, "osts", "per-disk");
		say_number(s, "expect-disks", disks);
	}
	if (base > 0)
		say_number(s, "index-base", base);
}

/* What this node did: volumes made and formatted, mounts tried; those of a taken index refused. */
static void register_targets(struct registry *registry, unsigned subnet, struct scene *s,
			     bool taken[TARGETS_MAX], struct figures *figures)
{
	for (size_t t = 0; t < s->plan.target_count; t++) {
		unsigned char *holder = &registry->holder[s->plan.targets[t].index];

		taken[t] = *holder != 0;
		if (*holder == subnet + 1)
			figures->inside++;
		else if (*holder != 0)
			figures->across++;
		else
			*holder = (unsigned char)(subnet + 1);
	}
}

/* The machine as it is after its first round: a complete, never served volume for each target. */
static void leave_volumes(struct scene *s, const bool taken[TARGETS_MAX])
{
	size_t targets = s->plan.target_count, disks = s->facts.disk_count - 1;

	for (size_t t = 0; t < targets; t++) {
		const struct plan_target *target = &s->plan.targets[t];
		char name[48], id[32];
		struct volume *volume;

		snprintf(name, sizeof(name), "lustre-init-5eed%04zx", t);
		snprintf(id, sizeof(id), "vg-%zu", t);
		volume = scene_volume(scene_group(s, name, id, targets > 1 ? t + 1 : 1,
						  targets > 1 ? t + 1 : disks),
				      target->volume, target->name, PHASE_REGISTERING);
		scene_format(volume);
		strcpy(volume->content.lustre_target, target->name);
		scene_tried(s, ACTION_MOUNT, target->name, taken[t] ? OUTCOME_FAILED : OUTCOME_DONE,
			    taken[t] ? EADDRINUSE : 0);
		if (!taken[t])
			scene_mount(s, volume->device, target->mount_point);
	}
}

/* Is the target refused for that reason, and left alone? */
static bool is_told(const struct scene *s, const char *target)
{
	bool refused = false;

	for (size_t i = 0; i < s->plan.refusal_count; i++)
		refused = refused || (s->plan.refusals[i].code == REFUSAL_INDEX_TAKEN &&
				      refusal_names(&s->plan.refusals[i], target) &&
				      strstr(s->plan.refusals[i].text, target) != NULL);
	for (size_t i = 0; i < s->plan.action_count; i++)
		if (s->plan.actions[i].target >= 0 &&
		    strcmp(s->plan.targets[s->plan.actions[i].target].name, target) == 0)
			return false;
	return refused;
}

/* Those whose index was taken plan again, with what the MGS said. */
static void hear_the_mgs(struct scene *s, const bool taken[TARGETS_MAX], struct figures *figures)
{
	char names[TARGETS_MAX][TARGET_NAME_MAX];
	size_t targets = s->plan.target_count;

	for (size_t t = 0; t < targets; t++)
		strcpy(names[t], s->plan.targets[t].name);
	s->facts.mounts = reallocarray(s->facts.mounts, targets + 8, sizeof(*s->facts.mounts));
	assert_non_null(s->facts.mounts);
	leave_volumes(s, taken);
	scene_plan(s);
	assert_int_equal(s->result, 0);
	for (size_t t = 0; t < targets; t++) {
		if (!taken[t])
			continue;
		figures->told += is_told(s, names[t]);
		figures->silent += !is_told(s, names[t]);
	}
}

static void meet_node(struct registry *registry, unsigned subnet, struct scene *s,
		      struct figures *figures)
{
	bool taken[TARGETS_MAX] = { false };
	bool any = false;

	figures->nodes++;
	scene_plan(s);
	if (s->result == -EINVAL) {
		figures->too_high++;
		assert_int_equal(s->plan.action_count, 0);
		assert_non_null(strstr(s->err.text, "above 65503"));
		/* It names what to change. */
		assert_true(strstr(s->err.text, "; set ") ||
			    strstr(s->err.text, "; lower index-base"));
		return;
	}
	assert_int_equal(s->result, 0);
	scene_expect_no_refusal(s);
	for (size_t t = 0; t < s->plan.target_count; t++)
		assert_true(s->plan.targets[t].index <= OST_INDEX_MAX);
	figures->osts += (unsigned)s->plan.target_count;
	register_targets(registry, subnet, s, taken, figures);
	for (size_t t = 0; t < s->plan.target_count; t++)
		any = any || taken[t];
	if (any)
		hear_the_mgs(s, taken, figures);
}

static void play_subnet(const struct fleet *fleet, unsigned number, unsigned share,
			struct dice *dice, struct registry *registry, struct figures *figures)
{
	struct subnet subnet;
	uint32_t address;

	subnet_draw(dice, fleet->prefixes[number], &subnet);
	for (unsigned i = 0; i < share && subnet_next(&subnet, &address); i++) {
		struct scene s;

		start_node(fleet, dice, &subnet, address, base_of(fleet, number), i, &s);
		meet_node(registry, number, &s, figures);
		scene_end(&s);
	}
}

static struct figures play(const struct fleet *fleet, struct dice *dice)
{
	struct registry *registry = calloc(1, sizeof(*registry));
	struct figures figures = { 0 };
	unsigned subnets = 0;

	assert_non_null(registry);
	while (subnets < SUBNETS_MAX && fleet->prefixes[subnets] != 0)
		subnets++;
	for (unsigned i = 0; i < subnets; i++)
		play_subnet(fleet, i, fleet->nodes / subnets, dice, registry, &figures);
	free(registry);
	return figures;
}

static void add_up(const struct figures *figures)
{
	total.nodes += figures->nodes;
	total.osts += figures->osts;
	total.too_high += figures->too_high;
	total.inside += figures->inside;
	total.across += figures->across;
	total.told += figures->told;
	total.silent += figures->silent;
}

static void print_row(const char *name, const struct figures *f)
{
	print_message("%-24s %6u %6u %9u %8u %8u %8u %7u\n", name, f->nodes, f->osts, f->too_high,
		      f->inside, f->across, f->told, f->silent);
}

/* May two nodes of one subnet meet? Only where the operator's words say so. */
static bool is_asked_for(const struct fleet *fleet)
{
	return strcmp(fleet->index, "number") == 0 || fleet->disks[1] != 0;
}

static void no_collision_is_silent(void **state)
{
	const char *text = getenv("LUSTRE_INIT_SEED");
	struct dice dice = { text ? strtoul(text, NULL, 10) : 1 };

	(void)state;
	print_message("%-24s %6s %6s %9s %8s %8s %8s %7s\n", "fleet", "nodes", "OSTs", "too high",
		      "inside", "across", "refused", "silent");
	for (size_t i = 0; i < FLEETS; i++) {
		struct figures figures = play(&fleets[i], &dice);

		print_row(fleets[i].name, &figures);
		add_up(&figures);
		assert_int_equal(figures.silent, 0);
		assert_int_equal(figures.told, figures.inside + figures.across);
		if (!is_asked_for(&fleets[i]))
			assert_int_equal(figures.inside, 0);
		if (fleets[i].based == WITH_BASE)
			assert_int_equal(figures.across, 0);
	}
	print_row("in all", &total);
	assert_true(total.nodes >= 10000);
}

/* A rule that never met its case would prove nothing. */
static void every_kind_of_meeting_was_seen(void **state)
{
	(void)state;
	assert_true(total.inside > 20 && total.across > 200 && total.too_high > 20);
}

static void a_subnet_of_ipv6_only_is_told_what_to_set(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		struct scene s;

		scene_start(&s, 1 + i % 4);
		s.facts.local_ipv4[0] = s.facts.subnet_cidr[0] = '\0';
		s.facts.interfaces[0].ipv4[0] = '\0';
		if (i % 2)
			scene_say(&s, "index-base", "4096");
		scene_plan(&s);
		assert_int_equal(s.result, -EINVAL);
		assert_int_equal(s.plan.action_count, 0);
		assert_non_null(strstr(s.err.text, "IPv6 only"));
		assert_non_null(strstr(s.err.text, "set index to a number"));
		scene_end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_collision_is_silent),
		cmocka_unit_test(every_kind_of_meeting_was_seen),
		cmocka_unit_test(a_subnet_of_ipv6_only_is_told_what_to_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
