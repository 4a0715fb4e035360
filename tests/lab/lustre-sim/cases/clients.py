# SPDX-License-Identifier: Apache-2.0
"""The client: facts 5 and surprises 7, 12 and 15."""

from __future__ import annotations

import errno
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pace

from .mounts import OST, live, make_mds, make_ost, mkfs
from .nodes import Bench, Disk, Node, wait_until

SOURCE = "10.9.0.1@tcp:/lustrewt"


@dataclass
class FileSystem:
    mds: Node
    mdt: Disk
    oss: Node
    osts: list[Disk]
    client: Node
    where: Path

    def shell(self, script: str, timeout: float = 60) -> str:
        result = self.client("sh", "-ec", f"cd {self.where}; {script}", timeout=timeout)
        assert result.status == 0, (script, result)
        return result.out


def make(bench: Bench, osts: int = 1) -> FileSystem:
    mds, mdt = make_mds(bench)
    oss, client = bench.node(2), bench.node(3)
    disks = [make_ost(bench, oss, index) for index in range(osts)]
    for index, disk in enumerate(disks):
        assert oss.mount(disk.device, f"ost{index}").status == 0
    result = client.mount(SOURCE, "mnt")
    assert result.status == 0, result
    return FileSystem(mds, mdt, oss, disks, client, client.folder("mnt"))


def case_ordinary_work(bench: Bench) -> None:
    fs = make(bench, osts=2)
    out = fs.shell(
        "mkdir -p a/b; dd if=/dev/urandom of=a/b/f bs=1M count=9 conv=fsync 2>/dev/null;"
        "cp a/b/f g; cmp a/b/f g; mv g a/h; sha256sum <a/b/f; sha256sum <a/h;"
        "ln -s b/f a/link; cat a/link | cmp - a/h; echo one >s; echo two >>s; cat s; wc -c <s;"
        "chmod 640 s; chown 12:34 s; touch -d @1000000000 s; stat -c '%a %u %g %Y %s' s;"
        "truncate -s 3 s; cat s; echo; rm a/h; ls a; rmdir a/b 2>&1 || echo full; echo 1 >t; echo 2 >u; ls"
    ).splitlines()
    assert out[0] == out[1]
    assert out[2:] == [
        *("one", "two", "8", "640 12 34 1000000000 8", "one", "b", "link"),
        *("rmdir: failed to remove 'a/b': Directory not empty", "full", "a", "s", "t", "u"),
    ], out
    used = [fs.oss("find", fs.oss.folder(f"ost{i}") / "O", "-type", "f").out for i in range(2)]
    assert all(used), "objects on every OST"
    fs.shell("rm -r *; [ -z \"$(ls)\" ]")
    used = [fs.oss("find", fs.oss.folder(f"ost{i}") / "O", "-type", "f").out for i in range(2)]
    assert not any(used), "objects go with their files"


def case_two_clients_see_each_other(bench: Bench) -> None:
    fs = make(bench)
    other = bench.node(5)
    assert other.mount(f"10.9.0.9@tcp:{SOURCE}", "mnt").status == 0, "a second MGS NID"
    fs.shell("echo 1 >f")
    assert other("cat", other.folder("mnt") / "f").out == "1\n"
    other("sh", "-c", f"echo 2 >>{other.folder('mnt')}/f")
    assert fs.shell("cat f") == "1\n2\n"


def case_an_mgs_at_two_addresses(bench: Bench) -> None:
    """Each NI of it has the acceptor of its own, and a client asks at the one that it is given."""
    fs = make(bench)
    fs.mds("ip", "addr", "add", "10.9.0.101/24", "dev", "eth0", "label", "eth0:1")
    assert fs.mds("lnetctl", "net", "add", "--net", "tcp", "--if", "eth0:1").status == 0
    asked = ("ss", "-Htn", "state", "established", "src", "10.9.0.101:988", "dst", "10.9.0.5")
    other = bench.node(5)
    assert fs.mds(*asked).out == ""
    assert other.mount("10.9.0.101@tcp:/lustrewt", "mnt").status == 0
    fs.shell("echo 1 >f")
    assert other("cat", other.folder("mnt") / "f").out == "1\n"
    assert fs.mds(*asked).out.strip() != ""


def case_a_directory_of_it(bench: Bench) -> None:
    """NID:/FSNAME/DIRECTORY: Lustre's fileset."""
    fs = make(bench)
    fs.shell("mkdir -p a/b; echo 1 >a/b/f; echo 2 >out")
    other = bench.node(5)
    assert other.mount(f"{SOURCE}/a", "mnt").status == 0
    where = other.folder("mnt")
    assert other("sh", "-ec", f"cd {where}; ls; cat b/f; echo 3 >g; mv g b/h").out == "b\n1\n"
    assert fs.shell("cat a/b/h; ls") == "3\na\nout\n"
    assert other("df", "-kT", where).out.splitlines()[1].split()[:2] == [f"{SOURCE}/a", "fuse.lustre"]
    assert bench.node(6).mount(f"{SOURCE}/nowhere", "mnt").status == errno.ENOENT


def case_df(bench: Bench) -> None:
    fs = make(bench, osts=2)
    result = fs.client("df", "-kT", fs.where).out.splitlines()[1].split()
    assert result[:2] == [SOURCE, "fuse.lustre"], result
    sizes = [
        int(fs.oss("lctl", "get_param", "-n", f"obdfilter.lustrewt-OST000{i}.kbytestotal").out)
        for i in range(2)
    ]
    assert int(result[2]) == sum(sizes), (result, sizes)
    lines = fs.client("lfs", "df").out.splitlines()
    assert [line.split()[0] for line in lines if "_UUID" in line] == [
        "lustrewt-MDT0000_UUID",
        "lustrewt-OST0000_UUID",
        "lustrewt-OST0001_UUID",
    ]


def case_wrong_fsname(bench: Bench) -> None:
    make_mds(bench)
    client = bench.node(3)
    result = client.mount("10.9.0.1@tcp:/nosuchfs", "mnt")
    assert result.status == 2, result
    assert f"mount 10.9.0.1@tcp:/nosuchfs at {client.folder('mnt')} failed: No such file" in result.err
    assert "Is the filesystem name correct?" in result.err


def case_waits_for_an_ost(bench: Bench) -> None:
    make_mds(bench)
    oss, client = bench.node(2), bench.node(3)
    waiting = client.start("mount.lustre", SOURCE, client.folder("mnt"))
    time.sleep(0.5)
    assert waiting.poll() is None
    ost = make_ost(bench, oss, 0)
    assert oss.mount(ost.device, "ost").status == 0
    assert pace.wait(waiting, 20) == 0
    assert client("findmnt", "-t", "fuse.lustre").status == 0


def case_new_ost_shows_up(bench: Bench) -> None:
    fs = make(bench)
    before = int(fs.client("df", "-k", fs.where).out.split()[-5])
    ost = make_ost(bench, fs.oss, 4091)
    assert fs.oss.mount(ost.device, "ost1").status == 0
    assert wait_until(lambda: int(fs.client("df", "-k", fs.where).out.split()[-5]) > before)
    assert "OST:4091" in fs.client("lfs", "df").out


def case_waits_for_servers_that_are_away(bench: Bench) -> None:
    fs = make(bench)
    fs.shell("echo kept >f")
    fs.oss.umount("ost0")
    reading = fs.client.start("cat", fs.where / "f")
    time.sleep(1)
    assert reading.poll() is None, "no error while the OST is away"
    assert fs.client("df", fs.where).status == 0, "df does not wait"
    assert fs.oss.mount(fs.osts[0].device, "ost0").status == 0
    assert pace.communicate(reading, 20)[0] == "kept\n"
    fs.mds.umount("mdt")
    listing = fs.client.start("ls", fs.where)
    time.sleep(1)
    assert listing.poll() is None
    assert fs.mds.mount(fs.mdt.device, "mdt").status == 0
    assert pace.communicate(listing, 20)[0] == "f\n"


def case_waiting_can_be_interrupted(bench: Bench) -> None:
    fs = make(bench)
    fs.shell("echo kept >f")
    fs.oss.umount("ost0")
    reading = fs.client.start("cat", fs.where / "f")
    time.sleep(0.5)
    reading.terminate()
    pace.wait(reading, 30)


def case_replaced_ost_reads_as_empty(bench: Bench) -> None:
    fs = make(bench)
    fs.shell("echo gone >f")
    fs.oss.umount("ost0")
    new = make_ost(bench, fs.oss, 0, "--replace")
    assert fs.oss.mount(new.device, "ost0").status == 0
    assert fs.shell("stat -c %s f; cat f; echo new >n; cat n") == "0\nnew\n"


def case_ost_at_another_address_hangs(bench: Bench) -> None:
    fs = make(bench)
    fs.shell("echo old >f")
    fs.oss.umount("ost0")
    elsewhere = bench.node(4)
    assert elsewhere.mount(fs.osts[0].device, "ost").status == 0
    assert live(fs.mds) == ["lustrewt-MDT0000", "lustrewt-OST0000"]
    reading = fs.client.start("cat", fs.where / "f")
    time.sleep(1.5)
    assert reading.poll() is None
    reading.terminate()
    pace.wait(reading, 30)


def case_fsync_reaches_the_medium(bench: Bench) -> None:
    fs = make(bench)
    fs.shell("dd if=/dev/urandom of=f bs=1M count=3 conv=fsync 2>/dev/null")
    mdt, ost = bench.cut(fs.mdt), bench.cut(fs.osts[0])
    wanted = fs.shell("sha256sum <f")
    fs.client("umount", fs.where)
    fs.oss.umount("ost0")
    fs.mds.umount("mdt")
    # The labels may be the old ones (surprise 4): what matters here is the bytes.
    subprocess.run(["e2label", ost.device, "lustrewt-OST0000"], check=True)
    subprocess.run(["e2label", mdt.device, "lustrewt-MDT0000"], check=True)
    assert fs.mds.mount(mdt.device, "mdt").status == 0
    assert fs.oss.mount(ost.device, "ost0").status == 0
    assert fs.client.mount(SOURCE, "mnt").status == 0
    assert fs.shell("sha256sum <f") == wanted


def case_umount_under_load(bench: Bench) -> None:
    fs = make(bench)
    writing = fs.client.start(
        "sh", "-c", f"for i in $(seq 40); do dd if=/dev/zero of={fs.where}/f bs=1M count=4; done"
    )
    time.sleep(0.5)
    for _ in range(5):
        assert fs.oss.umount("ost0").status == 0
        assert fs.oss.mount(fs.osts[0].device, "ost0").status == 0
    pace.wait(writing, 60)


def case_degraded_ost_gets_no_new_objects(bench: Bench) -> None:
    fs = make(bench, osts=2)
    name = "obdfilter.lustrewt-OST0000.degraded"
    assert fs.oss("lctl", "set_param", f"{name}=1").out == f"{name}=1\n"
    assert fs.oss("lctl", "get_param", "-n", name).out == "1\n"
    assert fs.client("df", fs.where).status == 0  # which asks the OSTs how they are
    fs.shell("for i in 1 2 3 4; do echo x >f$i; done")
    assert not fs.oss("find", fs.oss.folder("ost0") / "O", "-type", "f").out


def case_the_kernel_shows_targets_as_files(bench: Bench) -> None:
    fs = make(bench)
    kernel = fs.oss.run / "kernel"
    ost = kernel / "sys/fs/lustre/obdfilter/lustrewt-OST0000"
    osd = kernel / "sys/fs/lustre/osd-ldiskfs/lustrewt-OST0000"

    def says(path: Path, text: str) -> bool:
        return path.exists() and path.read_text(encoding="utf-8") == text

    def comes_to_say(path: Path, text: str) -> bool:
        """The files of one turn are written one after the other: each is waited for by itself."""
        return wait_until(lambda: says(path, text))

    assert comes_to_say(ost / "degraded", "0\n")
    assert comes_to_say(kernel / "sys/fs/lustre/health_check", "healthy\n")
    assert comes_to_say(kernel / "proc/fs/lustre/obdfilter/lustrewt-OST0000/recovery_status", "status: INACTIVE\n")
    assert comes_to_say(ost / "statfs_state", "f\n")
    assert wait_until((osd / "kbytesavail").exists) and wait_until((osd / "kbytestotal").exists)
    assert 0 < int((osd / "kbytesavail").read_text()) < int((osd / "kbytestotal").read_text())
    nis = kernel / "sys/kernel/debug/lnet/nis"
    assert wait_until(lambda: nis.exists() and f"{fs.oss.address}@tcp" in nis.read_text())
    fs.oss("lctl", "set_param", "obdfilter.lustrewt-OST0000.degraded=1")
    assert comes_to_say(ost / "degraded", "1\n") and comes_to_say(ost / "statfs_state", "Df\n")
    fs.oss("mount", "-i", "-o", "remount,ro", fs.oss.folder("ost0"))
    assert comes_to_say(ost / "statfs_state", "DRf\n")
    assert comes_to_say(kernel / "sys/fs/lustre/health_check", "NOT HEALTHY\n")
    unhealthy = "device lustrewt-OST0000 reported unhealthy\n"
    assert comes_to_say(kernel / "sys/kernel/debug/lustre/health_check", unhealthy)
    fs.client("umount", fs.where)
    assert fs.oss("umount", fs.oss.folder("ost0")).status == 0
    assert wait_until(lambda: not ost.exists() and not osd.exists())
    assert comes_to_say(kernel / "sys/fs/lustre/health_check", "healthy\n")


def case_umount_ends_the_client(bench: Bench) -> None:
    fs = make(bench)

    def clients() -> str:
        return fs.client("pgrep", "-f", f"lustre-sim-client {SOURCE}").out

    assert clients()
    assert fs.client("lustre_rmmod").status == 1
    assert fs.client("umount", fs.where).status == 0
    assert wait_until(lambda: not clients())
    assert fs.client("lustre_rmmod").status == 0
    assert not (fs.client.run / "modules").exists()


def case_client_umount_with_all_servers_away(bench: Bench) -> None:
    fs = make(bench)
    fs.shell("echo x >f")
    fs.oss.umount("ost0")
    fs.mds.umount("mdt")
    result = fs.client("umount", fs.where, timeout=20)
    assert result.status == 0, result


def case_read_only_client(bench: Bench) -> None:
    fs = make(bench)
    fs.client("umount", fs.where)
    result = fs.client("mount.lustre", SOURCE, fs.where, "-o", "ro,noatime")
    assert result.status == 0, result
    result = fs.client("touch", fs.where / "f")
    assert "Read-only file system" in result.err, result


def case_same_client_mount_twice(bench: Bench) -> None:
    fs = make(bench)
    result = fs.client.mount(SOURCE, "mnt")
    assert result.status == 17 and "is already mounted on" in result.err, result


def case_start_order_of_many_osts(bench: Bench) -> None:
    fs = make(bench)
    for index in (5, 65503):
        disk = bench.disk()
        mkfs(fs.oss, disk, f"{OST} --index={index}")
        assert fs.oss.mount(disk.device, f"ost{index}").status == 0
    assert live(fs.mds) == [
        f"lustrewt-{name}" for name in ("MDT0000", "OST0000", "OST0005", "OSTffdf")
    ]
