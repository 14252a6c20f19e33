"""loopgate calibrate as a user calls it: null variants on a real kernel in QEMU, gone on with, and read by the gate."""

import json
import pathlib
import shutil

import pytest
from conftest import PASS, USAGE

SMALL = ["--kernel", "generic", "--load", "idle", "--samples", 300, "--repeat", 5, "--variants", 3, "--draws", 100, "--jobs", 2]
POLICY = """title = "t"
suite = "irq-to-gpio"
time_base = "virtual"
count = "replicates"
[[baseline]]
kernel = "generic"
load = "idle"
quantity = "p50"
max_ratio = 1.01
"""


@pytest.fixture
def calibrate(loopgate, tmp_path):
    def call(policy, *more):
        return loopgate("calibrate", "irq-to-gpio", *SMALL, "--policy", policy, "--out", tmp_path / "c", *more)

    return call


def test_a_calibration_is_measured_gone_on_with_and_read_by_the_gate(calibrate, loopgate, toml_file, tmp_path):
    policy = toml_file("p.toml", POLICY)
    done = calibrate(policy)
    assert done.returncode == PASS, done.stderr
    out = tmp_path / "c"
    calibration = json.loads((out / "calibration.json").read_text())
    assert calibration["draws"]["count"] == 100 and calibration["pairs"]["count"] == 6
    assert calibration["draws"]["FAIL"]["seen"] == 0, "null changes are no regression"
    found = {each["plant"]: each["found"]["seen"] for each in calibration["found"]}
    assert found["p50_up_2_percent"] == 100 and found["event_of_150_us"] == 0
    assert "+2 % of p50 in at least" in done.stdout

    lines = [json.loads((out / "variants" / str(n) / "run.json").read_text())["kernels"][0]["command_line"] for n in (1, 2, 3)]
    assert [line.split("loopgate.null=")[1] for line in lines] == ["x" * 7, "x" * 14, "x" * 21]
    evidence = json.loads((out / "variants" / "3" / "cells" / "generic.idle" / "evidence.json").read_text())
    assert "loopgate.null" not in json.dumps(evidence["asked_for"]), "the padding is nothing that the kernel's file asks for"

    first = (out / "calibration.json").read_text()
    shutil.rmtree(out / "variants" / "2" / "cells" / "generic.idle.3")
    again = calibrate(policy)
    assert again.returncode == PASS, again.stderr
    assert again.stderr.count("finished by an earlier run") == 14
    assert (out / "calibration.json").read_text() == first, "virtual time repeats, and draws follow from the seed"

    gate = ["gate", out / "variants" / "1", "--policy", policy, "--baseline", out / "variants" / "2"]
    assert "no calibration was given, so how often this gate errs is not said: loopgate calibrate irq-to-gpio" in loopgate(*gate).stdout
    gated = loopgate(*gate, "--calibration", out)
    assert gated.returncode == PASS, gated.stderr
    assert "this gate: false alarms at most" in gated.stdout
    assert "0 of 100 draws of 5 from 15 replicates" in json.loads((out / "variants" / "1" / "verdict.json").read_text())["error_rates"]

    other = toml_file("other.toml", POLICY.replace("1.01", "1.02"))
    refused = loopgate(*gate[:2], "--policy", other, *gate[4:], "--calibration", out)
    assert refused.returncode == USAGE and "the calibration's policy is p.toml" in refused.stderr
    assert (out / "variants" / "1" / "verdict.json").exists(), "a mistake changes nothing"


def test_what_cannot_be_calibrated_is_refused_by_name(calibrate, toml_file, tmp_path):
    def refusal(policy, *more):
        done = calibrate(policy, *more)
        assert done.returncode == USAGE, done.stderr
        return done.stderr

    unmeasured = toml_file("unmeasured.toml", POLICY.replace('"idle"', '"mixed"'))
    assert "a [[baseline]] is of kernel generic under load mixed" in refusal(unmeasured)
    assert "policy for suite loopback" in refusal(toml_file("suite.toml", POLICY.replace("irq-to-gpio", "loopback")))
    policy = toml_file("p.toml", POLICY)
    assert "--variants" in refusal(policy, "--variants", 1)
    folder = tmp_path / "c" / "variants" / "1"
    folder.mkdir(parents=True)
    (folder / "a-file-of-mine").write_text("")
    assert f"{folder} holds no run" in refusal(policy)
    (pathlib.Path(tmp_path) / "c" / "calibration.json").write_text("an earlier answer")
    refusal(policy, "--varaints", 3)
    assert (tmp_path / "c" / "calibration.json").read_text() == "an earlier answer"
