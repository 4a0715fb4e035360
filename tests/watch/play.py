# SPDX-License-Identifier: Apache-2.0
"""Plays one story: the simulator, the daemon in its namespace, the steps; says what is wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "imds")]

import pace  # noqa: E402
import procfs  # noqa: E402
from simulator import Simulator  # noqa: E402
from story import BASE_BOOT, Story  # noqa: E402

# /etc, /run and the folders of Lustre are the story's; the rest is the machine's.
INSIDE = """
mount --make-rprivate / && mount --bind "$WATCH_TEST/etc" /etc && mount -t tmpfs none /run &&
mkdir -p /run/lustre-init && mount --bind "$WATCH_TEST/run" /run/lustre-init &&
mount --bind "$WATCH_TEST/fs" /sys/fs && exec "$@"
"""


class Wrong(Exception):
    """What was to be seen was not."""


class Player:
    """The state of one story that is being played."""

    def __init__(self, story: Story, build: Path, program: Path, folder: Path, late: float = 0) -> None:
        self.story, self.build, self.program, self.folder = story, build, program, folder
        self.late = late
        self.changes: dict[str, Any] = {}
        self.daemon: subprocess.Popen[bytes] | None = None
        self.position = {"journal": 0, "run/deeds": 0}
        self.begun = int(time.time())
        self.slowness = min(pace.GAUGE.slowness(), pace.MOST)
        self.simulator = Simulator(str(build / "tests/imds-sim"), self.node())

    # ---- the machine ----

    def node(self) -> dict[str, Any]:
        """With times for `{in N s}` and `{in N + M s}`, of when the story began; M of the machine's own."""

        def write(match: re.Match[str]) -> str:
            seconds = int(match[1]) + int(match[2] or 0) * self.slowness
            return time.strftime("%d %b %Y %H:%M:%S GMT", time.gmtime(self.begun + seconds))

        node = json.dumps(self.story.full_node(self.changes))
        filled: dict[str, Any] = json.loads(re.sub(r"\{in (\d+)(?: \+ (\d+))? s\}", write, node))
        return filled

    def prepare(self) -> None:
        for name in ("etc/lustre-init", "run", "fs/lustre/obdfilter"):
            (self.folder / name).mkdir(parents=True)
        for name in ("journal", "run/deeds", "run/lctl", "run/stop"):
            (self.folder / name).touch()
        self.step_osts(self.story.osts)
        for name, hook in self.story.hooks.items():
            self.write_hook(name, hook if isinstance(hook, dict) else {"text": hook})
        for name, mode in self.story.folders.items():
            (self.folder / "etc/lustre-init/hooks.d" / name).chmod(int(mode, 8))
        if self.story.boot is not None:
            self.step_boot(self.story.boot)

    def mark_of(self, ost: str) -> Path:
        return self.folder / "fs/lustre/obdfilter" / ost / "degraded"

    def write_hook(self, name: str, hook: dict[str, Any]) -> None:
        path = self.folder / "etc/lustre-init/hooks.d" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if "link" in hook:
            path.symlink_to(hook["link"])
            return
        path.write_text(hook["text"] if "text" in hook else (HERE.parents[1] / hook["file"]).read_text())
        path.chmod(int(hook.get("mode", "0755"), 8))
        os.chown(path, hook.get("uid", 0), 0)

    def start(self) -> None:
        host, port = self.simulator.address()
        environment = {"PATH": f"{HERE}/tools:/usr/sbin:/usr/bin:/sbin:/bin", "WATCH_TEST": str(self.folder)}
        if self.story.clock_step:
            environment |= {
                "LD_PRELOAD": str(self.build / "tests/imds-clock-step.so"),
                "CLOCK_STEP_BY_DAYS": str(self.story.clock_step["by_days"]),
            }
            if "after_ms" in self.story.clock_step:
                environment["CLOCK_STEP_AFTER_MS"] = str(self.story.clock_step["after_ms"])
            else:
                environment["CLOCK_STEP_WHEN"] = str(self.folder / "clock-steps")
        command = ["unshare", "--mount", "sh", "-c", INSIDE, "inside", str(self.program)]
        with (self.folder / "journal").open("ab") as journal:
            self.daemon = subprocess.Popen(
                [*command, "--endpoint", f"http://{host}:{port}", "watch"],
                stdin=subprocess.DEVNULL, stdout=journal, stderr=journal, env=environment,
            )  # fmt: skip

    def end(self, number: int) -> None:
        assert self.daemon
        self.daemon.send_signal(number)
        pace.wait(self.daemon, 30)
        self.daemon = None

    # ---- the steps ----

    def ended(self) -> str:
        """Which of the two has, and how; "" for none. Nothing is to be seen then any more."""
        for name, process in (("daemon", self.daemon), ("simulator", self.simulator.process)):
            if process and process.poll() is not None:
                return f"the {name} ended with {process.returncode}"
        return ""

    def until(self, what: str, ready: Any) -> None:
        if not pace.until(lambda: ready() or self.ended(), self.story.seconds, 0.05):
            raise Wrong(f"never seen: {what}")
        if why := self.ended():
            raise Wrong(why)

    def rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.ended():
            time.sleep(min(0.5, seconds))

    def find(self, file: str, pattern: str) -> bool:
        text = (self.folder / file).read_text(errors="replace")
        found = re.compile(pattern, re.MULTILINE).search(text, self.position[file])
        if found:
            self.position[file] = found.end()
        return found is not None

    def step_node(self, changes: dict[str, Any]) -> None:
        self.changes |= changes
        self.simulator.write(self.node())

    def step_clock(self, _: str) -> None:
        (self.folder / "clock-steps").touch()

    def step_told(self, pattern: str) -> None:
        self.until(f"told {pattern}", lambda: self.find("journal", pattern))

    def step_deed(self, pattern: str) -> None:
        self.until(f"deed {pattern}", lambda: self.find("run/deeds", pattern))

    def step_watch(self, members: dict[str, Any]) -> None:
        def ready() -> bool:
            try:
                watch = json.loads((self.folder / "run/watch.json").read_text())
            except (OSError, ValueError):
                return False
            return all(watch.get(key) == value for key, value in members.items())

        self.until(f"watch.json with {members}", ready)

    def step_marked(self, marks: dict[str, int]) -> None:
        self.until(f"marks {marks}", lambda: all(self.mark_of(n).read_text() == f"{m}\n" for n, m in marks.items()))

    def step_mark(self, marks: dict[str, int]) -> None:
        for name, mark in marks.items():
            self.mark_of(name).write_text(f"{mark}\n")

    def step_tool(self, tools: dict[str, str]) -> None:
        for name, does in tools.items():
            (self.folder / "run" / name).write_text(does + "\n")

    def step_mdts(self, names: list[str]) -> None:
        for name in names:
            (self.folder / "fs/lustre/mdt" / name).mkdir(parents=True)

    def step_osts(self, osts: dict[str, int]) -> None:
        for name, mark in osts.items():
            (self.folder / "fs/lustre/obdfilter" / name).mkdir()
            self.mark_of(name).write_text(f"{mark}\n")

    def step_boot(self, boot: dict[str, Any]) -> None:
        """Replaced whole, as apply does it."""
        boot_id = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        new = self.folder / "run/new"
        new.write_text(json.dumps(BASE_BOOT | {"boot-id": boot_id} | boot))
        new.rename(self.folder / "run/boot.json")

    def step_kill(self, name: str) -> None:
        self.end(getattr(signal, f"SIG{name}"))

    def step_still(self, seconds: float) -> None:
        assert self.daemon
        self.daemon.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.daemon.send_signal(signal.SIGCONT)

    def step_wait(self, seconds: float) -> None:
        self.rest(seconds * self.slowness)

    def step_start(self, _: Any) -> None:
        self.start()

    def asked(self) -> int:
        return len(self.simulator.log())

    def step_asks(self, asks: dict[str, float]) -> None:
        before = self.asked()
        if "more" in asks:
            self.until(f"{asks['more']} more requests", lambda: self.asked() >= before + asks["more"])
        if "at_most" in asks:
            self.rest(asks["seconds"])
            if self.asked() - before > asks["at_most"]:
                raise Wrong(f"{self.asked() - before} requests in {asks['seconds']} s")

    def step_cost(self, seconds: float) -> None:
        """What it takes while nothing happens: told, and never judged, since machines differ."""
        before = procfs.processor_seconds(self.told_by_kernel("stat"))
        time.sleep(seconds)
        used = procfs.processor_seconds(self.told_by_kernel("stat")) - before
        resident = procfs.resident_kilobytes(self.told_by_kernel("status"))
        percent = 100 * used / seconds
        print(f"     {self.story.name}: {percent:.3f} % of a core over {seconds} s, {resident} kB resident", flush=True)

    def told_by_kernel(self, file: str) -> str:
        assert self.daemon
        return Path(f"/proc/{self.daemon.pid}/{file}").read_text()

    # ---- the whole ----

    def check(self) -> None:
        deeds = (self.folder / "run/deeds").read_text().splitlines()
        if len(deeds) != len(self.story.deeds) or not all(map(re.fullmatch, self.story.deeds, deeds)):
            raise Wrong("deeds were\n" + "".join(f"    {deed}\n" for deed in deeds))
        journal = (self.folder / "journal").read_text(errors="replace")
        for pattern in self.story.untold:
            if re.search(pattern, journal, re.MULTILINE):
                raise Wrong(f"told: {pattern}")

    def play(self) -> str:
        """"" or what is wrong."""
        try:
            self.prepare()
            self.start()
            for step in self.story.steps:
                for name, value in step.items():
                    getattr(self, f"step_{name}")(value)
            self.rest(self.late)
            self.check()
        except Wrong as wrong:
            return f"{wrong}\n{(self.folder / 'journal').read_text(errors='replace')}"
        finally:
            if self.daemon:
                self.end(signal.SIGTERM)
            self.simulator.stop()
        return ""
