# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Who else decides over disks at boot: fstab and units that mount, and cloud-init's settings. An instance-store disk that one of
# them takes is refused by the agent, and one that an instance lacks is waited for, or stops the boot.

# What is to be mounted or swapped to: file in the image | device | where | options, one a line.
mounts_told() {
	local file
	[ ! -r "$BASE/etc/fstab" ] || ! stays_inside "$BASE/etc/fstab" ||
		awk '!/^[ \t]*#/ && NF >= 2 { print "/etc/fstab|" $1 "|" $2 "|" $4 }' "$BASE/etc/fstab"
	for file in "$BASE"/etc/systemd/system/*.{mount,swap}; do
		[ ! -f "$file" ] || ! stays_inside "$file" ||
			awk -v name="${file#"$BASE"}" 'sub(/^What[ \t]*=[ \t]*/, "") { print name "|" $1 "||" }' "$file"
	done
}

# cloud-init writes these lines anew at each boot, for the disks that it finds there.
mounts_forget() {
	local file=$BASE/etc/fstab
	if ! grep -qs 'comment=cloudconfig' "$file" || ! stays_inside "$file"; then
		return 0
	fi
	act "fstab has nothing of cloud-init's for this machine" sed -i '/^[^#]*comment=cloudconfig/d' "$file"
}

# What is wrong with one of them, or nothing.
mount_told_wrong() {
	local device=$1 where=$2 options=$3
	case ,$options, in
	*,comment=cloudconfig,* | *,x-systemd.requires=cloud-init*)
		printf 'was written by cloud-init, for the builder'
		return 0
		;;
	esac
	case $where:$device in
	/:* | /boot:* | /boot/efi:* | /efi:*) ;;
	*:/dev/nvme* | *:/dev/xvd* | *:/dev/sd* | *:/dev/vd* | *:/dev/disk/by-id/* | *:/dev/disk/by-path/* | *:ephemeral[0-9]*)
		printf 'is another disk on an instance, or none'
		;;
	*) ! is_running_system || mount_told_elsewhere "$device" ;;
	esac
}

# Here, where the devices are: one that is not of the root's disk is not in the image.
mount_told_elsewhere() {
	local device
	case $1 in
	*=* | /dev/*) ;;
	*) return 0 ;;
	esac
	device=$(findfs "$1" 2>/dev/null || printf '%s' "$1")
	if [ ! -b "$device" ]; then
		printf 'is not here'
	elif [ -n "$(comm -23 <(disks_under "$device") <(disks_under "$(findmnt -nro SOURCE --target /)"))" ]; then
		printf "is not on the root's disk, and so not in the image"
	fi
}

disks_under() {
	lsblk -nrso NAME,TYPE -- "$1" 2>/dev/null | awk '$2 == "disk" { print $1 }' | sort -u
}

# What stands under a key of a file of cloud-init's, as text.
cloud_setting() {
	awk -v key="$1:" 'index($0, key) == 1 { inside = 1; print; next } /^[^ \t#-]/ { inside = 0 } inside && !/^[ \t]*#/' "$2"
}

# Of cloud-init's files those that would give an instance-store disk away, and by which key. What comes before our drop-in is
# overruled by it, but for disk_setup, which it leaves alone.
cloud_takes_disks() {
	local file name text
	for file in "$BASE"/etc/cloud/cloud.cfg "$BASE"/etc/cloud/cloud.cfg.d/*.cfg; do
		if [ ! -f "$file" ] || ! stays_inside "$file"; then
			continue
		fi
		name=${file##*/}
		text=$(cloud_setting disk_setup "$file")
		[[ ! $text =~ ephemeral[0-9]|/dev/(nvme|xvd|sd) ]] || printf '%s: disk_setup\n' "$name"
		if [ "$name" = cloud.cfg ] || [[ $name < 95_lustre-init.cfg || $name == 95_lustre-init.cfg ]]; then
			continue
		fi
		text=$(cloud_setting fs_setup "$file")
		[[ ! $text =~ ephemeral[0-9]|/dev/(nvme|xvd|sd) ]] || printf '%s: fs_setup\n' "$name"
		# Without a place it says that nothing is to be mounted; places are no devices.
		text=$(cloud_setting mounts "$file" | sed 's,/dev/,,g')
		[[ ! $text =~ (ephemeral[0-9]|nvme|xvd|sd[a-z]) || $text != */* ]] || printf '%s: mounts\n' "$name"
	done
}
