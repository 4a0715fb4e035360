# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # settings are read by all other files
#
# Every setting is a flag, and a line of the config file without the two dashes. A flag wins over the file. The file is
# read, never run. Each setting becomes a variable: --lustre-repo is LUSTRE_REPO.

# The repositories that may be named: --lustre-repo, and so on.
REPOSITORIES='lustre e2fsprogs kernel'

# For whom | name | default | form ("-" takes no value, "[=" may have one) | what it is.
settings() {
	cat <<'END'
all|kind||server or client|what the image shall be
all|root|/|DIR|the root directory of the image; without it, the running system
all|config||FILE|settings, one NAME = VALUE a line
all|lustre-version||VERSION|the release of Lustre, as 2.15.8; without it, the newest of the repository
all|kernel||VERSION|the kernel (uname -r); without it, the one that Lustre's modules are for
all|lustre-present|no|-|Lustre is in the image already: install none
all|no-modules|no|-|that Lustre has no kernel modules (a stand-in for tests)
all|selinux|keep|keep, enforcing or permissive|SELinux in the image
all|firewall|open|open or keep|whether a host firewall that is enabled lets port 988 in
all|keep-ssm|no|-|the SSM agent runs this (EC2 Image Builder, Run Command): its folder and AWS's logs are left alone
provision|lustre-repo||URL|where the packages of Lustre are (README.md has the layouts); for apt, URL SUITE COMPONENT
provision|e2fsprogs-repo||URL|where Lustre's e2fsprogs are; a server needs them
provision|kernel-repo||URL|where older kernels are, if the image's own repositories have lost them
provision|repo-key||URL or FILE|the key that signs these packages
provision|kernel-repo-key||URL or FILE|the key that signs those kernels, where it is another
provision|unsigned|no|[=NAME,...]|packages that nobody signed are taken, on the word of the connection: of lustre, e2fsprogs, kernel those named, alone of the first two
provision|agent||FILE|the package of lustre-init, .rpm or .deb
provision|site||FILE|a document baked into the image, /etc/lustre-init/conf.d/10-site.yaml
provision|no-cleanse|no|-|keep what makes this machine itself; such an image must not be published
provision|dry-run|no|-|say what would be done, do nothing
verify|booted|no|-|this is an instance of the image: look at what runs, not at what was left behind
verify|only||NAME,...|some of the checks
verify|json|no|-|one JSON object, for programs
END
}

own_settings() {
	settings | grep -E "^(all|$1)\|"
}

usage() {
	local name default form text
	printf 'usage: %s --kind server|client [--root DIR] [OPTION...]\n\n' "${0##*/}"
	while IFS='|' read -r _ name default form text; do
		[ "$form" != - ] || form=
		[[ $form == \[* ]] || name="$name "
		printf '  --%-30s %s%s\n' "$name$form" "$text" "$(default_text "$default")"
	done < <(own_settings "$1")
}

default_text() {
	case $1 in
	'' | no) ;;
	*) printf ' (%s)' "$1" ;;
	esac
}

# variable NAME: sets REPLY, as read does.
variable() {
	REPLY=${1//-/_} REPLY=${REPLY^^}
}

# setting NAME VALUE
setting() {
	local REPLY
	variable "$1"
	declare -g "$REPLY=$2"
}

form_of() {
	settings | awk -F'|' -v name="$2" -v who="$1" '$2 == name && ($1 == "all" || $1 == who) { print $4; found = 1 }
		END { exit !found }'
}

set_defaults() {
	local name default
	while IFS='|' read -r _ name default _; do
		setting "$name" "$default"
	done < <(settings)
}

# A config file serves both programs: what is another's setting is passed over there.
known_anywhere() {
	settings | cut -d'|' -f2 | grep -vxF config | grep -qxF -- "$1"
}

read_config() {
	local file=$1 line name value number=0
	local -A lines=()
	[[ -r $file && ! -d $file ]] || usage_error "$file: cannot be read (--config)"
	while IFS= read -r line || [ -n "$line" ]; do
		number=$((number + 1))
		# An editor of Windows begins a file so.
		[ "$number" -ne 1 ] || line=${line#$'\xef\xbb\xbf'}
		# A comment is a line, or comes after a blank: names and URLs may hold the sign.
		[[ $line =~ (^|[[:space:]])# ]] && line=${line%%"${BASH_REMATCH[0]}"*}
		[ -n "${line//[[:space:]]/}" ] || continue
		[[ $line =~ ^[[:space:]]*([a-z0-9-]+)[[:space:]]*=[[:space:]]*(.*[^[:space:]])[[:space:]]*$ ]] ||
			usage_error "$file:$number: a line is NAME = VALUE"
		name=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
		[[ ! $value =~ ^\".*\"$|^\'.*\'$ ]] || usage_error "$file:$number: the value of $name is in quotation marks, which would be part of it"
		known_anywhere "$name" || usage_error "$file:$number: no setting is called '$name'"
		[ "$(settings | awk -F'|' -v name="$name" '$2 == name { print $4 }')" != - ] ||
			[[ $value =~ ^(yes|no)$ ]] || usage_error "$file:$number: $name is yes or no"
		# Which of the two is meant, nobody knows but who wrote them.
		[ -z "${lines[$name]:-}" ] || usage_error "$file:$number: $name stands in line ${lines[$name]}, too"
		lines[$name]=$number
		setting "$name" "$value"
	done <"$file"
}

# options PROGRAM ARGUMENT...
options() {
	local program=$1 name value form i
	local -a names=() values=()
	shift
	set_defaults
	while [ $# -gt 0 ]; do
		[ "$1" != --help ] || { usage "$program"; exit 0; }
		[[ $1 == --* ]] || usage_error "'$1' is no option (--help lists them)"
		name=${1#--} name=${name%%=*}
		form=$(form_of "$program" "$name") || usage_error "no option is called --$name (--help lists them)"
		if [[ $form == [-[]* && $1 != *=* ]]; then
			value=yes
		elif [[ $1 == *=* ]]; then
			value=${1#*=}
		else
			[ $# -gt 1 ] || usage_error "--$name needs a value: $form"
			value=$2
			# Of --kernel --dry-run, the one thing wanted would be forgotten.
			[[ $value != --* ]] || usage_error "--$name needs a value: $form (and '$value' is none; write --$name=$value if it is)"
			shift
		fi
		[ "$form" != - ] || [[ $value =~ ^(yes|no)$ ]] || usage_error "--$name is yes or no (it is '$value')"
		shift
		names+=("$name") values+=("$value")
		[ "$name" != config ] || read_config "$value"
	done
	for ((i = 0; i < ${#names[@]}; i++)); do
		setting "${names[i]}" "${values[i]}"
	done
	check_options
}

one_of() {
	local name=$1 value=$2 word
	shift 2
	for word; do
		[ "$value" != "$word" ] || return 0
	done
	usage_error "--$name is one of: $* (it is '$value')"
}

# Values become lines of files and of what is told; the one line of a config file could not hold them either.
check_plain() {
	local name REPLY
	while IFS='|' read -r _ name _; do
		variable "$name"
		[[ ${!REPLY} != *[[:cntrl:]]* ]] || usage_error "--$name has a newline or another control character in it"
	done < <(settings)
}

# Makes UNSIGNED a list of repositories. A kernel is a distribution's, which signs: it has to be named.
check_unsigned() {
	local name said=$UNSIGNED
	case $said in
	yes) UNSIGNED='lustre e2fsprogs' ;;
	no) UNSIGNED= ;;
	*) UNSIGNED=$(tr -s ', ' ' ' <<<"$said") ;;
	esac
	for name in $UNSIGNED; do
		[[ " $REPOSITORIES " == *" $name "* ]] || usage_error "--unsigned is yes, no, or some of ${REPOSITORIES// /,} (it is '$said')"
	done
}

check_options() {
	check_plain
	check_unsigned
	one_of kind "$KIND" server client
	one_of selinux "$SELINUX" keep enforcing permissive
	one_of firewall "$FIREWALL" open keep
	[ -d "$ROOT" ] || usage_error "$ROOT: no such directory (--root)"
	ROOT=$(realpath "$ROOT")
	# Paths in the image are written $BASE/etc/…
	BASE=${ROOT%/}
	[ "$KEEP_SSM" = no ] || is_running_system || usage_error '--keep-ssm is for the running system: no SSM agent runs in a root directory'
	[ "$NO_MODULES" = no ] || [ "$LUSTRE_PRESENT" = yes ] || usage_error "--no-modules is for a Lustre that is --lustre-present"
	[[ $KERNEL =~ ^[A-Za-z0-9._+~-]*$ ]] || usage_error "--kernel is a version as of uname -r (it is '$KERNEL')"
	[[ $LUSTRE_VERSION =~ ^[A-Za-z0-9._+~-]*$ ]] || usage_error "--lustre-version is a version as 2.15.8 (it is '$LUSTRE_VERSION')"
}
