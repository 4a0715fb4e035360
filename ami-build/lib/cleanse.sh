# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What makes the machine that built the image itself, and must not be in an image: two instances with one of these
# are one to somebody. The table serves `provision`, which removes, and `verify`, which finds.

# Check | how | patterns under the root | what it is. How: remove, empty, blank (an empty file, there in any case), removed where left_here says (offline, ssm), or by
# what is in the files (left_is): those with a secret, or that are this machine's own; of a network card's the lines that bind it to
# the builder, of repositories and scripts what logs in, and of accounts the passwords.
# A name that ends with /* is what is in a folder, which stays; ~ is each home.
left_behind() {
	cat <<'END'
host-keys|remove|etc/ssh/ssh_host_*|the host's SSH keys
machine-id|blank|etc/machine-id|the machine's id, which is an empty file in an image
machine-id|remove|var/lib/dbus/machine-id|the machine's id, D-Bus's copy
machine-id|remove|etc/pki/consumer/* etc/pki/entitlement/* etc/insights-client/machine-id etc/insights-client/.registered|who it is to its vendor
machine-id|remove|var/lib/ubuntu-advantage/private/* var/snap/canonical-livepatch/common/machine-token var/lib/ubuntu-advantage/machine-token.json etc/apt/auth.conf.d/90ubuntu-advantage etc/apt/sources.list.d/ubuntu-esm-*|its subscription to Ubuntu Pro and Livepatch, and the repositories that ask for it
machine-id|ssm|var/lib/amazon/ssm/*|who it is to AWS Systems Manager
machine-id|remove|var/lib/systemd/random-seed var/lib/systemd/credential.secret etc/nvme/hostid etc/nvme/hostnqn etc/iscsi/initiatorname.iscsi etc/hostid boot/loader/random-seed boot/efi/loader/random-seed efi/loader/random-seed|seeds and names of this one host
cloud-instance|remove|var/lib/cloud/* var/log/cloud-init.log var/log/cloud-init-output.log run/cloud-init/*|cloud-init's memory of the instance
cloud-instance|remove|etc/netplan/50-cloud-init.yaml etc/NetworkManager/system-connections/cloud-init-*.nmconnection etc/systemd/network/10-cloud-init-*.network etc/network/interfaces.d/50-cloud-init|the network as cloud-init configured it there
history|remove|~/.*_history ~/.histfile ~/.zhistory ~/.local/share/fish/fish_history ~/.lesshst ~/.viminfo ~/.wget-hsts|what was typed
authorized-keys|remove|~/.ssh/authorized_keys ~/.ssh/authorized_keys2 ~/.ssh/id_* ~/.ssh/*.pem ~/.ssh/known_hosts*|who may log in
authorized-keys|remove|~/.aws/credentials ~/.aws/cli/cache/* ~/.aws/sso/cache/* ~/.netrc ~/.pgpass ~/.s3cfg ~/.boto ~/.git-credentials ~/.docker/config.json ~/.kube/config ~/.config/gh/hosts.yml ~/.config/gcloud/* ~/.config/rclone/rclone.conf ~/.azure/* ~/.terraform.d/credentials.tfrc.json ~/.vault-token ~/.pypirc ~/.gnupg/private-keys-v1.d/* ~/.gnupg/secring.gpg etc/krb5.keytab|credentials
authorized-keys|remove|root/anaconda-ks.cfg root/original-ks.cfg|passwords that an installer set
authorized-keys|secret|~/* ~/.ssh/* ~/.aws/*|files with a key or a secret in them
authorized-keys|password|etc/shadow etc/shadow- etc/passwd etc/passwd-|passwords, and accounts that need none
authorized-keys|empty|etc/security/opasswd|passwords of old
authorized-keys|remove|etc/apt/auth.conf etc/apt/auth.conf.d/*|credentials of repositories
authorized-keys|login|etc/yum.repos.d/*.repo etc/dnf/dnf.conf etc/yum.conf etc/apt/sources.list etc/apt/sources.list.d/* etc/apt/apt.conf etc/apt/apt.conf.d/* etc/environment etc/rhsm/rhsm.conf|credentials of repositories and proxies
authorized-keys|proxy|etc/profile etc/profile.d/* etc/bashrc etc/bash.bashrc etc/systemd/system.conf.d/* etc/systemd/system/*.d/*|credentials of proxies in scripts and services
leases|remove|var/lib/dhclient/* var/lib/dhcp/*.leases var/lib/dhcp/*.lease var/lib/dhcpcd/* var/lib/NetworkManager/*.lease var/lib/NetworkManager/secret_key var/lib/NetworkManager/seen-bssids var/lib/NetworkManager/timestamps var/lib/systemd/network/*|addresses that were leased
leases|remove|etc/udev/rules.d/70-persistent-net.rules|names for the builder's interfaces
leases|builder|etc/hostname etc/resolv.conf|the name of this machine, and who resolves names for it
leases|card|etc/sysconfig/network-scripts/ifcfg-*|addresses of network cards, and ids of connections
lvm-devices|remove|etc/lvm/devices/* etc/lvm/archive/* etc/lvm/backup/* etc/lvm/cache/*|LVM's list of the builder's disks
lvm-devices|remove|etc/multipath/wwids etc/multipath/bindings|multipath's list of the builder's disks
lustre-state|remove|var/lib/lustre-init/*|what lustre-init remembers
logs|remove|var/log/journal/* var/log/dnf* var/log/hawkey.log var/log/yum.log var/log/apt/* var/log/dpkg.log* var/log/alternatives.log* var/log/messages* var/log/secure* var/log/syslog* var/log/auth.log* var/log/cron* var/log/kern.log* var/log/audit/* var/log/amazon/efs/*|logs of the build
logs|remove|var/log/boot.log* var/log/debug* var/log/daemon.log* var/log/user.log* var/log/mail* var/log/spooler* var/log/cloud-init* var/log/anaconda/* var/log/rhsm/* var/log/insights-client/* var/log/sssd/* var/log/tuned/* var/log/sa/* var/log/sysstat/* var/log/unattended-upgrades/* var/log/ubuntu-advantage* var/log/landscape/*|logs of the system
logs|ssm|var/log/amazon/*|logs of AWS's agents
logs|remove|var/lib/systemd/coredump/* var/crash/*|memory of programs that crashed
logs|remove|var/lib/lastlog/* var/lib/wtmpdb/*|who had logged in
logs|empty|var/log/wtmp var/log/btmp var/log/lastlog var/log/faillog var/log/tallylog|who had logged in
caches|remove|var/cache/dnf/* var/cache/yum/* var/cache/apt/archives/*.deb var/cache/apt/*.bin var/lib/apt/lists/*_Packages var/lib/apt/lists/*Release|packages and lists that were fetched
temporary|remove|tmp/lustre-init.????????|what a run of provision that was killed has left, as URLs with logins
temporary|offline|tmp/* tmp/.[!.]* var/tmp/* var/tmp/.[!.]* run/*|temporary files
END
}

# Whether rows of this kind hold here. What runs needs its temporary files; and where the SSM agent runs this very program, its
# folder is how it was told to, and how it answers: EC2 Image Builder would wait for ever. The logs are then its own to remove.
left_here() {
	case $1 in
	offline) ! is_running_system ;;
	ssm) [ "$KEEP_SSM" = no ] ;;
	esac
}

SECRET='^-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY|^PuTTY-User-Key-File|aws_secret_access_key[[:space:]]*='
# A hash, also behind a lock, where its dollar tells it from a word, or nothing at all: no password is asked for then.
PASSWORD='^([^:+-][^:]*):([^!*x:][^:]*|x[^:]+|[!*][^:]*[$][^:]*)?:'
# A name alone may be a token; whatever has an @ in it, the last one is before the host.
LOGIN_URL='://[^/?#[:space:]]+@'
# In scripts and services: what is said, and not what they make of variables; and a name that ssh is given is no secret.
LOGIN_PROXY='(https?|ftp|socks[45]?[ah]?)://[^/?#$[:space:]]+@'
LOGIN_LINE='^[[:space:]]*(proxy_)?password[[:space:]]*=[[:space:]]*[^[:space:]]'
CARD='^[[:space:]]*(HWADDR|UUID)[[:space:]]*='

# left_is HOW PATH: whether what lies there is meant. What a link leads to is looked at where it is.
left_is() {
	case $1 in
	empty) [ -s "$2" ] ;;
	# Where there is none, systemd takes a boot for the first, and enables and disables units as presets have it.
	blank) [ ! -f "$2" ] || [ -s "$2" ] ;;
	secret) [ -f "$2" ] && [ ! -L "$2" ] && grep -qaiE -e "$SECRET" < <(head -c 65536 -- "$2") ;;
	card) left_says "$CARD" "$2" ;;
	password) left_says "$PASSWORD" "$2" ;;
	proxy) left_says "$LOGIN_PROXY" "$2" ;;
	login) left_says "$LOGIN_URL|$LOGIN_LINE" "$2" ;;
	# As mmdebstrap copies them.
	builder) ! is_running_system && [ ! -L "$2" ] && [ -s "$2" ] && cmp -s -- "$2" "/${2#"$BASE"/}" ;;
	*) [ -e "$2" ] || [ -L "$2" ] ;;
	esac
}

left_says() {
	[ -f "$2" ] && [ ! -L "$2" ] && grep -qaE -e "$1" -- "$2"
}

# Homes, as patterns: the usual ones, and those of the image's passwd that are no pattern themselves. Those of a system's own
# users are folders of programs and settings: what is told by its content is looked for in a person's alone.
left_homes() {
	printf 'root\nhome/*\n'
	awk -F: -v how="$1" '
		how == "secret" && ($3 < 1000 || $3 == 65534 || $6 ~ "^/(usr|s?bin|lib[^/]*|etc|dev|run|proc|sys|boot)(/|$)") { next }
		$6 ~ "^/[^]*?[ \\\\]+$" && $6 !~ "[.][.]" && $6 !~ "^/(root|home/[^/]+)/?$" { print substr($6, 2) }' \
		"$BASE/etc/passwd" 2>/dev/null | sort -u
}

# left_patterns HOW PATTERN...: each ~ of them by all homes.
left_patterns() {
	local how=$1 pattern home
	local -a homes=()
	for pattern in "${@:2}"; do
		if [[ $pattern == \~/* ]]; then
			[ "${#homes[@]}" -gt 0 ] || mapfile -t homes < <(left_homes "$how")
			for home in "${homes[@]}"; do
				printf '%s\n' "$home/${pattern#\~/}"
			done
		else
			printf '%s\n' "$pattern"
		fi
	done
}

# Paths in the image that a row's patterns meet, each ended by a zero byte. A link to a folder may lead them out of the
# image: ask left_outside.
left_paths() {
	local how=$1 pattern path
	local -a patterns
	read -ra patterns <<<"$2"
	mapfile -t patterns < <(left_patterns "$how" "${patterns[@]}")
	shopt -s nullglob dotglob
	for pattern in "${patterns[@]}"; do
		for path in "$BASE"/$pattern; do
			if [ "$path" != "$SCRATCH" ] && left_is "$how" "$path" && ! is_elsewhere "$path"; then
				printf '%s\0' "$path"
			fi
		done
	done
	shopt -u nullglob dotglob
}

# The first of these paths that is not in the image, or nothing.
left_outside() {
	local path folder=
	for path; do
		[ "${path%/*}" != "$folder" ] || continue
		folder=${path%/*}
		stays_inside "$folder/." || { printf '%s' "$path"; return 0; }
	done
}

cleanse_remove() {
	rm -rf --one-file-system -- "$@"
}

cleanse_empty() {
	local path
	for path; do
		# A link would empty what it leads to.
		[ ! -L "$path" ] || rm -f -- "$path"
		: >"$path"
	done
}

# The agent's own word first: it knows what it remembers, and refuses while a target is mounted.
cleanse_agent() {
	[ -n "$(ls -A "$BASE/var/lib/lustre-init" 2>/dev/null)" ] || return 0
	act 'lustre-init forgets this machine' in_root lustre-init clean
}

cleanse() {
	local how patterns what outside
	local -a paths
	cleanse_agent
	for outside in "${MOUNTED_ELSEWHERE[@]}"; do
		# EC2 takes a snapshot of each volume that is attached.
		if [ -b "$(findmnt -nro SOURCE --mountpoint "$outside" | sed -n '$s/\[.*//;$p')" ]; then
			note "the disk that is mounted at $outside is left alone, and in an image of this instance unless it is detached before"
		else
			is "what is mounted at $outside is not in the image, and left alone"
		fi
	done
	[ "$KEEP_SSM" = no ] || is '/var/lib/amazon/ssm is left to the SSM agent, which runs this'
	while IFS='|' read -r _ how patterns what; do
		left_here "$how" || continue
		mapfile -d '' -t paths < <(left_paths "$how" "$patterns")
		[ "${#paths[@]}" -gt 0 ] || continue
		outside=$(left_outside "${paths[@]}")
		[ -z "$outside" ] || die "$outside is behind a link that leads out of the image; make it a relative one"
		case $how in
		empty | blank) act "emptied: $what" cleanse_empty "${paths[@]}" ;;
		# Nobody knows them by their names, so these are said.
		secret) act "removed: $what: ${paths[*]#"$BASE/"}" cleanse_remove "${paths[@]}" ;;
		card) act "without the builder's: $what" sed -i -E "/$CARD/d" "${paths[@]}" ;;
		# Not '!', for which an SSH server without PAM takes no key either.
		password) act "without: $what" sed -i -E "s/$PASSWORD/\\1:*:/" "${paths[@]}" ;;
		proxy) act "without: $what" sed -i -E "s,$LOGIN_PROXY,\\1://,g" "${paths[@]}" ;;
		login) act "without: $what" sed -i -E "s,$LOGIN_URL,://,g; /$LOGIN_LINE/d" "${paths[@]}" ;;
		*) act "removed: $what" cleanse_remove "${paths[@]}" ;;
		esac
	done < <(left_behind)
	! is_running_system || [ ! -t 0 ] ||
		note 'each shell that is open here writes what was typed in it when it ends: unset HISTFILE in each, before the image is taken'
}
