#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds and tests what is committed on each system, with each compiler: `run.py [SYSTEM | SYSTEM/COMPILER]...`

What passed is not run again as long as the tree is the same: build/soak/systems/SYSTEM/COMPILER/result.json. What each said is
beside that. A system is made anew where its folder is removed. SUITES='unit machines' runs some of them. Needs root.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from root import HERE, TREE, TRIPLET, Missing, System, ask, make, runnable, systems

# Of tests/suites: what needs neither a kernel of the lab's nor tools that Debian 12 alone has.
SECONDS = {"units": 60, "unit": 600, "machines": 300, "command-line": 300, "fuzz": 600, "imds": 300, "imds-matrix": 900, "rpm-elsewhere": 900}
# Of a program's packages one is like another: what is no word of a compiler's, and what is built for this processor.
ONCE = ("rpm-elsewhere",)
SUITES = os.environ.get("SUITES", "").split() or list(SECONDS)
SUMS = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$")
NOTABLE = re.compile(r"^   \s*(?:FAIL|skip)")
FIGURE = re.compile(r"^   exposure of ")
# What its ioctl() says there, made right; of qemu-user's environment, so that it is in no other program's.
IOCTL = "/src/build/ioctl.so"
# Under emulation there is no figure that a bound could be measured by.
SLOWER = 10


@dataclass
class Result:
    """What became of a system with a compiler."""

    system: str
    compiler: str
    tree: str
    suites: list[str]
    versions: str = ""
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0
    notable: list[str] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return results_of(self.system, self.compiler) / "result.json"

    def keep(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    def earlier(self) -> Result:
        """The same of an earlier run; itself, where there is none."""
        try:
            return Result(**json.loads(self.path.read_text()))
        except (OSError, ValueError, TypeError):
            return self

    def covers(self, other: Result) -> bool:
        """Whether it passed, and the other one would test no more."""
        same = self.tree == other.tree and set(self.suites) >= set(other.suites)
        return same and self.passed > 0 and self.failed == 0


def results_of(system: str, compiler: str) -> Path:
    return TREE / "build/soak/systems" / system / compiler


def inside(system: System, tree: Path, log: Path, *argv: str) -> int:
    """Runs a command there; what it says goes to the log."""
    command = [str(HERE / "inside"), str(system.root), str(tree), *argv]
    with log.open("w", encoding="utf-8") as said:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False).returncode


def lines_of(log: Path) -> list[str]:
    return [line.rstrip() for line in log.read_text(errors="replace").splitlines() if line.strip()]


def lay(tree: Path, what: str) -> None:
    """What was committed when this began, and nothing else."""
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    packed = subprocess.run(["git", "-C", TREE, "archive", what], stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["tar", "-x", "-C", tree], input=packed, check=True)


def tools_of(system: System, compiler: str) -> list[str]:
    """What make is told."""
    if not system.foreign:
        return [f"CC={compiler}", "WERROR=", "CLOUD_INIT=/"]
    triplet = TRIPLET[system.architecture]
    packages = f"/usr/lib/{triplet}/pkgconfig:/usr/share/pkgconfig"
    # Programs know nothing of it, but for tests of what a kernel does.
    emulated = ("LUSTRE_INIT_EMULATED=1", f"UNIT_SECONDS={120 * SLOWER}")
    return [f"CC={triplet}-{compiler}", "WERROR=", "CLOUD_INIT=/", f"PKG_CONFIG_LIBDIR={packages}", f"QEMU_SET_ENV=LD_PRELOAD={IOCTL}", *emulated]


def test(system: System, result: Result) -> None:
    """One build, and its suites."""
    folder = results_of(system.name, result.compiler)
    tree, build, log = folder / "tree", folder / "build.log", folder / "suites.log"
    lay(tree, result.tree)
    tools = tools_of(system, result.compiler)
    inside(system, tree, folder / "versions.log", "env", *tools, "sh", "-c", "$CC -dumpversion; $CC -dumpmachine; dpkg-query -W")
    result.versions = " ".join(lines_of(folder / "versions.log")[:2])
    if system.foreign:
        (tree / "build").mkdir()
        inside(system, tree, build, "env", *tools, "sh", "-c", f"$CC -shared -fPIC -o {IOCTL} tests/systems/ioctl.c")
    code = inside(system, tree, build, "env", *tools, "make", f"-j{os.cpu_count()}", "all")
    if code != 0:
        result.failed += 1
        result.notable.append(f"FAIL it was not built: {(lines_of(build) or [str(code)])[-1]}; see {build}")
        return
    warnings = sum("warning: " in line for line in lines_of(build))
    if warnings:
        result.notable.append(f"{warnings} warnings; see {build}")
    left = ONCE if system.foreign or result.compiler != system.compilers[0] else ()
    suites = [f"{name}:{SECONDS[name] * (SLOWER if system.foreign else 1)}" for name in result.suites if name not in left]
    inside(system, tree, log, "env", *tools, "tests/suites", *suites)
    said = lines_of(log)
    sums = SUMS.match(said[-1]) if said else None
    if sums:
        result.passed, result.failed, result.skipped = (int(n) for n in sums.groups())
        last = max(n for n, line in enumerate(said) if line.startswith("== "))
        result.notable += [line.strip() for line in said[last:] if NOTABLE.match(line)]
        result.notable += [line.strip() for line in said if FIGURE.match(line)]
    else:
        result.failed += 1
        result.notable.append(f"FAIL the suites ended without their sums; see {log}")


def attempt(system: System, result: Result) -> Result:
    began = time.monotonic()
    try:
        with runnable(system):
            make(system)
            test(system, result)
    except Missing as missing:
        result.skipped += 1
        result.notable.append(f"skip {missing}")
    result.seconds = round(time.monotonic() - began)
    result.keep()
    return result


def tell(result: Result) -> None:
    name = f"{result.system}/{result.compiler}"
    sums = f"{result.passed:6} passed {result.failed:4} failed {result.skipped:4} skipped"
    print(f"{name:<22} {result.versions:<22} {sums} {result.seconds:6.0f} s", flush=True)
    for line in result.notable:
        print(f"   {line}", flush=True)


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # and not without the one at work
    wanted = sys.argv[1:]
    tree = ask("git", "-C", str(TREE), "rev-parse", "HEAD^{tree}")
    pairs = [(s, c) for s in systems() for c in s.compilers if not wanted or {s.name, f"{s.name}/{c}"} & set(wanted)]
    if not pairs or not set(SUITES) <= set(SECONDS) or os.geteuid() != 0:
        print("systems: to be run by root, with names of tests/systems/systems or none, and suites of", *SECONDS, file=sys.stderr)
        return 2
    results = []
    for system, compiler in pairs:
        result = Result(system.name, compiler, tree, SUITES)
        earlier = result.earlier()
        if earlier.covers(result):
            results.append(earlier)
            continue
        print(f"== {system.name}, {compiler}", flush=True)
        results.append(attempt(system, result))
        tell(results[-1])
    print("of this run, and of what had passed before:")
    for result in results:
        tell(result)
    passed, failed, skipped = (sum(getattr(r, what) for r in results) for what in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
