# SPDX-License-Identifier: Apache-2.0
"""What Terraform's provider for AWS calls its arguments: read from the declarations of npm's @cdktf/provider-aws, which are
generated from the provider's own schema, and name each argument as Terraform does beside their own spelling of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_INTERFACE = re.compile(r"^export interface (\w+)[^{]*\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_ARGUMENT = re.compile(r"docs/resources/\w+#(?P<name>\w+) \w+#\w+\}.*?\*/\s*readonly \w+(?P<may>\??): (?P<type>[^;]+);", re.DOTALL)
# Terraform's own, of every resource.
META = {"count", "depends_on", "for_each", "lifecycle", "provider", "provisioner", "connection"}
_WORD = re.compile(r"\b[A-Z]\w+\b")


class Provider:
    """The schema, a resource at a time: each block's arguments, whether they may be left out, and the block in them."""

    def __init__(self, package: Path) -> None:
        self._package = package

    def _interfaces(self, kind: str) -> dict[str, dict[str, tuple[bool, str]]]:
        path = self._package / "lib" / kind.removeprefix("aws_").replace("_", "-") / "index.d.ts"
        if not path.exists():
            return {}
        found = {}
        for name, body in _INTERFACE.findall(path.read_text()):
            found[name] = {m["name"]: (m["may"] == "?", m["type"]) for m in _ARGUMENT.finditer(body) if m["name"]}
        return found

    def mistakes(self, kind: str, name: str, arguments: dict[str, Any]) -> Iterator[str]:
        interfaces = self._interfaces(kind)
        config = next((key for key in interfaces if key.endswith("Config")), None)
        if config is None:
            yield f"there is no resource {kind}"
            return
        yield from self._of_block(interfaces, config, f"{kind}.{name}", {k: v for k, v in arguments.items() if k not in META})

    def _of_block(self, interfaces: dict[str, dict[str, tuple[bool, str]]], block: str, where: str, given: dict[str, Any]) -> Iterator[str]:
        known = interfaces[block]
        for argument in sorted(given.keys() - known.keys()):
            yield f"{where} has no argument {argument}"
        for argument, (may_miss, _) in known.items():
            if not may_miss and argument not in given:
                yield f"{where} lacks {argument}"
        for argument, value in given.items():
            inner = next((word for word in _WORD.findall(known.get(argument, (True, ""))[1]) if word in interfaces), None)
            for each in value if isinstance(value, list) and inner else []:
                yield from self._of_block(interfaces, inner, f"{where}.{argument}", each)
