#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What tests/install-deps and tests/unpack-deps take for a list; nothing is installed or loaded here."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import pace
import sums

HERE = Path(__file__).resolve().parent
# As dpkg-query and apt-get of a machine that has "there" and nothing else, and installs nothing.
DPKG_QUERY = """#!/bin/sh
case $3 in
*Package*) echo installed there ;;
*) [ "$4" != there ] || printf installed ;;
esac
"""
APT_GET = "#!/bin/sh\necho apt-get was called >&2\nexit 100\n"


class InstallDeps(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name, text in (("dpkg-query", DPKG_QUERY), ("apt-get", APT_GET)):
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)
        (self.folder / "have").write_text("# what is there\nthere # and why\n")

    def run_it(self, *words: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.folder}:/usr/sbin:/usr/bin:/sbin:/bin"
        return pace.run([str(HERE / "install-deps"), *words], 60, env={"PATH": path}, cwd=self.folder)

    def test_says_nothing_where_all_is_there(self) -> None:
        done = self.run_it("have")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_help(self) -> None:
        done = self.run_it("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("install-deps LIST...: installs the Debian packages", done.stdout)

    def test_what_is_no_list_is_refused(self) -> None:
        for words in ((), ("--colour",), ("have", "gone"), ("have", "--help"), (".",)):
            done = self.run_it(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn("install-deps LIST...", done.stderr, words)
            self.assertNotIn("apt-get", done.stderr, words)

    def unpack(self, *words: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.folder}:/usr/sbin:/usr/bin:/sbin:/bin"
        return pace.run([str(HERE / "unpack-deps"), *words], 60, env={"PATH": path}, cwd=self.folder)

    def test_what_is_installed_is_not_unpacked(self) -> None:
        done = self.unpack("deps", "have")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_what_cannot_be_had_leaves_nothing(self) -> None:
        (self.folder / "want").write_text("gone # never was\n")
        for _ in range(2):
            done = self.unpack("deps", "want")
            self.assertEqual(done.returncode, 1)
            self.assertIn("deps: gone could not be had", done.stderr)
        self.assertFalse((self.folder / "deps/gone").exists())

    def test_what_is_no_list_is_not_unpacked(self) -> None:
        for words in ((), ("deps",), ("deps", "gone"), ("deps", "have", ".")):
            done = self.unpack(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn("unpack-deps FOLDER LIST...", done.stderr, words)


if __name__ == "__main__":
    sys.exit(sums.main())
