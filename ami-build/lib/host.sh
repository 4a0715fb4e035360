# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What else of the image Lustre meets: SELinux and a host firewall.

selinux_mode() {
	[ -r "$BASE/etc/selinux/config" ] || return 0
	sed -nE 's/^SELINUX=[[:space:]]*([a-z]+).*/\1/p' "$BASE/etc/selinux/config" | tail -n 1
}

# The mode of the next boot; what runs here stays as it is.
selinux_set() {
	selinux_configure
	[ "$SELINUX" = keep ] || [ -z "$(selinux_mode)" ] || selinux_at_boot
}

# What the kernel is told before it reads the configuration. grubby knows all places of EL's boot loaders.
selinux_at_boot() {
	local words=selinux=0 files
	files=$(command_line_has selinux 0)
	if [ "$SELINUX" = enforcing ]; then
		words='selinux=0 enforcing=0'
		files=$(printf '%s\n' "$files" "$(command_line_has enforcing 0)")
	fi
	files=$(sort -u <<<"$files" | sed '/^$/d' | paste -sd ' ')
	[ -n "$files" ] || return 0
	root_has grubby || die "SELinux is to be $SELINUX, and $files say otherwise to the kernel: take $words away there"
	act "the kernel's command line lets SELinux be $SELINUX ($files)" in_root grubby --update-kernel=ALL --remove-args="$words"
}

selinux_configure() {
	local now
	now=$(selinux_mode)
	if [ -z "$now" ]; then
		[ "$SELINUX" != enforcing ] || die "the image has no SELinux that could be enforcing (--selinux)"
		is 'no SELinux in the image'
	elif [ "$SELINUX" = keep ] || [ "$SELINUX" = "$now" ]; then
		is "SELinux is $now"
	else
		act "SELinux is $SELINUX, was $now" sed -i -E "s/^SELINUX=.*/SELINUX=$SELINUX/" "$BASE/etc/selinux/config"
	fi
}

# Files that were written without a kernel that labels them have no label, and an enforcing boot stops at them. By
# the policy of the image where its tool is there, else at the first boot, which then takes a reboot longer.
selinux_label() {
	local type agent=$BASE/usr/sbin/lustre-init
	case $(selinux_mode) in
	enforcing | permissive) ;;
	*) return 0 ;;
	esac
	type=$(sed -nE 's/^SELINUXTYPE=[[:space:]]*([a-z]+).*/\1/p' "$BASE/etc/selinux/config" | tail -n 1)
	if is_running_system; then
		# The kernel that runs labels what is installed, unless SELinux is switched off in it.
		[ ! -e "$agent" ] || has_label "$agent" || selinux_label_at_boot
	elif root_has setfiles && [ -r "$BASE/etc/selinux/$type/contexts/files/file_contexts" ]; then
		act 'labels for SELinux' in_root setfiles -F -e /proc -e /dev -e /run -e /sys \
			"/etc/selinux/$type/contexts/files/file_contexts" /
	else
		selinux_label_at_boot
	fi
}

selinux_label_at_boot() {
	if [ -e "$BASE/.autorelabel" ]; then
		is 'labels for SELinux at the first boot'
	else
		act 'labels for SELinux at the first boot' touch "$BASE/.autorelabel"
	fi
}

has_label() {
	[[ $(stat -c %C "$1" 2>/dev/null) == *:*:* ]]
}

# Others connect to port 988 of servers, and servers to that of clients.
firewall_open() {
	[ "$FIREWALL" = open ] || return 0
	if unit_enabled firewalld.service; then
		firewalld_open
	elif unit_enabled ufw.service && ufw_lets_in; then
		is 'ufw lets port 988/tcp in'
	elif unit_enabled ufw.service && root_has ufw; then
		act 'ufw lets port 988/tcp in' in_root ufw allow 988/tcp
	elif [ -z "$(firewall_loaded)" ]; then
		is 'no host firewall'
	fi
	if [ -n "$(firewall_shut)" ]; then
		note "let TCP port 988 in, in $(firewall_shut | paste -sd ' ')"
	elif [ -n "$(firewall_loaded)" ]; then
		is 'rules of nftables or iptables shut nothing, or name port 988'
	fi
}

# Files of rules that a boot loads, one a line.
firewall_loaded() {
	local file
	if unit_enabled nftables.service; then
		for file in /etc/nftables.conf /etc/sysconfig/nftables.conf; do
			firewall_file "$file"
			firewall_included "$file"
		done
	fi
	! unit_enabled iptables.service || firewall_file /etc/sysconfig/iptables
	! unit_enabled netfilter-persistent.service || firewall_file /etc/iptables/rules.v4
}

firewall_file() {
	[ ! -f "$BASE$1" ] || ! stays_inside "$BASE$1" || printf '%s\n' "$1"
}

firewall_included() {
	local pattern file
	[ -n "$(firewall_file "$1")" ] || return 0
	while read -r pattern; do
		[[ $pattern == /* ]] || pattern=/etc/$pattern
		# shellcheck disable=SC2231 # it is a pattern
		for file in "$BASE"$pattern; do
			firewall_file "${file#"$BASE"}"
		done
	done < <(sed -nE "s/^[[:space:]]*include[[:space:]]+[\"']([^\"']+)[\"'].*/\\1/p" "$BASE$1")
}

# Without what is said about them, and how many packets they met.
firewall_rules() {
	sed -E 's/#.*//; s/\[[0-9]+:[0-9]+\]//; s/packets [0-9]+ bytes [0-9]+//' -- "$BASE$1"
}

# Of these files those that drop or reject anything, where none of them names the port. They are read as text: what they let in
# otherwise, as all of a network, --firewall keep says.
firewall_shut() {
	local file
	local -a files
	mapfile -t files < <(firewall_loaded)
	for file in "${files[@]}"; do
		! grep -qw 988 < <(firewall_rules "$file") || return 0
	done
	for file in "${files[@]}"; do
		! grep -qiwE 'drop|reject' < <(firewall_rules "$file") || printf '%s\n' "$file"
	done
}

# By the rules that it loads at boot; one may also keep the port shut.
ufw_lets_in() {
	grep -qsE -- '^-A ufw-user-input -p tcp --dport 988 -j ACCEPT$' "$BASE/etc/ufw/user.rules"
}

firewalld_open() {
	if in_root firewall-offline-cmd --query-port=988/tcp >>"$LOG" 2>&1; then
		is 'firewalld lets port 988/tcp in'
	else
		act 'firewalld lets port 988/tcp in' in_root firewall-offline-cmd --add-port=988/tcp
	fi
}
