"""`loopgate doctor --self-test`: planted faults are caught by the real program; harness/doctor/ has those that cannot fail. And what
TOOL-CONFIDENCE.md names is there."""

import json
import re
import shutil

import pytest
from conftest import PASS, ROOT, USAGE

CONFIDENCE = ROOT / "harness" / "TOOL-CONFIDENCE.md"


@pytest.fixture(scope="module")
def measured(tmp_path_factory, loopgate):
    if not shutil.which("qemu-system-aarch64"):
        pytest.skip("not installed: qemu-system-arm")
    run = tmp_path_factory.mktemp("self-test") / "run"
    done = loopgate("run", "irq-to-gpio", "--kernel", "generic", "--load", "idle", "--samples", "20", "--out", run)
    assert done.returncode == PASS, done.stderr
    return run


@pytest.fixture(scope="module")
def found(measured, loopgate):
    """What it wrote, and what it printed."""
    file = measured.parent / "self-test.json"
    done = loopgate("doctor", "--self-test", measured, "--json", file)
    assert done.returncode == PASS, done.stdout + done.stderr
    return json.loads(file.read_text()), done.stdout


def test_every_planted_fault_is_caught(found):
    document, text = found
    checks = {check["name"]: check for check in document["checks"]}
    assert document["passed"] and document["format"] == 1 and document["suite"] == "irq-to-gpio" and document["time_base"] == "virtual"
    assert {checks[name]["exit"] for name in ("sound-run", "sound-report", "sound-pack", "sound-bundle")} == {0}, "else nothing could pass"
    assert {name: checks[name]["exit"] for name in ("broken-budget", "softer-verdict", "sealed-softer-verdict", "another-runs-verdict", "other-policy", "missing-cell", "altered-samples.lgs", "short-bundle")} == {
        "broken-budget": 1, "softer-verdict": 3, "sealed-softer-verdict": 3, "another-runs-verdict": 3, "other-policy": 2, "missing-cell": 3, "altered-samples.lgs": 3, "short-bundle": 3}  # fmt: skip
    assert all(check["must_name"] and check["must_name"] in check["said"] for check in checks.values() if check["exit"]), "a refusal names what was planted"
    assert re.fullmatch("[0-9a-f]{64}", document["evidence_sha256"]) and document["run"] == "run"
    assert text.splitlines()[-1] == f"{len(checks)} of {len(checks)} checks ended as they must"
    assert len(checks) >= 30


def test_the_run_is_left_as_it_was(measured, found):
    assert not [path for path in measured.rglob("*") if path.name in ("verdict.json", "junit.xml") or path.suffix == ".lgb"]


def test_a_folder_that_is_no_run_is_refused(loopgate, tmp_path):
    done = loopgate("doctor", "--self-test", tmp_path)
    assert done.returncode == USAGE and "run.json" in done.stderr


def test_json_goes_with_the_self_test_alone(loopgate, tmp_path):
    assert loopgate("doctor", "--json", tmp_path / "a.json").returncode == USAGE


# --- TOOL-CONFIDENCE.md -----------------------------------------------------------------------------------------------------------


def named_files():
    return sorted(set(re.findall(r"`((?:harness|reports|fixtures|ci|suites)/[\w./-]+)`", CONFIDENCE.read_text())))


def named_tests():
    """(file, test) of each `file::test`, and the tests of C++ as `file: Suite.Test`."""
    return sorted(set(re.findall(r"`((?:harness|reports|fixtures)/[\w./-]+)::([\w.]+)`", CONFIDENCE.read_text())))


def test_the_statement_names_enough_to_be_held_to():
    assert len(named_tests()) >= 15
    assert not [row for row in CONFIDENCE.read_text().splitlines() if row.startswith("| ") and not row.startswith(("| fault", "| what", "| claim", "| limit")) and "`" not in row and "decisions/" not in row]


@pytest.mark.parametrize("file", named_files())
def test_each_file_it_names_is_there(file):
    assert (ROOT / file).exists()


@pytest.mark.parametrize(("file", "test"), named_tests())
def test_each_test_it_names_is_there(file, test):
    text = (ROOT / file).read_text()
    if file.endswith(".py"):
        assert re.search(rf"^def {test}\(", text, re.MULTILINE)
    else:
        suite, case = test.split(".")
        assert re.search(rf"TEST(?:_F|_P)?\(\s*{suite},\s*{case}\)", text)


def test_it_names_the_self_tests_own_checks(found):
    document, _ = found
    named = set(re.findall(r"self-test: `([\w.-]+)`", CONFIDENCE.read_text()))
    assert named and named <= {re.sub(r"-\d+$", "", check["name"]) for check in document["checks"]}
