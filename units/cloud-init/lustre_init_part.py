# SPDX-License-Identifier: Apache-2.0
"""cloud-init part handler: documents of lustre-init are not cloud-init's business, and no reason to warn.

lustre-init reads user-data by itself. cloud-init warns of every part whose type it does not know, and in
newer versions a warning makes `cloud-init status` exit 2. So this handler takes the types under which our
documents reach cloud-init. Under all but the first of them come other people's data too: of those it warns
just as cloud-init would have done without it. Nothing of the data is written anywhere.

tmpfiles.d links this file to /var/lib/cloud/handlers at each boot, since `cloud-init clean` empties that.
"""

import base64
import binascii
import json
import logging
import zlib
from typing import Any, List, Optional, Union

handler_version = 2
# Each boot, as cloud-init's own warnings come.
frequency = "always"

OUR_TYPE = "text/lustre-init"
# A document alone; a part whose type says nothing.
SHARED_TYPES = ["text/x-not-multipart", "text/plain", "application/octet-stream"]

SIGNATURE = b"#lustre-init"
WRAPPERS_MAX = 8
UNPACKED_MAX = 1024 * 1024

LOG = logging.getLogger("cloudinit.handlers.lustre_init")


def list_types() -> List[str]:
    return [OUR_TYPE] + SHARED_TYPES


def unwrap(data: bytes) -> Optional[bytes]:
    """What gzip or base64 hides, or None: as the agent undoes it (agent/ask/document/userdata.c)."""
    if data.startswith(b"\x1f\x8b\x08"):
        try:
            return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(data, UNPACKED_MAX)
        except zlib.error:
            return None
    compact = b"".join(data.split())
    if len(compact) < 16:
        return None
    try:
        return base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        return None


def is_our_json(text: bytes) -> bool:
    try:
        value = json.loads(text.decode("utf-8"))
    except ValueError:
        # Broken: who names us means us, and the agent says what is wrong.
        return b'"lustre-init"' in text
    return isinstance(value, dict) and "lustre-init" in value


def is_ours(data: bytes) -> bool:
    """Whether the agent takes `data` for a document of its own."""
    for _ in range(WRAPPERS_MAX):
        inner = unwrap(data)
        if inner is None:
            break
        data = inner
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    text = data.strip()
    if text.startswith(b"{"):
        return is_our_json(text)
    return text.split(b"\n", 1)[0].rstrip() == SIGNATURE


def handle_part(
    data: Any, ctype: str, filename: Optional[str], payload: Union[str, bytes, None], frequency: str
) -> None:
    if ctype not in SHARED_TYPES or not payload:
        return
    if isinstance(payload, str):
        payload = payload.encode("utf-8", "surrogateescape")
    if is_ours(payload):
        return
    if ctype == "text/x-not-multipart":
        LOG.warning("Unhandled non-multipart (%s) userdata: %d bytes", ctype, len(payload))
    else:
        LOG.warning("Unhandled unknown content-type (%s) userdata: %d bytes", ctype, len(payload))
