# SPDX-License-Identifier: Apache-2.0
"""Compares what was seen with what the row expects."""

from __future__ import annotations

import base64
import re
from typing import Any

from matrix.play import Played
from matrix.row import BASE_METADATA, Range, Row

CLOCK_SLACK = 0.05  # seconds: two clocks are read, one after the other


def outside(name: str, value: float, limits: Range | None) -> list[str]:
    if limits is None or limits[0] <= value <= limits[1]:
        return []
    return [f"{name}: {value} is not within {limits[0]} … {limits[1]}"]


def unlike(name: str, text: str, pattern: str) -> list[str]:
    if re.search(pattern, text):
        return []
    return [f"{name}: {text!r} does not match {pattern!r}"]


def check_progress(row: Row, progress: list[str]) -> list[str]:
    expected = row.expect.progress
    if expected is None:
        return [f"progress: {progress} where nothing was to be told"] if progress else []
    if expected and not progress:
        return ["progress: nothing was told"]
    faults = unlike("progress", progress[-1], expected) if expected else []
    if len(progress) > 5 * (row.timeout + 5):
        faults.append(f"progress: told {len(progress)} times")
    return faults


def expected_user_data(row: Row) -> bytes | None:
    node = row.full_node()
    if row.expect.user_data is None:
        return None
    if node.get("user_data_base64"):
        return base64.b64decode(node["user_data_base64"])
    text: str = node["user_data"]
    return text.encode()


def check_metadata(row: Row, result: dict[str, Any]) -> list[str]:
    expected = BASE_METADATA | row.expect.metadata
    data = expected_user_data(row)
    if "user_data_size" not in row.expect.metadata:
        expected["user_data_size"] = len(data or b"")
    faults = [
        f"{key}: {result['metadata'].get(key)!r} instead of {value!r}"
        for key, value in expected.items()
        if result["metadata"].get(key) != value
    ]
    seen = result["user_data_hex"]
    if (bytes.fromhex(seen) if seen is not None else None) != data:
        faults.append("user-data: other bytes than the node has")
    return faults


def check_body(row: Row, result: dict[str, Any]) -> list[str]:
    seen = result["body_hex"]
    text = bytes.fromhex(seen).decode() if seen is not None else None
    return [] if text == row.expect.body else [f"body: {text!r} instead of {row.expect.body!r}"]


def check_agent(row: Row, result: dict[str, Any]) -> list[str]:
    faults = unlike("standard error", result["sentence"], row.expect.sentence)
    if result["exit"] != row.expect.exit:
        faults.append(f"exit: {result['exit']} ({result['sentence']}) instead of {row.expect.exit}")
    return faults


def check_outcome(row: Row, result: dict[str, Any]) -> list[str]:
    if row.verb:
        return check_agent(row, result)
    if result["code"] != row.expect.code:
        return [f"code: {result['code']} ({result['sentence']}) instead of {row.expect.code}"]
    if row.expect.code:
        return unlike("sentence", result["sentence"], row.expect.sentence)
    return check_body(row, result) if "--get" in row.arguments else check_metadata(row, result)


def check(row: Row, played: Played) -> list[str]:
    """What is wrong; nothing, if the row passes."""
    if played.trouble:
        return [played.trouble]
    result, expect = played.result, row.expect
    faults = check_outcome(row, result) + check_progress(row, result["progress"])
    faults += outside("requests", len(played.log), expect.requests)
    faults += outside("seconds", result["seconds"] + CLOCK_SLACK, (expect.seconds[0], expect.seconds[1] + CLOCK_SLACK))
    faults += outside("connections", len({line["connection"] for line in played.log}), expect.connections)
    if expect.rss_kib:
        faults += outside("rss_kib", result["rss_kib"], (0, expect.rss_kib))
    if expect.listen:
        elsewhere = {line["listen"] for line in played.log} - {expect.listen}
        faults += [f"listen: asked at {address}" for address in sorted(elsewhere)]
    return faults
