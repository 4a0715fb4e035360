# SPDX-License-Identifier: Apache-2.0
"""What a boot costs, side by side: this build, an earlier one, a shell script, and cloud-init running that script.

The same nodes in one run. Emulated machines are slow, and slow by different amounts from day to day: only ratios of
one run count, and only on a machine with nothing else to do, so what others took is measured and said.

    BENCH_ROUNDS=3      so many times all over, and the boot in the middle of each
    BENCH_ONLY='this build,script'    only these
    BENCH_REST=600                    so long the watch is looked at, at rest
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.append(str(Path(__file__).resolve().parents[1]))

import accelerator
import expect
import image
from bounds import MACHINE
from cost import baseline, boot, fetch, figures, format, rest
from cost.contender import BASELINE, THIS, Contender
from cost.figures import BOOTS, CONTENDERS, Figures
from cost.moments import lateness
from cost.quiet import QUIET_SHARE
from host import BUILD, LabError, run
from image import Image
from laboratory import INTERRUPTS, Lab, overheard
from narrator import Narrator
from node import Node

CHECK_FILE = BUILD / "check/seconds"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "1"))
REST = float(os.environ.get("BENCH_REST", "600"))  # seconds
ONLY = os.environ.get("BENCH_ONLY", "")
# Until whoever waits for an MGS has nothing else left to do.
WAITS_FOR = "MGS"


def chosen() -> list[Contender]:
    return [contender for contender in CONTENDERS if not ONLY or contender.name in ONLY.split(",")]


def stripped_size(program: Path) -> int:
    copy = program.with_name(program.name + ".stripped")
    run(["strip", "-o", copy, program])
    return copy.stat().st_size


def prepare(say: Narrator) -> dict[Contender, Image]:
    """An image each; and what runs them here."""
    own = image.find_or_make(say)
    by, cost = accelerator.choose(own.kernel)
    MACHINE.measured(cost)
    say(f"nodes run by {by}, on a machine that is {MACHINE}")
    images = {contender: replace(own, accelerator=by) for contender in chosen()}
    if own.kernel is None:
        say("without LAB_KERNEL nobody can be told to leave the agent out: no script is measured")
        images = {contender: found for contender, found in images.items() if contender.is_agent}
    if BASELINE in images:
        images[BASELINE] = replace(baseline_image(say), accelerator=by)
    return images


def baseline_image(say: Narrator) -> Image:
    """Of images that are given, one with that build in it as well."""
    if not os.environ.get("LAB_IMAGE"):
        return image.find_or_make(say, baseline.build(say).package)
    given = os.environ.get("LAB_BASELINE_IMAGE")
    if not given:
        raise LabError(f"LAB_BASELINE_IMAGE: which image has build {baseline.NAME}? Or leave it out: BENCH_ONLY='this build,script'")
    return image.given_image(Path(given))


def boots(lab: Lab, contender: Contender, results: Figures) -> None:
    """First boots one after another, the MGS first: the figures are of a node's own work, not of its wait."""
    nodes = lab.add(*contender.nodes())
    names = (figures.MGS_FIRST, figures.OSS_FIRST, figures.CLIENT_FIRST)
    for name, node in zip(names, nodes):
        took(lab, contender, name, node, boot.measure(contender, node, node.boot), results)
    if contender is THIS:
        fetch.compare(nodes[1])
    if contender is THIS and not results.rest:
        lab.say(f"{REST:.0f} s with nothing to do")
        results.rest = rest.measure(nodes[1], REST)
    if not contender.reboots:
        return
    mgs, oss, client = nodes
    client.kill()
    took(lab, contender, figures.OSS_REBOOT, oss, boot.measure(contender, oss, oss.reboot), results)
    took(lab, contender, figures.MGS_REBOOT, mgs, boot.measure(contender, mgs, mgs.reboot), results)


def took(lab: Lab, contender: Contender, name: str, node: Node, found: boot.Boot, results: Figures) -> None:
    results.boots[contender, name].append(found)
    disturbed = f"; others took {found.others:.0%} of the machine" if found.others > QUIET_SHARE else ""
    lab.say(f"{contender.name}: {name}, mounted after {found.mounted:.1f} s{disturbed}")
    if contender.is_agent:
        timeline = node.run("lustre-init", "timeline", check=False).out
        (lab.logs / f"{name.replace(', ', '-').replace(' ', '-')}.timeline").write_text(timeline)


def waiting(lab: Lab, contender: Contender, results: Figures) -> None:
    """An OSS waits for its MGS, whose port opens when it serves."""
    mgs, oss, _ = lab.add(*contender.nodes())
    lab.boot([oss])
    while WAITS_FOR not in expect.status_text(oss):
        time.sleep(1)
    lab.boot([mgs])
    for node in (mgs, oss):
        expect.end_of_start(node, boot.SECONDS)
    late = lateness(mgs, oss)
    results.served[contender].append(late)
    lab.say(f"{contender.name}: an OSS that waited was mounted {late:.1f} s and its mount after the MGS served")


def measure(say: Narrator, results: Figures) -> None:
    images = prepare(say)
    for number in range(ROUNDS):
        for contender, found in images.items():
            with Lab(f"bench-{contender.name.replace(' ', '-')}-{number}", found, say) as lab:
                boots(lab, contender, results)
        for contender, found in images.items():
            if contender.is_agent:
                with Lab(f"bench-{contender.name.replace(' ', '-')}-{number}-waiting", found, say) as lab:
                    waiting(lab, contender, results)
    say("formatting 60 TB twice, in a sparse file, and checking it")
    results.formats = format.compare()


def main() -> int:
    for number in INTERRUPTS:
        signal.signal(number, interrupted)
    results = Figures()
    results.sizes[THIS] = stripped_size(BUILD / "lustre-init")
    if BASELINE in chosen():
        results.sizes[BASELINE] = stripped_size(baseline.build(print).program)
    try:
        measure(Narrator(), results)
        return 0
    except (AssertionError, LabError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    finally:
        # What was measured by then, whatever ends it.
        figures.show(results)
        if CHECK_FILE.exists():
            print(f"make check              {float(CHECK_FILE.read_text()):7.0f} s wall")
        tell_quiet(results)


def interrupted(number: int, frame: object) -> None:
    """Once, so that the labs are taken down whatever else comes."""
    for other in INTERRUPTS:
        signal.signal(other, overheard)
    raise SystemExit(128 + number)


def tell_quiet(results: Figures) -> None:
    most = max((found.others for name in BOOTS for each in CONTENDERS for found in results.boots[each, name]), default=0)
    if most > QUIET_SHARE:
        print(
            f"THIS MACHINE WAS NOT QUIET: others took up to {most:.0%} of its processors while a boot was measured. "
            "These figures prove nothing; run it again when nothing else runs here."
        )


if __name__ == "__main__":
    sys.exit(main())
