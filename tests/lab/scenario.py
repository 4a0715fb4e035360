# SPDX-License-Identifier: Apache-2.0
"""Finds scenarios, runs them, and says how each went.

A scenario is a file scenarios/NN-name.py: its docstring reads like the manual,
its run(lab) uses plain assert. Each gets a lab of its own, and several run at a
time (LAB_JOBS; as many as there are cores). What takes long is in
scenarios/soak, and runs only when it is named.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crew import Crew
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
    alone: bool = False
    """Nothing runs beside it: it fills the shelf for those that follow, or counts seconds."""
    long: bool = False
    """Begun before the short ones, which then fit in beside it."""


def find(names: list[str]) -> list[Scenario]:
    """The scenarios of these names or numbers, or of the word soak; all but the soak, if none is named."""
    short, soak = files("[0-9]*.py"), files("soak/[0-9]*.py")
    every = short | soak
    chosen = []
    for name in names or short:
        matches = [stem for stem in every if name in (stem, stem.partition("-")[0])]
        matches += list(soak) if name == "soak" else []
        if not matches:
            raise LabError(f"no scenario {name}: there are {', '.join(every)}")
        chosen += [load(every[stem]) for stem in matches]
    return chosen


def find_soak() -> list[Scenario]:
    """Those that run only when they are named."""
    return [load(path) for path in files("soak/[0-9]*.py").values()]


def files(pattern: str) -> dict[str, Path]:
    return {path.stem: path for path in sorted(SCENARIOS.glob(pattern))}


def load(path: Path) -> Scenario:
    spec = importlib.util.spec_from_file_location(path.stem.replace("-", "_"), path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    summary = (module.__doc__ or "").strip().splitlines()
    if not summary:
        raise LabError(f"{path}: a scenario starts with a docstring that says what it shows")
    return Scenario(
        path.stem, summary[0], module.run, alone=getattr(module, "ALONE", False), long=getattr(module, "LONG", False)
    )


def jobs() -> int:
    """How many scenarios run at a time."""
    text = os.environ.get("LAB_JOBS") or str(len(os.sched_getaffinity(0)))
    if not text.isdecimal() or int(text) == 0:
        raise LabError(f"LAB_JOBS={text}: that is the number of scenarios at a time, 1 or more")
    return int(text)


def check(scenarios: list[Scenario], image: Image) -> bool:
    """Run them; one line each as it ends, and a count as the last. True if none failed."""
    counts = {"ok": 0, "FAIL": 0, "skip": 0}
    WORK.mkdir(parents=True, exist_ok=True)
    shelf = Path(tempfile.mkdtemp(prefix="shelf-", dir=WORK))
    crew = Crew(lambda s: attempt(s, image, shelf), lambda s: s.alone, jobs())
    try:
        for scenario, outcome in crew.outcomes(sorted(scenarios, key=lambda s: (not s.alone, not s.long))):
            verdict, line = outcome or ("FAIL", ": its process ended without a word")
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
            except Skip:
                raise
            except Exception:
                lab.keep_evidence()
                raise
    except Skip as reason:
        return "skip", f": {reason}"
    except Exception as error:
        logs = LOGS / scenario.name
        (logs / "failure").write_text(traceback.format_exc())
        return "FAIL", f": {first_line(error)} (see {logs})"
    return "ok", f" ({time.monotonic() - began:.0f} s)"


def first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or ["(an assertion without words)"]
    # What no scenario throws on purpose is known by its name.
    named = "" if isinstance(error, (AssertionError, LabError)) else f"{type(error).__name__}: "
    return named + lines[0]
