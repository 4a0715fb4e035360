# SPDX-License-Identifier: Apache-2.0
"""Who signed what: each repository has a key that is asked, or a word of the user's that nobody did."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import stock
from bench import AMI, Bench, has, same, state, verify
from signed import Signer


def what_is_signed_is_held_to_its_key(bench: Bench) -> None:
    """By the key that was named, by another one, and by none."""
    root, folder = bench.copy(bench.stock, "signed"), bench.folder / "k"
    folder.mkdir()
    signers = [Signer(folder, name) for name in ("ours", "theirs")]
    try:
        ours, theirs = ({n: s.repository(bench.repositories / n, folder / f"{s.name}-{n}") for n in ("lustre", "e2fsprogs")} for s in signers)
    finally:
        for signer in signers:
            signer.end()
    flags = [word for word in bench.flags(root) if word != "--unsigned"] + ["--repo-key", str(signers[0].key)]
    unsigned = {name: bench.repositories / name for name in ours}
    for repositories, words in ((theirs, "Public key for e2fsprogs-"), ({**ours, "lustre": theirs["lustre"]}, "Public key for kmod-lustre-"),
                                (unsigned, "is not signed")):  # fmt: skip
        said = stock.run([AMI / "provision", *flags, *where(repositories)], 1)
        has(said, words, "GPG check FAILED", "provision: stopped, this failed: ")
    assert not list((root / "lib/modules").glob("*/extra")), "modules of another's were installed"
    has(stock.run([AMI / "provision", *flags, *where(ours)]), "= the key of Lustre's packages", "+ Lustre: ")
    verify(root)
    has(stock.run([AMI / "provision", *flags, *where(ours)]), "\n0 changes\n")
    # Whoever updates by hand from these repositories is held to the key, too.
    has((root / "etc/yum.repos.d/lustre-init.repo").read_text(), "gpgcheck=1", "gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-lustre")


def where(repositories: dict[str, Path]) -> list[str]:
    return [word for name, path in repositories.items() for word in (f"--{name}-repo", f"file://{path}")]


def unasked(bench: Bench, root: Path) -> list[str | Path]:
    return [AMI / "provision", *(word for word in bench.flags(root) if word != "--unsigned")]


def a_kernel_needs_a_word_of_its_own(bench: Bench) -> None:
    """It comes from a distribution, which signs: that Lustre's builder did not says nothing of it."""
    root, folder = bench.copy(bench.stock, "kernels"), bench.folder / "kk"
    folder.mkdir()
    kernels = ["--kernel-repo", f"file://{bench.repositories}/system"]
    before = state(root)
    signer = Signer(folder, "distribution")
    signer.end()
    for more, words in (
        (["--unsigned"], "--kernel-repo-key KEY: what signs the packages of --kernel-repo; where nobody signed them, --unsigned=lustre,e2fsprogs,kernel"),
        (["--unsigned=kernel"], "--repo-key KEY: what signs the packages of --lustre-repo; where nobody signed them, --unsigned"),
        (["--unsigned=lustre,kernel"], "--repo-key KEY: what signs the packages of --e2fsprogs-repo"),
        (["--unsigned=lustre,kernel,e2fsprogs", "--kernel-repo-key", str(signer.key)], "--kernel-repo-key and --unsigned: one of them"),
        (["--unsigned", "--kernel-repo-key", "/bin/sh"], "/bin/sh: not a public key in the form that gpg --armor --export writes (--kernel-repo-key)"),
    ):
        has(stock.run([*unasked(bench, root), *kernels, *more], 2), words)
    same(before, state(root))
    key = ["--unsigned", "--kernel-repo-key", str(signer.key)]
    stock.run([*unasked(bench, root), *kernels, *key, "--dry-run"])
    same(before, state(root))
    # The distribution's kernels here are signed by nobody.
    (root / "etc/yum.repos.d/system.repo").unlink()
    has(stock.run([*unasked(bench, root), *kernels, *key], 1), "is not signed", f"stopped, this failed: kernel {stock.OLDER}")
    stock.run([*unasked(bench, root), *kernels, "--unsigned=lustre, e2fsprogs, kernel"])
    verify(root)


def each_repository_is_held_to_its_own(bench: Bench) -> None:
    root, folder = bench.copy(bench.stock, "own-keys"), bench.folder / "ko"
    folder.mkdir()
    signers = {name: Signer(folder, name) for name in ("lustre", "system")}
    try:
        signed = {name: signer.repository(bench.repositories / name, folder / f"signed-{name}") for name, signer in signers.items()}
    finally:
        for signer in signers.values():
            signer.end()
    (root / "etc/yum.repos.d/system.repo").unlink()
    flags = [*unasked(bench, root), "--lustre-repo", f"file://{signed['lustre']}", "--kernel-repo", f"file://{signed['system']}",
             "--unsigned=e2fsprogs", "--repo-key", signers["lustre"].key]  # fmt: skip
    has(stock.run(flags, 1), "Public key for kernel-", f"stopped, this failed: kernel {stock.OLDER}")
    stock.run([*flags, "--kernel-repo-key", signers["system"].key])
    verify(root)
    has(stock.run([*flags, "--kernel-repo-key", signers["system"].key]), "\n0 changes\n")
    written = (root / "etc/yum.repos.d/lustre-init.repo").read_text()
    checks = {part.partition("]")[0]: "gpgcheck=1" in part for part in written.split("[lustre-init-")[1:]}
    assert checks == {"lustre": True, "e2fsprogs": False, "kernel": True}, written


def stories(bench: Bench) -> list[tuple[str, Callable[[], None]]]:
    return [(each.__name__, partial(each, bench)) for each in STORIES]


STORIES = [what_is_signed_is_held_to_its_key, a_kernel_needs_a_word_of_its_own, each_repository_is_held_to_its_own]
