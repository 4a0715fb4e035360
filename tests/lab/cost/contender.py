# SPDX-License-Identifier: Apache-2.0
"""Who brings a node up in a bench: this build, the one before, a shell script, and cloud-init with that script."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fleet import NodeSpec, read_fleet

ACCOUNT = "systemd.wants=lab-account.service"
WITHOUT_AGENT = "systemd.mask=lustre-init.service"
SCRIPT = "/usr/local/lib/lab/lustre-by-hand"
ROLES = {"mgs": "mgs+mds", "oss": "oss", "client": "client"}
MOUNTS = {
    "mgs": ("/srv/lustre/MGS", "/srv/lustre/lustrewt-MDT0000"),
    "oss": ("/srv/lustre/lustrewt-OST000b",),
    "client": ("/mnt/lustrewt",),
}


@dataclass(frozen=True)
class Contender:
    name: str
    is_agent: bool
    reboots: bool = True

    def nodes(self) -> list[NodeSpec]:
        """The trio, brought up its way."""
        return [self.node(spec) for spec in read_fleet("trio")]

    def node(self, spec: NodeSpec) -> NodeSpec:
        if self.is_agent:
            return replace(spec, kernel_words=(ACCOUNT,))
        role = ROLES[spec.name]
        if self.name == "cloud-init":
            spec = replace(spec, cloud_init=True, metadata={"user_data": f"#!/bin/sh\nexec {SCRIPT} {role}\n"})
            return replace(spec, kernel_words=(WITHOUT_AGENT,))
        return replace(spec, kernel_words=(WITHOUT_AGENT, f"systemd.wants=lab-by-hand@{role}.service"))


THIS = Contender("this build", is_agent=True)
BASELINE = Contender("baseline", is_agent=True)
BY_HAND = Contender("script", is_agent=False)
# Its scripts are run at the first boot alone.
CLOUD_INIT = Contender("cloud-init", is_agent=False, reboots=False)
