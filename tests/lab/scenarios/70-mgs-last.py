# SPDX-License-Identifier: Apache-2.0
"""OSS and client boot first, the MGS last; each says what it waits for, and mounts after it is there.

Before its instance runs no host has the MGS's address, and its name does not
resolve; then its node is up and port 988 is closed; behind a closed security
group nobody answers. Logins are open all the time. The doctor says the same, and
which step is next. Once the MGS is mounted, all others follow, none before it; the
seconds that took are printed, and the MGS's kernel log has no line about those who asked whether it was there.

A second OSS then asks for the index of the first: it is refused, by name, as
often as it tries. With a mistyped file system name it would be served; the
MGS's node says so.
"""

from __future__ import annotations

import json
import time

import expect
from cost.moments import lasted, lateness
from fleet import Disk, NodeSpec
from host import Timeout, wait_until
from laboratory import Lab
from node import Node

NODE_IS_UP = {"tags": {"Name": "an MGS to be"}}
SECOND = NodeSpec(
    name="second",
    address="10.77.0.13",
    instance_store=(Disk(4 << 30),),
    metadata={"tags": {"Name": "untagged"}},
)
UNTOUCHED = "untouched"
OST = "lustrewt-OST000b"


def run(lab: Lab) -> None:
    mgs, oss, client = lab.fleet("trio")
    (second,) = lab.add(SECOND)
    tags = mgs.spec.metadata["tags"]
    mgs.set_metadata(**NODE_IS_UP)
    client.set_metadata(tags=client.spec.metadata["tags"] | {"lustre:mgs": "mgs"})

    lab.boot([oss, client, second])
    says(oss, "10.77.0.10@tcp: no host has its address")
    says(client, "mgs@tcp: its name does not resolve")
    logins_are_open(oss)
    second.save(UNTOUCHED)

    lab.boot([mgs])
    says(oss, "TCP port 988 is closed")
    says(client, "TCP port 988 is closed")
    nobody_answers(mgs, oss)
    doctor_finds(oss, "mgs", "fail", "TCP port 988 is closed")

    mgs.set_metadata(tags=tags)
    mgs.run("systemctl", "restart", "--no-block", expect.UNIT)
    expect.ready(mgs, oss, client)
    mounts_after(lab, mgs, oss)
    nobody_is_refused(mgs)
    doctor_finds(oss, "mgs", "ok", "it answers")

    index_is_taken(second)
    second.load(UNTOUCHED)
    wrong_name_is_told(second, mgs)


def logins_are_open(node: Node) -> None:
    """Nobody who wants to log in waits for an MGS: the boot is over, but for our own unit."""
    for unit in ("multi-user.target", "serial-getty@ttyS0.service"):
        node.wait_for_unit(unit, timeout=120)
    assert node.unit_property(expect.UNIT, "ActiveState") == "activating", expect.unit_status(node).out


def says(node: Node, words: str) -> None:
    try:
        wait_until("", lambda: words in expect.status_text(node), timeout=120, interval=0.5)
    except Timeout:
        raise AssertionError(f"{node.name} says '{expect.status_text(node)}', not '{words}'") from None


def nobody_answers(mgs: Node, oss: Node) -> None:
    """As with a security group that drops packets: nothing comes back to the OSS."""
    route = ("blackhole", f"{oss.spec.address}/32")
    mgs.run("ip", "route", "add", *route)
    says(oss, "no answer on TCP port 988: a security group")
    doctor_finds(oss, "mgs", "fail", "no answer on TCP port 988")
    mgs.run("ip", "route", "del", *route)
    says(oss, "TCP port 988 is closed")


def findings(node: Node) -> list[dict[str, str]]:
    result = node.run("lustre-init", "doctor", "--json", timeout=120, check=False)
    rows: list[dict[str, str]] = json.loads(result.out)
    failed = any(row["verdict"] == "fail" for row in rows)
    assert failed == (result.status != 0), f"{node.name}: {result}"
    return rows


def doctor_finds(node: Node, identity: str, verdict: str, words: str) -> None:
    rows = [row for row in findings(node) if row["id"] == identity]
    matching = [row for row in rows if row["verdict"] == verdict and words in row["found"]]
    assert matching, f"{node.name}: doctor finds {rows}"
    assert verdict == "ok" or matching[0]["fix"], f"{node.name}: no fix in {matching}"


def mounts_after(lab: Lab, mgs: Node, oss: Node) -> None:
    """By one mount, begun when there was an MGS: one begun too early fails, or waits for half a minute."""
    mounts = [row for row in expect.status(oss)["actions"] if row["what"] == f"mount {OST}"]
    assert [row["result"] for row in mounts] == ["done"], f"the OST's mounts: {mounts}"
    late, took = lateness(mgs, oss), lasted(oss, "mount")
    said = f"the OST was mounted {late:.1f} s and its mount, {took:.1f} s, after the MGS served"
    (lab.logs / "seconds").write_text(f"{said}\n")
    print(f"   {said}", flush=True)
    # The kernel serves a moment before systemd says that the MGT is mounted.
    assert late + took > 0, f"the OST was mounted {-late - took:.1f} s before the MGS"


def nobody_is_refused(mgs: Node) -> None:
    """All asked as LNET does: from a port below 1024, and not in silence."""
    lines = mgs.run("dmesg").out.splitlines()
    refused = [line for line in lines if "acceptor" in line]
    assert not refused, "\n".join(refused)


def start(node: Node, tags: dict[str, str]) -> str:
    base = {"lustre:role": "oss", "lustre:fsname": "lustrewt", "lustre:mgs": "10.77.0.10"}
    node.set_metadata(tags=base | tags)
    node.run("systemctl", "restart", "--no-block", expect.UNIT)
    time.sleep(1)
    return expect.end_of_start(node, timeout=240)


def volume_id(node: Node) -> str:
    return node.run("sh", "-c", "blkid -p -o value -s UUID /dev/lustre-init-*/ost000b").out


def index_is_taken(second: Node) -> None:
    """Two live nodes, one number: the first one has it, and the other says so, again and again."""
    made = ""
    for _ in range(2):
        state = start(second, {"lustre:index": "11"})
        said = expect.unit_status(second).out
        assert state == "failed", f"the unit is {state}\n{said}"
        assert second.unit_property(expect.UNIT, "ExecMainStatus") == "3", said
        for words in (f"{OST} is taken", "replace: true", f"lctl replace_nids {OST} 10.77.0.13@tcp"):
            assert words in said, f"status does not say '{words}'\n{said}"
        assert made in ("", volume_id(second)), "it was formatted again"
        made = volume_id(second)
    doctor_finds(second, "index", "fail", f"{OST} is taken")


def wrong_name_is_told(second: Node, mgs: Node) -> None:
    state = start(second, {"lustre:fsname": "lustrwt"})
    assert state == "active", expect.unit_status(second).out
    doctor_finds(mgs, "filesystems", "warn", "lustrwt (lustrwt-OST000d)")
    doctor_finds(mgs, "filesystems", "ok", "lustrewt (")
    said = mgs.run("lustre-init", "status").out
    assert "lustrwt (lustrwt-OST000d) is registered at this MGS" in said, said
