#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016 # for another shell
#
# rpm runs no scriptlet in a chroot that is no mount point, and exits 0: what a package would enable is not enabled.
#
# rpm 4.20.1+dfsg-3 (Debian 13). Its plugin "unshare", which is on from the start, gives each scriptlet mounts of its
# own, and for that it changes how / is propagated. In a root that is an ordinary folder, / is no mount point, and the
# kernel says EINVAL: the scriptlet is not run. That is a warning, the package counts as installed, and images are built
# in such folders. Seen:
#   error: failed to change mount propagation /: Invalid argument
#   error: Plugin unshare: hook scriplet_fork_post failed
#   warning: %post(said-1-1.noarch) scriptlet failed, exit status 126
# The same folder, mounted onto itself, has its scriptlets run (reported for an empty chroot: rpm's issue 3187).
#
# Makes a folder of Debian's packages; needs root, mmdebstrap and Debian's archive.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mmdebstrap --quiet --variant=essential --include=rpm=4.20.1+dfsg-3 trixie "$work/root" >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	exit 2
}
cat >"$work/root/tmp/said.spec" <<'END'
Name: said
Version: 1
Release: 1
Summary: Says that its scriptlet ran
License: none
BuildArch: noarch
%description
%{summary}.
%post
echo ran >/ran
%files
END

# Whether a package is installed there, and whether its %post ran. A root of Debian's tells rpm of no shell.
try() {
	chroot "$work/root" sh -c '
		rm -f /ran
		rpmbuild -bb --define "_rpmdir /tmp" /tmp/said.spec >/tmp/built 2>&1 || { cat /tmp/built >&2; exit 2; }
		rpm -i --nodeps /tmp/noarch/said-1-1.noarch.rpm 2>/tmp/said
		echo "rc $?, installed: $(rpm -q said), %post: $(cat /ran 2>/dev/null || echo was not run)"
		rpm -e said'
}
is() {
	printf '%s: %s\n' "$1" "$3"
	[ "$3" = "$2" ] || { echo "no more: it was $2" >&2 && exit 1; }
}

said=$(try)
is 'a folder' 'rc 0, installed: said-1-1.noarch, %post: was not run' "$said"
cat "$work/root/tmp/said"
said=$(export -f try && work=$work unshare --mount bash -c 'mount --bind "$work/root" "$work/root" && try')
is 'the same folder, mounted onto itself' 'rc 0, installed: said-1-1.noarch, %post: ran' "$said"
