# SPDX-License-Identifier: Apache-2.0
"""Images that are not the usual one: of another system, made by another tool, or of another kind before."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import stock
from bench import AMI, Bench, has, same, state, verify
from running import played

MODULES = ("lnet", "ksocklnd", "lustre")


def becomes(root: Path, release: str) -> None:
    (root / "etc/os-release").write_text(release)


def amazon(bench: Bench, root: Path) -> None:
    """Amazon Linux 2023: its kernel has Lustre's client, and its own repository the tools."""
    becomes(root, 'ID="amzn"\nVERSION_ID="2023"\n')
    modules = root / f"lib/modules/{stock.NEWER}"
    for name in MODULES:
        module = bench.server / f"lib/modules/{stock.OLDER}/extra/lustre/{name}.ko"
        (modules / f"kernel/{name}.ko").write_bytes(module.read_bytes().replace(stock.OLDER.encode(), stock.NEWER.encode()))
    (modules / "modules.dep").write_text("".join(f"kernel/{name}.ko:\n" for name in MODULES))
    system = root / "etc/yum.repos.d/system.repo"
    system.write_text(f"{system.read_text()}[amazon]\nname=amazon\nbaseurl=file://{bench.repositories}/lustre\ngpgcheck=0\n")


def a_client_of_amazon_linux(bench: Bench) -> None:
    """As README.md's table says: no repository is named."""
    root = bench.copy(bench.stock, "amazon")
    amazon(bench, root)
    agent = next((bench.repositories / "agent").glob("*/*.rpm"))
    argv = [AMI / "provision", "--kind", "client", "--root", root, "--agent", agent]
    before = state(root)
    has(stock.run([*argv, "--dry-run"]), f"= kernel {stock.NEWER}", "+ Lustre: lustre-client\n")
    same(before, state(root))
    has(stock.run(argv), "= no repository of Lustre's own", "+ Lustre: lustre-client\n")
    assert not (root / "etc/yum.repos.d/lustre-init.repo").exists(), "a repository of nothing is left"
    stock.run([AMI / "verify", "--kind", "client", "--root", root])
    # What an earlier run had named is gone with its name.
    (root / "etc/yum.repos.d/lustre-init.repo").write_text("")
    has(stock.run(argv), "+ no repository of Lustre's own", "\n1 changes\n")
    has(stock.run(argv), "\n0 changes\n")


def what_is_of_the_other_kind_is_refused(bench: Bench) -> None:
    """Before anything is done: their packages put files in one place."""
    client = bench.copy(bench.stock, "was-client")
    bench.provision(client, kind="client")
    for root, kind, words in ((bench.copy(bench.server, "was-server"), "client", "has kmod-lustre lustre, of a server"),
                              (client, "server", "has kmod-lustre-client lustre-client, of a client")):  # fmt: skip
        before = state(root)
        has(bench.provision(root, kind=kind, expected=1), words, "remove them first, or take a stock image")
        same(before, state(root))


def a_kernel_of_oracle_is_pinned_too(bench: Bench) -> None:
    """Its unbreakable kernel has a name of its own, and is what it would boot."""
    root = bench.copy(bench.server, "oracle")
    becomes(root, 'ID="ol"\nVERSION_ID="9.4"\n')
    has(verify(root, "--only", "pin", expected=1), "does not exclude kernel-uek*")
    has(bench.provision(root), "+ updates leave the kernel", "\n1 changes\n")
    verify(root, "--only", "pin")


def another_url_moves_it_on(bench: Bench) -> None:
    """Lustre with its kernel, or neither; also where the version is the same, since each minor release of EL has its own build."""
    for name, release in (("lustre-next", "2.17.0"), ("lustre-el9.5", "2.16.1"), ("lustre", "2.16.1")):
        root = bench.copy(bench.server if name != "lustre" else bench.folder / "on-lustre-next", f"on-{name}")
        asked = ["--lustre-repo", f"file://{bench.repositories}/{name}"]
        has(bench.provision(root, *asked, "--dry-run"), f"-{release}-1.el9" if name != "lustre-el9.5" else "Lustre for kernel")
        bench.provision(root, *asked)
        verify(root)
        kernel = stock.OLDER if name == "lustre" else stock.NEWER
        has((root / "etc/lustre-init/image").read_text(), f"kernel = {kernel}\n", f"lustre = {release}-1.el9\n")
        has(bench.provision(root, *asked), "\n0 changes\n")


def no_kernel_goes_before_its_successor_has_lustre(bench: Bench) -> None:
    root = bench.copy(bench.server, "no-modules")
    stock.live_in(root, f"boot/vmlinuz-{stock.NEWER}", f"lib/modules/{stock.NEWER}/modules.dep")
    has(played(root, "provision", "kernel_remove_others", "--kernel", stock.NEWER, expected=1), f"kernel {stock.NEWER} has no modules of Lustre")
    assert (root / f"boot/vmlinuz-{stock.OLDER}").exists(), "the kernel that has Lustre is gone"


def a_package_of_before_the_watch_is_baked(bench: Bench) -> None:
    root = bench.copy(bench.server, "before-the-watch")
    for path in ("usr/lib/systemd/system/lustre-watch.service", "etc/systemd/system/multi-user.target.wants/lustre-watch.service"):
        (root / path).unlink()
    has(bench.provision(root), "= lustre-init.service starts at boot")
    verify(root)


def another_build_of_a_version_is_installed(bench: Bench) -> None:
    """As of a package that was made once more, from a newer checkout."""
    root, folder = bench.copy(bench.server, "rebuilt"), bench.folder / "rebuilt-agent"
    stock.rpmbuild("agent", {}, folder)
    asked = ["--agent", str(next(folder.glob("*/*.rpm")))]
    before = stock.run(["rpm", "--root", root, "-q", "--qf", "%{SHA256HEADER}", "lustre-init"])
    has(bench.provision(root, *asked), "+ lustre-init 9.9-1, of another build", "\n1 changes\n")
    assert before != stock.run(["rpm", "--root", root, "-q", "--qf", "%{SHA256HEADER}", "lustre-init"]), "it is the former"
    has(bench.provision(root, *asked), "= lustre-init 9.9-1\n", "\n0 changes\n")
    verify(root)


def what_its_package_enables_is_enabled(bench: Bench) -> None:
    """By a link of its own, below /usr."""
    root = bench.copy(bench.server, "package-enables")
    link = root / "etc/systemd/system/multi-user.target.wants/NetworkManager.service"
    folder = root / "usr/lib/systemd/system/multi-user.target.wants"
    folder.mkdir()
    link.rename(folder / link.name)
    verify(root, "--only", "network")


# As lsinitramfs of Ubuntu, which takes an initramfs apart, and lists it.
COPIES = """#!/bin/sh
set -e
cat "$1" >"${TMPDIR:-/var/tmp}/parts"
cat "${TMPDIR:-/var/tmp}/parts"
"""


def an_image_needs_no_room_to_be_looked_at(bench: Bench) -> None:
    """What a tool of it unpacks for that is not in it: there may be no folder, or no room; and it is not to be changed."""
    root = bench.copy(bench.server, "no-room")
    (root / "usr/bin/lsinitrd").write_text(COPIES)
    before = state(root)
    verify(root, "--only", "initramfs")
    same(before, state(root))
    (root / "var/tmp").rmdir()
    verify(root, "--only", "initramfs")


LENT = "# lustre-init: of the machine that builds this image, while it does\n"
RESOLVES = "#!/bin/sh\ncat /etc/resolv.conf >>/boot/resolved 2>&1\n"


def names_are_resolved_in_the_image(bench: Bench) -> None:
    """For the time of the run, also where nobody has written a file for that: dnf --installroot makes none."""
    root = bench.copy(bench.stock, "resolver")
    tool, file = root / "usr/bin/firewall-offline-cmd", root / "etc/resolv.conf"
    tool.write_text(RESOLVES)
    bench.provision(root, "--dry-run")
    assert not file.exists(), "a dry run left a file"
    bench.provision(root)
    has((root / "boot/resolved").read_text(), Path("/etc/resolv.conf").read_text())
    assert not file.exists(), "what was lent is still there"
    # Of a run that was killed.
    file.write_text(LENT)
    bench.provision(root)
    assert not file.exists(), "what was lent is still there"
    file.write_text("# the image's own\n")
    bench.provision(root)
    assert file.read_text() == "# the image's own\n", file.read_text()


# As EL's, of which a scriptlet of the kernel's package asks for all that is in /boot.
KERNEL_INSTALL = """#!/bin/sh
test "$1 $3" = "add /lib/modules/$2/vmlinuz" || exit 1
cat "$3" >/boot/vmlinuz-$2
echo kernel/drivers/nvme/host/nvme.ko.xz >/boot/initramfs-$2.img
"""


def a_kernel_without_scriptlets_is_in_boot(bench: Bench) -> None:
    root = bench.copy(bench.server, "no-scriptlets")
    for name in (f"vmlinuz-{stock.OLDER}", f"initramfs-{stock.OLDER}.img"):
        (root / "boot" / name).unlink()
    tool = root / "usr/bin/kernel-install"
    tool.write_text(KERNEL_INSTALL)
    tool.chmod(0o755)
    has(bench.provision(root), f"+ kernel {stock.OLDER} is in /boot, with its initramfs", "\n1 changes\n")
    verify(root)
    has(bench.provision(root), "\n0 changes\n")


def a_document_of_an_earlier_run_is_told(bench: Bench) -> None:
    """Nobody knows whose it is, so it stays; another instance would have it without being asked."""
    root = bench.copy(bench.server, "earlier")
    flags = bench.flags(root)
    at = flags.index("--site")
    said = stock.run([AMI / "provision", *flags[:at], *flags[at + 2 :]])
    has(said, "! /etc/lustre-init/conf.d/10-site.yaml is there, and stays", "\n0 changes\n")


def stories(bench: Bench) -> list[tuple[str, Callable[[], None]]]:
    return [(each.__name__, partial(each, bench)) for each in STORIES]


STORIES = [
    another_build_of_a_version_is_installed,
    a_kernel_without_scriptlets_is_in_boot,
    a_document_of_an_earlier_run_is_told,
    another_url_moves_it_on,
    no_kernel_goes_before_its_successor_has_lustre,
    a_package_of_before_the_watch_is_baked,
    a_client_of_amazon_linux,
    what_is_of_the_other_kind_is_refused,
    a_kernel_of_oracle_is_pinned_too,
    names_are_resolved_in_the_image,
    what_its_package_enables_is_enabled,
    an_image_needs_no_room_to_be_looked_at,
]
