#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a packager looks at before signing: `check.py rpm PACKAGE AGAIN` (rpm-elsewhere), `check.py deb PACKAGE RPM AGAIN`.

The RPM has its packages for debuggers beside it, in RPMS/. The last line is the sums.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Each program that the agent runs: the package that has it with EL, with Debian, where what is essential is not named.
# Lustre's own are the site's.
LUSTRE = ("", "")
PACKAGE_OF = {
    "modprobe": ("kmod", "kmod"),
    "lvm": ("lvm2", "lvm2"),
    **dict.fromkeys(("mke2fs", "e2fsck", "e2label", "debugfs", "dumpe2fs"), ("e2fsprogs", "e2fsprogs")),
    **dict.fromkeys(("blkdiscard", "blockdev"), ("util-linux", "")),
    "systemctl": ("systemd", "systemd"),
    "getent": ("glibc-common", ""),
    "sync": ("coreutils", ""),
    # For its rules and its database, which the kinds of disks are read from.
    "udevd": ("systemd-udev", "udev"),
    **dict.fromkeys(("lctl", "lnetctl", "mount.lustre", "mkfs.lustre", "tunefs.lustre"), LUSTRE),
}
_ARGV = re.compile(r'(?:argv|begin)\[\] = \{ "([^"]+)"|struct words argv\b(?:(?!\n\}\n|\w+\(&argv).)*?words_add\(&argv, "([a-z][\w.]*)"', re.DOTALL)
_TOOLS = re.compile(r"\} tools\[\] = \{(.*?)\n\};", re.DOTALL)

# What a script of a package may ask of systemd; all else could touch a mount.
_MAY = {
    "systemctl": {"preset", "disable", "daemon-reload"},
    "deb-systemd-helper": {"unmask", "was-enabled", "enable", "update-state", "purge"},
}
_ASKED = re.compile(r"\b(systemctl|deb-systemd-helper)\b(?!\s*>)((?:\s+--?[\w-]+)*)\s+([a-z-]+)")
_NEVER = re.compile(r"--now|deb-systemd-invoke|invoke-rc\.d|systemd-update-helper|(?<![-\w])(?:umount|mount)\b|\b(?:try-|reload-or-)?restart\b|\bstop\b")

# The watch touches no mount by being restarted: what is said of it and of no other unit may be anything.
_WATCH_ALONE = re.compile(r"^(?!.*\blustre-(?!watch\b)[\w-]+\.(?:service|target|timer)\b).*\blustre-watch\.service\b.*$")

# Whoever builds it for others puts a name to it, and tells Debian's tracker of it.
_NOT_HERE = "bogus-mail-host,bogus-mail-host-in-debian-changelog,initial-upload-closes-no-bugs"

# One place, whatever a distribution calls it.
_SAME = ((re.compile("^/lib/"), "/usr/lib/"), (re.compile("/zsh/vendor-completions"), "/zsh/site-functions"))
# Each has documentation and licence its own way.
_OTHERWISE = re.compile("^/usr/share/(doc|licenses|lintian)(/|$)")
# Folders of others, which dpkg makes and removes without being told.
_SHARED = re.compile("^(/|/etc|/etc/cloud(/cloud.cfg.d)?|/lib|/usr(/.*)?|/var(/lib)?)$")
_OURS = ("/usr/share/lustre-init", "/usr/lib/systemd/system/cloud-init")


def run(argv: list[str]) -> str:
    return subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def place(path: str) -> str:
    for pattern, words in _SAME:
        path = pattern.sub(words, path)
    return path


def is_counted(path: str, mode: str) -> bool:
    shared = mode.startswith("d") and _SHARED.match(path) and not path.startswith(_OURS)
    return not _OTHERWISE.match(path) and not shared


def kept(rows: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    named = ((place(path), mode) for path, mode in rows)
    return {(path, mode) for path, mode in named if is_counted(path, mode)}


def rpm_files(package: Path) -> set[tuple[str, str]]:
    rows = (line.split(" ", 1) for line in run(["rpm", "-qp", "--qf", "[%{FILEMODES:perms} %{FILENAMES}\n]", str(package)]).splitlines())
    return kept((path, mode) for mode, path in rows)


def deb_files(package: Path) -> set[tuple[str, str]]:
    rows = (line.split(None, 5) for line in run(["dpkg-deb", "-c", str(package)]).splitlines())
    return kept((row[5].lstrip(".").rstrip("/") or "/", row[0]) for row in rows)


# What EL 8.10 calls otherwise, or has in another package; dnf builddep asks for what the source package says, wherever that was made.
_NOT_ON_EL_8 = {"systemd-rpm-macros": "systemd itself has them, until 240"}


def el_8_can_build(spec: Path) -> Iterator[str]:
    asked = run(["rpmspec", "-q", "--buildrequires", str(spec)]).splitlines()
    if len(asked) < len(_NOT_ON_EL_8):
        yield f"{spec} asks for nothing"
    yield from (f"{each}: EL 8.10 has no such package ({_NOT_ON_EL_8[each]})" for each in asked if each in _NOT_ON_EL_8)


def scripts_are_harmless(text: str) -> Iterator[str]:
    if not re.search(r"systemctl|deb-systemd-helper", text):
        yield "there is no script that enables the unit"
    for line in text.splitlines():
        words = line.partition("#")[0]
        if _WATCH_ALONE.match(words):
            continue
        if _NEVER.search(words):
            yield f"a script says: {line.strip()}"
        for program, _, verb in _ASKED.findall(words):
            if verb not in _MAY[program]:
                yield f"a script asks {program} to {verb}: {line.strip()}"


def programs() -> set[str]:
    """All that the agent runs, by its own table and by what it writes into an argv."""
    table = _TOOLS.search((ROOT / "agent/observe/platform.c").read_text())
    tools = set(re.findall('"([^"]+)"', table[1])) if table else set()
    for source in (ROOT / "agent").rglob("*.c"):
        tools |= {name for found in _ARGV.findall(source.read_text()) for name in found if name}
    # The watch runs the program itself, for what it is to unmount.
    return (tools | {"udevd"}) - {"lustre-init"}


def needs_are_named(needs: set[str], column: int) -> Iterator[str]:
    for name in sorted(programs()):
        package = PACKAGE_OF.get(name)
        if package is None:
            yield f"no package is known for {name}, which the agent runs: PACKAGE_OF"
        elif package[column] and package[column] not in needs:
            yield f"{name} is run, and {package[column]} is not required"


def completes(package: str, files: set[tuple[str, str]]) -> Iterator[str]:
    watched = ("lustre-init/prometheus-alerts.yml", "lustre-init/grafana-dashboard.json")
    for path in (*watched, "bash-completion/completions/lustre-init", "zsh/site-functions/_lustre-init"):
        if (f"/usr/share/{path}", "-rw-r--r--") not in files:
            yield f"{package} has no {path}"
    script = (
        ". agent/completion/lustre-init; COMP_LINE=$*; COMP_POINT=${#COMP_LINE}; COMP_WORDS=(\"$@\"); "
        "COMP_CWORD=$(($# - 1)); _lustre_init 2>/dev/null; echo ${COMPREPLY[*]}"
    )
    for line, expected in (
        ("lustre-init st", "status stop"),
        ("lustre-init facts --rec", "--record"),
        ("lustre-init check README.md --tags lustre:mg", "mgs= mgt-size= mgs-timeout="),
        ("lustre-init check --tags role=oss mg", "mgs= mgt-size= mgs-timeout="),
        ("lustre-init check --tags role=oss --a", "--address"),
    ):
        said = run(["bash", "-c", script, "bash", *line.split()]).strip()
        if said != expected:
            yield f"bash completes '{line}' with '{said}'"
    if subprocess.run(["zsh", "-fn", "agent/completion/_lustre-init"], cwd=ROOT).returncode != 0:
        yield "zsh does not understand its completion"
    # Its helpers say what they were given: of the words behind the verb first, then of the verb's own.
    helpers = (
        "_arguments() { if [[ $1 == -C ]] { state=rest } else { print -r -- $* } }; compadd() { print -r -- $* }; "
        "words=(check --tags role=oss $1); CURRENT=4 PREFIX=$1; . agent/completion/_lustre-init"
    )
    for word, expected in (("--a", "--address["), ("fs", " fsname="), ("lustre:fs", " lustre:fsname=")):
        if expected not in run(["zsh", "-fc", helpers, "zsh", word]):
            yield f"zsh does not complete '{word}' behind --tags with '{expected.strip(' [')}'"


def linter_is_silent(argv: list[str], pattern: str) -> Iterator[str]:
    done = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    found = [line for line in done.stdout.splitlines() if re.search(pattern, line)]
    yield from found
    if done.returncode != 0 and not found:
        yield f"{argv[0]} ended with {done.returncode}: {done.stdout}"


def debuggers_are_served(packages: list[Path]) -> Iterator[str]:
    held = {path.name.split("-")[2]: run(["rpm", "-qpl", str(path)]) for path in packages if "-debug" in path.name}
    if "/lustre-init-" not in held.get("debuginfo", "") or ".debug" not in held.get("debuginfo", ""):
        yield "there is no debuginfo of the program"
    if not re.search("/agent/main.c$", held.get("debugsource", ""), re.MULTILINE):
        yield "there is no debugsource of the program"


def described(package: Path) -> list[str]:
    """All of a package but where it came from: whose source package has made it, rpm notes only of one."""
    tags = "%{PAYLOADDIGEST} %{BUILDTIME} %{BUILDHOST}\\n"
    asked = (["--dump"], ["--requires", "--provides"], ["--scripts"], ["--qf", tags])
    return [line for words in asked for line in run(["rpm", "-qp", *words, str(package)]).splitlines()]


def same_bytes(one: Path, other: Path) -> Iterator[str]:
    pairs = [(path.name, path, other.parent / path.relative_to(one.parent)) for path in sorted(one.parent.glob("RPMS/*/*.rpm"))]
    if len(pairs) != 3:
        yield f"there are {len(pairs)} packages, not 3, beside {one}"
    for name, left, right in pairs:
        if not right.exists():
            yield f"{name} was made once only"
            continue
        yield from (f"{name}: {line}" for line in sorted(set(described(left)) ^ set(described(right))))


# Symbols and versions that a library has with one distribution, and not with the next.
_ITS_OWN = re.compile(r"\((?:CURL_OPENSSL_4|GLIBC_2\.(?:29|[3-9]\d))\)|\(>= ")


def one_system_is_told(needs: Iterable[str], remedy: str) -> Iterator[str]:
    """What is built here is for here: the documents say so, and how it is made elsewhere, and so does make."""
    own = [need for need in needs if _ITS_OWN.search(need)]
    for document in ("README.md", "ami-build/README.md"):
        if own and remedy not in (ROOT / document).read_text():
            yield f"the package requires {own[0]}, and {document} does not say: {remedy}"
    kind = "deb" if remedy == "make deb" else "rpm"
    system = run(["sh", "-c", ". /etc/os-release && echo $PRETTY_NAME"]).strip()
    if f"is for {system}" not in run(["env", "-u", "MAKEFLAGS", "make", "-s", kind]):
        yield f"make {kind} does not say that it is for {system}"


def asked_of_systemd(script: str, folder: Path, word: str) -> list[str]:
    """What a script asks for where systemd runs: programs that write down how they were called stand in for real ones."""
    (folder / "running").mkdir(exist_ok=True)
    said = folder / "said"
    said.write_text("")
    for name in ("systemctl", "deb-systemd-invoke", "deb-systemd-helper", "lustre-init"):
        (folder / name).write_text(f'#!/bin/sh\necho "${{0##*/}} $*" >>{said}\n')
        (folder / name).chmod(0o755)
    for path, instead in (("/run/systemd/system", "running"), ("/run/lustre-init", "."), ("/usr/sbin/lustre-init", "lustre-init")):
        script = script.replace(path, str(folder / instead))
    subprocess.run(["sh", "-c", script, "prerm", word], env={"PATH": f"{folder}:/usr/bin:/bin"}, check=True)
    return said.read_text().splitlines()


def removal_ends_the_watch(script: str, words: tuple[str, str], ends: list[str]) -> Iterator[str]:
    """It would go on from a program that is gone, and systemd try to start it for ever; an upgrade restarts it afterwards.
    What it told node_exporter last would be told for ever, too."""
    upgrade, removal = words
    with tempfile.TemporaryDirectory() as folder:
        metrics = Path(folder) / "metrics.prom"
        metrics.touch()
        upgraded = asked_of_systemd(script, Path(folder), upgrade)
        if upgraded:
            yield f"an upgrade asks for {upgraded}"
        if not metrics.exists():
            yield "an upgrade takes the metrics away"
        gone = asked_of_systemd(script, Path(folder), removal)
        if gone != [*ends, "lustre-init clean --mount-points"]:
            yield f"removal asks for {gone}"
        if metrics.exists():
            yield "removal leaves metrics.prom"


def check_rpm(package: Path, again: Path) -> dict[str, Callable[[], Iterator[str]]]:
    packages = sorted(package.parent.glob("RPMS/*/*.rpm"))
    files = rpm_files(package)
    scripts = run(["rpm", "-qp", "--scripts", str(package)])
    macros = "\n".join(line for line in (ROOT / "rpm/lustre-init.spec").read_text().splitlines() if line.startswith("%systemd"))
    preun = run(["rpm", "-qp", "--qf", "%{PREUN}", str(package)])
    ends = ["systemctl --no-reload disable lustre-init.service", "systemctl --no-reload disable --now lustre-watch.service"]
    needs = set(run(["rpm", "-qp", "--requires", str(package)]).split("\n"))
    lint = ["rpmlint", "-c", "rpm/rpmlint.toml", *map(str, packages), "rpm/lustre-init.spec"]

    def macros_are_harmless() -> Iterator[str]:
        """With EL they are what is run."""
        for line in macros.splitlines():
            if line.split()[0] not in ("%systemd_post", "%systemd_postun") and not _WATCH_ALONE.match(line):
                yield f"{line}: stops or restarts"

    return {
        "built twice, the same bytes": lambda: same_bytes(package, again),
        "no script touches a mount": lambda: scripts_are_harmless(scripts),
        "no macro touches a mount": macros_are_harmless,
        "removal ends the watch alone": lambda: removal_ends_the_watch(preun, ("1", "0"), ends),
        "what is run is required": lambda: needs_are_named(needs, 0),
        "what it is built by is there": lambda: el_8_can_build(ROOT / "rpm/lustre-init.spec"),
        "for which system it is, is told": lambda: one_system_is_told(needs, "rpmbuild --rebuild"),
        "debuggers are served": lambda: debuggers_are_served(packages),
        "shells complete it": lambda: completes("the RPM", files),
        "rpmlint": lambda: linter_is_silent(lint, r": [EW]: "),
    }


def check_rpm_elsewhere(package: Path, again: Path) -> dict[str, Callable[[], Iterator[str]]]:
    """What any version of rpm can be held to. Debian's 4.16 and 4.20 find no sources by names that the compiler was told."""
    checks = check_rpm(package, again)
    return {name: check for name, check in checks.items() if name not in ("for which system it is, is told", "debuggers are served", "shells complete it", "rpmlint")}


class Root:
    """A root directory with the package and what a node has made since; dpkg's own word on what stays."""

    _MADE = ("var/lib/lustre-init/state.json", "etc/lustre-init/conf.d/10-site.yaml")
    _CONFFILE = "etc/cloud/cloud.cfg.d/95_lustre-init.cfg"

    def __init__(self, folder: str, package: Path) -> None:
        self.root = Path(folder)
        (self.root / "var/lib/dpkg/updates").mkdir(parents=True)
        (self.root / "var/lib/dpkg/status").touch()
        self.dpkg("--install", str(package))
        for made in self._MADE:
            (self.root / made).write_text("{}")

    def dpkg(self, *words: str) -> None:
        force = ["--force-script-chrootless", "--force-depends", "--force-not-root"]
        done = subprocess.run(["dpkg", f"--root={self.root}", "--log=/dev/null", *force, *words], capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"dpkg {words}: {done.stderr}")

    def left(self) -> set[str]:
        """But dpkg's own, and what deb-systemd-helper remembers."""
        found = {str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_symlink() or not path.is_dir()}
        return {path for path in found if not path.startswith(("var/lib/dpkg/", "var/lib/systemd/"))}

    def mistakes(self) -> Iterator[str]:
        if f"`/{self._CONFFILE}`" not in (ROOT / "README.md").read_text():
            yield f"README.md does not say that {self._CONFFILE} stays"
        wants = {path for path in self.left() if ".wants/lustre-" in path}
        if len(wants) != 2:
            yield f"installation enables {sorted(wants)}"
        self.dpkg("--remove", "lustre-init")
        stays = {*self._MADE, self._CONFFILE}
        yield from (f"removal: {path}" for path in sorted(self.left() ^ stays))
        self.dpkg("--purge", "lustre-init")
        yield from (f"purge: {path}" for path in sorted(self.left() ^ set(self._MADE)))


def removal_leaves_what_is_said(package: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield from Root(folder, package).mistakes()


def check_deb(package: Path, rpm: Path, again: Path) -> dict[str, Callable[[], Iterator[str]]]:
    files = deb_files(package)
    with tempfile.TemporaryDirectory() as folder:
        run(["dpkg-deb", "-e", str(package), folder])
        names = ("preinst", "postinst", "prerm", "postrm")
        scripts = "\n".join(path.read_text() for path in map(Path(folder).joinpath, names) if path.exists())
        prerm = (Path(folder) / "prerm").read_text()
        conffiles = (Path(folder) / "conffiles").read_text().split()
    depends = run(["dpkg-deb", "-f", str(package), "Depends"]).split(",")
    needs = {need.split()[0] for need in depends}
    changes = next(package.parent.glob("*.changes"))

    def same_files() -> Iterator[str]:
        yield from (f"{mode} {path} is not in both packages" for path, mode in sorted(files ^ rpm_files(rpm)))

    def same_debs() -> Iterator[str]:
        """With what debuggers get; the build's own record names its folder, and is no part of them."""
        made = {path.name: [folder / path.name for folder in (package.parent, again.parent)] for path in package.parent.glob("*_*.deb")}
        if len(made) != 2:
            yield f"there are {sorted(made)}, not the package and its debugging symbols"
        for name, (left, right) in made.items():
            if not right.exists() or left.read_bytes() != right.read_bytes():
                yield f"{name} has other bytes in {again.parent}: diffoscope tells which"

    def settings_are_kept() -> Iterator[str]:
        if conffiles != ["/etc/cloud/cloud.cfg.d/95_lustre-init.cfg"]:
            yield f"conffiles are {conffiles}"

    return {
        "built twice, the same bytes": same_debs,
        "the same files as the RPM": same_files,
        "no script touches a mount": lambda: scripts_are_harmless(scripts),
        "for which system it is, is told": lambda: one_system_is_told(depends, "make deb"),
        "removal ends the watch alone": lambda: removal_ends_the_watch(prerm, ("upgrade", "remove"), ["deb-systemd-invoke stop lustre-watch.service"]),
        "removal leaves what is said": lambda: removal_leaves_what_is_said(package),
        "what is run is required": lambda: needs_are_named(needs, 1),
        "shells complete it": lambda: completes("the deb", files),
        "conffiles": settings_are_kept,
        "lintian": lambda: linter_is_silent(["lintian", "--allow-root", "--suppress-tags", _NOT_HERE, str(changes)], "^[EW]: "),
    }


def main() -> int:
    kind, packages = sys.argv[1], map(Path, sys.argv[2:])
    failed = 0
    checks = {"rpm": check_rpm, "rpm-elsewhere": check_rpm_elsewhere, "deb": check_deb}[kind](*packages)
    for name, check in checks.items():
        found = list(check())
        failed += bool(found)
        print(f"{'FAIL' if found else 'ok  '} {name}")
        for line in found:
            print(f"     {line}")
    print(f"{kind}: {len(checks) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
