# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2016 # dpkg-query has variables of its own
#
# Packages of Ubuntu and Debian, by the image's own apt.

# Where apt of this run finds sources: those of the image, and Lustre's repository, which is nobody else's. And its own lists of
# all these: of a system that runs, a timer's update would remove what only this run knows.
APT_PARTS=etc/apt/sources.list.d
APT_SOURCES=()
# What an earlier version wrote, enabled.
APT_FORMER=$APT_PARTS/lustre-init.list

apt_root() {
	fetching_in_root apt-get -q -y "${APT_SOURCES[@]}" -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold \
		--no-install-recommends --allow-change-held-packages "$@"
}

# apt_repository ENABLED REPOSITORY: as --lustre-repo has it.
apt_repository() {
	local url suite components
	read -r url suite components <<<"$2"
	printf 'Enabled: %s\nTypes: deb\nURIs: %s\nSuites: %s\n' "$1" "$url" "${suite:-./}"
	[ -z "$components" ] || printf 'Components: %s\n' "$components"
	if [ -n "$(repository_key lustre)" ]; then
		printf 'Signed-By: /etc/apt/keyrings/lustre-init.asc\n'
	else
		printf 'Trusted: yes\n'
	fi
}

# An instance may not reach it; and whatever it came to have, as a newer version of any package, an update there would take.
apt_repositories() {
	local text
	[ ! -e "$BASE/$APT_FORMER" ] || act 'no repository of Lustre that is enabled' rm -f "$BASE/$APT_FORMER"
	[ -n "$LUSTRE_REPO" ] || return 0
	case $(repository_key lustre) in
	'') ;;
	*://*) die "apt takes the key as a file: fetch $REPO_KEY first (--repo-key FILE)" ;;
	*) put "the key of Lustre's packages" "$BASE/etc/apt/keyrings/lustre-init.asc" <"$REPO_KEY" ;;
	esac
	text=$(apt_repository no "$(repository_url_kept lustre)")
	put 'the repository of Lustre, disabled for everybody else' "$BASE/$APT_PARTS/lustre-init.sources" <<<"$text"
	mkdir "$SCRATCH/sources"
	apt_sources_copy "${SCRATCH#"$BASE"}/sources"
	apt_repository yes "$LUSTRE_REPO" >"$SCRATCH/sources/lustre-init.sources"
	# apt fetches as a user of its own.
	chmod 0711 "$SCRATCH"
	mkdir -p "$SCRATCH/lists/partial"
	APT_SOURCES=(-o "Dir::Etc::SourceParts=${SCRATCH#"$BASE"}/sources" -o "Dir::State::Lists=${SCRATCH#"$BASE"}/lists")
}

# Of our files those by which an update of an instance would ask Lustre's repository, one a line.
apt_repositories_enabled() {
	local file=$APT_PARTS/lustre-init.sources
	! grep -qsE '^[[:space:]]*deb' "$BASE/$APT_FORMER" || printf '/%s\n' "$APT_FORMER"
	[ ! -e "$BASE/$file" ] || grep -qiE '^Enabled:[[:space:]]*no[[:space:]]*$' "$BASE/$file" || printf '/%s\n' "$file"
}

# apt_sources_copy FOLDER: of the image's own those that apt would read; it passes over a link that leads nowhere.
apt_sources_copy() {
	# shellcheck disable=SC2016 # for another shell
	in_root sh -euc '
		for file in "$1"/*.list "$1"/*.sources; do
			[ ! -f "$file" ] || cp -L "$file" "$2"
		done' sh "/$APT_PARTS" "$1"
	rm -f "$SCRATCH/sources"/lustre-init.*
}

# On an instance that has just begun a timer of Ubuntu's holds a lock for a while, or cloud-init. For that of packages apt waits by
# itself; not for that of the lists, nor does dpkg.
apt_patiently() {
	local said status turn
	for ((turn = 0; turn < 60; turn++)); do
		status=0
		said=$("$@" 2>&1) || status=$?
		printf '%s\n' "$said"
		[[ $status -ne 0 && $said == *@('Could not get lock'|'locked by another process')* ]] || break
		sleep 5
	done
	return "$status"
}

apt_update() {
	apt_patiently apt_root update
}

# What a run that was killed has left half done apt leaves to dpkg, and does nothing before.
apt_go_on() {
	if [ -n "$(ls -A "$BASE/var/lib/dpkg/updates" 2>/dev/null)" ] ||
		grep -qE '^(half-configured|unpacked|triggers-)' < <(in_root dpkg-query -W -f '${db:Status-Status}\n'); then
		act 'packages of a run that was cut are configured' apt_configure
	fi
}

# What one of them needs may not have been unpacked yet: that apt brings.
apt_configure() {
	apt_patiently in_root dpkg --force-confold --configure -a && return 0
	apt_update && apt_root --fix-broken install
}

# Once in a run, and only where something is to be fetched: an image keeps no lists.
apt_lists() {
	[ "${APT_LISTS:-no}" = no ] || return 0
	act "apt's lists" apt_update
	APT_LISTS=yes
}

apt_install() {
	apt_lists
	act "$1" apt_root install "${@:2}"
}

deb_version() {
	in_root dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" 2>/dev/null | sed -n 's/^installed //p' || :
}

# The kernels for which modules are installed, or else those for which the repositories have some, one a line, by the
# names of the packages. Of the latter, such as can be had or are there: a distribution drops kernels for which there are
# modules still.
apt_kernels() {
	local found had=
	found=$(deb_installed 'lustre-client-modules-*' | apt_kernels_named lustre-client-modules)
	if [ -z "$found" ]; then
		found=$(apt_names lustre-client-modules | apt_of_release)
		had=$(grep -xF -f <(apt_names linux-image; kernels_there) <<<"$found" || :)
	fi
	printf '%s\n' "${had:-$found}" | kernels_by_age
}

# Of kernels, one a line, those with modules of the release that was asked for: a repository keeps several, and has not each for all.
apt_of_release() {
	local -a packages
	mapfile -t packages < <(sed 's/^/lustre-client-modules-/')
	if [ -n "$LUSTRE_VERSION" ] && [ "${#packages[@]}" -gt 0 ]; then
		mapfile -t packages < <(in_root apt-cache "${APT_SOURCES[@]}" madison "${packages[@]}" |
			awk -v release="$LUSTRE_VERSION" 'index($3, release) == 1 && substr($3, length(release) + 1) ~ /^([-~+_]|$)/ { print $1 }')
	fi
	printf '%s\n' "${packages[@]}" | apt_kernels_named lustre-client-modules
}

# apt_dropped KERNEL: whether there are modules for it, and it is not to be had.
apt_dropped() {
	grep -qxF -- "$1" < <(apt_names lustre-client-modules) && ! grep -qxF -- "$1" < <(apt_names linux-image)
}

# apt_names BEGINNING: the kernels by which names of packages go on.
apt_names() {
	in_root apt-cache "${APT_SOURCES[@]}" pkgnames "$1-" | apt_kernels_named "$1"
}

apt_kernels_named() {
	sed -nE "s/^$1-([0-9].*)\$/\1/p"
}

# Installed packages whose name begins so, one a line.
deb_installed() {
	in_root dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' || :
}

# Packages that updates leave alone, by dpkg's own word; apt-mark would write its cache into the image.
deb_held() {
	in_root dpkg-query -W -f '${db:Status-Want} ${Package}\n' | sed -n 's/^hold //p'
}

apt_remove_kernel() {
	local -a packages
	mapfile -t packages < <(deb_installed "linux-image-$1" "linux-image-unsigned-$1" "linux-modules-$1" "linux-modules-extra-$1")
	[ "${#packages[@]}" -gt 0 ] || die "kernel $1 in $ROOT belongs to no package; remove it by hand"
	apt_root purge "${packages[@]}"
}
