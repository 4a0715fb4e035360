# SPDX-License-Identifier: Apache-2.0
"""The callers of ami-build/provision: Packer's templates, and the component document of EC2 Image Builder."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml

import stock

# Of the documents of AWS Task Orchestrator and Executor: what each level may have, and must.
DOCUMENT = {"name", "description", "schemaVersion", "parameters", "constants", "phases"}
STEP = {"name", "action", "timeoutSeconds", "onFailure", "maxAttempts", "inputs", "if", "loop"}
PARAMETER = {"type", "default", "description"}
PHASES = ["build", "validate", "test"]
ON_FAILURE = {"Abort", "Continue", "Ignore"}
INPUTS = {"ExecuteBash": {"commands"}, "S3Download": {"source", "destination", "expectedBucketOwner", "overwrite"}}


def packer_parses(ami: Path) -> None:
    """Packer before 1.7 does not know required_plugins, which has a file of its own for that."""
    with tempfile.TemporaryDirectory() as folder:
        for path in (ami / "packer").glob("*.pkr.hcl"):
            if path.name != "plugins.pkr.hcl":
                shutil.copy(path, folder)
        stock.run(["packer", "validate", "-syntax-only", folder], CHECKPOINT_DISABLE="1")
        (Path(folder) / "bad.pkr.hcl").write_text("build {\n")
        stock.run(["packer", "validate", "-syntax-only", folder], 1, CHECKPOINT_DISABLE="1")


def packer_says_what_matters(ami: Path) -> None:
    text = re.sub(r" +", " ", (ami / "packer/image.pkr.hcl").read_text())
    for words in ('imds_support = "v2.0"', 'http_tokens = "required"', "encrypt_boot = true", "encrypted = true",
                  "Lustre = var.lustre_version", "temporary_security_group_source_cidrs = var.ssh_from\n"):  # fmt: skip
        assert words in text, f"image.pkr.hcl does not say {words!r}"
    order = [text.index(words) for words in ("cloud-init status --wait", "provision --config settings", "verify --config settings")]
    assert order == sorted(order), "what is first comes later"


def declared(text: str) -> dict[str, str]:
    """Each variable's block, by its name."""
    return dict(re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL))


def packers_variables_are_told(ami: Path) -> None:
    """And what the root of a stock image is called where it is not the default."""
    section = (ami / "README.md").read_text().partition("\n## Packer\n")[2].partition("\n## ")[0]
    variables = declared((ami / "packer/variables.pkr.hcl").read_text())
    example = dict(re.findall(r"^(\w+) += (.*)$", section.partition("```hcl\n")[2].partition("```")[0], re.MULTILINE))
    told = {*re.findall(r"`(\w+)`", section), *example}
    assert variables and variables.keys() <= told, f"README.md does not name {sorted(variables.keys() - told)}"
    assert {name for name, block in variables.items() if "default" not in block} <= example.keys(), sorted(example)
    assert "/dev/xvda" in section and "/dev/xvda" in variables["root_device"], "the root of Amazon Linux 2023 is not told"
    # By Packer itself, which asks each variable's own rule.
    for name, value, refusal in (
        ("kind", "server", ""),
        ("kind", "client", ""),
        ("kind", "mds", "server or client"),
        ("ssh_from", "[]", "at least one network"),
        ("agent", "lustre-init.deb", ""),
        ("agent", "lustre-init", "a package, .rpm or .deb"),
    ):
        flags = [word for n, v in (example | {name: value}).items() for word in ("-var", f"{n}={v.strip(chr(34))}")]
        said = stock.run(["sh", "-euc", 'packer validate "$@"', "sh", *flags, ami / "packer/variables.pkr.hcl"],
                         1 if refusal else 0, CHECKPOINT_DISABLE="1")  # fmt: skip
        assert refusal in said, said


def known(where: str, found: dict[str, Any], allowed: set[str], needed: set[str]) -> None:
    assert needed <= found.keys() <= allowed, f"{where} has {sorted(found)}"


def steps(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for phase in document["phases"]:
        for step in phase["steps"]:
            yield f"{phase['name']}/{step['name']}", step


def step_is_documented(where: str, step: dict[str, Any]) -> None:
    known(where, step, STEP, {"name", "action", "inputs"})
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,128}", step["name"]), where
    assert step["onFailure"] in ON_FAILURE, where
    inputs = step["inputs"]
    for each in inputs if isinstance(inputs, list) else [inputs]:
        known(where, each, INPUTS[step["action"]], {"commands"} if step["action"] == "ExecuteBash" else {"source", "destination"})


def component_is_documented(document: dict[str, Any]) -> None:
    known("the document", document, DOCUMENT, {"schemaVersion", "phases"})
    assert document["schemaVersion"] == 1.0
    assert [phase["name"] for phase in document["phases"]] == PHASES
    parameters = set()
    for parameter in document["parameters"]:
        ((name, about),) = parameter.items()
        known(name, about, PARAMETER, {"type"})
        assert about["type"] == "string", name
        parameters.add(name)
    names = [name for name, _ in steps(document)]
    assert len(names) == len(set(names)), names
    for where, step in steps(document):
        step_is_documented(where, step)
    used = set(re.findall(r"\{\{ *(\w+) *\}\}", str(document)))
    assert used == parameters, f"declared {parameters}, used {used}"


def component_is_read(ami: Path) -> None:
    text = (ami / "image-builder/component.yml").read_text()
    component_is_documented(yaml.safe_load(text))
    for old, new in (("onFailure: Abort", "onFailure: Stop"), ("action: S3Download", "action: S3Fetch"), ("{{ Kind }}", "{{ Sort }}"),
                     ("timeoutSeconds", "timeout"), ("name: validate", "name: check")):  # fmt: skip
        assert old in text, old
        try:
            component_is_documented(yaml.safe_load(text.replace(old, new, 1)))
        except (AssertionError, KeyError):
            continue
        raise AssertionError(f"{new} is let through")


def component_is_sound_shell(ami: Path) -> None:
    document = yaml.safe_load((ami / "image-builder/component.yml").read_text())
    bodies = [command for _, step in steps(document) if step["action"] == "ExecuteBash" for command in step["inputs"]["commands"]]
    assert len(bodies) >= len(PHASES), bodies
    for body in bodies:
        assert body.startswith("set -eu\n"), body
        checked = subprocess.run(["shellcheck", "--shell=bash", "-"], input=body, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout


# What is told of an import's status, a line a question; an empty one is a question that fails.
AWS = """#!/bin/sh
echo "$*" >>"$0.asked"
case $* in
*SnapshotTaskDetail.StatusMessage*) echo Disk validation failed ;;
*SnapshotTaskDetail.Status*)
    read -r line <"$0.told"
    sed -i 1d "$0.told"
    test -n "$line" && echo "$line"
    ;;
*SnapshotTaskDetail.SnapshotId*) echo snap-1 ;;
esac
"""


def an_import_is_waited_for(ami: Path) -> None:
    """Whatever fails on the way is no end of it, and of one that failed nothing is registered."""
    section = (ami / "README.md").read_text().partition("\n## Without an instance\n")[2]
    commands = section.partition("```\n")[2].partition("```")[0].partition("task=")
    for told, registered in (("active\n\nactive\ncompleted\n", True), ("active\ndeleting\ndeleted\n", False)):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for tool, text in (("aws", AWS), ("sleep", "#!/bin/sh\n"), ("aws.told", told)):
                (folder / tool).write_text(text)
                (folder / tool).chmod(0o755)
            said = stock.run(["bash", "-c", "".join(commands[1:])], PATH=f"{folder}:/usr/bin:/bin")
            asked = (folder / "aws.asked").read_text()
            assert ("register-image" in asked) == ("SnapshotId=snap-1}" in asked) == registered, asked
            assert (folder / "aws.told").read_text() == "", "it was not waited for"
            assert registered or said == "Disk validation failed\n", said


def stories(ami: Path) -> list[tuple[str, Callable[[], None]]]:
    found = [packer_parses, packer_says_what_matters, packers_variables_are_told, component_is_read, component_is_sound_shell, an_import_is_waited_for]
    return [(story.__name__, partial(story, ami)) for story in found]
