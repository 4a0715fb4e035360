# SPDX-License-Identifier: Apache-2.0
"""A Terraform module as hcl.js reads it: its names, and what its values come to."""

from __future__ import annotations

import re
from typing import Any

_WHOLE = re.compile(r"^\$\{([^{}]+)\}$")
_PART = re.compile(r"\$\{([^{}]+)\}")
_NAME = re.compile(r'\b(?:var\.(\w+)|(aws_\w+)\.(\w+)(?:\["(\w+)"\])?\.\w+)')
_CONCAT = re.compile(r"concat\(\[(.+)\], (.+)\)")
# Terraform's own, of arguments and not of values.
_META = ("lifecycle", "for_each", "depends_on")


class Mistake(Exception):
    """What is wrong in a module."""


def written_out(block: dict[str, Any]) -> dict[str, Any]:
    """A block as if each dynamic one in it were written there once."""
    dynamic = {name: [one["content"][0] for one in blocks] for name, blocks in block.get("dynamic", {}).items()}
    return {**{name: value for name, value in block.items() if name != "dynamic"}, **dynamic}


class Module:
    """All files of a module together, and the variables' values: their defaults, and what is given."""

    def __init__(self, files: list[dict[str, Any]], given: dict[str, Any]) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self.outputs: dict[str, Any] = {}
        self.locals: dict[str, Any] = {}
        variables: dict[str, Any] = {}
        for file in files:
            for kind, named in file.get("resource", {}).items():
                self.resources.setdefault(kind, {}).update(named)
            variables.update(file.get("variable", {}))
            self.outputs.update(file.get("output", {}))
            for block in file.get("locals", []):
                self.locals.update(block)
        self.values = {name: given.get(name, v[0].get("default")) for name, v in variables.items()}
        self.used: set[str] = set()
        # Of the resource that is looked at, where it is one of several: "key", and each of "value".
        self._each: dict[str, Any] = {}

    def _meaning(self, expression: str) -> Any:
        if expression.startswith("local."):
            return self.resolved(self.locals[expression.removeprefix("local.")])
        if expression.endswith("[*]"):
            value = self._meaning(expression.removesuffix("[*]"))
            return [] if value is None else [value]
        if concat := _CONCAT.fullmatch(expression):
            return [self._meaning(concat[1]), *self._meaning(concat[2])]
        if expression.startswith("each."):
            return self._of_each(expression.removeprefix("each."))
        name = _NAME.fullmatch(expression.strip())
        if not name:
            raise Mistake(f"{expression} is more than these tests understand")
        variable, kind, resource, key = name.groups()
        if variable:
            if variable not in self.values:
                raise Mistake(f"there is no variable {variable}")
            self.used.add(variable)
            return self.values[variable]
        if resource not in self.resources.get(kind, {}):
            raise Mistake(f"there is no {kind}.{resource}")
        keys = self._keys(self.resources[kind][resource][0])
        if (key is None) != (keys is None) or (keys is not None and key not in keys):
            raise Mistake(f"{expression}: there is {kind}.{resource} of {keys}")
        return expression

    def _of_each(self, name: str) -> Any:
        value = self._each
        for word in name.split("."):
            if word not in value:
                raise Mistake(f"each.{name}: there is {sorted(value)}")
            value = value[word]
        return value

    def _keys(self, block: dict[str, Any]) -> dict[str, Any] | None:
        return self.resolved(block["for_each"]) if "for_each" in block else None

    def resolved(self, value: Any) -> Any:
        """Variables become their values; resources stay the text that names them."""
        if isinstance(value, dict):
            plain = {key: self.resolved(item) for key, item in value.items() if key not in ("dynamic", *_META)}
            return {**plain, **self._dynamic(value.get("dynamic", {}))}
        if isinstance(value, list):
            return [self.resolved(item) for item in value]
        if not isinstance(value, str):
            return value
        whole = _WHOLE.match(value)
        return self._meaning(whole[1]) if whole else _PART.sub(lambda m: str(self._meaning(m[1])), value)

    def _dynamic(self, named: dict[str, Any]) -> dict[str, Any]:
        """Each block as many times as it has values."""
        found: dict[str, Any] = {}
        for name, blocks in named.items():
            for block in blocks:
                for value in self.resolved(block["for_each"]):
                    content = {k: value if item == f"${{{name}.value}}" else self.resolved(item) for k, item in block["content"][0].items()}
                    found.setdefault(name, []).append(content)
        return found

    def of_type(self, kind: str) -> dict[str, Any]:
        """Arguments by the resources' names, resolved; of those that are several, by their keys."""
        found = {}
        for name, blocks in self.resources[kind].items():
            keys = self._keys(blocks[0])
            if keys is None:
                found[name] = self.resolved(blocks[0])
                continue
            for key, value in keys.items():
                self._each = {"key": key, "value": value}
                found[f"{name}.{key}"] = self.resolved(blocks[0])
            self._each = {}
        return found
