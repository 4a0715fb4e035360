# SPDX-License-Identifier: Apache-2.0
"""The program as it is called: options, exit codes, and what its words look like where they arrive.

Verbs that look at this machine run in a mount namespace of their own, where /run is empty; where none can be
made, those tests are skipped.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict, List
from xml.dom import minidom

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("LUSTRE_INIT_PROGRAM", ROOT / "build/lustre-init")).resolve()
STORIES = ROOT / "tests" / "machines"
TIMEOUT = 60
NOBODY = 65534

sys.path += [str(STORIES), str(ROOT / "tests")]

import machine  # noqa: E402
import sums  # noqa: E402

Result = subprocess.CompletedProcess

BOOT: Dict[str, Any] = {
    "verdict": "ready",
    "sentence": "lustrewt-OST0017 mounted",
    "instance-id": "i-0123456789abcdef0",
    "boot-id": "7c1c0f3e-3f3f-4c55-9a6a-2a2e1d0c6f11",
    "roles": "oss",
    "fsname": "lustrewt",
    "targets": [],
    "refusals": [],
    "problems": [],
    "notes": [],
    "actions": [
        {
            "action": "mount",
            "what": "mount <a> & <b>",
            "result": "done",
            "start-usec": 2000000,
            "end-usec": 3000000,
            "tool-usec": 0,
            "chain-usec": 500000,
        }
    ],
    "started-usec": 9000000,
    "ended-usec": 12500000,
    "observed-usec": 9100000,
    "imds-requests": 14,
    "peak-memory": 6291456,
}

# Groups of stories that have facts of every kind among them.
RECORDED = ("adopt", "disks", "efa", "lnet", "loss", "missing", "mounts", "network", "platform")

# Its name is the program's, and it holds the lock: an apply at work.
HOLDER = """
import ctypes, fcntl, os, time
ctypes.CDLL(None).prctl(15, b"lustre-init", 0, 0, 0)
fd = os.open("/run/lustre-init/lock", os.O_RDONLY | os.O_CREAT, 0o600)
fcntl.flock(fd, fcntl.LOCK_EX)
print("locked", flush=True)
time.sleep(120)
"""

# An apply that ends just when its report is read: who opens the file waits for a lease on it, and has what was there.
ENDING = """
import fcntl, os, signal
path = "/run/lustre-init/boot.json"
fd = os.open(path, os.O_RDWR)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGIO})
fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print("leased", flush=True)
signal.sigtimedwait({signal.SIGIO}, 60)
with open(path + ".new", "w") as file:
    file.write(os.pread(fd, 65536, 0).decode().replace("working", "ready"))
os.rename(path + ".new", path)
fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
"""


def run(*words: Any, **options: Any) -> "Result[bytes]":
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([str(PROGRAM), *map(str, words)], stderr=subprocess.PIPE, timeout=TIMEOUT, **options)


class Recorded(unittest.TestCase):
    """What needs no machine, or a recorded one."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        cls.machine = Path(cls.folder.name) / "machine"
        machine.write(STORIES, STORIES / "first-boot" / "oss", cls.machine)
        (cls.machine / "checkup.json").write_text("{}")

    @classmethod
    def tearDownClass(cls) -> None:
        cls.folder.cleanup()

    def printing(self) -> List[List[Any]]:
        document = ROOT / "tests" / "documents" / "good" / "role-oss.yaml"
        told = ["--machine", self.machine]
        calls: List[List[Any]] = [["--help"], ["--version"], ["check", "--schema"], ["check", "--man"]]
        calls += [["check", document], ["check", "--json", document]]
        for verb in ("plan", "facts", "spec", "doctor"):
            calls += [[verb, *told], [verb, "--json", *told]]
        return calls

    def test_what_is_not_written_is_told(self) -> None:
        for call in self.printing():
            good = run(*call)
            self.assertNotEqual(good.stdout, b"", call)
            self.assertNotIn(b"cannot write", good.stderr, call)
            with open("/dev/full", "wb") as full:
                done = run(*call, stdout=full)
            self.assertEqual(done.returncode, 1, call)
            self.assertIn(b"lustre-init: cannot write to standard output: No space left on device", done.stderr)

    def test_a_document_comes_by_any_standard_input(self) -> None:
        document = (ROOT / "tests" / "documents" / "good" / "role-oss.yaml").read_bytes()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(document)
            ours.shutdown(socket.SHUT_WR)
            self.assertEqual(run("check", "-", stdin=theirs).returncode, 0)
        with tempfile.TemporaryFile() as file:
            file.write(b"not this\n" + document)
            file.seek(len("not this\n"))
            self.assertEqual(run("check", "-", stdin=file).returncode, 0)
        fed = f"cat {ROOT}/tests/documents/good/role-oss.yaml"
        done = subprocess.run(["bash", "-c", f"{PROGRAM} check <({fed})"], stdout=subprocess.PIPE, timeout=TIMEOUT)
        self.assertEqual(done.returncode, 0)

    def test_nodes_that_may_be_one_to_lnet_are_warned_of(self) -> None:
        efa, tcp = (ROOT / "tests" / "documents" / "good" / name for name in ("lnet-efa.yaml", "role-oss.yaml"))
        done = run("check", efa)
        self.assertEqual(done.returncode, 0, done)
        self.assertIn(b"keep the file system inside one /16", done.stderr)
        self.assertEqual(run("check", "--address", "10.0.0.23/24", efa).returncode, 0)
        self.assertEqual(run("check", tcp).stderr, b"")

    def test_a_plan_says_how_it_formats_and_why(self) -> None:
        said = run("plan", "--machine", self.machine).stdout.decode()
        self.assertIn("as EC2 hands disks over trimmed; inode tables are left to the kernel, as these disks read as zeros\n", said)
        used = Path(self.folder.name) / "used"
        machine.write(STORIES, STORIES / "boots" / "format-cut-off", used)
        said = run("plan", "--machine", used).stdout.decode()
        self.assertIn("inode tables are zeroed, as something was on these disks before\n", said)

    def test_a_plan_tells_how_the_network_is_used(self) -> None:
        told = Path(self.folder.name) / "network"
        machine.write(STORIES, STORIES / "efa" / "mgs-in-another-16", told)
        said = run("plan", "--machine", told).stdout.decode()
        self.assertRegex(said, r"network +tcp on ens5 as 10\.0\.0\.23@tcp, 8 connections to each peer: driver ena")
        self.assertRegex(said, r"network +efa on rdmap36s0 as 0\.23\.36\.0@efa\n")
        self.assertRegex(said, r"note +this node is 10\.0\.0\.23, and its MGS 10\.1\.0\.10 in another /16")
        machine.write(STORIES, STORIES / "network" / "net-of-others", told)
        others = run("plan", "--machine", told).stdout.decode()
        self.assertIn("@tcp, there already, and left as it is (lustre-init doctor tells its connections); ", others)
        self.assertIn("; added anew, it gets 8 connections to each peer: driver", others)
        machine.write(STORIES, STORIES / "efa" / "mgs-in-another-16", told)
        said = run("facts", "--machine", told).stdout.decode()
        self.assertIn("driver ena, gives no speed\n", said)
        self.assertRegex(said, r"rdma +rdmap36s0 +driver efa, PCI 0000:24:00\.0, NUMA node 0, port ACTIVE\n")

    def test_a_closed_output_is_no_output(self) -> None:
        done = subprocess.run(["sh", "-c", f"exec {PROGRAM} --version >&-"], stderr=subprocess.PIPE, timeout=TIMEOUT)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write to standard output", done.stderr)

    def test_a_reader_that_is_gone_is_told(self) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        done = run("--help", stdout=writer)
        os.close(writer)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"Broken pipe", done.stderr)

    def test_what_is_recorded_is_planned_the_same(self) -> None:
        """But for user-data and conf.d, which are not recorded."""
        stories = [path.parent for group in RECORDED for path in (STORIES / group).rglob("story.md")]
        for story in sorted(stories):
            told, recorded = (Path(self.folder.name) / name for name in ("told", "recorded"))
            machine.write(STORIES, story, told)
            recorded.mkdir(exist_ok=True)
            run("facts", "--machine", told, "--record", recorded)
            if not (recorded / "facts.json").exists():
                continue  # facts that are a mistake
            for plain in machine.PLAIN:
                if (told / plain).exists():
                    (told / plain).rename(recorded / plain)
                    (told / plain).symlink_to(recorded / plain)
            first, again = (run("plan", "--machine", each, "--json") for each in (told, recorded))
            self.assertEqual((first.returncode, first.stdout), (again.returncode, again.stdout), story)
            shutil.rmtree(recorded)

    def test_a_recording_that_is_broken_is_told_by_each_verb_alike(self) -> None:
        folder = Path(self.folder.name) / "broken"
        for name, verbs in (("facts.json", ("plan", "facts", "doctor")), ("metadata.json", ("plan", "spec", "doctor"))):
            shutil.copytree(self.machine, folder)
            value = json.loads((folder / name).read_text())
            (folder / name).write_text(json.dumps({**value, "nonsense": 1}))
            for verb in verbs:
                done = run(verb, "--machine", folder)
                self.assertEqual((done.returncode, done.stdout), (2, b""), (verb, name))
                self.assertIn(b'unknown key "nonsense"', done.stderr)
            (folder / name).unlink()
            self.assertEqual(run("doctor", "--machine", folder).stdout, b"")
            shutil.rmtree(folder)

    def test_a_key_that_no_machine_can_meet_is_a_finding_with_its_fix(self) -> None:
        folder = Path(self.folder.name) / "unmet"
        shutil.copytree(self.machine, folder)
        metadata = json.loads((folder / "metadata.json").read_text())
        metadata["tags"]["lustre:index-base"] = "65503"
        (folder / "metadata.json").write_text(json.dumps(metadata))
        done = run("doctor", "--machine", folder)
        shutil.rmtree(folder)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn(b"lower index-base", done.stdout)
        self.assertNotIn(b"as root", done.stdout)

    def test_what_acts_takes_no_other_machine(self) -> None:
        for verb in ("apply", "stop", "clean", "status", "timeline"):
            done = run(verb, "--machine", self.machine)
            self.assertEqual(done.returncode, 2, verb)
            self.assertIn(b"takes no --machine", done.stderr)

    def test_no_word_and_no_option_is_passed_over(self) -> None:
        for call in (["apply", "now"], ["stop", "OST"], ["plan", "--machine", self.machine, "x"]):
            done = run(*call)
            self.assertEqual(done.returncode, 2, call)
            self.assertIn(b"takes no '", done.stderr)
        self.assertEqual(run("plan", "--machine", self.machine, "--record", "/nonexistent").returncode, 2)
        self.assertEqual(run("plan", "--machine", self.machine, "--svg").returncode, 2)
        self.assertEqual(run("stop", "--mount-points").returncode, 2)
        self.assertEqual(run("stop", "--wait").returncode, 2)
        self.assertEqual(run("stop", "--timeout", "0").returncode, 2)
        self.assertEqual(run("clean", "--timeout", "5").returncode, 2)

    def test_both_shells_complete_the_same_of_each_verb(self) -> None:
        bash, zsh = ((ROOT / f"agent/completion/{name}").read_text(encoding="utf-8") for name in ("lustre-init", "_lustre-init"))
        told = {}
        for verbs, words in re.findall(r"^\t\t([a-z |]+)\) _arguments (.*) ;;$", zsh, re.MULTILINE):
            for verb in verbs.split(" | "):
                told[verb] = sorted(set(re.findall(r"--[a-z-]+(?=\[)", words)) | {f"--{name}" for name in re.findall(r"\$(\w+)", words)})
        of_bash = {}
        for verbs, words in re.findall(r"^\t([a-z:*| -]+:-\*)\) word='([^']*)'", bash, re.MULTILINE):
            for verb in verbs.split(" | "):
                of_bash[verb.split(":")[0]] = sorted(words.split())
        # check has a completion of its own in zsh, and "" is what stands before a verb.
        self.assertEqual(told, {verb: words for verb, words in of_bash.items() if verb not in ("", "check")})

    def test_options_that_do_not_go_together(self) -> None:
        self.assertIn(b"give one", run("timeline", "--json", "--svg").stderr)
        self.assertIn(b"goes with --wait", run("status", "--timeout", "5").stderr)

    def test_exit_codes_are_told(self) -> None:
        codes = re.findall(r"EXIT_\w+ = (\d),", (ROOT / "agent/model/exit_code.h").read_text(encoding="utf-8"))
        manual = (ROOT / "agent/man/lustre-init.8").read_text(encoding="utf-8").split(".Sh EXIT STATUS")[1].split(".Sh ")[0]
        self.assertEqual(re.findall(r"^\.It (\d)$", manual, re.MULTILINE), codes)
        help_says = run("--help").stdout.decode().split("Exit codes: ")[1]
        self.assertEqual(re.findall(r"(?:^|,\s)(\d) ", help_says), codes)

    def test_check_says_once_what_is_wrong_with_a_call(self) -> None:
        for call, said in (
            (["--tags"], "--tags needs a value"),
            (["--bogus"], "there is no option --bogus"),
            (["-x"], "there is no option -x"),
            (["--json=3", "x"], "there is no option --json=3"),
        ):
            done = run("check", *call)
            self.assertEqual((done.returncode, done.stdout), (2, b""), call)
            self.assertEqual(done.stderr.decode().splitlines()[0], f"lustre-init check: {said}")
            self.assertTrue(done.stderr.decode().splitlines()[1].startswith("Usage: "), done.stderr)

    def test_check_has_a_help_of_its_own(self) -> None:
        for word in ("--help", "-h"):
            done = run("check", word)
            self.assertEqual((done.returncode, done.stderr), (0, b""), word)
            self.assertTrue(done.stdout.startswith(b"Usage: lustre-init check "), done.stdout)
            for option in (b"--tags", b"--address", b"--instance-type", b"--json"):
                self.assertIn(option, done.stdout)
                self.assertIn(option, run("--help").stdout)

    def test_check_takes_json_on_either_side(self) -> None:
        words = ("--tags", "role=mgs", "--address", "10.0.0.10/24")
        before, behind = run("--json", "check", *words), run("check", "--json", *words)
        self.assertEqual((before.returncode, before.stdout), (0, behind.stdout), before.stderr)
        done = run("--wait", "check", "x")
        self.assertEqual((done.returncode, done.stderr), (2, b"lustre-init: the options of check stand behind it\n"))

    def test_a_document_that_is_not_read_is_a_problem_in_json(self) -> None:
        large = Path(self.folder.name) / "large"
        large.write_bytes(bytes(1024 * 1024 + 1))
        for path, said in (("/nonexistent", "No such file"), (self.folder.name, "Is a directory"), (large, "is larger")):
            done = run("check", "--json", path)
            self.assertEqual((done.returncode, done.stderr), (2, b""), path)
            told = json.loads(done.stdout)
            self.assertEqual((told["good"], told["spec"]), (False, None))
            self.assertIn(said, told["problems"][0]["text"])
            self.assertIn(said, run("check", path).stderr.decode())

    def test_no_terminal_is_led(self) -> None:
        for words in (["\x1b[2J\x07"], ["--\x1b]0;x\x07"], ["check", "/\u202e\u009b31m"], [b"\xff\xfe"]):
            done = subprocess.run([str(PROGRAM), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT)
            said = (done.stdout + done.stderr).decode("utf-8")
            self.assertEqual(done.returncode, 2, words)
            self.assertTrue(all(c == "\n" or c.isprintable() for c in said), ascii(said))

    def test_labels_of_disks_lead_no_terminal(self) -> None:
        facts = json.loads((self.machine / "facts.json").read_text())
        facts["disks"][-1].update(
            {"blank": "no", "signatures": [{"type": "xfs", "label": "\u009b31m\u202e\u2066x\ufeff"}]}
        )
        folder = Path(self.folder.name) / "label"
        folder.mkdir()
        (folder / "metadata.json").write_bytes((self.machine / "metadata.json").read_bytes())
        (folder / "facts.json").write_text(json.dumps(facts))
        for call in (["plan"], ["plan", "--json"], ["facts"], ["facts", "--json"]):
            said = run(*call, "--machine", folder).stdout.decode("utf-8")
            self.assertIn("xfs", said)
            self.assertTrue(all(c == "\n" or c.isprintable() for c in said), ascii(said))


def can_unshare() -> bool:
    return os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode == 0


@unittest.skipUnless(can_unshare(), "no mount namespace can be made here")
class OfThisBoot(unittest.TestCase):
    """status and timeline, where /run is this test's own, and no systemd answers."""

    def at(self, script: str, boot: Any = None) -> "Result[bytes]":
        write = "" if boot is None else "cat >/run/lustre-init/boot.json <<'EOF'\n" + json.dumps(boot) + "\nEOF\n"
        script = f"set -e; mount -t tmpfs -o mode=755 none /run; mkdir /run/lustre-init; PROGRAM={PROGRAM}\n{write}{script}"
        return subprocess.run(
            ["unshare", "--mount", "sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT
        )

    def test_each_verb_takes_what_the_shells_complete(self) -> None:
        """A word too many is told last: where it is told, the options before it are taken.

        Were it taken, too, what a verb then does would be done to a machine where there is nothing of ours.
        """
        values = {"--machine": "/nonexistent", "--endpoint": "http://127.0.0.1:9", "--record": "/nonexistent", "--timeout": "5"}
        text = (ROOT / "agent/completion/lustre-init").read_text(encoding="utf-8")
        said: Dict[str, List[str]] = {}
        for verbs, words in re.findall(r"^\t([a-z:*| -]+:-\*)\) word='([^']*)'", text, re.MULTILINE):
            for verb in verbs.split(" | "):
                said[verb.split(":")[0]] = words.split()
        options = {option for words in said.values() for option in words} - {"--help", "--version"}
        options -= set(said.pop("check")) - {"--json"}
        for verb in set(said) - {""}:
            taken = []
            for option in options:
                call = [verb, option, *([values[option]] if option in values else []), "too-many"]
                # A time-out of status is one of its --wait.
                call += ["--wait"] if call[:2] == ["status", "--timeout"] else []
                done = self.at(f"mount -t tmpfs none /var/lib; exec \"$PROGRAM\" {' '.join(call)}")
                self.assertEqual(done.returncode, 2, call)
                if b"takes no 'too-many'" in done.stderr:
                    taken.append(option)
                else:
                    self.assertIn(f"takes no {option};".encode(), done.stderr, call)
            self.assertEqual(sorted(taken), sorted(said[verb]), verb)

    def test_a_boot_has_a_picture(self) -> None:
        done = self.at('exec "$PROGRAM" timeline --svg', BOOT)
        self.assertEqual(done.returncode, 0, done.stderr)
        picture = minidom.parseString(done.stdout).documentElement
        self.assertEqual(picture.tagName, "svg")
        self.assertEqual(len(picture.getElementsByTagName("g")), 2)
        self.assertIn("mount <a> & <b>", "".join(t.firstChild.data for t in picture.getElementsByTagName("title")))

    def test_a_status_tells_how_the_network_is_used(self) -> None:
        network = {"network": ["tcp on ens5 as 10.0.0.23@tcp, 8 connections to each peer"]}
        done = self.at('exec "$PROGRAM" status', {**BOOT, **network})
        self.assertIn(b"network   tcp on ens5 as 10.0.0.23@tcp, 8 connections to each peer\n", done.stdout)

    def test_times_that_none_has_are_no_crash(self) -> None:
        for key, value in (("start-usec", 2**62), ("end-usec", 2**63 - 1), ("start-usec", -1)):
            boot = json.loads(json.dumps(BOOT))
            boot["actions"][0][key] = value
            for call in ("timeline", "timeline --svg", "status"):
                done = self.at(f'exec "$PROGRAM" {call}', boot)
                self.assertEqual(done.returncode, 1, done)
                self.assertIn(key.encode(), done.stderr)

    def test_what_is_not_written_is_told(self) -> None:
        for call in ("timeline", "timeline --svg", "timeline --json", "status", "status --json"):
            done = self.at(f'exec "$PROGRAM" {call} >/dev/full', BOOT)
            self.assertEqual(done.returncode, 1, call)
            self.assertIn(b"cannot write to standard output", done.stderr, call)

    def test_without_a_report_nothing_is_made_up(self) -> None:
        for call in ("status", "timeline", "timeline --svg"):
            done = self.at(f'exec "$PROGRAM" {call}')
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"or could not write its report", done.stderr)

    def test_a_report_of_another_version_has_a_way_out(self) -> None:
        """As behind a downgrade, or an upgrade, of a node that serves on: it would be so until the next boot."""
        for boot in (dict(BOOT, novelty=1), {"verdict": "ready"}, dict(BOOT, verdict="splendid"), "no report"):
            for call in ("status", "status --wait", "timeline"):
                done = self.at(f'exec "$PROGRAM" {call}', boot)
                self.assertEqual(done.returncode, 1, done)
                self.assertIn(b"/run/lustre-init/boot.json", done.stderr)
                self.assertIn(b"; systemctl restart lustre-init writes it anew, and unmounts nothing\n", done.stderr)

    def test_everybody_sees_that_apply_works(self) -> None:
        boot = dict(BOOT, verdict="working", sentence="waiting for the MGS")
        holder = f"python3 -c '{HOLDER}' >/run/holder & until grep -q locked /run/holder; do sleep 0.05; done\n"
        program = "mkdir /run/bin; cp $PROGRAM /run/bin/lustre-init\n"
        for rights in ("", f"setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups "):
            done = self.at(f"{program}{holder}set +e; {rights}/run/bin/lustre-init status; code=$?; kill $!; exit $code", boot)
            self.assertEqual(done.returncode, 1, done)
            self.assertIn(b"working: waiting for the MGS", done.stdout)
            self.assertNotIn(b"interrupted", done.stdout)
            done = self.at(f"{program}set +e; {rights}/run/bin/lustre-init status", boot)
            self.assertIn(b"apply was interrupted", done.stdout)

    def test_an_apply_that_ends_meanwhile_was_not_interrupted(self) -> None:
        boot = dict(BOOT, verdict="working", sentence="lustrewt-OST0017 mounted")
        ending = f"python3 -c '{ENDING}' >/run/ending & until grep -q leased /run/ending; do sleep 0.05; done\n"
        done = self.at(f'{ending}exec "$PROGRAM" status', boot)
        self.assertNotIn(b"interrupted", done.stdout)
        self.assertIn(b"lustrewt-OST0017 mounted", done.stdout)
        self.assertEqual(done.returncode, 0, done)

    def test_an_apply_that_cannot_begin_reports_nothing(self) -> None:
        holder = f"python3 -c '{HOLDER}' >/run/holder & until grep -q locked /run/holder; do sleep 0.05; done\n"
        program = "mkdir /run/bin; cp $PROGRAM /run/bin/lustre-init\n"
        done = self.at(f"{program}{holder}set +e; /run/bin/lustre-init apply --json; code=$?; kill $!; exit $code")
        self.assertEqual((done.returncode, done.stdout), (1, b""), done)
        self.assertIn(b"another lustre-init is at work on this node", done.stderr)

    def test_where_proc_hides_processes_too(self) -> None:
        boot = dict(BOOT, verdict="working", sentence="waiting for the MGS")
        holders = ""
        for name in ("lock", "watch.lock"):
            holder = HOLDER.replace("lustre-init/lock", f"lustre-init/{name}")
            holders += f"python3 -c '{holder}' >/run/{name} & held=\"$held $!\"; until grep -q locked /run/{name}; do sleep 0.05; done\n"
        program = "mkdir /run/bin; cp $PROGRAM /run/bin/lustre-init\nmount -t proc -o hidepid=2 none /proc\n"
        nobody = f"setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups /run/bin/lustre-init status"
        done = self.at(f"{program}{holders}set +e; {nobody}; code=$?; kill $held; exit $code", boot)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(b"working: waiting for the MGS", done.stdout)
        self.assertNotIn(b"no watch is at work", done.stdout)
        done = self.at(f"{program}set +e; {nobody}", boot)
        self.assertIn(b"apply was interrupted", done.stdout)
        self.assertIn(b"no watch is at work", done.stdout)

    def test_what_is_not_heard_of_ec2_is_told_as_that(self) -> None:
        """It may be one key of several, as a tag: notices are heard all the same."""
        trouble = "metadata service (169.254.169.254), meta-data/tags/instance: no answer"
        watch = {"boot-id": "b", "sentence": trouble, "metadata-trouble": trouble, "notices": [], "events": []}
        file = "cat >/run/lustre-init/watch.json <<'EOF'\n" + json.dumps(watch) + "\nEOF\n"
        holder = HOLDER.replace("lustre-init/lock", "lustre-init/watch.lock")
        held = f"python3 -c '{holder}' >/run/holder & until grep -q locked /run/holder; do sleep 0.05; done\n"
        program = "mkdir /run/bin; cp $PROGRAM /run/bin/lustre-init\n"
        done = self.at(f"{program}{file}{held}set +e; /run/bin/lustre-init status; kill $!", BOOT)
        self.assertIn(f"  metadata  not all is heard: {trouble}; see lustre-init doctor\n".encode(), done.stdout)
        self.assertNotIn(b"none is heard", done.stdout)

    def test_what_cannot_be_seen_is_not_ready(self) -> None:
        target = {"name": "lustrewt-OST0017", "device": "/dev/dm-0", "mount-point": "/srv/ost", "mounted": True}
        done = self.at('mount -t tmpfs none /proc\nexec "$PROGRAM" status', dict(BOOT, targets=[target]))
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(b"what is mounted now could not be seen, see below\n", done.stdout)
        self.assertIn(b"what is mounted now could not be seen: cannot read /proc/self/mountinfo", done.stdout)

    def test_who_stops_a_node_is_not_worked_against(self) -> None:
        """What comes later starts the unit by these files; the verbs may fail, as where LVM is not installed."""
        for verb in ("stop", "clean"):
            marks = "/run/lustre-init/refused /run/lustre-init/not-ours"
            # Nothing to look at, and nothing to forget but what is in here.
            hide = "mount -t tmpfs none /sys; mount -t tmpfs none /var/lib\n"
            done = self.at(f'{hide}touch {marks}\n"$PROGRAM" {verb} >/dev/null 2>&1 || true\nls /run/lustre-init')
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stdout.split(), [b"lock"], verb)

    def test_the_mount_points_alone_are_taken_away(self) -> None:
        """As when the package is removed: what is mounted stays, and so does what is known of the disks."""
        done = self.at(
            "mount -t tmpfs none /var/lib; mkdir -p /var/lib/lustre-init /run/a/b /run/held /run/full/x\n"
            "echo '{}' >/var/lib/lustre-init/state.json\n"
            "printf '/run/a\\n/run/a/b\\n/run/held\\n/run/full\\n' >/var/lib/lustre-init/mount-points\n"
            "chattr +i /run/a/b 2>/dev/null || true\n"
            "mount -t tmpfs none /run/held\n"
            '"$PROGRAM" clean --mount-points; echo; ls -d /run/[afh]*; cat /var/lib/lustre-init/*'
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        told, left = done.stdout.decode().split("\n\n")
        self.assertEqual(
            told.splitlines(),
            [
                "/run/full stays: it is not empty",
                "/run/held stays: something is mounted there",
                "/run/a/b removed",
                "/run/a removed",
            ],
        )
        self.assertEqual(left.split(), ["/run/full", "/run/held", "/run/held", "/run/full", "{}"])


if __name__ == "__main__":
    sys.exit(sums.main() if len(sys.argv) == 1 else unittest.main())
