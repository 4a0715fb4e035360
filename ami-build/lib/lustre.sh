# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Lustre itself: which packages that are, and e2fsprogs, whose own of the distribution cannot make or read an MDT.

# Needs SYSTEM, FAMILY and KIND.
lustre_check() {
	[ "$LUSTRE_PRESENT" = no ] || return 0
	case $KIND:$SYSTEM in
	server:el8 | server:el9 | server:el10 | client:el* | client:amzn2023 | client:ubuntu*) ;;
	server:*) die "nobody builds Lustre servers for $SYSTEM; take EL 8.10 (2.15 and later) or EL 9 (2.16 and later)" ;;
	*) die "no packages of Lustre's client are known for $SYSTEM; install it, then say --lustre-present" ;;
	esac
	[ -n "$LUSTRE_REPO" ] || [ "$SYSTEM" = amzn2023 ] || usage_error "--lustre-repo URL: where Lustre's packages are (README.md has the layouts)"
	[ -n "$E2FSPROGS_REPO" ] || [ "$KIND" = client ] || usage_error "--e2fsprogs-repo URL: a server needs Lustre's own e2fsprogs"
	[ -z "$KERNEL_REPO" ] || [ "$FAMILY" = dnf ] || usage_error "--kernel-repo is for dnf; what apt shall take kernels from stands in the image's own lists"
	signed_check
}

modules_package() {
	case $KIND:$FAMILY in
	server:dnf) echo kmod-lustre ;;
	client:dnf) echo kmod-lustre-client ;;
	esac
}

# What is installed beside the kernel, one package a line.
lustre_packages() {
	case $KIND:$SYSTEM in
	server:*) printf '%s\n' kmod-lustre kmod-lustre-osd-ldiskfs lustre lustre-osd-ldiskfs-mount ;;
	client:el*) printf '%s\n' kmod-lustre-client lustre-client ;;
	client:amzn*) printf '%s\n' lustre-client ;;
	client:*) printf '%s\n' "lustre-client-modules-$KERNEL" lustre-client-utils ;;
	esac
}

# A package by the release that was asked for.
wanted_package() {
	if [ -z "$LUSTRE_VERSION" ]; then
		printf '%s' "$1"
	elif [ "$FAMILY" = dnf ]; then
		printf '%s-%s-*' "$1" "$LUSTRE_VERSION"
	else
		printf '%s=%s*' "$1" "$LUSTRE_VERSION"
	fi
}

package_version() {
	if [ "$FAMILY" = dnf ]; then
		rpm_version "$1"
	else
		deb_version "$1"
	fi
}

# Packages of the other kind that are there, one a line. A server has the client's modules in its own; both packages put
# files in one place.
other_kind_there() {
	local package
	[ "$FAMILY" = dnf ] || return 0
	for package in $(if [ "$KIND" = server ]; then echo kmod-lustre-client lustre-client; else echo kmod-lustre lustre; fi); do
		[ -z "$(rpm_version "$package")" ] || printf '%s\n' "$package"
	done
}

other_kind_check() {
	local found other=server
	[ "$LUSTRE_PRESENT" = no ] || return 0
	[ "$KIND" = client ] || other=client
	found=$(other_kind_there | paste -sd ' ')
	[ -z "$found" ] || die "$ROOT has $found, of a $other, and is to be a $KIND: remove them first, or take a stock image"
}

# What the repository that was named has of them: name and version-release, one a line. Of apt's and of a system's own, what is
# installed stays.
lustre_offered() {
	local package
	local -a asked=()
	[ -n "$LUSTRE_REPO" ] && [ "$FAMILY" = dnf ] || return 0
	while read -r package; do
		asked+=("$(wanted_package "$package")")
	done < <(lustre_packages)
	dnf_root repoquery --repoid=lustre-init-lustre --latest-limit=1 --qf '%{name} %{version}-%{release}' "${asked[@]}" 2>>"$LOG"
}

# What is to be installed of what is `offered`, one a line: nothing of a package that is there in the release asked for, as
# the repository has it.
lustre_missing() {
	local package version offered=$1 this
	while read -r package; do
		version=$(package_version "$package")
		this=$(awk -v name="$package" '$1 == name { print $2 }' <<<"$offered")
		if [ -z "$version" ] || [[ -n $LUSTRE_VERSION && $version != "$LUSTRE_VERSION"[-~+_]* ]]; then
			wanted_package "$package"
			printf '\n'
		elif [ "${this:-$version}" != "$version" ]; then
			printf '%s-%s\n' "$package" "$this"
		fi
	done < <(lustre_packages)
}

lustre_install() {
	local offered
	local -a missing
	offered=$(lustre_offered) || die_of_log "$LUSTRE_REPO cannot be asked what it has (--lustre-repo)"
	mapfile -t missing < <(lustre_missing "$offered")
	if [ "${#missing[@]}" -gt 0 ] && [ "$FAMILY" = dnf ]; then
		act "Lustre: ${missing[*]}" dnf_install "${missing[@]}"
	elif [ "${#missing[@]}" -gt 0 ]; then
		apt_install "Lustre: ${missing[*]}" "${missing[@]}"
	elif [ "$FAMILY" = dnf ] && [ -z "$(module_there "$KERNEL" lustre)" ]; then
		# Of one version there is a build for each minor release of EL.
		mapfile -t missing < <(lustre_packages)
		act "Lustre for kernel $KERNEL: ${missing[*]}" dnf_root reinstall "${missing[@]}"
	else
		is "Lustre ($(lustre_packages | tr '\n' ' ' | sed 's/ $//'))"
	fi
}

# Also where the distribution's is the newer one: by its version, from its repository.
e2fsprogs_install() {
	local version
	[ "$KIND" = server ] || return 0
	version=$(dnf_root repoquery --repoid=lustre-init-e2fsprogs --latest-limit=1 --qf '%{version}-%{release}' e2fsprogs 2>>"$LOG") || version=
	[ -n "$version" ] || die_of_log "$E2FSPROGS_REPO has no e2fsprogs (--e2fsprogs-repo)"
	if [ "$(rpm_version e2fsprogs)" = "$version" ]; then
		is "e2fsprogs $version"
	else
		act "e2fsprogs $version" dnf_install "e2fsprogs-$version"
	fi
}
