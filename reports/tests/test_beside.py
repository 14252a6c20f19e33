"""The page of a run in which a program measured by itself beside the payload."""
import json

import pytest
from conftest import run_report
from made_up_run import MadeUpRun
from test_programs_page import change

SAYS = "median 18.8 us by the pin, 5.00 to 6.00 us by cyclictest (self-measured, 120 cycles)"


def beside():
    figures = [
        {"name": "p50", "pin_ns": 18_800, "program_ns": [5_000, 5_999], "more_by_pin_ns": [12_801, 13_800]},
        {"name": "max", "pin_ns": 41_000, "program_ns": [27_000, None], "more_by_pin_ns": [None, 14_000]},
    ]
    return {"program": "cyclictest", "stimuli": 600, "cycles": 120, "stimuli_ns": 1_000, "measured_ns": 1_000, "figures": figures, "says": SAYS}


def results(cell):
    replicate = {"cell": cell, "result": "pass", "reason": "", "figures": [{"name": "max", "value": 27, "unit": "us", "clock": "CLOCK_MONOTONIC"}], "latency": None}
    return [{"program": "cyclictest", "result": "pass", "replicates": [replicate]}]


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "run"
    run = MadeUpRun(folder, count=600)
    run.write(verdict=None)
    program = {"name": "cyclictest", "adapter": "cyclictest", "argv": ["cyclictest"], "timeout_s": 60}
    run.change("run.json", lambda info: info.update(programs=[program]))
    change(folder / "comparison.json", lambda all: [group.update(beside=beside(), programs=results(group["kernel"] + ".mixed")) for group in all["groups"]])
    bins = {"lower_ns": [5_000, 20_000], "upper_ns": [6_000, 28_000], "count": [118, 2]}
    change(folder / "distribution.json", lambda all: [group.update(beside=bins) for group in all["groups"]])
    return folder


def test_shows_both_how_far_they_differ_and_why(run):
    done = run_report(run)
    assert done.returncode == 0, done.stderr
    page = (run / "report" / "index.html").read_text(encoding="utf-8")
    assert "cyclictest beside the pin" in page and SAYS in page
    assert "12.801 to 13.800" in page, "the difference is an interval"
    assert "at least 27.000" in page and "at most 14.000" in page, "an end that nobody knows"
    assert "no: a timer has none" in page
    assert (run / "report" / "mixed-beside.svg").stat().st_size > 1_000
    svg = (run / "report" / "mixed-beside.svg").read_text(encoding="utf-8")
    assert "by the pin, 600 stimuli" in svg and "by cyclictest, self-measured, 120 cycles" in svg


def test_shows_a_program_that_cannot_be_believed_without_figures(run):
    def kill(all):
        for group in all["groups"]:
            del group["beside"]
            group["programs"][0]["replicates"][0].update(result="invalid", reason="it died by signal 9")

    change(run / "comparison.json", kill)
    done = run_report(run)
    assert done.returncode == 0, done.stderr
    page = (run / "report" / "index.html").read_text(encoding="utf-8")
    assert "it died by signal 9" in page and "more by the pin" not in page
    assert not (run / "report" / "mixed-beside.svg").exists()


@pytest.mark.parametrize(
    "name, alter, why",
    [
        ("comparison.json", lambda group: group["beside"].update(measured_ns=1_001), "longer than stimuli came"),
        ("comparison.json", lambda group: group["beside"]["figures"][0].update(program_ns=[5]), "must be two whole numbers"),
        ("distribution.json", lambda group: group["beside"].update(count=[118, 1]), "not as many cycles"),
        ("distribution.json", lambda group: group.pop("beside"), '"beside" is missing'),
    ],
)
def test_refuses_what_cannot_be(run, name, alter, why):
    change(run / name, lambda all: alter(all["groups"][0]))
    done = run_report(run)
    assert done.returncode == 3
    assert why in done.stderr, json.dumps(done.stderr)
