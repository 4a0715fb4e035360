# SPDX-License-Identifier: Apache-2.0
"""Nothing newer is used than the oldest system has: tests/lint/floors, a line for each thing and its version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from .c_source import line_at, strings, uses
from .rule import Finding, Lint, Rule, Skipped, Tree

TABLE = "tests/lint/floors"

# `readelf -W --dyn-syms` of the program, which make writes beside it.
SYMBOLS = "build/lustre-init.symbols"

_UNDEFINED = re.compile(r"\sUND\s+(?P<name>\w+)(?:@(?P<node>\S+))?")
# The linker's and the compiler's own, weak, in every program.
_NOBODYS = re.compile(r"_ITM_|__gmon_start__")
# Constants of the libraries that have no version nodes.
_CONSTANTS = r"CURL[A-Z]*_[A-Z0-9_]+|JSON_[A-Z_]+"
# Macros and enumerators of ours.
_OWN = re.compile(r"^(?:#define\s+|\t)(\w+)(?=\s*[,(=\s])", re.MULTILINE)
_OPTION = re.compile(r"(--[a-z][a-z-]*|-[A-Za-z])(?=$|[ =])")
_DIRECTIVE = re.compile(r"^([A-Z][A-Za-z]+)\s*=")
# Units, and what is added to those of others.
_UNITS = tuple(f"units/*.{kind}" for kind in ("service", "target", "socket", "timer", "path", "mount", "conf"))
# What writes units, by the strings in it and by their keys alone.
_UNIT_WRITERS = ("agent/effect/unit_file.c",)
_KEY = re.compile(r'\bprint_value\(\w+, "([A-Z][A-Za-z]+)"')
# Where it is told what happens on a system that is older or newer than another.
DIFFERENCES = "agent/README.md"
# The places where commands are put together.
_CALLERS = ("agent/effect/*.c", "agent/observe/*.c", "agent/base/lvm_command.c")
# Where a command of LVM begins: base/lvm_command.h.
_LVM = re.compile(r"\blvm_command_begin\(")
_GUARD = re.compile(
    r"^#if LIBCURL_VERSION_NUM >= 0x(?P<version>[0-9a-fA-F]{6})$(?P<inside>.*?)^#(?:else|elif|endif)", re.MULTILINE | re.DOTALL
)


Key = TypeVar("Key")
Value = TypeVar("Value")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(n) for n in version.split("."))


@dataclass
class Floors:
    """The table, read."""

    floor: dict[str, str] = field(default_factory=dict)
    node: dict[str, str] = field(default_factory=dict)
    moved: dict[str, tuple[str, str]] = field(default_factory=dict)  # symbol@node: package, version
    name: dict[str, tuple[str, str]] = field(default_factory=dict)  # package, version
    # tool and option: package, version, the tool is asked for it first
    option: dict[tuple[str, str], tuple[str, str, bool]] = field(default_factory=dict)
    directive: dict[str, tuple[str, str, bool]] = field(default_factory=dict)  # package, version, may be missing
    wrong: list[tuple[int, str]] = field(default_factory=list)

    def read(self, words: list[str]) -> bool:
        """Takes one line; False where it is none of this table, or says anew what is there."""
        what, count = words[0], len(words)
        if what == "floor" and count == 3:
            return self._put(self.floor, words[1], words[2])
        if what == "node" and count == 3:
            return self._put(self.node, words[1], words[2])
        if count < 4 or words[1] not in self.floor:
            return False
        if what == "moved" and count == 4:
            return self._put(self.moved, words[2], (words[1], words[3]))
        if what == "name" and count > 4:
            return self._put(self.name, words[2], (words[1], words[3]))
        if what == "directive" and count > (5 if words[4:5] == ["ignored"] else 4):
            return self._put(self.directive, words[2], (words[1], words[3], words[4] == "ignored"))
        if what == "option" and count > (6 if words[5:6] == ["asked"] else 5):
            return self._put(self.option, (words[2], words[3]), (words[1], words[4], words[5] == "asked"))
        return False

    @staticmethod
    def _put(rows: dict[Key, Value], key: Key, value: Value) -> bool:
        return rows.setdefault(key, value) is value

    def tools(self) -> set[str]:
        return {tool for tool, _ in self.option}

    def above(self, thing: str, package: str, version: str) -> str:
        """What is wrong with a thing that came with this version; nothing where the floor has it."""
        floor = self.floor[package]
        if _numbers(version) <= _numbers(floor):
            return ""
        return f"{thing} came with {package} {version}, and the oldest system has {floor}"


def _read(lint: Lint) -> Floors:
    floors = Floors()
    for number, line in enumerate(lint.tree.read(TABLE).splitlines(), 1):
        if line and not line.startswith("#"):
            if not floors.read(line.split()):
                floors.wrong.append((number, f"'{line}' is no line of this table, or there twice"))
    return floors


def _table(lint: Lint, _files: list[str]) -> Iterator[Finding]:
    floors = _read(lint)
    for number, what in floors.wrong:
        yield Finding(TABLE, number, what)
    for package in floors.node.values():
        if package not in floors.floor:
            yield Finding(TABLE, 1, f"{package} has no floor")


def _judge(floors: Floors, name: str, node: str) -> str:
    """What is wrong with a symbol that the program needs."""
    symbol = f"{name}@{node}"
    if symbol in floors.moved:
        return floors.above(name, *floors.moved[symbol])
    for prefix, package in floors.node.items():
        version = node.removeprefix(prefix)
        if version != node and re.fullmatch(r"[\d.]+", version):
            return floors.above(name, package, version)
    if name in floors.name:
        return floors.above(name, *floors.name[name])
    return f"{name} is not in {TABLE}: add the version that brought it, and its source"


def _symbols(lint: Lint, _files: list[str]) -> Iterator[Finding]:
    place = lint.tree.root / SYMBOLS
    if not place.exists():
        raise Skipped(f"{SYMBOLS} is not there; make {SYMBOLS} makes it")
    floors = _read(lint)
    seen = 0
    for number, line in enumerate(place.read_text().splitlines(), 1):
        match = _UNDEFINED.search(line)
        if not match or _NOBODYS.match(match["name"]):
            continue
        seen += 1
        what = _judge(floors, match["name"], (match["node"] or "").lstrip("@"))
        if what:
            yield Finding(SYMBOLS, number, what)
    if seen == 0:
        yield Finding(SYMBOLS, 1, "there is no symbol that the program takes from a library")


def _asked_for(text: str) -> list[tuple[int, int, str]]:
    """Lines, first and last, that only a libcurl of this version sees."""
    found = []
    for match in _GUARD.finditer(text):
        number = int(match["version"], 16)
        version = f"{number >> 16}.{number >> 8 & 255}.{number & 255}"
        found.append((line_at(text, match.start()), line_at(text, match.end()), version))
    return found


def _constants(lint: Lint, files: list[str]) -> Iterator[Finding]:
    floors = _read(lint)
    own = {name for path in files for name in _OWN.findall(lint.tree.read(path))}
    for path in files:
        text = lint.tree.read(path)
        guards = _asked_for(text)
        for line, name in uses(text, _CONSTANTS):
            if name in own:
                continue
            if name not in floors.name:
                yield Finding(path, line, f"{name} is not in {TABLE}: add the version that brought it, and its source")
                continue
            package, version = floors.name[name]
            there = [v for first, last, v in guards if first < line < last]
            if any(_numbers(v) >= _numbers(version) for v in there):
                continue
            what = floors.above(name, package, version)
            if what:
                yield Finding(path, line, what)


def _options(lint: Lint, files: list[str]) -> Iterator[Finding]:
    floors = _read(lint)
    tools = floors.tools()
    for path in files:
        text = lint.tree.read(path)
        words = list(strings(text))
        # The tools that this file calls; one that calls none hands its words to others.
        named = {word for _, word in words} & tools | ({"lvm"} if _LVM.search(text) else set())
        for line, word in words:
            match = _OPTION.match(word)
            if not match:
                continue
            rows = [floors.option[t, match[1]] for t in named or tools if (t, match[1]) in floors.option]
            if not rows:
                whom = f"of {', '.join(sorted(named))} " if named else ""
                yield Finding(path, line, f"option {match[1]} {whom}is not in {TABLE}: add the version that brought it")
                continue
            what = ["" if asked else floors.above(f"option {match[1]}", *brought) for *brought, asked in rows]
            if all(what):
                yield Finding(path, line, what[0])


def _asked_of_systemd(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Lines and names of the directives in a unit, or in code that writes units."""
    if not path.endswith(".c"):
        for number, line in enumerate(text.splitlines(), 1):
            if match := _DIRECTIVE.match(line):
                yield number, match[1]
        return
    for number, words in strings(text):
        yield from ((number, match[1]) for line in words.split("\\n") if (match := _DIRECTIVE.match(line)))
    yield from ((line_at(text, match.start()), match[1]) for match in _KEY.finditer(text))


def _judge_directive(floors: Floors, name: str, told: str) -> str:
    """What is wrong with a directive; told are the words on what differs between systems."""
    if name not in floors.directive:
        return f"{name}= is not in {TABLE}: add the version that brought it, and its source"
    package, version, ignored = floors.directive[name]
    what = floors.above(f"{name}=", package, version)
    if not ignored or not what:
        return what
    return "" if f"`{name}=`" in told else f"{what}: {DIFFERENCES} does not say what happens there"


def _directives(lint: Lint, files: list[str]) -> Iterator[Finding]:
    floors = _read(lint)
    told = lint.tree.read(DIFFERENCES) if DIFFERENCES in lint.tree.files else ""
    for path in files:
        for line, name in _asked_of_systemd(path, lint.tree.read(path)):
            if what := _judge_directive(floors, name, told):
                yield Finding(path, line, what)


def _agent(tree: Tree) -> list[str]:
    return tree.match("agent/*.[ch]")


RULES = [
    Rule("floors", "the table of floors is whole", lambda tree: tree.match(TABLE), _table, needed=True),
    Rule(
        "floor-symbols",
        "what the program takes from libraries, the oldest system has",
        lambda tree: tree.match(TABLE),
        _symbols,
        needed=True,
    ),
    Rule("floor-constants", "what headers are asked for, the oldest system's have", _agent, _constants, needed=True),
    Rule(
        "floor-options",
        "tools are called with options that those of the oldest system know",
        lambda tree: tree.match(*_CALLERS),
        _options,
        needed=True,
    ),
    Rule(
        "floor-directives",
        "units ask for nothing that the oldest systemd must not miss",
        lambda tree: tree.match(*_UNITS, *_UNIT_WRITERS),
        _directives,
        needed=True,
    ),
]
