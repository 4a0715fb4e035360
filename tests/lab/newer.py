# SPDX-License-Identifier: Apache-2.0
"""One package of a newer Debian, for what must hold on newer systems too."""

from __future__ import annotations

from pathlib import Path

from host import WORK, LabError, run
from image import apt_sources


def fetch_package(name: str, suite: str) -> Path:
    """The .deb, from where this machine's apt has its Debian; kept in the cache.

    A LabError where there is no such suite.
    """
    folder = WORK / "cache" / f"packages-{suite}"
    (folder / "lists/partial").mkdir(parents=True, exist_ok=True)
    (folder / "archives/partial").mkdir(parents=True, exist_ok=True)
    kept = sorted(folder.glob(f"{name}_*.deb"))
    if kept:
        return kept[-1]
    # "deb [signed-by=…] URI SUITE COMPONENT": the first is the main archive.
    words = apt_sources()[0].split()
    words[3] = suite
    (folder / "sources.list").write_text(" ".join(words) + "\n")
    options = [
        f"-oDir::Etc::sourcelist={folder}/sources.list",
        "-oDir::Etc::sourceparts=-",
        f"-oDir::State::lists={folder}/lists",
        f"-oDir::Cache={folder}",
        "-oAcquire::Check-Valid-Until=false",
        "-oAPT::Sandbox::User=root",
    ]
    run(["apt-get", *options, "--quiet", "update"], timeout=300)
    # apt-get download leaves the file where it stands.
    run(["env", "-C", folder, "apt-get", *options, "--quiet", "download", name], timeout=300)
    found = sorted(folder.glob(f"{name}_*.deb"))
    if not found:
        raise LabError(f"apt brought no {name} of {suite}")
    return found[-1]
