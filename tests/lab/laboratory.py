# SPDX-License-Identifier: Apache-2.0
"""A lab: one network, the nodes in it, and the promise to take both down."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType

import state
from fleet import NodeSpec, read_fleet
from host import WORK, LabError, Timeout
from image import Image
from network import Network
from node import BOOT_TIMEOUT, Folders, Node

RUNS = WORK / "run"
LOGS = WORK / "logs"


class Lab:
    """Use it in a with statement; whatever happens inside, nothing is left behind."""

    def __init__(self, name: str, image: Image, say: Callable[[str], None]) -> None:
        self.name = name
        self.image = image
        self.say = say
        self.nodes: dict[str, Node] = {}
        self.kept = False
        self.logs = LOGS / name
        self.folder = RUNS / f"{name}-{os.getpid()}"
        self._sockets = Path(tempfile.mkdtemp(prefix="lustre-lab-"))
        self.network = Network(f"lustre-lab-{os.getpid()}", self.folder)

    def __enter__(self) -> Lab:
        shutil.rmtree(self.logs, ignore_errors=True)
        self.logs.mkdir(parents=True)
        self.folder.mkdir(parents=True)
        try:
            self.network.start()
        except BaseException:
            self.take_down()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self.kept:
            self.take_down()

    def take_down(self) -> None:
        for node in self.nodes.values():
            node.kill()
        self.nodes.clear()
        self.network.stop()
        for folder in (self.folder, self._sockets):
            shutil.rmtree(folder, ignore_errors=True)
        state.forget(self.folder)

    # -- nodes ------------------------------------------------------------------

    def add(self, *specs: NodeSpec) -> list[Node]:
        """Nodes that are not launched yet."""
        folders = Folders(self.folder, self._sockets, self.logs)
        added = []
        for spec in specs:
            if spec.name in self.nodes:
                raise LabError(f"there is a node {spec.name} already")
            added.append(Node(spec, self.image, self.network, folders))
            self.nodes[spec.name] = added[-1]
        return added

    def fleet(self, name: str) -> list[Node]:
        return self.add(*read_fleet(name))

    def boot(self, nodes: Iterable[Node], timeout: float = BOOT_TIMEOUT) -> None:
        """Launch nodes all at once and wait until each answers."""
        launched = list(nodes)
        for node in launched:
            node.launch()
            self.record()
        for node in launched:
            node.wait_for_boot(timeout)

    def save(self, nodes: Iterable[Node], tag: str) -> None:
        """One snapshot each of nodes that talk to each other, at one instant."""
        together = list(nodes)
        for node in together:
            node.pause()
        for node in together:
            node.save(tag)
        for node in together:
            node.resume()

    # -- records ----------------------------------------------------------------

    def record(self) -> None:
        """Write down what is running, for `lab down` and `lab login`."""
        consoles = {node.name: node.console for node in self.nodes.values()}
        state.write(self.folder, self.network, self._sockets, consoles, kept=self.kept)

    def keep(self) -> None:
        """Leave everything running when the with statement ends."""
        self.kept = True
        self.record()

    def keep_evidence(self) -> None:
        """Add the journals and the lab's own logs to the consoles already under logs."""
        for node in self.nodes.values():
            try:
                journal = node.run("journalctl", "--no-pager", "-o", "short-monotonic", timeout=60)
                (self.logs / f"{node.name}.journal").write_text(journal.out)
            except (LabError, Timeout, OSError) as error:
                (self.logs / f"{node.name}.journal").write_text(f"no journal: {error}\n")
        for path in self.folder.glob("*.log"):
            shutil.copy(path, self.logs)
