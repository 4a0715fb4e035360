# SPDX-License-Identifier: Apache-2.0
"""ami-build on the system that runs, which a test must not change: parts of it, told that an image's files are its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml

import stock
from bench import AMI, Bench, has

# ROOT stays "/"; what commands of the image do, they do in the image.
PLAYED = """
set -euo pipefail
root=$1 program=$2 asked=$3
shift 3
for part in "${0%/}"/lib/{say,options,system,packages-dnf,packages-apt,kernel,pin,lustre,agent,command-line,disks,host,cleanse,checks}.sh; do
    . "$part"
done
options "$program" --kind server "$@"
BASE=$root LOG=$root/boot/log DRY_RUN=${DRY_RUN:-no}
in_root() { PATH=/usr/sbin:/usr/bin chroot "$BASE" "$@"; }
system_read
eval "$asked"
"""


def played(root: Path, program: str, asked: str, *flags: str, expected: int = 0) -> str:
    return stock.run(["bash", "-c", PLAYED, AMI, root, program, asked, *flags], expected)


SSM = ("var/lib/amazon/ssm/i-0123/channels/health/surveyor-1", "var/lib/amazon/ssm/Vault/Store/EC2RegistrationKey", "var/log/amazon/ssm/amazon-ssm-agent.log")


def the_agent_that_runs_this_is_left(bench: Bench) -> None:
    """EC2 Image Builder's commands come and are answered through a folder of the SSM agent's: without it, a build waits for ever."""
    root = bench.copy(bench.server, "image-builder")
    stock.live_in(root, *SSM, "var/log/amazon/efs/mount.log", "etc/ssh/ssh_host_rsa_key")
    has(played(root, "provision", "cleanse", "--keep-ssm"), "= /var/lib/amazon/ssm is left to the SSM agent, which runs this", "+ removed: the host's SSH keys")
    assert not [name for name in SSM if not (root / name).exists()], "the agent's folder was emptied"
    assert not (root / "var/log/amazon/efs/mount.log").exists(), "a log is left"
    assert played(root, "verify", "check_left machine-id; check_left logs", "--keep-ssm") == ""
    has(played(root, "verify", "check_left machine-id; check_left logs"), "/var/lib/amazon/ssm/i-0123", "/var/log/amazon/ssm")
    has(played(root, "provision", "cleanse"), "+ removed: who it is to AWS Systems Manager")
    assert not [name for name in SSM if (root / name).exists()], "left, and nobody asked for that"
    has(bench.provision(root, "--keep-ssm", expected=2), "no SSM agent runs in a root directory")


def image_builder_says_so(_bench: Bench) -> None:
    """Wherever something is removed, or looked for."""
    document = yaml.safe_load((AMI / "image-builder/component.yml").read_text())
    validate = next(phase for phase in document["phases"] if phase["name"] == "validate")
    (commands,) = validate["steps"][0]["inputs"]["commands"]
    calls = re.findall(r"^bash (?:provision|verify) .*$", commands, re.MULTILINE)
    assert len(calls) == 2 and all(call.endswith(" --keep-ssm") for call in calls), calls  # noqa: PLR2004


def stories(bench: Bench) -> list[tuple[str, Callable[[], None]]]:
    return [(each.__name__, partial(each, bench)) for each in STORIES]


STORIES = [the_agent_that_runs_this_is_left, image_builder_says_so]
