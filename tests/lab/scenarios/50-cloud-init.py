# SPDX-License-Identifier: Apache-2.0
"""cloud-init stays green beside us, and reads our part beside its own.

One node. A real boot reads our document alone; then cloud-init reads, as at the
boot of a new instance, our part beside #cloud-config. On this version of
cloud-init a warning shows in the log alone, on newer ones in its exit status
too. `soak/51-cloud-init-again` has real boots of the same, and nobody's data.
"""

from __future__ import annotations

from beside import MARK, MIME, NODE, SMALL, is_done, is_silent, read_again, reads_our_document
from laboratory import Lab


def run(lab: Lab) -> None:
    (node,) = lab.add(NODE)
    lab.boot([node])
    node.wait_for_unit("cloud-init.target", timeout=400)
    is_silent(node, "our document alone")
    reads_our_document(node)

    node.write("/etc/cloud/cloud.cfg.d/91_small.cfg", SMALL)
    node.set_metadata(user_data=MIME)
    read_again(node)
    is_done(node, "our part beside #cloud-config")
    node.run("test", "-e", MARK)
    reads_our_document(node)
