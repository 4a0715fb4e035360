#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays the stories of the watch side by side, all or those whose names are given; with --soak those that take
an hour. Last line: the sums."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True  # the tree stays as it is

from play import Player  # noqa: E402
from story import Story, read  # noqa: E402
from ending import workers  # noqa: E402

HERE = Path(__file__).resolve().parent


def play(story: Story, build: Path, program: Path, late: float) -> str:
    with tempfile.TemporaryDirectory(prefix="watch-story-") as folder:
        Path(folder).chmod(0o755)
        return Player(story, build, program, Path(folder), late).play()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build", help="where the program and the simulator are (build)")
    parser.add_argument("--program", help="the agent, where it is not the one there")
    parser.add_argument("--jobs", type=int, default=24, help="stories at a time (24)")
    parser.add_argument("--late", type=float, default=0, metavar="SECONDS", help="look at the end of a story so much later: none may change")
    parser.add_argument("--soak", action="store_true", help="those that take an hour, in their place")
    parser.add_argument("stories", nargs="*", help="names; all by default")
    options = parser.parse_args()
    folder = HERE / "stories" / ("soak" if options.soak else "")
    known = [story for path in sorted(folder.glob("*.json")) for story in read(path)]
    chosen = [story for story in known if not options.stories or story.name in options.stories]
    build = Path(options.build).resolve()
    program = Path(options.program or build / "lustre-init").resolve()
    failed = 0
    with workers(options.jobs) as pool:
        for story, wrong in zip(chosen, pool.map(lambda story: play(story, build, program, options.late), chosen)):
            print(f"{'FAIL' if wrong else 'ok  '} {story.name}: {story.about}", flush=True)
            for line in wrong.splitlines():
                print(f"       {line}")
            failed += bool(wrong)
    print(f"{len(chosen) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
