#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# install.sh DESTROOT [BUILD]: puts the stand-in for Lustre into a Debian root tree, from BUILD
# (default build) as the Makefile made it. Runs nothing of that tree.
set -eu

if [ $# -lt 1 ] || [ ! -d "$1" ]; then
	echo "usage: $0 DESTROOT [BUILD]" >&2
	exit 2
fi
root=${1%/}
here=$(dirname "$0")
out=${2:-$here/../../../build}/lustre-sim

install -d "$root/usr/sbin" "$root/usr/bin" "$root/usr/local/sbin" "$root/usr/lib/systemd/system" \
	"$root/etc/modprobe.d" "$root/etc/lustre"
install -m 0755 "$out/lustre-sim" "$out/lustre-sim-client" "$root/usr/sbin/"
for name in mkfs.lustre tunefs.lustre mount.lustre umount.lustre lctl lnetctl lustre_rmmod \
	lustre-simd; do
	ln -sf lustre-sim "$root/usr/sbin/$name"
done
ln -sf ../sbin/lustre-sim "$root/usr/bin/lfs"

# mount(8) looks for its helpers in /sbin, which is a folder of its own where /usr is not merged.
if [ -d "$root/sbin" ] && [ ! -L "$root/sbin" ]; then
	ln -sf ../usr/sbin/lustre-sim "$root/sbin/mount.lustre"
	ln -sf ../usr/sbin/lustre-sim "$root/sbin/umount.lustre"
fi

# Before the machine's own in every PATH that systemd and shells give.
install -m 0755 "$out/files/debugfs" "$root/usr/local/sbin/debugfs"

install -m 0644 "$out/files/modprobe.conf" "$root/etc/modprobe.d/lustre-sim.conf"
install -m 0644 "$out/files/lustre-sim.conf" "$root/etc/lustre-sim.conf"
install -m 0644 "$out/files/lnet.conf" "$root/etc/lnet.conf"
install -m 0644 "$out/files/lustre-simd.service" "$out/files/lnet.service" \
	"$root/usr/lib/systemd/system/"
install -D -m 0644 "$out/files/tmpfiles.conf" "$root/usr/lib/tmpfiles.d/lustre-sim.conf"
install -D -m 0644 "$out/files/lustre-watch.conf" \
	"$root/usr/lib/systemd/system/lustre-watch.service.d/lustre-sim.conf"
