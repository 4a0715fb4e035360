# SPDX-License-Identifier: Apache-2.0
"""Compares what was seen with what the row expects."""

from __future__ import annotations

import base64
import re
from typing import Any

from matrix.play import Played
from matrix.row import BASE_METADATA, Row

CLOCK_SLACK = 0.05  # seconds: two clocks are read, one after the other
# What a client on a slow machine may tell of a service that answers at once.
LATE = "no answer yet|nothing answers to a connection|not answered|the answer comes too slowly"
# The pauses between attempts at one key (agent/ask/imds/retry.h): 20 ms doubling to 2 s, of which chance takes up to a half.
PAUSE_FIRST_MS = 20
PAUSE_LAST_MS = 2000


def unlike(name: str, text: str, pattern: str) -> list[str]:
    if re.search(pattern, text):
        return []
    return [f"{name}: {text!r} does not match {pattern!r}"]


def check_progress(row: Row, progress: list[str]) -> list[str]:
    expected = row.expect.progress
    if expected is None:
        return [f"progress: {told!r} where nothing was to be told" for told in progress if not re.search(LATE, told)]
    faults = []
    if expected and not any(re.search(expected, told) for told in progress):
        faults = [f"progress: nothing in {progress} matches {expected!r}"]
    if row.expect.untold:
        faults += [f"progress: {told!r} was told" for told in progress if re.search(row.expect.untold, told)]
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


def efforts(log: list[dict[str, Any]]) -> list[int]:
    """How many attempts each question took, one after another: those at a token, and those at the key between them."""
    found: list[int] = []
    token_attempts, attempts, key = 0, 0, ""
    for line in log:
        if line["method"] == "PUT":
            token_attempts += 1
            continue
        found, token_attempts = [*found, token_attempts], 0
        if line["path"] != key:
            found, attempts, key = [*found, attempts], 0, line["path"]
        attempts += 1
    return [*found, token_attempts, attempts]


def least_pauses(attempts: int) -> float:
    """Seconds that so many attempts at one key must be apart, with the shortest pauses that may be."""
    return sum(min(PAUSE_FIRST_MS << min(i, 10), PAUSE_LAST_MS) // 2 for i in range(attempts - 1)) / 1000


def check_requests(row: Row, played: Played) -> list[str]:
    expect, log, seconds = row.expect, played.log, played.result["seconds"]
    keys = len({(line["method"], line["path"]) for line in log})
    connections = len({line["connection"] for line in log})
    faults = []
    if keys != expect.keys:
        faults.append(f"keys: {keys} were asked for instead of {expect.keys}")
    if len(log) < expect.requests:
        faults.append(f"requests: {len(log)}, less than {expect.requests}")
    if expect.kept and connections > 1 + len(log) - keys:
        faults.append(f"kept: {connections} connections for {len(log)} requests, {keys} of them different")
    if expect.vain is not None and played.opened - connections > expect.vain:
        faults.append(f"vain: {played.opened} connections begun, {connections} used, {expect.vain} may be in vain")
    pauses = sum(map(least_pauses, efforts(log)))
    if pauses > seconds + CLOCK_SLACK:
        faults.append(f"pauses: {len(log)} requests in {seconds:.1f} s, {pauses:.1f} s of pauses belong between them")
    return faults


def check(row: Row, played: Played) -> list[str]:
    """What is wrong; nothing, if the row passes."""
    if played.trouble:
        return [played.trouble]
    result, expect = played.result, row.expect
    faults = check_outcome(row, result) + check_progress(row, result["progress"]) + check_requests(row, played)
    if result["seconds"] + CLOCK_SLACK < expect.seconds:
        faults.append(f"seconds: {result['seconds']:.1f}, less than {expect.seconds}")
    if expect.rss_kib and result["rss_kib"] > expect.rss_kib:
        faults.append(f"rss_kib: {result['rss_kib']}, more than {expect.rss_kib}")
    if expect.listen:
        elsewhere = {line["listen"] for line in played.log} - {expect.listen}
        faults += [f"listen: asked at {address}" for address in sorted(elsewhere)]
    return faults
