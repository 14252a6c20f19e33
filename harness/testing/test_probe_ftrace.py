"""The probe by the kernel's own tracing, on real kernels: its phases add up, and trace.dat holds the sample that is said, which trace-cmd reads.
A delay that is planted is in the trace; one that the kernel cannot see makes another sample the worst, and that is said."""

import json
import re
import subprocess

import numpy
import pytest
from conftest import INVALID, PASS, POLICY, ROOT, USAGE

KERNELS = ("generic", "preempt-rt")
PHASES = ["before the handler", "hardirq", "irq thread wakeup latency", "irq thread", "payload wakeup latency", "payload"]
HEADER = [("magic", "<u8"), ("version", "<u4"), ("record_size", "<u4"), ("written", "<u8"), ("transport", "<u4"), ("traced", "<u2"), ("replaced", "<u2"),
          ("stimuli", "<u8"), ("unfinished", "<u8"), ("lost", "<u8"), ("cost_ns", "<i8"), ("monotonic_ns", "<i8"), ("counter", "<u8"), ("counter_hz", "<u8")]  # fmt: skip
SAMPLE = [("due_ns", "<i8"), ("stimulus_ns", "<i8"), ("response_ns", "<i8"), ("flags", "<u4"), ("index", "<u4")]
PLANTED_NS = 200_000
CLOCK_ERROR_NS = 200


@pytest.fixture(scope="module")
def runs(loopgate, tmp_path_factory):
    folder = tmp_path_factory.mktemp("traced")
    found = {}
    for name, words in {"none": [], "ftrace": ["--probe", "ftrace"]}.items():
        found[name] = folder / name
        kernels = [word for kernel in KERNELS for word in ("--kernel", kernel)]
        done = loopgate("run", "irq-to-gpio", *kernels, "--load", "idle", "--samples", 200, "--jobs", 2, *words, "--out", found[name])
        assert done.returncode == PASS, done.stderr
        found[name + " screen"] = done.stdout
    return found


def summary(run, kernel):
    return json.loads((run / "cells" / f"{kernel}.idle" / "summary.json").read_text())


def findings(cell):
    return json.loads((cell / "evidence.json").read_text())["probe"]


def clock_offset_ns(cell):
    """What is added to the kernel's CLOCK_MONOTONIC for the instrument's clock."""
    header = numpy.fromfile(cell / "probe.lgp", dtype=HEADER, count=1)[0]
    return int(header["counter"]) * 10**9 // int(header["counter_hz"]) - int(header["monotonic_ns"])


def events_of(cell):
    """(ns on the instrument's clock, event, what it says) of all that trace-cmd reads."""
    offset_ns = clock_offset_ns(cell)
    told = subprocess.run(["trace-cmd", "report", "-t", "-i", cell / "trace.dat"], capture_output=True, text=True, check=True, timeout=60)
    assert told.stderr == ""
    lines = re.findall(r"\[\d+\]\s+(\d+)\.(\d{9}): +(\w+): +(.*)", told.stdout)
    return [(int(seconds) * 10**9 + int(ns) + offset_ns, event, words) for seconds, ns, event, words in lines]


def is_within(cell, index):
    """Whether a time of the instrument's is of one sample: from the stimulus to the response."""
    samples = numpy.fromfile(cell / "samples.lgs", dtype=SAMPLE, offset=64)
    sample = samples[samples["index"] == index][0]
    return lambda at_ns: sample["stimulus_ns"] - CLOCK_ERROR_NS <= at_ns <= sample["response_ns"] + CLOCK_ERROR_NS


def within(cell, index):
    """The events of one sample."""
    is_of_it = is_within(cell, index)
    return [event for event in events_of(cell) if is_of_it(event[0])]


def is_kept(cell, index):
    """Whether a sample is among those that the kernel itself saw take longest."""
    is_of_it = is_within(cell, index)
    return any(is_of_it(each["taken_ns"] + clock_offset_ns(cell)) for each in findings(cell)["traced"])


@pytest.mark.parametrize("kernel", KERNELS)
def test_each_sample_has_phases_that_add_up(runs, kernel):
    stages = summary(runs["ftrace"], kernel)["stages"]
    assert [stage["name"] for stage in stages["stages"]] == PHASES
    assert (stages["count"], stages["left_out"]) == (200, 0)
    assert {key: stages["probe"][key] for key in ("transport", "stimuli", "lost", "unfinished", "cost_ns", "complete")} == {
        "transport": "ftrace", "stimuli": 300, "lost": 0, "unfinished": 0, "cost_ns": None, "complete": True}  # fmt: skip
    for which in ("median", "worst"):
        assert sum(stages[which]["ns"]) == stages[which]["latency_ns"]
    assert sum(stage["mean_ns"] for stage in stages["stages"]) == pytest.approx(summary(runs["ftrace"], kernel)["latency_ns"]["mean"])


@pytest.mark.parametrize("kernel", KERNELS)
def test_it_costs_what_the_decision_says(runs, kernel):
    cost_ns = summary(runs["ftrace"], kernel)["latency_ns"]["p50"] - summary(runs["none"], kernel)["latency_ns"]["p50"]
    assert 500 < cost_ns < (6_000 if kernel == "generic" else 9_000)


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_trace_holds_the_sample_that_is_said(runs, kernel):
    cell = runs["ftrace"] / "cells" / f"{kernel}.idle"
    traced = summary(runs["ftrace"], kernel)["stages"]["probe"]["traced"]
    assert traced["cell"] == f"{kernel}.idle"
    assert f"{kernel}: cells/{kernel}.idle/trace.dat holds " in runs["ftrace screen"]
    assert f"sample {traced['sample']} (" in runs["ftrace screen"]
    assert is_kept(cell, traced["sample"])
    names = [event for _, event, _ in within(cell, traced["sample"])]
    way = ["irq_handler_entry", "sched_waking", "sched_switch", "sched_waking", "sched_switch", "gpio_value"]
    followed = iter(names)
    assert all(event in followed for event in way), names


@pytest.mark.parametrize("kernel", KERNELS)
def test_all_that_were_kept_are_there_longest_first(runs, kernel):
    cell = runs["ftrace"] / "cells" / f"{kernel}.idle"
    traced = findings(cell)["traced"]
    assert len(traced) == 8 and not any(each["cut"] for each in traced)
    assert [each["kernel_ns"] for each in traced] == sorted((each["kernel_ns"] for each in traced), reverse=True)
    assert all(each["number"] > 100 for each in traced)  # none of the warm-up
    handled = {at - clock_offset_ns(cell) for at, event, _ in events_of(cell) if event == "irq_handler_entry"}
    assert {each["taken_ns"] for each in traced} <= handled


def test_an_altered_trace_is_found(loopgate, runs, tmp_path):
    run = tmp_path / "run"
    subprocess.run(["cp", "-r", runs["ftrace"], run], check=True)
    file = run / "cells" / "generic.idle" / "trace.dat"
    file.write_bytes(file.read_bytes()[:-1])
    done = loopgate("stats", run)
    assert done.returncode == INVALID
    assert "trace.dat was altered" in done.stdout + done.stderr


def test_a_traced_run_is_no_baseline_of_another(loopgate, runs, tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY + 'max_us = 1000\n[[baseline]]\nkernel = "generic"\nload = "*"\nquantity = "p50"\nmax_ratio = 1.5\n')
    done = loopgate("gate", runs["none"], "--policy", policy, "--baseline", runs["ftrace"])
    assert done.returncode == USAGE
    assert "probe in the kernel is ftrace, and this run's is none" in done.stderr


@pytest.mark.parametrize("hold", ["preemption", "interrupts"])
def test_a_planted_delay_is_in_the_trace_as_far_as_the_kernel_sees_it(loopgate, tmp_path, hold):
    """With preemption off the irq thread waits, which the trace shows; with interrupts off the handler comes late, before which there is nothing."""
    made = subprocess.run([ROOT / "fixtures/planted/make", "--kernel", "preempt-rt", "--hold", hold, "--instructions", str(PLANTED_NS), "--to", tmp_path],
                          capture_output=True, text=True, check=False, timeout=600)  # fmt: skip
    assert made.returncode == 0, made.stderr
    done = loopgate("run", "irq-to-gpio", "--kernel", made.stdout.strip(), "--load", "idle", "--samples", 300, "--probe", "ftrace", "--out", tmp_path / "run")
    assert done.returncode == PASS, done.stderr
    cell = tmp_path / "run" / "cells" / f"preempt-rt-{hold}.idle"
    worst = json.loads((cell / "summary.json").read_text())["stages"]["worst"]
    traced = json.loads((cell / "summary.json").read_text())["stages"]["probe"]["traced"]
    phase = max(zip(worst["ns"], PHASES, strict=True))[1]
    assert PLANTED_NS <= max(worst["ns"]) < PLANTED_NS + 20_000
    if hold == "preemption":
        assert phase == "irq thread wakeup latency"
        assert traced["sample"] == worst["sample"]
        assert f"holds the worst, sample {worst['sample']} (" in done.stdout
        switched = [words for _, event, words in within(cell, worst["sample"]) if event == "sched_switch"]
        assert switched[0].startswith("planted:"), switched
    else:
        assert phase == "before the handler"
        kept = is_kept(cell, worst["sample"])  # by luck alone: it may have been slow behind the handler, too
        assert (traced["sample"] == worst["sample"]) == kept
        assert ("is not among the 8 that the kernel itself saw take longest" in done.stdout) != kept


def test_a_kernel_without_tracing_is_refused_before_anything_is_measured(loopgate, tmp_path):
    kernel = tmp_path / "untraced.toml"
    kernel.write_text('title = "t"\narguments = "initcall_blacklist=tracer_init_tracefs"\n[source]\npackage = "linux-image-{architecture}"\n')
    done = loopgate("run", "irq-to-gpio", "--kernel", kernel, "--load", "idle", "--samples", 20, "--probe", "ftrace", "--out", tmp_path / "run")
    assert done.returncode == INVALID
    outcome = json.loads((tmp_path / "run" / "cells" / "untraced.idle" / "outcome.json").read_text())
    assert outcome["reason"] == "probe: the kernel has no tracefs with events (/sys/kernel/tracing)"
    assert outcome["next_step"] == "build it with CONFIG_FTRACE=y and CONFIG_ENABLE_DEFAULT_TRACERS=y, or measure without --probe"
    assert outcome["records"] == 0
