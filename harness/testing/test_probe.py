"""The probe in the kernel on real kernels: its phases add up, are explain's within what the probe costs, and show a planted delay where it is;
a kernel that takes no probe is refused before anything is measured."""

import json
import subprocess

import numpy
import pytest
from bench import long
from conftest import INVALID, PASS, POLICY, ROOT, USAGE

KERNELS = ("generic", "preempt-rt")
RECORD = [("number", "<u8"), ("taken_ns", "<i8"), ("thread_woken_ns", "<i8"), ("thread_wait_ns", "<i8"), ("payload_woken_ns", "<i8"), ("read_wait_ns", "<i8"),
          ("read_ns", "<i8"), ("answer_wait_ns", "<i8"), ("answer_ns", "<i8"), ("set_wait_ns", "<i8"), ("set_ns", "<i8")]  # fmt: skip
PHASES = ["irqs disabled", "hardirq", "irq thread wakeup latency", "irq thread", "payload wakeup latency", "payload", "payload's system calls"]
PLANTED_NS = 200_000
HEADER = 88


@pytest.fixture(scope="module")
def runs(loopgate, tmp_path_factory):
    """The same stimuli without a probe, with each transport, and with a delay that a module of the kernel plants."""
    folder = tmp_path_factory.mktemp("probed")
    found = {}
    for name, words in {"none": [], "ebpf": ["--probe", "ebpf"], "ebpf-perf": ["--probe", "ebpf-perf"]}.items():
        found[name] = folder / name
        kernels = [word for kernel in KERNELS for word in ("--kernel", kernel)]
        done = loopgate("run", "irq-to-gpio", *kernels, "--load", "idle", "--samples", 200, "--jobs", 2, *words, "--out", found[name])
        assert done.returncode == PASS, done.stderr
        found[name + " screen"] = done.stdout
    return found


def summary(run, kernel):
    return json.loads((run / "cells" / f"{kernel}.idle" / "summary.json").read_text())


def median_ns(run, kernel):
    return summary(run, kernel)["latency_ns"]["p50"]


def findings(run, kernel):
    return json.loads((run / "cells" / f"{kernel}.idle" / "evidence.json").read_text())["probe"]


def test_a_probed_run_is_not_hunted_in(loopgate, runs):
    """The probe has room for the stimuli of its own run, and its cost would be in what is found."""
    done = loopgate("hunt", runs["ebpf"], "--kernel", "generic")
    assert done.returncode == USAGE and "a probe in its kernel takes time of its own" in done.stderr, done.stderr
    assert not (runs["ebpf"] / "hunt.json").exists()


@pytest.mark.parametrize("probe", ["ebpf", "ebpf-perf"])
@pytest.mark.parametrize("kernel", KERNELS)
def test_each_sample_has_phases_that_add_up(runs, probe, kernel):
    stages = summary(runs[probe], kernel)["stages"]
    assert [stage["name"] for stage in stages["stages"]] == PHASES
    assert (stages["count"], stages["left_out"]) == (200, 0)
    assert stages["probe"] == {"transport": "perf buffer" if probe == "ebpf-perf" else "ring buffer", "stimuli": 300, "lost": 0, "unfinished": 0,
                               "cost_ns": findings(runs[probe], kernel)["cost_ns"], "complete": True}  # fmt: skip
    for which in ("median", "worst"):
        assert sum(stages[which]["ns"]) == stages[which]["latency_ns"]
    assert sum(stage["mean_ns"] for stage in stages["stages"]) == pytest.approx(summary(runs[probe], kernel)["latency_ns"]["mean"])


@pytest.mark.parametrize("probe", ["ebpf", "ebpf-perf"])
@pytest.mark.parametrize("kernel", KERNELS)
def test_it_costs_little_and_says_what(runs, probe, kernel):
    cost_ns = median_ns(runs[probe], kernel) - median_ns(runs["none"], kernel)
    assert 500 < cost_ns < (2_000 if kernel == "generic" else 3_500)
    assert f"{kernel} 300 events, 0 lost, costs " in runs[probe + " screen"]
    assert f"probe {probe}: " in runs[probe + " screen"]


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_transport_costs_no_latency(runs, kernel):
    """The event is sent once the answer is out."""
    assert median_ns(runs["ebpf"], kernel) == pytest.approx(median_ns(runs["ebpf-perf"], kernel), abs=100)


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_phases_are_explains(loopgate, runs, tmp_path, kernel):
    """Of the very same sample, within what the probe costs. Into the worst one the tick may fall, which explain tells from whom it interrupts:
    then it is the same by those whose way it is."""
    cost_ns = median_ns(runs["ebpf"], kernel) - median_ns(runs["none"], kernel)
    done = loopgate("explain", runs["ebpf"], "--cell", f"{kernel}.idle", "--json", tmp_path / "explain.json")
    assert done.returncode == PASS, done.stderr
    document = json.loads((tmp_path / "explain.json").read_text())
    stages = summary(runs["ebpf"], kernel)["stages"]
    each, ways = [slice(i, i + 1) for i in range(len(PHASES))], [slice(2), slice(2, 4), slice(4, 7)]
    for explained, probed, parts in ((document["median"], stages["median"], each), (document["explained"][0], stages["worst"], ways)):
        assert (explained["sample"], explained["latency_ns"]) == (probed["sample"], probed["latency_ns"])
        assert [phase["name"] for phase in explained["phases"]] == PHASES
        ns = [phase["ns"] for phase in explained["phases"]]
        for part in parts:
            assert sum(probed["ns"][part]) == pytest.approx(sum(ns[part]), abs=cost_ns), PHASES[part]


def test_the_longest_waits_have_tasks_and_call_chain(runs):
    waits = findings(runs["ebpf"], "preempt-rt")["long_waits"]
    assert len(waits) == 8
    assert [wait["waited_ns"] for wait in waits] == sorted((wait["waited_ns"] for wait in waits), reverse=True)
    for wait in waits:
        assert wait["phase"] in PHASES and wait["last_tasks"]
        assert "schedule" in wait["stack"][-1]
    assert any(wait["last_tasks"][-1]["task"].startswith("irq/") for wait in waits)


def test_the_file_holds_every_stimulus_once(runs):
    for kernel in KERNELS:
        records = numpy.fromfile(runs["ebpf"] / "cells" / f"{kernel}.idle" / "probe.lgp", dtype=RECORD, offset=HEADER)
        assert list(records["number"]) == list(range(301 - len(records), 301)) and len(records) >= 299


def test_an_altered_file_is_found(loopgate, runs, tmp_path):
    run = tmp_path / "run"
    subprocess.run(["cp", "-r", runs["ebpf"], run], check=True)
    file = run / "cells" / "generic.idle" / "probe.lgp"
    whole = file.read_bytes()
    file.write_bytes(whole[:-HEADER])
    done = loopgate("stats", run)
    assert done.returncode == INVALID
    assert "probe.lgp was altered" in done.stdout + done.stderr


def test_a_probed_run_is_no_baseline_of_another(loopgate, runs, tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY + 'max_us = 1000\n[[baseline]]\nkernel = "generic"\nload = "*"\nquantity = "p50"\nmax_ratio = 1.5\n')
    done = loopgate("gate", runs["none"], "--policy", policy, "--baseline", runs["ebpf"])
    assert done.returncode == USAGE
    assert "probe in the kernel is ebpf, and this run's is none" in done.stderr


@pytest.mark.parametrize(("hold", "phase"), [pytest.param("interrupts", "irqs disabled", marks=long), ("preemption", "irq thread wakeup latency")])
def test_a_planted_delay_is_in_its_phase(loopgate, tmp_path, hold, phase):
    made = subprocess.run([ROOT / "fixtures/planted/make", "--kernel", "preempt-rt", "--hold", hold, "--instructions", str(PLANTED_NS), "--to", tmp_path],
                          capture_output=True, text=True, check=False, timeout=600)  # fmt: skip
    assert made.returncode == 0, made.stderr
    done = loopgate("run", "irq-to-gpio", "--kernel", made.stdout.strip(), "--load", "idle", "--samples", 300, "--probe", "ebpf", "--out", tmp_path / "run")
    assert done.returncode == PASS, done.stderr
    cell = tmp_path / "run" / "cells" / f"preempt-rt-{hold}.idle"
    worst = json.loads((cell / "summary.json").read_text())["stages"]["worst"]
    assert max(zip(worst["ns"], PHASES, strict=True))[1] == phase
    assert PLANTED_NS <= worst["ns"][PHASES.index(phase)] < PLANTED_NS + 20_000
    if hold == "preemption":  # who held the irq thread up, and where
        wait = json.loads((cell / "evidence.json").read_text())["probe"]["long_waits"][0]
        assert (wait["phase"], wait["last_tasks"][-1]["task"]) == (phase, "planted")


def test_a_kernel_that_takes_no_probe_is_refused_before_anything_is_measured(loopgate, tmp_path):
    """A kernel whose functions are not traced. (A locked down one lets the agent have no shared memory on this bench.)"""
    kernel = tmp_path / "untraced.toml"
    source = '[source]\npackage = "linux-image-{architecture}"\n'
    kernel.write_text(f'title = "t"\n{source}[[tuning.file]]\npath = "/proc/sys/kernel/ftrace_enabled"\nvalue = "0"\n')
    done = loopgate("run", "irq-to-gpio", "--kernel", kernel, "--load", "idle", "--samples", 20, "--probe", "ebpf", "--out", tmp_path / "run")
    assert done.returncode == INVALID
    cell = tmp_path / "run" / "cells" / "untraced.idle"
    outcome = json.loads((cell / "outcome.json").read_text())
    assert outcome["reason"] == "probe: the kernel does not trace its functions now (/proc/sys/kernel/ftrace_enabled is 0)"
    assert outcome["next_step"] == "write 1 there, or measure without --probe"
    assert outcome["records"] == 0


@pytest.mark.parametrize(("words", "problem"), [
    (["irq-to-gpio", "--probe", "ebfp"], 'there is no probe "ebfp"'),
    (["inspection", "--probe", "ebpf"], "suite inspection cannot be measured with --probe"),
    (["rt-tests", "--probe", "ebpf"], "suite rt-tests cannot be measured with --probe"),
])  # fmt: skip
def test_what_cannot_be_probed_is_a_usage_error(loopgate, words, problem):
    done = loopgate("plan", *words)
    assert done.returncode == USAGE
    assert problem in done.stderr
