"""The inspection pipeline on the emulated boards, as on a bench: three jumpers, the verdict read when the response comes, and the same decisions as the
virtual bench's for the same seed. Deadline and beat are an emulator's: a decision takes it 20 times as long as the virtual bench, and more on a busy host."""

import numpy
import pytest
from bench import is_measured, long, on_bench, with_jumpers
from conftest import BUILD, INVALID, PASS, ROOT, Run

pytestmark = long

SEED = 5
SAMPLES = 20
KERNEL = "preempt-rt"
CELL = f"{KERNEL}.idle"
DEADLINE_US = 2_000_000
DECIDED = 64 | 128 | 256  # OK, wrong, wrong frame
OTHERS = ["--jumper", "6:0", "--jumper", "1:2"]
PROGRAMS = BUILD / "target-amd64" / "programs.cpio"


@pytest.fixture(scope="module", params=["qemu-arm64-disk", "qemu-x86-disk"])
def board(request, tmp_path_factory):
    if request.param == "qemu-x86-disk" and not PROGRAMS.exists():
        pytest.skip("x86's programs are not built: cmake --build build --target target-amd64")
    with on_bench(tmp_path_factory.mktemp("bench"), "--board", request.param) as board:
        board.name = request.param
        yield board


@pytest.fixture
def inspect(loopgate, board, tmp_path):
    """Runs a suite on the board, idle; `options` are those of `run`."""

    def call(suite, *options, samples=SAMPLES):
        out = tmp_path / "on-board"
        words = ["run", suite, "--board", board.name, "--lab", board.folder / "lab.toml", "--kernel", KERNEL, "--load", "idle", "--samples", samples, "--seed", SEED, "--out", out]
        done = loopgate(*words, *options, limit_s=3000)
        return Run(out, done.returncode, done.stderr, done.stdout)

    return call


def stretched(suite_file, of, *replace):
    """The suite's own file, with times that an emulator can hold."""
    return suite_file(of, of=of, replace=replace).parent


def decided(run):
    """What was said of each part after the self-checks, by their order; -1: no answer."""
    samples = run.samples(CELL)
    sent = samples[((samples["flags"] & 16) == 0) & ((samples["flags"] & 1) != 0)]
    return numpy.where((sent["flags"] & 2) != 0, (sent["flags"] & DECIDED).astype(int), -1)


def same_as_virtual(run, measure, suite, *, frames=1):
    virtual = measure(suite, kernel=KERNEL, load="idle", samples=SAMPLES, seed=SEED, repeat=1)
    assert virtual.status == PASS, virtual.errors
    there, here = decided(run), decided(virtual)
    assert len(here) == len(run.frames(CELL)) // frames
    answered = there >= 0
    assert answered.sum() >= SAMPLES - 2, "an emulator on a busy host may lose one"
    assert (there[answered] == here[answered]).all()
    assert (run.frames(CELL)["decision"] == virtual.frames(CELL)["decision"]).all()


def test_the_decisions_are_the_virtual_benchs(inspect, measure):
    run = inspect("inspection", "--deadline-us", DEADLINE_US)
    is_measured(run.path, CELL)
    assert run.status == PASS, run.errors
    same_as_virtual(run, measure, "inspection")
    assert run.summary(CELL)["stages"]["count"] == run.summary(CELL)["decisions"]["count"]
    assert run.summary(CELL)["decisions"]["wrong_frame"] == 0


def test_scenes_of_three_frames(inspect, measure, suite_file):
    times = (("[98000, 100000]", "[2900000, 3000000]"), ("deadline_us = 300000", "deadline_us = 2500000"), ("response_timeout_ms = 400", "response_timeout_ms = 2800"))
    run = inspect(stretched(suite_file, "inspection-adas", *times))
    is_measured(run.path, CELL)
    same_as_virtual(run, measure, "inspection-adas", frames=3)


def test_back_to_back(inspect, measure):
    run = inspect("inspection-rate", "--deadline-us", DEADLINE_US)
    is_measured(run.path, CELL)
    same_as_virtual(run, measure, "inspection-rate")
    assert run.summary(CELL)["not_sent"] == 0


def test_the_model_is_replaced_while_parts_come(inspect, suite_file):
    swaps = (("20:{model}", "5:{model}"), ("80:{damaged}", "9:{damaged}"), ("140:{foreign}", "13:{foreign}"))
    times = (("[48000, 52000]", "[2900000, 3000000]"), ("deadline_us = 30000", f"deadline_us = {DEADLINE_US}"), ("response_timeout_ms = 45", "response_timeout_ms = 2800"))
    run = inspect(stretched(suite_file, "inspection-swap", *swaps, *times))
    is_measured(run.path, CELL)
    swapped = run.evidence(CELL)["payload"]["swaps"]
    assert [swap["accepted"] for swap in swapped] == [True, False, False]


@pytest.mark.parametrize(
    ("jumpers", "said", "status"),
    [
        (OTHERS, "nothing arrives at line 5 (verdict_in) when line 4 (verdict) rises", PASS),
        (["--jumper", "6:0", "--jumper", "1:5", "--jumper", "4:2"], "the jumper from line 1 (response) leads to line 5 (verdict_in)", INVALID),
        ([*OTHERS, "--stuck", "4:5:0"], "line 5 (verdict_in)", PASS),
    ],
)
def test_a_verdicts_wire_that_is_missing_swapped_or_held_is_the_benchs_fault(loopgate, board, inspect, jumpers, said, status):
    """Suites without decisions go without: what is wrong with this wire alone does not make the board unfit."""
    with with_jumpers(board, *jumpers):
        asked = loopgate("doctor", "--board", board.name, "--lab", board.folder / "lab.toml")
        assert said in asked.stdout
        assert asked.returncode == status, asked.stdout
        run = inspect("inspection", "--deadline-us", DEADLINE_US)
        assert run.status == INVALID, run.errors
        assert said in run.errors


def test_a_verdicts_wire_that_sticks_while_measuring_is_found(board, inspect):
    """The check's 102 changes are over by then. The line says OK from there on, and the payload's record NG."""
    with with_jumpers(board, *OTHERS, "--stuck", "4:5:104"):
        run = inspect("inspection", "--deadline-us", DEADLINE_US)
        assert run.status == INVALID, run.errors
        assert "another decision than the verdict pin showed" in run.errors
