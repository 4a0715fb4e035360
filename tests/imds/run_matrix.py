#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays the fault matrix of the metadata client against the simulator.

Rows are data: matrix/rows/*.json. Most of them only wait, so many are played at a time. Rows with a network need root, and are
skipped without it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import Future, as_completed
from dataclasses import replace
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))  # pace, ending

from matrix.play import Played, Tools, play
from matrix.row import Row, load_rows
from matrix.verdict import check
from ending import workers


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="where the tools are (build)")
    parser.add_argument("--probe", help="another probe than BUILD/tests/imds-probe")
    parser.add_argument("--jobs", type=int, default=24, help="rows at a time (24)")
    parser.add_argument("--soak", action="store_true", help="the rows that are too long for make check, alone")
    parser.add_argument("--emulated", action="store_true", help="by qemu-user, which sets no mark and has the memory")
    parser.add_argument("--group", help="only the rows of one file, such as pairs")
    parser.add_argument("--verbose", action="store_true", help="show what the client said in each row")
    parser.add_argument("rows", nargs="*", help="names of rows; all by default")
    return parser.parse_args()


def choose(options: argparse.Namespace) -> list[Row]:
    rows = load_rows()
    unknown = set(options.rows) - {row.name for row in rows}
    if unknown:
        sys.exit(f"no such rows: {' '.join(sorted(unknown))}")
    if options.rows:
        rows = [row for row in rows if row.name in options.rows]
    else:
        rows = [row for row in rows if row.soak == options.soak]
    if options.group:
        rows = [row for row in rows if row.group == options.group]
    if options.emulated:
        rows = [replace(row, expect=replace(row.expect, rss_kib=None)) for row in rows]
    # Those that take longest first, so that the rest fits in beside them.
    return sorted(rows, key=lambda row: -row.expect.seconds)


def obstacle(row: Row, emulated: bool) -> str:
    """Why a row cannot be played here; empty for none."""
    if row.network and os.geteuid() != 0:
        return "only root makes networks"
    if row.mark and emulated:
        return "qemu-user sets no mark"
    return ""


def tell(row: Row, played: Played, faults: list[str], verbose: bool) -> None:
    seconds = played.result.get("seconds", 0)
    print(f"{'FAIL' if faults else 'ok  '} {row.group}/{row.name} ({seconds:.1f} s, {len(played.log)} requests)")
    for fault in faults:
        print(f"       {fault}")
    if verbose and played.result:
        print(f"       {played.result['sentence'] or 'done'}")
        print(f"       last progress: {(played.result['progress'] or ['none'])[-1]}")
    sys.stdout.flush()


def main() -> int:
    options = arguments()
    build = Path(options.build).resolve()
    tools = Tools(
        simulator=str(build / "tests/imds-sim"),
        probe=options.probe or str(build / "tests/imds-probe"),
        agent=str(build / "lustre-init"),
        clock_step=str(build / "tests/imds-clock-step.so"),
    )
    began = time.monotonic()
    passed = failed = skipped = 0
    with workers(options.jobs) as pool:
        futures: dict[Future[Played], Row] = {}
        for serial, row in enumerate(choose(options)):
            if why := obstacle(row, options.emulated):
                print(f"skip {row.group}/{row.name}: {why}")
                skipped += 1
            else:
                futures[pool.submit(play, row, tools, serial)] = row
        for future in as_completed(futures):
            row, played = futures[future], future.result()
            faults = check(row, played)
            tell(row, played, faults, options.verbose)
            passed, failed = passed + (not faults), failed + bool(faults)
    print(f"{time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
