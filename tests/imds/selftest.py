#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks every feature and fault of imds-sim, on loopback.

usage: selftest.py BINARY [NAME ...]     (names of tests; all by default)
"""

from __future__ import annotations

import sys
import traceback
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))  # pace

import test_faults
import test_nodes
import test_protocol
from simulator import Simulator


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    start = partial(Simulator, str(Path(arguments[0]).resolve()))
    chosen = set(arguments[1:])
    passed = failed = skipped = 0
    for test in test_protocol.TESTS + test_nodes.TESTS + test_faults.TESTS:
        name = test.__name__.removeprefix("test_")
        if chosen and name not in chosen:
            skipped += 1
            continue
        try:
            test(start)
        except Exception:
            failed += 1
            print(f"FAIL {name}")
            traceback.print_exc(file=sys.stdout)
        else:
            passed += 1
            print(f"ok   {name}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
