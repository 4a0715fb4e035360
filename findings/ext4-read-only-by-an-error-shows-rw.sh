#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# ext4 says "Remounting filesystem read-only", refuses each write, and is shown as rw.
#
# Linux 6.1.0-57 of Debian 12; by its kernel's source since 6.12-rc1, and in older ones that took the change over (ext4:
# "don't set SB_RDONLY after filesystem errors"; 6.15 shows emergency_ro in its place). With errors=remount-ro an error no
# longer makes the mount ro in /proc/mounts. Whatever looks for "ro" there, as monitoring does, sees a file system that is
# well; Lustre's osd-ldiskfs goes by the same flag of the kernel (SB_RDONLY). errors_count in /sys/fs/ext4 tells.
#
# Boots that kernel, emulated, with busybox and a file system of 16 MiB; the error is the kernel's own test of it
# (trigger_fs_error). Downloads into a folder of its own; needs qemu-system-x86_64, cpio, mke2fs and Debian's archive.
set -euo pipefail

packages=(linux-image-6.1.0-57-amd64=6.1.192-3 busybox-static=1:1.35.0-4+deb12u1+b1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir packages root initrd
(cd packages && apt-get -o APT::Sandbox::User=root download -q "${packages[@]}" >/dev/null)
for package in packages/*.deb; do dpkg -x "$package" root; done
kernel=$(basename root/boot/vmlinuz-*)
release=${kernel#vmlinuz-}

mkdir -p initrd/bin initrd/lib/modules initrd/{proc,sys,dev,mnt}
cp root/bin/busybox initrd/bin/
cp -r "root/lib/modules/$release" initrd/lib/modules/
find initrd/lib/modules -name '*.ko' | grep -vE '/(virtio|ext4|jbd2|mbcache|crc16|crc32c|libcrc32c|crypto)' | xargs rm -f
depmod -b initrd "$release" 2>/dev/null
cat >initrd/init <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc none /proc; mount -t sysfs none /sys; mount -t devtmpfs none /dev
modprobe virtio_pci; modprobe virtio_blk; modprobe crc32c_generic; modprobe ext4
mount -t ext4 -o errors=remount-ro /dev/vda /mnt
echo 1 >/sys/fs/ext4/vda/trigger_fs_error
touch /mnt/file
echo "status: $?"
echo "shown: $(grep ' /mnt ' /proc/mounts | cut -d' ' -f4 | cut -d, -f1)"
echo "errors: $(cat /sys/fs/ext4/vda/errors_count)"
poweroff -f
END
chmod +x initrd/init
(cd initrd && find . | cpio --quiet -o -H newc | gzip -1) >initrd.gz
truncate -s 16M disk
mke2fs -q -t ext4 disk

timeout 300 qemu-system-x86_64 -m 256 -nographic -no-reboot -kernel "root/boot/$kernel" -initrd initrd.gz \
	-append 'console=ttyS0 panic=-1 no_timer_check' -drive file=disk,format=raw,if=virtio </dev/null >console 2>&1
tr -d '\r' <console | grep -E '^(touch|status|shown|errors): |Remounting filesystem'
said=$(tr -d '\r' <console | grep -E '^(status|shown): ' | tr '\n' ' ')
[ "$said" = "status: 1 shown: rw " ] || { echo "it is otherwise now: $said" && exit 1; }
