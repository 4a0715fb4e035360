# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The agent: its package, its units enabled, and the document that every instance of the image has in common.

agent_check() {
	[ -n "$AGENT" ] || usage_error '--agent FILE: the package of lustre-init'
	[ -r "$AGENT" ] || usage_error "$AGENT: cannot be read (--agent)"
	[ -z "$SITE" ] || [ -r "$SITE" ] || usage_error "$SITE: cannot be read (--site)"
	case $FAMILY:$AGENT in
	*.rpm | apt:*.deb) ;;
	*) usage_error "$AGENT is no package for $SYSTEM (--agent)" ;;
	esac
}

# agent_rpm_tells FORMAT: of the file.
agent_rpm_tells() {
	HOME=/root rpm -qp --nosignature --qf "$1" "$AGENT" 2>>"$LOG" || root_rpm -qp --qf "$1" "$AGENT"
}

# Which version the file has, as its package manager names it.
agent_offered() {
	case $AGENT in
	*.rpm) agent_rpm_tells '%{VERSION}-%{RELEASE}' ;;
	*.deb) dpkg-deb -f "$AGENT" Version ;;
	esac
}

# Whether what is there in that version is what the file has: of one version there are as many builds as somebody made. Those of a
# .deb that differ in /etc or in their scripts alone are not told apart.
agent_same_build() {
	local offered
	case $AGENT in
	*.rpm) [ "$(agent_rpm_tells '%{SHA256HEADER}')" = "$(root_rpm -q --qf '%{SHA256HEADER}' lustre-init)" ] ;;
	*.deb)
		# One that debhelper has not made may have no sums.
		offered=$(dpkg-deb -I "$AGENT" md5sums 2>>"$LOG") || return 0
		[ "$offered" = "$(cat "$BASE/var/lib/dpkg/info/lustre-init.md5sums")" ]
		;;
	esac
}

agent_version() {
	case $AGENT in
	*.deb) deb_version lustre-init ;;
	*) rpm_version lustre-init ;;
	esac
}

# Where commands of the image find the file. `how` is reinstall, where its version is there.
agent_put() {
	local how=$1 name=lustre-init-package.${AGENT##*.}
	cp "$AGENT" "$SCRATCH/$name"
	agent_put_package "${SCRATCH#"$BASE"/}/$name" "$how"
}

# An RPM on Debian: dpkg holds the libraries that rpm would ask for; `verify` sees whether the agent finds them.
agent_put_package() {
	local file=/$1
	case $FAMILY:$AGENT in
	apt:*.deb) agent_put_deb "$file" "$2" ;;
	apt:*.rpm) in_root rpm -U --oldpackage --replacepkgs --nodeps "$file" ;;
	dnf:*)
		root_has dnf || file=$BASE/$1
		if [ "$2" = reinstall ]; then dnf_root reinstall "$file"; else dnf_install "$file"; fi
		;;
	esac
}

# A stock image has no lists, and where Lustre is there already nothing has fetched any: whether it needs them, apt tells.
agent_put_deb() {
	local -a install=(install --allow-downgrades)
	[ "$2" != reinstall ] || install+=(--reinstall)
	apt_root --simulate "${install[@]}" "$1" || apt_update
	apt_root "${install[@]}" "$1"
}

agent_install() {
	local offered
	offered=$(agent_offered)
	if [ "$(agent_version)" != "$offered" ]; then
		act "lustre-init $offered" agent_put install
	elif agent_same_build; then
		is "lustre-init $offered"
	else
		act "lustre-init $offered, of another build" agent_put reinstall
	fi
}

# The package's preset does it, where its scriptlets were run; rpm leaves them out in a chroot that it does not
# like, warns, and ends well.
agent_enable() {
	local unit
	for unit in $(agent_units); do
		! unit_masked "$unit" || die "$unit is masked in $ROOT: systemctl unmask $unit"
		if unit_enabled "$unit" "$AGENT_TARGET"; then
			is "$unit starts at boot"
		else
			act "$unit starts at boot" enable_unit "$unit"
		fi
	done
}

# Checked by the agent that will read it.
agent_site() {
	local said file=/etc/lustre-init/conf.d/10-site.yaml
	if [ -z "$SITE" ]; then
		[ ! -e "$BASE$file" ] || note "$file is there, and stays a document for every instance of this image (--site)"
		return 0
	fi
	put 'the document for every instance of this image' "$BASE$file" <"$SITE"
	[ "$DRY_RUN" = no ] || return 0
	said=$(document_told "$file" 2>&1) || die "$SITE is no document for lustre-init (--site): $said"
}
