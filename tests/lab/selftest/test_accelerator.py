# SPDX-License-Identifier: Apache-2.0
"""KVM is believed where a kernel boots with it; a QEMU of two lines stands for machines of each kind."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import accelerator
from host import LabError

# What it prints goes where -serial file:PATH says, as of a kernel that looked for its root.
FAKE = """#!/bin/sh
for word in "$@"; do
	case $word in
	kvm) {kvm} ;;
	file:*) console=${{word#file:}} ;;
	esac
done
echo "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)" >"$console"
"""


@contextmanager
def qemu(kvm: str, device: bool = True) -> Iterator[Path]:
    """A machine where QEMU does this when it is asked for KVM; gives a kernel."""
    with tempfile.TemporaryDirectory() as name:
        program = Path(name, "qemu-system-x86_64")
        program.write_text(FAKE.format(kvm=kvm))
        program.chmod(0o755)
        with (
            mock.patch.dict(os.environ, {"PATH": f"{name}:{os.environ['PATH']}"}),
            mock.patch.object(accelerator.os, "access", lambda path, mode: device),
        ):
            os.environ.pop("LAB_ACCEL", None)
            yield Path(name, "vmlinux")


def test_kvm_where_it_works() -> None:
    with qemu(kvm=":") as kernel:
        chosen, cost = accelerator.choose(kernel)
        assert chosen.name == "kvm" and not chosen.kernel_words and cost < 60


def test_emulation_where_there_is_no_device() -> None:
    with qemu(kvm="exit 1", device=False) as kernel:
        chosen, _ = accelerator.choose(kernel)
        assert chosen.name == "tcg" and "clocksource=hpet" in chosen.kernel_words


def test_emulation_where_the_device_opens_and_kvm_aborts() -> None:
    with qemu(kvm="kill -ABRT $$") as kernel:
        assert accelerator.choose(kernel)[0].name == "tcg"


def test_emulation_where_kvm_runs_and_the_kernel_does_not_come_far() -> None:
    with qemu(kvm="exit 0") as kernel:
        assert accelerator.choose(kernel)[0].name == "tcg"


def test_emulation_where_kvm_hangs() -> None:
    with qemu(kvm="exec sleep 60") as kernel, mock.patch.object(accelerator, "KVM_SECONDS", 0.3):
        assert accelerator.choose(kernel)[0].name == "tcg"


def test_the_word_of_a_person_decides() -> None:
    with qemu(kvm=":") as kernel:
        os.environ["LAB_ACCEL"] = "tcg"
        assert accelerator.choose(kernel)[0].name == "tcg"
        os.environ["LAB_ACCEL"] = "hvf"
        assert "it is one of kvm, tcg" in refused(kernel)
    with qemu(kvm="exit 1") as kernel:
        os.environ["LAB_ACCEL"] = "kvm"
        assert "no kernel boots with KVM" in refused(kernel)


def test_a_machine_where_nothing_boots_is_told() -> None:
    with qemu(kvm="exit 1") as kernel, mock.patch.object(accelerator, "END", re.compile(b"never said")):
        assert "not even emulated" in refused(kernel)


def test_without_a_kernel_nothing_is_tried() -> None:
    with qemu(kvm=":"):
        chosen, cost = accelerator.choose(None)
        assert chosen.name == "tcg" and cost == 1


def refused(kernel: Path) -> str:
    try:
        accelerator.choose(kernel)
    except LabError as error:
        return str(error)
    raise AssertionError("it was not refused")
