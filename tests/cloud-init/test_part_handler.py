# SPDX-License-Identifier: Apache-2.0
"""The part handler for cloud-init, and the drop-in for its disks.

CLOUD_INIT=DIR, where DIR holds an unpacked cloud-init package with its dependencies, adds the tests in
which cloud-init's own code reads user-data with the handler registered. cloud-init itself is never run.
"""

import base64
import gzip
import importlib.util
import inspect
import logging
import lzma
import os
import sys
import tempfile
import types
import unittest
from pathlib import Path
from typing import Any, Dict, List, Union

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "units" / "cloud-init"
DOCUMENTS = ROOT / "tests" / "documents"
CLOUD_INIT = os.environ.get("CLOUD_INIT")
# Amazon Linux 2023's, the oldest of the systems that have packages. Debian 11's lacks what two tests ask it by.
OLDEST = (22, 2)

# Somebody else's packed part beside ours, and a type with comments in it, which cloud-init takes for a part of its name.
WARNED_OF = ("mime-beside-xz.mime", "mime-type-in-pieces.mime")
OURS = b"#lustre-init\nrole: mgs\n"


def load_handler() -> types.ModuleType:
    path = FILES / "lustre_init_part.py"
    spec = importlib.util.spec_from_file_location("lustre_init_part", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def skip_below_oldest(test: unittest.TestCase) -> None:
    from cloudinit import version

    found = version.version_string()
    if tuple(int(number) for number in found.split("-")[0].split(".")[:2]) < OLDEST:
        test.skipTest(f"cloud-init {found}")


class Warnings(logging.Handler):
    """What was said at the level that turns cloud-init's status."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: List[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def __enter__(self) -> "Warnings":
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *unused: object) -> None:
        logging.getLogger().removeHandler(self)


class HandlerAlone(unittest.TestCase):
    def warnings(self, payload: Union[str, bytes, None], ctype: str = "text/x-not-multipart") -> List[str]:
        with Warnings() as heard:
            load_handler().handle_part(None, ctype, None, payload, "always")
        return heard.lines

    def test_our_documents_pass_in_silence(self) -> None:
        packed = gzip.compress(OURS)
        payloads: List[Union[str, bytes]] = [
            OURS,
            OURS.decode(),
            b"\xef\xbb\xbf\n\n" + OURS,
            OURS.replace(b"\n", b"\r\n"),
            packed,
            base64.encodebytes(OURS),
            base64.encodebytes(packed),
            b'{"lustre-init": {"role": "mgs"}}',
            b'{"lustre-init": {"role": ',
        ]
        for payload in payloads:
            for ctype in ("text/x-not-multipart", "text/plain", "application/octet-stream"):
                self.assertEqual(self.warnings(payload, ctype), [], payload)

    def test_our_type_passes_whatever_is_in_it(self) -> None:
        self.assertEqual(self.warnings(b"role: mgs\n", "text/lustre-init"), [])

    def test_no_user_data_is_no_reason_to_warn(self) -> None:
        for payload in (None, "", b""):
            self.assertEqual(self.warnings(payload), [])
        for signal in ("__begin__", "__end__"):
            self.assertEqual(self.warnings(None, signal), [])

    def test_what_names_us_is_left_to_the_agent(self) -> None:
        """It is no document, and the agent says what is wrong with it: once is enough."""
        told = 0
        for path in sorted(DOCUMENTS.glob("bad/*")):
            if path.suffix in (".expect", ".tags", ".gz", ".mime") or not path.read_bytes():
                continue
            if path.name in ("signature-missing.yaml", "too-large.yaml") or path.name.startswith("tag-"):
                continue
            self.assertEqual(self.warnings(path.read_bytes()), [], path.name)
            told += 1
        self.assertGreater(told, 150)

    def test_others_are_warned_of_without_their_words(self) -> None:
        payloads: List[Union[str, bytes]] = [
            b"secret=1\n",
            b"# lustre\x20is nice to have\n",
            b"#!/bin/sh\n#lustre-init reads its own part\n",
            b"lustre-initial: 1\n",
            b'{"ignition": {}}',
            b"\x1f\x8b\x08broken",
            bytes(range(256)),
            "\udcff text with a surrogate",
        ]
        for payload in payloads:
            lines = self.warnings(payload)
            self.assertEqual(len(lines), 1, payload)
            self.assertIn("Unhandled non-multipart (text/x-not-multipart)", lines[0])
            self.assertNotIn("secret", lines[0])

    def test_a_packed_part_is_others(self) -> None:
        """User-data packed so as a whole is told by the agent; a part of a message is nobody's business."""
        packed = lzma.compress(OURS)
        self.assertEqual(self.warnings(packed), [])
        self.assertEqual(self.warnings(base64.encodebytes(packed)), [])
        self.assertEqual(len(self.warnings(packed, "application/octet-stream")), 1)

    def test_it_judges_as_the_agent_does(self) -> None:
        """Good documents that are no MIME message are ours, foreign ones are not."""
        for path in sorted(DOCUMENTS.glob("good/*")):
            data = path.read_bytes()
            if path.suffix in (".yaml", ".json") or path.name in ("base64.txt", "base64-gzip.txt"):
                self.assertEqual(self.warnings(data), [], path.name)
        for path in sorted(DOCUMENTS.glob("foreign/*")):
            if path.suffix not in (".expect", ".mime", ".tags") and path.read_bytes():
                self.assertEqual(len(self.warnings(path.read_bytes())), 1, path.name)


@unittest.skipUnless(CLOUD_INIT, "CLOUD_INIT names no unpacked cloud-init")
class HandlerInCloudInit(unittest.TestCase):
    """cloud-init's own code takes the user-data apart and calls the handler."""

    @classmethod
    def setUpClass(cls) -> None:
        sys.path.insert(0, str(Path(str(CLOUD_INIT)) / "usr/lib/python3/dist-packages"))

    def warnings(self, user_data: bytes, is_registered: bool = True) -> List[str]:
        from cloudinit import handlers, helpers, user_data as processor

        registry = helpers.ContentHandlers()
        if is_registered:
            registry.register(handlers.fixup_handler(load_handler()))
        registry.register(
            types.SimpleNamespace(
                list_types=lambda: ["text/cloud-config", "text/x-shellscript"],
                handler_version=2,
                frequency="always",
                handle_part=lambda *unused: None,
            )
        )
        paths = helpers.Paths({})
        state: Dict[str, Any] = {"handlers": registry, "data": None, "frequency": "always", "excluded": []}
        with Warnings() as heard:
            message = processor.UserDataProcessor(paths).process(user_data)
            handlers.walk(message, handlers.walker_callback, data=state)
        return heard.lines

    def test_without_the_handler_it_warns(self) -> None:
        for name in ("role-oss.yaml", "mime-beside-cloud-config.mime", "mime-plain-part.mime"):
            data = (DOCUMENTS / "good" / name).read_bytes()
            self.assertEqual(len(self.warnings(data, is_registered=False)), 1, name)

    def test_with_the_handler_no_good_document_makes_it_warn(self) -> None:
        for path in sorted(DOCUMENTS.glob("good/*")):
            if path.suffix in (".expect", ".tags") or path.name in WARNED_OF:
                continue
            self.assertEqual(self.warnings(path.read_bytes()), [], path.name)

    def test_it_still_warns_of_others(self) -> None:
        for name in ("prose.txt", "ignition.json", "powershell.txt", "nodeadm.mime"):
            data = (DOCUMENTS / "foreign" / name).read_bytes()
            self.assertEqual(len(self.warnings(data)), 1, name)

    def test_no_user_data(self) -> None:
        self.assertEqual(self.warnings(b""), [])

    def test_it_is_found_through_the_link(self) -> None:
        skip_below_oldest(self)
        from cloudinit import importer, util

        with tempfile.TemporaryDirectory() as handlers:
            (Path(handlers) / "lustre_init_part.py").symlink_to(FILES / "lustre_init_part.py")
            names = list(util.get_modules_from_dir(handlers).values())
            self.assertEqual(names, ["lustre_init_part"])
            sys.path.insert(0, handlers)
            found, _ = importer.find_module(names[0], [""], ["list_types", "handle_part"])
            sys.path.remove(handlers)
        self.assertEqual(found, ["lustre_init_part"])


@unittest.skipUnless(CLOUD_INIT, "CLOUD_INIT names no unpacked cloud-init")
class DisksInCloudInit(unittest.TestCase):
    """The drop-in, merged as cloud-init merges it, against cloud-init's own mount module."""

    @classmethod
    def setUpClass(cls) -> None:
        sys.path.insert(0, str(Path(str(CLOUD_INIT)) / "usr/lib/python3/dist-packages"))

    def fstab_lines(self, config: Dict[str, Any]) -> List[str]:
        from unittest import mock

        from cloudinit.config import cc_mounts

        cloud = mock.Mock()
        cloud.distro.uses_systemd.return_value = True
        cloud.device_name_to_device.side_effect = {"ephemeral0": "/dev/xvdb"}.get
        fstab = mock.Mock()
        with mock.patch.object(cc_mounts, "_is_block_device", return_value=True), mock.patch.object(
            cc_mounts.util, "write_file", fstab
        ), mock.patch.object(cc_mounts.util, "ensure_dir"), mock.patch.object(
            cc_mounts.subp, "subp"
        ), mock.patch.object(cc_mounts, "FSTAB_PATH", "/nonexistent/fstab"):
            # Older ones hand a logger over, too.
            logger = [logging.getLogger("test")] if "log" in inspect.signature(cc_mounts.handle).parameters else []
            cc_mounts.handle("mounts", config, cloud, *logger, [])
        text = "".join(call.args[1] for call in fstab.call_args_list)
        return [line for line in text.splitlines() if "cloudconfig" in line]

    def drop_in(self) -> Dict[str, Any]:
        import yaml

        return dict(yaml.safe_load((FILES / "95_lustre-init.cfg").read_text()))

    def test_without_it_ephemeral0_is_mounted(self) -> None:
        lines = self.fstab_lines({})
        self.assertEqual(len(lines), 1)
        self.assertTrue(lines[0].startswith("/dev/xvdb\t/mnt"))

    def test_with_it_nothing_is_mounted(self) -> None:
        self.assertEqual(self.fstab_lines(self.drop_in()), [])

    def test_it_undoes_file_systems_of_other_files(self) -> None:
        from cloudinit import util

        other = {"fs_setup": [{"device": "ephemeral0"}], "mounts": [["ephemeral0", "/scratch"]]}
        # The later file of cloud.cfg.d comes first (util.read_conf_d).
        merged = util.mergemanydict([self.drop_in(), other])
        self.assertEqual(merged["fs_setup"], [])
        self.assertEqual(self.fstab_lines(merged), [])

    def test_the_schema_takes_it(self) -> None:
        """cloud-init holds the merged configuration, not only user-data, to its schema, and warns."""
        skip_below_oldest(self)
        from cloudinit.config import schema

        schema.validate_cloudconfig_schema(self.drop_in(), schema=schema.get_schema(), strict=True)
        with self.assertRaises(schema.SchemaValidationError):
            wrong = {"mounts": [["ephemeral0", None]]}
            schema.validate_cloudconfig_schema(wrong, schema=schema.get_schema(), strict=True)

    def test_user_data_still_decides(self) -> None:
        from cloudinit import util

        asked = {"mounts": [["ephemeral0", "/data"]]}
        merged = util.mergemanydict([asked, self.drop_in()])
        self.assertTrue(self.fstab_lines(merged)[0].startswith("/dev/xvdb\t/data"))


if __name__ == "__main__":
    unittest.main()
