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

# Which version the file has, as its package manager names it.
agent_offered() {
	case $AGENT in
	*.rpm) HOME=/root rpm -qp --nosignature --qf '%{VERSION}-%{RELEASE}' "$AGENT" 2>>"$LOG" ||
		root_rpm -qp --qf '%{VERSION}-%{RELEASE}' "$AGENT" ;;
	*.deb) dpkg-deb -f "$AGENT" Version ;;
	esac
}

agent_version() {
	case $AGENT in
	*.deb) deb_version lustre-init ;;
	*) rpm_version lustre-init ;;
	esac
}

# Where commands of the image find the file.
agent_put() {
	local name=lustre-init-package.${AGENT##*.}
	cp "$AGENT" "$SCRATCH/$name"
	agent_put_package "${SCRATCH#"$BASE"/}/$name"
}

# An RPM on Debian: dpkg holds the libraries that rpm would ask for; `verify` sees whether the agent finds them.
agent_put_package() {
	case $FAMILY:$AGENT in
	apt:*.deb) agent_put_deb "/$1" ;;
	apt:*.rpm) in_root rpm -U --oldpackage --nodeps "/$1" ;;
	dnf:*) if root_has dnf; then dnf_install "/$1"; else dnf_install "$BASE/$1"; fi ;;
	esac
}

# A stock image has no lists, and where Lustre is there already nothing has fetched any: whether it needs them, apt tells.
agent_put_deb() {
	apt_root --simulate install --allow-downgrades "$1" || apt_update
	apt_root install --allow-downgrades "$1"
}

agent_install() {
	local offered
	offered=$(agent_offered)
	if [ "$(agent_version)" = "$offered" ]; then
		is "lustre-init $offered"
	else
		act "lustre-init $offered" agent_put
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
