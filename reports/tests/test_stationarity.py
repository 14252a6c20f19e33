"""Whether a kernel drifts under a load: the page repeats what the statistics found, and draws the blocks."""
import xml.etree.ElementTree as xml

import pytest
from conftest import run_report
from made_up_run import MadeUpRun

SAYS = "drifts: the share above 120.0 us is 4 %, 1 %, 1 % and 1 % in the four quarters of its time (p 5e-05); settle_ms raised by 250 would leave a rest that does not"


def found(result="drifts", says=SAYS):
    blocks = {
        "begin_ns": [25_000_000 * i for i in range(40)],
        "median_ns": [9_750.5] * 40,
        "share_above": [0.04] * 10 + [0.01] * 30,
    }
    return {"result": result, "says": says, "p_median": 1.0, "p_tail": 5e-05, "above_ns": 120_000, "shared": None, "more_settle_ns": 250_000_000, "blocks": blocks}


def not_tested():
    none = {"begin_ns": [], "median_ns": [], "share_above": []}
    return {"result": "not tested", "says": "not tested: it takes 1,000 stimuli", "above_ns": None, "blocks": none}


def made_up(folder, **stationarity):
    run = MadeUpRun(folder, kernels=("generic", "preempt-rt"), count=60)
    run.stationarity = {name.replace("_", "-"): told for name, told in stationarity.items()}
    run.write()
    return run, run_report(run.folder)


def words(svg):
    return ["".join(each.itertext()) for each in xml.parse(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_the_page_says_and_draws_it(tmp_path):
    run, done = made_up(tmp_path / "run", generic=found(), preempt_rt=found("stationary", "stationary: p 0.4"))
    assert done.returncode == 0, done.stderr
    page = (run.folder / "report" / "index.html").read_text()
    assert f"<li>generic: <strong>{SAYS}.</strong></li>" in page and "<li>preempt-rt: stationary: p 0.4.</li>" in page
    told = words(run.folder / "report" / "mixed-course.svg")
    assert "drifts · left: the share above 120 us, right: the median" in told
    assert "stationary · left: the share above 120 us, right: the median" in told
    assert "time [s, virtual]" in told and any("Does it drift under load mixed?" in text for text in told)


@pytest.mark.parametrize("told", [{}, {"generic": not_tested()}])
def test_what_was_not_tested_is_said_and_not_drawn(tmp_path, told):
    run, done = made_up(tmp_path / "run", **told)
    assert done.returncode == 0, done.stderr
    page = (run.folder / "report" / "index.html").read_text()
    assert "<li>generic: not tested" in page and "Does it drift?" not in page
    assert not (run.folder / "report" / "mixed-course.svg").exists()


@pytest.mark.parametrize(
    "change, refusal",
    [
        (lambda told: told.update(result="maybe"), '"result" must be one of'),
        (lambda told: told["blocks"]["median_ns"].pop(), "not equally long"),
        (lambda told: told["blocks"]["share_above"].__setitem__(0, 1.5), "from 0 to 1"),
        (lambda told: told["blocks"]["begin_ns"].reverse(), "out of order"),
        (lambda told: told.update(above_ns=None), "do not fit each other"),
        (lambda told: told.update(says=7), '"says" must be a text'),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, change, refusal):
    told = found()
    change(told)
    _, done = made_up(tmp_path / "run", generic=told)
    assert done.returncode == 3 and refusal in done.stderr and "comparison.json" in done.stderr
