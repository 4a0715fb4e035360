# SPDX-License-Identifier: Apache-2.0
"""Upgrade, downgrade, reinstallation and removal of the package, over a mounted OST that is written to.

rpm itself does each of them on an OSS while a client writes. Nothing is
unmounted, not for a moment: the mount is the same one, by the kernel's number for
it, and the unit is the same run. What somebody set stays. After removal nothing is
left but what the README names. The next boot runs what was installed last.
"""

from __future__ import annotations

import hashlib

import expect
from host import BUILD, LabError
from laboratory import Lab
from node import Node

CLIENT_MOUNT = "/mnt/lustrewt"
OST_MOUNT = "/srv/lustre/lustrewt-OST000b"
OLD, NEW = "/root/old.rpm", "/root/new.rpm"
SITE = "/etc/lustre-init/conf.d/10-site.yaml"
CLOUD = "/etc/cloud/cloud.cfg.d/95_lustre-init.cfg"
PROGRAM = "/usr/sbin/lustre-init"
RPM = ("env", "HOME=/root", "rpm", "--nodeps")
# A line every fifth of a second, on the disk before the next; what cannot be written is told.
WRITER = f"""while [ -e /run/writing ]; do
	date +%s.%N >>{CLIENT_MOUNT}/lines && sync {CLIENT_MOUNT}/lines || echo failed >>/run/failed
	sleep 0.2
done"""


def run(lab: Lab) -> None:
    mgs, oss, client = lab.fleet("trio")
    lab.boot([mgs, oss, client])
    expect.ready(mgs, oss, client)
    bring_packages(oss)
    oss.write(SITE, b"on-data-loss: halt\n")
    oss.write(CLOUD, oss.read(CLOUD) + b"# of this site\n")
    start_writing(client)
    made, before = expect.filesystem_id(oss, OST_MOUNT), standing(oss)

    first = program(oss)
    for step in (("-U", NEW), ("-U", "--oldpackage", OLD), ("-U", "--replacepkgs", OLD), ("-U", NEW)):
        oss.run(*RPM, *step)
        nothing_moved(oss, before, " ".join(step))
        settings_stay(oss)
        assert enabled(oss) == "enabled", f"after {step} the unit is {enabled(oss)}"
    newest = program(oss)
    assert newest != first, "the newer package has the same program: nothing would be seen"

    oss.run(*RPM, "-e", "lustre-init")
    nothing_moved(oss, before, "removal")
    nothing_is_left(oss)
    still_written(client)

    oss.run(*RPM, "-U", NEW)
    nothing_moved(oss, before, "installation")
    assert enabled(oss) == "enabled", f"after installation the unit is {enabled(oss)}"
    stop_writing(client)
    oss.reboot()
    expect.ready(oss)
    assert expect.filesystem_id(oss, OST_MOUNT) == made, "the OST was formatted"
    assert program(oss) == newest, "another program ran than was installed last"
    still_written(client, writes=False)


def bring_packages(oss: Node) -> None:
    for path, place in ((BUILD / "rpm", OLD), (BUILD / "rpm-newer", NEW)):
        found = list(path.glob("lustre-init-*.rpm"))
        if len(found) != 1:
            raise LabError(f"no lustre-init-*.rpm in {path}: run make rpm rpm-newer")
        oss.write(place, found[0].read_bytes())


def standing(oss: Node) -> tuple[str, str]:
    """The kernel's number of the mount, and systemd's of the run."""
    ids = [line.split()[0] for line in oss.read("/proc/self/mountinfo").decode().splitlines() if line.split()[4] == OST_MOUNT]
    assert len(ids) == 1, f"{OST_MOUNT} is mounted {len(ids)} times"
    return ids[0], oss.unit_property(expect.UNIT, "InvocationID")


def nothing_moved(oss: Node, before: tuple[str, str], step: str) -> None:
    assert standing(oss) == before, f"{step}: {before} became {standing(oss)}"
    state = oss.unit_property(expect.UNIT, "ActiveState")
    assert state == "active", f"{step}: {expect.UNIT} is {state}"


def settings_stay(oss: Node) -> None:
    assert oss.read(SITE) == b"on-data-loss: halt\n"
    assert oss.read(CLOUD).endswith(b"# of this site\n"), "what somebody wrote is gone"


def enabled(oss: Node) -> str:
    return oss.run("systemctl", "is-enabled", expect.UNIT, check=False).out.strip()


def program(oss: Node) -> str:
    return hashlib.sha256(oss.read(PROGRAM)).hexdigest()


def nothing_is_left(oss: Node) -> None:
    """On the disk: what the site wrote, and the memory of the targets."""
    found = oss.run("find", "/", "-xdev", "(", "-name", "*lustre[-_]init*", "-o", "-lname", "*lustre[-_]init*", ")").out.split()
    allowed = {"/etc/lustre-init", f"{CLOUD}.rpmsave", "/var/lib/lustre-init"}
    left = {path for path in found if not path.startswith(("/var/log/", "/etc/lvm/"))}
    assert left == allowed, f"left behind, or missing: {sorted(left ^ allowed)}"
    # The place of the OST is mounted on, and stays in the list of those that were made immutable.
    kept = oss.run("ls", "-A", "/var/lib/lustre-init").out.split()
    assert kept == ["mount-points", "state.json"], f"/var/lib/lustre-init has {kept}"
    assert oss.run("ls", "-A", "/etc/lustre-init/conf.d").out.split() == ["10-site.yaml"]
    assert "metrics.prom" not in oss.run("ls", "/run/lustre-init").out.split(), "node_exporter tells for ever what was"


def start_writing(client: Node) -> None:
    client.write("/run/writing", b"")
    client.start("sh", "-c", WRITER)
    still_written(client)


def still_written(client: Node, writes: bool = True) -> None:
    """More lines than a moment ago, and none that failed."""
    before = lines(client)
    if writes:
        client.run("sh", "-c", f"for i in $(seq 100); do [ $(wc -l <{CLIENT_MOUNT}/lines) -gt {before} ] && exit; sleep 0.2; done; exit 1")
    assert client.run("test", "-e", "/run/failed", check=False).status != 0, "a line could not be written"


def lines(client: Node) -> int:
    return int(client.run("sh", "-c", f"cat {CLIENT_MOUNT}/lines 2>/dev/null | wc -l").out)


def stop_writing(client: Node) -> None:
    client.run("rm", "/run/writing")
