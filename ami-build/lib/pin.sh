# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The kernel, Lustre and its e2fsprogs stay what they are when the system is updated: dnf by excludes in dnf.conf,
# which needs no plugin and holds for every tool on top of libdnf; apt by hold.

# By names: lustre* would be the agent too, which may be updated. Of a variant of the kernel, which may run while an image is made and
# then stays, an update would boot.
PIN_KERNEL='kernel kernel-core kernel-modules kernel-modules-core kernel-modules-extra kernel-uki-virt kernel6.* kernel-64k* kernel-rt* kernel-debug*'
PIN_LUSTRE='kmod-lustre* lustre lustre-client* lustre-osd-* lustre-iokit lustre-resource-agents lustre-tests lustre-devel'
PIN_E2FSPROGS='e2fsprogs e2fsprogs-libs libcom_err libss'

pin_words() {
	printf '%s %s' "$PIN_KERNEL" "$PIN_LUSTRE"
	# Oracle's own kernel, which Lustre is not for, has names of its own, and is what its systems boot.
	[ "$(os_release ID)" != ol ] || printf ' kernel-uek*'
	# A client's are the system's own, and may be updated with it.
	[ "$KIND" = client ] || printf ' %s' "$PIN_E2FSPROGS"
}

# What [main] of dnf.conf excludes, by either name of the option, as words on one line: another section's are for one
# repository. A value goes on in lines that begin with a blank.
pinned_words() {
	[ -r "$BASE/etc/dnf/dnf.conf" ] || return 0
	awk '/^\[/ { main = /^\[main\]/ }
		/^[^ \t]/ { ours = main && sub(/^(exclude|excludepkgs)[ \t]*=/, "") }
		ours' "$BASE/etc/dnf/dnf.conf" | tr ',\r\n' '   '
}

# Words that are wanted and not excluded yet.
pin_missing() {
	comm -23 <(pin_words | tr -s ' ' '\n' | sort -u) <(pinned_words | tr -s ' ' '\n' | sort -u)
}

pin_dnf() {
	local all
	if [ -z "$(pin_missing)" ]; then
		is 'updates leave the kernel and Lustre alone'
		return 0
	fi
	all=$(printf '%s %s' "$(pinned_words)" "$(pin_missing)" | tr -s ' \n' ' ' | sed 's/^ //; s/ $//')
	act 'updates leave the kernel and Lustre alone (excludepkgs in dnf.conf)' pin_dnf_write "$all"
}

pin_dnf_write() {
	local file=$BASE/etc/dnf/dnf.conf
	mkdir -p "${file%/*}"
	[ -e "$file" ] || : >"$file"
	awk -v line="excludepkgs=$1" '
		/^\[/ { main = /^\[main\]/ }
		/^[^ \t]/ { ours = main && /^(exclude|excludepkgs)[ \t]*=/ }
		!ours
		/^\[main\]/ && !done { print line; done = 1 }
		END { if (!done) print "[main]\n" line }' "$file" >"$file.lustre-init"
	chmod 0644 "$file.lustre-init"
	mv -f "$file.lustre-init" "$file"
}

# The kernel's packages, and those that would bring another.
pin_apt_packages() {
	deb_installed 'linux-image-*' 'linux-modules-*' 'linux-aws*' 'linux-generic*' 'linux-virtual*' 'lustre-*' | grep -vxF lustre-init
}

pin_apt() {
	local -a packages
	mapfile -t packages < <(comm -23 <(pin_apt_packages | sort -u) <(deb_held | sort -u))
	if [ "${#packages[@]}" -eq 0 ]; then
		is 'updates leave the kernel and Lustre alone'
	else
		act "updates leave the kernel and Lustre alone (hold: ${packages[*]})" in_root apt-mark hold "${packages[@]}"
	fi
}
