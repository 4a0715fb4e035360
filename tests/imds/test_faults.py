# SPDX-License-Identifier: Apache-2.0
"""Every condition and every effect of a fault."""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Callable
from typing import Any

import pace
from simulator import Answer, Node, Simulator

Start = Callable[..., Simulator]
BODY = "0123456789"
IP_MINTTL = 21  # <linux/in.h>


def node(*faults: dict[str, Any], **facts: Any) -> Node:
    return {"user_data": BODY, "tags": {"k": "v"}, "faults": list(faults)} | facts


def spoilt(
    start: Start, fault: dict[str, Any], timeout: float = 5.0, quiet: float | None = None, **facts: Any
) -> Answer:
    """The answer of user-data under one fault; whatever else is asked must stay truthful."""
    with start(node({"path": "user-data"} | fault, **facts)) as sim:
        answer = sim.get("user-data", timeout=timeout, quiet=quiet)
        assert sim.get("meta-data/tags/instance/k").text == "v"
        line = next(line for line in sim.log() if line["path"] == "/latest/user-data")
        names = [name for name in fault if name in ALL_EFFECTS]
        assert sorted(line["fault"].split("+")) == sorted(names), line
        assert line["status"] in (0, answer.status) or answer.status == 0, line
        return answer


ALL_EFFECTS = {
    "status", "body", "retry_after", "redirect", "oversize", "chunked", "token_ttl", "delay_ms", "reset", "close", "hang",
    "half", "drip", "content_length", "endless_header", "hop_limit", "not_listening", "fresh_token_401_seconds",
}  # fmt: skip


def test_status(start: Start) -> None:
    for status in (401, 403, 404, 405, 429, 500, 503):
        answer = spoilt(start, {"status": status})
        assert answer.status == status and BODY.encode() not in answer.body, answer
        assert (answer.body == b"") == (status in (401, 405))
    answer = spoilt(start, {"status": 503, "retry_after": 7, "body": "busy"})
    assert (answer.status, answer.headers["retry-after"], answer.text) == (503, "7", "busy")
    assert spoilt(start, {"status": 200}).text == BODY
    assert spoilt(start, {"body": "other"}).text == "other"


def test_redirect(start: Start) -> None:
    answer = spoilt(start, {"redirect": "http://127.0.0.1:9/x"})
    assert (answer.status, answer.headers["location"]) == (302, "http://127.0.0.1:9/x")
    assert spoilt(start, {"redirect": "/", "status": 307}).status == 307


def test_oversize_and_chunked(start: Start) -> None:
    size = 10_000_000
    answer = spoilt(start, {"oversize": size})
    assert answer.status == 200 and len(answer.body) == size == int(answer.headers["content-length"])
    assert answer.body.startswith(BODY.encode() + b"###")
    answer = spoilt(start, {"chunked": True})
    assert answer.text == BODY and "content-length" not in answer.headers
    assert answer.headers["transfer-encoding"] == "chunked" and answer.raw.endswith(b"0\r\n\r\n")
    answer = spoilt(start, {"chunked": True, "oversize": size})
    assert len(answer.body) == size and "content-length" not in answer.headers


def test_delay(start: Start) -> None:
    answer = spoilt(start, {"delay_ms": 300})
    assert answer.text == BODY and answer.seconds >= 0.28, answer.seconds
    answer = spoilt(start, {"delay_ms": 200, "status": 500})
    assert answer.status == 500 and answer.seconds >= 0.18


def test_reset_close_hang(start: Start) -> None:
    answer = spoilt(start, {"reset": True})
    assert (answer.raw, answer.end) == (b"", "rst"), answer
    answer = spoilt(start, {"close": True})
    assert (answer.raw, answer.end) == (b"", "fin"), answer
    answer = spoilt(start, {"hang": True}, timeout=0.6)
    assert (answer.raw, answer.end) == (b"", "timeout"), answer


def test_half(start: Start) -> None:
    answer = spoilt(start, {"half": True})
    assert (answer.text, answer.headers["content-length"], answer.end) == ("01234", "10", "fin")
    answer = spoilt(start, {"half": "reset"})
    assert (answer.text, answer.end) == ("01234", "rst"), answer
    answer = spoilt(start, {"half": True}, user_data="")
    assert (answer.body, answer.headers["content-length"]) == (b"", "1")
    answer = spoilt(start, {"half": True, "chunked": True}, user_data=BODY * 100)
    assert answer.end == "fin" and not answer.raw.endswith(b"0\r\n\r\n") and 0 < len(answer.body) < 1000
    answer = spoilt(start, {"half": True, "status": 503, "body": "abcd"})
    assert (answer.status, answer.text) == (503, "ab")


def test_drip(start: Start) -> None:
    answer = spoilt(start, {"drip": True, "drip_ms": 30})
    assert answer.text == BODY and answer.end == "fin" and answer.seconds >= 0.28, answer.seconds
    answer = spoilt(start, {"drip": "all", "drip_ms": 2})
    assert answer.text == BODY and answer.seconds >= 0.3, answer.seconds
    answer = spoilt(start, {"drip": True}, user_data="a")
    assert answer.text == "a" and answer.seconds >= 0.9, answer


def test_content_length(start: Start) -> None:
    answer = spoilt(start, {"content_length": 5}, quiet=0.6)
    assert (answer.headers["content-length"], answer.text, answer.end) == ("15", BODY, "timeout")
    answer = spoilt(start, {"content_length": -4}, quiet=0.6)
    assert (answer.headers["content-length"], answer.text) == ("6", BODY)
    answer = spoilt(start, {"content_length": -400}, quiet=0.6)
    assert answer.headers["content-length"] == "0"
    answer = spoilt(start, {"content_length": 1 << 40}, quiet=0.6)
    assert answer.headers["content-length"] == str((1 << 40) + 10)
    answer = spoilt(start, {"content_length": "ten"}, quiet=0.6)
    assert answer.headers["content-length"] == "ten"


def test_endless_header(start: Start) -> None:
    for value, ends in ((True, b"\r\n"), ("line", b".")):
        with start(node({"path": "user-data", "endless_header": value})) as sim:
            token = sim.put_token().text
            connection = sim.connect()
            connection.send("GET", "/latest/user-data", {"X-aws-ec2-metadata-token": token})
            answer = connection.receive(limit=2_000_000)
            connection.close()
            assert len(answer.raw) >= 2_000_000 and answer.status == 0, answer.end
            lines = answer.raw.count(b"\r\n")
            assert lines > 10_000 if value is True else lines == 1, lines
            assert ends in answer.raw[-200:]
            assert sim.stop() == 0


def test_hop_limit(start: Start) -> None:
    with start(node({"path": "user-data", "hop_limit": 2})) as sim:
        token = sim.put_token().text
        for path, arrives in (("/latest/meta-data/mac", True), ("/latest/user-data", False)):
            connection = sim.connect(timeout=5 if arrives else 0.6)
            # The kernel drops what comes with fewer hops left than this (ip(7), IP_MINTTL).
            connection.socket.setsockopt(socket.IPPROTO_IP, IP_MINTTL, 10)
            connection.send("GET", path, {"X-aws-ec2-metadata-token": token})
            answer = connection.receive()
            connection.close()
            assert (answer.status == 200) == arrives and (answer.end == "timeout") != arrives, (path, answer)


def test_matching(start: Start) -> None:
    with start(node({"path": "meta-data/tags/*", "status": 503})) as sim:
        assert sim.get("meta-data/tags/instance/k").status == 503
        assert sim.get("/2021-03-23/meta-data/tags/instance").status == 503
        assert sim.get("meta-data/tags").status == 200
        sim.write(node({"path": "/latest/user-data", "status": 500}))
        assert sim.get("user-data").status == 500
        assert sim.get("/2021-03-23/user-data").status == 200
        sim.write(node({"path": "token", "status": 405}))
        assert sim.put_token().status == 405 and sim.get("user-data").status == 200
        sim.write(node({"path": "*", "method": "GET", "status": 500}))
        assert sim.put_token().status == 200 and sim.get("/").status == 500
        assert sim.ask("GET", "/latest/user-data").status == 500, "a fault comes before the token"


def test_script(start: Start) -> None:
    script = [
        {"path": "user-data", "status": 503, "times": 2},
        {"path": "user-data", "status": 404, "times": 1},
        {"path": "user-data", "status": 429, "after": 1, "times": 1},
    ]
    with start(node(*script)) as sim:
        assert [sim.get("user-data").status for _ in range(6)] == [503, 503, 404, 200, 429, 200]
        sim.write(node(*script, tags={"new": "tag"}))
        assert sim.get("user-data").status == 200, "the counts go on"
        sim.write(node(*script, {"path": "x", "status": 500}))
        assert sim.get("user-data").status == 503, "a new list starts anew"


def test_window(start: Start) -> None:
    with start(node({"path": "user-data", "status": 500, "from": 0.6, "until": 1.2})) as sim:
        while time.monotonic() - sim.started < 1.6:
            sim.get("user-data")
            time.sleep(0.04)
        lines = [line for line in sim.log() if line["path"] == "/latest/user-data"]
        # An answer is made up between the arrival of its request and that of the next.
        for line, after in zip(lines, lines[1:]):
            begin, end = line["time_ms"], after["time_ms"]
            if end < 600 or begin >= 1200:
                assert line["status"] == 200, (line, after)
            elif begin >= 600 and end < 1200:
                assert line["status"] == 500, (line, after)
        assert {line["status"] for line in lines} == {200, 500}, lines


def test_since(start: Start) -> None:
    window = 0.5 * pace.GAUGE.slowness()
    rule = {"path": "user-data", "status": 401, "until": window}
    with start(node(rule | {"since": "first-request"})) as sim:
        time.sleep(window + 0.1)
        assert sim.get("user-data").status == 401
        time.sleep(window + 0.1)
        assert sim.get("user-data").status == 200
        sim.write(node(rule | {"since": "load"}))
        assert sim.get("user-data").status == 401
        time.sleep(window + 0.1)
        assert sim.get("user-data").status == 200
        sim.write(node(rule | {"since": "start"}))
        assert sim.get("user-data").status == 200


def test_token_ttl(start: Start) -> None:
    ttl = math.ceil(pace.GAUGE.slowness() - 0.5)
    with start(node({"path": "token", "token_ttl": ttl, "times": 1})) as sim:
        short, long = sim.put_token(), sim.put_token()
        assert short.headers["x-aws-ec2-metadata-token-ttl-seconds"] == str(ttl)
        assert long.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600"
        assert sim.get("user-data", token=short.text).status == 200
        time.sleep(ttl + 0.05)
        assert sim.get("user-data", token=short.text).status == 401
        assert sim.get("user-data", token=long.text).status == 200


def test_fresh_token(start: Start) -> None:
    trial = math.ceil(pace.GAUGE.slowness() - 0.5)
    with start(node({"path": "*", "fresh_token_401_seconds": trial})) as sim:
        token = sim.put_token()
        assert token.status == 200
        assert sim.get("user-data", token=token.text).status == 401
        time.sleep(trial + 0.05)
        assert sim.get("user-data", token=token.text).status == 200
        faults = [line["fault"] for line in sim.log()]
        assert faults == [None, "fresh_token_401_seconds", None], faults


def test_not_listening(start: Start) -> None:
    slow = pace.GAUGE.slowness()
    with start(node({"not_listening": True, "until": 0.8 * slow})) as sim:
        assert sim.ready == f"ready {sim.address()[1]}\n", "the port is known though closed"
        assert sim.ask("GET", "/").end == "refused"
        assert pace.until(lambda: sim.get("user-data").status == 200, 10)
        window = {"from": 0.2 * slow, "until": 0.7 * slow}
        sim.write(node({"not_listening": True, "since": "load"} | window, connection="keep-alive"))
        assert sim.get("user-data").status == 200
        connection = sim.connect(timeout=2)
        connection.send("GET", "/latest/user-data", {"X-aws-ec2-metadata-token": sim.token})
        assert connection.receive().status == 200
        cut = connection.receive()
        connection.close()
        assert cut.end in ("fin", "rst"), cut
        assert sim.ask("GET", "/").end == "refused"
        assert pace.until(lambda: sim.get("user-data").status == 200, 10), "the same port again"


def test_two_addresses(start: Start) -> None:
    listen = ("127.0.0.1:0", "[::1]:0")
    with start(node({"path": "*", "listen": "[::1]", "status": 503}), listen=listen) as sim:
        assert sim.listening[1].startswith("[::1]:")
        assert sim.get("user-data", listener=0).status == 200
        assert sim.get("user-data", listener=1).status == 503
        exact = sim.listening[0]
        sim.write(node({"path": "*", "listen": exact, "status": 500}))
        assert sim.get("user-data", listener=0).status == 500
        assert sim.get("user-data", listener=1).status == 200
        sim.write(node({"not_listening": True, "listen": "127.0.0.1"}))
        assert pace.until(lambda: sim.ask("GET", "/", listener=0).end == "refused", 10)
        assert sim.get("user-data", listener=1).status == 200
        assert {line["listen"] for line in sim.log()} == set(sim.listening)


def test_stop_ends_effects(start: Start) -> None:
    endless: list[dict[str, Any]] = [{"hang": True}, {"delay_ms": 600000}, {"drip": True, "drip_ms": 60000}, {"content_length": 9}]
    for fault in endless:
        with start(node({"path": "*"} | fault)) as sim:
            connection = sim.connect()
            connection.send("GET", "/latest/user-data", {})
            assert pace.until(lambda: len(sim.log()) == 1, 10)
            assert sim.stop() == 0, fault
            connection.close()


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]
