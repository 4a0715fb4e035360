#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# mke2fs takes -E twice, forgets the first list without a word, and exits 0; two lists of -O add up.
#
# e2fsprogs 1.47.0-2+b2 (Debian 12). Where one place adds a list to the options of another, as a RAID's stride to what a
# site has in use, the file system is made without what came first, and nothing tells. Of -O, beside it, both lists
# count. mkfs.lustre refuses two lists of either by itself ("don't specify multiple -E options").
#
# Installs the packages into a folder of its own; needs Debian's archive.
set -euo pipefail

packages=(e2fsprogs=1.47.0-2+b2 libext2fs2=1.47.0-2+b2 libcom-err2=1.47.0-2+b2 libss2=1.47.0-2+b2)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$work"
mkdir packages root
(cd packages && apt-get -o APT::Sandbox::User=root download -q "${packages[@]}" >/dev/null)
for package in packages/*.deb; do dpkg -x "$package" root; done
export LD_LIBRARY_PATH=$work/root/lib/x86_64-linux-gnu:$work/root/usr/lib/x86_64-linux-gnu
truncate -s 64M disk

# What a format with these options makes: the stride, and which of two features.
make() {
	root/sbin/mke2fs -q -F -t ext4 "$@" disk 2>errors || { echo "rc $?: $(cat errors)" && return; }
	root/sbin/dumpe2fs -h disk 2>errors >shown
	echo "rc 0, stride $(awk '/^RAID stride/ { print $3; n = 1 } END { if (!n) print "none" }' shown)," \
		"features:$(grep -oE ' (has_journal|resize_inode)' shown || echo ' neither')"
}
is() {
	printf '%s: %s\n' "$1" "$3"
	[ "$3" = "$2" ] || { echo "no more: it was $2" >&2 && exit 1; }
}

is 'one list each' 'rc 0, stride 16, features: neither' "$(make -E stride=16,root_owner=5:6 -O ^has_journal,^resize_inode)"
is 'two of -E' 'rc 0, stride none, features: resize_inode' "$(make -E stride=16 -E root_owner=5:6 -O ^has_journal)"
is 'two of -O' 'rc 0, stride 16, features: neither' "$(make -E stride=16 -O ^has_journal -O ^resize_inode)"
