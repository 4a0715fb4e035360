# SPDX-License-Identifier: Apache-2.0
"""What runs the guests here: KVM where it works, emulation where not. Found out by booting.

A device node proves nothing: there are machines where /dev/kvm opens and no stock kernel runs. So the kernel that the
nodes get is booted, without a root: it starts all its drivers, finds nothing to mount, and says so. The same boot tells
how fast this machine is (pace.py).
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from host import LabError

# x86-64-v2, all that EL 9 asks for. Wider vectors cost emulation a fifth more.
EMULATED_CPU = "Nehalem"

# An emulated processor is at the mercy of the machine's scheduler, and a kernel that counts TSC ticks against another
# clock while it stands still takes its processor for up to fifty times slower than it is: from then on its clock runs
# that much too fast, every time-out of the guest is missed, and locks are called stuck for minutes that took seconds.
# The HPET's and the PM timer's frequencies are given, not measured; so they are the clocks, and nothing is calibrated.
EMULATED_CLOCK = (
    "clocksource=hpet", "tsc=unstable", "tsc_early_khz=2000000", "nolapic_timer", "no_timer_check",
)  # fmt: skip

# What this boot takes emulated on a quiet machine of two cores; bounds were written there.
QUIET_SECONDS = 2.5
# For KVM to show that it works: some hundred times what it needs. Emulation is waited for in any case.
KVM_SECONDS = 30
EMULATION_SECONDS = 900
END = re.compile(rb"Unable to mount root fs|No working init found")


@dataclass(frozen=True)
class Accelerator:
    name: str
    """As QEMU calls it: kvm or tcg."""
    argv: tuple[str, ...]
    """QEMU's words for it, the processor with them."""
    kernel_words: tuple[str, ...] = ()
    """What the guest's kernel has to be told."""

    def __str__(self) -> str:
        return "KVM" if self.name == "kvm" else "emulation (no KVM here)"


def kvm() -> Accelerator:
    return Accelerator("kvm", ("-accel", "kvm", "-cpu", os.environ.get("LAB_CPU", "host")))


def emulation() -> Accelerator:
    cpu = os.environ.get("LAB_CPU", EMULATED_CPU)
    return Accelerator("tcg", ("-accel", "tcg,thread=multi", "-cpu", cpu), EMULATED_CLOCK)


KNOWN = {"kvm": kvm, "tcg": emulation}


def boot_seconds(accelerator: Accelerator, kernel: Path, bound: float) -> float | None:
    """How long it takes to boot that kernel up to where it looks for its root; None if it does not come that far."""
    with tempfile.TemporaryDirectory(prefix="lab-probe-") as name:
        console = Path(name, "console")
        words = ("console=ttyS0", "quiet", "panic=-1", "mitigations=off", *accelerator.kernel_words)
        argv = [
            "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-machine", "pc", *accelerator.argv, "-m", "256", "-serial", f"file:{console}",
            "-kernel", str(kernel), "-append", " ".join(words),
        ]  # fmt: skip
        began = time.monotonic()
        try:
            subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=bound, cwd=name)
        except FileNotFoundError:
            raise LabError(f"{argv[0]} is not installed (make deps)") from None
        except subprocess.TimeoutExpired:
            return None
        seconds = time.monotonic() - began
        return seconds if console.exists() and END.search(console.read_bytes()) else None


def slowness(accelerator: Accelerator, kernel: Path) -> float:
    """How many times longer than emulated on a quiet machine a boot takes now."""
    seconds = boot_seconds(accelerator, kernel, EMULATION_SECONDS)
    return (EMULATION_SECONDS if seconds is None else seconds) / QUIET_SECONDS


def choose(kernel: Path | None) -> tuple[Accelerator, float]:
    """The accelerator, and how slow the machine is (pace.py). LAB_ACCEL decides, where it is set.

    Without a kernel at hand (an image that brings its own boot loader) nothing can be tried: emulation, as if quiet.
    """
    asked = os.environ.get("LAB_ACCEL")
    if asked is not None and asked not in KNOWN:
        raise LabError(f"LAB_ACCEL={asked}: it is one of {', '.join(KNOWN)}")
    if kernel is None:
        return KNOWN[asked or "tcg"](), 1.0
    if asked == "kvm" or (asked is None and os.access("/dev/kvm", os.R_OK | os.W_OK)):
        seconds = boot_seconds(kvm(), kernel, KVM_SECONDS)
        if seconds is not None:
            return kvm(), seconds / QUIET_SECONDS
        if asked == "kvm":
            raise LabError("LAB_ACCEL=kvm: no kernel boots with KVM on this machine")
    return emulation(), slowness(emulation(), kernel)
