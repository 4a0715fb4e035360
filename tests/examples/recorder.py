# SPDX-License-Identifier: Apache-2.0
"""A stand-in for AWS on loopback, EC2's query API above all: answers what the examples ask, and keeps what it was asked."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

GROUP = "sg-0123456789abcdef0"
CIDR = "10.0.0.0/24"
INSTANCE = "i-0123456789abcdef0"
TASK = "import-snap-0123456789abcdef0"
SNAPSHOT = "snap-0123456789abcdef0"

# What Image Builder calls what it has made.
_MADE = {
    "/CreateComponent": "componentBuildVersionArn",
    "/CreateImageRecipe": "imageRecipeArn",
    "/CreateInfrastructureConfiguration": "infrastructureConfigurationArn",
    "/CreateImage": "imageBuildVersionArn",
}

_STATES = {False: "<code>16</code><name>running</name>", True: "<code>48</code><name>terminated</name>"}
_DONE = "<return>true</return>"
_ANSWERS = {
    "DescribeSubnets": f"<subnetSet><item><cidrBlock>{CIDR}</cidrBlock></item></subnetSet>",
    "CreateSecurityGroup": f"<groupId>{GROUP}</groupId>",
    "AuthorizeSecurityGroupIngress": _DONE,
    "CreatePlacementGroup": "<placementGroup><groupName>lustre-lustrewt</groupName></placementGroup>",
    "RunInstances": f"<instancesSet><item><instanceId>{INSTANCE}</instanceId></item></instancesSet>",
    "TerminateInstances": f"<instancesSet><item><instanceId>{INSTANCE}</instanceId></item></instancesSet>",
    "DescribePlacementGroups": "<placementGroupSet><item><groupName>lustre-lustrewt</groupName></item></placementGroupSet>",
    "DeletePlacementGroup": _DONE,
    "DeleteSecurityGroup": _DONE,
    "DescribeImages": "<imagesSet><item><imageId>ami-0123456789abcdef0</imageId><creationDate>2024</creationDate></item></imagesSet>",
    "ImportSnapshot": f"<importTaskId>{TASK}</importTaskId>",
    "DescribeImportSnapshotTasks": f"<importSnapshotTaskSet><item><importTaskId>{TASK}</importTaskId><snapshotTaskDetail>"
    f"<snapshotId>{SNAPSHOT}</snapshotId><status>completed</status></snapshotTaskDetail></item></importSnapshotTaskSet>",
    "DeleteAutoScalingGroup": "",
    "ModifyInstanceAttribute": _DONE,
    "DeleteStack": "",
    "PutRolePolicy": "",
    "RegisterImage": "<imageId>ami-0123456789abcdef0</imageId>",
}


class Recorder(ThreadingHTTPServer):
    """Listens from the start; `calls` are the parameters of each request, in order."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls: list[dict[str, str]] = []
        self.groups = [GROUP]
        self.refused: set[str] = set()
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def end(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    def named(self, action: str) -> list[dict[str, str]]:
        return [call for call in self.calls if call["Action"] == action]

    def answer(self, call: dict[str, str]) -> tuple[int, str]:
        self.calls.append(call)
        action = call.get("Action", "")
        if action == "DescribeInstances":
            state = _STATES[bool(self.named("TerminateInstances"))]
            instance = f"<instanceId>{INSTANCE}</instanceId><instanceState>{state}</instanceState>"
            body = f"<reservationSet><item><instancesSet><item>{instance}</item></instancesSet></item></reservationSet>"
        elif action == "DescribeSecurityGroups":
            deleted = {gone["GroupId"] for gone in self.named("DeleteSecurityGroup")}
            groups = "".join(f"<item><groupId>{group}</groupId></item>" for group in self.groups if group not in deleted)
            body = f"<securityGroupInfo>{groups}</securityGroupInfo>"
        elif action == "DescribeStackResource":
            detail = f"<PhysicalResourceId>{call['LogicalResourceId']}-of-{call['StackName']}</PhysicalResourceId>"
            body = f"<DescribeStackResourceResult><StackResourceDetail>{detail}</StackResourceDetail></DescribeStackResourceResult>"
        elif action in _ANSWERS and action not in self.refused:
            body = _ANSWERS[action]
            if action == "DescribeImportSnapshotTasks" and len(self.named(action)) == 1:
                body = body.replace("completed", "active")
            if self.named(action.replace("Describe", "Delete")[:-1]):
                body = re.sub("<item>.*</item>", "", body)  # what was deleted is not there any more
        else:
            error = f"<Error><Code>InvalidAction</Code><Message>{action} is not played here</Message></Error>"
            return 400, f"<Response><Errors>{error}</Errors><RequestID>r</RequestID></Response>"
        name = "http://ec2.amazonaws.com/doc/2016-11-15/"
        return 200, f'<{action}Response xmlns="{name}"><requestId>r</requestId>{body}</{action}Response>'


class _Handler(BaseHTTPRequestHandler):
    server: Recorder

    def do_PUT(self) -> None:  # noqa: N802
        """An object of S3's, or what Image Builder is to make."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.calls.append({"Action": "PUT", "Path": self.path, "Body": body.decode(errors="replace")})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        if self.path in _MADE:
            self.wfile.write(json.dumps({_MADE[self.path]: arn(self.path)}).encode())

    def do_POST(self) -> None:  # noqa: N802
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        code, text = self.server.answer(dict(parse_qsl(body, keep_blank_values=True)))
        self.send_response(code)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *words: object) -> None:
        pass


def arn(path: str) -> str:
    """Of what "/CreateImage" has made."""
    return f"arn:aws:imagebuilder:eu-west-1:123456789012:{path.removeprefix('/Create').lower()}/x"


def members(call: dict[str, str], prefix: str) -> list[dict[str, str]]:
    """"Tag.1.Key=a&Tag.1.Value=b" as [{"Key": "a", "Value": "b"}]."""
    found: dict[int, dict[str, str]] = {}
    for name, value in call.items():
        if name.startswith(f"{prefix}."):
            number, _, rest = name[len(prefix) + 1 :].partition(".")
            found.setdefault(int(number), {})[rest] = value
    return [found[number] for number in sorted(found)]
