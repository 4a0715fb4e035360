# SPDX-License-Identifier: Apache-2.0
"""Other programs that judge: started, read, and remembered by the content they saw."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pace

from .rule import HOME, Finding, Lint, Skipped

# path:line[:column]: [severity:] text, as compilers, linters and clang-format write it.
_LINE = re.compile(r"^(?P<path>[^\s:]+):(?P<line>\d+)(?::\d+)?:\s+(?P<text>.*)$")
_NOTE = re.compile(r"^(note|information):")


def _ours(match: re.Match[str]) -> bool:
    """Warnings about the system's headers are not ours."""
    return match["path"][0] != "/" or "error" in match["text"]


def need(program: str) -> None:
    """Says so where a program is missing."""
    if not shutil.which(program):
        raise Skipped(f"{program} is not installed; make deps installs it")


def run(lint: Lint, argv: list[str], timeout: float = 300) -> tuple[int, str]:
    """Exit status and all that was said; the tree's own place is taken out of it."""
    need(argv[0])
    done = pace.run(argv, timeout, cwd=lint.tree.root, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.replace(f"{lint.tree.root}/", "")


def findings(code: int, text: str, path: str, notes: bool = False) -> Iterator[Finding]:
    """Reads what a tool said, the notes that explain it left out; a tool that failed without naming a line is a finding too."""
    found = False
    for line in text.splitlines():
        match = _LINE.match(line)
        if match and _ours(match) and (notes or not _NOTE.match(match["text"])):
            found = True
            yield Finding(match["path"], int(match["line"]), match["text"])
    if code != 0 and not found:
        yield Finding(path, 1, " ".join(text.split())[:400] or f"exit status {code}")


def over_all(
    argv: list[str],
) -> Callable[[Lint, list[str]], Iterator[Finding]]:
    """A check that hands all files to one start of a tool."""

    def check(lint: Lint, files: list[str]) -> Iterator[Finding]:
        if files:
            code, text = run(lint, [*argv, *files])
            yield from findings(code, text, files[0], notes=True)

    return check


@cache
def _version(program: str) -> str:
    return subprocess.run(
        [program, "--version"], stdout=subprocess.PIPE, check=False
    ).stdout.decode("utf-8", errors="replace")


def _key(lint: Lint, argv: list[str], inputs: list[Path]) -> str:
    # Not where the tree lies: clones may share one cache.
    words = [word.replace(str(HOME), "") for word in [*argv, _version(argv[0])]]
    digest = hashlib.sha256("\0".join(words).encode())
    for path in inputs:
        digest.update(f"\0{path.name}\0".encode())
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()[:32]


def per_file(
    lint: Lint,
    files: list[str],
    argv: Callable[[str], list[str]],
    inputs: Callable[[str], list[Path]],
) -> Iterator[Finding]:
    """One start a file, two at a time; an answer is remembered until an input changes."""
    lint.cache.mkdir(parents=True, exist_ok=True)

    def look(path: str) -> tuple[int, str] | None:
        words = argv(path)
        kept = lint.cache / f"{Path(words[0]).name}-{_key(lint, words, inputs(path))}"
        if kept.exists():
            kept.touch()
            code, text = json.loads(kept.read_text())
            return code, text
        if lint.late():
            return None
        answer = run(lint, words)
        kept.write_text(json.dumps(answer))
        return answer

    left_over = 0
    seen: set[Finding] = set()
    if files:
        need(argv(files[0])[0])
    with ThreadPoolExecutor(lint.jobs) as pool:
        for path, answer in zip(files, pool.map(look, files)):
            if answer is None:
                left_over += 1
                continue
            new = set(findings(*answer, path)) - seen  # a header's are said once
            seen |= new
            yield from sorted(new, key=lambda f: (f.path, f.line))
    if left_over:
        raise Skipped(f"no time for {left_over} of {len(files)} files; the next run goes on")
