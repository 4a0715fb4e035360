# SPDX-License-Identifier: Apache-2.0
"""The figures of a bench as a table, each beside its target."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from cost.boot import Boot
from cost.contender import BASELINE, BY_HAND, CLOUD_INIT, THIS, Contender
from cost.format import Format
from cost.rest import Rest

# What a boot is called: the node, and which boot of it.
OSS_FIRST, OSS_REBOOT = "OSS, first boot", "OSS, reboot"
MGS_FIRST, MGS_REBOOT = "MGS, first boot", "MGS, reboot"
CLIENT_FIRST = "client, first boot"
BOOTS = (MGS_FIRST, OSS_FIRST, CLIENT_FIRST, OSS_REBOOT, MGS_REBOOT)
CONTENDERS = (THIS, BASELINE, BY_HAND, CLOUD_INIT)
# "mounted" of this build, as a share of the baseline's, at most.
SHARES = {OSS_FIRST: 0.45, OSS_REBOOT: 0.45, MGS_REBOOT: 0.45, CLIENT_FIRST: 0.5}
# What others need, as a multiple of this build's, at least.
MULTIPLES = {BY_HAND: 2.5, CLOUD_INIT: 5.0}
CHAIN = 1.10
CPU_SHARE = 0.5
PEAK_MB = 8.0
SIZE_KIB = 300.0
SERVED = 2.0
FORMAT_SHARE = 1 / 8
REST_PERCENT, REST_MB = 0.1, 5.0  # the watch's


@dataclass
class Figures:
    """All that was measured: a list of boots each, for there may be several rounds."""

    boots: dict[tuple[Contender, str], list[Boot]] = field(default_factory=lambda: defaultdict(list))
    served: dict[Contender, list[float]] = field(default_factory=lambda: defaultdict(list))
    sizes: dict[Contender, int] = field(default_factory=dict)
    rest: Rest | None = None
    formats: tuple[Format, Format] | None = None  # by the agent's options, by mkfs.lustre's own choice

    def typical(self, contender: Contender, name: str) -> Boot | None:
        """The boot in the middle, by the time to mounted."""
        found = sorted(self.boots[contender, name], key=lambda boot: boot.mounted)
        return found[(len(found) - 1) // 2] if found else None


def met(good: bool) -> str:
    return "" if good else "  MISSED"


def seconds(boot: Boot | None) -> str:
    return f"{boot.mounted:10.1f}" if boot else f"{'-':>10}"


def times(figures: Figures) -> None:
    print("seconds from sysinit.target until mounted, by systemd's clock; in brackets the multiple of this build's")
    print(f"  {'':20}" + "".join(f"{contender.name:>18}" for contender in CONTENDERS))
    for name in BOOTS:
        this = figures.typical(THIS, name)
        line = f"  {name:20}{seconds(this):>18}"
        for contender in CONTENDERS[1:]:
            other = figures.typical(contender, name)
            ratio = f" ({other.mounted / this.mounted:4.2f})" if this and other else ""
            line += f"{seconds(other) + ratio:>18}"
        print(line)


def targets(figures: Figures) -> None:
    print("targets")
    for name, share in SHARES.items():
        this, base = (figures.typical(contender, name) for contender in (THIS, BASELINE))
        if this and base:
            found = this.mounted / base.mounted
            print(f"  {name:28} {found:6.2f} of {BASELINE.name}, at most {share:.2f}{met(found <= share)}")
    for contender, multiple in MULTIPLES.items():
        this, other = (figures.typical(each, OSS_FIRST) for each in (THIS, contender))
        if this and other:
            found = other.mounted / this.mounted
            print(f"  {contender.name + ', ' + OSS_FIRST:28} {found:6.2f} times ours, at least {multiple:.1f}{met(found >= multiple)}")
    for name in (OSS_FIRST, OSS_REBOOT, MGS_REBOOT):
        ratio(figures, name)
    for contender, delays in figures.served.items():
        aim = f", at most {SERVED:.1f}{met(median(delays) <= SERVED)}" if contender is THIS else ""
        print(f"  {'MGS serves, OSS mounted':28} {median(delays):6.2f} s beyond the mount alone ({contender.name}){aim}")


def ratio(figures: Figures, name: str) -> None:
    for contender in (THIS, BASELINE):
        boot = figures.typical(contender, name)
        if boot and boot.agent:
            found = boot.agent.whole / boot.agent.chain
            aim = f", at most {CHAIN:.2f}{met(found <= CHAIN)}" if contender is THIS else ""
            print(
                f"  {name:28} {found:6.2f} apply ({boot.agent.whole:.1f} s) by its chain of tools "
                f"({contender.name}); {boot.agent.observed:.1f} s until observed{aim}"
            )


def costs(figures: Figures) -> None:
    print(f"the agent itself, {OSS_FIRST}; its children beside it")
    this, base = (figures.typical(contender, OSS_FIRST) for contender in (THIS, BASELINE))
    if this and base and this.agent and base.agent:
        for contender, agent in ((THIS, this.agent), (BASELINE, base.agent)):
            aim = f", at most {PEAK_MB:.0f}{met(agent.peak / 1e6 <= PEAK_MB)}" if contender is THIS else ""
            print(f"  {contender.name:12} {agent.peak / 1e6:6.1f} MB resident at most, {agent.requests} metadata requests{aim}")
        if this.agent.cpu and base.agent.cpu:
            for name, of in (("its own", own), ("with children", whole)):
                found = of(this) / of(base)
                print(
                    f"  CPU, {name:14} {of(this):6.2f} s, {BASELINE.name} {of(base):.2f} s: "
                    f"{found:.2f}, at most {CPU_SHARE:.2f}{met(found <= CPU_SHARE)}"
                )
            children("  children", this, base)
    for contender, size in figures.sizes.items():
        aim = f", at most {SIZE_KIB:.0f}{met(size / 1024 <= SIZE_KIB)}" if contender is THIS else ""
        print(f"  {contender.name:12} {size / 1024:6.0f} KiB stripped{aim}")


def own(boot: Boot) -> float:
    assert boot.agent and boot.agent.cpu
    return boot.agent.cpu.own


def whole(boot: Boot) -> float:
    assert boot.agent and boot.agent.cpu
    return boot.agent.cpu.total


def children(title: str, this: Boot, base: Boot) -> None:
    """Each tool: how often, and its seconds of CPU time, here and there."""
    assert this.agent and this.agent.cpu and base.agent and base.agent.cpu
    ours, theirs = this.agent.cpu.children, base.agent.cpu.children
    by_cost: Callable[[str], float] = lambda name: -max(ours.get(name, (0, 0.0))[1], theirs.get(name, (0, 0.0))[1])
    print(f"{title:20}{THIS.name:>18}{BASELINE.name:>18}")
    for name in sorted({*ours, *theirs}, key=by_cost):
        cells = [f"{count} x, {cpu:.2f} s" for count, cpu in (side.get(name, (0, 0.0)) for side in (ours, theirs))]
        print(f"    {name:16}" + "".join(f"{cell:>18}" for cell in cells))


def rest(figures: Figures) -> None:
    found = figures.rest
    if found:
        good = found.percent <= REST_PERCENT and found.kilobytes / 1e3 <= REST_MB
        print(f"the watch at rest: {found}; at most {REST_PERCENT} %, {REST_MB:.0f} MB{met(good)}")


def formats(figures: Figures) -> None:
    if not figures.formats:
        return
    ours, default = figures.formats
    found = ours.written / default.written
    discards = [" and discards it" if made.discards else "" for made in (ours, default)]
    print(
        f"OST of 60 TB: mke2fs writes {ours.written / 1e9:.1f} GB{discards[0]}, by mkfs.lustre's own choice "
        f"{default.written / 1e9:.1f} GB{discards[1]}: {found:.3f}, at most {FORMAT_SHARE:.3f}{met(found <= FORMAT_SHARE)}"
    )
    print("  features, inodes, blocks and journal are the same, and e2fsck -fn finds nothing")


def show(figures: Figures) -> None:
    times(figures)
    targets(figures)
    costs(figures)
    rest(figures)
    formats(figures)
