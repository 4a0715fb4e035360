#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The stand-in for Lustre held against the facts, without a VM.

    selftest.py BUILD/lustre-sim [PART OF A CASE'S NAME...]

Runs as root in mount, network and pid namespaces: each node of a case is a pair of namespaces more, on one
bridge, and each disk a loop device over a file in a tmpfs. The cases of a module have namespaces of their own,
and run beside those of the others, since most of them wait. What needs a real boot (modprobe, systemd, quota) is
tried in the lab's VMs instead.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from concurrent.futures import as_completed
from pathlib import Path
from types import ModuleType

sys.path.append(str(Path(__file__).resolve().parents[2]))  # pace, ending

import ending
from cases import clients, formats, lnet, mounts
from cases.nodes import Bench, make_bridge

INSIDE = "LUSTRE_SIM_SELFTEST"
MODULES: tuple[ModuleType, ...] = (formats, lnet, mounts, clients)


Case = tuple[str, Callable[[Bench], None]]


def cases(module: ModuleType, words: list[str]) -> list[Case]:
    found = [
        (name, value)
        for name, value in vars(module).items()
        if name.startswith("case_") and value.__module__ == module.__name__
    ]
    return [case for case in found if not words or any(word in case[0] for word in words)]


def in_namespaces(module: ModuleType) -> str:
    """What its cases say; one that says nothing has not passed."""
    argv = ["unshare", "-mnp", "--fork", "--mount-proc", sys.executable, *sys.argv]
    environment = {**os.environ, INSIDE: module.__name__}
    return subprocess.run(argv, env=environment, stdout=subprocess.PIPE, text=True, check=False).stdout


def run_case(case: Callable[[Bench], None], folder: Path, programs: Path) -> str | None:
    bench = Bench(folder, programs)
    try:
        case(bench)
    except Exception:  # noqa: BLE001 - whatever a case raises is its failure
        logs = "".join(f"--- {node.name}\n{node.kernel_log()}" for node in bench.nodes)
        return traceback.format_exc() + logs
    finally:
        bench.close()
    return None


def able() -> str | None:
    """Why nothing can run here, or None."""
    if os.geteuid() != 0:
        return "needs root"
    for path in ("/dev/loop-control", "/dev/fuse"):
        if not os.access(path, os.R_OK | os.W_OK):
            return f"no {path} here"
    return None


def run_cases(selected: list[Case], programs: Path) -> None:
    """In here: one after another."""
    with tempfile.TemporaryDirectory(prefix="lustre-sim-") as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6g", "tmpfs", folder], check=True)
        try:
            make_bridge()
            for number, (name, case) in enumerate(selected):
                trouble = run_case(case, Path(folder) / str(number), programs)
                print(f"{'FAIL' if trouble else 'ok  '} {name[5:].replace('_', ' ')}", flush=True)
                if trouble:
                    print(trouble, flush=True)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def run_modules(words: list[str]) -> int:
    """Each module's cases beside the others'; the sums of all."""
    wanted = {module: len(cases(module, words)) for module in MODULES}
    passed = 0
    with ending.workers(len(MODULES)) as pool:
        for ended in as_completed([pool.submit(in_namespaces, module) for module in MODULES if wanted[module]]):
            said = ended.result()
            print(said, end="", flush=True)
            passed += sum(line.startswith("ok  ") for line in said.splitlines())
    failed = sum(wanted.values()) - passed
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    ending.heed()
    # A shell that starts us in the background has it ignored, and what we start would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    programs, words = Path(sys.argv[1]).resolve(), sys.argv[2:]
    reason = able()
    if reason:
        print(f"skipped: {reason}\n0 passed, 0 failed, {sum(len(cases(m, words)) for m in MODULES)} skipped")
        return 0
    for module in MODULES:
        if os.environ.get(INSIDE) == module.__name__:
            run_cases(cases(module, words), programs)
            return 0
    return run_modules(words)


if __name__ == "__main__":
    sys.exit(main())
