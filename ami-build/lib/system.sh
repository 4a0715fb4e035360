# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # what the system is, all other files read
#
# The system in the image: which it is, and how a command is run in it.

# One value of the image's os-release, which is read, never run. Its link may be absolute: that is not this machine's.
os_release() {
	local file=$BASE/etc/os-release
	stays_inside "$file" || file=$BASE/usr/lib/os-release
	sed -n "s/^$1=//p" "$file" | head -n 1 | tr -d "\"'"
}

# Absolute links of an image lead to this machine when they are followed from outside: what is written, removed or read
# by one would be this machine's.
stays_inside() {
	is_running_system || [[ $(realpath -m -- "$1")/ == "$ROOT"/* ]]
}

# Folders of the image that are written to or looked at from here; all are asked for at once.
system_is_inside() {
	local -a folders=("$BASE"/{boot,dev,etc,home,lib,proc,root,run,tmp,usr,var,boot/grub2,lib/modules,usr/lib}
		"$BASE"/etc/{apt,apt/keyrings,apt/sources.list.d,cloud,dnf,lustre-init,lvm,pki,pki/rpm-gpg,selinux,ssh,systemd,systemd/system,yum.repos.d}
		"$BASE"/var/{cache,lib,log,tmp})
	local -a real
	local i
	! is_running_system || return 0
	mapfile -d '' -t real < <(realpath -mz -- "${folders[@]}")
	for ((i = 0; i < ${#folders[@]}; i++)); do
		[[ ${real[i]:-}/ == "$ROOT"/* ]] || die "${folders[i]} is a link that leads out of the image; make it a relative one"
	done
}

# Sets SYSTEM (el8, el9, amzn2023, ubuntu22.04, debian12) and FAMILY (dnf, apt).
system_read() {
	local id version
	[ -r "$BASE/etc/os-release" ] || [ -r "$BASE/usr/lib/os-release" ] || die "$BASE/etc/os-release: not there; is $ROOT the root of a system?"
	system_is_inside
	id=$(os_release ID) version=$(os_release VERSION_ID)
	case $id in
	rhel | rocky | almalinux | centos | ol) SYSTEM=el${version%%.*} FAMILY=dnf ;;
	amzn) SYSTEM=amzn$version FAMILY=dnf ;;
	ubuntu | debian) SYSTEM=$id$version FAMILY=apt ;;
	*) die "$ROOT is $id $version; what is known here is EL (RHEL, Rocky, AlmaLinux, CentOS Stream, Oracle), Amazon Linux 2023, Ubuntu and Debian" ;;
	esac
	[ "$SYSTEM" != amzn2 ] || die "Amazon Linux 2 has no kernel that a Lustre of today is for; take Amazon Linux 2023"
	[ "$FAMILY" != dnf ] || root_has dnf || [[ $ROOT != *[][[:space:],\\]* ]] ||
		die "'$ROOT': this machine's dnf, which is used on a root without its own, takes folders as a list of patterns; one without blanks, commas, brackets and backslashes"
	MACHINE=$(uname -m)
}

is_running_system() {
	[ "$ROOT" = / ]
}

# A mount namespace of its own goes away with the command, however it ends. Of /dev there are the few nodes that
# scriptlets use, and no disk: a package for the image has no business with this machine's.
# shellcheck disable=SC2016 # for another shell
_AROUND='
root=$1
shift
mkdir -p "$root/proc" "$root/dev" "$root/run" "$root/tmp"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
for name in null zero full random urandom tty; do
	: >"$root/dev/$name"
	mount --bind "/dev/$name" "$root/dev/$name"
done
if [ -e /etc/resolv.conf ]; then
	: >"$root/run/resolv.conf"
	cat /etc/resolv.conf >"$root/run/resolv.conf"
	if [ -L "$root/etc/resolv.conf" ]; then
		case $(readlink "$root/etc/resolv.conf") in
		*run/systemd/resolve/*)
			mkdir -p "$root/run/systemd/resolve"
			cp "$root/run/resolv.conf" "$root/run/systemd/resolve/stub-resolv.conf"
			cp "$root/run/resolv.conf" "$root/run/systemd/resolve/resolv.conf"
			;;
		esac
	elif [ -f "$root/etc/resolv.conf" ]; then
		mount --bind "$root/run/resolv.conf" "$root/etc/resolv.conf"
	fi
fi
exec "$@"'

# What _AROUND's mount needs to be there. systemd-resolved makes its link at boot only where nothing is: a file that a killed
# run has left is known by its line, and lent again.
RESOLVER_LENT='# lustre-init: of the machine that builds this image, while it does'

resolver_lend() {
	local file=$BASE/etc/resolv.conf
	! is_running_system && [ -d "$BASE/etc" ] && [ ! -L "$file" ] || return 0
	if [ ! -e "$file" ]; then
		printf '%s\n' "$RESOLVER_LENT" >"$file"
	fi
	[ "$(cat "$file")" != "$RESOLVER_LENT" ] || LENT=$file
}

# Runs a command of this machine on the image.
around_root() {
	if is_running_system; then
		"$@"
	else
		unshare --mount --propagation private sh -euc "$_AROUND" sh "$ROOT" "$@"
	fi
}

# What of this machine's environment a command of the image has.
FETCHING_BY=()

# Runs a command of the image in the image. HOME: Debian's rpm has its database there.
in_root() {
	local -a clean=(env -i "${FETCHING_BY[@]}" PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive)
	if is_running_system; then
		"${clean[@]}" "$@"
	else
		around_root "${clean[@]}" chroot "$ROOT" "$@"
	fi
}

# fetching_in_root COMMAND...: by this machine's proxies, of which the image is told nothing.
fetching_in_root() {
	local name
	local -a FETCHING_BY=()
	for name in {http,https,ftp,all,no}_proxy {HTTPS,FTP,ALL,NO}_PROXY; do
		[ -z "${!name:-}" ] || FETCHING_BY+=("$name=${!name}")
	done
	in_root "$@"
}

root_has() {
	local folder
	for folder in usr/sbin usr/bin sbin bin; do
		[ ! -x "$BASE/$folder/$1" ] || return 0
	done
	return 1
}

# rpm keeps its database in its own format: the image's rpm where there is one, else this machine's.
root_rpm() {
	if root_has rpm; then
		in_root rpm "$@"
	else
		HOME=/root around_root rpm --root "$ROOT" "$@"
	fi
}

# document_told PATH: what the image's agent says of a document in conf.d, which may leave its role to an instance's tags, and then
# all that makes it whole. What it says itself is not overruled: rules are of a role.
document_told() {
	local said
	local -a tags=()
	! said=$(document_checked "$1" 2>&1) || return 0
	case $said in
	*': role: missing,'*) tags=(--tags role=client fsname=lustre mgs=192.0.2.1) ;;
	*': fsname: missing,'*': mgs: missing,'*) tags=(--tags fsname=lustre mgs=192.0.2.1) ;;
	*': fsname: missing,'*) tags=(--tags fsname=lustre) ;;
	*': mgs: missing,'*) tags=(--tags mgs=192.0.2.1) ;;
	esac
	document_checked "$1" "${tags[@]}"
}

# There its first line may be left out.
document_checked() {
	local first=
	! stays_inside "$BASE$1" || first=$(head -c 64 -- "$BASE$1" | head -n 1 | tr -d '\0')
	if [[ $first == *'#lustre-init'* ]]; then
		in_root lustre-init check "$@"
	else
		# shellcheck disable=SC2016 # for another shell
		in_root sh -c 'cat "$0" >/dev/null && { echo "#lustre-init"; cat "$0"; } | lustre-init check - "$@"' "$@"
	fi
}

# What the package's preset enables this for.
AGENT_TARGET=multi-user.target

# What it enables, one a line. Packages of before the watch have none.
agent_units() {
	printf '%s\n' lustre-init.service
	if unit_there lustre-watch.service || ! unit_there lustre-init.service; then
		printf '%s\n' lustre-watch.service
	fi
}

# unit_enabled UNIT [TARGET]: whether a target of the image wants it, or this one.
unit_enabled() {
	local link
	for link in "$BASE"/etc/systemd/system/${2:-*}.{wants,requires}/"$1"; do
		[ ! -L "$link" ] || return 0
	done
	return 1
}

# A link to /dev/null or an empty file, before the package's own.
unit_masked() {
	local folder file
	for folder in etc/systemd/system.control etc/systemd/system usr/local/lib/systemd/system; do
		file=$BASE/$folder/$1
		if [ -L "$file" ]; then
			[[ $(readlink "$file") == */dev/null ]]
			return
		elif [ -e "$file" ]; then
			[ ! -s "$file" ]
			return
		fi
	done
	return 1
}

unit_there() {
	[ -e "$BASE/usr/lib/systemd/system/$1" ] || [ -e "$BASE/lib/systemd/system/$1" ] || [ -e "$BASE/etc/systemd/system/$1" ]
}

# unit_starts UNIT: whether a boot starts it, which the image's own links say or those of its package.
unit_starts() {
	unit_there "$1" && ! unit_masked "$1" || return 1
	unit_enabled "$1" || compgen -G "$BASE/usr/lib/systemd/system/*.wants/$1" >/dev/null || compgen -G "$BASE/lib/systemd/system/*.wants/$1" >/dev/null
}

enable_unit() {
	if root_has systemctl; then
		in_root systemctl enable "$1"
	else
		systemctl --root="$ROOT" enable "$1"
	fi
}
