#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# NoNewPrivileges=yes in a service makes its lvcreate wait for ever where SELinux enforces Debian's policy.
#
# selinux-policy-default 2:2.20221101-9 (Debian 12), with systemd 252 and lvm2 2.03.16. lvm run by a service that has
# no domain of its own (initrc_t) changes into lvm_t. With no_new_privs the kernel asks for nnp_transition besides, which
# the policy gives nobody on this way, and the exec goes on in initrc_t: no error, one line in the audit log. There
# lvcreate makes the semaphore by which udev tells it that the node is there (the udev cookie). The dmsetup that
# udev runs is in lvm_t, has no rule for semaphores of initrc_t, and cannot lower it. Seen booted: "lvm lvcreate" at
# work until it was ended, after "avc: denied { nnp_transition } … tcontext=lvm_t" and
# "avc: denied { associate } … comm="dmsetup" scontext=lvm_t tcontext=initrc_t tclass=sem".
#
# This asks the policy for each link of that chain. It makes a folder of Debian's packages; needs root, mmdebstrap and
# Debian's archive.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mmdebstrap --quiet --variant=essential --include=selinux-policy-default=2:2.20221101-9,setools=4.4.1-2 \
	bookworm "$work/root" >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	exit 2
}

rules() {
	chroot "$work/root" sesearch "$@" /etc/selinux/default/policy/policy.33
}
is() {
	printf '%s: %s\n' "$1" "${3:-none}"
	[ "${3:-none}" = "$2" ] || { echo "no more: it was $2" >&2 && exit 1; }
}

is 'lvm, run by a service' 'type_transition initrc_t lvm_exec_t:process lvm_t;' \
	"$(rules -T -s initrc_t -t lvm_exec_t -c process)"
is 'it may change' 'allow initrc_t lvm_t:process transition;' \
	"$(rules -A -s initrc_t -t lvm_t -c process -p transition)"
is 'with no_new_privs' none "$(rules -A -s initrc_t -t lvm_t -c process2 -p nnp_transition)"
is 'dmsetup, run by udev' 'type_transition udev_t lvm_exec_t:process lvm_t;' \
	"$(rules -T -s udev_t -t lvm_exec_t -c process)"
is "what that may do with the service's semaphores" none "$(rules -A -s lvm_t -t initrc_t -c sem)"
echo "so the semaphore is never lowered, and lvcreate waits"
