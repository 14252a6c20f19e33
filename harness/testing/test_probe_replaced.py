"""The probe in the kernel replaced while stimuli come, on real kernels: none is unanswered, lost or recorded twice, with PREEMPT_RT none is late, and
the run says how long the longest answer meanwhile took."""

import json

import numpy
import pytest
from conftest import INVALID, PASS, USAGE

KERNELS = ("generic", "preempt-rt")
SAMPLES, WARM_UP = 1_000, 100
HEADER = [("magic", "<u8"), ("version", "<u4"), ("record_size", "<u4"), ("written", "<u8"), ("transport", "<u4"), ("traced", "<u2"), ("replaced", "<u2"),
          ("stimuli", "<u8"), ("unfinished", "<u8"), ("lost", "<u8"), ("cost_ns", "<i8"), ("monotonic_ns", "<i8"), ("counter", "<u8"), ("counter_hz", "<u8")]  # fmt: skip
SAMPLE = [("due_ns", "<i8"), ("stimulus_ns", "<i8"), ("response_ns", "<i8"), ("flags", "<u4"), ("index", "<u4")]


@pytest.fixture(scope="module")
def runs(loopgate, tmp_path_factory):
    folder = tmp_path_factory.mktemp("replaced")
    found = {}
    for probe, kernels in {"ebpf:replaced=3": KERNELS, "ebpf-perf:replaced=2": ("generic",)}.items():
        out = folder / probe.replace(":", "-")
        words = [word for kernel in kernels for word in ("--kernel", kernel)]
        done = loopgate("run", "irq-to-gpio", *words, "--load", "idle", "--samples", SAMPLES, "--repeat", 1, "--jobs", 2, "--probe", probe, "--out", out)
        assert done.returncode == PASS, done.stderr
        for kernel in kernels:
            found[probe, kernel] = out / "cells" / f"{kernel}.idle", done.stdout
    return found


CASES = [("ebpf:replaced=3", "generic"), ("ebpf:replaced=3", "preempt-rt"), ("ebpf-perf:replaced=2", "generic")]


def stages_of(cell):
    return json.loads((cell / "summary.json").read_text())["stages"]


@pytest.mark.parametrize("case", CASES)
def test_every_stimulus_is_answered_and_has_one_record(runs, case):
    cell, _ = runs[case]
    summary = json.loads((cell / "summary.json").read_text())
    assert (summary["unanswered"], summary["count"] + summary["not_sent"]) == (0, SAMPLES)
    assert (stages_of(cell)["count"], stages_of(cell)["left_out"]) == (summary["count"], 0)
    header = numpy.fromfile(cell / "probe.lgp", dtype=HEADER, count=1)[0]
    numbers = numpy.fromfile(cell / "probe.lgp", dtype="<u8", offset=88)[: int(header["written"]) * 11 : 11]
    sent = WARM_UP + summary["count"]
    assert list(numbers) == list(range(int(numbers[0]), sent + 1)) and numbers[0] <= 2
    assert (header["stimuli"], header["lost"], header["unfinished"]) == (sent, 0, 0)


def test_a_preemptible_kernel_answers_none_late(runs):
    """One that is not holds the CPU up while it goes through all of its functions, to hook some: decision 0044."""
    cell, _ = runs["ebpf:replaced=3", "preempt-rt"]
    summary = json.loads((cell / "summary.json").read_text())
    assert {key: summary[key] for key in ("count", "late", "not_sent")} == {"count": SAMPLES, "late": 0, "not_sent": 0}
    assert stages_of(cell)["probe"]["replaced"]["max_ns"] < 60_000


@pytest.mark.parametrize("case", CASES)
def test_the_run_says_how_often_and_what_it_did_to_answers(runs, case):
    cell, screen = runs[case]
    times = int(case[0][-1])
    replacements = json.loads((cell / "evidence.json").read_text())["probe"]["replacements"]
    assert len(replacements) == times and all(each["twice"] >= 1 for each in replacements)
    header = numpy.fromfile(cell / "probe.lgp", dtype=HEADER, count=1)[0]
    offset_ns = int(header["counter"]) * 10**9 // int(header["counter_hz"]) - int(header["monotonic_ns"])
    samples = numpy.fromfile(cell / "samples.lgs", dtype=SAMPLE, offset=64)
    samples = samples[(samples["flags"] & 26) == 2]  # counted and answered
    beside = numpy.zeros(len(samples), dtype=bool)
    for each in replacements:
        beside |= (samples["stimulus_ns"] <= each["ended_ns"] + offset_ns) & (samples["response_ns"] >= each["began_ns"] + offset_ns)
    latencies = (samples["response_ns"] - samples["stimulus_ns"])[beside]
    assert stages_of(cell)["probe"]["replaced"] == {"times": times, "answers": int(beside.sum()), "max_ns": int(latencies.max())}
    assert f"replaced {times} times" in screen
    assert beside.sum() >= times


def test_one_that_could_not_be_replaced_so_often_makes_the_cell_invalid(loopgate, tmp_path):
    done = loopgate("run", "irq-to-gpio", "--kernel", "preempt-rt", "--load", "idle", "--samples", 60, "--probe", "ebpf:replaced=8", "--out", tmp_path / "run")
    assert done.returncode == INVALID
    outcome = json.loads((tmp_path / "run" / "cells" / "preempt-rt.idle" / "outcome.json").read_text())
    assert outcome["reason"].startswith("probe: the kernel part was replaced ") and outcome["reason"].endswith(" of 8 times before measuring was over")
    assert outcome["next_step"].startswith("measure more stimuli")


@pytest.mark.parametrize(("probe", "problem"), [
    ("ftrace:replaced=1", "probe ftrace has no kernel part that could be replaced"),
    ("ebpf:replaced=0", "ebpf:replaced=0"), ("ebpf:replaced=9", "ebpf:replaced=9"), ("ebpf:replaced=many", "ebpf:replaced=many"), ("ebpf:swapped=1", "ebpf:swapped=1"),
])  # fmt: skip
def test_what_cannot_be_replaced_is_a_usage_error(loopgate, probe, problem):
    done = loopgate("plan", "irq-to-gpio", "--probe", probe)
    assert done.returncode == USAGE
    assert problem in done.stderr
