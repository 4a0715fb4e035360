# SPDX-License-Identifier: Apache-2.0
"""What the documents for users say: each command that can be run here is run, and what they name is there.

The word behind the language of a fenced block tells what it is:

    sh run               run as it stands, each line exits with 0
    sh on-a-node         for an instance; verbs that look are run on a recorded machine, of others that they are known
    sh not-here: WHY     not run, and why
    yaml document        user-data: good to `lustre-init check`
    yaml keys            a file of conf.d: good with a role beside it

In ami-build/README.md, whose commands are the provisioner's and have tests of their own, none needs to be there; a line
that is lustre-init's is for a node.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True  # the tree stays as it is

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build" / "lustre-init"
STORIES = ROOT / "tests" / "machines"
MARKED = ("README.md", "ami-build/examples/README.md")
DOCUMENTS = (*MARKED, "ami-build/README.md")
MANUALS = ("agent/man/lustre-init.8", "agent/man/lustre-init.yaml.5")

sys.path[:0] = [str(ROOT / "tests"), str(STORIES)]

import machine  # noqa: E402
import pace  # noqa: E402
import sums  # noqa: E402

TIMEOUT = 60
FENCE = re.compile(r"^(\s*)```(\S*) ?(.*)$")
LOOKING = ("plan", "facts", "spec", "doctor")
OTHERS = ("apply", "status", "timeline", "stop", "clean")
USAGE = 2


@dataclass
class Block:
    """A fenced block of a document."""

    where: str
    language: str
    kind: str
    why: str
    text: str

    def commands(self) -> list[list[str]]:
        lines = self.text.replace("\\\n", " ").splitlines()
        return [words for words in (shlex.split(line, comments=True) for line in lines) if words]


def blocks_of(path: str) -> list[Block]:
    found: list[Block] = []
    lines: list[str] = []
    head = None
    for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
        fence = FENCE.match(line)
        if head is None and fence:
            kind, _, why = fence[3].partition(": ")
            head, lines, indent = (f"{path}:{number}", fence[2], kind, why), [], len(fence[1])
        elif head is not None and fence:
            found.append(Block(*head, "\n".join(lines) + "\n"))
            head = None
        elif head is not None:
            lines.append(line[indent:])
    return found


BLOCKS = [block for path in DOCUMENTS for block in blocks_of(path)]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return pace.run([str(PROGRAM), *words], TIMEOUT, cwd=ROOT)


class Commands(unittest.TestCase):
    """Every command that can be run here."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        cls.machine = Path(cls.folder.name) / "machine"
        machine.write(STORIES, STORIES / "doctor" / "well", cls.machine)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.folder.cleanup()

    def on_a_node(self, where: str, words: list[str]) -> None:
        """A verb that changes something, or looks at this machine, says here no more than that it is known."""
        verb = words[0]
        done = run(*words, "--machine", str(self.machine))
        if verb in LOOKING:
            self.assertEqual(done.returncode, 0, f"{where}: {words}: {done.stdout}{done.stderr}")
            return
        self.assertIn(verb, OTHERS, f"{where}: {words}")
        self.assertEqual(done.returncode, USAGE, f"{where}: {words}: {done.stderr}")
        self.assertIn(f"{verb} is of this machine, and takes no --machine", done.stderr, where)

    def test_what_can_be_run_is_run(self) -> None:
        ran = 0
        for block in (b for b in BLOCKS if (b.language, b.kind) == ("sh", "run")):
            for program, *words in block.commands():
                self.assertEqual(program, "lustre-init", block.where)
                done = run(*words)
                self.assertEqual((done.returncode, done.stderr), (0, ""), f"{block.where}: {words}: {done.stderr}")
                ran += 1
        self.assertGreater(ran, 3)

    def test_what_is_for_a_node_is_known(self) -> None:
        unmarked = [line for b in BLOCKS if not b.kind for line in b.text.splitlines() if line.startswith("lustre-init ")]
        for line in unmarked:
            self.on_a_node(line, shlex.split(line, comments=True)[1:])
        for block in (b for b in BLOCKS if (b.language, b.kind) == ("sh", "on-a-node")):
            for program, *words in block.commands():
                if [program, *words] != ["systemctl", "status", "lustre-init"]:
                    self.assertEqual(program, "lustre-init", block.where)
                    self.on_a_node(block.where, words)

    def test_examples_of_the_manuals(self) -> None:
        ran = 0
        for path in MANUALS:
            for line in (ROOT / path).read_text(encoding="utf-8").splitlines():
                said = re.match(r"\.Dl (?:\\?[$#] )?lustre-init (.*)$", line)
                if said:
                    words = shlex.split(said[1].split(" && ")[0])
                    if words[0] == "check":
                        self.assertEqual(run(*words).returncode, 0, f"{path}: {line}")
                    else:
                        self.on_a_node(path, words)
                    ran += 1
        self.assertGreater(ran, 3)

    def test_documents_are_good(self) -> None:
        for block in (b for b in BLOCKS if b.language == "yaml"):
            head = "" if block.kind == "document" else "#lustre-init\nrole: oss\n"
            path = Path(self.folder.name) / "document"
            path.write_text(head + block.text, encoding="utf-8")
            done = run("check", str(path))
            self.assertEqual(done.returncode, 0, f"{block.where}: {done.stderr}")


    def test_a_document_of_a_site_is_baked(self) -> None:
        """By this very program, as provision and verify ask it: a role is what an instance's tags add."""
        (site,) = (b for b in BLOCKS if b.where.startswith("ami-build/README.md") and b.language == "yaml")
        path = Path(self.folder.name) / "site.yaml"
        asked = 'ROOT=/ BASE=; . "$1"; in_root() { "$@"; }; PATH=$2:$PATH; document_told "$3"'
        whole = "role: oss\nfsname: lustrewt\nosts: per-disk\n"
        for text, status in (
            (site.text, 0), (site.text.replace("#lustre-init\n", ""), 0), ('{"fsname": "lustrewt"}\n', 0),
            (site.text + "fsnam: x\n", USAGE), ("fsnam: x\n", USAGE),
            # Rules are of a role: one that is written stays, whatever else the tags have to add.
            (f"{whole}expect-disks: 2\n", 0), ("role: client\n", 0), (whole, USAGE), (f"#lustre-init\n{whole}mgs: 10.0.0.10\n", USAGE),
        ):
            path.write_text(text, encoding="utf-8")
            words = ["bash", "-c", asked, "bash", str(ROOT / "ami-build/lib/system.sh"), str(PROGRAM.parent), str(path)]
            done = pace.run(words, TIMEOUT)
            self.assertEqual(done.returncode, status, f"{text}{done.stdout}{done.stderr}")
        path.unlink()
        self.assertNotEqual(pace.run(words, TIMEOUT).returncode, 0, "a document that cannot be read is none")


class Names(unittest.TestCase):
    """What is named is there."""

    def test_every_block_says_what_it_is(self) -> None:
        self.assertGreater(len(BLOCKS), 5)
        kinds = {"sh": ("run", "on-a-node", "not-here"), "yaml": ("document", "keys")}
        for block in (b for b in BLOCKS if b.where.split(":")[0] in MARKED):
            self.assertIn(block.kind, kinds.get(block.language, ()), f"{block.where} does not say whether it can be run")
            self.assertEqual(block.kind == "not-here", block.why != "", f"{block.where} does not say why")

    def test_lists_of_packages_are_fetched_first(self) -> None:
        """Images of Debian and Ubuntu have none, nor have their containers."""
        named = [b for b in BLOCKS if "apt-get install" in b.text]
        self.assertGreater(len(named), 1)
        for block in named:
            self.assertIn("apt-get update", block.text.partition("apt-get install")[0], block.where)

    def test_what_packages_are_made_by_is_installed_first(self) -> None:
        """A checkout's own list is of what the program is built by."""
        for goal, tool in (("make deb", "debhelper"), ("make srpm", "rpm")):
            named = [b for b in BLOCKS if re.search(rf"^{goal}\b", b.text, re.MULTILINE)]
            self.assertGreater(len(named), 0, goal)
            for block in named:
                before = f"\n{block.text}".partition(f"\n{goal}")[0]
                self.assertRegex(before, rf"apt-get install [^&#\n]*\b{tool}( |$)", f"{block.where}: {goal}")

    def test_links_lead_somewhere(self) -> None:
        for path in DOCUMENTS:
            text = (ROOT / path).read_text(encoding="utf-8")
            for link in re.findall(r"\]\(([^)#:]+)\)", text):
                self.assertTrue(((ROOT / path).parent / link).exists(), f"{path}: {link}")

    def test_targets_of_make_are_there(self) -> None:
        # Of a goal that is harmless, since lines with $(MAKE) are run in spite of -n.
        database = pace.run(["make", "-pn", "check-readme"], TIMEOUT, cwd=ROOT).stdout
        there = set(re.findall(r"^([\w-]+):", database, re.MULTILINE))
        for path in DOCUMENTS:
            text = (ROOT / path).read_text(encoding="utf-8")
            named = set(re.findall(r"(?:`|&& |^)make ([a-z-]+)", text, re.MULTILINE))
            self.assertEqual(named - there, set(), path)

    def test_refusals_have_their_names(self) -> None:
        manual = (ROOT / MANUALS[0]).read_text(encoding="utf-8")
        refusals = manual[manual.index(".Sh REFUSALS") : manual.index(".Sh SERVICE")]
        table = (ROOT / "README.md").read_text(encoding="utf-8").split("## When it does not")[1].split("\n## ")[0]
        named = [code for row in re.findall(r"^\| (`[^|]+)\|", table, re.MULTILINE) for code in re.findall(r"`([a-z-]+)`", row)]
        self.assertGreater(len(named), 5)
        for code in named:
            self.assertIn(f".It Li {code}\n", refusals)

    def test_the_manual_has_what_is_told(self) -> None:
        """Each refusal, finding and id of the journal, and each file that the program makes; and nothing else."""
        manual = (ROOT / MANUALS[0]).read_text(encoding="utf-8")
        sections = {title: text for title, text in re.findall(r"^\.Sh (.*)\n((?:(?!\.Sh ).*\n?)*)", manual, re.MULTILINE)}
        agent = {path: path.read_text(encoding="utf-8") for path in (ROOT / "agent").rglob("*.[ch]")}
        code = "".join(agent.values())

        refusals = set(re.findall(r'\[REFUSAL_\w+\] = "([a-z-]+)"', code))
        self.assertGreater(len(refusals), 10)
        self.assertEqual(set(re.findall(r"^\.It Li ([a-z-]+)$", sections["REFUSALS"], re.MULTILINE)), refusals)

        made = r'(?:findings_(?:ok|warn|fail)\(\s*(?:ret|&e->findings)|cannot\(e),\s*"([a-z-]+)"'
        doctor = agent[ROOT / "agent/decide/doctor/doctor.c"].split("*id_of(")[1].split("\n}")[0]
        findings = set(re.findall(made, code)) | set(re.findall(r'return "([a-z-]+)"', doctor))
        self.assertGreater(len(findings), 15)
        self.assertEqual(set(re.findall(r"^\.It Li ([a-z-]+)$", sections["FINDINGS"], re.MULTILINE)), findings)

        journal = agent[ROOT / "agent/report_journal.c"]
        told = set(re.findall(r"^\.Li ([0-9a-f]{32})$", sections["JOURNAL"] + sections["WATCH"], re.MULTILINE))
        self.assertEqual(told, set(re.findall(r'"([0-9a-f]{32})"', journal)))

        files = set(re.findall(r'"(/(?:run|var/lib)/lustre-init/[a-z.-]+)"', code))
        named = " ".join(re.findall(r"^\.It Pa (.*)$", sections["FILES"], re.MULTILINE)).replace(",", " ").split()
        self.assertGreater(len(files), 8)
        self.assertEqual({path for path in files if path not in named and Path(path).name not in named}, set())

    def test_the_manual_has_the_bounds_of_values(self) -> None:
        manual = " ".join((ROOT / MANUALS[1]).read_text(encoding="utf-8").split())
        for tag, bound in (
            ("stripe-size=3", "from 4KiB to 4MiB"),
            ("mgt-size=1M", "64MiB"),
            ("index=65504", "65503"),
            ("mgs-timeout=0", "1s to 24h"),
            ("conns-per-peer=128", "127"),
        ):
            said = run("check", "--tags", "role=mgs+oss", "fsname=lustrewt", tag)
            self.assertEqual(said.returncode, USAGE, tag)
            self.assertIn(bound, said.stderr)
            self.assertTrue(bound in manual, tag)

    def test_the_synopsis_has_every_verb(self) -> None:
        manual = (ROOT / MANUALS[0]).read_text(encoding="utf-8")
        synopsis = manual[manual.index(".Sh SYNOPSIS") : manual.index(".Sh DESCRIPTION")]
        named = {word for words in re.findall(r"^\.Cm (.*)$", synopsis, re.MULTILINE) for word in re.findall(r"[a-z]{2,}", words)}
        self.assertEqual(named, set(re.findall(r"^  ([a-z]+) +[a-z]", run("--help").stdout, re.MULTILINE)))
        for option in re.findall(r"--([a-z-]+)", run("check", "--help").stdout):
            self.assertIn(f"Fl -{option}", synopsis)

    def test_the_offline_builder_tells_its_options(self) -> None:
        builder = ROOT / "ami-build" / "offline"
        taken = set(re.findall(r"^\t\t(--[a-z-]+)\) [A-Z_]+=", builder.read_text(encoding="utf-8"), re.MULTILINE))
        said = pace.run(["bash", str(builder), "--help"], TIMEOUT).stdout
        self.assertGreater(len(taken), 4)
        self.assertEqual(taken, set(re.findall(r"--[a-z][a-z-]*", said.split("\n\n")[0])))

    def test_the_hook_gets_to_its_place_as_it_says(self) -> None:
        """Of hooks.d, the package makes that alone."""
        example = ROOT / "units" / "watch" / "hooks" / "deactivate-ost"
        (line,) = re.findall(r"^#   (.*/etc/lustre-init/hooks\.d/.*)$", example.read_text(encoding="utf-8"), re.MULTILINE)
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "etc" / "lustre-init" / "hooks.d").mkdir(parents=True)
            command = line.replace("/etc/", f"{folder}/etc/").replace("/usr/share/lustre-init/hooks", str(example.parent))
            done = pace.run(["sh", "-c", command], TIMEOUT)
            self.assertEqual(done.returncode, 0, done.stderr)
            (hook,) = (path for path in Path(folder).rglob("*") if path.is_file())
            self.assertEqual(hook.stat().st_mode & 0o777, 0o755)


if __name__ == "__main__":
    sys.exit(sums.main())
