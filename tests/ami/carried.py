# SPDX-License-Identifier: Apache-2.0
"""What the callers of provision bring along: all that README.md's settings name, by README.md's own commands."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import yaml

import stock

RELEASE = "2.16.1"
SITE_IS_BAKED = "+ the document for every instance of this image"


def blocks(readme: str, section: str) -> list[str]:
    """The fenced blocks of a section."""
    text = readme.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Desk:
    """A folder of who follows README.md: ami-build, settings, the document and the package that they name; and a stock image."""

    folder: Path
    root: Path
    readme: str

    @property
    def ami(self) -> Path:
        return self.folder / "ami-build"

    @property
    def agent(self) -> str:
        return re.findall(r"^agent = (.*)$", self.readme, re.MULTILINE)[0]

    def provision(self, unpacked: Path, command: str) -> str:
        """The caller's command, as it stands, but for where it works."""
        words = shlex.split(command.replace("sudo ", "").replace("{{ Kind }}", "server").replace("{{ LustreVersion }}", RELEASE))
        return stock.run(["env", "-C", unpacked, *words, "--root", self.root, "--dry-run"])


def lay(ami: Path, repositories: Path, root: Path, folder: Path) -> Desk:
    desk = Desk(folder / "desk", folder / "root", (ami / "README.md").read_text())
    folder.mkdir()
    stock.run(["cp", "-a", root, desk.root])
    shutil.copytree(ami, desk.ami)
    # As far as Debian's Packer reads it.
    (desk.ami / "packer/plugins.pkr.hcl").unlink()
    settings, site = blocks(desk.readme, "Settings")
    for name in ("lustre", "e2fsprogs"):
        settings = re.sub(f"^{name}-repo = .*$", f"{name}-repo = file://{repositories}/{name}", settings, flags=re.MULTILINE)
    (desk.folder / "SETTINGS").write_text(settings)
    (desk.folder / "site.yaml").write_text(site)
    shutil.copy(next((repositories / "agent").glob("*/*.rpm")), desk.folder / desk.agent)
    return desk


def the_bundle_has_what_the_settings_name(desk: Desk) -> None:
    commands = blocks(desk.readme, "EC2 Image Builder")[0].partition("aws ")[0]
    stock.run(["env", "-C", desk.folder, "sh", "-euc", commands])
    unpacked = desk.folder / "unpacked"
    unpacked.mkdir()
    stock.run(["tar", "-xzf", desk.folder / "bundle.tar.gz", "-C", unpacked])
    component = yaml.safe_load((desk.ami / "image-builder/component.yml").read_text())
    build = next(phase for phase in component["phases"] if phase["name"] == "build")
    script = next(step for step in build["steps"] if step["action"] == "ExecuteBash")["inputs"]["commands"][0]
    (command,) = (line for line in script.splitlines() if line.startswith("bash provision "))
    assert SITE_IS_BAKED in desk.provision(unpacked, command)


def evaluated(desk: Desk, expression: str, named: dict[str, str]) -> list[list[str]]:
    """By Packer itself."""
    values = {"kind": "server", "region": "r", "ssh_from": '["192.0.2.1/32"]', "source_ami": "a", "ssh_username": "u", "settings": f"{desk.folder}/SETTINGS", "lustre_version": RELEASE,
              "agent": f"{desk.folder}/{desk.agent}", "agent_version": "0", **named}  # fmt: skip
    flags = shlex.join(word for name, value in values.items() for word in ("-var", f"{name}={value}"))
    script = f'printf "%s\\n" "$1" | packer console {flags} "$2"'
    return json.loads(stock.run(["sh", "-euc", script, "sh", f"jsonencode({expression})", desk.ami / "packer"], CHECKPOINT_DISABLE="1"))


def uploaded(desk: Desk, **named: str) -> tuple[Path, str]:
    """What the template uploads, in a folder, where these files are named beside the settings; and its call of provision."""
    text = (desk.ami / "packer/image.pkr.hcl").read_text()
    files = re.findall(r'provisioner "file" \{\n +sources? += (.*)\n +destination = (.*)\n', text)
    (command,) = re.findall(r'^ +("sudo bash provision .*"),$', text, re.MULTILINE)
    lists = ", ".join(f"flatten([{destination}, {sources}])" for sources, destination in files)
    ((command, scratch), *lots) = evaluated(desk, f"[[{command}, local.scratch], {lists}]", named)
    folder = desk.folder / "-".join(("uploaded", *named))
    folder.mkdir()
    for destination, *sources in lots:
        target = destination.replace(scratch, str(folder))
        stock.run(["cp", "-r", *sources, target])
    return folder, command


def packer_uploads_what_the_settings_name(desk: Desk) -> None:
    site = shutil.move(desk.folder / "site.yaml", desk.folder / "of-this-site.yaml")
    assert SITE_IS_BAKED in desk.provision(*uploaded(desk, site=str(site)))
    settings = desk.folder / "SETTINGS"
    settings.write_text(settings.read_text().replace("site = site.yaml\n", ""))
    assert SITE_IS_BAKED not in desk.provision(*uploaded(desk))


def packer_uploads_the_keys(desk: Desk) -> None:
    """Of files that the settings name, the two left; as whoever made them calls a key, and with what a shell would read otherwise."""
    settings = desk.folder / "SETTINGS"
    text = settings.read_text().replace("site = site.yaml\n", "").replace("unsigned = yes\n", "repo-key = lustre.asc\n")
    settings.write_text(f"{text}kernel-repo = file:///nonexistent\nkernel-repo-key = kernels.asc\n")
    for name in ("it's the key.asc", "provision", "settings"):
        keys = {option: desk.folder / f"of-{option}-{name[:4]}" / name for option in ("repo_key", "kernel_repo_key")}
        for option, path in keys.items():
            path.parent.mkdir()
            path.write_text(f"{option}\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n")
        folder, command = uploaded(desk, **{option: str(path) for option, path in keys.items()})
        said = stock.run(["env", "-C", folder, *shlex.split(command.replace("sudo ", "")), "--root", desk.root, "--dry-run"], None)
        assert "+ the key of Lustre's packages" in said and "+ the key of the kernels" in said, said
        for option, path in keys.items():
            (arrived,) = re.findall(rf"--{option.replace('_', '-')} (\S+)", command)
            assert (folder / arrived).read_bytes() == path.read_bytes(), f"{option} is another file"
        shutil.rmtree(folder)


def stories(ami: Path, repositories: Path, root: Path, folder: Path) -> list[tuple[str, Callable[[], None]]]:
    found = [the_bundle_has_what_the_settings_name, packer_uploads_what_the_settings_name, packer_uploads_the_keys]

    def on_a_desk(story: Callable[[Desk], None]) -> None:
        story(lay(ami, repositories, root, folder / story.__name__))

    return [(story.__name__, partial(on_a_desk, story)) for story in found]
