# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Packages of EL and Amazon Linux: dnf of the image where it has one (its database has its own format), else this
# machine's with --installroot. What pin.sh excludes from everybody's updates is ours to install.

KEY_FILE=/etc/pki/rpm-gpg/RPM-GPG-KEY-lustre
REPOSITORIES=etc/yum.repos.d/lustre-init.repo

# Its lists and logs are in SCRATCH, which goes: a second run finds the image as the first left it. dnf takes these
# paths as in the image, also with --installroot, and that of repositories as here.
dnf_root() {
	local kept=${SCRATCH#"$BASE"}
	# A repository that does not answer is given up after minutes; dnf's own ten times thirty seconds are for each file.
	local -a always=(-q -y --setopt=timeout=30 --setopt=retries=3)
	always+=(--disableexcludes=main --setopt=cachedir="$kept" --setopt=logdir="$kept" --setopt=persistdir="$kept")
	mapfile -t -O "${#always[@]}" always < <(dnf_enabled)
	if root_has dnf; then
		in_root dnf "${always[@]}" "$@"
	else
		# A key's URL is read as this machine's, too.
		[[ $REPO_KEY == *://* ]] || always+=("--setopt=lustre-init-*.gpgkey=file://$BASE$KEY_FILE")
		HOME=/root around_root dnf --installroot="$ROOT" --releasever="$(os_release VERSION_ID)" \
			--setopt=reposdir="$BASE/etc/yum.repos.d" "${always[@]}" "$@"
	fi
}

# What the file of repositories has: dnf refuses to enable what is not there. Without it (--dry-run), what it would say.
dnf_enabled() {
	if [ -e "$BASE/$REPOSITORIES" ]; then
		sed -nE 's/^\[(lustre-init-.*)\]$/--enablerepo=\1/p' "$BASE/$REPOSITORIES"
		return 0
	fi
	[ -z "$LUSTRE_REPO" ] || printf -- '--repofrompath=lustre-init-lustre,%s\n' "$LUSTRE_REPO"
	[ -z "$E2FSPROGS_REPO" ] || printf -- '--repofrompath=lustre-init-e2fsprogs,%s\n' "$E2FSPROGS_REPO"
	[ -z "$KERNEL_REPO" ] || printf -- '--repofrompath=lustre-init-kernel,%s\n' "$KERNEL_REPO"
}

dnf_repository() {
	local id=$1 what=$2 url=$3
	[ -n "$url" ] || return 0
	printf '[lustre-init-%s]\nname=%s\nbaseurl=%s\nenabled=0\n' "$id" "$what" "$url"
	# Modular filtering hides packages of plain repositories that a module of the system names too.
	printf 'module_hotfixes=1\n'
	if [ -n "$REPO_KEY" ]; then
		printf 'gpgcheck=1\ngpgkey=%s\n' "$(key_url)"
	else
		printf 'gpgcheck=0\n'
	fi
}

key_url() {
	case $REPO_KEY in
	*://*) printf '%s' "$REPO_KEY" ;;
	*) printf 'file://%s' "$KEY_FILE" ;;
	esac
}

# Disabled but for our own calls: an update of the system leaves Lustre, its e2fsprogs and its kernel alone.
dnf_repositories() {
	local text
	case $REPO_KEY in
	'' | *://*) ;;
	*) put "the key of Lustre's packages" "$BASE$KEY_FILE" <"$REPO_KEY" ;;
	esac
	text=$(dnf_repositories_text)
	if [ -n "$text" ]; then
		put 'the repositories of Lustre, disabled for everybody else' "$BASE/$REPOSITORIES" <<<"$text"
	elif [ -e "$BASE/$REPOSITORIES" ]; then
		act "no repository of Lustre's own" rm -f "$BASE/$REPOSITORIES"
	else
		is "no repository of Lustre's own"
	fi
}

dnf_repositories_text() {
	dnf_repository lustre 'Lustre' "$LUSTRE_REPO"
	dnf_repository e2fsprogs 'e2fsprogs for Lustre' "$E2FSPROGS_REPO"
	dnf_repository kernel 'kernels that Lustre is for' "$KERNEL_REPO"
}

# The version-release of an installed package, or nothing.
rpm_version() {
	root_rpm -q --qf '%{VERSION}-%{RELEASE}\n' "$1" 2>/dev/null | grep -v 'not installed' | tail -n 1 || :
}

# The kernels for which a package has modules, one a line, by its own list of files.
dnf_kernels_of() {
	dnf_root repoquery --latest-limit=1 -l "$1" 2>>"$LOG" |
		sed -nE 's,^(/usr)?/lib/modules/([^/]+)/.*\.ko(\.[a-z]+)?$,\2,p' | sort -Vu
}

dnf_install() {
	dnf_root --setopt=install_weak_deps=False install "$@"
}

# Packages of the kernel VERSION that are installed, by name-version-release.arch.
dnf_kernel_packages() {
	root_rpm -qa --qf '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\n' 'kernel*' | grep -F -- "-$1" || :
}

dnf_remove_kernel() {
	local -a packages
	mapfile -t packages < <(dnf_kernel_packages "$1")
	[ "${#packages[@]}" -gt 0 ] || die "kernel $1 in $ROOT belongs to no package; remove it by hand"
	dnf_root --setopt=clean_requirements_on_remove=False remove "${packages[@]}"
}
