# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# File systems that are mounted among the image's files and are not in the image: homes that a cluster shares, a disk of data, a
# folder of the machine that builds it. What lies there is somebody's, and is not removed with what a builder leaves.

# Where they are mounted.
MOUNTED_ELSEWHERE=()

# On the running system they are left alone. In a root directory `offline` would copy what is there, and nothing tells that it was
# not meant: whoever mounted it unmounts it.
elsewhere_read() {
	local where=root
	! is_running_system || where=system
	mapfile -t MOUNTED_ELSEWHERE < <("elsewhere_of_$where")
	is_running_system || [ "${#MOUNTED_ELSEWHERE[@]}" -eq 0 ] ||
		die "${MOUNTED_ELSEWHERE[0]} is a mount of what is not the image's: unmount it, or what is there would be changed, too"
}

# Number of the file system | type | device | where, one mount a line; but for what the kernel alone has in it.
elsewhere_mounts() {
	local number type source target
	while read -r number type target source; do
		printf -v target '%b' "$target"
		[[ $target =~ ^"$BASE"/(proc|sys|dev)(/|$) || $target == *$'\n'* ]] || printf '%s|%s|%s|%s\n' "$number" "$type" "${source%%[*}" "$target"
	done < <(findmnt -rno MAJ:MIN,FSTYPE,TARGET,SOURCE)
}

# Memory is nobody's, ZFS has no device that could be asked, and what automount waits for is a mount of its own when it comes.
elsewhere_is_local() {
	case $1 in
	tmpfs | ramfs | overlay | zfs | autofs) return 0 ;;
	*) return 1 ;;
	esac
}

elsewhere_of_system() {
	local type source target disks
	disks=$(disks_under "$(findmnt -nro SOURCE --target /)")
	while IFS='|' read -r _ type source target; do
		if elsewhere_is_local "$type" || [[ $target == / || $target == /run/* ]]; then
			continue
		elif [ ! -b "$source" ]; then
			printf '%s\n' "$target"
		elif [ -n "$disks" ] && [ -n "$(comm -23 <(disks_under "$source") - <<<"$disks")" ]; then
			printf '%s\n' "$target"
		fi
	done < <(elsewhere_mounts)
}

# The partitions of an image that is mounted are its own; what is mounted on this machine, too, is this machine's.
elsewhere_of_root() {
	local number type source target
	local -A here=()
	while IFS='|' read -r number _ _ target; do
		[[ $target/ == "$ROOT"/* ]] || here[$number]=yes
	done < <(elsewhere_mounts)
	while IFS='|' read -r number type source target; do
		if [[ $target == "$ROOT"/* ]] && { [ -n "${here[$number]:-}" ] || { ! elsewhere_is_local "$type" && [ ! -b "$source" ]; }; }; then
			printf '%s\n' "$target"
		fi
	done < <(elsewhere_mounts)
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
