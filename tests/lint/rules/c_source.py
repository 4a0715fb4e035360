# SPDX-License-Identifier: Apache-2.0
"""Reads C as far as the rules need it: what is included, called, defined and how long it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

_TOKEN = re.compile(
    r"""//[^\n]* | /\*.*?\*/ | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""",
    re.VERBOSE | re.DOTALL,
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)
_ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\)")
_NO_VARIABLE = re.compile(r"^(?:typedef|_Static_assert|static_assert|__extension__)\b")
_STATIC = re.compile(r"\bstatic\b[^;={}]*(?=[;=])")


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match.group())


@cache
def without_words(text: str) -> str:
    """The text with comments, strings and characters blanked, every line in its place."""
    return _TOKEN.sub(_blank, text)


def line_at(text: str, offset: int) -> int:
    """The number of the line an offset is in."""
    return text.count("\n", 0, offset) + 1


@dataclass(frozen=True)
class Include:
    """One #include."""

    line: int
    name: str
    quoted: bool


@cache
def includes(text: str) -> list[Include]:
    """Every #include, commented ones left out."""
    code = without_words(text)
    return [
        Include(line_at(text, m.start(1)), m[2], m[1] == '"')
        for m in _INCLUDE.finditer(text)
        if code[m.start() : m.start(1)].strip()
    ]


def uses(text: str, names: str) -> Iterator[tuple[int, str]]:
    """Lines on which code says one of `names`, a regular expression; members do not count."""
    code = without_words(text)
    for match in re.finditer(rf"(?<![\w.])(?<!->)(?:{names})", code):
        yield line_at(code, match.start()), match.group().rstrip(" (")


def strings(text: str) -> Iterator[tuple[int, str]]:
    """Lines and innards of the strings in code."""
    for match in _TOKEN.finditer(text):
        if match.group().startswith('"'):
            yield line_at(text, match.start()), match.group()[1:-1]


@dataclass(frozen=True)
class Item:
    """One definition or declaration at file scope: its head, body and place."""

    head: str  # up to the body or the semicolon, the innards of braces taken out
    body: str
    first: int
    last: int

    @property
    def is_function(self) -> bool:
        return bool(self.body) and "=" not in self.head and self.head.endswith(")")


def items(text: str) -> Iterator[Item]:
    """What stands at file scope, in order."""
    code = _DIRECTIVE.sub(_blank, without_words(text))
    depth, head, start, opened = 0, "", -1, 0
    for at, char in enumerate(code):
        if char == "{":
            if depth == 0:
                opened = at
            depth += 1
            continue
        if char == "}":
            depth -= 1
            if depth > 0:
                continue
            shape = Item(_tidy(head), code[opened : at + 1], line_at(code, start), line_at(code, at))
            if shape.is_function:
                yield shape
                head, start = "", -1
            else:
                head += "{}"
            continue
        if depth > 0:
            continue
        if char == ";":
            if head.strip():
                yield Item(_tidy(head), "", line_at(code, start), line_at(code, at))
            head, start = "", -1
            continue
        if start < 0 and not char.isspace():
            start = at
        head += char


def _tidy(head: str) -> str:
    return " ".join(_ATTRIBUTE.sub(" ", head).split())


def function_name(item: Item) -> str:
    """The name of a function that an item defines."""
    match = re.search(r"(\w+)\s*\(", item.head)
    return match[1] if match else item.head


def _is_mutable_variable(declaration: str) -> bool:
    """Whether a declaration, without its initialiser, makes an object that can change."""
    text = re.sub(r"\[[^\]]*\]", "", declaration.split("=", 1)[0]).strip()
    if _NO_VARIABLE.match(text) or re.match(r'^extern\s*{}', text):
        return False
    pointer = re.match(r"[^(]*\(\s*\*\s*(const\b)?[\w\s]*\)\s*\(", text)
    if pointer:
        return not pointer[1]
    if "(" in text:
        return False  # a prototype
    if re.fullmatch(r"(?:struct|union|enum)\s+\w*\s*(?:{})?|(?:struct|union|enum)\s*{}", text):
        return False  # a type alone
    if len(text.split()) < 2:
        return False  # a macro that stands alone
    last = text.rsplit("*", 1)[-1] if "*" in text else text
    return not re.search(r"\bconst\b", last)


def mutable_variables(text: str) -> Iterator[tuple[int, str]]:
    """Lines and names of what lives as long as the program and can change."""
    for item in items(text):
        if item.is_function:
            for match in _STATIC.finditer(item.body):
                if _is_mutable_variable(match.group()):
                    line = item.last - item.body.count("\n", match.start())
                    yield line, match.group().split()[-1]
        elif _is_mutable_variable(item.head):
            name = item.head.split("=", 1)[0].split("[", 1)[0].split()
            yield item.first, name[-1].lstrip("*")
