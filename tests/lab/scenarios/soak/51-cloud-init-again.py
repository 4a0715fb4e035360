# SPDX-License-Identifier: Apache-2.0
"""Real boots beside cloud-init, after its `clean` too, and what it says of data that is nobody's.

One node, one user-data after the other. Our part beside #cloud-config is read
by a boot after `cloud-init clean` has emptied the folder that our part handler
is linked to; then there is none, and at last somebody else's text.
"""

from __future__ import annotations

from beside import (
    LINK,
    MARK,
    MIME,
    NOBODYS,
    NODE,
    SMALL,
    is_done,
    is_silent,
    read_again,
    reads_our_document,
    warnings,
)
from laboratory import Lab


def run(lab: Lab) -> None:
    (node,) = lab.add(NODE)
    lab.boot([node])
    node.wait_for_unit("cloud-init.target", timeout=400)
    is_silent(node, "our document alone")
    node.write("/etc/cloud/cloud.cfg.d/91_small.cfg", SMALL)
    read_again(node)
    is_done(node, "our document alone")

    node.run("cloud-init", "clean", "--logs")
    assert node.run("test", "-e", LINK, check=False).status != 0, "clean left the link in place"
    node.set_metadata(user_data=MIME)
    node.reboot()
    is_done(node, "our part beside #cloud-config")
    node.run("test", "-e", MARK)
    reads_our_document(node)

    node.set_metadata(user_data=None)
    read_again(node)
    is_done(node, "no user-data")

    node.set_metadata(user_data=NOBODYS)
    read_again(node)
    said = warnings(node)
    assert "Unhandled non-multipart" in said, f"nobody's data passed in silence\n{said}"
    assert "nobody's user-data" not in said, f"the data is in the log\n{said}"
