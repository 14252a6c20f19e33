"""What the virtual bench promises of a board with several CPUs: equal samples whatever the host does, turns that the bench measures, and refusals by name."""

import hashlib
import json

import pytest
from conftest import INVALID, PASS, USAGE

BOARD = "qemu-virt-arm64-smp"
CELL = "preempt-rt.mixed"


def digest(run):
    return hashlib.sha256((run.cell(CELL) / "samples.lgs").read_bytes()).hexdigest()


@pytest.fixture
def smp_run(measure):
    return lambda **more: measure(board=BOARD, kernel="preempt-rt", load="mixed", samples=100, **more)


def test_two_cpus_give_equal_samples_on_a_busy_host_and_say_how_they_took_turns(smp_run, loopgate, busy_host):
    run = smp_run(verify_determinism=True)
    assert run.status == PASS, run.errors
    assert "2 CPUs in turns of 200 ns" in run.output
    assert run.outcome(CELL)["self_check"]["longest_turn_ns"] == 200
    rows = {(row["kind"], row["asked"]): row for row in run.evidence(CELL)["asked_for"]}
    assert rows["CPUs", "in turns of 200 ns"]["read_back"] == "the longest took 200 ns"
    assert rows["CPUs", "the payload on 1"]["became"] == "in effect"
    assert rows["CPUs", "2 online"]["became"] == "in effect"
    for command in (["explain", "--worst", "1"], ["sections"], ["hunt"], ["bound"]):
        refused = loopgate(command[0], run.path, "--cell", CELL, *command[1:])
        assert refused.returncode == USAGE, command
        assert f"board {BOARD} has 2 CPUs" in refused.stderr, command


def test_a_new_boot_and_turns_of_the_main_loop_change_nothing(smp_run, fresh_states, turning_qemu):
    quiet = smp_run()
    for state in (fresh_states / "states").glob("*/state.json"):
        state.unlink()
    turns = turning_qemu()
    turned = smp_run()
    assert quiet.status == turned.status == PASS, quiet.errors + turned.errors
    assert turned.outcome(CELL)["host_seconds"]["boot"] > 0
    assert digest(quiet) == digest(turned)
    assert len(turns()) == 2


def test_a_cpu_that_does_not_come_up_is_named(measure, toml_file):
    kernel = toml_file("one-up.toml", based_on="fixtures/kernels/preempt-rt.toml", replace=[("[source]", 'arguments = "maxcpus=1"\n\n[source]')])
    run = measure(board=BOARD, kernel=kernel, load="idle", samples=20)
    assert run.status == INVALID
    reason = json.loads((run.cell("one-up.idle") / "outcome.json").read_text())["reason"]
    assert "CPU" in reason, reason
