# SPDX-License-Identifier: Apache-2.0
"""What is written beside a table of the program says what the table says: completions, the journal's catalog."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from .rule import Finding, Lint, Rule, Tree

_VERB = re.compile(r'^\t\{ "([a-z]+)", "((?:[^"\\]|\\.)*)"', re.MULTILINE)
_OPTION = re.compile(r'^\t+\{ "([a-z-]+)", (?:no|required)_argument', re.MULTILINE)
_SCHEMA = "agent/schema/lustre-init.schema.json"
_SAID_OPTION = re.compile(r"(?<![\w$-])--([a-z][a-z-]*)")
_KEYS = re.compile(r"keys=['(]([^')]*)[')]")
_VERBS = re.compile(r"local verbs='([^']*)'")
_ZSH_VERB = re.compile(r"""^\t\t['"]([a-z]+):(.*)['"]$""", re.MULTILINE)

_EVENTS = "agent/report_journal.c"
# Of a boot, with a name beside its id; of a refusal; and of the watch, whose events have theirs in model/watch_event.c.
_EVENT = re.compile(r'\[((?:JOURNAL|REFUSAL|EVENT)_\w+)\] =\s*(?:\{\s*"[^"]*",\s*)?"([^"]*)"')
_ENTRY = re.compile(r"^-- (\S+)\n((?:(?!-- ).*\n?)*)", re.MULTILINE)
_ID = re.compile(r"[0-9a-f]{32}")
_HEADERS = ("Subject: ", "Defined-By: ", "Documentation: ")


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _verbs(tree: Tree) -> dict[str, str]:
    return dict(_VERB.findall(tree.read("agent/main.c")))


def _options(tree: Tree) -> set[str]:
    return {o for f in ("agent/main.c", "agent/verbs/check.c") if f in tree.known for o in _OPTION.findall(tree.read(f))}


def _keys(tree: Tree) -> list[str]:
    return list(json.loads(tree.read(_SCHEMA))["definitions"]["document"]["properties"])


def _difference(path: str, line: int, what: str, said: list[str], known: list[str]) -> Iterator[Finding]:
    for name in sorted(set(said) ^ set(known)):
        yield Finding(path, line, f"{what} {name} is not in both, this and the program's table")


def _said_verbs(text: str) -> tuple[int, dict[str, str]]:
    """bash has a list of them, zsh one a line with the words of --help."""
    match = _VERBS.search(text)
    if match:
        return _line(text, match.start()), {name: "" for name in match[1].split()}
    found = list(_ZSH_VERB.finditer(text))
    return _line(text, found[0].start()) if found else 1, {m[1]: m[2].replace("\\:", ":") for m in found}


def _completions(lint: Lint, files: list[str]) -> Iterator[Finding]:
    verbs = _verbs(lint.tree)
    for path in files:
        text = lint.tree.read(path)
        line, said = _said_verbs(text)
        yield from _difference(path, line, "verb", list(said), list(verbs))
        for name, words in said.items():
            if words and name in verbs and words != verbs[name]:
                yield Finding(path, line, f"--help says otherwise of {name}: {verbs[name]}")
        keys = _KEYS.search(text)
        yield from _difference(path, _line(text, keys.start()) if keys else 1, "key", keys[1].split() if keys else [], _keys(lint.tree))
        # The words of --help name some.
        yield from _difference(path, 1, "option", _SAID_OPTION.findall(_ZSH_VERB.sub("", text)), sorted(_options(lint.tree)))


def _catalog(lint: Lint, files: list[str]) -> Iterator[Finding]:
    source = lint.tree.read(_EVENTS) if _EVENTS in lint.tree.known else ""
    events = {m[2]: m for m in _EVENT.finditer(source)}
    others = "".join(lint.tree.read(f) for f in lint.tree.match("agent/*.c"))
    for path in files:
        text = lint.tree.read(path)
        entries = {m[1]: m for m in _ENTRY.finditer(text)}
        for name, entry in entries.items():
            head, _, body = entry[2].partition("\n\n")
            if name not in events or not _ID.fullmatch(name):
                yield Finding(path, _line(text, entry.start()), f"{name} is no event's id")
            elif not all(re.search(f"^{h}", head, re.MULTILINE) for h in _HEADERS) or not body.strip():
                yield Finding(path, _line(text, entry.start()), f"{name} lacks one of {', '.join(_HEADERS)}or its text")
        for name, event in events.items():
            if name not in entries:
                yield Finding(_EVENTS, _line(source, event.start()), f"{event[1]} has no text in {path}")
            if len(re.findall(rf"\b{event[1]}\b", others)) < 2:
                yield Finding(_EVENTS, _line(source, event.start()), f"{event[1]} is sent nowhere")


RULES = [
    Rule(
        "completions",
        "what the shells complete is what the program takes: every verb, option and key, and nothing else",
        lambda tree: tree.match("agent/completion/*lustre-init"),
        _completions,
        needed=True,
    ),
    Rule(
        "catalog",
        "each id in the journal has a text that says what to do, and is sent",
        lambda tree: tree.match("units/*.catalog"),
        _catalog,
        needed=True,
    ),
]
