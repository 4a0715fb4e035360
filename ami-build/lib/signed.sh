# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Who signed the packages of a repository: a key that is asked, or nobody, and then that has been said, of this repository.

KEY_HEAD='-----BEGIN PGP PUBLIC KEY BLOCK-----'

repository_url() {
	case $1 in
	lustre) printf '%s' "$LUSTRE_REPO" ;;
	e2fsprogs) printf '%s' "$E2FSPROGS_REPO" ;;
	kernel) printf '%s' "$KERNEL_REPO" ;;
	esac
}

# What an image keeps of it; the login is for this run.
repository_url_kept() {
	sed -E "s,$LOGIN_URL,://," <<<"$(repository_url "$1")"
}

is_unsigned() {
	[[ " $UNSIGNED " == *" $1 "* ]]
}

# Which option names it: the kernels are another's, and may have another key.
repository_key_option() {
	if [ "$1" = kernel ] && [ -n "$KERNEL_REPO_KEY" ]; then
		printf 'kernel-repo-key'
	else
		printf 'repo-key'
	fi
}

# A URL, a file, or nothing where nobody signed.
repository_key() {
	local REPLY
	! is_unsigned "$1" || return 0
	variable "$(repository_key_option "$1")"
	printf '%s' "${!REPLY}"
}

signed_check() {
	local name
	for name in $REPOSITORIES; do
		[ -z "$(repository_url "$name")" ] || is_unsigned "$name" || [ -n "$(repository_key "$name")" ] || signed_by_whom "$name"
	done
	if is_unsigned lustre && is_unsigned e2fsprogs && [ -n "$REPO_KEY" ]; then
		usage_error '--repo-key and --unsigned: one of them'
	elif is_unsigned kernel && [ -n "$KERNEL_REPO_KEY" ]; then
		usage_error '--kernel-repo-key and --unsigned: one of them'
	fi
	key_check repo-key "$REPO_KEY"
	key_check kernel-repo-key "$KERNEL_REPO_KEY"
}

signed_by_whom() {
	local option=repo-key otherwise=--unsigned
	if [ "$1" = kernel ]; then
		option=kernel-repo-key otherwise="--unsigned=${UNSIGNED:+${UNSIGNED// /,},}kernel"
	fi
	usage_error "--$option KEY: what signs the packages of --$1-repo; where nobody signed them, $otherwise"
}

# rpm takes no other form, and apt this one only under this name.
key_check() {
	case $2 in
	'' | *://*) return 0 ;;
	esac
	[[ -f $2 && -r $2 ]] || usage_error "$2: cannot be read (--$1)"
	grep -qF -e "$KEY_HEAD" "$2" || usage_error "$2: not a public key in the form that gpg --armor --export writes (--$1)"
}
