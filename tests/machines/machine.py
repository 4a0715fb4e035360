# SPDX-License-Identifier: Apache-2.0
"""A story's machine: the files that `lustre-init plan --machine` reads, whole or by what changed.

A folder either has the files themselves (metadata.json, facts.json, …), as `lustre-init facts
--record` writes them, or a machine.json that names a base and says what differs from it.
"""

import json
import shutil
from pathlib import Path
from typing import Any

Json = Any

VALUES = ("metadata", "facts", "state", "checkup")
PLAIN = ("user-data", "conf.d")

# What the items of a list are known by, so that a change can name one of them.
KEYS = {
    "disks": ("name", "serial"),
    "volume-groups": ("name",),
    "volumes": ("name",),
    "interfaces": ("name",),
    "hosts": ("name",),
    "mounts": ("target",),
    "targets": ("name",),
}


class Mistake(Exception):
    """A story that cannot be read."""


def read_json(path: Path) -> Json:
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise Mistake(f"{path}: {error}") from error


def key_of(name: str, items: list[Json]) -> str:
    keys = KEYS.get(name)
    if keys is None:
        raise Mistake(f"the items of {name} have no names: give the whole list")
    if items:
        return next(key for key in keys if key in items[0])
    return keys[0]


def change_list(name: str, items: list[Json], changes: dict[str, Json]) -> list[Json]:
    key = key_of(name, items)
    result = list(items)
    for identity, change in changes.items():
        at = next((i for i, item in enumerate(result) if item[key] == identity), len(result))
        if change is None:
            if at == len(result):
                raise Mistake(f"{name}: there is no {identity} to take away")
            del result[at]
        elif at == len(result):
            result.append(changed({key: identity}, change))
        else:
            result[at] = changed(result[at], change)
    return result


def changed(value: Json, change: Json) -> Json:
    """RFC 7386 (null takes away), and a list of named items is changed by an object of names."""
    if not isinstance(change, dict):
        return change
    result = dict(value) if isinstance(value, dict) else {}
    for key, part in change.items():
        old = result.get(key)
        if part is None:
            result.pop(key, None)
        elif isinstance(part, dict) and (isinstance(old, list) or (old is None and key in KEYS)):
            result[key] = change_list(key, old or [], part)
        else:
            result[key] = changed(old, part)
    return result


def nvme_disk(number: int, shape: dict[str, Json]) -> Json:
    name = f"nvme{number + 1}n1"
    serial = f"AWS2C1436F5159EB{number + 1:04X}"
    disk = {
        "name": name,
        "path": f"/dev/{name}",
        "size": shape["size"],
        "logical-sector": 512,
        "rotational": shape.get("rotational", False),
        "kind": "instance-store",
        "kind-proof": "NVMe vendor 0x1d0f, model Amazon EC2 NVMe Instance Storage",
        "model": "Amazon EC2 NVMe Instance Storage",
        "serial": serial,
        "attached-as": f"ephemeral{number}:none",
        "pci-address": f"0000:{number // 24:02x}:{0x1f - number % 24:02x}.0",
        "links": [f"/dev/disk/by-id/nvme-Amazon_EC2_NVMe_Instance_Storage_{serial}"],
        "blank": "yes",
    }
    return {key: value for key, value in disk.items() if value is not False}


def xen_disk(number: int, shape: dict[str, Json]) -> Json:
    letter = chr(ord("b") + number)
    return {
        "name": f"xvd{letter}",
        "path": f"/dev/xvd{letter}",
        "size": shape["size"],
        "logical-sector": 512,
        "rotational": True,
        "kind": "instance-store",
        "kind-proof": f"block-device-mapping ephemeral{number}=sd{letter}",
        "attached-as": f"ephemeral{number}:sd{letter}",
        "blank": "yes",
    }


def with_instance_store(facts: Json, shape: dict[str, Json]) -> Json:
    """The base's facts with its instance store, if any, taken for disks of this shape."""
    make = xen_disk if shape.get("bus") == "xen" else nvme_disk
    others = [disk for disk in facts["disks"] if disk.get("kind") != "instance-store"]
    return facts | {"disks": others + [make(i, shape) for i in range(shape["count"])]}


def load(stories: Path, folder: Path) -> dict[str, Json]:
    """The values of a story: metadata and facts, and state and checkup where there is one."""
    if not (folder / "machine.json").exists():
        present = [name for name in VALUES if (folder / f"{name}.json").exists()]
        return {name: read_json(folder / f"{name}.json") for name in present}
    change = read_json(folder / "machine.json")
    unknown = set(change) - {"base", "instance-store", *VALUES}
    if unknown or "base" not in change:
        raise Mistake(f"{folder}/machine.json: base is missing, or {unknown} unknown")
    values = load(stories, stories / change["base"])
    if "instance-store" in change:
        values["facts"] = with_instance_store(values["facts"], change["instance-store"])
    for name in VALUES:
        if name in change and change[name] is None:
            values.pop(name, None)
        elif name in change:
            values[name] = changed(values.get(name, {}), change[name])
    follow_metadata(values, change.get("facts", {}))
    return values


def follow_metadata(values: dict[str, Json], facts_change: Json) -> None:
    """Facts repeat what the metadata says of the instance; a change need say it once only."""
    pairs = {
        "instance-id": "instance_id",
        "instance-type": "instance_type",
        "local-ipv4": "local_ipv4",
        "subnet": "subnet_cidr",
        "mac": "mac",
        "launch-index": "launch_index",
    }
    for fact, meta in pairs.items():
        if fact not in facts_change and values["metadata"].get(meta) not in (None, "", -1):
            values["facts"][fact] = values["metadata"][meta]


def write(stories: Path, folder: Path, target: Path) -> None:
    """Writes the story's machine whole into `target`, as the program reads it."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name, value in load(stories, folder).items():
        (target / f"{name}.json").write_text(json.dumps(value, indent=2) + "\n")
    for name in PLAIN:
        source = folder / name
        if source.is_dir():
            shutil.copytree(source, target / name)
        elif source.exists():
            shutil.copyfile(source, target / name)
