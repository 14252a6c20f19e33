"""What was found out of a cell after it was finished."""
import hashlib
import json

import pytest
from conftest import run_report
from made_up_run import MadeUpRun

CELL = "generic.mixed"


@pytest.fixture
def run(tmp_path):
    run = MadeUpRun(tmp_path / "run", count=30)
    run.cells[CELL].update(outcome="invalid", reason="the bench is broken: it panicked")
    run.write(verdict=None)
    run.change(f"cells/{CELL}/outcome.json", lambda d: d.update(outcome="kernel_failed", reason="it panicked"))
    return run


def amend(run, **change):
    outcome = (run.folder / "cells" / CELL / "outcome.json").read_bytes()
    line = {
        "format": 1,
        "cell": CELL,
        "outcome_sha256": hashlib.sha256(outcome).hexdigest(),
        "found_by": "health check",
        "outcome": "invalid",
        "reason": "the bench is broken: it panicked",
        "next_step": "",
        **change,
    }
    (run.folder / "cells" / CELL / "amendments.jsonl").write_text(json.dumps(line) + "\n")


def test_an_amended_cell_is_shown_as_invalid(run):
    amend(run)
    assert run_report(run.folder).returncode == 0
    page = (run.folder / "report" / "index.html").read_text()
    assert "<h3>generic.mixed: invalid</h3>" in page and "the bench is broken: it panicked" in page


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"outcome_sha256": "0" * 64}, "is about another outcome.json"),
        ({"cell": "other.mixed"}, "is about another outcome.json"),
        ({"outcome": "measured"}, "must be invalid"),
    ],
)
def test_an_amendment_that_does_not_fit_is_refused(run, change, why):
    amend(run, **change)
    done = run_report(run.folder)
    assert done.returncode == 3 and "amendments.jsonl, line 1" in done.stderr and why in done.stderr


def test_an_earlier_run_is_refused_by_the_version_that_wrote_it(run):
    run.change("run.json", lambda d: d.update(format=1))
    done = run_report(run.folder)
    assert done.returncode == 3
    assert "format is 1: loopgate 0.1.0 wrote it, and this version reads format 3" in done.stderr
