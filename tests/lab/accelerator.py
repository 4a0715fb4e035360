# SPDX-License-Identifier: Apache-2.0
"""What runs the guests here: KVM where it works, emulation where not. Found out by booting.

A device node proves nothing: there are machines where /dev/kvm opens and no stock kernel runs. So the kernel that the
nodes get is booted, without a root: it starts all its drivers, finds nothing to mount, and says so. The same boot tells
what processor time that costs here (bounds.py).
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pace
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

# Processor time of this boot, emulated, on the machine that bounds were written on.
QUIET_SECONDS = 2.3
# For KVM to show that it works: some hundred times what it needs. Emulation has all the time it wants.
KVM_SECONDS = 30.0
EMULATION_SECONDS = 300.0
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


def boot_cost(accelerator: Accelerator, kernel: Path, seconds: float) -> float | None:
    """Seconds of processor time to boot that kernel up to where it looks for its root; None if it does not come so far."""
    with tempfile.TemporaryDirectory(prefix="lab-probe-") as name:
        console = Path(name, "console")
        words = ("console=ttyS0", "quiet", "panic=-1", "mitigations=off", *accelerator.kernel_words)
        argv = [
            "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-machine", "pc", *accelerator.argv, "-m", "256", "-serial", f"file:{console}",
            "-kernel", str(kernel), "-append", " ".join(words),
        ]  # fmt: skip
        before = processor_time()
        try:
            pace.run(argv, seconds, cwd=Path(name))
        except FileNotFoundError:
            raise LabError(f"{argv[0]} is not installed (make deps)") from None
        except subprocess.TimeoutExpired:
            return None
        cost = processor_time() - before
        return cost if console.exists() and END.search(console.read_bytes()) else None


def processor_time() -> float:
    """Of all children that have ended (getrusage(2))."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def choose(kernel: Path | None) -> tuple[Accelerator, float]:
    """The accelerator, and what a boot costs with it (bounds.py). LAB_ACCEL decides, where it is set.

    Without a kernel at hand (an image that brings its own boot loader) nothing can be tried: emulation, at the usual cost.
    """
    asked = os.environ.get("LAB_ACCEL")
    if asked is not None and asked not in KNOWN:
        raise LabError(f"LAB_ACCEL={asked}: it is one of {', '.join(KNOWN)}")
    if kernel is None:
        return KNOWN[asked or "tcg"](), 1.0
    if asked == "kvm" or (asked is None and os.access("/dev/kvm", os.R_OK | os.W_OK)):
        cost = boot_cost(kvm(), kernel, KVM_SECONDS)
        if cost is not None:
            return kvm(), cost / QUIET_SECONDS
        if asked == "kvm":
            raise LabError("LAB_ACCEL=kvm: no kernel boots with KVM on this machine")
    cost = boot_cost(emulation(), kernel, EMULATION_SECONDS)
    if cost is None:
        raise LabError("no kernel boots here, not even emulated: try qemu-system-x86_64 by itself")
    return emulation(), cost / QUIET_SECONDS
