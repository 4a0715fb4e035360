# SPDX-License-Identifier: Apache-2.0
"""JSON as people read it: what fits on a line stays on one."""

import json
from typing import Any

WIDTH = 100


def pretty(value: Any, indent: int = 0, room: int = 0) -> str:
    """`room` is what stands before the value on its line, or comes after it."""
    line = json.dumps(value, ensure_ascii=False)
    if indent + room + len(line) <= WIDTH or not isinstance(value, (dict, list)) or not value:
        return line
    pad = " " * (indent + 2)
    if isinstance(value, list):
        items = [pad + pretty(item, indent + 2, 1) for item in value]
        return "[\n" + ",\n".join(items) + "\n" + " " * indent + "]"
    parts = []
    for key, item in value.items():
        name = json.dumps(key, ensure_ascii=False) + ": "
        parts.append(pad + name + pretty(item, indent + 2, len(name) + 1))
    return "{\n" + ",\n".join(parts) + "\n" + " " * indent + "}"
