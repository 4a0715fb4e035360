#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# LVM reports a PV under another name than the one that --devices gave it.
#
# lvm2 2.03.16-2 (Debian 12). A disk is given to LVM by its node's path, `--devices /dev/nvme1n1`, and nothing
# else. Where a symbolic link of equal depth leads to the node, as udev's rules for EBS make them (/dev/sdf),
# pvs and fullreport call the PV by the link. A program that looks for its disk by the name that it gave finds no
# PV there, and takes it for missing. pv_major and pv_minor tell it right.
#
# Installs the packages into a folder of its own; needs root, a free loop device and Debian's archive.
set -euo pipefail

packages=(lvm2=2.03.16-2 liblvm2cmd2.03=2.03.16-2 libdevmapper1.02.1=2:1.02.185-2
	libdevmapper-event1.02.1=2:1.02.185-2 libaio1=0.3.113-4)
work=$(mktemp -d)
loop=
clean() {
	[ -z "$loop" ] || losetup -d "$loop"
	rm -rf "$work"
}
trap clean EXIT

cd "$work"
mkdir packages root dev
(cd packages && apt-get -o APT::Sandbox::User=root download -q "${packages[@]}" >/dev/null)
for package in packages/*.deb; do dpkg -x "$package" root; done
truncate -s 64M disk
loop=$(losetup -f --show disk)
read -r major minor < <(stat -c '%Hr %Lr' "$loop")

# A /dev of our own, so that this machine's is not touched.
inside() {
	unshare --mount sh -c "
		mount -t tmpfs none dev && mount --make-private dev
		mknod dev/nvme1n1 b $major $minor && mknod -m 666 dev/null c 1 3 && mknod dev/urandom c 1 9
		ln -s nvme1n1 dev/sdf
		mkdir dev/etc dev/run
		mount --rbind dev /dev
		export LD_LIBRARY_PATH=$work/root/lib/x86_64-linux-gnu:$work/root/usr/lib/x86_64-linux-gnu
		export LVM_SYSTEM_DIR=/dev/etc LVM_SUPPRESS_FD_WARNINGS=1
		lvm() { $work/root/sbin/lvm \"\$@\" --devices /dev/nvme1n1 --config '
			global { locking_dir = \"/dev/run\" } devices { obtain_device_list_from_udev = 0
			external_device_info_source = \"none\" hints = \"none\" } backup { backup = 0 archive = 0 }'; }
		$1"
}
inside 'lvm pvcreate -qq -y /dev/nvme1n1'
said=$(inside 'lvm pvs --noheadings -o pv_name,pv_major,pv_minor' | xargs)
echo "lvm pvs --devices /dev/nvme1n1 -o pv_name,pv_major,pv_minor: $said"
[ "$said" = "/dev/sdf $major $minor" ] || { echo "it is otherwise now"; exit 1; }
