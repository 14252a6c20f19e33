"""`loopgate sections`: the run is made again, equal to the nanosecond, and every window with interrupts or preemption off is there; windows
that were planted have their length to the nanosecond."""

import json
import shutil
import subprocess

import numpy
import pytest
from bench import LONG, long
from conftest import PASS, RECORD, ROOT, USAGE

KINDS = ["interrupts off", "preemption off", "softirqs off", "interrupt handler"]
LOCKS = "lock wait"  # where spinlocks are mutexes
PLANTED_NS = 300_000  # one virtual ns an instruction
OWN_INSTRUCTIONS = 32  # of the planted function's window beside its loop
FILES = ("sections.json", "sections.csv", "sections.folded")
SAMPLES = 300


@pytest.fixture(scope="module")
def measured(loopgate, tmp_path_factory):
    path = tmp_path_factory.mktemp("sections") / "run"
    done = loopgate("run", "irq-to-gpio", "--kernel", "generic", "--kernel", "preempt-rt", "--load", "mixed", "--samples", SAMPLES, "--jobs", 2, "--out", path)
    assert done.returncode == PASS, done.stderr
    return path


def sections(loopgate, run, *options):
    done = loopgate("sections", run, *options)
    assert done.returncode == PASS, done.stderr
    return {cell["cell"]: cell for cell in json.loads((run / "sections.json").read_text())["cells"]}, done.stdout


@pytest.fixture(scope="module")
def recorded(loopgate, measured):
    """What is said of each cell, all of the program's output, and its files."""
    cells, screen = sections(loopgate, measured)
    return cells, screen, {name: (measured / name).read_bytes() for name in FILES}


def kind(cell, name):
    return cell["kinds"][KINDS.index(name)]


@pytest.mark.parametrize("name", ["generic.mixed", "preempt-rt.mixed"])
def test_the_recorded_run_is_the_measured_one_and_has_its_windows(measured, recorded, name):
    cell = recorded[0][name]
    check_windows(measured, cell)
    assert [each["kind"] for each in cell["kinds"]] == KINDS + [LOCKS] * cell["preemptible"]
    assert kind(cell, "interrupts off")["count"] >= 100_000
    assert kind(cell, "preemption off")["count"] >= 100_000
    assert kind(cell, "interrupt handler")["count"] >= SAMPLES, "each stimulus raises an interrupt"
    assert cell["unclosed"] <= len(KINDS)


def check_windows(run, cell):
    """Of the samples that were measured; each kind adds up, falls to its longest window, and nothing is without a name."""
    outcome = json.loads((run / "cells" / cell["cell"] / "outcome.json").read_text())
    assert cell["samples_sha256"] == outcome["artifacts"]["samples.lgs"]["sha256"]
    for each in cell["kinds"]:
        assert sum(holder["count"] for holder in each["holders"]) == each["count"]
        assert sum(holder["total_ns"] for holder in each["holders"]) == each["total_ns"]
        # On one CPU windows of a kind follow one another, and one may have begun before the recording. Several tasks may wait for locks at once.
        assert each["kind"] == LOCKS or each["total_ns"] <= cell["recorded_ns"] + each["max_ns"]
        if each["count"] == 0:
            continue
        lengths = [window["length_ns"] for window in each["longest"]]
        assert lengths == sorted(lengths, reverse=True) and len(lengths) == min(10, each["count"])
        assert lengths[0] == each["max_ns"] >= each["p99_9_ns"] >= each["p99_ns"] >= each["p50_ns"] > 0
        counts = [count for _, count in each["exceedance"]]
        assert counts == sorted(counts, reverse=True) and counts[0] <= each["count"] and counts[-1] >= 1
        assert each["exceedance"][-1][0] == each["max_ns"]
        for window in each["longest"]:
            assert window["chain"], "the longest have their call chains"
            for place in (window["opened"],) if each["kind"] == LOCKS else (window["opened"], window["closed"]):
                assert not place["function"].startswith("0x"), "a kernel address without a name"


def test_the_rule_of_preemption_is_the_kernels_own(recorded):
    generic, realtime = recorded[0]["generic.mixed"], recorded[0]["preempt-rt.mixed"]
    assert (generic["preemptible"], realtime["preemptible"]) == (False, True)
    # PREEMPT_RT's softirqs are off by a lock, which the preempt count knows nothing of.
    assert kind(generic, "softirqs off")["count"] > 0 == kind(realtime, "softirqs off")["count"]
    # What PREEMPT_RT is for.
    assert kind(generic, "preemption off")["max_ns"] > 10 * kind(realtime, "preemption off")["max_ns"]
    assert kind(generic, "interrupts off")["max_ns"] > 10 * kind(realtime, "interrupts off")["max_ns"]


def test_on_preempt_rt_real_time_tasks_wait_for_locks_that_others_have(recorded):
    cell, screen = recorded[0]["preempt-rt.mixed"], recorded[1]
    waits = cell["kinds"][-1]
    assert waits["count"] >= 10
    assert 1_000 < waits["max_ns"] < 1_000_000, "the holder has the waiter's priority meanwhile"
    for each in waits["longest"]:
        assert each["holder"] and each["holder_pid"] != each["pid"] != 0
        assert each["opened"]["through"] in each["chain"], "it left the CPU in the lock's function"
        assert each["opened"]["function"] in each["chain"]
    assert any(each["closed"]["through"].startswith(("rt_", "mutex_")) for each in waits["longest"]), "where a holder took it"
    assert "lock wait, the longest:" in screen and ", taken in " in screen


def test_the_screen_has_a_row_for_each_kind(recorded):
    screen = recorded[1]
    for words in ("generic.mixed: ", "preempt-rt.mixed: ", "virtual time", "the samples are those that were measured", "held most by:"):
        assert words in screen
    assert "fewer than" not in screen
    rows = [line for line in screen.splitlines() if line.startswith("interrupts off  ")]
    assert len(rows) == 2 and all(" us  " in row for row in rows)


def test_the_files_say_the_same(recorded):
    cells, _, files = recorded
    rows = files["sections.csv"].decode().splitlines()
    holders = sum(len(each["holders"]) for cell in cells.values() for each in cell["kinds"])
    assert len(rows) == 1 + holders
    assert all(row.count(",") == rows[0].count(",") for row in rows)
    folded = [line.rsplit(" ", 1) for line in files["sections.folded"].decode().splitlines()]
    assert sum(int(ns) for _, ns in folded) == sum(each["total_ns"] for cell in cells.values() for each in cell["kinds"])


def test_recorded_twice_the_bytes_are_equal(loopgate, measured, recorded, tmp_path):
    """One cell's, in a copy of the run."""
    name = "preempt-rt.mixed"
    run = shutil.copytree(measured, tmp_path / "run", ignore=shutil.ignore_patterns("sections.*"))
    assert sections(loopgate, run, "--cell", name)[0] == {name: recorded[0][name]}
    for file in ("sections.csv", "sections.folded"):
        first, again = recorded[2][file].decode().splitlines(), (run / file).read_text().splitlines()
        rows = [line for line in first if line.startswith(name)]
        assert rows and [line for line in again if line.startswith(name)] == rows


@pytest.mark.parametrize(("options", "complaint"), [
    (["--kernel", "generc"], "the run has no kernel generc"),
    (["--load", "idle"], "the run has no load idle"),
    (["--cell", "generic.mixed", "--load", "mixed"], "--cell names replicates"),
])  # fmt: skip
def test_a_mistake_is_refused_and_changes_nothing(loopgate, measured, recorded, options, complaint):
    done = loopgate("sections", measured, *options)
    assert done.returncode == USAGE
    assert complaint in done.stderr
    assert {name: (measured / name).read_bytes() for name in FILES} == recorded[2]


# --- Planted windows --------------------------------------------------------------------------------------------------------------


def planted(kernel, hold, instructions, folder, architecture="arm64"):
    words = ["--architecture", architecture, "--kernel", kernel, "--hold", hold, "--instructions", str(instructions), "--to", folder / str(instructions)]
    made = subprocess.run([ROOT / "fixtures/planted/make", *words], capture_output=True, text=True, check=False, timeout=600)
    assert made.returncode == 0, made.stderr
    file = folder / f"{kernel}-{hold}-{instructions}.toml"
    file.write_text(open(made.stdout.strip(), encoding="utf-8").read(), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def truth(loopgate, tmp_path_factory):
    """Kernels with a module that masks interrupts for a known time, of two lengths, and one that keeps preemption off."""
    folder = tmp_path_factory.mktemp("planted-sections")
    words = []
    for kernel in ("generic", "preempt-rt"):
        for hold, instructions in (("interrupts-alone", PLANTED_NS), ("interrupts-alone", 200_000), ("preemption-alone", PLANTED_NS)):
            if LONG or kernel != "generic":
                words += ["--kernel", planted(kernel, hold, instructions, folder)]
    run = folder / "run"
    done = loopgate("run", "irq-to-gpio", *words, "--load", "idle", "--samples", SAMPLES, "--jobs", 2, "--out", run)
    assert done.returncode == PASS, done.stderr
    return sections(loopgate, run)[0]


def windows_of(each, function):
    return [window for window in each["longest"] if function == window["opened"]["function"] == window["closed"]["function"]]


@pytest.mark.parametrize("kernel", [pytest.param("generic", marks=long), "preempt-rt"])  # test_bound.py finds that of generic
def test_planted_windows_with_interrupts_off_are_found_to_the_nanosecond(truth, kernel):
    lengths = {}
    for instructions in (PLANTED_NS, 200_000):
        found = windows_of(kind(truth[f"{kernel}-interrupts-alone-{instructions}.idle"], "interrupts off"), "planted_interrupts_off_alone")
        assert len(found) >= 5
        assert {window["task"] for window in found} == {"planted"}
        assert len({window["length_ns"] for window in found}) == 1, "no interrupt can come in"
        lengths[instructions] = found[0]["length_ns"]
        assert instructions <= lengths[instructions] <= instructions + OWN_INSTRUCTIONS
    assert lengths[PLANTED_NS] - lengths[200_000] == PLANTED_NS - 200_000


def test_a_planted_window_with_preemption_off_is_found_to_the_nanosecond(truth):
    found = windows_of(kind(truth[f"preempt-rt-preemption-alone-{PLANTED_NS}.idle"], "preemption off"), "planted_preemption_off_alone")
    assert len(found) >= 5
    assert {window["task"] for window in found} == {"planted"}
    # Interrupts may come in; where none did, it has its own instructions alone.
    assert PLANTED_NS <= min(window["length_ns"] for window in found) <= PLANTED_NS + OWN_INSTRUCTIONS


@long  # another boot
def test_a_kernel_that_does_not_preempt_itself_is_held_up_until_it_looks(truth):
    """There the planted function is a part of the window, which goes from one call of the scheduler to the next."""
    longest = kind(truth[f"generic-preemption-alone-{PLANTED_NS}.idle"], "preemption off")["longest"][0]
    assert PLANTED_NS <= longest["length_ns"] <= PLANTED_NS + 20_000
    assert "planted" in longest["chain"]


@long
def test_the_window_that_the_first_counted_stimulus_met_is_there_from_its_begin_on(loopgate, suite_file, tmp_path):
    run = tmp_path / "run"
    suite = suite_file("long-before", replace=[("warm_up = 100", "warm_up = 400")])  # so that the load can prove itself
    done = loopgate("run", suite, "--kernel", "generic", "--load", "mixed", "--samples", 1, "--repeat", 3, "--jobs", 2, "--out", run)
    assert done.returncode == PASS, done.stderr
    names = ["generic.mixed", "generic.mixed.2", "generic.mixed.3"]
    cells, _ = sections(loopgate, run, *(word for name in names for word in ("--cell", name)))
    in_one = []
    for name in names:
        samples = numpy.fromfile(run / "cells" / name / "samples.lgs", dtype=RECORD, offset=64)
        stimulus_ns = samples["stimulus_ns"][(samples["flags"] & (8 | 16)) == 0][0]
        met = [window for window in kind(cells[name], "preemption off")["longest"] if window["begin_ns"] < stimulus_ns]
        assert all(stimulus_ns < window["begin_ns"] + window["length_ns"] for window in met)
        if met:
            in_one.append(name)
    assert in_one, "a kernel that does not preempt itself is in one about half of the time, under load: take another seed"
    composed = loopgate("bound", run, "--cell", in_one[0])
    assert composed.returncode == PASS, composed.stderr
