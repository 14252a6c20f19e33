"""The table of how often a gate errs."""
import copy
import json

import pytest
from conftest import run_report
from made_up_run import MadeUpRun

CALIBRATION = {
    "false_alarms": {"seen": 1, "of": 2000, "at_most": 0.0028},
    "false_alarms_by_kernel": [
        {"kernel": "generic", "load": "mixed", "seen": 1, "of": 2000, "at_most": 0.0028},
        {"kernel": "preempt-rt", "load": "mixed", "seen": 0, "of": 2000, "at_most": 0.0015},
    ],
    "refers_to": "all ways to draw a run of 8 from these 64",
    "confidence": 0.95,
    "found": [
        {"plant": "p50_up_2_percent", "label": "+2 % of p50", "kernel": "generic", "load": "mixed", "seen": 1940, "of": 2000, "at_least": 0.96294},
        {"plant": "p50_up_2_percent", "label": "+2 % of p50", "kernel": "preempt-rt", "load": "mixed", "seen": 2000, "of": 2000, "at_least": 0.9985},
        {"plant": "event_of_150_us", "kernel": "preempt-rt", "load": "mixed", "seen": 0, "of": 2000, "at_least": 0.0},
    ],
}  # fmt: skip


@pytest.fixture
def judged(tmp_path):
    run = MadeUpRun(tmp_path / "run", kernels=("generic", "preempt-rt"), count=60)

    def report(calibration):
        run.write()
        path = run.folder / "verdict.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "calibration": calibration}))
        done = run_report(run.folder)
        page = run.folder / "report" / "index.html"
        return done, page.read_text() if page.exists() else ""

    return report


def test_each_plant_stands_by_kernel_with_its_rate_and_bound(judged):
    done, page = judged(CALIBRATION)
    assert done.returncode == 0, done.stderr
    assert "97 %, at least 96.2 %<" in page, "a lower bound is rounded down"
    assert "in how many of 2,000 draws" in page and "generic × mixed</th>" in page and "preempt-rt × mixed</th>" in page
    assert 'is a false alarm</td><td colspan="2">0.05 %, at most 0.3 %</td>' in page
    row = page[page.index("because of this kernel is a false alarm"):].split("</tr>")[0]
    assert "0.05 %, at most 0.3 %" in row and "0 %, at most 0.2 %" in row
    row = page[page.index("event_of_150_us"):].split("</tr>")[0]
    assert '<td class="n">-</td>' in row, "of generic it was not planted"
    assert "0 %, at least 0 %" in row, "an older verdict.json has no label, and the plant's key stands for it"


def test_an_older_verdict_has_no_false_alarms_by_kernel(judged):
    done, page = judged({key: value for key, value in CALIBRATION.items() if key != "false_alarms_by_kernel"})
    assert done.returncode == 0 and 'id="rates"' in page and "because of this kernel" not in page


def test_without_a_calibration_there_is_no_table(judged):
    done, page = judged(None)
    assert done.returncode == 0 and 'id="rates"' not in page


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        (("false_alarms", "at_most"), 0.0, '"at_most" is below what was seen'),
        (("false_alarms", "seen"), 2001, '"seen" must be from 0 to "of"'),
        (("false_alarms_by_kernel", 0, "at_most"), 0.0, '"at_most" is below what was seen'),
        (("found", 0, "at_least"), 0.99, '"at_least" is above what was seen'),
        (("found", 0, "of"), 0, '"seen" must be from 0 to "of"'),
        (("found", 1, "kernel"), "generic", "stands there twice"),
        (("found", 0, "seen"), "many", '"seen" must be a whole number'),
    ],
)
def test_what_contradicts_itself_is_refused(judged, where, value, said):
    altered = copy.deepcopy(CALIBRATION)
    place = altered
    for key in where[:-1]:
        place = place[key]
    place[where[-1]] = value
    done, page = judged(altered)
    assert done.returncode == 3 and page == "" and said in done.stderr, done.stderr
