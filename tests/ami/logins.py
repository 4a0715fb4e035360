# SPDX-License-Identifier: Apache-2.0
"""No password stays in an image: of its accounts, of the repositories that it asks, and of what built it."""

from __future__ import annotations

import base64
import http.server
import threading
from collections.abc import Callable
from functools import partial

import stock
from bench import AMI, Bench, has, verify
from breaks import LOGINS, OPEN, SHUT, written
from running import put_tool


def no_account_has_a_password(bench: Bench) -> None:
    """Nor one that was locked before its hash; what is shut stays as it is, and what else is said of each account."""
    root = bench.copy(bench.server, "passwords")
    accounts = [text for _, name, text in OPEN if "shadow" in name]
    (root / "etc/shadow").write_text("\n".join((*accounts, *SHUT, "")))
    has(bench.provision(root), "+ without: passwords", "\n1 changes\n")
    left = (root / "etc/shadow").read_text().splitlines()
    assert left[-len(SHUT):] == list(SHUT), left
    assert left[0] == "root:*:20000:0:99999:7:::" and "hash" not in "".join(left) and len(left) == len("\n".join(accounts).split("\n")) + len(SHUT), left
    verify(root, "--only", "authorized-keys")


def no_repository_has_a_password(bench: Bench) -> None:
    root = bench.copy(bench.server, "logins")
    kept = {"root/.config/x.conf": LOGINS[0][2], "etc/apt/sources.list": "deb https://mirror.example:8443/a@b ./\n",
            "etc/systemd/system/docker.service.d/host.conf": "[Service]\nEnvironment=DOCKER_HOST=ssh://deploy@build.example\n",
            "etc/profile.d/own.sh": "https_proxy=http://$me:$word@proxy.example\npassword=${1-}\n"}  # fmt: skip
    for name, text in (*((name, text) for _, name, text in LOGINS if "dnf.conf" not in name), *kept.items()):
        written(name, text)(root)
    has(bench.provision(root), "+ without: credentials of repositories and proxies", "+ without: credentials of proxies in scripts and services", "\n2 changes\n")
    assert {name: (root / name).read_text() for name in kept} == kept
    left = {name: (root / name).read_text() for _, name, _ in LOGINS}
    assert "secret" not in "".join(left.values()) and "mirror.example" in left["etc/apt/sources.list.d/site.sources"], left
    has(left["etc/profile.d/proxy.sh"], "password=${1-}\nexport https_proxy=http://proxy.example:3128\n")
    verify(root, "--only", "authorized-keys")


class _AsksWhoItIs(http.server.SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.headers.get("Authorization") == f"Basic {base64.b64encode(b'me:secret').decode()}":
            super().do_GET()
        else:
            self.send_error(401)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


def a_login_is_for_one_run(bench: Bench) -> None:
    """The repository's URL has it, and the image has none of it, so that another run finds what it would write."""
    root = bench.copy(bench.server, "login")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_AsksWhoItIs, directory=bench.repositories)) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            place = f"127.0.0.1:{server.server_port}/lustre"
            flags = ("--lustre-repo", f"http://me:secret@{place}")
            has(bench.provision(root, *flags), "\n1 changes\n")
            has((root / "etc/yum.repos.d/lustre-init.repo").read_text(), f"baseurl=http://{place}\n")
            has(bench.provision(root, *flags), "\n0 changes\n")
        finally:
            server.shutdown()


# Of dnf or apt of an image that has its own.
ASKS = """#!/bin/sh
echo "$http_proxy|$https_proxy|$HTTPS_PROXY|$no_proxy|$OTHER" >>/boot/asked
exit 1
"""


def the_proxies_of_who_builds_are_asked(bench: Bench) -> None:
    """By the package manager of the image, too, and by nothing that stays in it."""
    proxies = {"http_proxy": "http://me:secret@proxy.example:3128", "HTTPS_PROXY": "http://proxy.example:3129", "https_proxy": "", "no_proxy": "a b,.example"}
    for name, release in (("dnf", ""), ("apt-get", 'ID=ubuntu\nVERSION_ID="24.04"\n')):
        root = bench.copy(bench.stock, f"proxies-{name}")
        put_tool(root, f"usr/bin/{name}", ASKS)
        if release:
            (root / "etc/os-release").write_text(release)
            put_tool(root, "usr/bin/dpkg-query", "#!/bin/sh\n")
            (root / "etc/apt/sources.list.d").mkdir(parents=True)
        flags = bench.flags(root, "client")
        if release:
            flags[flags.index("--lustre-repo") + 1] += " ./"
        stock.run([AMI / "provision", *flags], None, **proxies, OTHER="of this machine")
        asked = (root / "boot/asked").read_text().splitlines()
        assert set(asked) == {"http://me:secret@proxy.example:3128||http://proxy.example:3129|a b,.example|"}, asked
        (root / "boot/asked").unlink()
        assert not [path for path in root.rglob("*") if path.is_file() and not path.is_symlink() and b"me:secret" in path.read_bytes()], "it stays"


STORIES = [the_proxies_of_who_builds_are_asked, no_account_has_a_password, no_repository_has_a_password, a_login_is_for_one_run]


def stories(bench: Bench) -> list[tuple[str, Callable[[], None]]]:
    return [(each.__name__, partial(each, bench)) for each in STORIES]
