# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the image is made of, for people on an instance and for those who tag the AMI. Nothing reads it to decide.

RECORD=etc/lustre-init/image

record_lustre() {
	local package
	if [ "$LUSTRE_PRESENT" = yes ]; then
		printf 'brought otherwise'
		return 0
	fi
	package=$(lustre_packages | grep -vE '^kmod-|osd|modules' | head -n 1)
	package_version "$package"
}

record_text() {
	printf '# What this image was made of.\n'
	printf 'kind = %s\nsystem = %s\nkernel = %s\n' "$KIND" "$SYSTEM" "$KERNEL"
	printf 'lustre = %s\n' "$(record_lustre)"
	[ "$FAMILY" != dnf ] || printf 'e2fsprogs = %s\n' "$(rpm_version e2fsprogs)"
	printf 'lustre-init = %s\n' "$(agent_version)"
}

# What is to be installed has no version yet.
record_write() {
	local text
	if [ "$DRY_RUN" = yes ] && [ "$CHANGES" -gt 0 ]; then
		act "versions, in /$RECORD" true
	else
		text=$(record_text)
		put "versions, in /$RECORD" "$BASE/$RECORD" <<<"$text"
	fi
}
