#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ami-build on a small image of stand-in packages: run_ami.py FOLDER [--whole] [STORY...].

A stock image that boots a newer kernel than Lustre's modules are for becomes a server; a second run changes nothing,
an update of the system does not undo it, and each check of `verify` is seen to fail, by two breaks at most. With --whole,
there are all breaks and all stories, each break is looked at by all checks, and a client is made by apt, where the lab has
made a Debian.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

sys.dont_write_bytecode = True

sys.path.append(str(Path(__file__).resolve().parent.parent))  # ending

import carried  # noqa: E402
import choice  # noqa: E402
import documents  # noqa: E402
import keys  # noqa: E402
import logins  # noqa: E402
import mounted  # noqa: E402
import running  # noqa: E402
import stock  # noqa: E402
import systems  # noqa: E402
import ubuntu  # noqa: E402
from bench import AMI, TREE, Bench, has, same, state, verify  # noqa: E402
from breaks import BREAKS, IFCFG, RULES, RULES_OPEN, SECRETS, Break, of_this_machine, rules, written  # noqa: E402
from ending import workers  # noqa: E402

SITE = "#lustre-init\nfsname: lustrewt\n"


def a_dry_run_changes_nothing(bench: Bench) -> None:
    root = bench.copy(bench.stock, "dry")
    before = state(root)
    said = bench.provision(root, "--dry-run")
    same(before, state(root))
    has(said, f"+ kernel {stock.OLDER}", f"+ kernel {stock.NEWER}, which has no Lustre, removed", "changes would be made")


def the_kernel_of_the_modules_wins(bench: Bench) -> None:
    kernels = sorted(path.name for path in (bench.server / "lib/modules").iterdir())
    assert kernels == [stock.OLDER], kernels
    has((bench.server / "boot/grub2/grubenv").read_text(), stock.OLDER)
    has((bench.server / "etc/lustre-init/image").read_text(), f"kernel = {stock.OLDER}", "lustre = 2.16.1-1.el9",
        f"e2fsprogs = {stock.E2FSPROGS}-1.el9", "lustre-init = 9.9-1")  # fmt: skip


def a_kernel_takes_nothing_else_along(bench: Bench) -> None:
    """Headers are of its release, and not of it: a compiler needs some."""
    left = stock.run(["rpm", "--root", bench.server, "-qa", "kernel*", "gcc"]).split()
    assert sorted(left) == [f"gcc-9.4-1.el9.{platform.machine()}", f"kernel-{stock.OLDER}", f"kernel-headers-{stock.NEWER}"], left


def scriptlets_see_no_disk(bench: Bench) -> None:
    has((bench.server / "boot/nodes-seen").read_text(), "/dev/null\n")
    assert not (bench.server / "boot/disks-seen").exists(), (bench.server / "boot/disks-seen").read_text()
    assert not list((bench.server / "dev").iterdir()), "nodes are left in /dev"


def what_the_preset_enables_starts_at_boot(bench: Bench) -> None:
    """Also without scriptlets, as the stand-in's package has none."""
    enabled = re.findall(r"^enable (.*)$", (TREE / "units/90-lustre-init.preset").read_text(), re.MULTILINE)
    wanted = bench.server / "etc/systemd/system/multi-user.target.wants"
    missing = [unit for unit in enabled if not (wanted / unit).is_symlink()]
    assert enabled and not missing, f"not enabled: {missing}"


def nothing_is_left_behind(bench: Bench) -> None:
    for name in stock.LIVED_IN:
        path = bench.server / name
        if name in ("etc/machine-id", "var/log/wtmp", "var/log/faillog"):
            assert path.read_text() == "", f"{name} is not empty"
        else:
            assert not path.exists(), f"{name} is still there"


def only_what_is_told_by_its_content_goes(bench: Bench) -> None:
    """Of files that everybody has, those with a secret; of a card's file, what is the builder's alone."""
    root = bench.copy(bench.server, "secrets")
    kept = {"root/.profile": "PATH=/bin\n", "root/.aws/config": "[default]\nregion = x\n", "root/.ssh/config": "Host *\n",
            "root/.ssh/deploy.pub": "ssh-ed25519 AAAA\n", "root/ca.crt": "-----BEGIN CERTIFICATE-----\n",
            # The homes of a system's users hold its programs and settings.
            "usr/sbin/fence": "aws_secret_access_key = read()\n", "srv/x/key": "-----BEGIN PRIVATE KEY-----\n"}  # fmt: skip
    with (root / "etc/passwd").open("a") as passwd:
        passwd.write("daemon:x:2:2::/usr/sbin:/bin/false\nx:x:998:998::/srv/x:/bin/false\nlocal:x:1001:1001::/usr/sbin:/bin/false\n")
    for name, text in (*kept.items(), (IFCFG, 'DEVICE="eth0"\nHWADDR=02:00:00:00:00:01\nUUID=0123\nONBOOT=yes\n')):
        written(name, text)(root)
    for name, text in SECRETS:
        written(name.replace("~", "home/ann"), text)(root)
    (root / "home/link").symlink_to("ann")
    has(bench.provision(root), "+ removed: files with a key or a secret in them: home/ann/", "+ without the builder's: addresses of network cards", "\n3 changes\n")
    assert not [path for path in (root / "home/ann").rglob("*") if path.is_file()], "a secret is left"
    assert {name: (root / name).read_text() for name in kept} == kept
    assert (root / IFCFG).read_text() == 'DEVICE="eth0"\nONBOOT=yes\n', (root / IFCFG).read_text()
    verify(root)


def who_builds_is_not_in_it(bench: Bench) -> None:
    """As mmdebstrap copies it; the image's own stays."""
    root = bench.copy(bench.server, "builder")
    of_this_machine("etc/resolv.conf")(root)
    (root / "etc/hostname").write_text("of-this-image\n")
    has(bench.provision(root), "+ removed: the name of this machine, and who resolves names for it", "\n1 changes\n")
    assert not (root / "etc/resolv.conf").exists() and (root / "etc/hostname").exists()
    has(bench.provision(root), "\n0 changes\n")


def rules_that_are_loaded_are_read(bench: Bench) -> None:
    root = bench.copy(bench.server, "rules")
    (root / "etc/systemd/system/multi-user.target.wants/firewalld.service").unlink()
    for each in (*RULES, *RULES_OPEN):
        unit, name, _ = each
        rules(*each)(root)
        told = running.played(root, "provision", "firewall_open")
        if each in RULES_OPEN:
            has(told, "= rules of nftables or iptables shut nothing, or name port 988" if unit != "iptables" else "= no host firewall")
            verify(root, "--only", "firewall")
        else:
            has(told, f"! let TCP port 988 in, in /{name}\n")
            verify(root, "--only", "firewall", "--firewall", "keep")
        if each == RULES[0]:
            has(bench.provision(root), told)
        (root / name).unlink()
        (root / f"etc/systemd/system/multi-user.target.wants/{unit}.service").unlink()


def a_second_run_changes_nothing(bench: Bench) -> None:
    root = bench.copy(bench.server, "twice")
    before = state(root)
    has(bench.provision(root, "--dry-run"), "\n0 changes would be made\n")
    has(bench.provision(root), "\n0 changes\n")
    same(before, state(root))
    (root / "etc/lustre-init/image").unlink()
    for more, words in ((["--dry-run"], "1 changes would be made"), ([], "1 changes")):
        has(bench.provision(root, *more), "+ versions, in /etc/lustre-init/image", f"\n{words}\n")
    same(before, state(root))


def all_checks_pass(bench: Bench) -> None:
    before = state(bench.server)
    told = json.loads(verify(bench.server, "--json"))
    same(before, state(bench.server))
    assert told["failed"] == 0 and told["skipped"] == 0 and told["passed"] == len(told["checks"]), told
    broken = {each.check for each in BREAKS}
    named = {check["check"] for check in told["checks"]}
    assert named == broken, f"never seen to fail: {named - broken}; unknown: {broken - named}"


def pins_leave_the_rest(bench: Bench) -> None:
    """Values that go on in the next line, other sections, no [main] at all."""
    root = bench.copy(bench.server, "pins")
    config = root / "etc/dnf/dnf.conf"
    for before, after in (("[main]\nexclude=a,b\n  c\ngpgcheck=1\n[other]\nenabled=0\nexcludepkgs = d\n", "\ngpgcheck=1\n[other]\nenabled=0\nexcludepkgs = d\n"),
                          ("# of ours\n", "# of ours\n"), ("[main]\nexclude=\ngpgcheck=1\n", "\ngpgcheck=1\n")):  # fmt: skip
        config.write_text(before)
        running.played(root, "provision", "pin_dnf")
        has(config.read_text(), "[main]\nexcludepkgs=", after, *(["excludepkgs=a b c e2fsprogs"] if "a,b" in before else []))
        assert "\n  c" not in config.read_text(), config.read_text()
        verify(root, "--only", "pin")
    has(bench.provision(root), "\n0 changes\n")


def an_update_leaves_it_alone(bench: Bench) -> None:
    root = bench.copy(bench.server, "updated")
    repositories = {name: bench.repositories / name for name in ("system", "update")}
    stock.dnf(root, "upgrade", repositories=repositories)
    verify(root, "--only", "kernel,boots,modules,packages,e2fsprogs")
    assert not list(root.glob("lib/modules/*570*")), "another kernel came"
    has(stock.run(["rpm", "--root", root, "-q", "lustre-init"]), "lustre-init-9.10-1")
    # And what would have come without the pins.
    stock.dnf(root, "--disableexcludes=main", "upgrade", repositories=repositories)
    assert list(root.glob("lib/modules/*570*")), "no other kernel came without pins either"
    has(verify(root, "--only", "e2fsprogs", expected=1), "1.48.0")


def a_client_has_no_servers_packages(bench: Bench) -> None:
    root = bench.copy(bench.stock, "client")
    has(bench.provision(root, "--lustre-version", "2.16.1", kind="client"), "Lustre: kmod-lustre-client-2.16.1-* lustre-client-2.16.1-*")
    verify(root, "--kind", "client", "--kernel", stock.OLDER)
    has(bench.provision(root, "--lustre-version", "2.16.1", kind="client"), "\n0 changes\n")


def settings_may_stand_in_a_file(bench: Bench) -> None:
    root = bench.copy(bench.server, "settings")
    flags = bench.flags(root)
    agent = flags[flags.index("--agent") + 1]
    config = bench.folder / "settings.conf"
    config.write_text(f"# all of it\nkind = server\nroot = /nonexistent\nunsigned = yes\nagent = {agent}\nselinux=permissive\n"
                      f"lustre-repo = file://{bench.repositories}/lustre\ne2fsprogs-repo=file://{bench.repositories}/e2fsprogs\n")  # fmt: skip
    said = stock.run([AMI / "provision", "--root", root, "--config", config])
    has(said, "+ SELinux is permissive, was enforcing", "\n1 changes\n")
    stock.run([AMI / "verify", "--config", config, "--root", root])


def the_kernel_is_told_of_selinux(bench: Bench) -> None:
    """What its command line says is said before any configuration."""
    root = bench.copy(bench.server, "selinux")
    entry = next((root / "boot/loader/entries").iterdir())
    for path, old in ((entry, "ro "), (root / "etc/default/grub", '="')):
        path.write_text(path.read_text().replace(old, f"{old}selinux=0 enforcing=0 "))
    has(bench.provision(root), "\n0 changes\n")
    verify(root, "--only", "selinux", expected=1)
    has(bench.provision(root, "--selinux", "enforcing"), "+ the kernel's command line lets SELinux be enforcing (/boot/loader/entries/", "\n1 changes\n")
    verify(root, "--only", "selinux")
    entry.write_text(entry.read_text().replace("ro ", "ro enforcing=0 "))
    has(bench.provision(root, "--selinux", "permissive"), "\n1 changes\n")
    verify(root, "--only", "selinux")
    (root / "usr/sbin/grubby").unlink()
    has(bench.provision(root, "--selinux", "enforcing", expected=1), f"/{entry.name} say otherwise to the kernel: take selinux=0 enforcing=0 away there")


REFUSED = [
    (["--kind", "mds"], 2, "--kind is one of: server client"),
    (["--kind", "server", "--selinux", "disabled"], 2, "--selinux is one of"),
    (["--kind", "server", "--kernel", "5.14; reboot"], 2, "--kernel is a version"),
    (["--kind", "server", "--colour"], 2, "no option is called --colour"),
    (["--kind"], 2, "--kind needs a value"),
    (["server"], 2, "'server' is no option"),
    (["--kind", "server", "--root", "/nonexistent"], 2, "/nonexistent: no such directory"),
    (["--kind", "server", "--no-modules"], 2, "--no-modules is for"),
    (["--kind", "server", "--config", "/nonexistent"], 2, "/nonexistent: cannot be read"),
    (["--kind", "server", "--config", "/etc"], 2, "/etc: cannot be read"),
    (["--kind", "server", "--kernel", "--dry-run"], 2, "--kernel needs a value"),
    (["--kind", "server", "--unsigned=1"], 2, "--unsigned is yes, no, or some of lustre,e2fsprogs,kernel (it is '1')"),
    (["--kind", "server", "--unsigned=lustre,boot"], 2, "(it is 'lustre,boot')"),
    (["--kind", "server", "--dry-run=lustre"], 2, "--dry-run is yes or no"),
    (["--kind", "server", "--lustre-repo", "http://a\ngpgcheck=0"], 2, "--lustre-repo has a newline"),
]


def what_cannot_be_meant_is_refused(bench: Bench) -> None:
    for flags, status, words in REFUSED:
        has(stock.run([AMI / "provision", *flags], status), words)
    has(verify(bench.server, "--only", "unit,unitt", expected=2), "no check is called 'unitt'")
    config = bench.folder / "bad.conf"
    for text, words in (("kind server", "bad.conf:1: a line is NAME = VALUE"), ("\nkinds = server", "bad.conf:2: no setting is called 'kinds'"),
                        ("unsigned = 1", "--unsigned is yes, no, or some of"), ("dry-run = 1", "bad.conf:1: dry-run is yes or no"),
                        ("lustre-repo = 'http://a ./'", "bad.conf:1: the value of lustre-repo is in quotation marks, which would be part of it"),
                        ("kind = server\n# of the clients\nkind = client", "bad.conf:3: kind stands in line 1, too"),
                        ('kind = "server"\r\n', "bad.conf:1: the value of kind is in quotation marks")):  # fmt: skip
        config.write_text(text)
        has(stock.run([AMI / "provision", "--config", config], 2), words)


def values_are_text(bench: Bench) -> None:
    """Read and never run, as they stand; and =no is no."""
    root, config = bench.copy(bench.stock, "text"), bench.folder / "text.conf"
    agent = Path(shutil.copy(bench.flags(root)[6], bench.folder / "the agent#1$(touch run).rpm"))
    # With the mark that an editor of Windows begins a file with.
    config.write_text(f"\ufeffkind=client # both\r\n  # by hand\r\nagent = {agent}\r\ndry-run = yes\r\nno-cleanse = yes\r\n"
                      f"lustre-repo = file://{bench.repositories}/lustre/#x\r\n")  # fmt: skip
    before = state(root)
    said = bench.provision(root, "--config", str(config), "--agent", str(agent), "--no-cleanse=no")
    has(said, "What must not be in an image", "changes would be made")
    same(before, state(root))
    config.write_text(config.read_text().replace(".rpm", ".gone"))
    has(stock.run([AMI / "provision", "--root", root, "--unsigned", "--config", config, "--e2fsprogs-repo", "x"], 2),
        "the agent#1$(touch run).gone: cannot be read")  # fmt: skip
    assert not Path("run").exists(), "a value was run"
    # dnf reads a list of patterns; what else may be in a name is a name.
    for name in ("a blank", "a[b]", "a\\b"):
        has(bench.provision(bench.copy(bench.stock, name), "--dry-run", expected=1), "one without blanks, commas, brackets and backslashes")
    bench.provision(bench.copy(bench.stock, "it's#1*?;$(x)&=\"é:"), "--dry-run")


def what_cannot_be_done_changes_nothing(bench: Bench) -> None:
    root = bench.copy(bench.stock, "refused")
    before = state(root)
    lustre = f"file://{bench.repositories}/lustre"
    for flags, status, words in (
        (["--kernel", stock.NEWER], 1, f"modules are for kernel {stock.OLDER}, not for {stock.NEWER}"),
        (["--lustre-version", "2.15.8"], 1, "no kernel modules of Lustre are to be had"),
        (["--agent", str(bench.folder / "site.yaml")], 2, "is no package for el9"),
        (["--repo-key", lustre], 2, "one of them"),
    ):
        has(bench.provision(root, "--dry-run", *flags, expected=status), words)
    release = root / "etc/os-release"
    release.write_text('ID=ubuntu\nVERSION_ID="24.04"\n')
    has(bench.provision(root, "--dry-run", expected=1), "nobody builds Lustre servers for ubuntu24.04")
    release.write_text("ID=slackware\nVERSION_ID=15\n")
    has(bench.provision(root, "--dry-run", expected=1), "slackware 15")
    del before["etc/os-release"]
    after = state(root)
    del after["etc/os-release"]
    same(before, after)


def the_first_error_ends_it(bench: Bench) -> None:
    root = bench.copy(bench.stock, "stopped")
    (root / "usr/bin/firewall-offline-cmd").write_text("#!/bin/sh\necho no such zone\nexit 1\n")
    said = bench.provision(root, expected=1)
    has(said, "no such zone", "stopped, this failed: firewalld lets port 988/tcp in")
    assert "machine's id" not in said, said
    assert not list((root / "tmp").glob("lustre-init.*")), "a scratch folder is left"


def a_repository_that_fails_says_why(bench: Bench) -> None:
    """In the words of dnf."""
    root = bench.copy(bench.stock, "unanswered")
    # Amazon Linux goes on without a repository that does not answer, and -q says nothing of it then.
    for config in ("", "[main]\nskip_if_unavailable=True\n"):
        written("etc/dnf/dnf.conf", config)(root)
        for name in ("lustre", "e2fsprogs"):
            for more in (["--dry-run"], []):
                said = bench.provision(root, f"--{name}-repo", "file:///nonexistent", *more, expected=1)
                has(said, f"'lustre-init-{name}': Cannot download", "\nprovision: ")
        (root / "etc/yum.repos.d/lustre-init.repo").unlink()
    for key, words in (("/nonexistent", "cannot be read"), ("/bin/sh", "not a public key in the form")):
        said = stock.run([AMI / "provision", *(word for word in bench.flags(root) if word != "--unsigned"), "--repo-key", key], 2)
        has(said, f"{key}: {words}", "(--repo-key)")


def a_hardened_builder_makes_the_same(bench: Bench) -> None:
    """Where root's new files are for root alone, apt's own user could read neither a key nor who resolves names."""
    root = bench.copy(bench.stock, "hardened")
    tool = root / "usr/bin/firewall-offline-cmd"
    tool.write_text("#!/bin/busybox sh\n/bin/busybox stat -c '%A %n' /etc/resolv.conf >>/boot/modes\n")
    stock.run(["sh", "-euc", 'umask 077; exec "$@"', "sh", AMI / "provision", *bench.flags(root)])
    assert set((root / "boot/modes").read_text().split()) == {"-rw-r--r--", "/etc/resolv.conf"}, (root / "boot/modes").read_text()
    made, expected = ({name: about.split()[0] for name, about in state(each).items()} for each in (root, bench.server))
    del made["boot/modes"]
    same({**expected, "etc/firewalld/988": ""}, {**made, "etc/firewalld/988": ""})


def tools_speak_one_language(bench: Bench) -> None:
    """What they say is read; and in Turkish, what begins an option's name is another letter when it is made a capital."""
    folder, root = bench.folder / "translated", bench.copy(bench.server, "translated-root")
    folder.mkdir()
    tool = folder / "rpm"
    tool.write_text(f"#!/bin/sh\necho \"$LC_ALL\" >>{folder}/spoken\nexec {shutil.which('rpm')} \"$@\"\n")
    tool.chmod(0o755)
    environment = {"LC_ALL": "tr_TR.UTF-8", "PATH": f"{folder}:{os.environ['PATH']}"}
    stock.run([AMI / "provision", *bench.flags(root), "--dry-run"], **environment)
    stock.run([AMI / "verify", "--kind", "server", "--root", root, "--only", "packages"], **environment)
    assert set((folder / "spoken").read_text().split()) == {"C.UTF-8"}, (folder / "spoken").read_text()


def two_runs_do_not_meet(bench: Bench) -> None:
    root = bench.copy(bench.stock, "held")
    held = os.open(root, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    before = state(root)
    has(bench.provision(root, expected=1), "another run works on")
    same(before, state(root))
    os.close(held)


def what_was_cut_is_done_by_the_next(bench: Bench) -> None:
    """Killed in the middle of an installation, with what it started."""
    root = bench.copy(bench.stock, "cut")
    tool = root / "usr/sbin/grubby"
    text = tool.read_text()
    tool.write_text("#!/bin/sh\ntouch /boot/here\nwhile test -e /boot/here; do :; done\n")
    run = subprocess.Popen([AMI / "provision", *bench.flags(root)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while not (root / "boot/here").exists():
        assert run.poll() is None, "it ended by itself"
        time.sleep(0.1)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    (root / "boot/here").unlink()
    tool.write_text(text)
    assert str(root) not in Path("/proc/self/mountinfo").read_text(), "mounts are left"
    bench.provision(root)
    verify(root)
    assert not list((root / "tmp").iterdir()), "a scratch folder is left"


def an_unknown_document_is_none(bench: Bench) -> None:
    root = bench.copy(bench.server, "document")
    site = bench.folder / "bad.yaml"
    site.write_text("#lustre-init\nfsnam: lustrewt\n")
    has(bench.provision(root, "--site", str(site), expected=1), 'is no document for lustre-init (--site): /etc/lustre-init/conf.d/10-site.yaml: "fsnam" is not a key')


def documents_are_of_a_site(bench: Bench) -> None:
    """A role comes of an instance's tags; the first line may be left out, and what no node reads may lie there."""
    root = bench.copy(bench.server, "documents")
    for name, text in (("20-more.yaml", "index-base: 8\n"), ("30-more.json", '{"index-base": 8}\n'), ("20-more.yaml~", "fsnam: x\n"), (".40.yaml", "fsnam: x\n")):
        written(f"etc/lustre-init/conf.d/{name}", text)(root)
    verify(root, "--only", "agent")


# By e2fsprogs 1.45.6, of EL 8.
UNDERSTOOD_BY_ALL = set(
    "has_journal ext_attr resize_inode dir_index filetype extent 64bit flex_bg sparse_super large_file huge_file dir_nlink"
    " extra_isize metadata_csum".split()
)  # fmt: skip


def newest_mke2fs(folder: Path) -> dict[str, str]:
    """What a machine with e2fsprogs 1.47 gives a new file system, and an older resize2fs or e2fsck of an image refuses."""
    config = folder / "mke2fs.conf"
    config.write_text("[fs_types]\n\text4 = {\n\t\tfeatures = has_journal,extent,metadata_csum,metadata_csum_seed,64bit,orphan_file\n\t}\n")
    return {"MKE2FS_CONFIG": str(config)}


def an_image_without_an_instance(bench: Bench) -> None:
    root, image = bench.copy(bench.server, "offline"), bench.folder / "offline.raw"
    argv = [AMI / "offline", "--root", root, "--output", image, "--size", "1"]
    has(stock.run([*argv, "--", "--kind", "server"], 1), "the image has no UEFI loader")
    has(stock.run([*argv, "--", "--kind", "server", "--kernel", "6.1"], 1), "nothing was written")
    stock.live_in(root, "boot/vmlinuz-0-rescue-0123456789abcdef", "boot/initramfs-0-rescue-0123456789abcdef.img")
    loader = bench.folder / "loader.efi"
    loader.write_text("a loader")
    (root / "etc/fstab").write_text("# none\nUUID=1 / ext4 defaults 0 1\n")
    has(stock.run([*argv, "--boot-efi", loader, "--", "--kind", "server"], 1), "fstab has UUID=1 /, and",
        "take that line out")  # fmt: skip
    (root / "etc/fstab").write_text("# none\n")
    full = bench.folder / "full"
    full.mkdir()
    (full / "mke2fs").write_text("#!/bin/sh\necho mke2fs: Could not allocate block in ext2 filesystem while populating file system >&2\nexit 1\n")
    (full / "mke2fs").chmod(0o755)
    said = stock.run([*argv, "--boot-efi", loader, "--", "--kind", "server"], 1, PATH=f"{full}:{os.environ['PATH']}")
    has(said, "Could not allocate block", f"MiB in {root}, and 511 MiB for them in an image of 1 GiB (--size)")
    assert not image.exists() and not list(bench.folder.glob("offline.raw.*")), "something was written"
    said = stock.run([*argv, "--boot-efi", loader, "--", "--kind", "server"], **newest_mke2fs(bench.folder))
    assert "Warning" not in said, said
    has(stock.run(["sfdisk", "--dump", image]), "label: gpt", "C12A7328-F81F-11D2-BA4B-00A0C93EC93B")
    efi, ext4 = f"{image}@@1M", f"{image}?offset={512 << 20}"
    entry = stock.run(["mtype", "-i", efi, "::/loader/entries/lustre.conf"])
    uuid = re.search("root ([0-9a-f-]{36}), boots by UEFI", said)[1]
    # No line of fstab says that it is to be written to.
    has(entry, f"title {stock.OLDER}", f"root=UUID={uuid} rw ")
    has(stock.run(["mdir", "-b", "-i", efi, "-/", "::"]), "::/vmlinuz", "::/initramfs", "::/EFI/BOOT/BOOT")
    has(stock.run(["debugfs", "-R", "cat /etc/lustre-init/image", ext4]), f"kernel = {stock.OLDER}")
    about = stock.run(["debugfs", "-R", "stats -h", ext4])
    has(about, f"Filesystem UUID:          {uuid}")
    (features,) = re.findall("^Filesystem features: +(.*)$", about, re.MULTILINE)
    assert not set(features.split()) - UNDERSTOOD_BY_ALL, features
    assert image.stat().st_blocks * 512 < 256 << 20, "the image is not sparse"
    stock.run(["e2fsck", "-f", "-n", ext4])


def an_image_that_a_bios_boots(bench: Bench) -> None:
    """GRUB's sectors are where grub-install would put them, and the partition table is as it was; that it boots, the lab shows."""
    root, image, grub = bench.copy(bench.server, "bios"), bench.folder / "bios.raw", bench.folder / "grub"
    grub.mkdir()
    for name in ("boot.img", "diskboot.img", "kernel.img"):
        (grub / name).write_bytes(b"\xaa" * 512)
    tool = bench.folder / "grub-mkimage"
    tool.write_text("#!/bin/sh\nwhile [ $# -gt 0 ]; do case $1 in -o) head -c 1500 /dev/zero >$2 ;; esac; shift; done\n")
    tool.chmod(0o755)
    loader = bench.folder / "bios.efi"
    loader.write_text("a loader")
    argv = [AMI / "offline", "--root", root, "--output", image, "--size", "1", "--boot-efi", loader]
    path = {"PATH": f"{bench.folder}:{os.environ['PATH']}"}
    has(stock.run([*argv, "--boot-bios", root, "--", "--kind", "server"], 1, **path), "no boot.img")
    has(stock.run([*argv, "--boot-bios", grub, "--", "--kind", "server"], **path), "boots by UEFI and by BIOS")
    with image.open("rb") as file:
        first, core = file.read(512), (file.seek(40 * 512), file.read(1500))[1]
    assert first[:0x5C] == b"\xaa" * 0x5C and first[0x5C:0x68] == (40).to_bytes(8, "little") + b"\xaa\xaa\x90\x90", first.hex()
    assert first[440:446] != b"\xaa" * 6 and first[510:] == b"\x55\xaa", "the partition table was written over"
    assert core == bytes(0x1F4) + (41).to_bytes(8, "little") + bytes(1500 - 0x1F4 - 8), core.hex()
    has(stock.run(["sfdisk", "--verify", image]), "No errors detected")
    uuid = re.search("root ([0-9a-f-]{36})", stock.run(["mtype", "-i", f"{image}@@1M", "::/loader/entries/lustre.conf"]).replace("=UUID=", " "))[1]
    has(stock.run(["mtype", "-i", f"{image}@@1M", "::/grub/grub.cfg"]), f"linux /vmlinuz root=UUID={uuid} rw ", "initrd /initramfs")


def verify_cannot_be_turned_away(bench: Bench) -> None:
    """Of an image that is not good, no file, whatever is said to verify; and no file where it must not be."""
    root, image = bench.copy(bench.stock, "unverified"), bench.folder / "unverified.raw"
    loader = bench.folder / "unverified.efi"
    loader.write_text("a loader")
    argv = [AMI / "offline", "--boot-efi", loader, "--append", "", "--output", image]
    for flags in (["--help"], ["--root", bench.server], ["--only", "lvm"], ["--booted"]):
        has(stock.run([*argv, "--root", root, "--", "--kind", "server", *flags], 2), "all of this root")
    config = bench.folder / "only.conf"
    config.write_text(f"kind = server\nonly = lvm\nroot = {bench.server}\n")
    has(stock.run([*argv, "--root", root, "--", "--config", config], 1), "nothing was written")
    has(stock.run([*argv, "--root", "/", "--", "--kind", "server"], 2), "the running system")
    inside = [*argv, "--root", root, "--output", root / "image.raw", "--", "--kind", "server"]
    has(stock.run(inside, 2), "would be in the image")
    assert not image.exists(), "something was written"
    disk = bench.folder / "disk"
    disk.write_text("somebody's")
    (bench.folder / "unverified.raw.partial").symlink_to(disk)
    stock.run([*argv, "--size", "1", "--root", bench.copy(bench.server, "verified"), "--", "--kind", "server"])
    assert disk.read_text() == "somebody's", "a link beside the image was followed"


def links_lead_nowhere_else(bench: Bench) -> None:
    """An absolute link of an image, followed from outside, is this machine's."""
    root, host = bench.copy(bench.server, "links"), bench.folder / "host"
    stock.live_in(host, "machine-id", "homes/rocky/.ssh/authorized_keys", "dnf/dnf.conf", "user/.bash_history")
    before = state(host)
    (root / "etc/machine-id").unlink()
    (root / "etc/machine-id").symlink_to(host / "machine-id")
    has(bench.provision(root), "+ emptied: the machine's id")
    assert not (root / "etc/machine-id").is_symlink() and not (root / "etc/machine-id").read_bytes()
    for name, target in (("home", "homes"), ("etc/dnf", "dnf"), ("home/rocky", "user")):
        aside = root / "aside"
        if (root / name).exists():
            (root / name).rename(aside)
        (root / name).symlink_to(host / target)
        has(bench.provision(root, expected=1), f"/{name}", "leads out of the image")
        (root / name).unlink()
        if aside.exists():
            aside.rename(root / name)
    same(before, state(host))
    (root / "usr/lib/os-release").write_text((root / "etc/os-release").read_text().replace("9.4", "8.10"))
    (root / "etc/os-release").unlink()
    (root / "etc/os-release").symlink_to("/usr/lib/os-release")
    has(bench.provision(root, "--dry-run", expected=None), "server image of el8 ")


STORIES = [
    a_dry_run_changes_nothing, the_kernel_of_the_modules_wins, a_kernel_takes_nothing_else_along, scriptlets_see_no_disk, nothing_is_left_behind,
    who_builds_is_not_in_it, rules_that_are_loaded_are_read,
    what_the_preset_enables_starts_at_boot, only_what_is_told_by_its_content_goes,
    a_second_run_changes_nothing, all_checks_pass, an_update_leaves_it_alone, a_client_has_no_servers_packages, settings_may_stand_in_a_file,
    what_cannot_be_meant_is_refused, what_cannot_be_done_changes_nothing, the_first_error_ends_it,
    an_unknown_document_is_none, documents_are_of_a_site, an_image_without_an_instance, an_image_that_a_bios_boots, links_lead_nowhere_else, values_are_text,
    a_repository_that_fails_says_why, verify_cannot_be_turned_away, pins_leave_the_rest,
    the_kernel_is_told_of_selinux, a_hardened_builder_makes_the_same, tools_speak_one_language, two_runs_do_not_meet, what_was_cut_is_done_by_the_next,
]  # fmt: skip


def broken(bench: Bench, each: Break, number: int, whole: bool) -> None:
    root = bench.copy(bench.server, f"break-{number}")
    each.make(root)
    told = json.loads(verify(root, "--json", *([] if whole else ["--only", each.check]), *each.flags, expected=1))
    failed = {check["check"]: "\n".join(check["problems"]) for check in told["checks"] if check["state"] == "FAIL"}
    has(failed.get(each.check, ""), each.said)
    shutil.rmtree(root)


def ended_well(name: str, story: Callable[[], None]) -> bool:
    try:
        story()
    except Exception:  # what a story finds is one line of many
        print(f"FAIL {name}\n{traceback.format_exc()}", flush=True)
        return False
    print(f"ok   {name}", flush=True)
    return True


def repositories(cache: Path) -> Path:
    """Made once for what is in packages/; half-made ones never count."""
    summary = hashlib.sha256((stock.HERE / "stock.py").read_bytes())
    for path in sorted((stock.HERE / "packages").iterdir()):
        summary.update(path.read_bytes())
    made = cache / f"repositories-{summary.hexdigest()[:16]}"
    if not made.is_dir():
        shutil.rmtree(cache, ignore_errors=True)
        partial = cache / "partial"
        stock.make_repositories(partial)
        partial.rename(made)
    return made


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        print(__doc__)
        return 2
    cache, whole = Path(sys.argv[1]).resolve(), "--whole" in sys.argv
    with tempfile.TemporaryDirectory(prefix="lustre-init-ami-") as name:
        folder = Path(name)
        bench = Bench(repositories(cache), folder / "stock", folder / "server", folder)
        (folder / "site.yaml").write_text(SITE)
        stock.make_stock(bench.repositories, bench.stock)
        bench.copy(bench.stock, "server")
        bench.provision(bench.server)
        jobs = [(each.__name__, lambda each=each: each(bench)) for each in STORIES]
        jobs += [(f"{each.check}: {each.what}", lambda each=each, n=n: broken(bench, each, n, whole))
                 for n, each in enumerate(BREAKS)]  # fmt: skip
        jobs += systems.stories(bench) + running.stories(bench) + keys.stories(bench) + logins.stories(bench) + mounted.stories(bench)
        jobs += carried.stories(AMI, bench.repositories, bench.stock, folder) + documents.stories(AMI)
        by_apt = ubuntu.stories(AMI, cache.parent / "lab/cache", folder) if whole else []
        jobs += by_apt
        named = [word for word in sys.argv[2:] if word != "--whole"]
        with workers(os.cpu_count() or 1) as pool:
            well = list(pool.map(lambda job: ended_well(*job), choice.chosen(jobs, named, whole)))
    print(f"ami: {sum(well)} passed, {well.count(False)} failed, {int(whole and not by_apt)} skipped")
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
