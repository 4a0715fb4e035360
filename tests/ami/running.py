# SPDX-License-Identifier: Apache-2.0
"""ami-build on the system that runs, which a test must not change: parts of it, told that an image's files are its own."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml

import stock
from bench import AMI, Bench, has, verify
from breaks import UPDATE, newer_kernel, update_of_that_kernel, written

# ROOT stays "/"; what commands of the image do, they do in the image.
PLAYED = """
set -uo pipefail
root=$1 program=$2 asked=$3
shift 3
[ "$program" = verify ] || set -e
for part in "${0%/}"/lib/{say,options,signed,system,packages-dnf,packages-apt,kernel,grub,pin,lustre,agent,command-line,disks,elsewhere,host,cleanse,checks}.sh; do
    . "$part"
done
options "$program" --kind server "$@"
BASE=$root LOG=$root/boot/log DRY_RUN=${DRY_RUN:-no}
in_root() { PATH=/usr/sbin:/usr/bin chroot "$BASE" "$@"; }
uname() { if [ "$1" = -r ]; then echo "$RUNS"; else command uname "$@"; fi; }
system_read
elsewhere_read
eval "$asked"
"""


def put_tool(root: Path, name: str, text: str) -> None:
    """In place of the image's own."""
    (root / name).write_text(text)
    (root / name).chmod(0o755)


def played(root: Path, program: str, asked: str, *flags: str, expected: int = 0, runs: str = "0") -> str:
    return stock.run(["bash", "-c", PLAYED, AMI, root, program, asked, *flags], expected, RUNS=runs)


SSM = ("var/lib/amazon/ssm/i-0123/channels/health/surveyor-1", "var/lib/amazon/ssm/Vault/Store/EC2RegistrationKey", "var/log/amazon/ssm/amazon-ssm-agent.log")


def the_agent_that_runs_this_is_left(bench: Bench) -> None:
    """EC2 Image Builder's commands come and are answered through a folder of the SSM agent's: without it, a build waits for ever."""
    root = bench.copy(bench.server, "image-builder")
    stock.live_in(root, *SSM, "var/log/amazon/efs/mount.log", "etc/ssh/ssh_host_rsa_key")
    has(played(root, "provision", "cleanse", "--keep-ssm"), "= /var/lib/amazon/ssm is left to the SSM agent, which runs this", "+ removed: the host's SSH keys")
    assert not [name for name in SSM if not (root / name).exists()], "the agent's folder was emptied"
    assert not (root / "var/log/amazon/efs/mount.log").exists(), "a log is left"
    assert played(root, "verify", "check_left machine-id; check_left logs", "--keep-ssm") == ""
    has(played(root, "verify", "check_left machine-id; check_left logs"), "/var/lib/amazon/ssm/i-0123", "/var/log/amazon/ssm")
    has(played(root, "provision", "cleanse"), "+ removed: who it is to AWS Systems Manager")
    assert not [name for name in SSM if (root / name).exists()], "left, and nobody asked for that"
    has(bench.provision(root, "--keep-ssm", expected=2), "no SSM agent runs in a root directory")


def image_builder_says_so(_bench: Bench) -> None:
    """Wherever something is removed, or looked for."""
    document = yaml.safe_load((AMI / "image-builder/component.yml").read_text())
    validate = next(phase for phase in document["phases"] if phase["name"] == "validate")
    (commands,) = validate["steps"][0]["inputs"]["commands"]
    calls = re.findall(r"^bash (?:provision|verify) .*$", commands, re.MULTILINE)
    assert len(calls) == 2 and all(call.endswith(" --keep-ssm") for call in calls), calls  # noqa: PLR2004


# As Debian's grub-mkconfig writes it: the newest first, and all of them in a submenu.
UPDATE_GRUB = """#!/bin/sh
GRUB_DEFAULT=0
for file in /etc/default/grub.d/*.cfg; do test ! -e "$file" || . "$file"; done
{
    echo 'if [ "${next_entry}" ] ; then'
    echo '   set default="${next_entry}"'
    echo 'else'
    echo "   set default=\\"$GRUB_DEFAULT\\""
    echo 'fi'
    echo "menuentry 'Ubuntu' --class os \\$menuentry_id_option 'gnulinux-simple-0123' {"
    echo '}'
    echo "submenu 'Advanced options for Ubuntu' \\$menuentry_id_option 'gnulinux-advanced-0123' {"
    for kernel in /boot/vmlinuz-*; do
        kernel=${kernel#/boot/vmlinuz-}
        echo "	menuentry 'Ubuntu, with Linux $kernel' --class os \\$menuentry_id_option 'gnulinux-$kernel-advanced-0123' {"
        echo '	}'
        echo "	menuentry 'Ubuntu, with Linux $kernel (recovery mode)' \\$menuentry_id_option 'gnulinux-$kernel-recovery-0123' {"
        echo '	}'
    done
    echo '}'
} >/boot/grub/grub.cfg
"""
ENTRY = f"gnulinux-advanced-0123>gnulinux-{stock.OLDER}-advanced-0123"


def of_debian(root: Path) -> None:
    """An Ubuntu that runs a newer kernel than Lustre is for."""
    (root / "etc/os-release").write_text('ID=ubuntu\nVERSION_ID="24.04"\n')
    (root / "usr/sbin/grubby").unlink()
    for name in ("boot/grub2", "boot/loader"):
        shutil.rmtree(root / name)
    stock.live_in(root, f"boot/vmlinuz-{stock.NEWER}", f"boot/initrd.img-{stock.NEWER}", f"lib/modules/{stock.NEWER}/modules.dep")
    (root / "boot/grub").mkdir()
    put_tool(root, "usr/sbin/update-grub", UPDATE_GRUB)
    stock.run(["chroot", root, "update-grub"])


def the_kernel_that_is_named_boots(bench: Bench) -> None:
    """The one that runs cannot be removed, and is the newest."""
    root = bench.copy(bench.server, "debian")
    of_debian(root)
    asked = "kernel_default_possible; kernel_remove_others; kernel_default"
    kernel = ["--kernel", stock.OLDER]
    has(played(root, "verify", "check_boots", *kernel), f"kernel {stock.NEWER} is newer than {stock.OLDER}, and boots")
    has(played(root, "provision", asked, *kernel, runs=stock.NEWER), f"{stock.OLDER} is what boots", f"+ kernel {stock.OLDER} boots\n")
    has((root / "boot/grub/grub.cfg").read_text(), f'set default="{ENTRY}"')
    assert played(root, "verify", "check_boots", *kernel) == ""
    has(played(root, "provision", asked, *kernel, runs=stock.NEWER), f"= kernel {stock.OLDER} boots")
    # Of another build, for another kernel.
    has(played(root, "verify", "check_boots", "--kernel", stock.NEWER), f"GRUB boots {ENTRY}, not kernel {stock.NEWER}")
    (root / "boot/grub/grub.cfg").write_text((root / "boot/grub/grub.cfg").read_text().replace(f"-{stock.OLDER}-", "-6.1-"))
    has(played(root, "verify", "check_boots", *kernel), "GRUB boots gnulinux-advanced-0123>gnulinux-6.1-advanced-0123")


def a_kernel_with_links_to_modules_has_none(bench: Bench) -> None:
    """EL's weak-modules links those of one kernel into each that is like it, so into the one that runs and stays."""
    root = bench.copy(bench.server, "weak-updates")
    newer_kernel(root)
    links = root / f"lib/modules/{stock.NEWER}/weak-updates/lustre"
    links.mkdir(parents=True)
    for module in (root / f"lib/modules/{stock.OLDER}/extra/lustre").iterdir():
        (links / module.name).symlink_to(f"/{module.relative_to(root)}")
    has(verify(root), " 0 failed")
    assert played(root, "provision", "kernel_choose; echo $KERNEL", "--lustre-present").split() == [stock.OLDER]


def a_kernel_that_cannot_be_named_is_refused(bench: Bench) -> None:
    """Before it is installed; and only where the one that runs would boot instead."""
    root = bench.copy(bench.server, "no-grub")
    of_debian(root)
    (root / "usr/sbin/update-grub").unlink()
    asked, kernel = "kernel_default_possible", ["--kernel", stock.OLDER]
    has(played(root, "provision", asked, *kernel, runs=stock.NEWER, expected=1),
        f"kernel {stock.NEWER} runs here, and would boot", f"reboot into kernel {stock.OLDER} first, or provision a root directory")  # fmt: skip
    for runs, wanted in ((stock.OLDER, stock.OLDER), (stock.OLDER, stock.NEWER), ("9.9-elsewhere", stock.OLDER)):
        assert played(root, "provision", asked, "--kernel", wanted, runs=runs) == ""


def files_without_labels_are_labelled(bench: Bench) -> None:
    """Where SELinux was switched off, what is installed has none, also on the system that runs; what has one is left alone."""
    root = bench.copy(bench.server, "labels")
    mark = root / ".autorelabel"
    mark.unlink()
    asked = "selinux_set; selinux_label"
    (root / "etc/selinux/config").write_text("SELINUX=disabled\nSELINUXTYPE=targeted\n")
    assert "labels" not in played(root, "provision", asked) and not mark.exists()
    has(played(root, "provision", asked, "--selinux", "enforcing"), "+ SELinux is enforcing, was disabled", "+ labels for SELinux at the first boot")
    assert mark.exists()
    has(played(root, "provision", asked, "--selinux", "enforcing"), "= labels for SELinux at the first boot")
    mark.unlink()
    assert "labels" not in played(root, "provision", f"has_label() {{ :; }}; {asked}", "--selinux", "enforcing") and not mark.exists()


def what_is_saved_has_to_count(bench: Bench) -> None:
    """A menu that was made to boot its first entry does so, whatever grubby saves."""
    root = bench.copy(bench.server, "not-saved")
    newer_kernel(root)
    menu = root / "boot/grub2/grub.cfg"
    asked, kernel = "kernel_default_possible", ["--kernel", stock.OLDER]
    for text, refused in (('   set default="${next_entry}"\nelse\n   set default="${saved_entry}"\n', False), ("blscfg\n", False),
                          ('   set default="${next_entry}"\nelse\n   set default="0"\n', True)):  # fmt: skip
        menu.write_text(text)
        said = played(root, "provision", asked, *kernel, runs=stock.NEWER, expected=int(refused))
        assert ("and would boot instead of" in said) == refused, (text, said)
        said = verify(root, "--only", "boots", *kernel, expected=int(refused))
        assert ("/boot/grub2/grub.cfg boots an entry by its number, whatever is saved" in said) == refused, (text, said)


def what_is_newest_is_as_rpm_has_it(bench: Bench) -> None:
    """And so as EL's boot loader: a menu that boots its first entry boots the update."""
    root = bench.copy(bench.server, "newest")
    update_of_that_kernel(root)
    (root / "boot/grub2/grub.cfg").write_text('set default="0"\n')
    for runs, wanted, refused in ((UPDATE, stock.OLDER, True), (stock.OLDER, UPDATE, False)):
        said = played(root, "provision", "kernel_default_possible", "--kernel", wanted, runs=runs, expected=int(refused))
        assert (f"kernel {UPDATE} runs here, and would boot instead of {stock.OLDER}" in said) == refused, said
    # Of the kernels that modules are for.
    listed = "".join(f"/lib/modules/{kernel}/extra/lustre.ko\n" for kernel in (UPDATE, stock.OLDER))
    assert played(root, "provision", f"dnf_root() {{ printf %s '{listed}'; }}; dnf_kernels_of x").split() == [stock.OLDER, UPDATE]


def what_a_killed_run_had_goes(bench: Bench) -> None:
    """Also on a system that runs, whose other temporary files are in use: its lists know logins that no image keeps."""
    root = bench.copy(bench.server, "killed")
    stock.live_in(root, "tmp/lustre-init.0aZ1bY2c/sources/lustre-init.sources", "tmp/in-use", "tmp/lustre-init.of-mine")
    has(played(root, "verify", "check_left temporary"), "problem what a run of provision that was killed has left", ": /tmp/lustre-init.0aZ1bY2c\n")
    played(root, "provision", "cleanse")
    assert {path.name for path in (root / "tmp").iterdir()} == {"in-use", "lustre-init.of-mine"}
    assert played(root, "verify", "check_left temporary") == ""


def who_types_it_is_told_of_his_shell(bench: Bench) -> None:
    """It writes a history when it ends, behind what was removed and looked at; a program that calls this has none."""
    root = bench.copy(bench.server, "typed")
    ends = os.openpty()
    for name, told in ((os.ttyname(ends[1]), True), ("/dev/null", False)):
        said = played(root, "provision", f"cleanse <{name}")
        assert ("! each shell that is open here writes what was typed in it when it ends" in said) == told, said
    for end in ends:
        os.close(end)


# Of a stock image, which keeps no lists; what an installation needs is known with them alone.
APT_GET = """#!/bin/sh
echo "$*" >>/boot/asked
case $* in
*" update") touch /boot/lists ;;
*) test -e /boot/lists ;;
esac
"""


def what_the_package_needs_is_fetched(bench: Bench) -> None:
    """Also where nothing was fetched before it; and where it needs nothing, no repository is asked."""
    root = bench.copy(bench.server, "no-lists")
    of_debian(root)
    put_tool(root, "usr/bin/apt-get", APT_GET)
    for expected in (["install", "update", "install"], ["install", "install"]):
        played(root, "provision", "agent_put_package tmp/agent.deb install", "--agent", "agent.deb")
        asked = (root / "boot/asked").read_text()
        assert re.findall(r" (install|update)\b", asked) == expected, asked
        (root / "boot/asked").unlink()


# The lists' lock is somebody's, as often as /boot/held has lines; then one failure of another kind, which is the last.
LISTS_HELD = """#!/bin/sh
echo "$*" >>/boot/asked
if test -s /boot/held; then
    sed -i 1d /boot/held
    echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1'
    exit 100
fi
test -e /boot/unsigned && echo 'E: The repository is not signed.' && exit 100
:
"""


def lists_that_are_held_are_waited_for(bench: Bench) -> None:
    """By Ubuntu's own timer, on an instance that has just begun: apt waits for its other lock alone."""
    root = bench.copy(bench.server, "held-lists")
    of_debian(root)
    put_tool(root, "usr/bin/apt-get", LISTS_HELD)
    for unsigned, expected in ((False, 0), (True, 100)):
        (root / "boot/held").write_text("1\n2\n")
        if unsigned:
            (root / "boot/unsigned").touch()
        played(root, "provision", "sleep() { :; }; apt_lists", expected=expected)
        assert (root / "boot/asked").read_text().count(" update\n") == 3, (root / "boot/asked").read_text()  # noqa: PLR2004
        (root / "boot/asked").unlink()


# Held at first, by a timer.
DPKG = """#!/bin/sh
echo "$*" >>/boot/asked
test -e /boot/held || exec touch /boot/done
rm /boot/held
echo 'dpkg: error: dpkg frontend lock was locked by another process with pid 1'
exit 2
"""


def what_dpkg_has_not_done_is_done_first(bench: Bench) -> None:
    """By a run that was killed: apt refuses to do anything before, or a kernel is without its initramfs."""
    root = bench.copy(bench.server, "half-done")
    of_debian(root)
    put_tool(root, "usr/bin/dpkg", DPKG)
    for state, told in (("installed", False), ("half-configured", True)):
        put_tool(root, "usr/bin/dpkg-query", f"#!/bin/sh\necho config-files\necho {state}\n")
        (root / "boot/held").touch()
        said = played(root, "provision", "sleep() { :; }; apt_go_on")
        assert ("+ packages of a run that was cut are configured" in said) == (root / "boot/done").exists() == told, said
    assert (root / "boot/asked").read_text() == "--force-confold --configure -a\n" * 2
    put_tool(root, "usr/bin/dpkg-query", "#!/bin/sh\n")
    stock.live_in(root, "var/lib/dpkg/updates/0001")
    has(played(root, "provision", "apt_go_on"), "+ packages of a run that was cut are configured")
    # It was killed before all of them were unpacked.
    put_tool(root, "usr/bin/dpkg", "#!/bin/sh\nexit 1\n")
    put_tool(root, "usr/bin/apt-get", '#!/bin/sh\necho "$*" >>/boot/asked\n')
    played(root, "provision", "apt_go_on")
    assert [line.rpartition(" -")[2] for line in (root / "boot/asked").read_text().splitlines()[-1:]] == ["-fix-broken install"]


APT_SOURCES = {"system.list": "deb file:/srv/system ./\n", "more.sources": "Types: deb\n", "notes.txt": "-\n", "lustre-init.list": "deb [trusted=yes] file:/srv/x ./\n"}


def sources_are_what_apt_reads(bench: Bench) -> None:
    """A link that leads nowhere apt passes over, as it does what has another name; and a folder may not be there. What an earlier
    version left enabled goes."""
    root = bench.copy(bench.server, "sources")
    of_debian(root)
    folder, scratch = root / "etc/apt/sources.list.d", root / "tmp/scratch"
    stock.run(["ln", "-s", "busybox", root / "usr/bin/cp"])
    asked = "SCRATCH=$root/tmp/scratch; apt_repositories; printf '%s\\n' \"${APT_SOURCES[@]}\""
    flags = ["--lustre-repo", "file:/srv/lustre ./", "--unsigned"]
    scratch.mkdir()
    played(root, "provision", asked, *flags, "--dry-run")
    assert not folder.exists(), "a dry run wrote"
    folder.mkdir(parents=True)
    for name, text in APT_SOURCES.items():
        (folder / name).write_text(text)
    (folder / "gone.list").symlink_to("/nonexistent")
    shutil.rmtree(scratch)
    scratch.mkdir()
    has(played(root, "provision", asked, *flags), "Dir::Etc::SourceParts=/tmp/scratch/sources")
    assert {path.name for path in (scratch / "sources").iterdir()} == {"lustre-init.sources", "more.sources", "system.list"}
    has((scratch / "sources/lustre-init.sources").read_text(), "Enabled: yes\n")
    has((folder / "lustre-init.sources").read_text(), "Enabled: no\n")
    assert not (folder / "lustre-init.list").exists(), "what an earlier version wrote is still there"


def a_repository_that_is_enabled_is_found(bench: Bench) -> None:
    """As an earlier version left it, trusted unsigned; or as somebody enabled it, to look into it."""
    root = bench.copy(bench.server, "enabled")
    of_debian(root)
    folder = root / "etc/apt/sources.list.d"
    asked = "deb_installed() { :; }; deb_held() { :; }; check_pin"
    disabled = "Enabled: no\nTypes: deb\nURIs: file:/srv/x\nSuites: ./\n"
    for name, text, found in (
        ("list", APT_SOURCES["lustre-init.list"], True),
        ("list", "# deb file:/srv/x ./\n", False),
        ("sources", disabled, False),
        ("sources", disabled.replace("no", "yes"), True),
        ("sources", disabled.replace("Enabled: no\n", ""), True),
        ("sources", disabled.replace("Enabled: no", "#Enabled: no"), True),
    ):
        written(f"etc/apt/sources.list.d/lustre-init.{name}", text)(root)
        said = played(root, "verify", asked, "--kind", "client")
        assert said == (f"problem updates ask Lustre's repository: /etc/apt/sources.list.d/lustre-init.{name} is enabled\n" if found else ""), (text, said)
        shutil.rmtree(folder)


# apt-cache pkgnames BEGINNING, its last word: modules for two kernels, and of one of them the image.
APT_CACHE = """#!/bin/sh
for word; do :; done
case $word in
lustre-client-modules-) echo lustre-client-modules-6.8.0-10; echo lustre-client-modules-6.8.0-20 ;;
linux-image-) echo linux-image-6.8.0-10; echo linux-image-6.8.0-30 ;;
esac
"""


def a_kernel_that_its_distribution_dropped_is_named(bench: Bench) -> None:
    """Its modules are there, and it is not; unless the image has it already."""
    root = bench.copy(bench.server, "dropped")
    of_debian(root)
    put_tool(root, "usr/bin/apt-cache", APT_CACHE)
    asked = "deb_installed() { :; }; apt_lists() { :; }; kernel_choose; echo $KERNEL"
    assert played(root, "provision", asked).split() == ["6.8.0-10"]
    said = played(root, "provision", asked, "--kernel", "6.8.0-20", expected=1)
    has(said, "kernel 6.8.0-20, for which there are modules of Lustre, is in no repository (--kernel); what can be had is 6.8.0-10")
    has(played(root, "provision", asked, "--kernel", "6.8.0-30", expected=1), "Lustre's modules are for kernel 6.8.0-10, not for 6.8.0-30 (--kernel)")
    stock.live_in(root, "boot/vmlinuz-6.8.0-20", "lib/modules/6.8.0-20/modules.dep")
    assert played(root, "provision", asked, "--kernel", "6.8.0-20").split() == ["6.8.0-20"]


# For the newest kernel there is the newest release alone.
APT_CACHE_RELEASES = """#!/bin/sh
case $* in
*" pkgnames lustre-client-modules-") for kernel in 10 20 30; do echo lustre-client-modules-6.8.0-$kernel; done ;;
*" pkgnames linux-image-") for kernel in 10 20 30; do echo linux-image-6.8.0-$kernel; done ;;
*" madison lustre-client-modules-6.8.0-10 "*-30)
    printf '%s | %s | file:/srv/lustre ./ Packages\\n' lustre-client-modules-6.8.0-10 2.16.1-1 lustre-client-modules-6.8.0-10 2.15.8-1 \\
        lustre-client-modules-6.8.0-20 2.16.10-1 lustre-client-modules-6.8.0-30 2.17.0-1fsx2
    ;;
esac
"""


def of_several_releases_the_one_that_was_asked_for(bench: Bench) -> None:
    """Its newest kernel, not that of another: there, apt would find no such version, with the kernel installed."""
    root = bench.copy(bench.server, "releases")
    of_debian(root)
    put_tool(root, "usr/bin/apt-cache", APT_CACHE_RELEASES)
    asked = ": >$LOG; APT_SOURCES=(-o x); deb_installed() { :; }; apt_lists() { :; }; kernel_choose; echo $KERNEL"
    for release, kernel in (("", 30), ("2.16.1", 10), ("2.17.0", 30)):
        assert played(root, "provision", asked, f"--lustre-version={release}").split() == [f"6.8.0-{kernel}"]
    has(played(root, "provision", asked, "--lustre-version", "2.14.0", expected=1), "no kernel modules of Lustre are to be had")


def a_root_has_no_running_kernel(bench: Bench) -> None:
    """dnf protects the kernel that runs, and in a root directory takes this machine's for one of it, where both have the same."""
    root = bench.copy(bench.server, "same-kernel")
    put_tool(root, "usr/bin/dnf", '#!/bin/sh\necho "$*" >>/boot/asked\n')
    played(root, "provision", "dnf_kernel_packages() { echo kernel-core-$1; }; SCRATCH=/nonexistent; dnf_remove_kernel 5.14")
    has((root / "boot/asked").read_text(), " --setopt=protect_running_kernel=False remove kernel-core-5.14\n")


def stories(bench: Bench) -> list[tuple[str, Callable[[], None]]]:
    return [(each.__name__, partial(each, bench)) for each in STORIES]


STORIES = [
    the_agent_that_runs_this_is_left, image_builder_says_so, the_kernel_that_is_named_boots, a_kernel_with_links_to_modules_has_none, a_kernel_that_cannot_be_named_is_refused,
    what_the_package_needs_is_fetched, lists_that_are_held_are_waited_for, what_dpkg_has_not_done_is_done_first, sources_are_what_apt_reads, a_repository_that_is_enabled_is_found,
    files_without_labels_are_labelled, what_is_newest_is_as_rpm_has_it, what_a_killed_run_had_goes, who_types_it_is_told_of_his_shell, what_is_saved_has_to_count, a_kernel_that_its_distribution_dropped_is_named, of_several_releases_the_one_that_was_asked_for, a_root_has_no_running_kernel,
]  # fmt: skip
