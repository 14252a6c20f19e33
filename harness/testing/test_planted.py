"""Planted truths: a module keeps everybody from the CPU for 200,000 instructions, from the moment on at which the stimulus is there. Explain
must name the function, the phase and the length."""

import itertools
import json
import subprocess

import pytest
from bench import LONG, long
from conftest import PASS, ROOT

PLANTED_NS = 200_000  # one virtual ns an instruction
OWN_INSTRUCTIONS = 32  # of the planted function beside its loop: the last turns of its wait, its prologue and its end
HOLDS = {
    "interrupts": "planted_interrupts_off",
    "preemption": "planted_preemption_off",
    "lock": "planted_lock_held",
    "needed-lock": "planted_needed_lock_held",
}
CALLERS = {"needed-lock": "hold < planted < kthread"}  # of the planted function, where it is not the thread's own
KERNELS = ("generic", "preempt-rt")
# To the generic kernel a lock is a preemption that is disabled, and masked interrupts are on it what they are on PREEMPT_RT.
LONG_ALONE = {("generic", "lock"), ("generic", "needed-lock"), ("generic", "interrupts")}


@pytest.fixture(scope="module")
def planted(loopgate, tmp_path_factory):
    """A run of both kernels with the modules."""
    folder = tmp_path_factory.mktemp("planted")
    words = []
    for kernel, hold in itertools.product(KERNELS, HOLDS):
        if (kernel, hold) in LONG_ALONE and not LONG:
            continue
        made = subprocess.run([ROOT / "fixtures/planted/make", "--kernel", kernel, "--hold", hold, "--instructions", str(PLANTED_NS), "--to", folder],
                              capture_output=True, text=True, check=False, timeout=600)
        assert made.returncode == 0, made.stderr
        words += ["--kernel", made.stdout.strip()]
    run = folder / "run"
    done = loopgate("run", "irq-to-gpio", *words, "--load", "idle", "--samples", 300, "--jobs", 2, "--out", run)
    assert done.returncode == PASS, done.stderr
    return run


def explain(loopgate, run, cell, tmp_path, *options):
    done = loopgate("explain", run, "--cell", cell, *options, "--json", tmp_path / "explain.json")
    assert done.returncode == PASS, done.stderr
    return json.loads((tmp_path / "explain.json").read_text())


def ns_in(sample, function):
    return {entry["phase"]: entry["ns"] for entry in sample["functions"] if entry["name"] == function and entry["task"] == "planted"}


@pytest.mark.parametrize(
    ("kernel", "hold", "phase", "how"),
    [
        pytest.param("generic", "interrupts", "irqs disabled", "ran with interrupts disabled", marks=long),
        ("preempt-rt", "interrupts", "irqs disabled", "ran with interrupts disabled"),
        # Debian's generic kernel does not preempt kernel code at all, so that neither a disabled preemption nor a lock adds to it.
        ("generic", "preemption", "irq thread wakeup latency", "could not be preempted (this kernel does not preempt kernel code)"),
        pytest.param("generic", "lock", "irq thread wakeup latency", "could not be preempted (this kernel does not preempt kernel code)", marks=long),
        pytest.param("generic", "needed-lock", "irq thread wakeup latency", "could not be preempted (this kernel does not preempt kernel code)", marks=long),
        ("preempt-rt", "preemption", "irq thread wakeup latency", "could not be preempted (interrupts on, preemption off)"),
        # The lock sleeps there, and its holder lends itself the waiter's priority.
        ("preempt-rt", "needed-lock", "irq thread wakeup latency", "-stimulus slept in "),
    ],
)
def test_the_planted_delay_is_found(loopgate, planted, tmp_path, kernel, hold, phase, how):
    document = explain(loopgate, planted, f"{kernel}-{hold}.idle", tmp_path)
    worst = document["explained"][0]
    found = ns_in(worst, HOLDS[hold])
    assert PLANTED_NS <= found[phase] <= sum(found.values()) <= PLANTED_NS + OWN_INSTRUCTIONS
    assert max(worst["phases"], key=lambda each: each["ns"])["name"] == phase
    assert f" {phase}: planted (SCHED_OTHER) ran" in worst["why"]
    # The tick may fall into the planted time of the worst sample: then this is said instead, and its handler's time is there.
    rest_ns = next(each["ns"] for each in worst["phases"] if each["name"] == phase) - found[phase]
    assert how in worst["why"] or ("ran, interrupted by hardirq handlers" in worst["why"] and rest_ns > 1000)
    assert f"in {HOLDS[hold]} < {CALLERS.get(hold, 'planted < kthread')}" in worst["why"]


def test_the_holder_of_a_lock_is_preempted_on_preempt_rt(loopgate, planted, tmp_path):
    """A spinlock that is held delays nobody there who does not need it: the stimulus came while the function held it, and it got no instruction
    more."""
    document = explain(loopgate, planted, "preempt-rt-lock.idle", tmp_path, "--worst", 100)
    caught = [sample for sample in document["explained"] if any(HOLDS["lock"] in chain["stack"] for chain in sample["flame"])]
    assert len(caught) >= 3
    for sample in document["explained"]:
        assert sum(ns_in(sample, HOLDS["lock"]).values()) <= OWN_INSTRUCTIONS
        assert sample["latency_ns"] < PLANTED_NS / 4
