"""The page of a measurement in bounds: what imported files and latmon's histogram come to."""
import json

import pytest
from conftest import run_report

RANGES = {
    "min": [2000, 2999],
    "p50": [3000, 3999],
    "p90": [5000, 5999],
    "p99": [9000, 9999],
    "p99_9": [22000, 22999],
    "p99_99": [60000, 1475999],
    "max": [1475000, 1475999],
}


def bounds(**changes):
    """The known answer: 2,998,821 binned and 604 above 59 us, 1475 us at the most."""
    return {
        "format": 1,
        "time_base": "wall",
        "unit": "ns",
        "suite": "cyclictest",
        "board": "my-board",
        "kernel": "preempt-rt",
        "load": "mixed",
        "measured_by": "cyclictest",
        "self_measured": True,
        "resolution_ns": 1000,
        "count": 2_999_425,
        "unanswered": [0, 0],
        "latency_bounds_ns": RANGES,
        "histogram": {
            "lower_ns": [2000, 3000, 22000],
            "upper_ns": [3000, 4000, 23000],
            "count": [1_100_000, 1_898_000, 821],
            "beyond": {"lower_ns": 60000, "upper_ns": 1475999, "count": 604},
        },
        "threads": [{"name": "0", "count": 2_999_425, "overflow": 604, "min_ns": 2000, "max_ns": 1_475_000}],
        "invalid": [],
        "facts": [{"name": "file", "value": "<out>.json"}],
        "remarks": ["called by somebody"],
        "not_known": ["single latencies"],
        **changes,
    }


def verdict(word="FAIL", kernel="preempt-rt"):
    check = {"kernel": kernel, "load": "mixed", "rule": "budget", "quantity": "p99_99", "unit": "ns", "limit": 50000, "seen": None,
             "verdict": word, "why": "1,031 to 1,092 of 2,999,425 stimuli exceeded 50 us"}  # fmt: skip
    return {
        "format": 1,
        "verdict": word,
        "time_base": "wall",
        "policy": {"file": "p.toml", "title": "mine", "sha256": "0"},
        "groups": [{"kernel": kernel, "load": "mixed", "verdict": word}],
        "checks": [check],
    }


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "imported.json").write_text("{}")
    return tmp_path


def page_of(folder, document, judged=None, png=False):
    (folder / "bounds.json").write_text(json.dumps(document))
    if judged:
        (folder / "verdict.json").write_text(json.dumps(judged))
    done = run_report(folder, png=png)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert sorted(path.name for path in (folder / "report").iterdir()) == ["bounds.png", "bounds.svg", "index.html"]
    return (folder / "report" / "index.html").read_text()


def refusal(folder, document, judged=None):
    (folder / "bounds.json").write_text(json.dumps(document))
    if judged:
        (folder / "verdict.json").write_text(json.dumps(judged))
    done = run_report(folder)
    assert done.returncode == 3 and not (folder / "report").exists()
    return done.stderr


def test_the_page_says_whose_figures_they_are_and_that_they_are_intervals(folder):
    page = page_of(folder, bounds(), verdict())
    for text in ("SELF-MEASURED", "wall-clock time, self-measured by cyclictest, to 1 us", '<div class="word">FAIL</div>', "1,031 to 1,092 of 2,999,425",
                 "604 latencies are beyond the last bin: anywhere from 60.000 us to 1,475.999 us.", "called by somebody", "&lt;out&gt;.json"):  # fmt: skip
        assert text in page, text
    rows = page[page.index('<th scope="col">figure</th>') :]
    for name, (least, most) in RANGES.items():
        label = name.replace("_", ".")
        assert f'<th scope="row" class="keep strong">{label}</th><td class="n">{least / 1000:,.3f}</td><td class="n">{most / 1000:,.3f}</td>' in rows


def test_one_latency_is_no_latencies(folder):
    one = bounds()
    one["count"] = one["histogram"]["beyond"]["count"] = 1
    page = page_of(folder, one, verdict())
    assert "; of 1 latency." in page and "1 latency is beyond the last bin" in page and "1 latencies" not in page
    picture = (folder / "report" / "bounds.svg").read_text()
    assert "1 latency" in picture and "1 latencies" not in picture


def test_the_picture_is_marked_and_its_last_bin_hatched(folder):
    page_of(folder, bounds(), png=True)
    assert (folder / "report" / "bounds.png").stat().st_size > 10_000
    picture = (folder / "report" / "bounds.svg").read_text()
    for text in ("self-measured by cyclictest, wall-clock time", "latency [us, wall-clock]", "60.0 to 1,476 us", "22.0 to 23.0 us", "604 beyond the last bin", "resolution 1 us"):
        assert text in picture, text
    assert "<pattern" in picture, "the hatch"
    without = bounds()
    without["histogram"] = {**without["histogram"], "beyond": None}
    page_of(folder, without)
    assert "<pattern" not in (folder / "report" / "bounds.svg").read_text()


def test_what_is_not_known_is_not_shown_as_if_it_were(folder):
    open_end = {**RANGES, "p99_99": None, "p99_9": [22000, None], "max": [60000, None]}
    document = bounds(latency_bounds_ns=open_end, unanswered=[0, 12])
    document["histogram"]["beyond"] = {"lower_ns": 60000, "upper_ns": None, "count": 604}
    page = page_of(folder, document)
    assert "not known" in page and "too few cycles for this quantile" in page and "0 to 12 more may have any latency" in page
    assert "60.0 or more us" in (folder / "report" / "bounds.svg").read_text()
    assert "NO VERDICT YET" in page


def test_latmons_are_an_instruments(folder):
    (folder / "imported.json").rename(folder / "latmon.json")
    page = page_of(folder, bounds(measured_by="latmon", self_measured=False, resolution_ns=1, threads=[], facts=[]))
    assert "measured by latmon" in page and "SELF-MEASURED" not in page


def test_nothing_measured(folder):
    document = bounds(count=0, latency_bounds_ns=None, invalid=[{"cell": "latmon", "reason": "fell silent"}])
    document["histogram"] = {"lower_ns": [], "upper_ns": [], "count": [], "beyond": None}
    (folder / "bounds.json").write_text(json.dumps(document))
    assert run_report(folder).returncode == 0
    page = (folder / "report" / "index.html").read_text()
    assert "Nothing was measured" in page and "fell silent" in page


def test_what_is_damaged_is_refused(folder):
    assert "there is no such file: run `loopgate stats`" in run_report(folder).stderr
    assert "must be the least and the most" in refusal(folder, bounds(latency_bounds_ns={**RANGES, "p50": [5, 4]}))
    assert '"max" must be known' in refusal(folder, bounds(latency_bounds_ns={**RANGES, "max": None}))
    broken = bounds()
    broken["histogram"]["upper_ns"][0] = 9000
    assert "overlap or are out of order" in refusal(folder, broken)
    assert 'the time base "mars"' in refusal(folder, bounds(time_base="mars"))
    assert "does not fit what was measured" in refusal(folder, bounds(), verdict(kernel="generic"))
    assert "does not fit what was measured" in refusal(folder, bounds(invalid=[{"cell": "a", "reason": "b"}]), verdict("PASS"))
