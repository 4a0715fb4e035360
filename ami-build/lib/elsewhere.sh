# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# File systems that are mounted among the image's files and are not on its disks: homes that a cluster shares, a disk of data, a
# folder of the machine that builds it. What lies there is somebody's, and is not removed with what a builder leaves.

# Where they are mounted.
MOUNTED_ELSEWHERE=()

# On the running system they are left alone. In a root directory `offline` would copy what is there, and nothing tells that it was
# not meant: whoever mounted it unmounts it.
elsewhere_read() {
	local where=root mounted
	! is_running_system || where=system
	mounted=$("elsewhere_of_$where") || die 'findmnt does not tell what is mounted here'
	[ -z "$mounted" ] || mapfile -t MOUNTED_ELSEWHERE <<<"$mounted"
	is_running_system || [ "${#MOUNTED_ELSEWHERE[@]}" -eq 0 ] ||
		die "${MOUNTED_ELSEWHERE[0]} is a mount of what is not the image's: unmount it, or what is there would be changed, too"
}

# Number of the file system | type | device | where, one mount a line; but for what the kernel alone has in it.
elsewhere_mounts() {
	local number type source target
	findmnt -rno MAJ:MIN,FSTYPE,TARGET,SOURCE | while read -r number type target source; do
		printf -v target '%b' "$target"
		[[ $target =~ ^"$BASE"/(proc|sys|dev)(/|$) || $target == *$'\n'* ]] || printf '%s|%s|%s|%s\n' "$number" "$type" "${source%%[*}" "$target"
	done
}

# elsewhere_is_local TYPE WHERE. Memory is nobody's, and ZFS has no device that could be asked. What automount waits for is mounted
# when somebody looks, as who removes does: but for the partitions of a boot loader that is a server's.
elsewhere_is_local() {
	case $1:$2 in
	tmpfs:* | ramfs:* | overlay:* | zfs:* | autofs:/boot | autofs:/boot/* | autofs:/efi) return 0 ;;
	*) return 1 ;;
	esac
}

elsewhere_of_system() {
	local type source target disks mounts
	# Of a root that is on no block device (overlay, ZFS) or no mount at all (chroot) no disk is known; what is on none is a server's
	# all the same.
	source=$(findmnt -nro SOURCE --target /) || source=
	mounts=$(elsewhere_mounts) || return 1
	[ -n "$mounts" ] || return 0
	disks=$(disks_under "${source%%[*}") || disks=
	while IFS='|' read -r _ type source target; do
		if elsewhere_is_local "$type" "$target" || [[ $target == / || $target == /run/* ]]; then
			continue
		elif [ ! -b "$source" ]; then
			printf '%s\n' "$target"
		elif [ -n "$disks" ] && [ -n "$(comm -23 <(disks_under "$source") - <<<"$disks")" ]; then
			printf '%s\n' "$target"
		fi
	done <<<"$mounts"
}

# The partitions of an image that is mounted are its own; what is mounted on this machine, too, is this machine's.
elsewhere_of_root() {
	local number type source target mounts
	local -A here=()
	mounts=$(elsewhere_mounts) || return 1
	[ -n "$mounts" ] || return 0
	while IFS='|' read -r number _ _ target; do
		[[ $target/ == "$ROOT"/* ]] || here[$number]=yes
	done <<<"$mounts"
	while IFS='|' read -r number type source target; do
		if [[ $target == "$ROOT"/* ]] && { [ -n "${here[$number]:-}" ] || { ! elsewhere_is_local "$type" "${target#"$ROOT"}" && [ ! -b "$source" ]; }; }; then
			printf '%s\n' "$target"
		fi
	done <<<"$mounts"
}

# is_elsewhere PATH
is_elsewhere() {
	local path mount
	[ "${#MOUNTED_ELSEWHERE[@]}" -gt 0 ] || return 1
	path=$(realpath -m -- "${1%/*}")/${1##*/}/
	for mount in "${MOUNTED_ELSEWHERE[@]}"; do
		[[ $path != "$mount"/* ]] || return 0
	done
	return 1
}
