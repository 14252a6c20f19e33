"""What a kernel sustains: the rate of any model, and its pictures prepared on the loop's thread or on one of their own."""

import os
import pathlib
import tomllib

import numpy
import pytest
from conftest import INVALID, PASS, ROOT, USAGE, faulty

CELL = "preempt-rt.idle"
MODELS = pathlib.Path(os.environ.get("LOOPGATE_MODELS", ROOT / ".." / "shared" / "models"))
OK, WRONG, WRONG_FRAME = 64, 128, 256


@pytest.fixture
def inspect(measure):
    def call(suite, *, samples=15, **options):
        return measure(suite, kernel="preempt-rt", load="idle", samples=samples, repeat=1, **options)

    return call


def work_of(run):
    work = run.summary(CELL)["work"]
    return {one["name"]: one for one in work["threads"]}, {one["name"]: one["computed_bytes_a_decision"] for one in work["stages"]}, work["shares_cpu"]


def asked_for(run, option):
    return next(row for row in run.evidence(CELL)["asked_for"] if row["asked"].startswith(option + " "))


@pytest.mark.parametrize(("name", "ms"), [("ad01_int8", 1), ("kws_ref_model", 3)])
def test_any_model_has_a_rate(inspect, name, ms):
    model = MODELS / f"{name}.tflite"
    if not model.exists():
        pytest.skip(f"{model} is not there")
    run = inspect("inspection-rate", model=model, raw=True)
    assert run.status == PASS, run.errors
    decisions = run.summary(CELL)["decisions"]
    assert decisions["count"] == decisions["unjudged"] == 15
    samples = run.samples(CELL)[-15:]
    span_ns = samples["response_ns"][-1] - samples["stimulus_ns"][0]
    assert decisions["per_second"] == pytest.approx(15e9 / span_ns)
    assert decisions["per_second"] > 1000 / ms
    threads, moved, _ = work_of(run)
    # Back to back there is little else to do than to decide.
    assert 0.8 < threads["loop"]["share_of_a_cpu"] < 1.02
    assert moved["capture"] == 2 * 160 * 160 and moved["network"] > model.stat().st_size / 2


def test_a_deadline_leaves_the_rate_alone(inspect):
    free, held = inspect("inspection-rate"), inspect("inspection-rate", deadline_us=60_000)
    assert free.status == held.status == PASS, held.errors
    assert held.summary(CELL)["decisions"]["per_second"] == pytest.approx(free.summary(CELL)["decisions"]["per_second"], rel=0.001)


def test_pictures_prepared_on_a_thread_of_their_own(inspect):
    """On the one CPU it costs the hand-over, and decides the same."""
    same, own = inspect("inspection", preprocess="same-thread"), inspect("inspection", preprocess="own-thread")
    assert same.status == own.status == PASS, own.errors
    assert [asked_for(run, "--preprocess")["became"] for run in (same, own)] == ["in effect"] * 2
    assert asked_for(own, "--preprocess")["read_back"] == "own-thread"
    frames = own.frames(CELL)
    assert (frames["frame"] == numpy.arange(1, len(frames) + 1)).all()
    assert (frames["decision"] == same.frames(CELL)["decision"]).all()
    assert not (own.samples(CELL)["flags"] & WRONG_FRAME).any()
    payload = own.evidence(CELL)["payload"]
    assert payload["minor_faults"] == payload["major_faults"] == payload["overruns"] == 0
    assert payload["hand_over_ns"]["count"] == len(frames)
    threads, moved, shares = work_of(own)
    before, moved_before, _ = work_of(same)
    assert shares and not work_of(same)[2]
    assert set(threads) == {"loop", "preparing"} and set(before) == {"loop"}
    # The picture of 96x96 is copied once more.
    assert moved.pop("hand_over") == 2 * 96 * 96 and moved == moved_before
    both = threads["loop"]["cpu_ns_a_decision"] + threads["preparing"]["cpu_ns_a_decision"]
    assert before["loop"]["cpu_ns_a_decision"] < both < before["loop"]["cpu_ns_a_decision"] + 100_000
    more = own.latencies(CELL) - same.latencies(CELL)
    assert 0 < numpy.median(more) < 100_000
    assert "both on one CPU" in own.output and "computed from sizes" in own.output


def test_a_model_is_replaced_while_another_thread_prepares(inspect, measure, suite_file):
    command = tomllib.loads((ROOT / "suites" / "inspection-swap" / "suite.toml").read_text())["payload"]["command"]
    replace = [('"80:', '"25:'), ('"140:', '"32:'), ('"20:', '"10:')]
    suite = suite_file("swap", of="inspection-swap", payload=[*command, "--preprocess", "own-thread"], replace=replace)
    run = measure(str(suite), kernel="preempt-rt", load="idle", samples=40)
    assert run.status == PASS, run.errors
    good, damaged, foreign = run.evidence(CELL)["payload"]["swaps"]
    assert good["accepted"] and not damaged["accepted"] and not foreign["accepted"]
    frames = run.frames(CELL)
    assert (frames["model"] == (frames["frame"] >= good["in_force_from"])).all()
    assert run.summary(CELL)["late"] == run.summary(CELL)["unanswered"] == run.summary(CELL)["decisions"]["wrong_frame"] == 0


@pytest.mark.parametrize("thread", ["same-thread", "own-thread"])
def test_a_stale_picture_is_decided_wrongly(measure, suite_file, thread):
    """From the 11th part on the network sees the 10th's picture: what it says of that is wrong for every part of the other kind."""
    command = tomllib.loads((ROOT / "suites" / "inspection" / "suite.toml").read_text())["payload"]["command"]
    suite = suite_file("stale", of="inspection", **faulty(command, "--preprocess", thread, "--stale-after", "10"))
    run = measure(str(suite), kernel="preempt-rt", load="idle", samples=25, repeat=1)
    assert run.status == PASS, run.errors
    flags = run.samples(CELL)["flags"][-20:]
    assert len(set(flags & OK)) == 1, "the same picture is always decided alike"
    assert (flags & WRONG != 0).sum() > 3 and not (flags & WRONG_FRAME).any()


def test_a_cpu_that_is_not_there_is_named(inspect, loopgate, tmp_path):
    run = inspect("inspection", preprocess="own-thread", preprocess_cpu=5, samples=2)
    assert run.status == INVALID
    assert "cannot be pinned to CPU 5" in run.evidence(CELL)["report"]["payload"]["stderr"]
    refused = loopgate("run", "inspection", "--preprocess", "gpu", "--out", tmp_path / "out")
    assert refused.returncode == USAGE and "--preprocess" in refused.stderr
    refused = loopgate("run", "irq-to-gpio", "--preprocess", "own-thread", "--out", tmp_path / "out")
    assert refused.returncode == USAGE and "runs no model" in refused.stderr
