"""The virtual board of 32 bits: it measures as the others do, and what it lacks is refused by name."""

import json

import pytest
from bench import long
from conftest import BUILD, INVALID, PASS, RESPONDER, USAGE, Run, faulty
from test_amd64 import digest

BOARD = "qemu-virt-armhf"
KERNELS = ("generic", "preempt-rt", "rt-irq-threads")
SAMPLES = 300

# Else they may be of an earlier state of the tree: only long tests build them.
pytestmark = [long, pytest.mark.skipif(not (BUILD / "target-armhf" / "programs.cpio").exists(), reason="the programs of 32 bits are not built: cmake --build build --target target-armhf")]


@pytest.fixture
def on_armhf(measure):
    return lambda *suite, **options: measure(*suite, board=BOARD, repeat=1, **options)


@pytest.fixture(scope="module")
def mixed(loopgate, tmp_path_factory):
    """Three kernels under load on a quiet host, for all tests that only read."""
    path = tmp_path_factory.mktemp("on-armhf") / "run"
    words = [word for kernel in KERNELS for word in ("--kernel", kernel)]
    done = loopgate("run", "irq-to-gpio", "--board", BOARD, *words, "--load", "mixed", "--samples", SAMPLES, "--repeat", 1, "--jobs", 2, "--out", path)
    assert done.returncode == PASS, done.stderr
    return Run(path, done.returncode, done.stderr, done.stdout)


def test_equal_inputs_give_equal_samples_with_another_boot_other_work_and_other_jobs(mixed, on_armhf, fresh_states, busy_host):
    cell = "preempt-rt.mixed"
    alone = on_armhf(jobs=1, kernel="preempt-rt", load="mixed", samples=SAMPLES)
    assert alone.status == PASS, alone.errors
    assert alone.outcome(cell)["host_seconds"]["boot"] > 0
    assert digest(alone, cell) == digest(mixed, cell)


def test_the_kernels_are_told_apart_judged_and_drawn(mixed, loopgate, tmp_path):
    p99 = {kernel: sorted(mixed.latencies(f"{kernel}.mixed"))[int(SAMPLES * 0.99)] for kernel in KERNELS}
    assert p99["rt-irq-threads"] < p99["preempt-rt"] < p99["generic"] / 2, p99
    policy = tmp_path / "policy.toml"
    policy.write_text(f'title = "t"\nsuite = "irq-to-gpio"\ntime_base = "virtual"\nmin_stimuli = {SAMPLES}\n[[budget]]\nkernel = "preempt-rt"\nload = "mixed"\nmax_us = {p99["generic"] // 1000}\nunanswered = 0\n')
    judged = loopgate("gate", mixed.path, "--policy", policy)
    assert judged.returncode == PASS, judged.stdout + judged.stderr
    drawn = loopgate("report", mixed.path)
    assert drawn.returncode == PASS, drawn.stderr
    assert BOARD in (mixed.path / "report" / "index.html").read_text(encoding="utf-8")


def test_a_planted_delay_is_in_the_latency_to_the_nanosecond(on_armhf, suite_file):
    medians = []
    for instructions in (110_000, 210_000):
        suite = suite_file(f"delay-{instructions}", **faulty(RESPONDER, "--delay-instructions", instructions, programs="target-armhf"))
        run = on_armhf(suite=suite, kernel="preempt-rt", load="idle", samples=21)
        assert run.status == PASS, run.errors
        medians.append(sorted(run.latencies("preempt-rt.idle"))[10])
    assert abs(medians[1] - medians[0] - 100_000) <= 32, medians  # two ticks of the guest's timer, by which each stimulus meets it


def test_the_inspection_pipeline_decides_as_on_arm64(measure):
    narrow, wide = (measure("inspection", board=board, kernel="preempt-rt", load="idle", samples=10, repeat=1) for board in (BOARD, "qemu-virt-arm64"))
    assert narrow.status == wide.status == PASS, narrow.errors + wide.errors
    decided, expected = (run.frames("preempt-rt.idle") for run in (narrow, wide))
    assert (decided["frame"] == expected["frame"]).all() and (decided["decision"] == expected["decision"]).all()
    assert len(set(decided["decision"])) > 1


def test_programs_measure_by_themselves(on_armhf):
    run = on_armhf("rt-tests", kernel="preempt-rt", load="idle", program="cyclictest")
    assert run.status == PASS, run.errors
    (seen,) = json.loads((run.cell("preempt-rt.idle") / "programs.json").read_text())["programs"]
    assert seen["result"] == "pass", seen


@pytest.mark.parametrize("command", [("explain", "--cell", "preempt-rt.mixed"), ("sections",), ("bound",), ("hunt", "--budget", 5)], ids=lambda command: command[0])
def test_what_cannot_be_followed_is_refused_by_name(mixed, loopgate, command):
    refused = loopgate(command[0], mixed.path, *command[1:])
    assert refused.returncode == USAGE, refused.stdout + refused.stderr
    assert "of armhf" in refused.stderr and "arm64 or amd64" in refused.stderr, refused.stderr


def test_a_probe_needs_the_kernels_types_which_debians_has_not(loopgate, tmp_path):
    refused = loopgate("run", "irq-to-gpio", "--board", BOARD, "--kernel", "generic", "--load", "idle", "--samples", 20, "--probe", "ebpf", "--out", tmp_path / "run")
    assert refused.returncode == INVALID, refused.stdout + refused.stderr
    assert "the kernel has no type information (/sys/kernel/btf/vmlinux)" in refused.stderr, refused.stderr


def test_a_kernel_from_source_is_refused_before_anything_is_built(loopgate, toml_file):
    own = toml_file("own.toml", 'title = "own"\n[source]\nsource_package = "linux-source-6.12"\nbase = "tinyconfig"\n')
    refused = loopgate("plan", "irq-to-gpio", "--board", BOARD, "--kernel", own)
    assert refused.returncode == USAGE
    assert f"built from source, which is done for arm64 and amd64 alone, and board {BOARD} is armhf" in refused.stderr, refused.stderr
