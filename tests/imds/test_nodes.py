# SPDX-License-Identifier: Apache-2.0
"""Node files: which one a client gets, changes at run time, bad ones; the command line."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pace
from simulator import Answer, Simulator, parse

Start = Callable[..., Simulator]


def ask_from(sim: Simulator, source: str, method: str, path: str, headers: dict[str, str]) -> Answer:
    """A request from another loopback address: 127.0.0.0/8 is all ours."""
    host, port = sim.address()
    with socket.create_connection((host, port), timeout=60, source_address=(source, 0)) as connection:
        lines = [f"{method} {path} HTTP/1.1", "Host: imds", *(f"{k}: {v}" for k, v in headers.items())]
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        raw = b""
        while piece := connection.recv(65536):
            raw += piece
    return parse(raw, "fin", 0)


def get_from(sim: Simulator, source: str, path: str, token: str) -> Answer:
    return ask_from(sim, source, "GET", path, {"X-aws-ec2-metadata-token": token})


def token_for(sim: Simulator, source: str) -> str:
    return ask_from(sim, source, "PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"}).text


def test_nodes_by_source(start: Start) -> None:
    nodes = {
        "a.json": {"instance_id": "i-a", "local_ipv4": "127.0.0.11"},
        "b.json": {"instance_id": "i-b", "local_ipv4": "10.9.9.9", "sources": ["127.0.0.12"]},
    }
    with start(nodes=nodes) as sim:
        a, b = token_for(sim, "127.0.0.11"), token_for(sim, "127.0.0.12")
        assert get_from(sim, "127.0.0.11", "/latest/meta-data/instance-id", a).text == "i-a"
        assert get_from(sim, "127.0.0.12", "/latest/meta-data/instance-id", b).text == "i-b"
        assert get_from(sim, "127.0.0.12", "/latest/meta-data/instance-id", a).status == 401, "tokens are a node's own"
        stranger = get_from(sim, "127.0.0.13", "/latest/meta-data/instance-id", a)
        assert stranger.status == 500 and b"127.0.0.13" in stranger.body
        sim.write({"instance_id": "i-c", "local_ipv4": "127.0.0.13"}, "c.json")
        c = token_for(sim, "127.0.0.13")
        assert get_from(sim, "127.0.0.13", "/latest/meta-data/instance-id", c).text == "i-c"
        (sim.nodes / "c.json").unlink()
        assert get_from(sim, "127.0.0.13", "/latest/meta-data/instance-id", c).status == 500
        assert [line["node"] for line in sim.log()][-3:] == ["c.json", "c.json", None]


def test_ipv6_source(start: Start) -> None:
    nodes = {"a.json": {"instance_id": "i-6", "sources": ["0:0:0:0:0:0:0:1"]}}
    with start(nodes=nodes, listen=("[::1]:0",)) as sim:
        assert sim.get("meta-data/instance-id").text == "i-6"
        assert sim.log()[0]["source"] == "::1"


def test_change_at_run_time(start: Start) -> None:
    with start({"tags": {"lustre:role": "oss"}}) as sim:
        assert sim.get("meta-data/tags/instance/lustre:role").text == "oss"
        for n in range(20):
            sim.write({"tags": {"lustre:role": f"r{n:02}"}})
            assert sim.get("meta-data/tags/instance/lustre:role").text == f"r{n:02}"
        assert sim.error_text() == ""


BAD: list[tuple[Any, str]] = [
    ("", "line"),
    ("{", "line 1"),
    ("[]", "not a JSON object"),
    ('{"a": 1, "a": 2}', "duplicate"),
    ({"instance_idd": "x"}, "unknown key instance_idd"),
    ({"instance_id": 5}, "instance_id"),
    ({"local_ipv4": "10.0.0"}, '"10.0.0" is no address'),
    ({"local_ipv4": 5}, "local_ipv4"),
    ({"ami_launch_index": -1}, "ami_launch_index"),
    ({"availability_zone": ""}, "availability_zone"),
    ({"life_cycle": "x"}, "life_cycle"),
    ({"connection": "x"}, "connection"),
    ({"tags_off": "x"}, "tags_off"),
    ({"tags": {"a/b": "x"}}, "a/b"),
    ({"tags": {"_index": "x"}}, "_index"),
    ({"tags": {"": "x"}}, "no key"),
    ({"tags": {"a": 1}}, "tags: a"),
    ({"tags": []}, "tags"),
    ({"user_data": 1}, "user_data"),
    ({"user_data": "a", "user_data_base64": "YQ=="}, "exclude"),
    ({"user_data_base64": "!"}, "not base64"),
    ({"user_data_base64": "YQ="}, "not base64"),
    ({"user_data_base64": "YWJj="}, "not base64"),
    ({"keys": {"/latest/x": "a"}}, "no path"),
    ({"keys": {"a": 1}}, "keys: a"),
    ({"keys": {"a": {"base64": "YQ==", "x": 1}}}, "keys: a"),
    ({"keys": {f"k{i}": "" for i in range(5000)}}, "too large"),
    ({"sources": ["x"]}, '"x" is no address'),
    ({"interfaces": [{}]}, "mac"),
    ({"interfaces": [7]}, "interface 1"),
    ({"interfaces": [{"mac": "06:00:00:00:00:01", "local_ipv4s": [4]}]}, "local_ipv4s"),
    ({"interfaces": [{"mac": "06:00:00:00:00:01", "local_ipv4s": ["4"]}]}, '"4" is no address'),
    ({"interfaces": [{"mac": "06:00:00:00:00:01", "device_number": 1}]}, "device_number 0"),
    ({"interfaces": [{"mac": "06:00:00:00:00:01", "speed": 1}]}, "speed"),
    ({"faults": {}}, "faults"),
    ({"faults": [1]}, "fault 1: it is not an object"),
    ({"faults": [{"path": 1, "status": 500}]}, "path has a value"),
    ({"faults": [{"path": "*", "status": 500, "from": -1}]}, "from has a value"),
    ({"faults": [{"path": "*", "status": 500, "after": 0.5}]}, "after has a value"),
    ({"faults": [{}]}, "fault 1: it has no effect"),
    ({"faults": [{"status": 500}]}, "has no path"),
    ({"faults": [{"path": "*", "status": 500}, {"path": "*"}]}, "fault 2: it has no effect"),
    ({"faults": [{"path": "*", "statos": 500}]}, "statos"),
    ({"faults": [{"path": "*", "status": 99}]}, "status"),
    ({"faults": [{"path": "*", "hang": False}]}, "hang"),
    ({"faults": [{"path": "*", "half": "x"}]}, "half"),
    ({"faults": [{"path": "*", "half": True, "reset": True}]}, "more than one wire"),
    ({"faults": [{"path": "*", "drip_ms": 5}]}, "no effect"),
    ({"faults": [{"path": "*", "status": 500, "drip_ms": 5}]}, "drip_ms without drip"),
    ({"faults": [{"path": "*", "oversize": 1 << 30}]}, "oversize"),
    ({"faults": [{"path": "*", "status": 500, "times": 0}]}, "never applies"),
    ({"faults": [{"path": "*", "status": 500, "from": 2, "until": 1}]}, "never applies"),
    ({"faults": [{"path": "*", "status": 500, "since": "x"}]}, "since"),
    ({"faults": [{"not_listening": True, "path": "*"}]}, "excludes path"),
    ({"faults": [{"not_listening": True, "status": 500}]}, "excludes status"),
    ({"faults": [{"path": "*", "status": 500}] * 65}, "more than 64"),
    ('{"comment": "' + "x" * (1 << 20) + '"}', "large"),
]  # fmt: skip


def test_bad_files(start: Start) -> None:
    with start({"user_data": "good"}) as sim:
        assert sim.get("user-data").text == "good"
        for value, told in BAD:
            before = len(sim.error_text())
            sim.write(value)
            assert sim.get("user-data").status == 500, value
            assert sim.get("user-data").status == 500, value
            lines = sim.error_text()[before:].splitlines()
            assert len(lines) == 1 and told in lines[0] and "node.json" in lines[0], (str(value)[:80], lines)
        sim.write({"user_data": "good again"})
        assert sim.get("user-data").text == "good again", "tokens outlive a bad file"


def test_odd_files(start: Start) -> None:
    with start({}) as sim:
        path = sim.nodes / "node.json"
        path.unlink()
        os.mkfifo(path)
        assert sim.put_token().status == 500
        path.unlink()
        assert sim.put_token().status == 500
        path.mkdir()
        assert sim.put_token().status == 500
        path.rmdir()
        sim.write({})
        assert sim.put_token().status == 200


def test_log(start: Start) -> None:
    with start({"faults": [{"path": "user-data", "status": 503, "delay_ms": 10}]}) as sim:
        sim.get("user-data")
        sim.ask("GET", "/%ffx%22%0a")
        lines = sim.log()
        fields = ["time_ms", "node", "listen", "source", "connection", "agent", "method", "path", "token", "status", "bytes", "fault"]
        assert all(list(line) == fields for line in lines), lines
        assert sorted(line["connection"] for line in lines) == [1, 2, 3]
        assert lines[0]["method"] == "PUT" and lines[0]["bytes"] == 56
        assert lines[1]["fault"] == "status+delay_ms" and lines[1]["status"] == 503
        assert lines[0]["source"] == "127.0.0.1" and lines[0]["time_ms"] <= lines[2]["time_ms"]
        assert lines[2]["path"] == '/?x"\n', "any bytes are text in the log"


def test_garbage(start: Start) -> None:
    with start({}) as sim:
        for raw in (b"\r\n\r\n", b"\0" * 500, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"A" * 100_000, b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000):
            with socket.create_connection(sim.address(), timeout=2) as connection:
                try:
                    connection.sendall(raw)
                    connection.shutdown(socket.SHUT_WR)
                    connection.recv(4096)
                except OSError:
                    pass
        headers = {"Content-Length": "100000", "X-aws-ec2-metadata-token-ttl-seconds": "9"}
        with socket.create_connection(sim.address(), timeout=60) as connection:
            head = "".join(f"{k}: {v}\r\n" for k, v in headers.items())
            connection.sendall(f"PUT /latest/api/token HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode() + b"z" * 100_000)
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        assert sim.put_token().status == 200 and sim.stop() == 0


def test_many_clients(start: Start) -> None:
    faults = [{"path": "user-data", "delay_ms": 50}, {"path": "meta-data/mac", "delay_ms": 600000}]
    with start({"user_data": "x", "faults": faults}) as sim:
        token = {"X-aws-ec2-metadata-token": sim.put_token().text}
        delayed = [sim.connect() for _ in range(20)]
        for connection in delayed:
            connection.send("GET", "/latest/meta-data/mac", token)
        failures: list[object] = []

        def client() -> None:
            token = sim.put_token().text
            for _ in range(10):
                answer = sim.get("user-data", token=token)
                if answer.status != 200:
                    failures.append(answer)

        threads = [threading.Thread(target=client) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures, "delays must not queue up"
        assert len({line["connection"] for line in sim.log()}) == 1 + 20 + 20 * 11
        for connection in delayed:
            connection.close()


def test_old_tokens_are_forgotten(start: Start) -> None:
    with start({"connection": "keep-alive"}) as sim:
        first = sim.put_token().text
        connection = sim.connect()
        for _ in range(1024):
            connection.send("PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"})
            last = connection.receive().text
        connection.close()
        assert sim.get("meta-data/mac", token=last).status == 200
        assert sim.get("meta-data/mac", token=first).status == 401


def test_command_line(start: Start) -> None:
    with start({}) as sim:
        binary, node = sim.binary, str(sim.nodes / "node.json")
        taken = sim.listening[0]
        bad: list[list[str]] = [
            [],
            ["--listen", "127.0.0.1:0"],
            ["--node", node],
            ["--listen", "127.0.0.1:0", "--node", node, "--nodes", str(sim.nodes)],
            ["--listen", "127.0.0.1:0", "--nodes", node],
            ["--listen", "localhost:0", "--node", node],
            ["--listen", "127.0.0.1", "--node", node],
            ["--listen", "127.0.0.1:99999", "--node", node],
            ["--listen", taken, "--node", node],
            ["--listen", "127.0.0.1:0", "--node", node, "--ready-fd", "x"],
            ["--listen", "127.0.0.1:0", "--node", node, "--log", "/dev/null/x"],
            ["--listen", "127.0.0.1:0", "--node", node, "extra"],
        ]
        for arguments in bad:
            run = pace.run([binary, *arguments], 10)
            assert run.returncode == 2 and run.stderr and not run.stdout, (arguments, run)
        assert sim.stop() == 0
        assert json.loads(sim.log_path.read_text() or "{}") == {}


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]
