#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How suites are run: to their end or their bound, beside each other where they say so, and never longer than who runs them."""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

sys.dont_write_bytecode = True  # the tree stays as it is

import pace  # noqa: E402
import sums  # noqa: E402

HERE = Path(__file__).resolve().parent
# Three cases, one after the other, each with a folder of its own.
PLAYS_THREE = """
import ending, pathlib, sys, tempfile, time
def play(number):
    with tempfile.TemporaryDirectory(dir=sys.argv[1]) as name:
        pathlib.Path(name, "begun").touch()
        while not pathlib.Path(sys.argv[1], "go").exists():
            time.sleep(0.05)
    pathlib.Path(sys.argv[1], f"ended-{number}").touch()
with ending.workers(1) as pool:
    for case in [pool.submit(play, number) for number in range(3)]:
        case.result()
"""
PASSED = "echo '1 passed, 0 failed, 0 skipped'"


class Suites(unittest.TestCase):
    """Suites that a make of ours plays, each a line of shell in an empty folder of their own."""

    def setUp(self) -> None:
        self._keeper = tempfile.TemporaryDirectory(prefix="suites-")
        self.folder = Path(self._keeper.name)
        self.addCleanup(self._keeper.cleanup)

    def start(self, words: list[str], by: tuple[str, ...] = (), **plays: str) -> subprocess.Popen[str]:
        make = self.folder / "make"
        cases = "".join(f"*check-{name}) {script} ;;\n" for name, script in plays.items())
        make.write_text(f'#!/bin/sh\ncd "{self.folder}"\ncase "$*" in\n{cases}esac\n')
        make.chmod(0o755)
        return subprocess.Popen(
            [*by, f"MAKE={make}", f"SUITES={' '.join(words)}"] if by else [HERE / "suites", *words],
            cwd=HERE.parent,
            env={**os.environ, "MAKE": str(make), "CHECK_LOGS": str(self.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def play(self, words: list[str], **plays: str) -> tuple[int, str]:
        process = self.start(words, **plays)
        said, _ = pace.communicate(process, 60)
        return process.returncode, said

    def test_one_that_hangs_is_ended(self) -> None:
        code, said = self.play(["hung:1"], hung=f"{PASSED}; exec sleep 600")
        self.assertEqual(code, 1, said)
        self.assertIn("FAIL hung was ended after", said)
        self.assertTrue(said.endswith("1 passed, 1 failed, 0 skipped\n"), said)

    def test_one_runs_beside_another(self) -> None:
        waits = f"until [ -e met ]; do sleep 0.1; done; {PASSED}"
        code, said = self.play(["waits:20+", "meets:20"], waits=waits, meets=f": >met; {PASSED}")
        self.assertEqual(code, 0, said)
        self.assertTrue(said.endswith("2 passed, 0 failed, 0 skipped\n"), said)

    def test_not_two_of_these_at_once(self) -> None:
        first = f"sleep 1; : >over; {PASSED}"
        code, said = self.play(["first:20+", "second:20+"], first=first, second=f"[ -e over ] && {PASSED}")
        self.assertEqual(code, 0, said)

    def test_what_fails_beside_is_shown(self) -> None:
        beside = "echo 'ok   this'; echo 'FAIL that'; echo '1 passed, 1 failed, 0 skipped'; false"
        code, said = self.play(["beside:20+", "shown:20"], beside=beside, shown=f"echo 'ok   other'; {PASSED}")
        self.assertEqual(code, 1, said)
        self.assertIn("   FAIL that\n", said)
        self.assertIn("   ok   other\n", said)
        self.assertNotIn("ok   this", said)
        self.assertIn("ok   this", (self.folder / "beside.log").read_text())

    def test_none_outlives_who_started_it(self) -> None:
        hangs = ": >${0##*/}-$$; exec sleep 600"
        process = self.start(["beside+", "shown"], beside=hangs, shown=hangs)
        begun = pace.until(lambda: len(list(self.folder.glob("make-*"))) == 2, 20)
        process.terminate()
        said, _ = pace.communicate(process, 60)
        left = [path.name for path in self.folder.glob("make-*") if Path("/proc", path.name[5:]).exists()]
        self.assertEqual((begun, left), (True, []), said)

    def test_nor_make_that_is_told_to_end(self) -> None:
        """It tells the one process that it started itself."""
        process = self.start(["hangs"], by=("make", "-o", "deps", "check"), hangs=": >make-$$; exec sleep 600")
        begun = pace.until(lambda: len(list(self.folder.glob("make-*"))) == 1, 20)
        process.terminate()
        said, _ = pace.communicate(process, 60)
        left = [path.name for path in self.folder.glob("make-*") if Path("/proc", path.name[5:]).exists()]
        self.assertEqual((begun, left), (True, []), said)

    def test_who_takes_away_what_it_made_is_waited_for(self) -> None:
        """Also when who started it has gone."""
        cleans = "(trap 'sleep 2; : >over; exit' TERM; : >begun; sleep 600 & wait) & exec sleep 600"
        process = self.start(["cleans"], cleans=cleans)
        pace.until(lambda: (self.folder / "begun").exists(), 20)
        process.terminate()
        pace.communicate(process, 60)
        self.assertTrue((self.folder / "over").exists())

    def test_cases_at_work_end_and_no_other_begins(self) -> None:
        process = subprocess.Popen([sys.executable, "-B", "-c", PLAYS_THREE, self.folder], cwd=HERE, stderr=subprocess.DEVNULL)
        pace.until(lambda: any(self.folder.glob("*/begun")), 20)
        for _ in range(2):
            process.terminate()
            time.sleep(0.2)
        (self.folder / "go").touch()
        pace.wait(process, 60)
        self.assertEqual(sorted(os.listdir(self.folder)), ["ended-0", "go"])

    def test_nor_who_is_told_to_end_while_it_begins(self) -> None:
        """The first is at work, and the signal comes before the second was handed over."""
        folder = self.folder

        class Told(ThreadPoolExecutor):
            def submit(self, *words: Any, **more: Any) -> Any:
                super().submit(*words, **more)
                pace.until(lambda: (folder / "begun").exists(), 20)
                raise SystemExit(143)

        make = folder / "make"
        make.write_text(f'#!/bin/sh\ncd "{folder}"\n: >begun\nsleep 5\n: >over\n{PASSED}\n')
        make.chmod(0o755)
        suites = load_suites()
        with mock.patch.dict(os.environ, MAKE=str(make)), mock.patch.object(suites, "LOGS", folder):
            with mock.patch.object(suites, "ThreadPoolExecutor", Told), contextlib.redirect_stdout(io.StringIO()):
                self.assertRaises(SystemExit, suites.run_all, [suites.Suite("one", 20, beside=False)])
        self.assertEqual([(folder / name).exists() for name in ("begun", "over")], [True, False])


def load_suites() -> Any:
    """The program as a module."""
    loader = importlib.machinery.SourceFileLoader("suites", str(HERE / "suites"))
    spec = importlib.util.spec_from_loader("suites", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(sums.main())
