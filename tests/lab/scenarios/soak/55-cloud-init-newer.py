# SPDX-License-Identifier: Apache-2.0
"""A newer cloud-init, to which a warning is exit status 2, is green beside us too.

The next Debian's cloud-init replaces this one's in a running node, as on an
AMI that is kept up to date. Then real boots read our document alone, our part
beside #cloud-config, and no user-data; each ends `done`, exit status 0.
"""

from __future__ import annotations

from beside import LINK, MARK, MIME, NODE, SMALL, is_done, reads_our_document
from host import LabError
from laboratory import Lab
from newer import fetch_package
from node import Node
from scenario import Skip

SUITE = "trixie"

# The lab has no ssh, and this version warns of keys that it cannot make.
NO_SSH = b"ssh_genkeytypes: []\n"


def run(lab: Lab) -> None:
    try:
        package = fetch_package("cloud-init", SUITE)
    except LabError as error:
        raise Skip(f"no cloud-init of {SUITE} to be had: {error}") from None
    (node,) = lab.add(NODE)
    lab.boot([node])
    node.wait_for_unit("cloud-init.target", timeout=400)
    node.write("/etc/cloud/cloud.cfg.d/91_small.cfg", SMALL + NO_SSH)
    node.write("/tmp/cloud-init.deb", package.read_bytes())
    node.run("env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--force-depends", "--force-confold",
             "--install", "/tmp/cloud-init.deb", timeout=200)  # fmt: skip
    version = node.run("cloud-init", "--version").out.split()[-1]
    assert int(version.split(".")[0]) >= 24, f"cloud-init is still {version}"

    boot_anew(node)
    is_done(node, f"our document alone, on {version}")
    reads_our_document(node)

    node.set_metadata(user_data=MIME)
    boot_anew(node)
    is_done(node, f"our part beside #cloud-config, on {version}")
    node.run("test", "-e", MARK)
    reads_our_document(node)

    node.set_metadata(user_data=None)
    boot_anew(node)
    is_done(node, f"no user-data, on {version}")


def boot_anew(node: Node) -> None:
    """As a new instance of an image that was cleaned."""
    node.run("cloud-init", "clean", "--logs")
    assert node.run("test", "-e", LINK, check=False).status != 0, "clean left the link in place"
    node.reboot()
