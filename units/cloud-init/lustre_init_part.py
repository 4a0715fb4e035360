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
import re
import zlib
from typing import Any, Iterator, List, Optional, Tuple, Union
from urllib.parse import unquote_to_bytes

handler_version = 2
# Each boot, as cloud-init's own warnings come.
frequency = "always"

OUR_TYPE = "text/lustre-init"
# A document alone; a part whose type says nothing.
SHARED_TYPES = ["text/x-not-multipart", "text/plain", "application/octet-stream"]

# Our name however it is spelt, as agent/ask/document/name.h has it, and ways to write that it is meant: as the
# first word, as a signature among the first comments, as a type in a header, an archive or an include.
LUSTRE = re.compile(rb"lust(?:re|er)", re.IGNORECASE)
NAME = rb"lust(?:re|er)[-_. \t\x80-\xff]{0,8}init"
FIRST_WORD = re.compile(
    rb"(?:(?:%[^\n]*|---[ \t\r]*)?\n)*[ \t]*(?:[bru$](?=['\"]))?"
    rb"(?:[^a-z0-9\n]{0,64}#[^a-z0-9\n]{0,64}NAME|[^a-z0-9\n]{0,64}NAME(?=[^-_/.a-z0-9]|\.?\s|\.?$)|#[^a-z0-9\n]{0,64}lust(?:re|er)[ \t\r]*(?:\n|$))"
    rb"|[^a-z0-9\n]{0,64}lust(?:re|er)(?:[-_ ]?init[-_:./]|[:./])[a-z][a-z_-]*[\"']?[ \t]*[:=]"
    rb"|[ \t\n]*#![ \t]*(?:[^ \t\n]*/)?(?:env[ \t]+(?:-[^ \t\n]*[ \t]+)*(?:[^ \t\n]*/)?)?NAME".replace(b"NAME", NAME),
    re.IGNORECASE,
)
SIGNATURE_BELOW = re.compile(
    rb"\s*(?!#!)[^\n]*\n(?:\s*[^\n]+\n)?(?:[ \t\r]*(?:#[^\n]*)?\n)*[ \t]*#lustre-init[ \t\r]*(?:\n|$)"
)
BELOW_INTERPRETER = re.compile(
    rb"\s*#![^\n]*\n(?:[ \t\r]*(?:#[^\n]*)?\n)*[ \t]*#lustre-init[ \t\r]*\n(?:[ \t\r]*(?:#[^\n]*)?\n)*[ \t]*(?:role|fsname|mgs):\s"
)
TYPE = re.compile(rb"\b(?:text|application)[ \t\\]*/[ \t]*(?:x-)?lust(?:re|er)", re.IGNORECASE)
HEADER = re.compile(rb"^[^:\n]*:[ \t\"']*" + TYPE.pattern, re.IGNORECASE | re.MULTILINE)
TYPE_ENTRY = re.compile(
    rb"(?<![a-z0-9-])type(?=[\"' \t]*:)[\"': \t]*(?:" + TYPE.pattern + rb"|" + NAME + rb"(?![-_/a-z0-9]))", re.IGNORECASE
)
ARCHIVED = re.compile(TYPE.pattern + rb"|#" + NAME, re.IGNORECASE)
ANNOUNCES_TEXT = re.compile(rb"[ \t][|>][-+0-9]*$")
DOCUMENT_ENDS = NAME + rb"(?:\.(?:yaml|yml|json|txt|gz|mime))?(?:[?#][^ \n]*)?[ \t\r]*$"
DOCUMENT_URL = re.compile(rb"^[ \t]*(?:#include|(?!#))(?:[^?\n]*/)?" + DOCUMENT_ENDS, re.IGNORECASE | re.MULTILINE)
DOCUMENT_NAME = re.compile(rb"@?(?:[^?# \n]*/)?" + DOCUMENT_ENDS[:-1] + rb"\Z", re.IGNORECASE)
COMMENTED_MESSAGE = re.compile(rb"(?:[ \t]*(?:#(?!!)[^\n]*)?\n)+[ \t]*(?:content-type|mime-version):", re.IGNORECASE)
SETTING = re.compile(rb"([ \t]*)[\"']?(role|fsname|mgs)[\"']?[ \t]*:")
KEY = re.compile(rb"(?:[!&][^\s]{0,64}[ \t]+){0,2}[?\"' \t]*" + NAME + rb"[\"' \t]*(?::|$)", re.IGNORECASE)
ENTRY = re.compile(rb"[\w\"'. -]+:(?:\s|$)|\?")
# Keys of ours as tags or variables of a shell have them: those that every node needs are enough here.
TAG = rb"lust(?:re|er)(?:[-_. \t\x80-\xff]{0,8}init[-_:./]|[:./])(?:role|fsname|mgs)(?![-_a-z0-9])"
TAG_SET = re.compile(rb"[\"' \t-]*" + TAG + rb"[:= \t\"']", re.IGNORECASE)
TAG_KEY = re.compile(rb"[\"']*" + TAG + rb"[\"' \t]*:", re.IGNORECASE)
TAG_ENTRY = re.compile(rb"(?<![a-z0-9])key[\"'=:\s]*" + TAG, re.IGNORECASE)
TAGS_BEFORE = rb"[^a-z0-9]*(?:(?:tags|tag-?specifications|tagset|resource-?type|instance)[^a-z0-9]+)"
TAG_LIST = re.compile(TAGS_BEFORE + rb"*[^a-z0-9]*(?:key|value)(?![-_a-z0-9])", re.IGNORECASE)
TAG_MAP = re.compile(TAGS_BEFORE + rb"+" + TAG, re.IGNORECASE)
MARKED = re.compile(rb"#[!a-z0-9]", re.IGNORECASE)
COMMAND = re.compile(rb"(?:(?:export|declare -x|setenv|set) |\$env:)", re.IGNORECASE)
SET = re.compile(rb"[\"' \t-]*[-\w./]+[\"' \t]*[:=]", re.ASCII)
LUSTRE_KEY = re.compile(rb"[\"']*lust(?:re|er)[\"' \t]*:\s*", re.IGNORECASE)
# What is not opened, but looked into (agent/ask/document/envelope.c).
DATA_URL = re.compile(rb"data:([^,\n]*),", re.IGNORECASE)
ARMOUR = re.compile(rb"(?:-----BEGIN|---- BEGIN|begin-base64 )[^\n]*\n")
USER_DATA = re.compile(rb"^[\"' \t-]*user[-_ ]?data[^:\n]*:", re.IGNORECASE | re.MULTILINE)
USER_DATA_AT_TOP = re.compile(rb"^[\"'-]*user[-_ ]?data[^:\n]*:", re.IGNORECASE | re.MULTILINE)
BEFORE_VALUE = re.compile(rb"(?:[\s\"'|>+&-]|!\S+|Fn::(?:Base64|Sub):)*")
# A document as a text in JSON (agent/ask/document/json_text.c), and what the agent does not unpack, but tells.
JSON_TEXT = re.compile(rb"(?:\\[nrt]|\s)*#NAME(?:\\[nrt]|\s|$)".replace(b"NAME", NAME), re.IGNORECASE)
TEXT = re.compile(rb'"((?:[^"\\]|\\.)*)', re.DOTALL)
PACKED = (b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd")
PACKED_BZIP2 = re.compile(rb"BZh.1AY&SY", re.DOTALL)
ESCAPE = re.compile(rb"\\(?:u00|x)([0-7][0-9a-f])", re.IGNORECASE)

WRAPPERS_MAX = 12
MAPPING_MAX = 512
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


def spots_in_braces(text: bytes) -> Iterator[int]:
    """Where a key may begin in JSON, or YAML's flow style, whole or not: at the top, or at the top of one in a list."""
    most = 2 if text.startswith(b"[") else 1
    depth, i, may_be_key = 0, 0, False
    while i < len(text):
        c = text[i : i + 1]
        if may_be_key and depth <= most and not c.isspace():
            yield i
        if c == b'"':
            i += 1
            while i < len(text) and text[i : i + 1] != b'"':
                i += 2 if text[i : i + 1] == b"\\" else 1
        depth += (c in b"{[") - (c in b"}]" and depth > 0)
        may_be_key = c in b"{," or (may_be_key and c.isspace())
        i += 1


def spots_in_yaml(text: bytes) -> Iterator[Tuple[int, int]]:
    """Where a key begins in the column of the first one, and where its line ends."""
    column: Optional[int] = None
    start, end = 0, 0
    while start < len(text) and not text.startswith(b"#!"):
        end = text.find(b"\n", start)
        end = len(text) if end < 0 else end
        raw = text[start:end]
        line = raw.strip()
        indent = len(raw) - len(raw.lstrip(b" \t"))
        is_other = line.startswith((b"#", b"//", b"/*")) or (column is None and (line == b"---" or line.startswith(b"%")))
        if line and not is_other:
            if column is None and line[:1] in (b"{", b"["):
                for spot in spots_in_braces(text[start + indent :]):
                    yield start + indent + spot, len(text)
                return
            if column is None and not ENTRY.match(line) and not KEY.match(line):
                return
            column = indent if column is None else column
            if indent == column:
                yield start + indent, end
        start = end + 1


def has_yaml_top_key(text: bytes) -> bool:
    return any(KEY.match(text, start, end) for start, end in spots_in_yaml(text))


def has_setting_in_braces(text: bytes) -> bool:
    depth = 0
    for i, c in enumerate(text[:MAPPING_MAX].decode("latin-1")):
        depth += (c in "{[") - (c in "}]")
        if depth == 0:
            return False
        if depth == 1 and c in "{," and SETTING.match(text[i + 1 : MAPPING_MAX].lstrip()):
            return True
    return False


def has_setting_below(text: bytes, start: int, end: int) -> bool:
    indent = start - text.rfind(b"\n", 0, start) - 1
    column = 0
    for raw in text[end + 1 :].split(b"\n"):
        line = raw.strip()
        if not line or line.startswith(b"#"):
            continue
        further = len(raw) - len(raw.lstrip(b" \t"))
        if further <= indent:
            return False
        column = column or further
        if further == column and SETTING.match(line):
            return True
    return False


def has_settings_of_lustre(text: bytes) -> bool:
    """A key "lustre" at the top, and settings of ours right below it."""
    for start, end in spots_in_yaml(text):
        found = LUSTRE_KEY.match(text, start)
        if found and text[found.end() :].startswith(b"{"):
            if has_setting_in_braces(text[found.end() :]):
                return True
        elif found and found.end() > end and has_setting_below(text, start, end):
            return True
    return False


def has_tag_in_lines(text: bytes) -> bool:
    """Lines of KEY=VALUE or KEY: VALUE, one of which sets a tag or a variable of ours."""
    column: Optional[int] = None
    for raw in text.split(b"\n"):
        line = raw.strip()
        indent = len(raw) - len(raw.lstrip(b" \t"))
        if MARKED.match(line):
            return False
        if not line or line.startswith((b"#", b"%")) or line == b"---":
            continue
        column = indent if column is None else column
        if indent > column:
            continue
        line = COMMAND.sub(b"", line)
        if TAG_SET.match(line):
            return True
        if not SET.match(line):
            return False
    return False


def has_tags(text: bytes) -> bool:
    """Tags as what sets them writes them (agent/ask/document/name_tag.c)."""
    if text.startswith(b"#"):
        return has_tag_in_lines(text)
    if TAG_MAP.match(text) or (TAG_LIST.match(text) and TAG_ENTRY.search(text)) or has_tag_in_lines(text):
        return True
    return text[:1] in (b"{", b"[") and any(TAG_KEY.match(text, spot) for spot in spots_in_braces(text))


def is_our_json(text: bytes) -> bool:
    try:
        value = json.loads(text.decode("utf-8"))
    except ValueError:
        # Broken: who names us means us, and the agent says what is wrong.
        return b'"lustre-init"' in text
    return isinstance(value, dict) and "lustre-init" in value


def has_our_settings(text: bytes) -> bool:
    """A document without its signature: a role, and what else every node needs."""
    if text.startswith(b"#!"):
        return False
    lines = re.split(rb"[,{\n]" if text.startswith(b"{") else rb"\n", text)
    said = [line for line in lines if line.strip() and not line.strip().startswith(b"#")]
    column = len(said[0]) - len(said[0].lstrip()) if said else 0
    found = [SETTING.match(line) for line in said]
    keys = {f.group(2) for f in found if f and (not text.startswith(b"#") or len(f.group(1)) == column)}
    return b"role" in keys and len(keys) > 1


def has_key_in_text(text: bytes) -> bool:
    """A key of ours at the top of a text that an entry holds, such as another's cloud-config."""
    column: Optional[int] = None
    is_next = False
    for raw in text.split(b"\n"):
        line = raw.strip()
        if not line or line.startswith(b"#"):
            continue
        indent = len(raw) - len(raw.lstrip(b" \t"))
        if is_next:
            column = indent
        elif column is not None and indent < column:
            column = None
        is_next = False
        if column is not None and indent == column and KEY.match(line):
            return True
        if column is None:
            is_next = bool(ANNOUNCES_TEXT.search(line))
    return False


def has_json_text(text: bytes) -> bool:
    if text[:1] not in (b"{", b"[") or b"/etc/lustre-init" in text:
        return False
    texts = [found.group(1) for found in TEXT.finditer(text)]
    return any(JSON_TEXT.match(t) or JSON_TEXT.match(beginning_of_base64(t)) for t in texts)


def has_archived(text: bytes) -> bool:
    if ARCHIVED.search(text) or TYPE_ENTRY.search(text) or has_key_in_text(text):
        return True
    return any(FIRST_WORD.match(beginning_of_base64(line.split()[-1])) for line in text.splitlines() if line.strip())


def names_us(text: bytes) -> bool:
    """Whether the agent says something of it (agent/ask/document/naming.c)."""
    text = ESCAPE.sub(lambda found: bytes([int(found.group(1), 16)]), text)
    if has_our_settings(text):
        return True
    if text.startswith(b"#cloud-config-archive"):
        return has_archived(text)
    if not LUSTRE.search(text):
        return False
    if DOCUMENT_NAME.match(text) or (COMMENTED_MESSAGE.match(text) and HEADER.search(text)):
        return True
    if not text.startswith(b"#!") and b"\n" not in text and b"\\n" in text and TYPE.search(text):
        return True
    if FIRST_WORD.match(text) or SIGNATURE_BELOW.match(text) or BELOW_INTERPRETER.match(text) or has_yaml_top_key(text):
        return True
    if has_tags(text) or has_settings_of_lustre(text):
        return True
    if not text.startswith(b"#!") and TYPE_ENTRY.search(text):
        return True
    if text.startswith(b"#include"):
        return bool(DOCUMENT_URL.search(text))
    return text[:1] not in (b"#", b"{", b"[") and bool(HEADER.search(text))


def looks_like_ours(data: bytes) -> bool:
    while data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    text = data.strip()
    return (text.startswith(b"{") and is_our_json(text)) or names_us(text) or has_json_text(text)


def beginning_of_base64(data: bytes) -> bytes:
    """What base64 begins with that cannot be decoded whole."""
    found = re.match(rb"[A-Za-z0-9+/_-]*", b"".join(data[:1024].lstrip(b"\"'").split()))
    compact = found.group(0) if found else b""
    if len(compact) < 16:
        return b""
    return base64.urlsafe_b64decode(compact[: len(compact) // 4 * 4].translate(bytes.maketrans(b"+/", b"-_")))


def beginning_of_zlib(data: bytes) -> bytes:
    """What zlib packed without the header of gzip, which nobody unpacks here."""
    if not data.startswith(b"x"):
        return b""
    try:
        return zlib.decompressobj().decompress(data, 512)
    except zlib.error:
        return b""


def beginning_in_envelope(text: bytes) -> bytes:
    """What is in a wrapping that nobody opens here: a data: URL, percent-encoding, BEGIN and END, a key of YAML."""
    url = DATA_URL.match(text)
    if url:
        body = text[url.end() :]
        return beginning_of_base64(body) if url.group(1).lower().endswith(b";base64") else unquote_to_bytes(body[:2048])
    if b"%" in text.split(b"\n")[0]:
        plain = unquote_to_bytes(text[:2048])
        return plain if plain != text[:2048] else b""
    armour = ARMOUR.match(text)
    if armour:
        return beginning_of_base64(text[armour.end() :])
    if text.startswith((b"#!", b"{", b"[")):
        return b""
    key = (USER_DATA_AT_TOP if text.startswith(b"#") else USER_DATA).search(text)
    before = BEFORE_VALUE.match(text, key.end()) if key else None
    if not before:
        return b""
    value = text[before.end() :]
    return beginning_of_base64(value) or value[:2048]


def is_ours(data: bytes, is_whole: bool) -> bool:
    """Whether the agent takes `data` for a document of its own, or for one that was meant to be; or, where it is no
    part of a message, cannot tell and says so."""
    for _ in range(WRAPPERS_MAX):
        while data.startswith(b"\xef\xbb\xbf"):
            data = data[3:]
        inner = unwrap(data)
        if inner is None:
            break
        data = inner
    if looks_like_ours(data) or (is_whole and (data.startswith(PACKED) or PACKED_BZIP2.match(data))):
        return True
    if data.count(b"\0") >= 8:
        # UTF-16, or UTF-32.
        data = data[:2048].lstrip(b"\xff\xfe").replace(b"\0", b"")
        return looks_like_ours(data) or looks_like_ours(beginning_of_base64(data))
    enveloped = beginning_in_envelope(data.strip())
    if looks_like_ours(beginning_of_zlib(data)) or looks_like_ours(enveloped) or looks_like_ours(unwrap(enveloped) or b""):
        return True
    begun = beginning_of_base64(data)
    return len(begun) >= 12 and (begun.startswith(b"\x1f\x8b\x08") or looks_like_ours(begun))


def handle_part(
    data: Any, ctype: str, filename: Optional[str], payload: Union[str, bytes, None], frequency: str
) -> None:
    if ctype not in SHARED_TYPES or not payload:
        return
    if isinstance(payload, str):
        payload = payload.encode("utf-8", "surrogateescape")
    if is_ours(payload, ctype == "text/x-not-multipart"):
        return
    if ctype == "text/x-not-multipart":
        LOG.warning("Unhandled non-multipart (%s) userdata: %d bytes", ctype, len(payload))
    else:
        LOG.warning("Unhandled unknown content-type (%s) userdata: %d bytes", ctype, len(payload))
