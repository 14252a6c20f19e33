"""The inspection pipeline on the virtual bench: its decisions are judged, its stages add up, and whatever goes wrong has its own count."""

import json
import shutil
import tomllib

import numpy
import pytest
from conftest import INVALID, PASS, ROOT, Run, faulty

CELL = "preempt-rt.idle"
WARM_UP = 5


def command(suite="inspection"):
    """The suite's own payload command."""
    with open(ROOT / "suites" / suite / "suite.toml", "rb") as file:
        return tomllib.load(file)["payload"]["command"]


@pytest.fixture
def inspect(measure, suite_file):
    """Measures the pipeline on an idle PREEMPT_RT kernel, with planted faults if there are any."""
    count = 0

    def call(*faults, of="inspection", samples=15, replace=(), **options):
        nonlocal count
        count += 1
        planted = faulty(command(of), *faults) if faults else {}
        suite = suite_file(f"inspect{count}", of=of, replace=replace, **planted)
        return measure(str(suite), kernel="preempt-rt", load="idle", samples=samples, **options)

    return call


@pytest.fixture(scope="module")
def plain(loopgate, tmp_path_factory):
    """15 parts, without a fault, for all tests that only read."""
    path = tmp_path_factory.mktemp("inspection") / "run"
    done = loopgate("run", "inspection", "--kernel", "preempt-rt", "--load", "idle", "--samples", 15, "--jobs", 1, "--out", path)
    assert done.returncode == PASS, done.stderr
    return Run(path, done.returncode, done.stderr, done.stdout)


def flags(run):
    samples = run.samples(CELL)
    return samples["flags"][(samples["flags"] & 24) == 0]


def decisions(run):
    return run.summary(CELL)["decisions"]


def test_a_good_run(inspect):
    run = inspect(samples=40, verify_determinism=True)
    assert run.status == PASS, run.errors
    assert run.outcome(CELL)["verified_determinism"] is True
    assert (decisions(run)["count"], decisions(run)["wrong_frame"]) == (40, 0)
    assert [run.summary(CELL)[key] for key in ("late", "unanswered", "not_sent")] == [0, 0, 0]
    assert decisions(run)["wrong"] <= 2  # the network is right in 99.5 % of the parts
    assert 19 < decisions(run)["per_second"] < 21
    assert max(run.latencies(CELL)) <= 9_000_000  # what the pipeline must reach at idle
    payload = run.evidence(CELL)["payload"]
    assert (payload["minor_faults"], payload["major_faults"], payload["overruns"]) == (0, 0, 0)
    alone, stage = payload["inference_ns"]["engine_alone"], payload["inference_ns"]["stage"]
    assert stage["mean"] <= 1.05 * alone["mean"]


def test_the_stages_add_up_to_what_the_instrument_saw(plain):
    """Worked out here from the two raw files, not by the harness."""
    run = plain
    header = numpy.fromfile(run.cell(CELL) / "frames.lgf", dtype="<u8", count=8)
    offset = int(header[6]) * 1_000_000_000 // int(header[7]) - int(header[5])
    frames, samples = run.frames(CELL), run.samples(CELL)
    sent = samples[(samples["flags"] & 16) == 0]
    assert len(frames) == len(sent) == 15 + WARM_UP
    assert (frames["frame"] == numpy.arange(1, len(sent) + 1)).all()
    kernel = frames["woke_ns"] + offset - sent["stimulus_ns"]
    output = sent["response_ns"] - frames["decided_ns"] - offset
    assert (kernel > 5_000).all() and (kernel < 100_000).all()
    assert (output > 500).all() and (sent["response_ns"] < frames["done_ns"] + offset).all()
    stages = run.summary(CELL)["stages"]
    assert stages["count"] == 15 and stages["left_out"] == 0
    for which in ("median", "worst"):
        row = stages[which]["sample"] - 8  # after the self-checks
        mine = [0, kernel[row]]
        for before, after in (("woke", "captured"), ("captured", "preprocessed"), ("preprocessed", "inferred"), ("inferred", "decided")):
            mine.append(frames[after + "_ns"][row] - frames[before + "_ns"][row])
        assert stages[which]["ns"] == [*mine, output[row]]
        assert sum(stages[which]["ns"]) == stages[which]["latency_ns"]


def test_two_kernels_under_load_pass_the_gate(measure, loopgate):
    """As ci/quickstart does."""
    run = measure("inspection", kernel=["generic", "preempt-rt"], load="mixed", samples=60, jobs=2)
    assert run.status == PASS, run.errors
    gated = loopgate("gate", run.path, "--policy", ROOT / "suites" / "inspection" / "release.toml")
    assert gated.returncode == PASS, gated.stdout + gated.stderr
    verdict = json.loads((run.path / "verdict.json").read_text())
    assert verdict["verdict"] == "PASS"
    assert [(group["kernel"], group["verdict"]) for group in verdict["groups"]] == [("generic", "PASS"), ("preempt-rt", "PASS")]
    wrong = [check for check in verdict["checks"] if (check["quantity"], check["unit"]) == ("wrong", "share")]
    assert len(wrong) == 2 and all("at 95 % confidence" in check["why"] for check in wrong)


def test_an_altered_record_is_found(plain, loopgate, tmp_path):
    run = Run(shutil.copytree(plain.path, tmp_path / "run"), plain.status, plain.errors, plain.output)
    path = run.cell(CELL) / "frames.lgf"
    data = bytearray(path.read_bytes())
    data[64 + 64 * 10 + 24] ^= 1  # one nanosecond of the eleventh frame
    path.write_bytes(data)
    assert loopgate("stats", run.path).returncode == INVALID  # it says what there is: nothing of this cell
    assert not (run.cell(CELL) / "summary.json").exists()
    comparison = json.loads((run.path / "comparison.json").read_text())
    assert "frames.lgf was altered" in comparison["groups"][0]["invalid"][0]["reason"]


def test_wrong_decisions_are_counted_as_wrong(plain, inspect):
    """From the 11th frame on the verdict is flipped: the frames that the network gets right become the wrong ones."""
    flipped = inspect("--wrong-after", "10")
    assert flipped.status == PASS, flipped.errors
    changed = (flags(plain) ^ flags(flipped)) & 128 != 0
    assert changed.tolist() == [False] * (10 - WARM_UP) + [True] * 10
    assert decisions(flipped)["wrong_frame"] == 0


def test_a_decision_for_the_frame_before_is_of_a_wrong_frame(inspect):
    run = inspect("--previous-after", "10")
    assert run.status == PASS, run.errors
    assert decisions(run)["wrong_frame"] == 10 and ((flags(run) & 384) != 384).all()
    assert run.summary(CELL)["stages"]["left_out"] == 10


def test_late_decisions_are_late(inspect):
    run = inspect("--delay-instructions", "26000000", samples=5)
    assert run.status == PASS, run.errors
    assert run.summary(CELL)["late"] == 5 and run.summary(CELL)["unanswered"] == 0


def test_a_pipeline_that_falls_silent_is_no_fault_of_the_kernel(inspect):
    run = inspect("--mute-after", "10")
    assert run.status == INVALID
    assert "took 20 stimuli in and answered 10" in run.outcome(CELL)["reason"]
    assert (flags(run) & 32 != 0).sum() == 10


def test_a_model_is_replaced_between_two_frames(inspect):
    run = inspect(of="inspection-swap", samples=40, replace=[('"80:', '"25:'), ('"140:', '"32:'), ('"20:', '"10:')])
    assert run.status == PASS, run.errors
    good, damaged, foreign = run.evidence(CELL)["payload"]["swaps"]
    assert good["accepted"] and not damaged["accepted"] and not foreign["accepted"]
    assert "SHA-256" in damaged["reason"] and "1x3x224x224" in foreign["reason"]
    frames = run.frames(CELL)
    assert set(frames["model"]) == {0, 1}
    assert (frames["model"] == (frames["frame"] >= good["in_force_from"])).all()
    assert run.summary(CELL)["late"] == run.summary(CELL)["unanswered"] == decisions(run)["wrong_frame"] == 0


def test_a_decision_from_three_frames(inspect):
    run = inspect(of="inspection-adas", samples=8)
    assert run.status == PASS, run.errors
    assert run.summary(CELL)["stages"]["worst"]["ns"][0] == 66_000_000
    assert run.latencies(CELL).min() > 66_000_000 and run.summary(CELL)["late"] == 0
    frames = run.frames(CELL)
    assert len(frames) == 3 * (8 + WARM_UP)
    assert ((frames["decision"] != 0) == (frames["frame"] % 3 == 0)).all()


def test_back_to_back_frames_wait_for_nothing_but_the_decision(inspect):
    run = inspect(of="inspection-rate", samples=40)
    assert run.status == PASS, run.errors
    samples = run.samples(CELL)[-40:]
    gaps = samples["due_ns"][1:] - samples["response_ns"][:-1]
    assert gaps.min() >= 1_000 and gaps.max() <= 2_000
    assert run.summary(CELL)["not_sent"] == 0 and decisions(run)["per_second"] > 111  # 9 ms a frame


@pytest.mark.parametrize(("model", "word"), [("damaged", "SHA-256"), ("foreign", "1x3x224x224")])
def test_a_bad_model_is_named(inspect, model, word):
    swap = f'"{ROOT}/suites/inspection-swap/{model}.onnx'
    run = inspect(replace=[(f'"{ROOT}/reference-app/model/scratch.onnx', swap)], samples=2)
    assert run.status == INVALID
    assert word in run.evidence(CELL)["report"]["payload"]["stderr"]


def test_explain_names_the_functions_of_the_payloads_libraries(inspect, loopgate, tmp_path):
    """Those that Debian's stripped libraries export, by name; the rest by where they are in the file."""
    run = inspect(samples=5)
    done = loopgate("explain", run.path, "--cell", CELL, "--json", tmp_path / "why.json")
    assert done.returncode == PASS, done.stderr
    sample = json.loads((tmp_path / "why.json").read_text())["explained"][0]
    names = [function["name"] for function in sample["functions"] if function["phase"] == "payload"]
    assert any(name.startswith("pthreadpool_") for name in names), names
    assert any(" in libXNNPACK.so" in name for name in names), names
    # The vDSO's page is shared by all processes, and translated for the first of them.
    assert not any(name.startswith("0xffff") for name in names), names
