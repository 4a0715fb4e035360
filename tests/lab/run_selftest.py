#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the lab itself, without a guest: every test_ function in selftest/. Last line: the sums."""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.append(str(Path(__file__).resolve().parents[1]))


def main() -> int:
    passed = failed = 0
    for path in sorted((Path(__file__).parent / "selftest").glob("test_*.py")):
        module = importlib.import_module(f"selftest.{path.stem}")
        for name, test in vars(module).items():
            if not name.startswith("test_"):
                continue
            try:
                test()
                passed += 1
            except Exception:
                failed += 1
                print(f"FAIL {path.stem}: {name}")
                traceback.print_exc(file=sys.stdout)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
