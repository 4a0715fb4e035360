# SPDX-License-Identifier: Apache-2.0
"""Registration, labels, power cuts and failures of mount.lustre: facts 3, 5, 10 and the surprises."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pace

from .formats import label
from .nodes import LONGEST_SCALE, TIME_SCALE, Bench, Disk, Node, configuration, wait_until

OST = "--ost --fsname=lustrewt --mgsnode=10.9.0.1@tcp"


def mkfs(node: Node, disk: Disk, words: str) -> None:
    result = node("mkfs.lustre", "--quiet", *words.split(), disk.device)
    assert result.status == 0, result


def make_mds(bench: Bench, number: int = 1) -> tuple[Node, Disk]:
    node, disk = bench.node(number), bench.disk()
    mkfs(node, disk, "--mgs --mdt --fsname=lustrewt --index=0")
    result = node.mount(disk.device, "mdt")
    assert result.status == 0, result
    return node, disk


def make_ost(bench: Bench, node: Node, index: int, more: str = "") -> Disk:
    disk = bench.disk()
    mkfs(node, disk, f"{OST} --index={index} {more}")
    return disk


def listing(device: str) -> set[str]:
    done = subprocess.run(
        ["debugfs", "-c", "-R", "ls -p /", device], capture_output=True, text=True, check=True
    )
    return {line.split("/")[5] for line in done.stdout.splitlines() if line.count("/") > 5}


def live(node: Node) -> list[str]:
    out = node("lctl", "get_param", "-n", "mgs.MGS.live.lustrewt").out
    return [line for line in out.splitlines() if line.startswith("lustrewt-")]


def in_use(disk: Disk) -> bool:
    """By a mount that is under way, too."""
    try:
        os.close(os.open(disk.device, os.O_RDONLY | os.O_EXCL))
    except OSError:
        return True
    return False


def case_first_mounts(bench: Bench) -> None:
    mds, mdt = make_mds(bench)
    oss = bench.node(2)
    ost = make_ost(bench, oss, 3)
    assert oss.mount(ost.device, "ost").status == 0
    assert label(ost.device) == "lustrewt-OST0003" and label(mdt.device) == "lustrewt-MDT0000"
    shown = oss("tunefs.lustre", "--dryrun", ost.device).out
    assert "Flags:      0x2\n              (OST )\n" in shown, shown
    assert "Flags:      0x5\n" in mds("tunefs.lustre", "--dryrun", mdt.device).out
    assert live(mds) == ["lustrewt-MDT0000", "lustrewt-OST0003"]
    assert mds("lctl", "get_param", "-n", "mgs.MGS.filesystems").out == "lustrewt\n"
    assert " obdfilter lustrewt-OST0003 lustrewt-OST0003_UUID " in oss("lctl", "dl").out
    assert " mgs MGS MGS " in mds("lctl", "dl").out
    shown = oss("lctl", "get_param", "osd-ldiskfs.lustrewt-OST0003.mntdev").out
    assert shown == f"osd-ldiskfs.lustrewt-OST0003.mntdev={ost.device}\n"
    log = oss.kernel_log()
    assert "Lustre: lustrewt-OST0003: new disk, initializing" in log
    assert oss.umount("ost").status == 0
    assert "Lustre: server umount lustrewt-OST0003 complete" in oss.kernel_log()
    names = listing(ost.device)
    wanted = "CONFIGS O index_backup OI_scrub oi.16.0 oi.16.63 last_rcvd seq_srv fld health_check"
    assert set(wanted.split()) <= names, names
    assert oss.mount(ost.device, "ost").status == 0
    assert oss.kernel_log().count("new disk") == 1


def case_mount_helper_gets_no_path(bench: Bench) -> None:
    """mount(8) calls its helpers with an environment that has no PATH."""
    node, disk = bench.node(1), bench.disk()
    mkfs(node, disk, "--mgs")
    kept = [f"{key}={value}" for key, value in node.environment().items() if key != "PATH"]
    helper = bench.folder / "bin/mount.lustre"
    result = node("env", "-i", *kept, helper, disk.device, node.folder("mgt"), "-o", "rw")
    assert result.status == 0, result


def case_index_in_use(bench: Bench) -> None:
    mds, _ = make_mds(bench)
    oss = bench.node(2)
    old = make_ost(bench, oss, 1)
    assert oss.mount(old.device, "ost").status == 0
    oss.umount("ost")
    new = make_ost(bench, oss, 1)
    result = oss.mount(new.device, "ost")
    assert result.status == 98, result
    assert "failed: Address already in use\n" in result.err
    assert f"The target service's index is already in use. ({new.device})\n" in result.err
    assert (
        "LustreError: Server lustrewt-OST0001 requested index 1, but that index is already in use."
        " Use --writeconf to force" in mds.kernel_log()
    )
    assert "the MGS refuses to allow this server to start: rc = -98." in oss.kernel_log()
    assert label(new.device) == "lustrewt:OST0001"
    names = listing(new.device)
    assert {"O", "OI_scrub", "oi.16.0"} <= names and "last_rcvd" not in names
    # Free again: what facts 5 do next works at once.
    mkfs(oss, new, f"{OST} --index=1 --reformat --replace")
    assert label(new.device) == "lustrewt-OST0001"
    assert oss.mount(new.device, "ost").status == 0
    assert "Lustre: Found index 1 for lustrewt-OST0001, updating log" in mds.kernel_log()


def case_replace_of_unknown_index_poisons_it(bench: Bench) -> None:
    mds, _ = make_mds(bench)
    oss = bench.node(2)
    disk = make_ost(bench, oss, 1, "--replace")
    result = oss.mount(disk.device, "ost")
    assert result.status == 2, result
    assert "Is the MGS specification correct?\nIs the filesystem name correct?\n" in result.err
    log = oss.kernel_log()
    assert "MGC10.9.0.1@tcp: no remote llog for lustrewt-OST0001, check MGS config" in log
    assert "lustrewt-OST0001" in live(mds)
    mkfs(oss, disk, f"{OST} --index=1 --reformat")
    assert oss.mount(disk.device, "ost").status == 98


def case_replacement_at_another_address_keeps_the_old_nid(bench: Bench) -> None:
    mds, _ = make_mds(bench)
    old, new = bench.node(2), bench.node(4)
    first = make_ost(bench, old, 1)
    old.mount(first.device, "ost")
    second = make_ost(bench, new, 1, "--replace")
    assert new.mount(second.device, "ost").status == 0
    log = mds("lctl", "--device", "MGS", "llog_print", "lustrewt-client").out
    assert "device: lustrewt-OST0001-osc" in log and "node: 10.9.0.2@tcp" in log, log


def case_replace_nids_wants_nobody_connected(bench: Bench) -> None:
    """Facts 12: an export of a node that died stays; a new mount of the MGT knows of none."""
    mgs, old, new, mgt = bench.node(1), bench.node(2), bench.node(4), bench.disk()
    mkfs(mgs, mgt, "--mgs")
    assert mgs.mount(mgt.device, "mgt").status == 0
    first = make_ost(bench, old, 1)
    assert old.mount(first.device, "ost").status == 0
    second = make_ost(bench, new, 1, "--replace")
    assert new.mount(second.device, "ost").status == 0
    replace = ("lctl", "replace_nids", "lustrewt-OST0001", "10.9.0.4@tcp")
    result = mgs(*replace)
    assert result.status == 115 and "Operation now in progress" in result.err, result
    assert "MGS: node 10.9.0.4@tcp still connected during replace_nids" in mgs.kernel_log()
    new.umount("ost")
    exports = mgs("lctl", "get_param", "mgs.MGS.exports.*.uuid").out
    assert "mgs.MGS.exports.10.9.0.2@tcp.uuid=" in exports and "10.9.0.4" not in exports, exports
    old.die()
    assert mgs(*replace).status == 115
    mgs.umount("mgt")
    assert mgs.mount(mgt.device, "mgt").status == 0
    assert mgs(*replace).status == 0
    log = mgs("lctl", "--device", "MGS", "llog_print", "lustrewt-client").out
    assert "node: 10.9.0.4@tcp" in log and "10.9.0.2" not in log


def case_a_dead_node_keeps_others_from_registering(bench: Bench) -> None:
    """Facts 12: the MGS gives it 158 s to let its locks go; the refusal of an index waits as well."""
    mds, _ = make_mds(bench)
    old, new = bench.node(2), bench.node(4)
    assert old.mount(make_ost(bench, old, 1).device, "ost").status == 0
    assert new.mount(make_ost(bench, new, 2).device, "ost2").status == 0
    old.die()
    start = time.monotonic()
    result = new.mount(make_ost(bench, new, 1).device, "ost1")
    assert result.status == 98, result
    assert time.monotonic() - start > 158 * TIME_SCALE
    assert "client (nid 10.9.0.2@tcp) failed to reply to blocking AST" in mds.kernel_log()


def case_writeconf_takes_the_new_nid(bench: Bench) -> None:
    mds, _ = make_mds(bench)
    old, new = bench.node(2), bench.node(4)
    disk = make_ost(bench, old, 1)
    old.mount(disk.device, "ost")
    old.umount("ost")
    assert new("tunefs.lustre", "--writeconf", disk.device).status == 0
    assert new.mount(disk.device, "ost").status == 0
    assert label(disk.device) == "lustrewt-OST0001"
    assert "10.9.0.4@tcp" in mds("lctl", "llog_print", "lustrewt-client").out


def case_cut_at_once(bench: Bench) -> None:
    """Surprise 4, facts 10: nothing of the first service is on the medium yet."""
    mds, _ = make_mds(bench)
    oss = bench.node(2)
    ost = make_ost(bench, oss, 2)
    assert oss.mount(ost.device, "ost").status == 0
    cut = bench.cut(ost)
    assert label(ost.device) == "lustrewt-OST0002", "the page cache has the new label"
    assert label(cut.device) == "lustrewt:OST0002", "the medium still has the old one"
    oss.umount("ost")
    for _ in range(2):
        assert oss.mount(cut.device, "ost").status == 98, "retrying keeps failing"
    assert "last_rcvd" not in listing(cut.device)
    assert label(cut.device) == "lustrewt:OST0002" and "lustrewt-OST0002" in live(mds)
    subprocess.run(["e2label", cut.device, "lustrewt-OST0002"], check=True)


def case_cut_after_some_commits(bench: Bench) -> None:
    """facts 10: the truth is in the journal; the first mount says 98, and replays it."""
    make_mds(bench)
    oss = bench.node(2)
    ost = make_ost(bench, oss, 2)
    assert oss.mount(ost.device, "ost").status == 0
    time.sleep(7)
    cut = bench.cut(ost)
    assert label(cut.device) == "lustrewt:OST0002", label(cut.device)
    assert listing(cut.device) == {".", "..", "lost+found", "CONFIGS"}, listing(cut.device)
    oss.umount("ost")
    assert oss.mount(cut.device, "ost").status == 98
    assert label(cut.device) == "lustrewt-OST0002" and "last_rcvd" in listing(cut.device)
    assert oss.mount(cut.device, "ost").status == 0


def case_sync_makes_it_durable(bench: Bench) -> None:
    make_mds(bench)
    oss = bench.node(2)
    ost = make_ost(bench, oss, 2)
    oss.mount(ost.device, "ost")
    oss("sync", "-f", oss.folder("ost"))
    cut = bench.cut(ost)
    assert label(cut.device) == "lustrewt-OST0002" and "last_rcvd" in listing(cut.device)
    oss.umount("ost")
    assert oss.mount(cut.device, "ost").status == 0


def case_refusals_before_anything(bench: Bench) -> None:
    mds, mdt = make_mds(bench)
    result = mds.mount(mdt.device, "mdt")
    assert result.status == 17, result
    expected = f"according to /etc/mtab {mdt.device} is already mounted on {mds.folder('mdt')}"
    assert expected in result.err
    result = mds.mount(mdt.device, "elsewhere")
    assert result.status == 114 and "failed: Operation already in progress" in result.err, result
    assert f"The target service is already running. ({mdt.device})" in result.err
    twin = bench.disk()
    mkfs(mds, twin, "--mdt --fsname=lustrewt --index=0 --mgsnode=10.9.0.1")
    assert mds.mount(twin.device, "elsewhere").status == 114
    blank = bench.disk()
    result = mds.mount(blank.device, "elsewhere")
    assert result.status == 19 and "has not been formatted with mkfs.lustre or the backend" in result.err
    mkfs(mds, blank, OST)
    result = mds.mount(blank.device, "elsewhere")
    assert result.status == 22 and "has no index assigned (probably formatted with old mkfs)" in result.err
    result = mds("mount.lustre", mdt.device, "/nosuchdir")
    assert result.status == 2
    assert "warning: /nosuchdir: cannot resolve: No such file or directory" in result.err
    result = mds("mkfs.lustre", "--reformat", *OST.split(), "--index=9", mdt.device)
    assert result.status == 17, result
    assert f"{mdt.device}: is currently mounted, exiting without any change" in result.err


def case_device_in_use(bench: Bench) -> None:
    disk = bench.disk()
    held = os.open(disk.device, os.O_RDONLY | os.O_EXCL)
    result = bench.here("mkfs.lustre", *OST.split(), "--index=9", disk.device)
    os.close(held)
    assert result.status == 1, result
    assert f"{disk.device} is apparently in use by the system;" in result.out


def case_lnet_cannot_start(bench: Bench) -> None:
    node, disk = bench.node(1), bench.disk()
    mkfs(node, disk, "--mgs")
    node(bench.programs / "lustre-sim", "module", "lnet", "networks=tcp(eth9)")
    result = node.mount(disk.device, "mgt")
    assert result.status == 19, result
    assert "failed: No such device\nAre the lustre modules loaded?\n" in result.err
    assert "failed to find UP interface eth9" in node.kernel_log()


def case_mgs_without_any_nid(bench: Bench) -> None:
    """Surprise 5: LNET configured without a NI is no error."""
    node, disk = bench.node(1), bench.disk()
    mkfs(node, disk, "--mgs")
    node(bench.programs / "lustre-sim", "module", "lnet")
    node("lnetctl", "lnet", "configure")
    assert node.mount(disk.device, "mgt").status == 0
    assert node("lctl", "list_nids").out == ""
    assert node("lustre_rmmod").status == 1
    assert node("lnetctl", "lnet", "unconfigure").status == 240


def case_mgs_absent(bench: Bench) -> None:
    oss = bench.node(2)
    ost = make_ost(bench, oss, 14)
    result = oss.mount(ost.device, "ost")
    assert result.status == 110 and "failed: Connection timed out" in result.err, result
    assert (
        "lustrewt-OST000e: cannot register this server with the MGS: rc = -110. Is the MGS running?"
        in oss.kernel_log()
    )
    assert label(ost.device) == "lustrewt:OST000e"
    assert oss("lctl", "dl").out == "" and not os.path.ismount(oss.folder("ost"))
    mkfs(oss, ost, f"{OST} --index=14 --reformat")


def case_registration_waits_and_can_be_interrupted(bench: Bench) -> None:
    oss = bench.node(2)
    ost = make_ost(bench, oss, 1)
    (bench.folder / "conf").write_text(configuration(LONGEST_SCALE))
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        waiting = oss.start("mount.lustre", ost.device, oss.folder("ost"))
        assert wait_until(lambda: in_use(ost))
        time.sleep(0.3)
        assert waiting.poll() is None
        os.killpg(waiting.pid, number)
        pace.wait(waiting, 30)  # left alone, it would wait for 670
        assert oss("findmnt", ost.device).status == 1 and oss("lctl", "dl").out == ""
        assert not in_use(ost)


def case_mgs_comes_later(bench: Bench) -> None:
    """facts 5: a registration under way succeeds by itself."""
    oss, mds = bench.node(2), bench.node(1)
    ost, mdt = make_ost(bench, oss, 1), bench.disk()
    mkfs(mds, mdt, "--mgs --mdt --fsname=lustrewt --index=0")
    mds(bench.programs / "lustre-sim", "module", "lustre")
    (bench.folder / "conf").write_text(configuration(0.1))
    waiting = oss.start("mount.lustre", ost.device, oss.folder("ost"))
    assert wait_until(lambda: in_use(ost))
    time.sleep(0.5)
    assert mds.mount(mdt.device, "mdt").status == 0
    assert pace.wait(waiting, 10) == 0
    assert live(mds) == ["lustrewt-MDT0000", "lustrewt-OST0001"]


def case_registered_target_mounts_without_mgs(bench: Bench) -> None:
    mds, _ = make_mds(bench)
    oss = bench.node(2)
    ost = make_ost(bench, oss, 1)
    oss.mount(ost.device, "ost")
    oss.umount("ost")
    mds.umount("mdt")
    result = oss.mount(ost.device, "ost")
    assert result.status == 0, result
    assert result.seconds > 0.9  # 47 s at the test's scale
    assert "Failed to get MGS log lustrewt-sptlrpc and no local copy." in oss.kernel_log()


def case_shutdown_error_when_node_has_an_mgc(bench: Bench) -> None:
    mds, _ = make_mds(bench)
    oss = bench.node(2)
    first, second = make_ost(bench, oss, 1), make_ost(bench, oss, 2)
    oss.mount(first.device, "ost1")
    mds.umount("mdt")
    mds("lustre_rmmod")
    result = oss.mount(second.device, "ost2")
    assert result.status == 108, result
    assert "failed: Cannot send after transport endpoint shutdown" in result.err


def case_mgt_made_anew(bench: Bench) -> None:
    """facts 10: an OST that the old MGT knew is taken up by a new one."""
    mgs, oss, mgt = bench.node(1), bench.node(2), bench.disk()
    mkfs(mgs, mgt, "--mgs")
    mgs.mount(mgt.device, "mgt")
    ost = make_ost(bench, oss, 1)
    assert oss.mount(ost.device, "ost").status == 0
    oss.umount("ost")
    mgs.umount("mgt")
    mkfs(mgs, mgt, "--mgs --reformat")
    mgs.mount(mgt.device, "mgt")
    assert live(mgs) == []
    assert oss.mount(ost.device, "ost").status == 0
    assert live(mgs) == ["lustrewt-OST0001"]


def case_another_fsname_is_no_error(bench: Bench) -> None:
    mds, _ = make_mds(bench)
    oss, disk = bench.node(2), bench.disk()
    mkfs(oss, disk, "--ost --fsname=otherfs --index=5 --mgsnode=10.9.0.1")
    assert oss.mount(disk.device, "ost").status == 0
    assert mds("lctl", "get_param", "-n", "mgs.MGS.filesystems").out == "lustrewt\notherfs\n"


def case_nothing_is_mounted_while_registration_waits(bench: Bench) -> None:
    oss = bench.node(2)
    ost = make_ost(bench, oss, 1)
    waiting = oss.start("mount.lustre", ost.device, oss.folder("ost"))
    assert wait_until(lambda: in_use(ost))
    assert waiting.poll() is None and oss("findmnt", ost.device).status == 1
    result = oss.mount(ost.device, "other")
    assert result.status == 114, result
    assert pace.wait(waiting, 10) == 110


def case_plain_umount_is_noticed(bench: Bench) -> None:
    mds, mdt = make_mds(bench)
    assert mds("umount", "-i", mds.folder("mdt")).status == 0
    assert wait_until(lambda: mds("lctl", "dl").out == "")
    assert wait_until(lambda: not in_use(mdt))
    assert ":988" in mds("ss", "-Hltn").out, "port 988 stays"


def case_unhealthy_when_read_only(bench: Bench) -> None:
    mds, _ = make_mds(bench)
    assert mds("lctl", "get_param", "-n", "health_check").out == "healthy\n"
    mds("mount", "-i", "-o", "remount,ro", mds.folder("mdt"))
    out = mds("lctl", "get_param", "-n", "health_check").out
    assert out == "device lustrewt-MDT0000 reported unhealthy\nNOT HEALTHY\n", out
