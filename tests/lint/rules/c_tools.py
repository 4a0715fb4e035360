# SPDX-License-Identifier: Apache-2.0
"""C, as clang-format, clang-tidy, cppcheck and gcc see it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath

from .c_source import includes
from .rule import HOME, Finding, Lint, Rule, Skipped, Tree
from .tool import findings, need, per_file, run

_CPPCHECK_KNOWS = HOME / "tests/lint/jansson.cfg"
_FORMAT = HOME / ".clang-format"
_TIDY = HOME / ".clang-tidy"

# In tests, texts of known length are copied, and assertions do not return, which nobody can see. Each path of a unit
# test is walked by the test, which is left to it: clang's walk of them took a third of its time. What may be done
# between vfork(2) and exec(2) is minded where both are, and more than clang allows.
_TIDY_NOT_IN = {
    "tests/": (
        "clang-analyzer-security.insecureAPI.strcpy",
        "clang-analyzer-core.NonNullParamChecker",
        "bugprone-suspicious-missing-comma",
        "clang-diagnostic-string-concatenation",
    ),
    "tests/unit/": ("clang-analyzer-*",),
    "agent/base/process_spawn.c": (
        "clang-analyzer-security.insecureAPI.vfork",
        "clang-analyzer-unix.Vfork",
    ),
}

# An eighth of the paths that clang would walk: two thirds of its time. gcc walks all of its own (_analyzer).
_TIDY_PATHS = [f"--extra-arg={word}" for word in ("-Xclang", "-analyzer-config", "-Xclang", "max-nodes=30000")]

# cppcheck: the leaks know nothing of cleanup attributes; of values that are not set, clang and gcc see more;
# readdir() is safe on a stream of one's own; the last two are its parser giving up.
_CPPCHECK_SUPPRESSED = (
    "memleak",
    "memleakOnRealloc",
    "resourceLeak",
    "uninitvar",
    "ctuuninitvar",
    "uninitdata",
    "readdirCalled",
    "internalAstError",
    "unknownMacro",
)


def _sources(tree: Tree) -> list[str]:
    return [*tree.match("agent/*.c"), *tree.match("tests/*.c")]


@cache
def _package_flags(packages: tuple[str, ...]) -> tuple[str, ...]:
    if not packages:
        return ()
    need("pkg-config")
    done = subprocess.run(
        ["pkg-config", "--cflags", *packages], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Skipped(" ".join(done.stderr.split()[:12]))
    return tuple(done.stdout.split())


def _flags(lint: Lint) -> list[str]:
    return [
        "-std=gnu17",
        "-D_GNU_SOURCE",
        "-D_FILE_OFFSET_BITS=64",
        '-DLUSTRE_INIT_VERSION="0"',
        "-Iagent",
        "-Itests",
        *_package_flags(tuple(lint.packages)),
    ]


def _seen_by(lint: Lint, path: str) -> list[Path]:
    """A source and every header of ours that it reaches."""
    reached, queue = {path}, [path]
    while queue:
        here = queue.pop()
        for include in includes(lint.tree.read(here)):
            beside = (PurePosixPath(here).parent / include.name).as_posix()
            for candidate in (beside, f"agent/{include.name}", f"tests/{include.name}"):
                if include.quoted and candidate not in reached and candidate in lint.tree.known:
                    reached.add(candidate)
                    queue.append(candidate)
    return [lint.tree.root / r for r in sorted(reached)]


def _format(lint: Lint, files: list[str]) -> Iterator[Finding]:
    code, text = run(lint, ["clang-format", f"--style=file:{_FORMAT}", "--dry-run", "-Werror", *files])
    seen: set[str] = set()
    for finding in findings(code, text, files[0]):
        if finding.path not in seen:  # the first place of each file is enough
            seen.add(finding.path)
            yield finding


def _clang_tidy(lint: Lint, files: list[str]) -> Iterator[Finding]:
    flags = [*_flags(lint), "-Wall", "-Wextra"]
    argv = ["clang-tidy", "--quiet", f"--config-file={_TIDY}", *_TIDY_PATHS]
    yield from per_file(
        lint,
        files,
        # One file a start: with several, version 14 reports va_lists that are well.
        lambda path: [*argv, *_tidy_less(path), path, "--", *flags],
        lambda path: [_TIDY, *_seen_by(lint, path)],
    )


def _tidy_less(path: str) -> list[str]:
    less = [name for begin, names in _TIDY_NOT_IN.items() if path.startswith(begin) for name in names]
    return ["--checks=" + ",".join(f"-{name}" for name in less)] if less else []


def _cppcheck(lint: Lint, files: list[str]) -> Iterator[Finding]:
    argv = [
        "cppcheck",
        "--quiet",
        "--std=c11",
        "--language=c",
        "--enable=warning,performance,portability",
        "--library=posix",
        "--library=gnu",
        f"--library={_CPPCHECK_KNOWS}",
        "--inline-suppr",
        "--error-exitcode=1",
        "--template={file}:{line}: {severity}: {message} [{id}]",
        *(f"--suppress={name}" for name in _CPPCHECK_SUPPRESSED),
        "-D_GNU_SOURCE",
        "-Iagent",
        "-Itests",
    ]
    yield from per_file(
        lint, files, lambda path: [*argv, path], lambda path: [_CPPCHECK_KNOWS, *_seen_by(lint, path)]
    )


def _analyzer(lint: Lint, files: list[str]) -> Iterator[Finding]:
    # Version 12 loses sight of memory that is handed out through a pointer: leaks are the sanitizer's.
    flags = ["-O2", "-fanalyzer", "-Wno-analyzer-malloc-leak", "-S", "-o", "/dev/null", *_flags(lint)]
    yield from per_file(
        lint, files, lambda path: ["gcc", *flags, path], lambda path: _seen_by(lint, path)
    )


RULES = [
    Rule(
        "format",
        "C looks as clang-format 14 writes it",
        lambda tree: tree.match("agent/*.[ch]", "tests/*.[ch]"),
        _format,
        needed=True,
    ),
    Rule("cppcheck", "cppcheck finds nothing", _sources, _cppcheck, needed=True),
    Rule("clang-tidy", "clang-tidy finds nothing of what .clang-tidy asks for", _sources, _clang_tidy, needed=True),
    Rule(
        "gcc-analyzer",
        "gcc -fanalyzer finds nothing",
        # The tests' assertions do not return, which gcc cannot know.
        lambda tree: [f for f in _sources(tree) if not f.startswith("tests/unit/")],
        _analyzer,
        needed=True,
        slow=True,
    ),
]
