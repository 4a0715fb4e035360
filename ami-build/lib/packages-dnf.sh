# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Packages of EL and Amazon Linux: dnf of the image where it has one (its database has its own format), else this
# machine's with --installroot. What pin.sh excludes from everybody's updates is ours to install.

KEY_FILE=/etc/pki/rpm-gpg/RPM-GPG-KEY-lustre
REPOSITORY_FILE=etc/yum.repos.d/lustre-init.repo

# Its lists and logs are in SCRATCH, which goes: a second run finds the image as the first left it. dnf takes these
# paths as in the image, also with --installroot, and that of repositories as here.
dnf_root() {
	local kept=${SCRATCH#"$BASE"}
	# A repository that does not answer is given up after minutes; dnf's own ten times thirty seconds are for each file.
	local -a always=(-q -y --setopt=timeout=30 --setopt=retries=3)
	always+=(--disableexcludes=main --setopt=cachedir="$kept" --setopt=logdir="$kept" --setopt=persistdir="$kept")
	mapfile -t -O "${#always[@]}" always < <(dnf_enabled)
	if root_has dnf; then
		fetching_in_root dnf "${always[@]}" "$@"
	else
		mapfile -t -O "${#always[@]}" always < <(dnf_keys_from_here)
		HOME=/root around_root dnf --installroot="$ROOT" --releasever="$(os_release VERSION_ID)" \
			--setopt=reposdir="$BASE/etc/yum.repos.d" "${always[@]}" "$@"
	fi
}

# What the file of repositories has: dnf refuses to enable what is not there. One that does not answer is an error, also where dnf's
# configuration passes over such, as Amazon Linux's: what is there would be said not to be.
dnf_enabled() {
	if [ "$DRY_RUN" = yes ]; then
		dnf_would_enable
	elif [ -e "$BASE/$REPOSITORY_FILE" ]; then
		sed -nE 's/^\[(lustre-init-.*)\]$/--enablerepo=\1\n--setopt=\1.skip_if_unavailable=0/p' "$BASE/$REPOSITORY_FILE"
		dnf_logins
	fi
}

# Of the URLs of this run those that have one, which the file has not.
dnf_logins() {
	local name url
	for name in $REPOSITORIES; do
		url=$(repository_url "$name")
		[ "$url" = "$(repository_url_kept "$name")" ] ||
			printf -- '--setopt=%s.baseurl=%s\n' "lustre-init-$name" "$url"
	done
}

# What the file would say: dnf refuses a repository that it knows already, and one that it does not.
dnf_would_enable() {
	local name url
	for name in $REPOSITORIES; do
		url=$(repository_url "$name")
		[ -z "$url" ] || printf -- '--setopt=%s.skip_if_unavailable=0\n' "lustre-init-$name"
		if [ -n "$url" ] && grep -qsF "[lustre-init-$name]" "$BASE/$REPOSITORY_FILE"; then
			printf -- '--enablerepo=%s\n--setopt=%s.baseurl=%s\n' "lustre-init-$name" "lustre-init-$name" "$url"
		elif [ -n "$url" ]; then
			printf -- '--repofrompath=lustre-init-%s,%s\n' "$name" "$url"
		fi
	done
}

# A key's URL is read as this machine's, by its dnf.
dnf_keys_from_here() {
	local name
	for name in $REPOSITORIES; do
		if [ -n "$(repository_url "$name")" ] && key_is_file "$(repository_key "$name")"; then
			printf -- '--setopt=lustre-init-%s.gpgkey=file://%s\n' "$name" "$BASE$(key_path "$name")"
		fi
	done
}

dnf_repository() {
	local id=$1 what=$2 url key
	url=$(repository_url_kept "$id") key=$(repository_key "$id")
	[ -n "$url" ] || return 0
	printf '[lustre-init-%s]\nname=%s\nbaseurl=%s\nenabled=0\n' "$id" "$what" "$url"
	# Modular filtering hides packages of plain repositories that a module of the system names too.
	printf 'module_hotfixes=1\n'
	if [ -z "$key" ]; then
		printf 'gpgcheck=0\n'
	elif key_is_file "$key"; then
		printf 'gpgcheck=1\ngpgkey=file://%s\n' "$(key_path "$id")"
	else
		printf 'gpgcheck=1\ngpgkey=%s\n' "$key"
	fi
}

key_is_file() {
	[[ $1 != '' && $1 != *://* ]]
}

# Where the key of a repository lies in the image.
key_path() {
	case $(repository_key_option "$1") in
	kernel-repo-key) printf '%s-kernel' "$KEY_FILE" ;;
	*) printf '%s' "$KEY_FILE" ;;
	esac
}

# Disabled but for our own calls: an update of the system leaves Lustre, its e2fsprogs and its kernel alone.
dnf_repositories() {
	local text
	! key_is_file "$REPO_KEY" || put "the key of Lustre's packages" "$BASE$KEY_FILE" <"$REPO_KEY"
	! key_is_file "$KERNEL_REPO_KEY" || put 'the key of the kernels' "$BASE$(key_path kernel)" <"$KERNEL_REPO_KEY"
	text=$(dnf_repositories_text)
	if [ -n "$text" ]; then
		put 'the repositories of Lustre, disabled for everybody else' "$BASE/$REPOSITORY_FILE" <<<"$text"
	elif [ -e "$BASE/$REPOSITORY_FILE" ]; then
		act "no repository of Lustre's own" rm -f "$BASE/$REPOSITORY_FILE"
	else
		is "no repository of Lustre's own"
	fi
}

dnf_repositories_text() {
	dnf_repository lustre 'Lustre'
	dnf_repository e2fsprogs 'e2fsprogs for Lustre'
	dnf_repository kernel 'kernels that Lustre is for'
}

# Of our repositories those that an update of an instance would ask, one a line: what does not say otherwise is enabled.
dnf_repositories_enabled() {
	[ -r "$BASE/$REPOSITORY_FILE" ] || return 0
	awk -v file="/$REPOSITORY_FILE" '
		function told() { if (name != "" && on) print name " of " file }
		/^\[/ { told(); name = $1; on = 1 }
		/^enabled[ \t]*=/ { on = tolower($0) !~ /=[ \t]*(0|no|false|off)[ \t\r]*$/ }
		END { told() }' "$BASE/$REPOSITORY_FILE"
}

# The version-release of an installed package, or nothing.
rpm_version() {
	root_rpm -q --qf '%{VERSION}-%{RELEASE}\n' "$1" 2>/dev/null | grep -v 'not installed' | tail -n 1 || :
}

# The kernels for which a package has modules, one a line, by its own list of files.
dnf_kernels_of() {
	dnf_root repoquery --latest-limit=1 -l "$1" 2>>"$LOG" |
		sed -nE 's,^(/usr)?/lib/modules/([^/]+)/.*\.ko(\.[a-z]+)?$,\2,p' | kernels_by_age
}

dnf_install() {
	dnf_root --setopt=install_weak_deps=False install "$@"
}

# Whose the kernel VERSION itself is, by name-version-release.arch. Headers and tools of its release are nobody's part: dnf would
# remove a compiler with them. What needs this very kernel, as its modules do, goes with it all the same.
dnf_kernel_packages() {
	local file
	for file in "/boot/vmlinuz-$1" "/lib/modules/$1/vmlinuz"; do
		[ ! -e "$BASE$file" ] || root_rpm -qf --qf '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\n' "$file"
	done | grep -v ' ' | sort -u || :
}

# The one that runs is never asked for (kernel_stays); in a root directory, dnf would take this machine's for it.
dnf_remove_kernel() {
	local -a packages
	mapfile -t packages < <(dnf_kernel_packages "$1")
	[ "${#packages[@]}" -gt 0 ] || die "kernel $1 in $ROOT belongs to no package; remove it by hand"
	dnf_root --setopt=clean_requirements_on_remove=False --setopt=protect_running_kernel=False remove "${packages[@]}"
}
