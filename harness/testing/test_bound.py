"""`loopgate bound`: what an answer can take at most, composed of the windows that a repeated run had; a planted window of 300 us is in it."""

import json
import shutil

import numpy
import pytest
from conftest import FAIL, INCONCLUSIVE, INVALID, PASS, RECORD, USAGE
from loopgate_report.seal import sealed
from test_sections import OWN_INSTRUCTIONS, PLANTED_NS, planted, sections

FILE = "worst-case.json"
SAMPLES = 300
TERMS = ["interrupts off", "hardirq", "preemption off", "scheduling of the irq thread", "irq thread", "payload wakeup latency", "payload and its system calls",
         "other interrupts", "other real-time tasks"]  # fmt: skip
PLANTED = f"generic-interrupts-alone-{PLANTED_NS}.idle"


@pytest.fixture(scope="module")
def measured(loopgate, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bound")
    planted_kernel = planted("generic", "interrupts-alone", PLANTED_NS, folder)
    run = folder / "run"
    done = loopgate("run", "irq-to-gpio", "--kernel", planted_kernel, "--kernel", "preempt-rt", "--load", "idle", "--samples", SAMPLES, "--jobs", 2, "--out", run)
    assert done.returncode == PASS, done.stderr
    return run


def bound(loopgate, run, *options):
    done = loopgate("bound", run, *options)
    assert done.returncode == PASS, done.stderr
    return {cell["cell"]: cell for cell in json.loads((run / FILE).read_text())["cells"]}, done.stdout


@pytest.fixture(scope="module")
def bounded(loopgate, measured):
    return bound(loopgate, measured)


def latencies(run, cell):
    records = numpy.fromfile(run / "cells" / cell / "samples.lgs", dtype=RECORD, offset=64)
    counted = records[(records["flags"] & (8 | 16)) == 0]
    return (counted["response_ns"] - counted["stimulus_ns"])[(counted["flags"] & 2) != 0]


@pytest.mark.parametrize("name", [PLANTED, "preempt-rt.idle"])
def test_no_sample_exceeds_the_sum_of_the_terms(measured, bounded, name):
    cell = bounded[0][name]
    outcome = json.loads((measured / "cells" / name / "outcome.json").read_text())
    assert cell["samples_sha256"] == outcome["artifacts"]["samples.lgs"]["sha256"]
    assert [term["name"] for term in cell["terms"]] == TERMS
    assert sum(term["ns"] for term in cell["terms"]) == cell["bound_ns"]
    measured_ns = latencies(measured, name)
    assert len(measured_ns) == cell["samples"] == SAMPLES
    assert measured_ns.max() == cell["observed_max_ns"] <= cell["bound_ns"]


def test_a_planted_window_is_in_the_bound_whether_a_stimulus_met_it_or_not(bounded):
    cell = bounded[0][PLANTED]
    longest = cell["terms"][0]
    assert PLANTED_NS <= longest["ns"] <= PLANTED_NS + OWN_INSTRUCTIONS
    assert longest["from"].startswith("planted_interrupts_off_alone of planted at ")
    assert cell["bound_ns"] > PLANTED_NS + cell["terms"][1]["ns"]
    # Without it the kernel's own code stays far below.
    assert bounded[0]["preempt-rt.idle"]["bound_ns"] < PLANTED_NS / 2


def test_the_longest_windows_are_those_that_sections_lists(loopgate, measured, bounded):
    recorded = sections(loopgate, measured)[0]
    for name, cell in bounded[0].items():
        kinds = {kind["kind"]: kind for kind in recorded[name]["kinds"]}
        assert cell["longest_irq_off"]["ns"] == kinds["interrupts off"]["max_ns"]
        assert cell["longest_preempt_off"]["ns"] == kinds["preemption off"]["max_ns"]


def test_the_screen_says_what_it_is(bounded):
    for words in ("observed max", "of the bound", "the sum of:", "planted_interrupts_off_alone of planted", "nothing of code that did not run", "virtual"):
        assert words in bounded[1]


def test_bound_again_gives_the_same_bytes_and_takes_in_what_was_hunted(loopgate, measured, bounded, tmp_path):
    before = (measured / FILE).read_text()
    name = "preempt-rt.idle"
    done = loopgate("hunt", measured, "--cell", name, "--budget", "0.1")
    assert done.returncode == PASS, done.stderr
    (cell,) = json.loads((measured / "hunt.json").read_text())["cells"]
    found = cell["worst"][0]["latency_ns"]
    assert (measured / FILE).read_text() == before, "the bound knows nothing of it yet"
    gated = gate(loopgate, measured, tmp_path)
    assert gated.returncode == INCONCLUSIVE and f"`loopgate bound` with --cell {name}" in gated.stdout + gated.stderr
    assert bound(loopgate, measured, "--cell", name)[0].keys() == bounded[0].keys(), "those of the others are kept"
    again = bound(loopgate, measured)[0]
    (measured / FILE).write_text(before)
    (measured / "hunt.json").unlink()
    own, earlier = again.pop(name), {**bounded[0]}
    was = earlier.pop(name)
    assert again == earlier, "to the byte where nobody hunted"
    assert own["with_hunted_ns"] == found <= own["bound_ns"], "the hunted run is recorded, too"
    assert own["bound_ns"] >= was["bound_ns"] and own["longest_irq_off"]["ns"] >= was["longest_irq_off"]["ns"]


@pytest.mark.parametrize(("options", "complaint"), [(["--kernel", "generc"], "the run has no kernel generc"), (["--cell", "x.idle"], "the run has no cell x.idle")])
def test_a_mistake_is_refused_and_changes_nothing(loopgate, measured, bounded, options, complaint):
    before = (measured / FILE).read_bytes()
    done = loopgate("bound", measured, *options)
    assert done.returncode == USAGE
    assert complaint in done.stderr
    assert (measured / FILE).read_bytes() == before


def test_samples_that_were_altered_leave_no_earlier_bound(loopgate, measured, bounded, tmp_path):
    run = shutil.copytree(measured, tmp_path / "run")
    samples = run / "cells" / "preempt-rt.idle" / "samples.lgs"
    samples.write_bytes(samples.read_bytes()[:-1] + b"\1")
    done = loopgate("bound", run, "--kernel", "preempt-rt")
    assert done.returncode == INVALID
    assert [cell["cell"] for cell in json.loads((run / FILE).read_text())["cells"]] == [PLANTED], "that of the other kernel is as it was"
    assert loopgate("bound", run).returncode == INVALID
    assert not (run / FILE).exists()


# --- In a policy ------------------------------------------------------------------------------------------------------------------

POLICY = """title = "t"
suite = "irq-to-gpio"
time_base = "virtual"
[[budget]]
kernel = "preempt-rt"
load = "*"
bound_us = {bound}
longest_irq_off_us = 20
"""


def gate(loopgate, run, folder, limit_us=100):
    policy = folder / "worst-case.toml"
    policy.write_text(POLICY.format(bound=limit_us))
    return loopgate("gate", run, "--policy", policy)


def test_a_policy_limits_the_bound(loopgate, measured, bounded, tmp_path):
    done = gate(loopgate, measured, tmp_path)
    assert done.returncode == PASS, done.stdout + done.stderr
    assert "bound at most 100 us" in done.stdout and "longest irq off at most 20 us" in done.stdout
    assert gate(loopgate, measured, tmp_path, limit_us=10).returncode == FAIL


def test_what_was_not_composed_never_passes(loopgate, measured, bounded, tmp_path):
    run = shutil.copytree(measured, tmp_path / "run")
    (run / FILE).unlink()
    done = gate(loopgate, run, tmp_path)
    assert done.returncode == INCONCLUSIVE
    assert "`loopgate bound` on this run's folder, with --kernel preempt-rt --load idle" in done.stdout


def test_a_sample_above_the_bound_makes_it_invalid(loopgate, measured, bounded, tmp_path):
    run = shutil.copytree(measured, tmp_path / "run")
    document = json.loads((run / FILE).read_text())
    for cell in document["cells"]:
        short = cell["observed_max_ns"] - 1
        cell.update(bound_ns=short, terms=[{"name": "hardirq", "ns": short, "from": "made up"}])
    (run / FILE).write_text(json.dumps(document))
    done = gate(loopgate, run, tmp_path)
    assert done.returncode == INVALID and "sha256 is missing" in done.stdout
    (run / FILE).write_text(sealed(document))
    done = gate(loopgate, run, tmp_path)
    assert done.returncode == INVALID
    assert "the model is broken" in done.stdout


def test_a_bound_of_other_samples_is_invalid(loopgate, measured, bounded, tmp_path):
    run = shutil.copytree(measured, tmp_path / "run")
    document = json.loads((run / FILE).read_text())
    for cell in document["cells"]:
        cell["samples_sha256"] = "0" * 64
    (run / FILE).write_text(sealed(document))
    done = gate(loopgate, run, tmp_path)
    assert done.returncode == INVALID
    assert f"{FILE} is of other samples of preempt-rt.idle than those in its folder" in done.stdout


def test_a_damaged_file_is_invalid(loopgate, measured, bounded, tmp_path):
    run = shutil.copytree(measured, tmp_path / "run")
    (run / FILE).write_text((run / FILE).read_text()[:-100])
    done = gate(loopgate, run, tmp_path)
    assert done.returncode == INVALID
    assert FILE in done.stdout + done.stderr
