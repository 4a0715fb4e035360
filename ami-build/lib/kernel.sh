# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Which kernel the image boots: the one that Lustre's modules are for, and no other. Modules of Lustre for another
# kernel are no modules at all, and the newest kernel of a distribution is nearly always another.

# The oldest first, as the boot loader has it: EL's as rpm, to which 553.16.1.el8 is newer than 553.el8, Debian's as sort. Numbers
# are more than letters to rpm, and what is between them is nothing.
kernels_by_age() {
	if [ "$FAMILY" = apt ]; then
		sort -Vu
	else
		sort -u | sed -E 'h; s/[^A-Za-z0-9~]+/./g; s/([0-9])([A-Za-z])/\1.\2/g; s/([A-Za-z])([0-9])/\1.\2/g
			s/(^|\.)([A-Za-z])/\1~\2/g; G; s/\n/ /' | sort -V -k 1,1 | cut -d ' ' -f 2
	fi
}

# Kernels in the image, one a line: with modules, and a kernel in /boot or among them.
kernels_there() {
	local folder version
	for folder in "$BASE"/lib/modules/*/; do
		version=${folder%/} version=${version##*/}
		if [ -e "$BASE/boot/vmlinuz-$version" ] || [ -e "${folder}vmlinuz" ]; then
			printf '%s\n' "$version"
		fi
	done | kernels_by_age
}

# What lies in /boot, one a line; EL's rescue kernel is never the default.
kernels_in_boot() {
	local file
	for file in "$BASE"/boot/vmlinuz-*; do
		case $file in
		*/vmlinuz-'*' | */vmlinuz-0-rescue-*) ;;
		*) printf '%s\n' "${file##*/vmlinuz-}" ;;
		esac
	done
}

# module_there KERNEL NAME: the module's file, or nothing. EL's weak-modules links modules that are another kernel's into each that
# is like it: those go with the other.
module_there() {
	find "$BASE/lib/modules/$1/" -name weak-updates -prune -o -name "$2.ko*" -print -quit 2>/dev/null
}

# module_known KERNEL NAME: whether modprobe would find it.
module_known() {
	grep -qsE "(^|/)$2\.ko(\.[a-z]+)?:" "$BASE/lib/modules/$1/modules.dep"
}

# What the packages' scriptlets do, where they were run: rpm leaves them out in a chroot that it does not like.
kernel_modules_known() {
	[ -n "$(module_there "$KERNEL" lustre)" ] && ! module_known "$KERNEL" lustre || return 0
	if root_has depmod; then
		act "modprobe knows Lustre's modules" in_root depmod "$KERNEL"
	else
		act "modprobe knows Lustre's modules" depmod -b "$ROOT" "$KERNEL"
	fi
}

# Likewise of the kernel's own: in /boot there is nothing of it, then.
kernel_in_boot() {
	local image=/lib/modules/$KERNEL/vmlinuz
	if [ "$FAMILY" = dnf ] && [ -e "$BASE$image" ] && [ ! -s "$BASE/boot/initramfs-$KERNEL.img" ] && root_has kernel-install; then
		act "kernel $KERNEL is in /boot, with its initramfs" in_root kernel-install add "$KERNEL" "$image"
	fi
}

# Sets KERNEL, from what is asked and what the modules are for.
kernel_choose() {
	local -a found
	if [ "$LUSTRE_PRESENT" = yes ] || [ "$SYSTEM" = amzn2023 ]; then
		mapfile -t found < <(kernels_with_lustre)
	elif [ "$FAMILY" = dnf ]; then
		mapfile -t found < <(dnf_kernels_of "$(wanted_package "$(modules_package)")")
	else
		[ -n "$(deb_installed 'lustre-client-modules-*')" ] || apt_lists
		mapfile -t found < <(apt_kernels)
	fi
	kernel_settle "${found[@]}"
}

kernels_with_lustre() {
	local kernel
	while read -r kernel; do
		if [ "$NO_MODULES" = yes ] || [ -n "$(module_there "$kernel" lustre)" ]; then
			printf '%s\n' "$kernel"
		fi
	done < <(kernels_there)
}

kernel_settle() {
	local kernel
	if [ -z "${1:-}" ] && [ "$DRY_RUN:$FAMILY" = yes:apt ]; then
		[ -n "$KERNEL" ] || die "which kernel that is, apt's lists would tell, and --dry-run fetches none; name it by --kernel"
		return 0
	fi
	[ -n "${1:-}" ] || die_of_log "no kernel modules of Lustre are to be had for this image (--lustre-repo, --lustre-version)"
	if [ -z "$KERNEL" ]; then
		KERNEL=${*: -1}
		return 0
	fi
	for kernel; do
		[ "$kernel" != "$KERNEL" ] || return 0
	done
	[ "$FAMILY:$LUSTRE_PRESENT" != apt:no ] || ! apt_dropped "$KERNEL" ||
		die "kernel $KERNEL, for which there are modules of Lustre, is in no repository (--kernel); what can be had is $*"
	die "Lustre's modules are for kernel $*, not for $KERNEL (--kernel)"
}

kernel_install() {
	if [ -n "$(find "$BASE/lib/modules/$KERNEL" -maxdepth 0 2>/dev/null)" ] && grep -qxF -- "$KERNEL" < <(kernels_there); then
		is "kernel $KERNEL"
	elif [ "$FAMILY" = dnf ]; then
		[ -n "$(dnf_root repoquery "kernel-$KERNEL" 2>>"$LOG")" ] ||
			die_of_log "kernel $KERNEL, which Lustre's modules are for, is in no repository; where older ones are kept: --kernel-repo URL"
		act "kernel $KERNEL" dnf_install "kernel-$KERNEL"
	else
		apt_install "kernel $KERNEL" "linux-image-$KERNEL"
	fi
}

# Whether the kernel that runs this very build is another: it cannot go, and is only not booted.
kernel_stays() {
	is_running_system && [ "$(uname -r)" != "$KERNEL" ] && grep -qxF -- "$(uname -r)" < <(kernels_there)
}

# Where nothing here can tell the boot loader so, the newest boots.
kernel_default_possible() {
	local runs
	kernel_stays || return 0
	runs=$(uname -r)
	if [ "$(printf '%s\n' "$KERNEL" "$runs" | kernels_by_age | tail -n 1)" = "$KERNEL" ] || root_has update-grub; then
		return 0
	elif root_has grubby && [ -z "$(grub_numbered)" ]; then
		return 0
	fi
	die "kernel $runs runs here, and would boot instead of $KERNEL: reboot into kernel $KERNEL first, or provision a root directory (--root)"
}

# A newer kernel would be booted, without Lustre. The one that is kept has to have it.
kernel_remove_others() {
	local kernel
	[ "$NO_MODULES" = yes ] || [ "$DRY_RUN" = yes ] || [ -n "$(module_there "$KERNEL" lustre)" ] ||
		die "kernel $KERNEL has no modules of Lustre; no other kernel is removed"
	while read -r kernel; do
		[ "$kernel" != "$KERNEL" ] || continue
		if kernel_stays && [ "$kernel" = "$(uname -r)" ]; then
			note "kernel $kernel runs here and stays; $KERNEL is what boots"
		else
			act "kernel $kernel, which has no Lustre, removed" "${FAMILY}_remove_kernel" "$kernel"
		fi
	done < <(kernels_there)
}

# Where there is one kernel there is no choice.
kernel_default() {
	local by
	if root_has grubby; then
		by=grubby
	elif kernel_stays && root_has update-grub; then
		by=grub
	else
		return 0
	fi
	if "${by}_boots_it"; then
		is "kernel $KERNEL boots"
	else
		act "kernel $KERNEL boots" "${by}_boot_it"
	fi
}
