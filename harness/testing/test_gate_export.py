"""gate --export: what is written is read by a parser of OpenMetrics and held against the facts of KCIDB's schema 5.3."""

import contextlib
import json
import pathlib
import shutil

import jsonschema
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from conftest import INCONCLUSIVE, INVALID, PASS, POLICY, USAGE

# Of kcidb_io/schema/v05_03.py in github.com/kernelci/kcidb-io, what a report of tests must keep to.
ID = {"type": "string", "pattern": "^[a-z0-9_]+:[^\0]*$"}
TEXT = {"type": "string", "pattern": "^[^\0]*$"}
TEST = {
    "type": "object",
    "additionalProperties": False,
    "required": ["build_id", "id", "origin"],
    "properties": {
        "id": ID,
        "build_id": ID,
        "origin": {"type": "string", "pattern": "^[a-z0-9_]+$"},
        "path": {"type": "string", "pattern": r"^([a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*)?$"},
        "status": {"enum": ["FAIL", "ERROR", "MISS", "PASS", "DONE", "SKIP"]},
        "comment": TEXT,
        "log_excerpt": {**TEXT, "maxLength": 16384},
        "start_time": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "misc": {"type": "object"},
        "environment": {"type": "object", "additionalProperties": False, "properties": {"comment": TEXT, "misc": {"type": "object"}}},
        "number": {
            "type": "object",
            "additionalProperties": False,
            "required": ["value"],
            "properties": {"value": {"type": "number"}, "unit": TEXT, "prefix": {"enum": ["metric", "binary"]}},
        },
    },
}
BUILD = {
    "type": "object",
    "additionalProperties": False,
    "required": ["checkout_id", "id", "origin"],
    "properties": {
        "id": ID,
        "checkout_id": ID,
        "origin": TEST["properties"]["origin"],
        "comment": TEXT,
        "architecture": {"type": "string", "pattern": "^[a-z0-9_]*$"},
        "compiler": TEXT,
        "status": TEST["properties"]["status"],
        "misc": {"type": "object"},
    },
}
CHECKOUT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "origin"],
    "properties": {"id": ID, "origin": TEST["properties"]["origin"], "comment": TEXT, "valid": {"type": "boolean"}, "misc": {"type": "object"}},
}
REPORT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version"],
    "properties": {
        "version": {
            "type": "object",
            "additionalProperties": False,
            "required": ["major"],
            "properties": {"major": {"const": 5}, "minor": {"type": "integer", "minimum": 0, "maximum": 3}},
        },
        "tests": {"type": "array", "items": TEST},
        "builds": {"type": "array", "items": BUILD},
        "checkouts": {"type": "array", "items": CHECKOUT},
    },
}


@pytest.fixture(scope="module")
def run(tmp_path_factory, loopgate):
    path = tmp_path_factory.mktemp("export") / "run"
    done = loopgate("run", "irq-to-gpio", "--kernel", "generic", "--load", "idle", "--samples", 40, "--repeat", 2, "--out", path)
    assert done.returncode == PASS, done.stderr
    return path


@pytest.fixture
def policy(tmp_path):
    def make(rules="max_us = 1000\n"):
        path = tmp_path / "policy.toml"
        path.write_text(POLICY + rules)
        return path

    return make


def families_of(path):
    return {family.name: family for family in text_string_to_metric_families(path.read_text())}


def state_of(family, **labels):
    """The one state of a StateSet that holds."""
    holding = [sample.labels[family.name] for sample in family.samples if sample.value == 1 and labels.items() <= sample.labels.items()]
    assert len(holding) == 1, holding
    return holding[0]


def kcidb_report(path):
    report = json.loads(path.read_text())
    jsonschema.validate(report, REPORT)
    return report


def kcidb_tests(path):
    return kcidb_report(path)["tests"]


def test_both_forms_at_once(loopgate, run, policy, tmp_path):
    metrics, report = tmp_path / "latency.om", tmp_path / "kcidb.json"
    done = loopgate("gate", "--export", "openmetrics", metrics, "--export", "kcidb", report, run, "--policy", policy(), "--kcidb-origin", "lab_1")
    assert done.returncode == PASS, done.stderr
    families = families_of(metrics)
    assert families["loopgate_virtual_latency_seconds"].unit == "seconds"
    assert not [name for name in families if "wall" in name]
    assert state_of(families["loopgate_gate_verdict"]) == state_of(families["loopgate_verdict"], kernel="generic", load="idle") == "PASS"
    latency = json.loads((run / "verdict.json").read_text())["checks"]
    largest = next(check["seen"] for check in latency if check["quantity"] == "max")
    drawn = {sample.labels["quantity"]: sample for sample in families["loopgate_virtual_latency_seconds"].samples}
    assert drawn["max"].value == pytest.approx(largest * 1e-9, rel=1e-12)
    counts = {sample.labels["quantity"]: sample.value for sample in families["loopgate_stimuli"].samples}
    assert counts["count"] == 80 and counts["late"] == counts["unanswered"] == 0
    assert drawn["max"].timestamp is not None
    tests = kcidb_tests(report)
    assert {test["status"] for test in tests} == {"PASS"} and {test["origin"] for test in tests} == {"lab_1"}
    kernel = json.loads((run / "run.json").read_text())["kernels"][0]
    assert {test["build_id"] for test in tests} == {f"lab_1:{kernel['image_sha256']}"}
    whole = kcidb_report(report)
    (build,), (checkout,) = whole["builds"], whole["checkouts"]
    assert (build["id"], build["checkout_id"], build["architecture"], build["comment"]) == (f"lab_1:{kernel['image_sha256']}", checkout["id"], "arm64", kernel["release"])
    assert checkout["misc"] == {"package": kernel["package"], "version": kernel["version"]} and "status" not in build, "Debian built it, and we saw nothing of that"


def test_what_is_inconclusive_passes_nowhere(loopgate, run, policy, tmp_path):
    metrics, report = tmp_path / "latency.om", tmp_path / "kcidb.json"
    done = loopgate("gate", run, "--policy", policy("p99_99_us = 1000\n"), "--export", "openmetrics", metrics, "--export", "kcidb", report)
    assert done.returncode == INCONCLUSIVE, done.stdout
    families = families_of(metrics)
    assert state_of(families["loopgate_verdict"], kernel="generic") == "INCONCLUSIVE"
    assert "p99_99" not in {sample.labels["quantity"] for sample in families["loopgate_virtual_latency_seconds"].samples}
    statuses = {test["misc"]["verdict"]: test["status"] for test in kcidb_tests(report)}
    assert statuses["INCONCLUSIVE"] == "ERROR"


def test_what_is_invalid_passes_nowhere_and_has_no_figures(loopgate, run, policy, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(run, broken)
    samples = next(broken.glob("cells/*/samples.lgs"))
    samples.write_bytes(samples.read_bytes()[:-1])
    metrics, report = tmp_path / "latency.om", tmp_path / "kcidb.json"
    done = loopgate("gate", broken, "--policy", policy(), "--export", "openmetrics", metrics, "--export", "kcidb", report)
    assert done.returncode == INVALID
    families = families_of(metrics)
    assert state_of(families["loopgate_gate_verdict"]) == state_of(families["loopgate_verdict"], kernel="generic") == "INVALID"
    assert "loopgate_virtual_latency_seconds" not in families
    assert {sample.labels["outcome"]: sample.value for sample in families["loopgate_cells"].samples}["measured"] == 1
    group = kcidb_tests(report)[0]
    assert group["status"] == "ERROR" and group["misc"]["verdict"] == "INVALID"


def test_an_export_is_written_whole_or_not_at_all(loopgate, run, policy, small_disk):
    with contextlib.suppress(OSError), open(small_disk / "filler", "wb", buffering=0) as filler:
        while filler.write(b"0" * 512):
            pass
    done = loopgate("gate", run, "--policy", policy(), "--export", "kcidb", small_disk / "kcidb.json")
    assert done.returncode == INVALID and "No space left on device" in done.stderr
    assert [path.name for path in small_disk.iterdir()] == ["filler"]
    assert not (run / "verdict.json").exists()


def test_no_export_outlives_a_gate_on_damaged_files(loopgate, run, policy, tmp_path):
    metrics = tmp_path / "latency.om"
    assert loopgate("gate", run, "--policy", policy(), "--export", "openmetrics", metrics).returncode == PASS
    broken = tmp_path / "broken"
    shutil.copytree(run, broken)
    (broken / "run.json").write_text("{")
    assert loopgate("gate", broken, "--policy", policy(), "--export", "openmetrics", metrics).returncode == INVALID
    assert not metrics.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--export", "prometheus", "x"], "must be openmetrics or kcidb"),
        (["--export", "openmetrics"], "--export"),
        (["--export", "openmetrics", "RUN/run.json"], "is in the run's folder"),
        (["--export", "openmetrics", "POLICY"], "would replace what this gate reads"),
        (["--export", "openmetrics", "x", "--export", "kcidb", "./x"], "is named twice"),
        (["--export", "kcidb", "x", "--kcidb-origin", "Lab 1"], "--kcidb-origin Lab 1"),
        (["--kcidb-origin", "lab"], "nothing is exported for it"),
    ],
)
def test_a_mistake_is_refused_and_writes_nothing(loopgate, run, policy, tmp_path, words, said):
    def place(word):
        places = {"RUN/run.json": run / "run.json", "POLICY": budgets, "x": tmp_path / "x", "./x": f"{tmp_path}/./x"}
        return str(places.get(word, word))

    budgets = policy()
    before = (run / "run.json").read_bytes(), pathlib.Path(budgets).read_bytes()
    done = loopgate("gate", run, "--policy", budgets, *map(place, words))
    assert done.returncode == USAGE and said in done.stderr, done.stderr
    assert ((run / "run.json").read_bytes(), pathlib.Path(budgets).read_bytes()) == before and not (tmp_path / "x").exists()
