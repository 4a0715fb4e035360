# SPDX-License-Identifier: Apache-2.0
"""The examples of ami-build, held to what will read them: the program, and the tools of AWS and HashiCorp.

Nothing is launched. A tool that is not here skips its tests, or fails them with EXAMPLES_COMPLETE=1; AWS names the
AWS CLI, whose calls end on loopback.
"""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

sys.dont_write_bytecode = True  # the tree stays as it is

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tests" / "examples"
EXAMPLES = ROOT / "ami-build" / "examples"
README = ROOT / "ami-build" / "README.md"
PROGRAM = ROOT / "build" / "lustre-init"
MODULES = ROOT / "build" / "examples" / "node_modules"
PROVIDER = MODULES / "@cdktf" / "provider-aws"

sys.path[:0] = [str(HERE), str(ROOT / "tests")]

import pace  # noqa: E402
import sums  # noqa: E402
from provider import Provider  # noqa: E402
from recorder import CIDR, GROUP, SNAPSHOT, TASK, Recorder, arn, members  # noqa: E402
from template import Specification, Template  # noqa: E402
from terraform import Module, written_out  # noqa: E402

TIMEOUT = 120
MGS = "10.0.0.10"
METADATA = {"tokens": "required", "tags": "enabled"}
# What EC2 allows in the key of a tag that is to be in the metadata. Source: EC2 user guide, "Using tags".
KEY = re.compile(r"[A-Za-z0-9+=.@:,_-]{1,128}")
TAGS = {
    role: {"Name": f"lustrewt-{name}", "lustre:role": role, "lustre:fsname": "lustrewt", "lustre:mgs": MGS}
    for name, role in (("mds", "mgs+mds"), ("oss", "oss"), ("client", "client"))
}


@dataclass
class Node:
    """What one example launches, in the words of none of them."""

    tags: dict[str, str]
    metadata: dict[str, str]
    kind: str
    address: str = ""
    more: dict[str, Any] = field(default_factory=dict)


def missing(tool: str) -> None:
    """Skips a test for want of a tool; where all were asked for, it is a failure."""
    if os.environ.get("EXAMPLES_COMPLETE"):
        raise AssertionError(f"{tool} is not here")
    raise unittest.SkipTest(f"{tool} is not here; make soak-examples has it")


@cache
def node(script: str, *words: object) -> Any:
    if not shutil.which("node") or not MODULES.is_dir():
        missing("node with the packages of tests/examples/package.json")
    environment = {**os.environ, "NODE_PATH": str(MODULES)}
    done = pace.run(["node", str(HERE / script), *map(str, words)], TIMEOUT, env=environment)
    if done.returncode != 0:
        raise AssertionError(f"{script} {words}: {done.stderr}")
    return json.loads(done.stdout)


def check(*words: object) -> subprocess.CompletedProcess[str]:
    return pace.run([str(PROGRAM), "check", *map(str, words)], TIMEOUT)


class Example(unittest.TestCase):
    """What holds for each way to launch."""

    def hold(self, nodes: list[Node]) -> None:
        self.assertEqual([n.tags for n in nodes], list(TAGS.values()))
        for one in nodes:
            role = one.tags["lustre:role"]
            for key in one.tags:
                self.assertRegex(key, f"^{KEY.pattern}$")
            self.assertEqual(one.metadata, METADATA, role)
            self.assertEqual(one.address, MGS if "mgs" in role else "", role)
            ours = [f"{k}={v}" for k, v in one.tags.items() if k.startswith("lustre:")]
            place = f"{one.address}/24" if one.address else CIDR
            done = check("--tags", *ours, "--address", place, "--instance-type", one.kind)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn(f"role      {role} of lustrewt", done.stdout)


class UserData(unittest.TestCase):
    """Roles by user-data, where tags shall not be in the metadata."""

    def test_each_document_makes_its_node(self) -> None:
        for path in sorted((EXAMPLES / "user-data").iterdir()):
            place = f"{MGS}/24" if path.name.startswith("mgs") else CIDR
            done = check(path, "--address", place)
            self.assertEqual(done.returncode, 0, f"{path}: {done.stdout}{done.stderr}")
            role = path.name.split(".")[0].split("-beside")[0].replace("-", "+")
            self.assertIn(f"role      {role} of lustrewt", done.stdout)


class Names(unittest.TestCase):
    """The template and the module take the names that the program takes."""

    def test_the_module_is_begun_as_terraform_has_it(self) -> None:
        """Which applies nothing before the provider is there; and asks in no region that was not named."""
        told = (EXAMPLES / "terraform" / "main.tf").read_text().partition("\nterraform {")[0]
        self.assertLess(0, told.find("terraform init"))
        self.assertLess(told.find("terraform init"), told.find("terraform apply"))
        self.assertIn("AWS_REGION", told)

    def test_of_a_file_system(self) -> None:
        template = (EXAMPLES / "cloudformation" / "lustre.yaml").read_text()
        module = (EXAMPLES / "terraform" / "variables.tf").read_text()
        patterns = re.findall(r'AllowedPattern: "(.*)"', template) + re.findall(r'regex\("\^(.*)\$", var.fsname\)', module)
        self.assertEqual(len(patterns), 2)
        for name in ("a", "A-b_9", "_ab", "-ab", "-", "12345678", "123456789", "a b", "a.b", ""):
            good = check("--tags", "role=client", f"mgs={MGS}", f"fsname={name}").returncode == 0
            for pattern in patterns:
                self.assertEqual(re.fullmatch(pattern, name) is not None, good, f"{name!r} by {pattern}")


class CloudFormation(Example):
    """The template: its names, its nodes, and AWS's specification of its resources."""

    given = {"Vpc": "vpc-1", "Subnet": "subnet-1", "ServerImage": "ami-1", "ClientImage": "ami-2", "MgsAddress": MGS}

    def setUp(self) -> None:
        self.template = Template(EXAMPLES / "cloudformation" / "lustre.yaml", self.given)

    def launched(self, data: dict[str, Any], tags: list[dict[str, str]], address: str = "") -> Node:
        asked = data["MetadataOptions"]
        metadata = {"tokens": asked["HttpTokens"], "tags": asked["InstanceMetadataTags"]}
        return Node({t["Key"]: t["Value"] for t in tags}, metadata, data["InstanceType"], address)

    def test_nodes(self) -> None:
        data = {n: p["LaunchTemplateData"] for n, p in self.template.of_type("AWS::EC2::LaunchTemplate").items()}
        mds = self.template.of_type("AWS::EC2::Instance")["Mds"]
        nodes = [self.launched(data[mds["LaunchTemplate"]["LaunchTemplateId"]], mds["Tags"], mds["PrivateIpAddress"])]
        groups = self.template.of_type("AWS::AutoScaling::AutoScalingGroup")
        clients = groups["Clients"]["MixedInstancesPolicy"]["LaunchTemplate"]["LaunchTemplateSpecification"]
        for launch in (groups["Oss"]["LaunchTemplate"], clients):
            one = data[launch["LaunchTemplateId"]]
            nodes.append(self.launched(one, one["TagSpecifications"][0]["Tags"]))
        self.hold(nodes)

    def test_a_way_in_is_given_to_each(self) -> None:
        way = {"KeyName": "my key", "InstanceProfile": "ssm", "MoreSecurityGroups": "sg-2,sg-3"}
        for given, expected in (({}, [None, None, []]), (way, ["my key", {"Name": "ssm"}, ["sg-2", "sg-3"]])):
            template = Template(EXAMPLES / "cloudformation" / "lustre.yaml", {**self.given, **given})
            for name, one in template.of_type("AWS::EC2::LaunchTemplate").items():
                data = one["LaunchTemplateData"]
                first, *more = data["SecurityGroupIds"]
                self.assertEqual(first, "Members.GroupId", name)
                self.assertEqual([data.get("KeyName"), data.get("IamInstanceProfile"), more], expected, name)

    def test_what_only_its_user_knows_has_no_default(self) -> None:
        """An address of another subnet than the user's lets all nodes but the MDS be launched, and wait for it."""
        asked = {name for name, about in self.template.document["Parameters"].items() if "Default" not in about}
        self.assertEqual(asked, self.given.keys())

    def test_nothing_is_launched_before_the_mds(self) -> None:
        """A wrong address or image ends there: of OSSes, which are protected, a stack that fails would be rid by hand alone."""
        for name in ("Oss", "Clients"):
            self.assertEqual(self.template.resources[name].get("DependsOn"), "Mds", name)

    def test_no_update_takes_the_mds_away(self) -> None:
        """Another image or type is another version of its template."""
        mds = self.template.resources["Mds"]
        self.assertEqual(mds["Properties"]["LaunchTemplate"]["Version"], "1")
        self.assertEqual(mds["UpdateReplacePolicy"], "Retain")
        data = self.template.of_type("AWS::EC2::LaunchTemplate")["MdsTemplate"]["LaunchTemplateData"]
        self.assertEqual([data[f"DisableApi{what}"] for what in ("Stop", "Termination")], [True, True])

    def test_port_988_is_among_members_alone(self) -> None:
        rules = self.template.of_type("AWS::EC2::SecurityGroupIngress")
        self.assertEqual(len(rules), 1)
        rule = rules["AmongMembers"]
        self.assertEqual(rule["SourceSecurityGroupId"], rule["GroupId"])
        self.assertEqual([rule[k] for k in ("IpProtocol", "FromPort", "ToPort")], ["tcp", 988, 988])
        for group in self.template.of_type("AWS::EC2::SecurityGroup").values():
            self.assertNotIn("SecurityGroupIngress", group)

    def test_every_name_is_declared_and_used(self) -> None:
        self.template.resolved({"of": self.template.resources, "and": self.template.document["Outputs"]})
        self.assertEqual(set(self.template.values), self.template.used)

    def test_properties_are_those_of_the_specification(self) -> None:
        kinds = sorted({r["Type"] for r in self.template.resources.values()})
        specification = Specification(node("specification.js", *kinds))
        self.assertEqual(specification.mistakes(self.template), [])
        # That it sees anything at all: one of each kind of mistake.
        oss = self.template.resources["Oss"]["Properties"]
        oss["PlacementGruop"] = oss.pop("PlacementGroup")
        del oss["MinSize"]
        oss["LaunchTemplate"]["Version"] = {"Fn::GetAtt": "OssTemplate.Version"}
        data = self.template.resources["OssTemplate"]["Properties"]["LaunchTemplateData"]
        data["SecurityGroupIds"] = "sg-1"
        oss["NewInstancesProtectedFromScaleIn"] = "of course"
        self.assertEqual(len(specification.mistakes(self.template)), 5)


class Terraform(Example):
    """The module, read by an HCL parser: its names, its nodes, and what the provider calls its arguments."""

    given = {"vpc_id": "vpc-1", "subnet_id": "subnet-1", "server_ami": "ami-1", "client_ami": "ami-2", "mgs_address": MGS}

    def setUp(self) -> None:
        files = sorted((EXAMPLES / "terraform").glob("*.tf"))
        self.module = Module([copy.deepcopy(node("hcl.js", path)) for path in files], self.given)

    def launched(self, block: dict[str, Any], tags: dict[str, str], address: str = "") -> Node:
        asked = block["metadata_options"][0]
        metadata = {"tokens": asked["http_tokens"], "tags": asked["instance_metadata_tags"]}
        return Node(tags, metadata, block["instance_type"], address)

    def test_nodes(self) -> None:
        mds = self.module.of_type("aws_instance")["mds"]
        nodes = [self.launched(mds, mds["tags"], mds["private_ip"])]
        for block in self.module.of_type("aws_launch_template").values():
            nodes.append(self.launched(block, block["tag_specifications"][0]["tags"]))
        self.hold(sorted(nodes, key=lambda n: list(TAGS).index(n.tags["lustre:role"])))

    def test_a_way_in_is_given_to_each(self) -> None:
        files = [node("hcl.js", path) for path in sorted((EXAMPLES / "terraform").glob("*.tf"))]
        way = {"key_name": "my key", "instance_profile": "ssm", "more_security_groups": ["sg-2", "sg-3"]}
        for given, key, profile, groups in (({}, None, None, []), (way, "my key", "ssm", ["sg-2", "sg-3"])):
            module = Module(copy.deepcopy(files), {**self.given, **given})
            mds = module.of_type("aws_instance")["mds"]
            nodes = [(mds, mds["iam_instance_profile"])]
            for one in module.of_type("aws_launch_template").values():
                blocks = one.get("iam_instance_profile", [])
                nodes.append((one, blocks[0]["name"] if blocks else None))
            for one, its_profile in nodes:
                first, *more = one["vpc_security_group_ids"]
                self.assertEqual(first, "aws_security_group.members.id")
                self.assertEqual([one["key_name"], its_profile, more], [key, profile, groups])

    def test_what_only_its_user_knows_has_no_default(self) -> None:
        declared = node("hcl.js", EXAMPLES / "terraform" / "variables.tf")["variable"]
        self.assertEqual({name for name, block in declared.items() if "default" not in block[0]}, self.given.keys())

    def test_nothing_is_launched_before_the_mds(self) -> None:
        """A wrong address ends there; a node that is launched keeps the tags that it has, also where the next apply is right."""
        for name, blocks in self.module.resources["aws_autoscaling_group"].items():
            self.assertEqual(blocks[0].get("depends_on"), ["${aws_instance.mds}"], name)

    def test_no_change_takes_the_mds_away(self) -> None:
        mds = self.module.resources["aws_instance"]["mds"][0]
        self.assertEqual(set(mds["lifecycle"][0]["ignore_changes"]), {f"${{{name}}}" for name in ("ami", "instance_type", "key_name", "user_data")})
        resolved = self.module.of_type("aws_instance")["mds"]
        self.assertEqual([resolved[f"disable_api_{what}"] for what in ("stop", "termination")], [True, True])

    def test_port_988_is_among_members_alone(self) -> None:
        rules = self.module.of_type("aws_vpc_security_group_ingress_rule")
        self.assertEqual(len(rules), 1)
        rule = rules["among_members"]
        self.assertEqual(rule["referenced_security_group_id"], rule["security_group_id"])
        self.assertEqual([rule[k] for k in ("ip_protocol", "from_port", "to_port")], ["tcp", 988, 988])
        for group in self.module.of_type("aws_security_group").values():
            self.assertNotIn("ingress", group)

    def test_the_provider_has_each_argument(self) -> None:
        if not PROVIDER.is_dir():
            missing("npm's @cdktf/provider-aws")
        self.assertEqual(self.provider_mistakes(), [])

    def test_what_the_provider_does_not_know_is_found(self) -> None:
        """So that the test above cannot pass for looking at nothing."""
        if not PROVIDER.is_dir():
            missing("npm's @cdktf/provider-aws")
        resources = self.module.resources
        mds = resources["aws_instance"]["mds"][0]
        mds["subnet"] = mds.pop("subnet_id")
        mds["metadata_options"][0]["http_token"] = "required"
        del resources["aws_autoscaling_group"]["oss"][0]["max_size"]
        resources["aws_lunch_template"] = {"oss": [{}]}
        self.assertEqual(sorted(self.provider_mistakes()), [
            "aws_autoscaling_group.oss lacks max_size",
            "aws_instance.mds has no argument subnet",
            "aws_instance.mds.metadata_options has no argument http_token",
            "there is no resource aws_lunch_template",
        ])  # fmt: skip

    def provider_mistakes(self) -> list[str]:
        provider, resources = Provider(PROVIDER), self.module.resources
        return [m for kind in resources for name, blocks in resources[kind].items() for m in provider.mistakes(kind, name, written_out(blocks[0]))]

    def test_every_name_is_declared_and_used(self) -> None:
        for kind in self.module.resources:
            self.module.of_type(kind)
        self.module.resolved(self.module.outputs)
        self.assertEqual(set(self.module.values) - self.module.used, set())


class Recorded(Example):
    """Run with the real AWS CLI; its calls end at a recorder on loopback."""

    def setUp(self) -> None:
        aws = os.environ.get("AWS") or shutil.which("aws")
        if not aws:
            missing("the AWS CLI")
        self.recorder = Recorder()
        self.addCleanup(self.recorder.end)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = Path(folder.name)
        wrapper = self.home / "aws"
        wrapper.write_text(f'#!/bin/sh\nexec "{aws}" --endpoint-url {self.recorder.url} --no-sign-request "$@"\n')
        wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)

    def run_here(self, *argv: str, **settings: str) -> None:
        """No credentials, no configuration, and no metadata service: nothing but the recorder is asked."""
        environment = {
            "PATH": f"{self.home}:{PROGRAM.parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "NO_PROXY": "*",
            **settings,
        }
        done = pace.run(argv, TIMEOUT, env=environment, cwd=self.home)
        self.assertEqual(done.returncode, 0, f"{argv}: {done.stdout}{done.stderr}")


class Images(Recorded):
    """What ami-build/README.md has the AWS CLI do, as it stands there."""

    def run_block(self, section: str) -> None:
        """Without the lines before: those of ami-build have tests of their own."""
        text = README.read_text().partition(f"\n## {section}\n")[2]
        block = "\n" + text.split("```\n")[1]
        self.run_here("sh", "-euc", block[block.index("\naws ") :])

    def test_a_stock_image(self) -> None:
        self.run_block("Which system, which URL")
        (call,) = self.recorder.named("DescribeImages")
        self.assertEqual([call["Owner.1"], call["IncludeDeprecated"]], ["792107900819", "true"])
        self.assertEqual({f["Name"] for f in members(call, "Filter")}, {"name", "architecture"})

    def test_an_image_without_an_instance(self) -> None:
        (self.home / "server.raw").write_bytes(b"image")
        (self.home / "sleep").symlink_to("/bin/true")
        self.run_block("Without an instance")
        look = "DescribeImportSnapshotTasks"
        self.assertEqual([call["Action"] for call in self.recorder.calls], ["PUT", "ImportSnapshot", look, look, look, "RegisterImage"])
        (source,) = self.recorder.named("ImportSnapshot")
        place = f"/{source['DiskContainer.UserBucket.S3Bucket']}/{source['DiskContainer.UserBucket.S3Key']}"
        self.assertEqual(self.recorder.named("PUT")[0]["Path"], place)
        self.assertEqual([source["DiskContainer.Format"], source["Encrypted"]], ["RAW", "true"])
        self.assertEqual({call["ImportTaskId.1"] for call in self.recorder.named(look)}, {TASK})
        (image,) = self.recorder.named("RegisterImage")
        (disk,) = members(image, "BlockDeviceMapping")
        self.assertEqual(disk, {"DeviceName": image["RootDeviceName"], "Ebs.SnapshotId": SNAPSHOT})

    def test_an_image_by_image_builder(self) -> None:
        (self.home / "ami-build").symlink_to(README.parent)
        (self.home / "bundle.tar.gz").write_bytes(b"bundle")
        self.run_block("EC2 Image Builder")
        (bundle, *_), (policy,) = self.recorder.named("PUT"), self.recorder.named("PutRolePolicy")
        (statement,) = json.loads(policy["PolicyDocument"])["Statement"]
        self.assertEqual([statement["Action"], statement["Resource"]], ["s3:GetObject", f"arn:aws:s3::{bundle['Path'].replace('/', ':', 1)}"])
        made = {call["Path"]: json.loads(call["Body"]) for call in self.recorder.named("PUT")[1:]}
        self.assertEqual(list(made), ["/CreateComponent", "/CreateImageRecipe", "/CreateInfrastructureConfiguration", "/CreateImage"])
        recipe, instance, image = list(made.values())[1:]
        (component,), (disk,) = recipe["components"], recipe["blockDeviceMappings"]
        self.assertEqual(component["componentArn"], arn("/CreateComponent"))
        told = {parameter["name"]: parameter["value"] for parameter in component["parameters"]}
        known = yaml.safe_load((README.parent / "image-builder" / "component.yml").read_text())["parameters"]
        self.assertEqual(sorted(told), sorted(name for parameter in known for name in parameter))
        self.assertEqual(told["Bundle"], [f"s3:/{bundle['Path']}"])
        self.assertTrue(disk["ebs"]["encrypted"])
        self.assertEqual(instance["instanceMetadataOptions"], {"httpTokens": "required"})
        self.assertEqual(image["imageRecipeArn"], arn("/CreateImageRecipe"))
        self.assertEqual(image["infrastructureConfigurationArn"], arn("/CreateInfrastructureConfiguration"))


class TakingDown(Recorded):
    """What examples/README.md has the AWS CLI do to a stack whose nodes are protected."""

    def test_a_stack(self) -> None:
        text = (EXAMPLES / "README.md").read_text().partition("\n## Taking it down\n")[2]
        block = text.split("```")[1].partition("\n")[2]
        self.run_here("bash", "-euc", block)
        calls = [call for call in self.recorder.calls if call["Action"] != "DescribeStackResource"]
        self.assertEqual([call["Action"] for call in calls], ["DeleteAutoScalingGroup", "ModifyInstanceAttribute", "DeleteStack"])
        group, attribute, stack = calls
        self.assertEqual([group["AutoScalingGroupName"], group["ForceDelete"]], ["Oss-of-lustrewt", "true"])
        self.assertEqual([attribute["InstanceId"], attribute["DisableApiTermination.Value"]], ["Mds-of-lustrewt", "false"])
        self.assertEqual(stack["StackName"], "lustrewt")


class CommandLine(Recorded):
    """The scripts."""

    def run_script(self, name: str, **settings: str) -> None:
        self.run_here(str(EXAMPLES / "cli" / name), **settings)

    def launched(self, call: dict[str, str]) -> Node:
        asked = {k[len("MetadataOptions.") :]: v for k, v in call.items() if k.startswith("MetadataOptions.")}
        specification = members(call, "TagSpecification")[0]
        self.assertEqual(specification["ResourceType"], "instance")
        tags = {t["Key"]: t["Value"] for t in members(specification, "Tag")}
        metadata = {"tokens": asked["HttpTokens"], "tags": asked["InstanceMetadataTags"]}
        return Node(tags, metadata, call["InstanceType"], call.get("PrivateIpAddress", ""), call)

    where = {"VPC": "vpc-1", "SUBNET": "subnet-1", "SERVER_AMI": "ami-1", "CLIENT_AMI": "ami-2", "MGS": MGS}

    def test_launch(self) -> None:
        self.run_script("launch.sh", **self.where)
        nodes = [self.launched(call) for call in self.recorder.named("RunInstances")]
        self.hold(nodes)
        self.assertEqual([n.more["MaxCount"] for n in nodes], ["1", "8", "4"])
        self.assertEqual(nodes[2].more["InstanceMarketOptions.MarketType"], "spot")
        for one in nodes:
            self.assertEqual(one.more["SecurityGroupId.1"], GROUP)
            self.assertEqual(one.more["Placement.GroupName"], "lustre-lustrewt")
        (rule,) = members(self.recorder.named("AuthorizeSecurityGroupIngress")[0], "IpPermissions")
        self.assertEqual(
            rule, {"IpProtocol": "tcp", "FromPort": "988", "ToPort": "988", "Groups.1.GroupId": GROUP}
        )

    def test_a_way_in_is_given_to_each(self) -> None:
        self.run_script("launch.sh", **self.where)
        for call in self.recorder.named("RunInstances"):
            self.assertFalse({"KeyName", "IamInstanceProfile.Name", "SecurityGroupId.2"} & call.keys())
        self.recorder.calls.clear()
        # As IAM takes a name.
        self.run_script("launch.sh", **self.where, KEY_NAME="my key", INSTANCE_PROFILE="ssm,+=.@-", MORE_GROUPS="sg-2 sg-3")
        for call in self.recorder.named("RunInstances"):
            self.assertEqual([call[name] for name in ("KeyName", "IamInstanceProfile.Name")], ["my key", "ssm,+=.@-"])
            self.assertEqual([call[f"SecurityGroupId.{n}"] for n in (1, 2, 3)], [GROUP, "sg-2", "sg-3"])

    def test_no_clients_are_none(self) -> None:
        """As of the template and the module; EC2 refuses to launch a count of 0."""
        self.run_script("launch.sh", **self.where, CLIENT_COUNT="0")
        self.assertEqual([call["MaxCount"] for call in self.recorder.named("RunInstances")], ["1", "8"])

    def test_no_pager_waits_for_a_key(self) -> None:
        """On a terminal, version 2 of the AWS CLI gives what it says to one."""
        if pace.run(["aws", "--version"], TIMEOUT).stdout.startswith("aws-cli/1."):
            self.skipTest("version 1 of the AWS CLI, the first in PATH here, has no pager")
        for name, where in (("launch.sh", self.where), ("terminate.sh", {})):
            argv = ["script", "--quiet", "--return", "--command", str(EXAMPLES / "cli" / name), "/dev/null"]
            self.run_here(*argv, **where, PAGER="tee paged", SHELL="/bin/sh")
            self.assertFalse((self.home / "paged").exists(), name)

    def test_a_mistake_ends_at_the_dry_start(self) -> None:
        mistakes = {
            "EC2 gives the first four addresses": {"MGS": "10.0.0.1"},
            "no-disk": {"OSS_TYPE": "c6i.4xlarge"},
            # As of a default VPC, whose subnets have other addresses than the examples.
            f"172.31.0.10 is no address of the subnet subnet-1, which is {CIDR}": {"MGS": "172.31.0.10"},
            f"10.0.1.10 is no address of the subnet subnet-1, which is {CIDR}": {"MGS": "10.0.1.10"},
        }
        for said, mistake in mistakes.items():
            self.recorder.calls.clear()
            with self.assertRaisesRegex(AssertionError, said):
                self.run_script("launch.sh", **{**self.where, **mistake})
            self.assertEqual([call["Action"] for call in self.recorder.calls], ["DescribeSubnets"])

    def test_a_mistake_closes_no_shell_that_it_is_pasted_into(self) -> None:
        """As far as it goes without anything to be launched by."""
        steps = (EXAMPLES / "cli" / "launch.sh").read_text().split("# 1. ")[0]
        pasted = self.home / "pasted"
        pasted.write_text(f"{steps}false\necho still $((40 + 2))\n")
        with pasted.open() as stdin:
            done = pace.run(["bash", "--norc", "-i"], TIMEOUT, stdin=stdin, env={"PATH": os.environ["PATH"]})
        self.assertIn("is the VPC", done.stderr)
        self.assertIn("still 42", done.stdout)

    def test_terminate(self) -> None:
        self.run_script("terminate.sh")
        (ended,) = self.recorder.named("TerminateInstances")
        asked = {f["Name"]: f["Value.1"] for f in members(self.recorder.named("DescribeInstances")[0], "Filter")}
        self.assertEqual(asked["tag:lustre:fsname"], "lustrewt")
        # The stack and the module have the same name by default, and groups of other names.
        self.assertEqual(asked["instance.group-name"], "lustre-lustrewt")
        self.assertIn("InstanceId.1", ended)
        self.assertEqual(self.recorder.named("DeleteSecurityGroup")[0]["GroupId"], GROUP)
        self.assertEqual(self.recorder.named("DeletePlacementGroup")[0]["GroupName"], "lustre-lustrewt")
        self.run_script("terminate.sh")
        for done in ("DeleteSecurityGroup", "DeletePlacementGroup"):
            self.assertEqual(len(self.recorder.named(done)), 1, "what is gone is not deleted again")

    def test_terminate_ends_one_file_system(self) -> None:
        """EC2 takes * and ? of a filter for any text, and the AWS CLI a comma for another name."""
        for name in ("*", "lustr?wt", "a,b", "a b"):
            with self.assertRaisesRegex(AssertionError, "FSNAME is the name of one file system"):
                self.run_script("terminate.sh", FSNAME=name)
            self.assertEqual(self.recorder.calls, [], name)

    def test_who_launches_may_do_what_is_listed(self) -> None:
        """EC2 asks for the right to tag beside that to launch."""
        told = set(re.findall(r"`ec2:(\w+)`", (EXAMPLES / "README.md").read_text()))
        for script in ("launch.sh", "terminate.sh"):
            self.run_script(script, **self.where)
        self.assertEqual(told, {call["Action"] for call in self.recorder.calls} | {"CreateTags", "GetConsoleOutput"})

    def test_terminate_takes_the_group_of_each_vpc(self) -> None:
        """A launch that ended at the name of the placement group, which the region has once, may have left one elsewhere."""
        self.recorder.groups.append("sg-2")
        self.run_script("terminate.sh")
        self.assertEqual([call["GroupId"] for call in self.recorder.named("DeleteSecurityGroup")], [GROUP, "sg-2"])

    def test_a_name_that_is_taken_leaves_nothing(self) -> None:
        """What would be ended by terminate.sh then is the file system that has the name."""
        self.recorder.refused.add("CreatePlacementGroup")
        with self.assertRaisesRegex(AssertionError, "CreatePlacementGroup"):
            self.run_script("launch.sh", **self.where)
        self.assertEqual([call["Action"] for call in self.recorder.calls], ["DescribeSubnets", "CreatePlacementGroup"])


if __name__ == "__main__":
    sys.exit(sums.main())
