# SPDX-License-Identifier: Apache-2.0
"""IMDSv2 as EC2 answers it: tokens, versions, listings, the tree."""

from __future__ import annotations

import base64
import json
import math
import time
from collections.abc import Callable
from typing import Any

import pace
from simulator import Answer, Connection, Node, Simulator

Start = Callable[..., Simulator]

NODE: Node = {
    "instance_id": "i-0a1b2c3d4e5f60017",
    "local_ipv4": "10.0.0.23",
    "mac": "06:12:34:56:78:17",
    "ami_launch_index": 3,
    "availability_zone": "eu-west-1b",
    "tags": {"lustre:role": "oss", "a b": "x", "naïve": "ü", "empty": ""},
    "user_data": "#lustre-init\nrole: oss\n",
}


def test_token(start: Start) -> None:
    with start(NODE) as sim:
        answer = sim.put_token("60")
        assert answer.status == 200 and len(answer.body) == 56, answer
        assert answer.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "60"
        assert answer.headers["server"] == "EC2ws" and answer.headers["connection"] == "close"
        good = sim.get("meta-data/instance-id", token=answer.text)
        assert (good.status, good.text) == (200, NODE["instance_id"])
        assert 58 <= int(good.headers["x-aws-ec2-metadata-token-ttl-seconds"]) <= 60
        assert sim.put_token().text != answer.text


def test_token_refusals(start: Start) -> None:
    ttl = "X-aws-ec2-metadata-token-ttl-seconds"
    with start(NODE) as sim:
        for bad in ("0", "21601", "-1", "abc", "1.5", " ", "999999999999999999999", "0x10", "60 60"):
            assert sim.put_token(bad).status == 400, bad
        assert sim.ask("PUT", "/latest/api/token").status == 400
        assert sim.put_token("1").status == 200 and sim.put_token("21600").status == 200
        assert sim.ask("PUT", "/latest/api/token", {ttl: "60", "X-Forwarded-For": "1.2.3.4"}).status == 403
        assert sim.ask("PUT", "/2021-03-23/api/token", {ttl: "60"}).status == 403
        wrong = sim.get("/latest/api/token")
        assert wrong.status == 405 and wrong.headers["allow"] == "OPTIONS, PUT" and wrong.body == b""


def test_authorisation(start: Start) -> None:
    with start(NODE) as sim:
        for path in ("/", "/latest/", "/latest/meta-data/", "/latest/user-data", "/nowhere"):
            refused = sim.ask("GET", path)
            assert refused.status == 401 and refused.body == b"", path
        assert sim.get("user-data", token="AQAEinvented==").status == 401
        assert sim.get("user-data", token="").status == 401
        assert sim.get("user-data", token="x" * 4096).status == 401
        token = {"X-aws-ec2-metadata-token": sim.put_token().text}
        for method in ("PUT", "POST", "DELETE"):
            assert sim.ask(method, "/latest/user-data", token).status == 405, method
        head = sim.ask("HEAD", "/latest/user-data", token)
        assert head.status == 200 and head.body == b"" and head.headers["content-length"] == "23"
        states = [line["token"] for line in sim.log()]
        assert {"none", "unknown", "valid"} == set(states), states


def test_token_expires(start: Start) -> None:
    with start(NODE) as sim:
        ttl = math.ceil(pace.GAUGE.slowness() - 0.5)
        token = sim.put_token(str(ttl)).text
        assert sim.get("user-data", token=token).status == 200
        time.sleep(ttl + 0.05)
        assert sim.get("user-data", token=token).status == 401
        assert sim.log()[-1]["token"] == "expired"


def test_versions(start: Start) -> None:
    with start(NODE) as sim:
        versions = sim.get("/").text.split("\n")
        assert versions[0] == "1.0" and versions[-1] == "latest" and "2021-03-23" in versions
        for version in versions:
            assert sim.get(f"/{version}/meta-data/instance-id").text == NODE["instance_id"], version
            listing = sim.get(f"/{version}/meta-data/").text.split("\n")
            tags = version >= "2021-03-23"
            assert ("tags/" in listing) == tags, version
            assert sim.get(f"/{version}/meta-data/tags/instance/lustre:role").status == (200 if tags else 404)
        for path in ("/2020-02-30/meta-data/", "/latestx/user-data", "/lates", "/x", "//latest/user-data"):
            assert sim.get(path).status == 404, path


def test_listings(start: Start) -> None:
    with start(NODE) as sim:
        assert sim.get("/latest/").text == sim.get("/latest").text == "dynamic\nmeta-data\nuser-data"
        top = sim.get("meta-data/").text
        assert top == sim.get("meta-data").text and not top.endswith("\n")
        assert "placement/" in top.split("\n") and "ami-id" in top.split("\n")
        assert sorted(sim.get("meta-data/tags/instance").text.split("\n")) == sorted(NODE["tags"])
        assert sim.get("meta-data/tags/").text == "instance/"
        assert sim.get("meta-data/ami-id/").status == 404
        assert sim.get("meta-data/spot/").status == 404
        assert sim.get("meta-data/events/maintenance/scheduled").status == 404
        assert sim.get("meta-data/am").status == 404
        assert sim.get("meta-data/" + "x" * 2000).status == 404


def test_tree(start: Start) -> None:
    mac = "meta-data/network/interfaces/macs/06:12:34:56:78:17"
    expected = {
        "meta-data/ami-launch-index": "3",
        "meta-data/hostname": "ip-10-0-0-23.eu-west-1.compute.internal",
        "meta-data/local-ipv4": "10.0.0.23",
        "meta-data/mac": "06:12:34:56:78:17",
        "meta-data/placement/region": "eu-west-1",
        "meta-data/placement/availability-zone": "eu-west-1b",
        "meta-data/block-device-mapping/root": "/dev/xvda",
        "meta-data/services/domain": "amazonaws.com",
        "meta-data/network/interfaces/macs/": "06:12:34:56:78:17/",
        f"{mac}/device-number": "0",
        f"{mac}/local-ipv4s": "10.0.0.23",
        f"{mac}/subnet-ipv4-cidr-block": "10.0.0.0/24",
        f"{mac}/interface-id": "eni-00000061234567817",
        "meta-data/tags/instance/a%20b": "x",
        "meta-data/tags/instance/na%C3%AFve": "ü",
        "meta-data/tags/instance/empty": "",
        "user-data": NODE["user_data"],
    }
    with start(NODE) as sim:
        for path, value in expected.items():
            answer = sim.get(path)
            assert (answer.status, answer.text) == (200, value), (path, answer)
        assert sim.get(f"{mac}/network-card").status == 404
        assert sim.get(f"{mac}/ipv6s").status == 404
        assert sim.get("user-data").headers["content-type"] == "application/octet-stream"
        assert sim.get("user-data?x=1").status == 200


def test_identity_document(start: Start) -> None:
    with start(NODE) as sim:
        document = json.loads(sim.get("dynamic/instance-identity/document").text)
        assert document["instanceId"] == NODE["instance_id"] and document["privateIp"] == "10.0.0.23"
        assert document["region"] == "eu-west-1" and document["billingProducts"] is None
        assert sim.get("dynamic/").text == "instance-identity/"


def crawl(sim: Simulator, path: str) -> dict[str, Any]:
    """Walks listings as cloud-init does: 'x/' is a directory, '0=name' a public key."""
    tree: dict[str, Any] = {}
    for line in sim.get(path).text.splitlines():
        number, equals, name = line.partition("=")
        if line.endswith("/"):
            tree[line[:-1]] = crawl(sim, path + line)
        elif equals and number.isdigit():
            tree[name] = sim.get(f"{path}{number}/openssh-key").text
        else:
            answer = sim.get(path + line.replace(" ", "%20"))
            assert answer.status == 200, path + line
            tree[line] = answer.text
    return tree


def test_crawl(start: Start) -> None:
    with start(NODE | {"public_keys": {"one": "ssh-ed25519 A", "two": "ssh-ed25519 B"}}) as sim:
        tree = crawl(sim, "/2021-03-23/meta-data/")
        assert tree["public-keys"] == {"one": "ssh-ed25519 A", "two": "ssh-ed25519 B"}
        assert tree["tags"]["instance"] == NODE["tags"]
        macs = tree["network"]["interfaces"]["macs"]
        assert macs["06:12:34:56:78:17"]["device-number"] == "0"
        assert tree["instance-id"] == NODE["instance_id"]
        assert all(line["status"] == 200 for line in sim.log())


def test_user_data(start: Start) -> None:
    blob = bytes(range(256)) * 64
    cases: list[tuple[Node, int, bytes]] = [
        ({}, 404, b""),
        ({"user_data": None}, 404, b""),
        ({"user_data": ""}, 200, b""),
        ({"user_data": "a\0b"}, 200, b"a\0b"),
        ({"user_data_base64": base64.b64encode(blob).decode()}, 200, blob),
        ({"user_data_base64": ""}, 200, b""),
        ({"user_data_base64": "YQ=="}, 200, b"a"),
        ({"user_data_base64": "YWI="}, 200, b"ab"),
    ]
    with start({}) as sim:
        for node, status, body in cases:
            sim.write(node)
            answer = sim.get("user-data")
            assert answer.status == status and (status == 404 or answer.body == body), (node, answer)
            assert sim.get("/latest/").text.endswith("user-data") == (status == 200)


def test_tags_off(start: Start) -> None:
    with start({"tags": None}) as sim:
        assert sim.get("meta-data/tags/instance").status == 404
        assert "tags/" not in sim.get("meta-data/").text
        sim.write({"tags_off": "empty"})
        answer = sim.get("meta-data/tags/instance")
        assert answer.status == 200 and answer.body == b""
        assert sim.get("meta-data/tags/instance/").status == 200
        assert sim.get("meta-data/tags/instance/lustre:role").status == 404
        sim.write({"tags": {"a": "1"}})
        assert sim.get("meta-data/tags/instance/a").text == "1"


def test_keys(start: Start) -> None:
    keys = {
        "meta-data/local-ipv4": None,
        "meta-data/network": None,
        "meta-data/spot/instance-action": '{"action": "terminate"}',
        "meta-data/blob": {"base64": "AAH/"},
        "meta-data/tags/instance/": "",
        "user-data": "replaced",
    }
    with start(NODE | {"keys": keys}) as sim:
        assert sim.get("meta-data/local-ipv4").status == 404
        assert sim.get("meta-data/network/interfaces/macs/").status == 404
        assert sim.get("meta-data/spot/").text == "instance-action"
        assert sim.get("meta-data/spot/instance-action").text == '{"action": "terminate"}'
        assert sim.get("meta-data/blob").body == b"\x00\x01\xff"
        assert sim.get("user-data").text == "replaced"
        assert sim.get("meta-data/tags/instance").body == b""
        listing = sim.get("meta-data/").text.split("\n")
        assert "local-ipv4" not in listing and "network/" not in listing and "spot/" in listing


def test_interfaces(start: Start) -> None:
    interfaces = [
        {"mac": "06:00:00:00:00:02", "local_ipv4s": ["10.0.1.9"], "subnet_cidr": "10.0.1.0/24", "device_number": 1, "network_card": 1},
        {"mac": "06:00:00:00:00:01", "local_ipv4s": ["10.0.0.9", "10.0.0.10"], "device_number": 0, "ipv6s": ["fd00::9"]},
    ]
    macs = "meta-data/network/interfaces/macs/"
    with start({"interfaces": interfaces}) as sim:
        assert sim.get(macs).text == "06:00:00:00:00:01/\n06:00:00:00:00:02/"
        assert sim.get("meta-data/mac").text == "06:00:00:00:00:01"
        assert sim.get("meta-data/local-ipv4").text == "10.0.0.9"
        assert sim.get(macs + "06:00:00:00:00:01/local-ipv4s").text == "10.0.0.9\n10.0.0.10"
        assert sim.get(macs + "06:00:00:00:00:01/ipv6s").text == "fd00::9"
        assert sim.get(macs + "06:00:00:00:00:02/network-card").text == "1"
        assert sim.get(macs + "06:00:00:00:00:02/subnet-ipv4-cidr-block").text == "10.0.1.0/24"
        sim.write({"local_ipv4": None})
        assert sim.get("meta-data/local-ipv4").status == 404
        assert sim.get(macs + "06:00:00:00:00:0a/local-ipv4s").status == 404
        document = json.loads(sim.get("dynamic/instance-identity/document").text)
        assert document["privateIp"] is None


def same_connection(connection: Connection, token: str, count: int) -> list[Answer]:
    answers = []
    for _ in range(count):
        connection.send("GET", "/latest/user-data", {"X-aws-ec2-metadata-token": token})
        answers.append(connection.receive())
    return answers


def test_connection_modes(start: Start) -> None:
    with start(NODE) as sim:
        assert sim.get("user-data").end == "fin"
        sim.write(NODE | {"connection": "http-1.0"})
        old = sim.get("user-data")
        assert old.end == "fin" and old.raw.startswith(b"HTTP/1.0 200"), old
        sim.write(NODE | {"connection": "keep-alive"})
        connection = sim.connect()
        answers = same_connection(connection, sim.token, 5)
        connection.close()
        assert [a.status for a in answers] == [200] * 5
        # The libmicrohttpd of Debian 11 says keep-alive.
        assert all(a.headers.get("connection", "").lower() in ("", "keep-alive") for a in answers)
        last = [line["connection"] for line in sim.log()[-5:]]
        assert len(set(last)) == 1, last


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]
