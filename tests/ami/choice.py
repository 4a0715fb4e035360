# SPDX-License-Identifier: Apache-2.0
"""Which stories of ami-build a run has: make check is short, make soak-ami whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

# Several images each, of what the others have the first of: with --whole, or by their names.
LONG = (
    "what_was_cut_is_done_by_the_next", "a_hardened_builder_makes_the_same", "another_url_moves_it_on",
    "names_are_resolved_in_the_image", "a_login_is_for_one_run", "packer_uploads_the_keys",
)  # fmt: skip
BREAKS_OF_ONE = 2


Job = tuple[str, Callable[[], None]]


def chosen(jobs: list[Job], named: list[str], whole: bool) -> list[Job]:
    """Those that are named; without names, all that are not LONG, and not the third break of a check."""
    gone = set(LONG) - {name for name, _ in jobs}
    assert not gone, f"no story has the name {gone}"
    if named:
        return [job for job in jobs if any(name in job[0] for name in named)]
    if whole:
        return jobs
    seen: Counter[str] = Counter()
    short: list[Job] = []
    for name, story in jobs:
        check, colon, _ = name.partition(": ")
        seen[check] += 1
        if name not in LONG and not (colon and seen[check] > BREAKS_OF_ONE):
            short.append((name, story))
    return short
