# SPDX-License-Identifier: Apache-2.0
"""Finds scenarios, runs them, and says how each went.

A scenario is a file scenarios/NN-name.py: its docstring reads like the manual,
its run(lab) uses plain assert. Each gets a lab of its own.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from host import LAB, WORK, LabError
from image import Image
from laboratory import LOGS, Lab

SCENARIOS = LAB / "scenarios"


class Skip(Exception):
    """Raised by a scenario that cannot be run here, with the reason."""


@dataclass(frozen=True)
class Scenario:
    name: str
    summary: str
    run: Callable[[Lab], None]


def find(names: list[str]) -> list[Scenario]:
    """The scenarios of these names, or with these numbers; all, if none is named."""
    every = {path.stem: path for path in sorted(SCENARIOS.glob("[0-9]*.py"))}
    chosen = []
    for name in names or every:
        matches = [stem for stem in every if name in (stem, stem.partition("-")[0])]
        if not matches:
            raise LabError(f"no scenario {name}: there are {', '.join(every)}")
        chosen += [load(every[stem]) for stem in matches]
    return chosen


def load(path: Path) -> Scenario:
    spec = importlib.util.spec_from_file_location(path.stem.replace("-", "_"), path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    summary = (module.__doc__ or "").strip().splitlines()
    if not summary:
        raise LabError(f"{path}: a scenario starts with a docstring that says what it shows")
    return Scenario(path.stem, summary[0], module.run)


def check(scenarios: list[Scenario], image: Image) -> bool:
    """Run them in order; one line each, and a count as the last. True if none failed."""
    counts = {"ok": 0, "FAIL": 0, "skip": 0}
    WORK.mkdir(parents=True, exist_ok=True)
    shelf = Path(tempfile.mkdtemp(prefix="shelf-", dir=WORK))
    try:
        for scenario in scenarios:
            verdict, line = attempt(scenario, image, shelf)
            counts[verdict] += 1
            print(f"{verdict} {scenario.name}{line}", flush=True)
    finally:
        shutil.rmtree(shelf, ignore_errors=True)
    passed, failed, skipped = counts.values()
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return failed == 0


def attempt(scenario: Scenario, image: Image, shelf: Path) -> tuple[str, str]:
    began = time.monotonic()
    try:
        with Lab(scenario.name, image, lambda text: None, shelf) as lab:
            try:
                scenario.run(lab)
            except (AssertionError, LabError):
                lab.keep_evidence()
                raise
    except Skip as reason:
        return "skip", f": {reason}"
    except (AssertionError, LabError) as error:
        logs = LOGS / scenario.name
        (logs / "failure").write_text(traceback.format_exc())
        return "FAIL", f": {first_line(error)} (see {logs})"
    return "ok", f" ({time.monotonic() - began:.0f} s)"


def first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else f"{type(error).__name__} (an assertion without words)"
