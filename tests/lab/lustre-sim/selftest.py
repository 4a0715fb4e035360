#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The stand-in for Lustre held against the facts, without a VM.

    selftest.py BUILD/lustre-sim [PART OF A CASE'S NAME...]

Runs as root in mount, network and pid namespaces of its own: each node of a case is a pair of
namespaces more, on one bridge, and each disk a loop device over a file in a tmpfs. What needs a real
boot (modprobe, systemd, quota) is tried in the lab's VMs instead.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

sys.path.append(str(Path(__file__).resolve().parents[2]))  # pace

from cases import clients, formats, lnet, mounts
from cases.nodes import Bench, make_bridge

INSIDE = "LUSTRE_SIM_SELFTEST"
MODULES: tuple[ModuleType, ...] = (formats, lnet, mounts, clients)


def enter_namespaces() -> int:
    argv = ["unshare", "-mnp", "--fork", "--mount-proc", sys.executable, *sys.argv]
    return subprocess.run(argv, env={**os.environ, INSIDE: "1"}, check=False).returncode


def cases(words: list[str]) -> list[tuple[str, Callable[[Bench], None]]]:
    found = [
        (name, value)
        for module in MODULES
        for name, value in vars(module).items()
        if name.startswith("case_") and value.__module__ == module.__name__
    ]
    return [case for case in found if not words or any(word in case[0] for word in words)]


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


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    # A shell that starts us in the background has it ignored, and what we start would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    programs, words = Path(sys.argv[1]).resolve(), sys.argv[2:]
    selected, passed, failed = cases(words), 0, 0
    reason = able()
    if reason:
        print(f"skipped: {reason}\n0 passed, 0 failed, {len(selected)} skipped")
        return 0
    if os.environ.get(INSIDE) != "1":
        return enter_namespaces()
    with tempfile.TemporaryDirectory(prefix="lustre-sim-") as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6g", "tmpfs", folder], check=True)
        make_bridge()
        for number, (name, case) in enumerate(selected):
            trouble = run_case(case, Path(folder) / str(number), programs)
            print(f"{'FAIL' if trouble else 'ok  '} {name[5:].replace('_', ' ')}", flush=True)
            if trouble:
                print(trouble, flush=True)
            passed, failed = passed + (trouble is None), failed + (trouble is not None)
        subprocess.run(["umount", "-l", folder], check=True)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
