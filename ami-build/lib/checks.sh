# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What must be true of an image before it is published, one function each. A check says what is wrong by `problem`,
# as often as it likes, or why it does not apply by `passed_over`; one that says nothing has passed.

# Name | where (image: at rest; both: also on an instance of it; booted: only there) | what it holds. The rows of
# left_behind are checks too.
checks() {
	cat <<'END'
kernel|both|the image has the kernel that was asked for, and what boots it
boots|image|that kernel is the one that boots
initramfs|image|the initramfs has the driver of the disks that EC2 boots from
modules|both|Lustre's modules are there, for that kernel
pin|both|updates leave the kernel and Lustre alone
tools|both|Lustre's tools are there
packages|both|Lustre's packages are of one release, and of one kind
e2fsprogs|both|a server's e2fsprogs are Lustre's own
lvm|both|LVM knows what the agent asks of it
agent|both|the agent runs in the image
unit|both|the agent starts at boot, and what watches after it
cloud-init|both|cloud-init leaves instance-store disks and our documents to the agent
selinux|both|SELinux is decided, and files have labels
firewall|both|a host firewall lets port 988 in
network|image|something brings the network up, on any instance
mounts|image|nothing waits for a disk of the builder's, or takes one of an instance
host-keys|image|no SSH keys of a host
machine-id|image|no machine's id, seeds or names
cloud-instance|image|no instance of cloud-init
history|image|no shell history
authorized-keys|image|nobody's keys or credentials
leases|image|no leases, and no names for the builder's interfaces
lvm-devices|image|no list of the builder's disks
lustre-state|image|lustre-init remembers no node
logs|image|no logs of the build
caches|image|no fetched packages
temporary|image|no temporary files
running|booted|the kernel that runs is the one with Lustre's modules
answer|booted|the agent says how this node stands
END
}

problem() {
	printf 'problem %s\n' "$*"
}

passed_over() {
	printf 'skip %s\n' "$*"
}

# The kernel meant: asked for, running, or the only one there.
kernel_meant() {
	if [ -n "$KERNEL" ]; then
		printf '%s' "$KERNEL"
	elif [ "$BOOTED" = yes ]; then
		uname -r
	else
		kernels_with_lustre | tail -n 1
	fi
}

check_kernel() {
	local kernel
	kernel=$(kernel_meant)
	if [ -z "$kernel" ]; then
		problem "no kernel in $ROOT has modules of Lustre"
		return 0
	fi
	grep -qxF -- "$kernel" < <(kernels_there) || problem "kernel $kernel is not there"
	[ -e "$BASE/lib/modules/$kernel/modules.dep" ] || problem "kernel $kernel has no modules.dep: run depmod $kernel"
	[ -s "$BASE/boot/initramfs-$kernel.img" ] || [ -s "$BASE/boot/initrd.img-$kernel" ] ||
		problem "kernel $kernel has no initramfs in /boot"
}

# The saved entry of GRUB, as grubby leaves it, or what Debian's menu has; without one, the newest boots.
check_boots() {
	local kernel saved default newest
	kernel=$(kernel_meant)
	newest=$(kernels_there | tail -n 1)
	saved=$(sed -n 's/^saved_entry=//p' "$BASE/boot/grub2/grubenv" 2>/dev/null | head -n 1)
	default=$(grub_default)
	if [ -z "$newest" ]; then
		problem 'no kernel is there'
	elif [ "$(kernels_there | wc -l)" -gt 1 ] && [ -n "$saved" ]; then
		[[ $saved == *"-$kernel" ]] || problem "GRUB boots $saved, not kernel $kernel"
		# An entry that is not there is none, and then the newest boots.
		! entries_there || [ -e "$BASE/boot/loader/entries/$saved.conf" ] || problem "GRUB is to boot $saved, and has no such entry"
		[ "$newest" = "$kernel" ] || [ -z "$(grub_numbered)" ] || problem "$(grub_numbered) boots an entry by its number, whatever is saved"
	elif [ "$(kernels_there | wc -l)" -gt 1 ] && [[ $default == *gnulinux-* ]]; then
		[ "$default" = "$(grub_entry "$kernel")" ] || problem "GRUB boots $default, not kernel $kernel"
	elif [ "$newest" != "$kernel" ]; then
		problem "kernel $newest is newer than $kernel, and boots"
	fi
	check_boots_whole "$kernel"
}

entries_there() {
	compgen -G "$BASE/boot/loader/entries/*.conf" >/dev/null
}

# Whatever is in /boot is in the boot loader's menu, or will be: of a kernel without modules or initramfs it makes a node that
# does not come up.
check_boots_whole() {
	local version
	while read -r version; do
		if [ "$version" = "$1" ]; then
			continue
		elif [ ! -e "$BASE/lib/modules/$version/modules.dep" ]; then
			problem "/boot/vmlinuz-$version has no modules, and may boot: remove it"
		elif [ ! -s "$BASE/boot/initramfs-$version.img" ] && [ ! -s "$BASE/boot/initrd.img-$version" ]; then
			problem "/boot/vmlinuz-$version has no initramfs, and may boot: remove it"
		fi
	done < <(kernels_in_boot)
}

# What a kernel does not have in itself, as dracut leaves it out that was asked for the host alone, in a root directory or on Xen.
check_initramfs() {
	local kernel file found by said status=0
	kernel=$(kernel_meant)
	! grep -qs '/nvme\.ko' "$BASE/lib/modules/$kernel/modules.builtin" || return 0
	for by in lsinitrd lsinitramfs; do
		! root_has "$by" || break
		by=
	done
	for file in "/boot/initramfs-$kernel.img" "/boot/initrd.img-$kernel"; do
		[ ! -s "$BASE$file" ] || found=$file
	done
	if [ -z "$by" ]; then
		passed_over 'nothing in the image can look into an initramfs'
	elif [ -z "${found:-}" ]; then
		problem "kernel $kernel has no initramfs in /boot"
	else
		said=$(initramfs_listed "$by" "$found" 2>&1) || status=$?
		if grep -qE '/nvme\.ko(\.|$)' <<<"$said"; then
			return 0
		elif [ "$status" -ne 0 ]; then
			said=${said##*$'\n'}
			problem "$found could not be looked at: ${said:-$by ended with $status}"
		else
			problem "$found has no module nvme: an instance would not find its root"
		fi
	fi
}

# initramfs_listed TOOL FILE: what it unpacks for that is not in the image, whose /run is then a file system of its own.
initramfs_listed() {
	if is_running_system; then
		in_root "$@"
	else
		# shellcheck disable=SC2016 # for another shell
		in_root sh -c 'TMPDIR=/run exec "$0" "$@"' "$@"
	fi
}

modules_wanted() {
	printf '%s\n' lnet ksocklnd lustre
	[ "$KIND" = client ] || printf '%s\n' ldiskfs osd_ldiskfs mgs mdt ost
}

check_modules() {
	local kernel name file
	local -a files=()
	if [ "$NO_MODULES" = yes ]; then
		passed_over 'this Lustre has none'
		return 0
	fi
	kernel=$(kernel_meant)
	while read -r name; do
		file=$(module_there "$kernel" "$name")
		if [ -n "$file" ]; then
			files+=("$file")
			module_known "$kernel" "$name" || problem "modules.dep does not know $name, so modprobe does not: run depmod $kernel"
		else
			problem "kernel $kernel has no module $name"
		fi
	done < <(modules_wanted)
	[ "${#files[@]}" -eq 0 ] || check_built_for "$kernel" "${files[@]}"
}

# A kernel loads what was built for it, whatever the folder is called: each module says so itself.
check_built_for() {
	local kernel=$1 file magic
	shift
	for file; do
		magic=$(module_magic "$file")
		[ "${magic%% *}" = "$kernel" ] || problem "${file#"$BASE"} is for kernel ${magic%% *}, not for $kernel"
	done
}

module_magic() {
	if root_has modinfo; then
		in_root modinfo -F vermagic "${1#"$BASE"}"
	else
		modinfo -F vermagic "$1"
	fi
}

check_pin() {
	local package missing repository
	while read -r repository; do
		problem "updates ask Lustre's repository: $repository is enabled"
	done < <("${FAMILY}_repositories_enabled")
	if [ "$FAMILY" = dnf ]; then
		missing=$(pin_missing | tr '\n' ' ')
		[ -z "$missing" ] || problem "dnf.conf does not exclude ${missing% }"
		return 0
	fi
	while read -r package; do
		problem "apt does not hold $package"
	done < <(comm -23 <(pin_apt_packages | sort -u) <(deb_held | sort -u))
}

check_tools() {
	local tool
	for tool in mount.lustre lctl lnetctl lfs; do
		root_has "$tool" || problem "$tool is not there"
	done
	if [ "$KIND" = server ]; then
		for tool in mkfs.lustre tunefs.lustre; do
			root_has "$tool" || problem "$tool is not there"
		done
	fi
}

release_of() {
	printf '%s' "${1%%[-_~+]*}"
}

check_packages() {
	local package version first=
	if [ "$LUSTRE_PRESENT" = yes ]; then
		passed_over 'Lustre was brought otherwise'
		return 0
	fi
	while read -r package; do
		version=$(package_version "$package")
		if [ -z "$version" ]; then
			problem "$package is not installed"
			continue
		fi
		first=${first:-$version}
		[ "$(release_of "$version")" = "$(release_of "$first")" ] || problem "$package is of release $version beside $first"
		[ -z "$LUSTRE_VERSION" ] || [ "$(release_of "$version")" = "$LUSTRE_VERSION" ] ||
			problem "$package is $version, not $LUSTRE_VERSION"
	done < <(KERNEL=$(kernel_meant) lustre_packages)
	check_other_kind
}

check_other_kind() {
	local package
	while read -r package; do
		problem "$package is installed in the image of a $KIND"
	done < <(other_kind_there)
}

check_e2fsprogs() {
	local version
	if [ "$KIND" = client ] || [ "$LUSTRE_PRESENT" = yes ]; then
		passed_over 'nothing here makes an MDT, or Lustre was brought otherwise'
		return 0
	fi
	version=$(rpm_version e2fsprogs)
	[[ $version == *wc* ]] || problem "e2fsprogs ${version:-is not installed} is not Lustre's: it cannot make an MDT"
}

# --devicesfile and --setautoactivation came with 2.03.12; EL 8.10 has 2.03.14.
check_lvm() {
	local version
	[ "$KIND" = server ] || return 0
	version=$(package_version lvm2)
	version=${version#*:}
	if ! root_has lvm; then
		problem 'lvm2 is not installed'
	elif [ -n "$version" ] && [ "$(printf '%s\n' 2.03.12 "${version%%[-_~+]*}" | sort -V | head -n 1)" != 2.03.12 ]; then
		problem "lvm2 $version is older than 2.03.12"
	fi
}

check_agent() {
	local said
	if ! root_has lustre-init; then
		problem 'lustre-init is not installed'
	elif ! said=$(in_root lustre-init --version 2>&1); then
		problem "lustre-init --version: ${said##*$'\n'}"
	fi
	check_documents
}

# One that is wrong, or that has nearly the name of one, is refused by every instance.
check_documents() {
	local path name said
	for path in "$BASE"/etc/lustre-init/conf.d/*; do
		name=${path##*/}
		if [[ $name == *.yaml || $name == *.json ]]; then
			said=$(document_told "/etc/lustre-init/conf.d/$name" 2>&1) || problem "$name: ${said%%$'\n'*}"
		elif [[ ${name,,} =~ \.(ya?ml|json|conf)$ ]]; then
			problem "$name: the name of a document in conf.d ends in .yaml or .json"
		fi
	done
}

check_unit() {
	local unit
	for unit in $(agent_units); do
		unit_there "$unit" || problem "$unit is not there"
		unit_enabled "$unit" "$AGENT_TARGET" || problem "$unit is not enabled for $AGENT_TARGET: systemctl enable $unit"
		! unit_masked "$unit" || problem "$unit is masked"
	done
}

check_cloud-init() {
	local file
	if ! root_has cloud-init; then
		passed_over 'no cloud-init in the image'
		return 0
	fi
	[ -e "$BASE/etc/cloud/cloud.cfg.d/95_lustre-init.cfg" ] || problem 'cloud.cfg.d has no 95_lustre-init.cfg: cloud-init may format or mount the disks'
	[ -e "$BASE/usr/lib/tmpfiles.d/lustre-init.conf" ] || problem 'tmpfiles.d has no lustre-init.conf: cloud-init warns of our documents'
	while read -r file; do
		problem "cloud-init would take an instance-store disk ($file)"
	done < <(cloud_takes_disks)
}

check_selinux() {
	local now
	now=$(selinux_mode)
	if [ -z "$now" ]; then
		[ "$SELINUX" = keep ] || problem "no SELinux in the image, asked for $SELINUX"
		return 0
	fi
	[ "$SELINUX" = keep ] || [ "$SELINUX" = "$now" ] || problem "SELinux is $now, asked for $SELINUX"
	check_selinux_at_boot "$now"
	if [ "$now" != disabled ] && [ ! -e "$BASE/.autorelabel" ] && ! has_label "$BASE/usr/sbin/lustre-init"; then
		problem 'files have no SELinux label, and none are made at the first boot: /.autorelabel'
	fi
}

# The kernel is told before it reads any configuration.
check_selinux_at_boot() {
	local file
	[ "$1" != disabled ] || return 0
	while read -r file; do
		problem "SELinux is $1, and $file switches it off: selinux=0"
	done < <(command_line_has selinux 0)
	[ "$1" = enforcing ] || return 0
	while read -r file; do
		problem "SELinux is enforcing, and $file makes it permissive: enforcing=0"
	done < <(command_line_has enforcing 0)
}

check_firewall() {
	local file
	[ "$FIREWALL" = open ] || return 0
	! unit_enabled firewalld.service || in_root firewall-offline-cmd --query-port=988/tcp >/dev/null 2>&1 ||
		problem 'firewalld does not let port 988/tcp in'
	! unit_enabled ufw.service || ufw_lets_in || problem 'ufw does not let port 988/tcp in'
	while read -r file; do
		problem "$file drops or rejects, and nothing there names port 988 (where it is let in all the same: --firewall keep)"
	done < <(firewall_shut)
}

# rpm leaves out what presets enable, with its scriptlets, in a chroot that it does not like; nor are they applied at a boot, where
# the machine's id is an empty file.
network_starts() {
	local name
	for name in NetworkManager systemd-networkd networking network; do
		! unit_starts "$name.service" || return 0
	done
	# netplan starts networkd; EL 8 may still have a script of System V.
	! root_has netplan || unit_masked systemd-networkd.service || return 0
	! compgen -G "$BASE/etc/rc.d/rc3.d/S*network" >/dev/null || return 0
	return 1
}

# Files of the network's that are for one card, one a line; what cloud-init wrote of the builder's is cleansed.
network_pinned() {
	local file
	for file in "$BASE"/etc/netplan/*.yaml "$BASE"/etc/NetworkManager/system-connections/* "$BASE"/etc/systemd/network/*.{network,link}; do
		if [ -f "$file" ] && stays_inside "$file" && grep -qiE "^[^#]*mac-?address[[:space:]]*[:=][[:space:]]*[\"']?([0-9a-f]{2}[:-]){5}" "$file"; then
			printf '%s\n' "${file#"$BASE"}"
		fi
	done
}

check_network() {
	local file
	network_starts || problem 'nothing that configures the network is enabled, as NetworkManager.service or systemd-networkd.service'
	while read -r file; do
		problem "$file is for one network card alone, by its MAC address"
	done < <(network_pinned)
}

check_mounts() {
	local file device where options wrong
	while IFS='|' read -r file device where options; do
		wrong=$(mount_told_wrong "$device" "$where" "$options")
		[ -z "$wrong" ] || problem "$file: $device $wrong"
	done < <(mounts_told)
}

# Of every row of left_behind that has the check's name, what is still there.
check_left() {
	local name=$1 row how patterns what path
	while IFS='|' read -r row how patterns what; do
		[ "$row" = "$name" ] || continue
		left_here "$how" || continue
		while IFS= read -r -d '' path; do
			problem "$what: ${path#"$BASE"}"
		done < <(left_paths "$how" "$patterns")
	done < <(left_behind)
}

check_running() {
	[ -n "$(module_there "$(uname -r)" lnet)" ] || [ "$NO_MODULES" = yes ] || problem "kernel $(uname -r) runs, and has no module lnet"
}

# 0 to 4 are answers; that a node without a role is not ours (4) is one too.
check_answer() {
	local status=0
	lustre-init status >/dev/null 2>&1 || status=$?
	[ "$status" -le 4 ] || problem "lustre-init status ended with $status"
}
