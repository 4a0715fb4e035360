# SPDX-License-Identifier: Apache-2.0
"""One door per dangerous thing: a table of what only one place may do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

from .c_source import includes, uses
from .rule import Finding, Lint, Rule, Tree


@dataclass(frozen=True)
class Door:
    """What is guarded, where, and who may."""

    name: str
    sentence: str
    calls: str = ""  # names of functions, as a regular expression
    words: str = ""  # names of anything
    headers: tuple[str, ...] = ()  # <headers> that only open with the door
    only_headers: tuple[str, ...] = ()  # the only <headers> there are
    where: tuple[str, ...] = ("agent/*",)
    doors: tuple[str, ...] = ()  # files that may


# What reaches outside the process, or differs from one run to the next.
_OUTSIDE = "|".join(
    (
        "f(?:d|re)?open|tmpfile|open(?:at2?)?|creat|close|mk[sd]temp|mkostemp",
        "p?(?:read|write)v?|f(?:read|write|scanf|gets)|getline|getdelim|mmap|sendfile|splice",
        "[fl]?stat|fstatat|statx|f?access(?:at)?|f?truncate|fsync|fdatasync|flock|fcntl|ioctl",
        "(?:fd)?opendir|readdir|scandir|unlink(?:at)?|rename(?:at2?)?|remove",
        "mkdir(?:at)?|rmdir|link(?:at)?|symlink(?:at)?|readlink(?:at)?|realpath",
        "socket|connect|bind|listen|accept4?|send(?:to|msg)?|recv(?:from|msg)?|poll|select",
        "getaddrinfo|getifaddrs|gethostname|if_(?:nametoindex|indextoname)|uname|sysconf",
        "(?:secure_)?getenv|setenv|putenv|getp?pid|getuid|geteuid|isatty",
        "u?sleep|nanosleep|clock_nanosleep|clock|clock_gettime|gettimeofday|time|localtime(?:_r)?|mktime",
        "s?rand(?:om)?(?:_r)?|[dl]rand48|arc4random\\w*|getrandom|getentropy",
        "json_(?:load|dump)(?:_file|f|fd)|pthread_create",
    )
)

_PURE_HEADERS = (
    "arpa/inet.h",
    "assert.h",
    "ctype.h",
    "errno.h",
    "inttypes.h",
    "limits.h",
    "stdarg.h",
    "stdbool.h",
    "stddef.h",
    "stdint.h",
    "stdio.h",  # snprintf, open_memstream
    "stdlib.h",
    "string.h",
    "strings.h",
)

# A member of a struct, up to its last name; those that people read, and nothing else does.
_MEMBER = r"[\w.\[\]>-]*(?:->|\.)"
_SENTENCES = "|".join(
    (
        "text|sentence|fix|reason|label|program|missing|note|trouble",
        "kind_proof|not_blank_because|unknown_because|metadata_error",
        "name(?<=origin\\.name)",  # the place that a problem is at
        "location",  # of a redirect, which is not followed
    )
)

DOORS = (
    Door(
        "process-door",
        "only base/process.c starts processes",
        calls=r"v?fork|clone3?|posix_spawnp?|exec[lv]p?e?|execvpe|fexecve|execveat|daemon|forkpty",
        headers=("spawn.h",),
        doors=("agent/base/process*.c",),
    ),
    Door(
        "no-shell",
        "no value ever meets a shell: argv only",
        calls=r"system|popen|wordexp",
        headers=("wordexp.h",),
        where=("agent/*", "tests/*"),
    ),
    Door(
        "whole-copies",
        "a value is copied whole: text_format() and text_take() refuse where it does not fit",
        calls=r"strn?cpy|strn?cat|stpn?cpy|strlc(?:py|at)|v?sprintf",
    ),
    Door(
        "whole-values",
        "what a struct holds is a value: text_format(), text_take() and text_set() never cut one; sentences may be cut",
        words=rf"v?snprintf\s*\(\s*(?!{_MEMBER}(?:{_SENTENCES})\s*[,+]){_MEMBER}\w+",
    ),
    Door(
        "imds-door",
        "only ask/imds/ speaks HTTP",
        words=r"curl_\w+|CURL\w*",
        headers=("curl/*",),
        doors=("agent/ask/imds/*",),
    ),
    Door(
        "blockdev-door",
        "only base/blockdev*.c opens block devices, and asks libblkid",
        words=r"blkid_\w+|O_EXCL|O_DIRECT|BLK[A-Z0-9]+",
        headers=("blkid/*",),
        doors=("agent/base/blockdev*",),
    ),
    Door(
        "mount-door",
        "targets are mounted by systemd, from mount units; libmount only reads",
        calls=r"mount|umount2?|fsmount|move_mount",
        words=r"mnt_context_\w+",
    ),
    Door(
        "reboot-door",
        "only watch/reboot.c restarts the machine",
        calls=r"reboot|kexec_\w+",
        words=r"sysrq-trigger|SYS_reboot",
        headers=("sys/reboot.h", "linux/reboot.h"),
        doors=("agent/watch/reboot.c",),
    ),
    Door(
        "one-voice",
        "only report.c and the verbs speak; everything else returns values",
        calls=r"v?printf|puts|putchar|perror|v?syslog|warnx?|errx|v?dprintf|sd_(?:pid_)?notify\w*|sd_journal_\w+",
        words=r"stdout|stderr",
        headers=("syslog.h", "systemd/sd-daemon.h", "systemd/sd-journal.h", "err.h"),
        doors=(
            "agent/report*.c",
            "agent/main.c",
            "agent/verbs/*.c",
        ),
    ),
    Door(
        "decide-is-pure",
        "decide/ turns values into values: no I/O, no clock, no chance, no environment",
        calls=_OUTSIDE,
        only_headers=_PURE_HEADERS,
        where=("agent/decide/*",),
    ),
    Door(
        "model-without-io",
        "model/ holds values and their JSON: no I/O, no clock, no chance, no environment",
        calls=_OUTSIDE,
        only_headers=(*_PURE_HEADERS, "jansson.h"),
        where=("agent/model/*",),
    ),
)


def _sources(door: Door, tree: Tree) -> list[str]:
    files = tree.match(*(f"{place}.[ch]" for place in door.where))
    return [f for f in files if not any(fnmatch(f, d) for d in door.doors)]


def _guard(door: Door, lint: Lint, files: list[str]) -> Iterator[Finding]:
    names = [p for p in (rf"(?:{door.calls})\s*\(" if door.calls else "", door.words) if p]
    pattern = "|".join(rf"(?:{n})" if n.endswith(r"\(") else rf"(?:{n})\b" for n in names)
    for path in files:
        text = lint.tree.read(path)
        for include in includes(text):
            shut = any(fnmatch(include.name, h) for h in door.headers)
            if door.only_headers and not include.quoted:
                shut = shut or include.name not in door.only_headers
            if shut:
                yield Finding(path, include.line, f"includes <{include.name}>")
        for line, name in uses(text, pattern):
            yield Finding(path, line, f"says {name}")


def _rule(door: Door) -> Rule:
    return Rule(
        door.name,
        door.sentence,
        lambda tree: _sources(door, tree),
        lambda lint, files: _guard(door, lint, files),
        needed=True,
    )


RULES = [_rule(door) for door in DOORS]
