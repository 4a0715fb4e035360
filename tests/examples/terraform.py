# SPDX-License-Identifier: Apache-2.0
"""A Terraform module as hcl.js reads it: its names, and what its values come to."""

from __future__ import annotations

import re
from typing import Any

_WHOLE = re.compile(r"^\$\{([^{}]+)\}$")
_PART = re.compile(r"\$\{([^{}]+)\}")
_NAME = re.compile(r"\b(?:var\.(\w+)|(aws_\w+)\.(\w+)\.\w+)")


class Mistake(Exception):
    """What is wrong in a module."""


class Module:
    """All files of a module together, and the variables' values: their defaults, and what is given."""

    def __init__(self, files: list[dict[str, Any]], given: dict[str, Any]) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self.outputs: dict[str, Any] = {}
        variables: dict[str, Any] = {}
        for file in files:
            for kind, named in file.get("resource", {}).items():
                self.resources.setdefault(kind, {}).update(named)
            variables.update(file.get("variable", {}))
            self.outputs.update(file.get("output", {}))
        self.values = {name: given.get(name, v[0].get("default")) for name, v in variables.items()}
        self.used: set[str] = set()

    def _meaning(self, expression: str) -> Any:
        name = _NAME.fullmatch(expression.strip())
        if not name:
            raise Mistake(f"{expression} is more than these tests understand")
        variable, kind, resource = name.groups()
        if variable:
            if variable not in self.values:
                raise Mistake(f"there is no variable {variable}")
            self.used.add(variable)
            return self.values[variable]
        if resource not in self.resources.get(kind, {}):
            raise Mistake(f"there is no {kind}.{resource}")
        return expression

    def resolved(self, value: Any) -> Any:
        """Variables become their values; resources stay the text that names them."""
        if isinstance(value, dict):
            return {key: self.resolved(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolved(item) for item in value]
        if not isinstance(value, str):
            return value
        whole = _WHOLE.match(value)
        return self._meaning(whole[1]) if whole else _PART.sub(lambda m: str(self._meaning(m[1])), value)

    def of_type(self, kind: str) -> dict[str, Any]:
        """Arguments by the resources' names, resolved."""
        return {name: self.resolved(blocks[0]) for name, blocks in self.resources[kind].items()}
