# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# GRUB for a BIOS, as instances on Xen (i3, d2, h1) and every older image boot: its first sector beside the partition table, the
# rest in a partition of its own, where it finds the rest of it and its configuration on the EFI system partition. What
# grub-install does on a device, written into a file: nothing is mounted, no device is touched.

# In sectors: from behind the partition table to the EFI system partition.
BIOS_FIRST=40
BIOS_SECTORS=2008

# Sets BIOS_FROM to the folder of GRUB's modules, of the image or of this machine, or to nothing; and BIOS_MAKE.
boot_bios_find() {
	local folder tool
	BIOS_FROM='' BIOS_MAKE=''
	[ "$(uname -m)" = x86_64 ] || return 0
	for tool in grub-mkimage grub2-mkimage; do
		[ -n "$BIOS_MAKE" ] || BIOS_MAKE=$(command -v "$tool" || :)
	done
	[ -n "$BIOS_MAKE" ] || return 0
	for folder in "$ROOT/usr/lib/grub/i386-pc" /usr/lib/grub/i386-pc; do
		if [ -n "$BOOT_BIOS" ]; then
			folder=$BOOT_BIOS
		fi
		if [ -r "$folder/boot.img" ] && [ -r "$folder/diskboot.img" ] && [ -r "$folder/kernel.img" ]; then
			BIOS_FROM=$folder
			return 0
		fi
	done
	[ -z "$BOOT_BIOS" ] || die "$BOOT_BIOS has no boot.img, diskboot.img and kernel.img of GRUB (--boot-bios)"
}

# little_endian NUMBER: 8 bytes of it, for printf.
little_endian() {
	local number=$1 byte
	for byte in 0 1 2 3 4 5 6 7; do
		printf '\\x%02x' $(((number >> (8 * byte)) & 255))
	done
}

# poke FILE OFFSET ESCAPES
poke() {
	# shellcheck disable=SC2059 # they are escapes
	printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# Where the next sector is stands in the first one at 0x5c, and in the second at 0x1f4 (grub's boot.S and diskboot.S). At 0x66 is
# a jump over what corrects a drive number that a BIOS got wrong; grub-install takes it out for hard disks.
bios_write() {
	local image=$1 core=$WORK/core.img boot=$WORK/boot.img
	"$BIOS_MAKE" -O i386-pc -d "$BIOS_FROM" -p '(,gpt2)/grub' -o "$core" biosdisk part_gpt fat normal linux serial
	[ "$(stat -c %s "$core")" -le $((BIOS_SECTORS * 512)) ] || die "GRUB of $BIOS_FROM is larger than its partition"
	head -c 440 "$BIOS_FROM/boot.img" >"$boot"
	poke "$boot" $((0x5c)) "$(little_endian "$BIOS_FIRST")"
	poke "$boot" $((0x66)) '\x90\x90'
	poke "$core" $((0x1f4)) "$(little_endian $((BIOS_FIRST + 1)))"
	dd if="$boot" of="$image" bs=1 conv=notrunc status=none
	dd if="$core" of="$image" bs=512 seek="$BIOS_FIRST" conv=notrunc status=none
}

# bios_configure AT: behind the loader of UEFI, on the same file system.
bios_configure() {
	mmd -i "$1" ::/grub
	grub_menu | mcopy -i "$1" - ::/grub/grub.cfg
}
