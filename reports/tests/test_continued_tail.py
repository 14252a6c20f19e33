"""Where the gate continued a tail: the page says it, and the complementary distribution draws the fit to the limit."""
import json

import pytest
from conftest import run_report
from made_up_run import MadeUpRun
from test_stationarity import words

TAIL = {
    "over_ns": 2_000_000,
    "hours": 0.0028,
    "refused": None,
    "per_hour": {"estimate": 3.1, "low": 0.52, "high": 41.0},
    "peaks_over_threshold": {"threshold_ns": 500_000, "exceedances": 60, "peaks": 55, "shape": 0.02, "shape_at_most": 0.1, "scale_ns": 130_000.0, "p": 0.4},
    "block_maxima": {"block": 100, "blocks": 96, "location_ns": 600_000.0, "scale_ns": 90_000.0, "shape": 0.0, "p": 0.3},
}


def made_up(folder, **changed):
    run = MadeUpRun(folder, kernels=("generic", "preempt-rt"), count=600)
    run.write()
    path = run.folder / "verdict.json"
    verdict = json.loads(path.read_text())
    verdict["checks"][0].update(
        quantity="above 2,000 us", unit="per_hour", limit=50.0, seen=0.0, why="by 55 peaks", tail={**TAIL, **changed}
    )
    path.write_text(json.dumps(verdict))
    return run, run_report(run.folder)


def test_the_fit_is_drawn_to_the_limit_with_its_bounds(tmp_path):
    run, done = made_up(tmp_path / "run")
    assert done.returncode == 0, done.stderr
    told = words(run.folder / "report" / "mixed-exceedance.svg")
    assert "0.52 to 41 an hour" in told
    page = (run.folder / "report" / "index.html").read_text()
    assert "above 2,000 us at most 50 an hour" in page and "by 55 peaks" in page


def test_one_that_was_refused_is_not_drawn(tmp_path):
    run, done = made_up(tmp_path / "run", per_hour=None, refused="the peaks run into an end")
    assert done.returncode == 0, done.stderr
    assert not any("an hour" in text for text in words(run.folder / "report" / "mixed-exceedance.svg"))


@pytest.mark.parametrize("shape", [-0.05, 0.0, 0.4])
def test_any_shape_and_a_bound_of_none_are_drawn(tmp_path, shape):
    peaks = {**TAIL["peaks_over_threshold"], "shape": shape}
    run, done = made_up(tmp_path / "run", peaks_over_threshold=peaks, per_hour={"estimate": 0.0, "low": 0.0, "high": 0.7})
    assert done.returncode == 0, done.stderr
    assert "0 to 0.7 an hour" in words(run.folder / "report" / "mixed-exceedance.svg")


def test_a_tail_without_its_fit_is_refused(tmp_path):
    _, done = made_up(tmp_path / "run", peaks_over_threshold=None)
    assert done.returncode != 0 and 'tail: "peaks_over_threshold" must be an object' in done.stderr
