# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# How the boot loader is told which kernel boots, and what it was told.

GRUB_SET=etc/default/grub.d/99-lustre-init.cfg
GRUB_MENU=boot/grub/grub.cfg

# grubby writes what each generation of EL's boot loaders reads.
grubby_boots_it() {
	[ "$(in_root grubby --default-kernel 2>>"$LOG")" = "/boot/vmlinuz-$KERNEL" ]
}

grubby_boot_it() {
	in_root grubby --set-default "/boot/vmlinuz-$KERNEL"
}

# EL's menu that boots an entry by its number, mostly the newest, whatever grubby saves: so GRUB_DEFAULT=0 makes it. Or nothing.
grub_numbered() {
	local file
	for file in "$BASE"/boot/grub2/grub.cfg "$BASE"/boot/efi/EFI/*/grub.cfg; do
		if [ -f "$file" ] && stays_inside "$file" && ! grep -q 'default=.*saved_entry' "$file" &&
			grep -qE '^[[:space:]]*set default="?[0-9]+"?[[:space:]]*$' "$file"; then
			printf '%s' "${file#"$BASE"}"
			return 0
		fi
	done
}

# Debian's menu is made anew with every kernel; the choice is made of it each time.
grub_boots_it() {
	local entry
	entry=$(grub_entry "$KERNEL")
	[ -n "$entry" ] && [ "$(grub_default)" = "$entry" ]
}

grub_boot_it() {
	local entry
	in_root update-grub
	entry=$(grub_entry "$KERNEL")
	if [ -z "$entry" ]; then
		printf "GRUB's menu has no kernel %s\n" "$KERNEL"
		return 1
	fi
	put_text "$BASE/$GRUB_SET" 0644 "GRUB_DEFAULT=\"$entry\""
	in_root update-grub
	grub_boots_it
}

# The entry of a kernel in GRUB's menu, by its id behind that of the submenu that it is in.
grub_entry() {
	[ -r "$BASE/$GRUB_MENU" ] || return 0
	awk -v begin="gnulinux-$1-advanced-" '
		{ id = match($0, /menuentry_id_option [\047"][^\047"]+/) ? substr($0, RSTART + 21, RLENGTH - 21) : "" }
		/^submenu / { above = id ">" }
		/^}/ { above = "" }
		/^[ \t]*menuentry / && index(id, begin) == 1 { print above id; exit }' "$BASE/$GRUB_MENU"
}

# What it boots, unless it is told otherwise for once; by number, or by nothing, the newest.
grub_default() {
	sed -nE 's/^[[:space:]]*set default="([^"$]*)"$/\1/p' "$BASE/$GRUB_MENU" 2>/dev/null | tail -n 1
}
