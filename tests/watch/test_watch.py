# SPDX-License-Identifier: Apache-2.0
"""What the watch writes for Prometheus, as those read it who shall: promtool, and a real node_exporter on loopback.

test_watch.py METRICS: the program that writes what the watch would, of a node of tests/watch/nodes.
"""

from __future__ import annotations

import json
import math
import os
import re
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path

sys.dont_write_bytecode = True  # the tree stays as it is

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tests" / "watch"
NODES = sorted((HERE / "nodes").glob("*.json"))
ALERTS = ROOT / "units" / "watch" / "prometheus-alerts.yml"
DASHBOARD = ROOT / "units" / "watch" / "grafana-dashboard.json"
MANUAL = ROOT / "agent" / "man" / "lustre-init.8"

sys.path.insert(0, str(ROOT / "tests"))

import pace  # noqa: E402
import sums  # noqa: E402

UNPACKED = sorted((ROOT / "build/deps").glob("*/usr/bin"))  # by tests/unpack-deps
TIMEOUT = 60
NAME = re.compile(r"\b(?:lustre_init|node_textfile)_[a-z_]+")
SAMPLE = re.compile(r'^(\w+)(?:\{((?:\w+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
NOT_OURS = {"node_textfile_mtime_seconds", "node_textfile_scrape_error"}  # node_exporter's own, of our file

Sample = tuple[str, frozenset[tuple[str, str]]]


os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *map(str, UNPACKED)])


def run(*words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as asked:
        asked.write(text)
        asked.seek(0)
        return pace.run(list(words), TIMEOUT, cwd=ROOT, stdin=asked)


def metrics_of(node: Path) -> str:
    done = run(TOOL, str(node))
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout


def samples_of(text: str) -> dict[Sample, float]:
    """Each line with its labels in no order; one that stands there twice is an error of its own."""
    samples: dict[Sample, float] = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = SAMPLE.match(line)
        if not match:
            raise AssertionError(f"no sample: {line}")
        key = (match[1], frozenset(LABEL.findall(match[2] or "")))
        if key in samples:
            raise AssertionError(f"twice: {line}")
        samples[key] = float(match[3])
    return samples


def names_there_are() -> set[str]:
    """All that the watch writes on some node."""
    return {name for node in NODES for name, _ in samples_of(metrics_of(node))}


def families() -> set[str]:
    return {line.split()[2] for node in NODES for line in metrics_of(node).splitlines() if line.startswith("# TYPE")}


class Text(unittest.TestCase):
    """By itself."""

    def test_promtool_finds_nothing(self) -> None:
        for node in NODES:
            done = run("promtool", "check", "metrics", text=metrics_of(node))
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""), node.name)

    def test_what_promtool_shall_find(self) -> None:
        """It is no mute judge: a counter without its ending is told."""
        bad = "# HELP lustre_init_x_bytes X.\n# TYPE lustre_init_x_bytes counter\nlustre_init_x_bytes 1\n"
        self.assertNotEqual(run("promtool", "check", "metrics", text=bad).returncode, 0)

    def test_what_is_not_known_has_no_line(self) -> None:
        names = {name for name, _ in samples_of(metrics_of(HERE / "nodes" / "nothing.json"))}
        self.assertEqual(names, {f"lustre_init_{n}" for n in ("up", "info", "events", "notices", "metadata_up", "changed_tags", "leaving")})

    def test_every_name_is_in_the_manual(self) -> None:
        manual = set(NAME.findall(MANUAL.read_text(encoding="utf-8").replace("\\", "")))
        self.assertEqual(manual, families())

    def test_a_node_that_is_well_and_one_that_is_ill(self) -> None:
        well = samples_of(metrics_of(HERE / "nodes" / "mds-well.json"))
        ill = samples_of(metrics_of(HERE / "nodes" / "oss-ill.json"))
        up: Sample = ("lustre_init_up", frozenset())
        self.assertEqual((well[up], ill[up]), (1, 0))
        self.assertNotIn("lustre_init_mgs_up", {name for name, _ in well})
        events = {dict(labels)["event"] for name, labels in ill if name == "lustre_init_event"}
        self.assertEqual(events, {"disk-gone", "disk-failing", "target-read-only"})  # not what is untold, or over


class Exporter:
    """A node_exporter that reads a folder, and nothing else, on loopback."""

    def __init__(self, folder: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [
                "prometheus-node-exporter",
                "--collector.disable-defaults",
                "--collector.textfile",
                f"--collector.textfile.directory={folder}",
                "--web.disable-exporter-metrics",
                f"--web.listen-address=127.0.0.1:{self.port}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def scrape(self) -> str:
        """What it serves, once it does."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self.port}/metrics", timeout=TIMEOUT) as answer:
            text: str = answer.read().decode()
        return text

    def wait(self) -> None:
        def answers() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0

        if not pace.until(answers, TIMEOUT):
            raise AssertionError("node_exporter does not listen")

    def end(self) -> None:
        pace.end(self.process)


class Collector(unittest.TestCase):
    """Debian's prometheus-node-exporter, as it stands."""

    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.run = Path(self.folder.name) / "run"
        self.read = Path(self.folder.name) / "node-exporter"
        self.run.mkdir()
        self.read.mkdir()
        self.exporter = Exporter(str(self.read))
        self.exporter.wait()

    def tearDown(self) -> None:
        self.exporter.end()
        self.folder.cleanup()

    def test_every_metric_is_served(self) -> None:
        """By a link from the folder it reads, as the manual has it."""
        os.symlink(self.run / "metrics.prom", self.read / "lustre-init.prom")
        for node in NODES:
            text = metrics_of(node)
            (self.run / "metrics.prom").write_text(text, encoding="utf-8")
            served = samples_of(self.exporter.scrape())
            self.assertEqual(served.pop(("node_textfile_scrape_error", frozenset())), 0, node.name)
            for (name, labels), value in samples_of(text).items():
                # node_exporter gives all of one name the same labels: those that one has not are empty.
                found = [v for (n, k), v in served.items() if n == name and {p for p in k if p[1]} == {p for p in labels if p[1]}]
                self.assertEqual(len(found), 1, f"{node.name}: {name} {dict(labels)}")
                self.assertTrue(math.isclose(found[0], value, rel_tol=1e-12), f"{node.name}: {name}: {found[0]}")
            ours = {name for name, _ in served if name.startswith("lustre_init_")}
            self.assertEqual(ours, {name for name, _ in samples_of(text)}, node.name)

    def test_what_is_broken_is_told(self) -> None:
        """So that the 0 above says something."""
        (self.read / "lustre-init.prom").write_text('lustre_init_up{a="b} 1\n', encoding="utf-8")
        self.assertEqual(samples_of(self.exporter.scrape())["node_textfile_scrape_error", frozenset()], 1)


class Alerts(unittest.TestCase):
    """The rules, by promtool's own tests of them."""

    def test_rules_are_rules(self) -> None:
        done = run("promtool", "check", "rules", str(ALERTS))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_rises_when_it_shall(self) -> None:
        done = run("promtool", "test", "rules", str(HERE / "alerts_test.yml"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_has_a_test(self) -> None:
        rules = set(re.findall(r"- alert: (\w+)", ALERTS.read_text(encoding="utf-8")))
        tested = set(re.findall(r'alertname="(\w+)"', (HERE / "alerts_test.yml").read_text(encoding="utf-8")))
        self.assertEqual(rules, tested)

    def test_a_limit_that_moves_is_seen(self) -> None:
        """Each number of a rule is held by a case: with another, some test fails."""
        rules, cases = ALERTS.read_text(encoding="utf-8"), (HERE / "alerts_test.yml").read_text(encoding="utf-8")
        changes = [("< 0.05", "< 0.04"), ("for: 20m", "for: 4h"), ("== 0\n        for: 2m", "== 0\n        for: 3m"), ("> 300", "> 900")]
        with tempfile.TemporaryDirectory() as folder:
            for old, new in changes:
                self.assertIn(old, rules)
                changed = Path(folder) / "alerts.yml"
                changed.write_text(rules.replace(old, new), encoding="utf-8")
                test = Path(folder) / "test.yml"
                test.write_text(cases.replace("../../units/watch/prometheus-alerts.yml", str(changed)), encoding="utf-8")
                self.assertNotEqual(run("promtool", "test", "rules", str(test)).returncode, 0, f"{old} -> {new}")

    def test_they_name_what_there_is(self) -> None:
        named = set(NAME.findall(ALERTS.read_text(encoding="utf-8")))
        self.assertGreater(len(named), 15)
        self.assertEqual(named - NOT_OURS - names_there_are(), set())


class Dashboard(unittest.TestCase):
    """Grafana's, by the expressions in it."""

    def setUp(self) -> None:
        self.dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
        self.expressions = [t["expr"] for p in self.dashboard["panels"] for t in p["targets"]]
        self.expressions += [a["expr"] for a in self.dashboard["annotations"]["list"]]

    def test_every_expression_is_one(self) -> None:
        self.assertGreater(len(self.expressions), 15)
        rules = [{"record": "x:y", "expr": e.replace("$instance", ".*"), "labels": {"number": str(i)}} for i, e in enumerate(self.expressions)]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rules.yml"  # JSON is YAML
            path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
            done = run("promtool", "check", "rules", str(path))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_it_names_what_there_is(self) -> None:
        queries = [v["query"] for v in self.dashboard["templating"]["list"]]
        named = {n for e in self.expressions + queries for n in NAME.findall(e)}
        self.assertEqual(named - NOT_OURS - names_there_are(), set())
        self.assertGreater(len(named), 15)

    def test_panels_have_places_and_numbers_of_their_own(self) -> None:
        panels = self.dashboard["panels"]
        self.assertEqual(len({p["id"] for p in panels}), len(panels))
        cells = [(x, y) for p in panels for g in [p["gridPos"]] for x in range(g["x"], g["x"] + g["w"]) for y in range(g["y"], g["y"] + g["h"])]
        self.assertEqual(len(set(cells)), len(cells))
        self.assertTrue(all(x < 24 for x, _ in cells))


if __name__ == "__main__":
    TOOL = str(ROOT / sys.argv[1])
    sys.exit(sums.main())
