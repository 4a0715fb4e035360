# SPDX-License-Identifier: Apache-2.0
"""What is shipped beside the program: manual pages, units, the package, YAML."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .rule import Finding, Lint, Rule, Tree
from .tool import findings, need, run

_SYSTEM_UNITS = Path("/usr/lib/systemd/system")
_UNIT_TYPES = ("*.service", "*.target", "*.socket", "*.timer", "*.path")
_EXEC = re.compile(r"^Exec\w+=[-@:+!]*(/\S+)", re.MULTILINE)
# In tenths, as systemd-analyze(1) takes it.
EXPOSURE_MAX = 50
# systemd.exec(5): whatever makes systemd set up a mount namespace.
_IN_NAMESPACE = re.compile(
    r"^(Private(?:Tmp|Devices|Mounts)|Protect(?:System|Home|Proc|ControlGroups|Kernel(?:Tunables|Modules|Logs))"
    r"|ProcSubset|(?:ReadWrite|ReadOnly|Inaccessible|Exec|NoExec)Paths|Bind(?:ReadOnly)?Paths|TemporaryFileSystem"
    r"|Root(?:Directory|Image)|MountFlags|MountImages|ExtensionImages|ExtensionDirectories|DynamicUser)="
)
_VERSION = re.compile(r"^VERSION\s*:=\s*(\S+)$", re.MULTILINE)
_PRESET = re.compile(r"^(?:enable|disable) (\S+)$")
_MANDOC = re.compile(r"^mandoc: (\S+?):(\d+):\d+: (.*)$")


def _man(lint: Lint, files: list[str]) -> Iterator[Finding]:
    code, text = run(lint, ["mandoc", "-T", "lint", "-W", "warning", *files])
    said = [m for m in map(_MANDOC.match, text.splitlines()) if m]
    for match in said:
        yield Finding(match[1], int(match[2]), match[3])
    if code != 0 and not said:
        yield from findings(code, text, files[0])


def _installed(lint: Lint, files: list[str], root: Path) -> None:
    """A root file system with our units, the system's, and a program wherever one is named."""
    units = root / "usr/lib/systemd/system"
    shutil.copytree(_SYSTEM_UNITS, units, symlinks=True)
    for path in files:
        shutil.copy(lint.tree.root / path, units)
        for program in _EXEC.findall(lint.tree.read(path)):
            place = root / program.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy("/bin/true", place)


def _units(lint: Lint, files: list[str]) -> Iterator[Finding]:
    need("systemd-analyze")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _installed(lint, files, root)
        verify = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=yes", f"--root={root}"]
        for path in files:
            place = f"{root}/usr/lib/systemd/system/"
            code, text = run(lint, [*verify, place + Path(path).name])
            # Words of the system's own units about programs that are not in this root are not ours.
            ours = text.replace(place, str(Path(path).parent) + "/").replace(str(root), "")
            yield from findings(code, ours, path)


def _exposure(lint: Lint, files: list[str]) -> Iterator[Finding]:
    need("systemd-analyze")
    score = ["systemd-analyze", "security", "--no-pager", "--offline=true", f"--threshold={EXPOSURE_MAX}"]
    for path in files:
        code, text = run(lint, [*score, str(lint.tree.root / path)])
        if code != 0:
            said = [line.strip() for line in text.splitlines() if "exposure level" in line]
            yield Finding(path, 1, said[0] if said else text.strip())


def _mount_namespace(lint: Lint, files: list[str]) -> Iterator[Finding]:
    for path in files:
        for number, line in enumerate(lint.tree.read(path).splitlines(), 1):
            match = _IN_NAMESPACE.match(line)
            if match:
                yield Finding(path, number, f"{match[1]}= makes a mount namespace")


def _preset(lint: Lint, files: list[str]) -> Iterator[Finding]:
    shipped = {Path(f).name for f in lint.tree.match("units/*")}
    for path in files:
        for number, line in enumerate(lint.tree.read(path).splitlines(), 1):
            match = _PRESET.match(line)
            if line and not line.startswith("#") and (not match or match[1] not in shipped):
                yield Finding(path, number, f"'{line}'")


def _spec(lint: Lint, files: list[str]) -> Iterator[Finding]:
    made = _VERSION.search(lint.tree.read("Makefile")) if "Makefile" in lint.tree.known else None
    for path in files:
        code, text = run(lint, ["rpmspec", "-P", path])
        noise = [t for t in text.splitlines() if t.startswith(("warning:", "error:"))]
        for words in noise:
            line = re.search(r"line (\d+)", words)
            yield Finding(path, int(line[1]) if line else 1, words)
        if code != 0 and not noise:
            yield from findings(code, text, path)
        for number, words in enumerate(lint.tree.read(path).splitlines(), 1):
            if words.startswith("Version:") and (not made or words.split()[1] != made[1]):
                yield Finding(path, number, f"'{words}' is not the Makefile's")


def _yaml(lint: Lint, files: list[str]) -> Iterator[Finding]:
    # Documents of ours begin with "#lustre-init", which is no sloppy comment.
    settings = "{extends: default, rules: {document-start: disable, line-length: {max: 120}, comments: disable}}"
    if files:
        code, text = run(lint, ["yamllint", "-f", "parsable", "-d", settings, *files])
        yield from findings(code, text, files[0])


def _shipped_yaml(tree: Tree) -> list[str]:
    return [f for f in tree.texts() if f.endswith((".yaml", ".yml"))]


RULES = [
    Rule(
        "man",
        "mandoc has nothing to warn of",
        lambda tree: tree.match("agent/man/*.[0-9]"),
        _man,
        needed=True,
    ),
    Rule(
        "units",
        "systemd understands every line of every unit",
        lambda tree: tree.match(*(f"units/{kind}" for kind in _UNIT_TYPES)),
        _units,
        needed=True,
    ),
    Rule(
        "unit-exposure",
        f"systemd-analyze security gives each service {EXPOSURE_MAX / 10} or less",
        lambda tree: tree.match("units/*.service"),
        _exposure,
        needed=True,
    ),
    Rule(
        "unit-mounts",
        "a service stays in the host's mount namespace, where its mounts are seen",
        lambda tree: tree.match("units/*.service"),
        _mount_namespace,
        needed=True,
    ),
    Rule(
        "presets",
        "a preset names units that are here",
        lambda tree: tree.match("units/*.preset"),
        _preset,
        needed=True,
    ),
    Rule("rpm-spec", "rpmspec parses the spec without a word, and its version is the Makefile's", lambda tree: tree.match("rpm/*.spec"), _spec, needed=True),
    Rule("yaml", "yamllint has nothing to warn of", _shipped_yaml, _yaml),
]
