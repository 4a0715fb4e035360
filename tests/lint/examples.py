# SPDX-License-Identifier: Apache-2.0
"""A small tree in which every rule holds, and for each rule changes to it that break it."""

from __future__ import annotations

from dataclasses import dataclass

SPDX = "SPDX-License-Identifier: Apache-2.0"
_C = f"/* {SPDX} */\n"
_H = f"{_C}#pragma once\n"
_SH = f"#!/bin/sh\n# {SPDX}\n"
_PY = f"# {SPDX}\n"

_HARD = (
    "CapabilityBoundingSet=\nRestrictNamespaces=yes\nDevicePolicy=closed\nSystemCallFilter=@system-service\n"
    "SystemCallArchitectures=native\nRestrictAddressFamilies=AF_UNIX\nNoNewPrivileges=yes\nUMask=0077\n"
)

_FLOORS = (
    f"# {SPDX}\nfloor glibc 2.28\nfloor systemd 239\nfloor libcurl 7.61.1\nfloor lvm2 2.03.14\n"
    "floor util-linux 2.32.1\nnode GLIBC_ glibc\nnode LIBSYSTEMD_ systemd\nmoved glibc stat@GLIBC_2.33 2.2.5\n"
    "name libcurl curl_easy_init 7.1 a source\nname libcurl curl_multi_poll 7.66.0 a source\n"
    "name libcurl CURLOPT_PROTOCOLS_STR 7.85.0 a source\noption lvm2 lvm --devicesfile 2.03.12 a source\n"
    "directive systemd ExecStart 1 a source\ndirective systemd ProtectClock 245 ignored a source\n"
    "directive systemd RestrictSUIDSGID 242 ignored a source\ndirective systemd Where 1 a source\n"
    "directive systemd ExitType 250 a source\n"
    + "".join(f"directive systemd {line.split('=')[0]} 219 a source\n" for line in _HARD.splitlines())
    + "option lvm2 lvm --newest 2.03.20 a source\noption util-linux blkdiscard --length 2.23 a source\n"
)


def _symbol(name: str) -> str:
    return f"     1: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND {name}\n"


_SYMBOLS = "".join(
    _symbol(name)
    for name in (
        "_ITM_deregisterTMCloneTable",
        "stat@GLIBC_2.33 (8)",
        "fcntl64@GLIBC_2.28 (9)",
        "curl_easy_init@CURL_OPENSSL_4 (7)",
        "sd_event_new@LIBSYSTEMD_221 (3)",
    )
)

_VERBS = '\t{ "plan", "print: it", 0 },\n\t{ "json", no_argument, 0 },\n'
_ID = "0123456789abcdef0123456789abcdef"
_ENTRY = f"-- {_ID}\nSubject: It stands\nDefined-By: node\nDocumentation: man:node(8)\n\nNothing has to be done.\n"

_GUARD = '{"guards": [\n{"guard": "its number", "file": "agent/base/error.h", "text": "%s"}\n]}\n'

GOOD: dict[str, str] = {
    "tests/guards/guards.json": _GUARD % "int code;",
    "agent/base/cleanup.h": f"{_H}\n#define cleanup(destructor) __attribute__((cleanup(destructor)))\n",
    "agent/base/error.h": f"{_H}\nstruct error {{\n\tint code;\n}};\n",
    "agent/base/process.c": f"{_C}\n#include <spawn.h>\n#include <unistd.h>\n",
    "agent/model/spec/spec.h": f"{_H}\nstruct spec {{\n\tint index;\n}};\n\nint spec_index(const struct spec *spec);\n",
    "agent/model/spec/spec.c": (
        f'{_C}\n#include "model/spec/spec.h"\n\n#include <stdlib.h>\n\n'
        "/* popen() and open() in a comment are words. */\n"
        "int spec_index(const struct spec *spec)\n{\n\treturn abs(spec->index);\n}\n"
    ),
    "agent/ask/imds/imds.c": (
        f"{_C}\n#include <curl/curl.h>\n\n#if LIBCURL_VERSION_NUM >= 0x075500\n"
        "enum {\n\tONLY = CURLOPT_PROTOCOLS_STR,\n};\n#endif\n"
    ),
    "agent/decide/planner.h": f"{_H}\nstruct spec;\n\nint planner_index(const struct spec *spec);\n",
    "agent/decide/planner.c": (
        f'{_C}\n#include "decide/planner.h"\n\n#include "base/error.h"\n#include "model/spec/spec.h"\n\n'
        "int planner_index(const struct spec *spec)\n{\n"
        "\tstatic const char names[] = \"open(), time()\";\n\n"
        "\treturn names[0] + spec_index(spec);\n}\n"
    ),
    "agent/effect/lvm.c": f'{_C}\n#include "base/error.h"\n#include "model/spec/spec.h"\n',
    "agent/report.c": f"{_C}\n#include <stdio.h>\n",
    "agent/README.md": f"<!-- {SPDX} -->\n`ProtectClock=` is left out.\n",
    "agent/man/lustre-init.8": (
        f'.\\" {SPDX}\n.Dd January 1, 2026\n.Dt LUSTRE-INIT 8\n.Os\n'
        ".Sh NAME\n.Nm lustre-init\n.Nd a Lustre node from its tags\n"
    ),
    "tests/lint/floors": _FLOORS,
    "build/lustre-init.symbols": _SYMBOLS,
    "tests/unit/model/spec/test_spec.c": f'{_C}\n#include "model/spec/spec.h"\n',
    "tests/lab/node.py": f"{_PY}import subprocess\n\n\ndef node(name: str) -> str:\n    return name\n",
    "tests/lab/run": f'{_SH}echo "$1"\n',
    "tests/lab/node.yaml": f"# {SPDX}\nrole: oss\n",
    "units/node.service": f"# {SPDX}\n[Service]\nExecStart=/usr/sbin/node\nProtectClock=yes\n{_HARD}",
    "units/90-node.preset": f"# {SPDX}\nenable node.service\n",
    "agent/main.c": f'{_C}\n#include <stdio.h>\n\n/*\n{_VERBS}*/\n',
    "agent/schema/lustre-init.schema.json": '{"definitions": {"document": {"properties": {"role": {}}}}}\n',
    "agent/completion/lustre-init": f"# {SPDX}\nlocal verbs='plan'\nlocal keys='role'\nlist --json\n",
    "agent/completion/_lustre-init": f"#compdef lustre-init\n# {SPDX}\nverbs=(\n\t\t'plan:print\\: it'\n)\nkeys=(role)\nlist --json\n",
    "agent/report_journal.c": f'{_C}\n/*\n[JOURNAL_READY] = {{ "ready", "{_ID}" }}\nJOURNAL_READY\n*/\n',
    "units/node.catalog": f"# {SPDX}\n{_ENTRY}",
    "Makefile": f"# {SPDX}\nVERSION := 0.0.1\n",
    "rpm/node.spec": (
        f"# {SPDX}\nName: node\nVersion: 0.0.1\nRelease: 1\nSummary: One node\n"
        "License: Apache-2.0\n\n%description\nOne node.\n"
    ),
}


@dataclass(frozen=True)
class Bad:
    """One file, written anew, and the line on which the rule must report it."""

    rule: str
    path: str
    text: str
    line: int


def _c(rule: str, path: str, code: str, line: int = 3) -> Bad:
    return Bad(rule, path, f"{_C}\n{code}\n", line)


def _after(path: str, more: str) -> str:
    return GOOD[path] + more


_LONG_FUNCTION = "int f(void)\n{\n" + "\t;\n" * 78 + "}"
_TANGLE = "int f(int a)\n{\n" + "".join(f"{chr(9) * n}if (a > {n})\n" for n in range(1, 9)) + "\t\t\t\t\t\t\t\t\treturn a;\n\treturn 0;\n}"

# A header of each of the four that stand beside each other, and a source.
_SIBLINGS = {
    "ask": ("ask/imds/imds.h", "agent/ask/imds/imds.c"),
    "observe": ("observe/storage/storage.h", "agent/observe/storage/storage.c"),
    "decide": ("decide/planner.h", "agent/decide/disks/layout.c"),
    "effect": ("effect/apply.h", "agent/effect/apply.c"),
}

_LAYERS = [
    *(
        _c("layers", source, f'#include "{header}"')
        for one, (_, source) in _SIBLINGS.items()
        for other, (header, _) in _SIBLINGS.items()
        if one != other
    ),
    _c("layers", "agent/base/file.c", '#include "model/spec/spec.h"'),
    _c("layers", "agent/model/plan.c", '#include "decide/planner.h"'),
    _c("layers", "agent/model/spec/check.c", '#include "model/plan.h"'),
    _c("layers", "agent/ask/document/conf.c", '#include "ask/imds/imds.h"'),
    _c("layers", "agent/observe/storage/storage.c", '#include "observe/network/network.h"'),
    _c("layers", "agent/observe/network/network.c", '#include "observe/storage/storage.h"'),
    _c("layers", "agent/decide/disks/layout.c", '#include "base/cleanup.h"'),
    _c("layers", "agent/effect/mount.c", '#include "report.h"'),
    _c("layers", "agent/effect/mount.c", '#include "verbs/verbs.h"'),
    _c("layers", "agent/converge.c", '#include "verbs/verbs.h"'),
    _c("layers", "agent/node.c", '#include "effect/lnet.h"'),
    _c("layers", "agent/node_spec.c", '#include "effect/apply.h"'),
    _c("layers", "agent/node_files.c", '#include "effect/record.h"'),
    _c("layers", "agent/node_wait.c", '#include "decide/planner.h"'),
    _c("layers", "agent/extra/thing.c", "", 1),
    _c("layers", "agent/observe/extra/thing.c", "", 1),
    _c("include-spelling", "agent/model/plan.c", '#include "spec.h"'),
    _c("include-spelling", "agent/model/plan.c", "#include <model/spec/spec.h>"),
    _c("include-spelling", "agent/model/plan.c", '#include "string.h"'),
]

_AT_SYMBOL = _SYMBOLS.count("\n") + 1
_AT_FLOOR = _FLOORS.count("\n") + 1


def _floor(line: str) -> Bad:
    return Bad("floors", "tests/lint/floors", f"{_FLOORS}{line}\n", _AT_FLOOR)


def _needs(symbol: str) -> Bad:
    return Bad("floor-symbols", "build/lustre-init.symbols", _SYMBOLS + _symbol(symbol), _AT_SYMBOL)


def _asks(before: str, name: str, line: int) -> Bad:
    after = "\n#endif" if before else ""
    return _c("floor-constants", "agent/ask/imds/http.c", f"{before}enum {{\n\tONLY = {name},\n}};{after}", line)


def _calls(*words: str) -> Bad:
    argv = "".join(f'\n\t"{word}",' for word in words)
    return _c("floor-options", "agent/effect/disk.c", f"static const char *const argv[] = {{{argv}\n}};", 3 + len(words))


_FLOOR = [
    _floor("floor glibc 2.30"),
    _floor("floor jansson"),
    _floor("name jansson json_array 1.0 a source"),
    _floor("name libcurl curl_easy_perform 7.1"),
    _floor("name libcurl curl_easy_init 7.2 a source"),
    _floor("option lvm2 lvm --size 2.02"),
    _floor("option lvm2 lvm --size 2.02 asked"),
    _floor("anything else"),
    _needs("strerrordesc_np@GLIBC_2.32 (5)"),
    _needs("sd_event_source_disable_unref@LIBSYSTEMD_243 (5)"),
    _needs("stat@GLIBC_2.40 (5)"),
    _needs("fstat@GLIBC_2.33 (5)"),
    _needs("curl_multi_poll@CURL_OPENSSL_4 (5)"),
    _needs("curl_multi_poll"),
    _needs("json_array@libjansson.so.4 (5)"),
    _needs("deflate"),
    Bad("floor-symbols", "build/lustre-init.symbols", "Symbol table '.dynsym' contains 0 entries:\n", 1),
    _asks("", "CURLOPT_PROTOCOLS_STR", 4),
    _asks("", "CURLOPT_NOT_IN_THE_TABLE", 4),
    _asks("#if LIBCURL_VERSION_NUM >= 0x073d01\n", "CURLOPT_PROTOCOLS_STR", 5),
    _asks("#if LIBCURL_VERSION_NUM >= 0x075500\n#else\n", "CURLOPT_PROTOCOLS_STR", 6),
    _calls("lvm", "--devicesfile", "--newest"),
    _calls("lvm", "--devicesfile", "--of-no-table"),
    _calls("lvm", "-o"),
    _calls("blkdiscard", "--length", "--devicesfile"),
    _floor("directive systemd ProtectHome 214 ignored"),
    Bad("floor-directives", "units/other.service", f"# {SPDX}\n[Service]\nExitType=cgroup\n", 3),
    Bad("floor-directives", "units/other.target", f"# {SPDX}\n[Unit]\nOfNoTable=yes\n", 3),
    Bad("floor-directives", "units/others.service.d/node.conf", f"# {SPDX}\n[Service]\nExitType=cgroup\n", 3),
    Bad("floor-directives", "units/other.service", f"# {SPDX}\n[Service]\nRestrictSUIDSGID=yes\n", 3),
    _c("floor-directives", "agent/effect/unit_file.c", 'static const char text[] =\n\t"[Mount]\\n"\n\t"Where=/x\\nOfNoTable=yes\\n";', 5),
    _c("floor-directives", "agent/effect/unit_file.c", 'void f(FILE *to)\n{\n\tprint_value(to, "OfNoTable", "x");\n}', 5),
]

_DOORS = [
    _c("process-door", "agent/effect/lvm.c", "int f(void)\n{\n\treturn fork();\n}", 5),
    _c("process-door", "agent/effect/lvm.c", "int f(char **a)\n{\n\treturn execvp(a[0], a);\n}", 5),
    _c("process-door", "agent/effect/lvm.c", "#include <spawn.h>"),
    _c("no-shell", "agent/base/process.c", 'int f(void)\n{\n\treturn system("x");\n}', 5),
    _c("no-shell", "tests/unit/model/spec/test_spec.c", 'void *f(void)\n{\n\treturn popen ("x", "r");\n}', 5),
    _c("whole-copies", "agent/effect/lvm.c", 'void f(char *a)\n{\n\tstrncpy(a, "x", 1);\n}', 5),
    _c("whole-values", "agent/effect/lvm.c", 'void f(struct x *a)\n{\n\tsnprintf(a->name, 8, "x");\n}', 5),
    _c("whole-values", "agent/model/plan.c", 'void f(struct x a)\n{\n\tsnprintf(a.y[1].text_of, 8, "x");\n}', 5),
    _c("whole-values", "agent/model/plan.c", 'void f(struct x *a)\n{\n\tsnprintf(\n\t\ta->b.name + 2, 8, "x");\n}', 5),
    _c("imds-door", "agent/ask/document/tags.c", "#include <curl/curl.h>"),
    _c("reboot-door", "agent/watch/leave.c", "reboot(RB_AUTOBOOT);"),
    _c("reboot-door", "agent/effect/ready.c", "#include <sys/reboot.h>"),
    _c("imds-door", "agent/ask/document/tags.c", "void *(*start)(void) = curl_easy_init;"),
    _c("blockdev-door", "agent/ask/document/tags.c", "#include <blkid/blkid.h>"),
    _c("blockdev-door", "agent/ask/document/tags.c", "int flags = O_RDONLY | O_EXCL;"),
    _c("blockdev-door", "agent/effect/lvm.c", "unsigned long what = BLKDISCARD;"),
    _c("mount-door", "agent/effect/lvm.c", 'int f(void)\n{\n\treturn umount2("/mnt", 0);\n}', 5),
    _c("mount-door", "agent/effect/lvm.c", "int (*f)(void *) = mnt_context_mount;"),
    _c("one-voice", "agent/effect/lvm.c", 'void f(void)\n{\n\tprintf("x");\n}', 5),
    _c("one-voice", "agent/base/process.c", 'void f(void)\n{\n\tfprintf(stderr, "x");\n}', 5),
    _c("one-voice", "agent/node.c", 'void f(void)\n{\n\tsd_notify(0, "READY=1");\n}', 5),
    _c("decide-is-pure", "agent/decide/disks/layout.c", "#include <time.h>"),
    _c("decide-is-pure", "agent/decide/disks/layout.c", 'void *f(void)\n{\n\treturn fopen("x", "r");\n}', 5),
    _c("decide-is-pure", "agent/decide/disks/layout.c", "long f(void)\n{\n\treturn time(0);\n}", 5),
    _c("decide-is-pure", "agent/decide/disks/layout.c", "long f(void)\n{\n\treturn random();\n}", 5),
    _c("decide-is-pure", "agent/decide/disks/layout.c", 'char *f(void)\n{\n\treturn getenv("x");\n}', 5),
    _c("model-without-io", "agent/model/plan.c", "#include <fcntl.h>"),
    _c("model-without-io", "agent/model/plan.c", 'void *f(void)\n{\n\treturn json_load_file("x", 0, 0);\n}', 5),
]

_SIZES = [
    Bad("file-size", "agent/model/plan.c", _C + "\n" * 600, 601),
    Bad("file-size", "tests/lab/image.py", _PY + "\n" * 600, 601),
    Bad("header-size", "agent/model/plan.h", _C + "\n" * 200, 201),
    _c("function-size", "agent/model/plan.c", _LONG_FUNCTION),
    Bad("function-size", "tests/lab/image.py", _PY + "def f() -> None:\n" + "    f()\n" * 80, 2),
    _c("file-names", "agent/base/string_util.c", "", 1),
    _c("file-names", "agent/model/common.h", "", 1),
    Bad("file-names", "tests/misc/run", _SH, 1),
    _c("no-globals", "agent/model/plan.c", "int count;"),
    _c("no-globals", "agent/model/plan.c", 'static const char *name = "x";'),
    _c("no-globals", "agent/model/plan.c", "static struct {\n\tint a;\n} state[4];"),
    _c("no-globals", "agent/model/plan.c", "static int (*hook)(int);"),
    _c("no-globals", "agent/model/plan.c", "int f(void)\n{\n\tint a = 0;\n\tstatic int calls = 0;\n\n\treturn calls++ + a;\n}", 6),
]

_WORDS = [
    Bad("spdx", "agent/model/plan.c", "int f(void);\n", 1),
    Bad("spdx", "tests/lab/image", "#!/bin/sh\necho\n", 1),
    Bad("no-machine-paths", "tests/lab/run", _SH + "ls /wo" "rk/main\n", 3),
    Bad("no-machine-paths", "tests/lab/run", _SH + 'cd "/fa' 'rm"\n', 3),
    _c("nothing-left", "agent/model/plan.c", "/* TO" "DO: the rest */"),
    Bad("nothing-left", "tests/lab/run", _SH + "# FIX" "ME\n", 3),
    Bad("end-by-id", "tests/lab/run", _SH + "pki" "ll node\n", 3),
    Bad("end-by-id", "tests/lab/image.py", _PY + 'ARGV = ["kill' 'all", "node"]\n', 2),
    _c("json-owner", "agent/model/plan.c", "void f(void)\n{\n\tjson_auto_t *json = NULL;\n}", 5),
    _c("spelling", "agent/model/plan.c", "/* what we reci" "eve */"),
]

_SCRIPTS = [
    Bad("shellcheck", "tests/lab/run", _SH + "rm $1\n", 3),
    Bad("shellcheck", "tests/lab/image.sh", f"# {SPDX}\n# shellcheck shell=bash\nrm $1\n", 3),
    Bad("python-compiles", "tests/lab/image.py", _PY + "def f(:\n", 2),
    Bad("python-compiles", "tests/lab/image.py", _PY + 'A = "\\d"\n', 2),
    Bad("python-floor", "tests/lab/image.py", _PY + "def f(a: int | None) -> int:\n    return a or 0\n", 2),
    Bad("python-floor", "tests/lab/image.py", _PY + "def f(a: int) -> int:\n    match a:\n        case _:\n            return 1\n", 5),
    Bad("python-floor", "tests/pace.py", _PY + "from __future__ import annotations\n", 2),
    Bad("python-floor", "tests/pace.py", _PY + "def f(a: list[int]) -> int:\n    return a[0]\n", 2),
    Bad("python-floor", "tests/pace.py", _PY + "A = (b := 1)\n", 2),
    Bad("python-floor", "tests/pace.py", _PY + "import time\n\nA = time.thread_time()\n", 4),
    Bad("python-floor", "units/part.py", _PY + "import subprocess\n\nA = subprocess.run(['x'], text=True)\n", 4),
    Bad("python-imports", "tests/lab/image.py", _PY + "import requests\n", 2),
    Bad("python-typed", "tests/lab/image.py", _PY + "def f(a: int):\n    return a\n", 2),
    Bad("python-typed", "tests/lab/image.py", _PY + "def f(a) -> int:\n    return a\n", 2),
    Bad("python-careful", "tests/lab/image.py", _PY + "import os\n\nos.system('x')\n", 4),
    Bad("python-careful", "tests/lab/image.py", _PY + "import subprocess as s\n\ns.run('x', shell=True)\n", 4),
    Bad("python-careful", "tests/lab/image.py", _PY + "try:\n    pass\nexcept:\n    pass\n", 4),
]

_PACKAGE = [
    Bad("man", "agent/man/lustre-init.8", _after("agent/man/lustre-init.8", ".Xx wrong\n"), 8),
    Bad("units", "units/node.service", _after("units/node.service", "NoSuchKey=1\n"), 13),
    Bad("units", "units/node.service", f"# {SPDX}\n[Service]\nType=sometimes\nExecStart=/usr/sbin/node\n", 3),
    Bad("units", "units/node.service", _after("units/node.service", "[Unit]\nRequires=absent.service\n"), 1),
    Bad("unit-exposure", "units/node.service", f"# {SPDX}\n[Service]\nExecStart=/usr/sbin/node\n", 1),
    Bad("unit-mounts", "units/node.service", _after("units/node.service", "ProtectSystem=strict\n"), 13),
    Bad("presets", "units/90-node.preset", f"# {SPDX}\nenable nodes.service\n", 2),
    Bad("rpm-spec", "rpm/node.spec", GOOD["rpm/node.spec"].replace("0.0.1", "0.0.2"), 3),
    Bad("rpm-spec", "rpm/node.spec", _after("rpm/node.spec", "\n%if 1\n"), 11),
    Bad("guards", "tests/guards/guards.json", _GUARD % "long code;", 2),
    Bad("guards", "tests/guards/guards.json", _GUARD % "e", 2),
    Bad("yaml", "tests/lab/node.yaml", f"# {SPDX}\nrole: oss\nrole: mds\n", 3),
]

_AT_EVENT = GOOD["agent/report_journal.c"].split("[")[0].count("\n") + 1
_BASH, _ZSH, _CATALOG = "agent/completion/lustre-init", "agent/completion/_lustre-init", "units/node.catalog"
_EVENTS = "agent/report_journal.c"

_TABLES = [
    Bad("completions", _BASH, GOOD[_BASH].replace("plan", "plan apply"), 2),
    Bad("completions", _BASH, GOOD[_BASH].replace("role", "role fsname"), 3),
    Bad("completions", _BASH, GOOD[_BASH].replace("role", ""), 3),
    Bad("completions", _BASH, _after(_BASH, "list --svg\n"), 1),
    Bad("completions", _BASH, GOOD[_BASH].replace("list --json", ""), 1),
    Bad("completions", _ZSH, GOOD[_ZSH].replace("print", "show"), 4),
    Bad("completions", _ZSH, GOOD[_ZSH].replace("plan:", "plans:"), 4),
    Bad("catalog", _CATALOG, GOOD[_CATALOG].replace(_ID, _ID[::-1]), 2),
    Bad("catalog", _CATALOG, GOOD[_CATALOG].replace("Subject", "About"), 2),
    Bad("catalog", _CATALOG, GOOD[_CATALOG].replace("Nothing has to be done.\n", ""), 2),
    Bad("catalog", _EVENTS, GOOD[_EVENTS].replace(_ID, _ID[::-1]), _AT_EVENT),
    Bad("catalog", _EVENTS, GOOD[_EVENTS].replace("\nJOURNAL_READY", ""), _AT_EVENT),
]

_C_TOOLS = [
    _c("format", "agent/model/plan.c", "int  f( void );"),
    _c("cppcheck", "agent/model/plan.c", "int f(void)\n{\n\tint a[2] = { 0 };\n\n\treturn a[2];\n}", 7),
    _c("clang-tidy", "agent/model/plan.c", '#include <stdlib.h>\n\nint f(const char *s)\n{\n\treturn atoi(s);\n}', 7),
    _c("clang-tidy", "agent/model/plan.c", "int readIt(void)\n{\n\treturn 0;\n}"),
    _c("clang-tidy", "agent/model/plan.c", _TANGLE),
    _c("clang-tidy", "agent/model/plan.c", '#include "model/absent.h"'),
    Bad("clang-tidy", "agent/model/spec/spec.h", GOOD["agent/model/spec/spec.h"] + "int specCount(void);\n", 9),
    _c(
        "gcc-analyzer",
        "agent/model/plan.c",
        "#include <stdlib.h>\n\nint f(void)\n{\n\tint *a = malloc(4);\n\tint b;\n\n\tif (!a)\n\t\treturn 0;\n"
        "\t*a = 1;\n\tfree(a);\n\tb = *a;\n\treturn b;\n}",
        14,
    ),
]

BAD: list[Bad] = [*_LAYERS, *_DOORS, *_FLOOR, *_SIZES, *_WORDS, *_SCRIPTS, *_PACKAGE, *_TABLES, *_C_TOOLS]
