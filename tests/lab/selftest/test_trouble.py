# SPDX-License-Identifier: Apache-2.0
"""What a console tells of a guest that is gone: recorded lines, and what they mean."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from trouble import PART, Console, diagnose

ROWS = json.loads((Path(__file__).parent / "consoles.json").read_text())["rows"]


def test_each_recorded_console() -> None:
    for row in ROWS:
        assert diagnose(row["says"]) == row["means"], row["name"]


def test_a_line_that_is_written_in_two_parts_is_read_as_one() -> None:
    for row in ROWS:
        for cut in range(0, len(row["says"]), 7):
            found = [f for f in read_in_parts(row["says"][:cut], row["says"][cut:]) if f]
            # Cut in its middle it may be told shorter; told it is.
            assert bool(found) == bool(row["means"]), (row["name"], cut)


def test_what_was_there_before_a_start_is_past() -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "console")
        path.write_text("Kernel panic - not syncing: once\n")
        console = Console(path)
        console.forget()
        assert console.trouble() is None
        with path.open("a") as file:
            file.write("Kernel panic - not syncing: twice\n")
        assert console.trouble() == "its kernel panicked: Kernel panic - not syncing: twice"


def test_a_panic_behind_megabytes_is_found() -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "console")
        path.write_text("x" * 79 + "\n" * PART + "Kernel panic - not syncing: at last\n")
        assert Console(path).trouble() is not None


def test_no_console_yet_is_no_trouble() -> None:
    console = Console(Path("/nonexistent/console"))
    console.forget()
    assert console.trouble() is None and console.last_line() == ""


def read_in_parts(*parts: str) -> list[str | None]:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "console")
        console = Console(path)
        found = []
        for part in parts:
            with path.open("a", newline="") as file:
                file.write(part)
            found.append(console.trouble())
        return found
