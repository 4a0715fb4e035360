# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # offline tells the root's UUID
#
# The bytes of a disk image: partitions, an EFI system partition with a loader, and the root file system. Everything is
# written at an offset of one plain file, by tools that can do that.

MIB=1048576
ESP_FIRST=1
ESP_MIB=511
ROOT_FIRST=512
# sfdisk has no short name for it.
BIOS_TYPE=21686148-6449-6E6F-744E-656564454649

# Sets LOADER (grub, systemd-boot) and LOADER_FROM. EL's shim and GRUB lie in /boot/efi as packages put them there.
boot_loader_find() {
	local name
	case $(uname -m) in
	x86_64) EFI_NAME=BOOTX64.EFI name=systemd-bootx64.efi ;;
	aarch64) EFI_NAME=BOOTAA64.EFI name=systemd-bootaa64.efi ;;
	*) die "no loader is known for $(uname -m)" ;;
	esac
	LOADER=systemd-boot
	if [ -n "$BOOT_EFI" ]; then
		LOADER_FROM=$BOOT_EFI
	elif [ -f "$ROOT/boot/efi/EFI/BOOT/$EFI_NAME" ]; then
		LOADER=grub LOADER_FROM=$ROOT/boot/efi/EFI
	else
		LOADER_FROM=$ROOT/usr/lib/systemd/boot/efi/$name
	fi
	[ -r "$LOADER_FROM" ] || die "the image has no UEFI loader: install shim and grub2-efi, or systemd-boot, in $ROOT, or name one with --boot-efi"
}

image_write() {
	local image=$1
	ROOT_UUID=$(cat /proc/sys/kernel/random/uuid)
	truncate -s "${GIB}G" "$image"
	printf 'label: gpt\nfirst-lba: 34\nstart=%d, size=%d, type=%s, name=BIOS\nstart=%dMiB, size=%dMiB, type=U, name=EFI\nstart=%dMiB, type=L, name=root\n' \
		"$BIOS_FIRST" "$BIOS_SECTORS" "$BIOS_TYPE" "$ESP_FIRST" "$ESP_MIB" "$ROOT_FIRST" |
		sfdisk --quiet --no-reread --no-tell-kernel "$image"
	esp_write "$image"
	[ -z "$BIOS_FROM" ] || bios_write "$image"
	root_write "$image"
}

esp_write() {
	local image=$1 at
	at=$image@@$((ESP_FIRST * MIB))
	# It warns that the file goes on behind it.
	mkfs.vfat -F 32 -n EFI --offset $((ESP_FIRST * MIB / 512)) "$image" $((ESP_MIB * 1024)) >"$WORK/vfat" 2>&1 || die "$(cat "$WORK/vfat")"
	mcopy -i "$at" "$ROOT/boot/vmlinuz-$KERNEL" ::/vmlinuz
	mcopy -i "$at" "$INITRD" ::/initramfs
	"loader_${LOADER/-/_}" "$at"
	[ -z "$BIOS_FROM" ] || bios_configure "$at"
}

# To be written to by this word alone: no line of fstab has the root, and systemd makes it so by that line.
grub_menu() {
	printf 'set timeout=0\nmenuentry "%s" {\n\tlinux /vmlinuz root=UUID=%s rw %s\n\tinitrd /initramfs\n}\n' "$KERNEL" "$ROOT_UUID" "$APPEND"
}

loader_systemd_boot() {
	mmd -i "$1" ::/EFI ::/EFI/BOOT ::/loader ::/loader/entries
	mcopy -i "$1" "$LOADER_FROM" "::/EFI/BOOT/$EFI_NAME"
	printf 'timeout 0\n' | mcopy -i "$1" - ::/loader/loader.conf
	printf 'title %s\nlinux /vmlinuz\ninitrd /initramfs\noptions root=UUID=%s rw %s\n' "$KERNEL" "$ROOT_UUID" "$APPEND" |
		mcopy -i "$1" - ::/loader/entries/lustre.conf
}

# GRUB looks for its configuration beside itself, in the folder of whoever built it.
loader_grub() {
	local folder
	mcopy -s -i "$1" "$LOADER_FROM" ::/EFI
	grub_menu >"$WORK/grub.cfg"
	for folder in "$LOADER_FROM"/*/; do
		folder=${folder%/}
		mcopy -o -i "$1" "$WORK/grub.cfg" "::/EFI/${folder##*/}/grub.cfg"
	done
}

# What EL 8 knows, whatever this machine's mke2fs.conf has: an image's resize2fs and e2fsck refuse what they do not.
# Inode tables are zeroed here, which costs a hole in the file, and not at the first boot.
mke2fs_conf() {
	printf '[defaults]\nbase_features = sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr\n'
	printf 'default_mntopts = acl,user_xattr\nenable_periodic_fsck = 0\nlazy_itable_init = 0\n'
	printf 'inode_size = 256\ninode_ratio = 16384\n[fs_types]\next4 = {\n'
	printf 'features = has_journal,extent,huge_file,flex_bg,metadata_csum,64bit,dir_nlink,extra_isize\n}\n'
	# Below 512 MiB, it asks what that changes.
	printf 'small = {\n\tinode_ratio = 16384\n}\n'
}

# The last MiB is the partition table's copy.
root_write() {
	local room=$((GIB * 1024 - ROOT_FIRST - 1)) blocks
	blocks=$((room * 256))
	mke2fs_conf >"$WORK/mke2fs.conf"
	MKE2FS_CONFIG=$WORK/mke2fs.conf mke2fs -q -F -t ext4 -b 4096 -L root -U "$ROOT_UUID" -E "offset=$((ROOT_FIRST * MIB))" \
		-d "$ROOT" "$1" "$blocks" ||
		die "the root file system was not made: $(du -sxm -- "$ROOT" | cut -f 1) MiB in $ROOT, and $room MiB for them in an image of $GIB GiB (--size)"
}
