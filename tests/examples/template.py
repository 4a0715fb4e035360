# SPDX-License-Identifier: Apache-2.0
"""A CloudFormation template: read with its short functions, resolved, and held to AWS's specification of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

# What CloudFormation has of its own in !Ref and !Sub.
_PSEUDO = "AWS::"
_NO_VALUE = "AWS::NoValue"
_SCALARS = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "date-time": str}


class Mistake(Exception):
    """What is wrong in a template, and where."""


class _Loader(yaml.SafeLoader):
    """Knows the short functions, as one-key objects."""


def _function(name: str) -> Any:
    def construct(loader: yaml.SafeLoader, node: yaml.Node) -> dict[str, Any]:
        if isinstance(node, yaml.SequenceNode):
            return {name: loader.construct_sequence(node, deep=True)}
        return {name: str(loader.construct_scalar(node))}

    return construct


for _name in ("Ref", "Fn::Sub", "Fn::GetAtt", "Fn::If", "Fn::Not", "Fn::Equals", "Fn::Split"):
    _Loader.add_constructor(f"!{_name.removeprefix('Fn::')}", _function(_name))


def function_of(value: Any) -> tuple[str, Any]:
    """("Ref", "Vpc") of a value that is a function; else ("", "")."""
    if isinstance(value, dict) and len(value) == 1:
        name, argument = next(iter(value.items()))
        if name == "Ref" or name.startswith("Fn::"):
            return name, argument
    return "", ""


class Template:
    """One template and the parameters' values: their defaults, and what is given."""

    def __init__(self, path: Path, given: dict[str, str]) -> None:
        self.document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
        self.resources: dict[str, Any] = self.document["Resources"]
        parameters = self.document["Parameters"]
        self.values = {name: given.get(name, p.get("Default")) for name, p in parameters.items()}
        self.used: set[str] = set()

    def _named(self, name: str) -> Any:
        if name in self.values:
            self.used.add(name)
            return self.values[name]
        if name not in self.resources and not name.startswith(_PSEUDO):
            raise Mistake(f"{name} is neither a parameter nor a resource")
        return name

    def _choice(self, condition: str, then: Any, otherwise: Any) -> Any:
        conditions = self.document.get("Conditions", {})
        if condition not in conditions:
            raise Mistake(f"!If {condition}: there is no such condition")
        return self.resolved(then if self.resolved(conditions[condition]) else otherwise)

    def _call(self, name: str, argument: Any) -> Any:
        if name == "Ref":
            return self._named(argument)
        if name == "Fn::If":
            return self._choice(*argument)
        if name == "Fn::Not":
            return not self.resolved(argument[0])
        if name == "Fn::Equals":
            return self.resolved(argument[0]) == self.resolved(argument[1])
        if name == "Fn::Split":
            return str(self.resolved(argument[1])).split(argument[0])
        if name == "Fn::Sub":
            return re.sub(r"\$\{([^}]+)\}", lambda m: str(self._call("Fn::GetAtt" if "." in m[1] else "Ref", m[1])), argument)
        resource, _, _attribute = argument.partition(".")
        if resource not in self.resources:
            raise Mistake(f"!GetAtt {argument}: there is no such resource")
        return argument

    def resolved(self, value: Any) -> Any:
        """Functions become what they stand for: a parameter's value, or the name of a resource."""
        name, argument = function_of(value)
        if name:
            return self._call(name, argument)
        if isinstance(value, dict):
            found = {key: self.resolved(item) for key, item in value.items()}
            return {key: item for key, item in found.items() if item != _NO_VALUE}
        return [self.resolved(item) for item in value] if isinstance(value, list) else value

    def of_type(self, kind: str) -> dict[str, Any]:
        """Properties by the resources' names, resolved."""
        found = {name: r for name, r in self.resources.items() if r["Type"] == kind}
        return {name: self.resolved(r["Properties"]) for name, r in found.items()}


class Specification:
    """AWS's published specification, as specification.js prints it."""

    def __init__(self, json: dict[str, Any]) -> None:
        self.resources = json["resources"]
        self.types = json["types"]

    def mistakes(self, template: Template) -> list[str]:
        found: list[str] = []
        for name, resource in template.resources.items():
            known = self.resources[resource["Type"]]
            if not known:
                found.append(f"{name}: there is no type {resource['Type']}")
                continue
            found += self._object(known["properties"], resource["Properties"], name)
        return found + self._attributes(template, template.document)

    def _attributes(self, template: Template, value: Any) -> list[str]:
        name, argument = function_of(value)
        if name == "Fn::GetAtt":
            resource, _, attribute = argument.partition(".")
            known = self.resources[template.resources[resource]["Type"]]
            return [] if attribute in known["attributes"] else [f"!GetAtt {argument}: there is no such attribute"]
        items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        return [mistake for item in items for mistake in self._attributes(template, item)]

    def _object(self, properties: dict[str, Any], value: Any, where: str) -> list[str]:
        if not isinstance(value, dict):
            return [f"{where} is no object"]
        found = [f"{where} has no property {name}" for name in value if name not in properties]
        found += [f"{where} lacks {n}" for n, p in properties.items() if p["required"] and n not in value]
        for name, item in value.items():
            if name in properties:
                found += self._value(properties[name]["type"], item, f"{where}.{name}")
        return found

    def _value(self, kind: dict[str, Any], value: Any, where: str) -> list[str]:
        name, argument = function_of(value)
        if name == "Fn::If":
            return [m for one in argument[1:] for m in self._value(kind, one, where)]
        if name:
            return []
        if kind["type"] == "ref":
            return self._object(self.types[kind["reference"]["$ref"]]["properties"], value, where)
        if kind["type"] == "union":
            tried = [self._value(one, value, where) for one in kind["types"]]
            return [] if any(not one for one in tried) else tried[0]
        if kind["type"] == "array":
            if not isinstance(value, list):
                return [f"{where} is no list"]
            return [m for i, item in enumerate(value) for m in self._value(kind["element"], item, f"{where}[{i}]")]
        return self._scalar(kind, value, where)

    def _scalar(self, kind: dict[str, Any], value: Any, where: str) -> list[str]:
        allowed = kind.get("allowedValues")
        if allowed and value not in allowed:
            return [f"{where}: {value} is none of {', '.join(map(str, allowed))}"]
        wanted = _SCALARS.get(kind["type"])
        return [f"{where}: {value!r} is no {kind['type']}"] if wanted and not isinstance(value, wanted) else []
