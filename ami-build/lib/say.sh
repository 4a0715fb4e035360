# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What is told, and how things end. Each change is one `act`: a sentence, then the command that makes it so. What is
# already so is told by `is`. The first command that fails ends the program, which then says what it was doing.

CHANGES=0
DOING=
TOLD=no
LOG=
SCRATCH=
LENT=

die() {
	printf '%s: %s\n' "${0##*/}" "$1" >&2
	DOING='' TOLD=yes
	exit "${2:-1}"
}

# die, after what a tool said of it.
die_of_log() {
	tail -n 10 "$LOG" >&2
	die "$1"
}

# What was asked cannot be meant.
usage_error() {
	die "$1" 2
}

heading() {
	printf '%s\n' "$1"
}

is() {
	printf '  = %s\n' "$1"
}

note() {
	printf '  ! %s\n' "$1"
}

# act SENTENCE COMMAND...: commands are quiet; what they said is shown if one fails.
act() {
	DOING=$1
	printf '  + %s\n' "$1"
	CHANGES=$((CHANGES + 1))
	shift
	[ "$DRY_RUN" = no ] || return 0
	# Not what say_begin holds: a daemon that a scriptlet starts would hold it for ever.
	"$@" >>"$LOG" 2>&1 </dev/null 9<&-
	DOING=
}

# put SENTENCE PATH [MODE]: the file has what comes on standard input, whole or not at all.
put() {
	local sentence=$1 path=$2 mode=${3:-0644} text
	text=$(cat)
	if [ -f "$path" ] && [ "$(cat "$path")" = "$text" ]; then
		is "$sentence"
	else
		act "$sentence" put_text "$path" "$mode" "$text"
	fi
}

put_text() {
	mkdir -p "${1%/*}"
	printf '%s\n' "$3" >"$1.lustre-init"
	chmod "$2" "$1.lustre-init"
	mv -f "$1.lustre-init" "$1"
}

ending() {
	local status=$?
	if [ "$status" -ne 0 ] && [ -n "$DOING" ]; then
		tail -n 20 "$LOG" >&2
		printf '%s: stopped, this failed: %s\n' "${0##*/}" "$DOING" >&2
	elif [ "$status" -ne 0 ] && [ "$TOLD" = no ]; then
		tail -n 20 "$LOG" >&2
		printf '%s: stopped (%d)\n' "${0##*/}" "$status" >&2
	fi
	[ -z "$LENT" ] || rm -f "$LENT"
	[ -z "$SCRATCH" ] || rm -rf "$SCRATCH"
}

# The scratch folder is in the image, where commands of the image find it too, and goes whatever happens.
say_begin() {
	exec 9<"$ROOT/"
	flock --nonblock 9 || die "another run works on $ROOT"
	[ -d "$BASE/tmp" ] || mkdir -m 1777 "$BASE/tmp"
	SCRATCH=$(mktemp -d "$BASE/tmp/lustre-init.XXXXXXXX")
	LOG=$SCRATCH/log
	: >"$LOG"
	trap ending EXIT
	trap 'exit 130' INT TERM HUP
}
