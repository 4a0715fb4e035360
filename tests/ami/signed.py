# SPDX-License-Identifier: Apache-2.0
"""Packages that somebody has signed: by a key that is made here and goes with its folder."""

from __future__ import annotations

import hashlib
import shutil
from email.utils import formatdate
from pathlib import Path

import stock


class Signer:
    """Whoever builds Lustre, with a key of his own."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        # A socket's name may have 108 bytes: gpg's agent listens in it.
        self.home = folder / name
        self.home.mkdir(mode=0o700)
        self.key = folder / f"{name}.asc"
        made = ["--pinentry-mode", "loopback", "--passphrase", "", "--quick-generate-key", name, "rsa2048", "sign", "never"]
        self._gpg("--batch", "--quiet", *made)
        self.key.write_text(self._gpg("--batch", "--armor", "--export", name))

    def _gpg(self, *words: str) -> str:
        return stock.run(["gpg", *words], GNUPGHOME=str(self.home))

    def release(self, packages: Path) -> None:
        """The word of a flat repository of apt, signed beside its list."""
        content = packages.read_bytes()
        release = packages.with_name("Release")
        digest = hashlib.sha256(content).hexdigest()
        release.write_text(f"Date: {formatdate(usegmt=True)}\nSHA256:\n {digest} {len(content)} {packages.name}\n")
        self._gpg("--batch", "--quiet", "--yes", "--output", str(release.with_name("InRelease")), "--clearsign", str(release))

    def end(self) -> None:
        """Ends what gpg has started for this key."""
        stock.run(["gpgconf", "--kill", "all"], GNUPGHOME=str(self.home))

    def repository(self, unsigned: Path, target: Path) -> Path:
        """A copy of a repository, each package signed."""
        shutil.copytree(unsigned, target)
        packages = sorted(target.glob("*/*.rpm"))
        # Debian's rpm looks for gpg in a place of its own.
        macros = {"_gpg_name": self.name, "_gpg_path": self.home, "__gpg": shutil.which("gpg")}
        defined = [word for name, value in macros.items() for word in ("--define", f"{name} {value}")]
        stock.run(["rpmsign", *defined, "--addsign", *packages], GNUPGHOME=str(self.home))
        stock.run(["createrepo_c", "--quiet", target])
        return target
