# SPDX-License-Identifier: Apache-2.0
"""The long versions: every kill, hundreds of power cuts. They go on where they stopped.

Each case leaves a file under build/soak; the next run skips those that passed.
A failed case does not end the run: its journal is kept beside its file.
"""

from __future__ import annotations

import json
import os
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cuts
import kills
from host import BUILD, LabError
from image import Image
from laboratory import Lab
from node import Node
from recording import Recording
from scenario import first_line

SOAK = BUILD / "soak"
CUTS = int(os.environ.get("CUTS", "300"))
SEED = int(os.environ.get("SEED", "1"))


class Ledger:
    """What became of each case, a file each."""

    def __init__(self, name: str) -> None:
        self.folder = SOAK / name
        self.folder.mkdir(parents=True, exist_ok=True)

    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text()) for path in sorted(self.folder.glob("*.json"))]

    def passed(self, case: str) -> bool:
        path = self._path(case)
        return path.exists() and bool(json.loads(path.read_text())["passed"])

    def attempt(self, case: str, node: Callable[[], Node], run: Callable[[], dict[str, Any]]) -> bool:
        """Run a case unless it passed before."""
        if self.passed(case):
            return True
        row: dict[str, Any] = {"case": case, "passed": True}
        try:
            row |= run()
        except (AssertionError, LabError, OSError) as error:
            row |= {"passed": False, "why": first_line(error), "where": traceback.format_exc()}
            self._keep_journal(case, node())
        self._write(case, row)
        print("ok  " if row["passed"] else "FAIL", case, row.get("why", ""), flush=True)
        return bool(row["passed"])

    def _path(self, case: str) -> Path:
        return self.folder / f"{case}.json"

    def _write(self, case: str, row: dict[str, Any]) -> None:
        unfinished = self.folder / "unfinished"
        unfinished.write_text(json.dumps(row, indent=2))
        unfinished.rename(self._path(case))

    def _keep_journal(self, case: str, node: Node) -> None:
        try:
            journal = node.run("journalctl", "--no-pager", "-o", "short-monotonic").out
        except (LabError, OSError) as error:
            journal = f"no journal: {error}\n"
        (self.folder / f"{case}.journal").write_text(journal)


def soak_kills(image: Image, say: Callable[[str], None]) -> bool:
    ledger = Ledger("kills")
    with Lab("soak-kills", image, say) as lab:
        lab.network.background = True
        todo = []
        for node, story in kills.stories(lab):
            say(f"{story.name}: an undisturbed run")
            todo += [(node, story, kill) for kill in kills.all_kills(node, story, SEED)]
        for node, story, kill in sorted(todo, key=lambda item: item[2].pause > 0):
            run = partial(kills.attempt, node, story, kill)
            ledger.attempt(kill.name, lambda: node, run)
    return sum_up_kills(ledger.rows())


def sum_up_kills(rows: list[dict[str, Any]]) -> bool:
    failed = sum(not row["passed"] for row in rows)
    hit = [row for row in rows if row["passed"] and row["killed"]]
    by_story = Counter(row["story"] for row in hit)
    print(
        f"soak-kills: {len(hit)} kills survived ({', '.join(f'{n} {s}' for s, n in by_story.items())}), "
        f"{sum(row['reboot'] for row in hit)} with a reboot, "
        f"{len(rows) - failed - len(hit)} came too late, {failed} failed"
    )
    return failed == 0


def soak_cuts(image: Image, say: Callable[[str], None]) -> bool:
    """The recording is kept as long as the image it was made from is."""
    ledger = Ledger(f"cuts/{image.disk.parent.name}")
    with Lab("soak-cuts", image, say) as lab:
        lab.network.background = True
        folder = ledger.folder / "recording"
        made = Recording.load(folder)
        if made is None:
            say("recording two boots")
            made = cuts.record(lab, folder, reboot=True, seconds=30)
            made.save()
        node = lab.nodes.get("node") or lab.add(cuts.spec())[0]
        replay = cuts.Replay(node, made, lab.folder, image.disk)
        for cut in cuts.choose(made, CUTS, SEED):
            run = partial(cuts.attempt, node, replay, made, cut)
            ledger.attempt(cut.name, lambda: node, run)
    return sum_up_cuts(ledger.rows())


def sum_up_cuts(rows: list[dict[str, Any]]) -> bool:
    good = [row for row in rows if row["passed"]]
    after = Counter(row["after"] for row in good)
    failed = len(rows) - len(good)
    print("after: " + ", ".join(f"{word} {count}" for word, count in after.most_common()))
    print(
        f"soak-cuts: {len(good)} power cuts survived, {sum(row['files'] for row in good)} files that "
        f"were promised read back, {failed} failed"
    )
    return failed == 0


SOAKS = {"kills": soak_kills, "cuts": soak_cuts}
