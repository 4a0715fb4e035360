# SPDX-License-Identifier: Apache-2.0
"""Images that are not the usual one: of another system, made by another tool, or of another kind before."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import stock
from bench import AMI, Bench, has, same, state

MODULES = ("lnet", "ksocklnd", "lustre")


def becomes(root: Path, release: str) -> None:
    (root / "etc/os-release").write_text(release)


def amazon(bench: Bench, root: Path) -> None:
    """Amazon Linux 2023: its kernel has Lustre's client, and its own repository the tools."""
    becomes(root, 'ID="amzn"\nVERSION_ID="2023"\n')
    modules = root / f"lib/modules/{stock.NEWER}"
    for name in MODULES:
        module = bench.server / f"lib/modules/{stock.OLDER}/extra/lustre/{name}.ko"
        (modules / f"kernel/{name}.ko").write_bytes(module.read_bytes().replace(stock.OLDER.encode(), stock.NEWER.encode()))
    (modules / "modules.dep").write_text("".join(f"kernel/{name}.ko:\n" for name in MODULES))
    system = root / "etc/yum.repos.d/system.repo"
    system.write_text(f"{system.read_text()}[amazon]\nname=amazon\nbaseurl=file://{bench.repositories}/lustre\ngpgcheck=0\n")


def a_client_of_amazon_linux(bench: Bench) -> None:
    """As README.md's table says: no repository is named."""
    root = bench.copy(bench.stock, "amazon")
    amazon(bench, root)
    agent = next((bench.repositories / "agent").glob("*/*.rpm"))
    argv = [AMI / "provision", "--kind", "client", "--root", root, "--agent", agent]
    before = state(root)
    has(stock.run([*argv, "--dry-run"]), f"= kernel {stock.NEWER}", "+ Lustre: lustre-client\n")
    same(before, state(root))
    has(stock.run(argv), "= no repository of Lustre's own", "+ Lustre: lustre-client\n")
    assert not (root / "etc/yum.repos.d/lustre-init.repo").exists(), "a repository of nothing is left"
    stock.run([AMI / "verify", "--kind", "client", "--root", root])
    # What an earlier run had named is gone with its name.
    (root / "etc/yum.repos.d/lustre-init.repo").write_text("")
    has(stock.run(argv), "+ no repository of Lustre's own", "\n1 changes\n")
    has(stock.run(argv), "\n0 changes\n")


def stories(bench: Bench) -> list[tuple[str, Callable[[], None]]]:
    return [(each.__name__, partial(each, bench)) for each in STORIES]


STORIES = [a_client_of_amazon_linux]
