# SPDX-License-Identifier: Apache-2.0
"""The ending of a suite that is written with unittest: its tests are run, and its last line is what tests/suites adds up."""

from __future__ import annotations

import sys
import unittest

import ending


def main() -> int:
    """Of the program that runs. One that tests nothing has failed."""
    ending.heed()
    tests = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(tests)
    for _, why in result.skipped:
        print(f"skip {why}")
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print(f"{result.testsRun - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not result.testsRun else 0
