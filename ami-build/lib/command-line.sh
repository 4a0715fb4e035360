# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The kernel's command line, wherever a boot loader reads it, and wherever the next kernel's is taken from.

command_line_files() {
	local file
	shopt -s nullglob
	for file in "$BASE"/boot/loader/entries/*.conf "$BASE"/boot/{grub2,grub}/{grubenv,grub.cfg} "$BASE"/etc/kernel/cmdline \
		"$BASE"/etc/default/grub "$BASE"/etc/default/grub.d/*.cfg; do
		if [ -f "$file" ] && stays_inside "$file"; then
			printf '%s\n' "$file"
		fi
	done
	shopt -u nullglob
}

# command_line_has NAME VALUE: the files by which a kernel is told so, one a line; of a word that stands twice, the kernel takes
# the last.
command_line_has() {
	local file
	while read -r file; do
		! awk -v name="$1=" -v value="$2" '
			/^[ \t]*(export[ \t]+)?GRUB_CMDLINE_[A-Z_]+[+]?=/ || /^[ \t]*(set[ \t]+)?(default_)?kernelopts=/ { sub(/^[^=]*=/, " "); told = 1 }
			/^[ \t]*(options|linux(16|efi)?)[ \t]/ || FILENAME ~ "/etc/kernel/cmdline$" { told = 1 }
			told {
				gsub(/["\047]/, " ")
				for (i = 1; i <= NF; i++)
					if (index($i, name) == 1)
						last = substr($i, length(name) + 1)
				found = found || (last != "" && last == value)
				told = 0
				last = ""
			}
			END { exit !found }' "$file" || printf '%s\n' "${file#"$BASE"}"
	done < <(command_line_files)
}
