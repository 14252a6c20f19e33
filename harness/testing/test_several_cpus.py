"""What the virtual bench promises of a board with several CPUs: equal samples whatever the host does, turns that the bench measures, isolation that is read back, and
refusals by name."""

import hashlib
import json
import os
import re

import pytest
from bench import long
from conftest import INVALID, PASS, USAGE, Run
from test_sections import KINDS, LOCKS, OWN_INSTRUCTIONS, PLANTED_NS, check_windows, planted, sections, windows_of

BOARD = "qemu-virt-arm64-smp"
SLICE_NS = 200
CELL = "preempt-rt.mixed-housekeeping"
ISOLATED = "rt-isolated.mixed-housekeeping"


SAMPLES = 150


def digest(run):
    return hashlib.sha256((run.cell(CELL) / "samples.lgs").read_bytes()).hexdigest()


@pytest.fixture
def smp_run(measure):
    return lambda **more: measure(**{"board": BOARD, "kernel": "preempt-rt", "load": "mixed-housekeeping", "samples": SAMPLES, **more})


@pytest.fixture(scope="module")
def measured(loopgate, tmp_path_factory):
    """Both kernels on a quiet host, for all tests that only read."""
    path = tmp_path_factory.mktemp("several-cpus") / "run"
    words = ["--board", BOARD, "--kernel", "preempt-rt", "--kernel", "rt-isolated", "--load", "mixed-housekeeping"]
    done = loopgate("run", "irq-to-gpio", *words, "--samples", SAMPLES, "--jobs", 2, "--out", path)
    assert done.returncode == PASS, done.stderr
    return Run(path, done.returncode, done.stderr, done.stdout)


@long
def test_a_busy_host_a_new_boot_and_turns_of_the_main_loop_change_nothing(measured, smp_run, fresh_states, turning_qemu, busy_host):
    turns = turning_qemu()
    turned = smp_run()
    assert turned.status == PASS, turned.errors
    assert turned.outcome(CELL)["host_seconds"]["boot"] > 0
    assert digest(measured) == digest(turned)
    assert len(turns()) == 2


def test_a_run_says_how_the_cpus_took_turns_and_what_was_isolated(measured, loopgate):
    assert "2 ns per instruction, 2 CPUs in turns of 200 ns" in measured.output
    for cell in (CELL, ISOLATED):
        assert measured.outcome(cell)["self_check"]["longest_turn_ns"] == 200
    rows = {row["asked"]: row for row in measured.evidence(ISOLATED)["asked_for"]}
    assert rows["in turns of 200 ns"]["read_back"] == "the longest took 200 ns"
    assert rows["stimulus on 9030000.pl061 0"]["read_back"] == "9030000.pl061 0, its interrupts on CPU 0"
    for asked in ("the payload on 1", "2 online", "isolcpus=managed_irq,domain,1", "rcu_nocbs=1", "irqaffinity=0"):
        assert rows[asked]["became"] == "in effect", rows[asked]
    refused = loopgate("bound", measured.path, "--cell", CELL)
    assert refused.returncode == USAGE
    assert f"board {BOARD} has 2 CPUs, and bounds and paths of programs are of one CPU alone: " in refused.stderr


def test_a_way_over_both_cpus_is_explained(measured, loopgate):
    check_explained(loopgate, measured, CELL)


def test_each_cpus_windows_are_recorded_by_themselves(measured, loopgate):
    """They are of the samples that were measured; the load's are not on the isolated CPU."""
    cells, screen = sections(loopgate, measured.path, "--cell", ISOLATED)
    check_windows(measured.path, cells[ISOLATED])
    assert [(each["kind"], each["cpu"]) for each in cells[ISOLATED]["kinds"]] == [(kind, cpu) for kind in (*KINDS, LOCKS) for cpu in (0, 1)]
    of_cpus = {(each["kind"], each["cpu"]): each for each in cells[ISOLATED]["kinds"]}
    busy, isolated = (of_cpus["preemption off", cpu] for cpu in (0, 1))
    assert busy["count"] > 10 * isolated["count"] > 10_000, "the load is on CPU 0"
    assert any("stress-ng" in window["task"] for window in busy["longest"])
    assert not any("stress-ng" in window["task"] for window in isolated["longest"])
    assert "interrupts off, CPU 1" in screen
    rows = (measured.path / "sections.csv").read_text().splitlines()
    assert {row.split(",")[4] for row in rows[1:]} == {"0", "1"} and rows[0].split(",")[4] == "cpu"


ROUND_NS = 2 * SLICE_NS
ONE_RUN = ("--budget", "0.1")  # and its worst again


def hunt(loopgate, run, *options):
    done = loopgate("hunt", run, *ONE_RUN, *options)
    assert done.returncode == PASS, done.stderr
    return {cell["cell"]: cell for cell in json.loads((run / "hunt.json").read_text())["cells"]}, done.stdout


def check_hunted(cell):
    """Told as of the CPU that takes the interrupt, and sent between rounds of turns."""
    turns = cell["turns"]
    assert (turns["cpus"], turns["slice_ns"], turns["interrupt_cpu"]) == (2, SLICE_NS, 0)
    assert turns["thread_cpu"] in (0, 1)
    assert cell["runs"] >= 2, "one that is aimed, and its worst again"
    assert cell["stimuli"] >= 100 and cell["unanswered"] == 0
    latencies = [each["latency_ns"] for each in cell["worst"]]
    assert latencies == sorted(latencies, reverse=True) and len(latencies) == 10
    for each in cell["worst"]:
        assert each["stimulus_ns"] >= each["shots_ns"][-1], "at the end of the round in which it fell due"
        assert 0 <= each["passed_ns"] <= each["section_ns"]


@pytest.fixture(scope="module")
def hunted(loopgate, measured):
    """What is said of the cell, and all of the program's output."""
    return hunt(loopgate, measured.path, "--cell", CELL)


@long  # as those that follow; cell_hunt_test.cpp and aim_test.cpp have two CPUs
def test_a_hunted_stimulus_repeats_and_so_do_all_that_led_to_it(hunted):
    """`hunt` itself compares the worst, and all before it, with a run that nothing records."""
    cells, screen = hunted
    check_hunted(cells[CELL])
    assert "2 CPUs in turns of 200 ns: a stimulus comes between two rounds,\nat the least a round (400 ns) behind the opening that it is sent at;" in screen
    assert "windows are those with interrupts off of CPU 0, which takes the interrupt" in screen


@long
def test_those_that_a_hunt_keeps_besides_repeat_as_well(measured, hunted, loopgate):
    """`explain` sends them again, and refuses one that takes another time."""
    cells, _ = hunted
    for rank in (2, 5, 10):
        done = loopgate("explain", measured.path, "--cell", CELL, "--hunted", rank)
        assert done.returncode == PASS, done.stderr
        told = re.search(r"hunted, sample \d+: ([0-9.]+) us", done.stdout)
        assert told and abs(float(told[1]) * 1000 - cells[CELL]["worst"][rank - 1]["latency_ns"]) <= 50, done.stdout


@long
def test_a_hunt_is_the_same_on_a_busy_host_whose_main_loop_turns(hunted, smp_run, loopgate, turning_qemu, busy_host):
    turns = turning_qemu()
    turned = smp_run()
    assert turned.status == PASS, turned.errors
    cells, _ = hunt(loopgate, turned.path)
    assert len(turns()) > 2
    assert cells[CELL]["worst"] == hunted[0][CELL]["worst"]


@long
def test_a_planted_window_is_hit_near_its_begin(loopgate, tmp_path):
    """Of 600 us."""
    kernel = planted("preempt-rt", "interrupts-alone", PLANTED_NS, tmp_path)
    done = loopgate("run", "irq-to-gpio", "--board", BOARD, "--kernel", kernel, "--load", "idle", "--samples", 100, "--out", tmp_path / "run")
    assert done.returncode == PASS, done.stderr
    cells, _ = hunt(loopgate, tmp_path / "run")
    (cell,) = cells.values()
    worst = cell["worst"][0]
    check_hunted(cell)
    assert worst["opened"] == worst["closed"] == "planted_interrupts_off_alone"
    assert worst["section"] == "interrupts off" and worst["section_ns"] >= 2 * PLANTED_NS - SLICE_NS
    assert worst["passed_ns"] <= 3 * ROUND_NS
    assert worst["latency_ns"] >= 2 * PLANTED_NS - 3 * ROUND_NS, "all that was left of it"


@long
def test_planted_windows_have_their_length_to_a_turn(loopgate, tmp_path):
    """An instruction takes 2 ns there; the other CPU's turns come before, within or behind."""
    words = []
    for hold in ("interrupts-alone", "preemption-alone"):
        words += ["--kernel", planted("preempt-rt", hold, PLANTED_NS, tmp_path)]
    done = loopgate("run", "irq-to-gpio", "--board", BOARD, *words, "--load", "idle", "--samples", 300, "--jobs", 2, "--out", tmp_path / "run")
    assert done.returncode == PASS, done.stderr
    cells = sections(loopgate, tmp_path / "run")[0]
    for hold, name, function in (("interrupts-alone", "interrupts off", "planted_interrupts_off_alone"), ("preemption-alone", "preemption off", "planted_preemption_off_alone")):
        found = [window for each in cells[f"preempt-rt-{hold}-{PLANTED_NS}.idle"]["kinds"] if each["kind"] == name for window in windows_of(each, function)]
        assert len(found) >= 5
        lengths = [window["length_ns"] for window in found]
        assert abs(min(lengths) - 2 * PLANTED_NS) <= SLICE_NS, lengths
        if name == "interrupts off":
            assert abs(max(lengths) - 2 * PLANTED_NS) <= SLICE_NS + 2 * OWN_INSTRUCTIONS, lengths


def check_explained(loopgate, run, cell):
    """The way goes over both CPUs and adds up, each CPU has a lane, and whoever sent the payload's IPI is named."""
    done = loopgate("explain", run.path, "--cell", cell, "--worst", "5")
    assert done.returncode == PASS, done.stderr
    samples = json.loads((run.cell(cell) / "explain.json").read_text())["explained"]
    for sample in samples:
        check_way(sample)
    senders = [
        (each["cpu"], other["cpu"], sample["tasks"][other["task"]]["name"])
        for sample in samples
        for each in sample["cross_cpu"]
        if each["what"] == "handles an IPI"
        for other in each["others"]
    ]
    assert senders and all(handles != sends for handles, sends, _ in senders)
    assert any(sends == 0 and task.startswith("irq/") for _, sends, task in senders)
    assert "where it depended on another CPU" in done.stdout
    assert loopgate("report", run.path).returncode == PASS
    assert "Where the way depended on another CPU" in (run.path / "report" / "index.html").read_text()


def check_way(sample):
    assert sum(phase["ns"] for phase in sample["phases"]) == sample["latency_ns"]
    phases = {phase["name"]: phase["ns"] for phase in sample["phases"]}
    assert min(phases["hardirq"], phases["irq thread"], phases["payload"]) > 0
    assert [lane["cpu"] for lane in sample["lanes"]] == [0, 1]
    assert all(lane["timeline"][-1]["end_ns"] == sample["latency_ns"] for lane in sample["lanes"])
    at_the_end = {span["cpu"] for span in sample["timeline"] if sample["tasks"][span["task"]]["name"] == "responder"}
    assert at_the_end == {1}


@pytest.mark.skipif(os.environ.get("LOOPGATE_LONG_TESTS") != "1", reason="measures and explains for 2 minutes: set LOOPGATE_LONG_TESTS=1")
@pytest.mark.parametrize("kernel", ["generic", "preempt-rt", "rt-isolated-nohz-full"])
def test_what_is_explained_under_a_storm_of_ipis_is_what_was_measured(smp_run, loopgate, kernel):
    run = smp_run(kernel=kernel, load=["ipi-storm", "cross-lock"], samples=500)
    assert run.status == PASS, run.errors
    for load in ("ipi-storm", "cross-lock"):
        done = loopgate("explain", run.path, "--cell", f"{kernel}.{load}", "--worst", "5", "--phases")
        assert done.returncode == PASS, done.stderr


@long  # a boot of two CPUs; tuning_test.cpp asks for a CPU that is not there
def test_a_cpu_that_does_not_come_up_is_named(measure, toml_file):
    kernel = toml_file("one-up.toml", based_on="fixtures/kernels/preempt-rt.toml", replace=[("[source]", 'arguments = "maxcpus=1"\n\n[source]')])
    run = measure(board=BOARD, kernel=kernel, load="idle", samples=20)
    assert run.status == INVALID
    assert "CPUs of the payload" in run.outcome("one-up.idle")["reason"]


def test_what_does_not_go_with_the_boards_cpus_is_refused_by_name(loopgate, toml_file):
    kernel = toml_file("zero.toml", based_on="fixtures/kernels/rt-isolcpus.toml", replace=[("domain,1", "domain,0")])
    beyond = toml_file("beyond.toml", based_on="fixtures/kernels/rt-irq-threads.toml", replace=[("priority = 40", "priority = 40\ncpus = [2]")])
    for options, why in (
        (["--board", BOARD, "--kernel", kernel, "--load", "idle"], "isolcpus= names 0, and board qemu-virt-arm64-smp measures on 1"),
        (["--board", BOARD, "--kernel", beyond, "--load", "idle"], "the threads irq/* are to keep to CPU 2, and board qemu-virt-arm64-smp has 2 (from 0)"),
        (["--kernel", "preempt-rt", "--load", "mixed-housekeeping"], "board qemu-virt-arm64 has no housekeeping_cpus"),
    ):
        refused = loopgate("plan", "irq-to-gpio", *options)
        assert refused.returncode == USAGE
        assert why in refused.stderr


@pytest.mark.parametrize("thread", ["kcompactd*", "ksoftirqd/1"])
def test_threads_keep_to_cpus_or_are_named(measure, toml_file, thread):
    """The kernel lets nobody move ksoftirqd/1. Both are of one boot, which others share."""
    rule = f'[[tuning.thread]]\nname = "{thread}"\npolicy = "other"\ncpus = [0]\n\n[[check]]\nname = "PREEMPT_RT is built in"'
    kernel = toml_file("kept.toml", based_on="fixtures/kernels/preempt-rt.toml", replace=[('[[check]]\nname = "PREEMPT_RT is built in"', rule)])
    run = measure(board=BOARD, kernel=kernel, load="idle", samples=20)
    (row,) = [row for row in run.evidence("kept.idle")["asked_for"] if row["asked"] == f"threads {thread}: other on CPU 0"]
    if thread == "kcompactd*":
        assert run.status == PASS, run.errors
        assert row["became"] == "in effect" and "kcompactd0 (pid " in row["read_back"], row
    else:
        assert run.status == INVALID, run.errors
        assert row["became"] == "not in effect" and "other on CPU 1 (Invalid argument)" in row["read_back"], row
