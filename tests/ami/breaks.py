# SPDX-License-Identifier: Apache-2.0
"""How each check of ami-build/verify is seen to fail: what is broken in a good image, and what is then said of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stock import NEWER, OLDER, live_in

UPDATE = OLDER.replace(".el9", ".16.1.el9_4")
MODULES = f"lib/modules/{OLDER}/extra/lustre"


@dataclass(frozen=True)
class Break:
    """One thing that is wrong with an image."""

    check: str
    what: str
    make: Callable[[Path], None]
    said: str
    flags: tuple[str, ...] = ()


def removed(*names: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        for name in names:
            path = root / name
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    return make


def there(*names: str) -> Callable[[Path], None]:
    return lambda root: live_in(root, *names)


def replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        path = root / name
        text = path.read_text()
        if old not in text:
            raise AssertionError(f"{name} has no {old!r}")
        path.write_text(text.replace(old, new))

    return make


def emptied(name: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        (root / name).write_text("")

    return make


def newer_kernel(root: Path) -> None:
    live_in(root, f"boot/vmlinuz-{NEWER}", f"boot/initramfs-{NEWER}.img", f"lib/modules/{NEWER}/modules.dep")


ENTRY = f"boot/loader/entries/0123456789abcdef-{OLDER}.conf"
BLS_NEWER = f"boot/vmlinuz-{NEWER}"


def written(name: str, text: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return make


def no_entry(root: Path) -> None:
    newer_kernel(root)
    (root / ENTRY).rename(root / ENTRY.replace("0123", "4567"))


def kernel_alone(root: Path) -> None:
    live_in(root, BLS_NEWER)


def kernel_without_initramfs(root: Path) -> None:
    live_in(root, BLS_NEWER, f"lib/modules/{NEWER}/modules.dep")


def newer_kernel_unsaved(root: Path) -> None:
    newer_kernel(root)
    (root / "boot/grub2/grubenv").unlink()


def pinned_but(name: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        path = root / "etc/dnf/dnf.conf"
        path.write_text(path.read_text().replace(f" {name}", ""))

    return make


def update_of_that_kernel(root: Path) -> None:
    """The newer one to rpm and to GRUB, and the older one to sort."""
    live_in(root, f"boot/vmlinuz-{UPDATE}", f"boot/initramfs-{UPDATE}.img", f"lib/modules/{UPDATE}/modules.dep")
    (root / "boot/grub2/grubenv").unlink()


def newer_kernel_saved(root: Path) -> None:
    newer_kernel(root)
    (root / "boot/grub2/grubenv").write_text(f"saved_entry=0123456789abcdef-{NEWER}\n")


def module_of_another(root: Path) -> None:
    path = root / MODULES / "lnet.ko"
    path.write_bytes(path.read_bytes().replace(OLDER.encode(), NEWER.encode()))


def script(name: str, text: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        (root / name).write_text(f"#!/bin/sh\n{text}\n")

    return make


def linked(name: str, target: str) -> Callable[[Path], None]:
    return lambda root: (root / name).symlink_to(target)


def masked_otherwise(root: Path) -> None:
    (root / "etc/systemd/system/lustre-init.service").touch()


def home_elsewhere(root: Path) -> None:
    (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\nann:x:1:1::/srv/ann:/bin/sh\nall:x:2:2::/*:/bin/sh\nup:x:3:3::/../x:/bin/sh\n")
    live_in(root, "srv/ann/.ssh/authorized_keys", "srv/ann/.python_history")


def enabled_elsewhere(root: Path) -> None:
    link = root / WANTS / "lustre-init.service"
    other = root / "etc/systemd/system/rescue.target.wants"
    other.mkdir()
    link.rename(other / link.name)


def ufw(root: Path) -> None:
    (root / "etc/systemd/system/multi-user.target.wants/ufw.service").symlink_to("/usr/lib/systemd/system/ufw.service")


def ufw_shut(root: Path) -> None:
    ufw(root)
    (root / "etc/ufw").mkdir()
    (root / "etc/ufw/user.rules").write_text("-A ufw-user-input -p tcp --dport 988 -j DROP\n-A ufw-user-input -p udp --dport 988 -j ACCEPT\n")


def rules(unit: str, name: str, text: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        written(name, text)(root)
        (root / WANTS / f"{unit}.service").symlink_to(f"/usr/lib/systemd/system/{unit}.service")

    return make


def rules_included(root: Path) -> None:
    rules("nftables", "etc/nftables.conf", '#!/usr/sbin/nft -f\ninclude "/etc/nftables.d/*.nft"\n')(root)
    written("etc/nftables.d/input.nft", NFT)(root)


def of_this_machine(name: str) -> Callable[[Path], None]:
    return lambda root: written(name, Path("/", name).read_text())(root)


def netplan_masked(root: Path) -> None:
    """It starts networkd, by links of each boot."""
    (root / WANTS / "NetworkManager.service").unlink()
    live_in(root, "usr/sbin/netplan")
    (root / "usr/sbin/netplan").chmod(0o755)
    linked("etc/systemd/system/systemd-networkd.service", "/dev/null")(root)


# A file of cloud-init's, and the key by which it takes a disk.
TAKES_DISKS = (
    ("99-site", "mounts", "mounts:\n- [ephemeral0, /mnt, auto]\n"),
    ("99-lines", "mounts", "mounts:\n  # a disk\n  - - /dev/nvme1n1\n    - /scratch\n"),
    ("96-site", "fs_setup", "fs_setup:\n- {device: ephemeral0, filesystem: xfs}\n"),
    ("10-early", "disk_setup", "disk_setup:\n  ephemeral0: {table_type: gpt, layout: true}\n"),
)
MOUNTS = (
    ("what cloud-init wrote", "etc/fstab", "LABEL=x /mnt auto defaults,nofail,x-systemd.requires=cloud-init.service,comment=cloudconfig 0 2\n",
     "/etc/fstab: LABEL=x was written by cloud-init"),
    ("swap on instance store", "etc/fstab", "# ours\nLABEL=root / xfs defaults 0 0\n/dev/nvme1n1 none swap sw 0 0\n", "/dev/nvme1n1 is another disk"),
    ("a disk of Xen", "etc/fstab", "\t/dev/xvdb\t/mnt\tauto\tdefaults\t0\t2\n", "/dev/xvdb is another disk"),
    ("one by its serial", "etc/fstab", "/dev/disk/by-id/nvme-Amazon_EC2_NVMe_Instance_Storage_AWS1 /mnt xfs", "is another disk"),
    ("a unit", "etc/systemd/system/scratch.mount", "[Mount]\nWhat=/dev/sdb\nWhere=/scratch\n", "scratch.mount: /dev/sdb is another disk"),
    ("a unit of swap", "etc/systemd/system/dev-xvdc.swap", "[Swap]\nWhat = /dev/xvdc\n", "dev-xvdc.swap: /dev/xvdc is another disk"),
)  # fmt: skip
IFCFG = "etc/sysconfig/network-scripts/ifcfg-eth0"
# Told by their names, or by what is in them.
SECRETS = (
    ("~/.pgpass", "localhost:5432:*:me:secret\n"),
    ("~/.s3cfg", "[default]\n"),
    ("~/.boto", "[Credentials]\n"),
    ("~/.netrc", "machine x login me password secret\n"),
    ("~/.docker/config.json", "{}\n"),
    ("~/.git-credentials", "https://me:secret@localhost\n"),
    ("~/.aws/config", "[profile a]\naws_secret_access_key = 0123\n"),
    ("~/.profile", "PATH=/bin\nexport AWS_SECRET_ACCESS_KEY=0123\n"),
    ("~/.ssh/deploy", "-----BEGIN OPENSSH PRIVATE KEY-----\n"),
    ("~/.ssh/old", "# of a tool\n-----BEGIN RSA PRIVATE KEY-----\n"),
    ("~/tls.txt", "-----BEGIN PRIVATE KEY-----\n"),
    ("~/key.ppk", "PuTTY-User-Key-File-3: ssh-ed25519\n"),
    ("~/.gnupg/private-keys-v1.d/0123.key", "(protected-private-key)\n"),
    ("~/.config/gcloud/credentials.db", "-"),
    ("~/.config/rclone/rclone.conf", "secret_access_key = 0123\n"),
    ("~/.azure/msal_token_cache.json", "{}\n"),
    ("~/.vault-token", "0123\n"),
    ("~/.pypirc", "password = 0123\n"),
    ("~/.terraform.d/credentials.tfrc.json", "{}\n"),
)
# Accounts that a password opens, or nothing at all; a hash behind a lock is there for whoever has the image.
OPEN = (
    ("a password", "etc/shadow", "root:$6$salt$hash:20000:0:99999:7:::"),
    ("a password of old", "etc/shadow", "ann:xyJnggxhB/yWI:20000::::::"),
    ("a hash behind a lock", "etc/shadow-", "bin:*:1::::::\nroot:!$y$j9T$salt$hash:20000::::::"),
    ("no password", "etc/shadow", "root::20000::::::"),
    ("no password, in passwd", "etc/passwd", "root::0:0::/root:/bin/sh"),
)
SHUT = ("root:*:20000:0:99999:7:::", "bin:!!:1::::::", "ann:!*:20000::::::", "rocky:!:20000::::::", "x:x:1::::::", "ec2:*LOCK*:1::::::", "+::::::")
LOGINS = (
    ("a repository's", "etc/yum.repos.d/site.repo", "[site]\nenabled=0\nbaseurl=https://me:secret@mirror.example/9\n"),
    ("a repository's, with an @ in it", "etc/yum.repos.d/other.repo", "[other]\nenabled=0\nbaseurl=https://me:secret@secret@mirror.example/9\n"),
    ("a token that is all of it", "etc/yum.repos.d/token.repo", "[token]\nenabled=0\nbaseurl=https://secret@mirror.example/9\n"),
    ("a repository's, by a line", "etc/yum.repos.d/line.repo", "[site]\nenabled=0\nusername=me\n  password = secret\n"),
    ("a proxy's", "etc/dnf/dnf.conf", "[main]\nproxy_password=secret\n"),
    ("of apt's sources", "etc/apt/sources.list.d/site.sources", "Types: deb\nURIs: https://me:secret@mirror.example\n"),
    ("of apt's proxy", "etc/apt/apt.conf.d/90proxy", 'Acquire::http::Proxy "http://me:secret@proxy.example:3128";\n'),
    ("of a registration's proxy", "etc/rhsm/rhsm.conf", "[server]\nproxy_user = me\nproxy_password = secret\n"),
    ("of a service's proxy", "etc/systemd/system/docker.service.d/proxy.conf", "[Service]\nEnvironment=HTTPS_PROXY=http://me:secret@proxy.example:3128\n"),
    ("of all services' proxy", "etc/systemd/system.conf.d/proxy.conf", "[Manager]\nDefaultEnvironment=https_proxy=http://me:secret@proxy.example\n"),
    ("of each shell's proxy", "etc/profile.d/proxy.sh", "password=${1-}\nexport https_proxy=http://me:secret@proxy.example:3128\n"),
    ("of the environment", "etc/environment", "https_proxy=http://:secret@proxy.example\n"),
)
# One card's, each in the words of another program.
PINNED = (
    ("etc/netplan/00-installer.yaml", 'network:\n  ethernets:\n    a:\n      match:\n        macaddress: "0A:00:00:00:00:01"\n'),
    ("etc/NetworkManager/system-connections/eth0.nmconnection", "[ethernet]\nmac-address=0A:00:00:00:00:01\n"),
    ("etc/systemd/network/10-eth0.network", "[Match]\nPermanentMACAddress=0a:00:00:00:00:01\n"),
    ("etc/systemd/network/10-eth0.link", "[Match]\nMACAddress = 0a:00:00:00:00:01\n"),
)
NFT = "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t\t# 988\n\t\ttcp dport 22 accept\n\t}\n}\n"
# By which unit, in which file, what shuts the port.
RULES = (
    ("nftables", "etc/nftables.conf", NFT),
    ("nftables", "etc/nftables.conf", NFT.replace(" policy drop;", "").replace("\t\t# 988", "\t\tpolicy drop;")),
    ("nftables", "etc/sysconfig/nftables.conf", NFT.replace("policy drop", "policy accept").replace("accept\n", "accept\n\t\treject with icmpx type port-unreachable\n")),
    ("iptables", "etc/sysconfig/iptables", "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -j REJECT --reject-with icmp-host-prohibited\n"),
    ("nftables", "etc/nftables.conf", NFT.replace("policy drop", "policy accept").replace("accept\n", "accept\n\t\tcounter packets 3 bytes 988 drop\n")),
    ("netfilter-persistent", "etc/iptables/rules.v4", "*filter\n:INPUT DROP [988:0]\n-A INPUT -p tcp --dport 9881 -j ACCEPT\n"),
    ("netfilter-persistent", "etc/iptables/rules.v4", '*filter\n[1:60] -A INPUT -m comment --comment "the rest" -j DROP\n'),
)
# What lets it in, or shuts nothing.
RULES_OPEN = (
    ("nftables", "etc/nftables.conf", NFT.replace("dport 22", "dport { 22, 988 }")),
    ("nftables", "etc/nftables.conf", NFT.replace(" policy drop;", "").replace("# 988", "# drop")),
    ("netfilter-persistent", "etc/iptables/rules.v4", ":INPUT DROP [0:0]\n-A INPUT -p tcp -m multiport --dports 22,988 -j ACCEPT\n"),
    ("iptables", "etc/iptables/rules.v4", ":INPUT DROP [0:0]\n"),
)
UBUNTU_PRO = (
    "var/lib/ubuntu-advantage/private/machine-token.json", "var/lib/ubuntu-advantage/machine-token.json",
    "etc/apt/auth.conf.d/90ubuntu-advantage", "etc/apt/sources.list.d/ubuntu-esm-apps.sources",
    "var/snap/canonical-livepatch/common/machine-token",
)  # fmt: skip
WANTS = "etc/systemd/system/multi-user.target.wants"
# NetworkManager enabled, and not started at a boot.
NO_NETWORK = (
    ("masked", linked("etc/systemd/system/NetworkManager.service", "/dev/null")),
    ("no unit", removed("usr/lib/systemd/system/NetworkManager.service")),
    ("netplan, and what it starts is masked", netplan_masked),
)
CONF = "etc/lustre-init/conf.d"
REPO = "etc/yum.repos.d/lustre-init.repo"
BREAKS = [
    Break("kernel", "no kernel", removed(f"boot/vmlinuz-{OLDER}", f"lib/modules/{OLDER}/vmlinuz"), "no kernel in"),
    Break("kernel", "another kernel", lambda root: None, "kernel 6.1 is not there", ("--kernel", "6.1")),
    Break("kernel", "no modules.dep", removed(f"lib/modules/{OLDER}/modules.dep"), "no modules.dep"),
    Break("kernel", "no initramfs", removed(f"boot/initramfs-{OLDER}.img"), "no initramfs"),
    Break("kernel", "an initramfs without anything", emptied(f"boot/initramfs-{OLDER}.img"), "no initramfs"),
    Break("initramfs", "without the driver", written(f"boot/initramfs-{OLDER}.img", "kernel/drivers/nvme/host/nvme-core.ko.xz\n"), "has no module nvme"),
    Break("initramfs", "none", removed(f"boot/initramfs-{OLDER}.img"), "no initramfs"),
    Break("initramfs", "one that is none", script("usr/bin/lsinitrd", "exit 1"), f"/boot/initramfs-{OLDER}.img could not be looked at: lsinitrd ended with 1"),
    Break("initramfs", "a tool that fails", script("usr/bin/lsinitrd", "echo lines; echo 'mktemp: no room' >&2; exit 1"), "could not be looked at: mktemp: no room"),
    Break("boots", "a newer kernel", newer_kernel_unsaved, f"kernel {NEWER} is newer than {OLDER}, and boots"),
    Break("boots", "an update of that kernel", update_of_that_kernel, f"kernel {UPDATE} is newer than {OLDER}, and boots"),
    Break("boots", "a newer kernel saved", newer_kernel_saved, f"-{NEWER}, not kernel {OLDER}"),
    Break("boots", "a saved entry that is not there", no_entry, "has no such entry"),
    Break("boots", "a kernel and nothing of it", kernel_alone, f"/boot/vmlinuz-{NEWER} has no modules"),
    Break("boots", "a kernel without initramfs", kernel_without_initramfs, f"/boot/vmlinuz-{NEWER} has no initramfs"),
    Break("boots", "no kernel", removed(f"boot/vmlinuz-{OLDER}", f"lib/modules/{OLDER}/vmlinuz"), "no kernel is there"),
    Break("modules", "no module", removed(f"{MODULES}/mdt.ko"), f"kernel {OLDER} has no module mdt"),
    Break("modules", "a module of another kernel", module_of_another, f"lnet.ko is for kernel {NEWER}, not for {OLDER}"),
    Break("modules", "no depmod", replaced(f"lib/modules/{OLDER}/modules.dep", "ksocklnd.ko:", "other.ko:"), "does not know ksocklnd"),
    Break("modules", "no module at all", script(f"{MODULES}/lnet.ko", ""), "lnet.ko is for kernel , not"),
    Break("pin", "no excludes", replaced("etc/dnf/dnf.conf", "kernel-core ", ""), "does not exclude kernel-core"),
    *(Break("pin", f"no excludes of {name}", pinned_but(name), f"does not exclude {name}") for name in ("kernel-64k*", "kernel-rt*", "kernel-debug*")),
    Break("pin", "by a name that dnf does not know", replaced("etc/dnf/dnf.conf", "excludepkgs=", "excludes="), "does not exclude "),
    Break("pin", "for another section", replaced("etc/dnf/dnf.conf", "[main]", "[other]"), "does not exclude "),
    Break("pin", "a repository that is enabled", replaced(REPO, "enabled=0", "enabled = 1"), "updates ask Lustre's repository: [lustre-init-e2fsprogs] of /etc/yum.repos.d/lustre-init.repo is enabled"),
    Break("pin", "a repository that nobody disabled", replaced(REPO, "enabled=0", "#enabled=0"), "[lustre-init-lustre] of /etc/yum.repos.d/lustre-init.repo is enabled"),
    Break("tools", "no lctl", removed("usr/sbin/lctl"), "lctl is not there"),
    Break("tools", "no mkfs.lustre", removed("usr/sbin/mkfs.lustre"), "mkfs.lustre is not there"),
    Break("packages", "another release", lambda root: None, "kmod-lustre is 2.16.1-1.el9, not 2.17.0",
          ("--lustre-version", "2.17.0")),
    Break("packages", "the other kind", lambda root: None, "kmod-lustre is installed in the image of a client",
          ("--kind", "client")),
    Break("packages", "no packages", removed("root/.rpmdb"), "kmod-lustre is not installed"),
    Break("e2fsprogs", "no packages", removed("root/.rpmdb"), "e2fsprogs is not installed is not Lustre's"),
    Break("lvm", "no LVM", removed("usr/sbin/lvm"), "lvm2 is not installed"),
    Break("agent", "no agent", removed("usr/sbin/lustre-init"), "lustre-init is not installed"),
    Break("agent", "one that does not start", script("usr/sbin/lustre-init", "echo libjansson.so.4: no such file; exit 127"),
          "libjansson.so.4: no such file"),
    Break("agent", "a document that is none", replaced("etc/lustre-init/conf.d/10-site.yaml", "fsname", "fsnam"), "10-site.yaml"),
    Break("agent", "another document that is none", written(f"{CONF}/20-more.yaml", "fsnam: lustrewt\n"), '20-more.yaml: -: "fsnam" is not a key'),
    Break("agent", "a document that no node reads", written(f"{CONF}/20-more.YML", "index: 1\n"), "20-more.YML: the name of a document in conf.d ends in"),
    Break("unit", "not enabled", removed(f"{WANTS}/lustre-init.service"), "not enabled"),
    Break("unit", "the one that watches not enabled", removed(f"{WANTS}/lustre-watch.service"), "lustre-watch.service is not enabled"),
    Break("unit", "the one that watches masked", linked("etc/systemd/system/lustre-watch.service", "/dev/null"), "lustre-watch.service is masked"),
    Break("unit", "masked", linked("etc/systemd/system/lustre-init.service", "/dev/null"), "lustre-init.service is masked"),
    Break("unit", "masked by an empty file", masked_otherwise, "masked"),
    Break("unit", "for another target", enabled_elsewhere, "not enabled for multi-user.target"),
    Break("unit", "no unit", removed("usr/lib/systemd/system/lustre-init.service"), "lustre-init.service is not there"),
    Break("cloud-init", "no drop-in", removed("etc/cloud/cloud.cfg.d/95_lustre-init.cfg"), "95_lustre-init.cfg"),
    Break("cloud-init", "no part handler", removed("usr/lib/tmpfiles.d/lustre-init.conf"), "lustre-init.conf"),
    *(Break("cloud-init", f"a later file: {key}", written(f"etc/cloud/cloud.cfg.d/{name}.cfg", text), f"{name}.cfg: {key}")
      for name, key, text in TAKES_DISKS),
    *(Break("mounts", what, written(name, text), said) for what, name, text, said in MOUNTS),
    *(Break("authorized-keys", name, written(name.replace("~", "home/rocky"), text), name.replace("~", "/home/rocky")) for name, text in SECRETS),
    *(Break("authorized-keys", what, written(name, f"{text}\n"), f"/{name}") for what, name, text in OPEN),
    *(Break("authorized-keys", what, written(name, text), f"/{name}") for what, name, text in LOGINS),
    Break("authorized-keys", "in the URL of ours", replaced(REPO, "=file://", "=file://me:secret@"), f"/{REPO}"),
    Break("authorized-keys", "passwords of old", there("etc/security/opasswd"), "/etc/security/opasswd"),
    Break("authorized-keys", "what apt logs in with", there("etc/apt/auth.conf.d/site.conf"), "/etc/apt/auth.conf.d/site.conf"),
    Break("leases", "who resolves names here", of_this_machine("etc/resolv.conf"), "/etc/resolv.conf"),
    Break("leases", "this machine's name", of_this_machine("etc/hostname"), "/etc/hostname"),
    *(Break("network", f"for one card: {name}", written(name, text), f"/{name} is for one network card alone") for name, text in PINNED),
    *(Break("firewall", f"{unit}, {n}", rules(unit, name, text), f"/{name} drops or rejects, and nothing there names port 988") for n, (unit, name, text) in enumerate(RULES)),
    Break("firewall", "nftables, included", rules_included, "/etc/nftables.d/input.nft drops or rejects, and nothing there names port 988"),
    Break("logs", "who had logged in, by lastlog2", there("var/lib/lastlog/lastlog2.db"), "/var/lib/lastlog/lastlog2.db"),
    Break("leases", "a card's address", written(IFCFG, "DEVICE=eth0\nHWADDR=02:00:00:00:00:01\n"), f"/{IFCFG}"),
    Break("leases", "a connection's id", written(IFCFG, 'DEVICE=eth0\nUUID="0123"\n'), f"/{IFCFG}"),
    *(Break("network", what, make, "nothing that configures the network is enabled") for what, make in NO_NETWORK),
    Break("network", "nothing enabled", removed(f"{WANTS}/NetworkManager.service"), "nothing that configures the network is enabled"),
    Break("selinux", "off, by an entry", replaced(ENTRY, "ro ", "ro selinux=0 "), "switches it off: selinux=0"),
    Break("selinux", "off, by what the next entry is made of", replaced("etc/default/grub", '="', '="selinux=0 '), "/etc/default/grub switches it off"),
    Break("selinux", "off, by a line of GRUB's", written("boot/grub2/grub.cfg", "menuentry x {\n\tlinux /vmlinuz 'selinux=0'\n}\n"), "grub.cfg switches"),
    Break("selinux", "off, by the saved options", replaced("boot/grub2/grubenv", "saved_entry", "kernelopts=root=/dev/x ro selinux=0\nsaved_entry"), "grubenv switches"),
    Break("selinux", "off, by the last word", written("etc/kernel/cmdline", "selinux=1 quiet selinux=0\n"), "/etc/kernel/cmdline switches"),
    Break("selinux", "permissive, by an entry", replaced(ENTRY, "ro ", "ro enforcing=0 "), "makes it permissive: enforcing=0"),
    Break("selinux", "no labels", removed(".autorelabel"), "no SELinux label"),
    Break("selinux", "another mode", lambda root: None, "enforcing, asked for permissive", ("--selinux", "permissive")),
    Break("firewall", "closed", removed("etc/firewalld/988"), "firewalld does not let port 988/tcp in"),
    Break("firewall", "ufw, closed", ufw, "ufw does not let port 988/tcp in"),
    Break("firewall", "ufw, with a rule that shuts", ufw_shut, "ufw does not let port 988/tcp in"),
    Break("host-keys", "a host key", there("etc/ssh/ssh_host_rsa_key"), "/etc/ssh/ssh_host_rsa_key"),
    Break("machine-id", "an id", there("etc/machine-id"), "/etc/machine-id"),
    Break("machine-id", "no file for it", removed("etc/machine-id"), "/etc/machine-id"),
    Break("machine-id", "a seed", there("var/lib/systemd/random-seed"), "random-seed"),
    Break("cloud-instance", "an instance", there("var/lib/cloud/instances/i-0123/obj.pkl"), "/var/lib/cloud/instances"),
    Break("history", "a user's history", there("home/rocky/.bash_history"), "/home/rocky/.bash_history"),
    Break("history", "of a home elsewhere", home_elsewhere, "/srv/ann/.python_history"),
    Break("authorized-keys", "of a home elsewhere", home_elsewhere, "/srv/ann/.ssh/authorized_keys"),
    Break("machine-id", "the loader's seed", there("boot/loader/random-seed"), "/boot/loader/random-seed"),
    Break("leases", "of networkd", there("var/lib/systemd/network/dhcp-server-lease/eth0"), "/var/lib/systemd/network/dhcp-server-lease"),
    Break("lvm-devices", "of multipath", there("etc/multipath/wwids"), "/etc/multipath/wwids"),
    Break("logs", "one that was rotated", there("var/log/messages-20260101"), "/var/log/messages-20260101"),
    Break("authorized-keys", "a user's keys", there("home/rocky/.ssh/authorized_keys"), "/home/rocky/.ssh/authorized_keys"),
    Break("leases", "a lease", there("var/lib/NetworkManager/internal-0-eth0.lease"), "eth0.lease"),
    Break("lvm-devices", "a devices file", there("etc/lvm/devices/system.devices"), "/etc/lvm/devices/system.devices"),
    Break("lustre-state", "a state", there("var/lib/lustre-init/state.json"), "/var/lib/lustre-init/state.json"),
    Break("logs", "a journal", there("var/log/journal/0123/system.journal"), "/var/log/journal/0123"),
    Break("caches", "a package", there("var/cache/dnf/system/packages/a.rpm"), "/var/cache/dnf/system"),
    Break("machine-id", "of its vendor", there("etc/pki/consumer/cert.pem"), "/etc/pki/consumer/cert.pem"),
    *(Break("machine-id", f"Ubuntu Pro: {name}", there(name), f"/{name}") for name in UBUNTU_PRO),
    Break("machine-id", "a managed instance", there("var/lib/amazon/ssm/registration"), "/var/lib/amazon/ssm/registration"),
    Break("authorized-keys", "a keytab", there("etc/krb5.keytab"), "/etc/krb5.keytab"),
    Break("authorized-keys", "whom one knows", there("root/.ssh/known_hosts"), "/root/.ssh/known_hosts"),
    Break("logs", "what crashed", there("var/lib/systemd/coredump/core.agent.0"), "core.agent.0"),
    Break("temporary", "a hidden file", there("tmp/.X11-unix/X0"), "/tmp/.X11-unix"),
]  # fmt: skip
