#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Takes each guard out of the metadata client, and sees the rows fail that are there for it.

A row that passes without its guard proves nothing. The guards are data: matrix/guards.json.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parent.parent))  # ending

from matrix.row import HERE
from ending import workers

TREE = HERE.parent.parent.parent


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="where the simulator and the library's objects are (build)")
    parser.add_argument("--jobs", type=int, default=3, help="guards at a time (3)")
    parser.add_argument("guards", nargs="*", help="parts of guards' names; all by default")
    return parser.parse_args()


def take_out(agent: Path, guard: dict[str, Any]) -> str:
    """Replaces the guard's text; returns what is wrong with the guard's description, if anything is."""
    path = agent / "ask/imds" / guard["file"]
    text = path.read_text()
    if text.count(guard["text"]) < 1:
        return f"{guard['file']} does not say {guard['text']!r}"
    path.write_text(text.replace(guard["text"], guard["with"]))
    return take_out(agent, guard["also"]) if "also" in guard else ""


def compile_probe(agent: Path, build: Path, probe: Path) -> str:
    """The probe of a changed client, with the library's other objects. Returns the compiler's complaint."""
    objects = [
        str(build / "agent" / path.relative_to(agent).with_suffix(".o"))
        for folder in ("base", "model", "ask/document")
        for path in sorted((agent / folder).rglob("*.c"))
    ]
    packages = "libcurl jansson blkid mount libsystemd yaml-0.1 zlib".split()
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", *packages], capture_output=True, text=True, check=True)
    command = ["gcc", "-std=gnu17", "-D_GNU_SOURCE", "-O1", "-w", f"-I{agent}", "-o", str(probe)]
    command += [str(HERE / "probe.c"), *map(str, sorted((agent / "ask/imds").glob("*.c"))), *objects]
    done = subprocess.run([*command, *flags.stdout.split()], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def play_rows(build: Path, probe: Path, rows: list[str]) -> set[str]:
    """Names of the rows that pass."""
    command = [sys.executable, "-B", str(HERE.parent / "run_matrix.py"), "--build", str(build), "--probe", str(probe), *rows]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return {line.split()[1].partition("/")[2] for line in done.stdout.splitlines() if line.startswith("ok ")}


def try_guard(guard: dict[str, Any], build: Path) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="imds-guard-") as directory:
        agent, probe = Path(directory) / "agent", Path(directory) / "probe"
        shutil.copytree(TREE / "agent", agent)
        trouble = take_out(agent, guard) or compile_probe(agent, build, probe)
        if trouble:
            return [trouble]
        passing = play_rows(build, probe, guard["rows"])
    return [f"{row} passes all the same" for row in guard["rows"] if row in passing]


def main() -> int:
    options = arguments()
    guards = json.loads((HERE / "guards.json").read_text())["guards"]
    chosen = [guard for guard in guards if not options.guards or any(part in guard["guard"] for part in options.guards)]
    build = Path(options.build).resolve()
    passed = failed = 0
    # The rows wait more than they work, so a few guards go at a time.
    with workers(options.jobs) as pool:
        for guard, faults in zip(chosen, pool.map(lambda guard: try_guard(guard, build), chosen)):
            print(f"{'FAIL' if faults else 'ok  '} without “{guard['guard']}”: {', '.join(guard['rows'])} must fail", flush=True)
            for fault in faults:
                print(f"       {fault}")
            passed, failed = passed + (not faults), failed + bool(faults)
    print(f"{passed} passed, {failed} failed, {len(guards) - len(chosen)} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
