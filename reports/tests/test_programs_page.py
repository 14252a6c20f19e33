"""The page of a run whose programs measured by themselves."""
import json
import re

import pytest
from conftest import run_report
from loopgate_report import units
from made_up_run import MadeUpRun

PROGRAMS = ["cyclictest", "rtla-timerlat"]


def results(cell):
    latency = {"clock": "CLOCK_MONOTONIC", "count": 2000, "beyond_histogram": 1, "min_ns": [4000, 4999], "p50_ns": [5000, 5999],
               "p90_ns": [6000, 6999], "p99_ns": [17000, 17999], "p99_9_ns": None, "p99_99_ns": None, "max_ns": [10_000_000, None]}  # fmt: skip
    figures = [
        {"name": "cycles", "value": 2000, "unit": "cycles", "clock": None},
        {"name": "max", "value": 18, "unit": "us", "clock": "CLOCK_MONOTONIC"},
        {"name": "mean", "value": 3840.3871, "unit": "ns", "clock": "CLOCK_MONOTONIC"},
        {"name": "loops", "value": 1234567.0, "unit": "loops", "clock": None},
    ]
    good = {"cell": cell, "result": "pass", "reason": "", "figures": figures, "latency": latency}
    none = {"cell": cell, "result": "not applicable", "reason": "the kernel has no <tracer>", "figures": [], "latency": None}
    return [
        {"program": "cyclictest", "result": "pass", "replicates": [good]},
        {"program": "rtla-timerlat", "result": "not applicable", "replicates": [none]},
    ]


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "run"
    MadeUpRun(folder, count=600).write(verdict=None)
    change(folder / "run.json", lambda info: info.update(samples=0, programs=[{"name": name, "adapter": name, "argv": [name, "--loops", "5"], "timeout_s": 9} for name in PROGRAMS]))
    change(folder / "comparison.json", lambda all: [group.update(programs=results(group["kernel"] + ".mixed")) for group in all["groups"]])
    return folder


def change(path, how):
    document = json.loads(path.read_text())
    how(document)
    path.write_text(json.dumps(document))


def test_shows_each_programs_result_and_that_it_is_its_own(run):
    done = run_report(run)
    assert done.returncode == 0, done.stderr
    page = (run / "report" / "index.html").read_text(encoding="utf-8")
    assert "self-measured" in page and "none is held against an instrument" in page
    assert "NO VERDICT YET" in page
    assert "max 18 us" in page and "cycles 2,000" in page
    assert "mean 3.84 us" in page and "loops 1,234,567<" in page
    assert re.search(r"17[.0]* to 1[78]", page), "an interval"
    assert re.search(r"above 10[,.]?000", page), "no upper end is known"
    assert "the kernel has no &lt;tracer&gt;" in page
    assert "cyclictest --loops 5" in page


def test_many_missing_replicates_are_one_line(run):
    def interrupt(comparison):
        group = comparison["groups"][0]
        name = f"{group['kernel']}.{group['load']}"
        group["cells"] = [name, f"{name}.2", f"{name}.3"]
        group["invalid"] = [{"cell": cell, "outcome": "missing", "reason": "unfinished"} for cell in group["cells"][1:]]

    change(run / "comparison.json", interrupt)
    assert run_report(run).returncode == 0
    page = (run / "report" / "index.html").read_text(encoding="utf-8")
    assert page.count("2 of 3 replicates are missing") == 1 and ".mixed.2: unfinished" not in page


def test_shows_instructions_by_kernel_and_what_is_not_in_them(run):
    def count(all):
        for more, group in enumerate(all["groups"]):
            figure = {"name": "instructions", "value": 452.4 + 270 * more, "unit": "instructions", "clock": None}
            group["programs"][0]["replicates"][0]["figures"].insert(0, figure)

    assert run_report(run).returncode == 0
    page = (run / "report" / "index.html").read_text(encoding="utf-8")
    assert "Instructions of what a program times of one iteration" not in page, "no program counts any"
    change(run / "comparison.json", count)
    assert run_report(run).returncode == 0
    page = (run / "report" / "index.html").read_text(encoding="utf-8")
    assert "Caches, TLBs and mitigations are not in it" in page
    rows = re.findall(r'<tr><th scope="row" class="keep strong">([\w-]+)</th>((?:<td class="n">[^<]*</td>)+)</tr>', page)
    assert [name for name, _ in rows] == ["cyclictest"], "the other one counts none"
    lengths = re.findall(r">([^<]+)<", rows[0][1])
    assert lengths[:2] == ["452", "722 (+270)"]
    assert "instructions 452.4;" in page


def test_refuses_results_of_other_programs_and_of_unknown_kinds(run):
    change(run / "comparison.json", lambda all: all["groups"][0]["programs"].pop())
    done = run_report(run)
    assert done.returncode == 3
    assert "is not of the programs that run.json names" in done.stderr
    assert not (run / "report").exists()


def test_refuses_an_unknown_result(run):
    change(run / "comparison.json", lambda all: all["groups"][0]["programs"][0]["replicates"][0].update(result="good"))
    done = run_report(run)
    assert done.returncode == 3
    assert 'the result "good" is unknown' in done.stderr


@pytest.mark.parametrize(
    "value, unit, text",
    [
        (0, "us", "0 us"),
        (0.4271, "ns", "0.427 ns"),
        (21.34, "ns", "21.3 ns"),
        (863.21, "ns", "0.863 us"),
        (123_456.7, "ns", "123.5 us"),
        (2_345_678, "ns", "2,346 us"),
        (4921.0, "us", "4,921 us"),
        (15.93751, "us", "15.94 us"),
        (0.109, "s", "0.109 s"),
        (12345.6, "", "12,346"),
        (452.272, "instructions", "452.3 instructions"),
        (3840, "instructions", "3,840 instructions"),
    ],
)
def test_figures_have_as_many_digits_as_people_compare(value, unit, text):
    assert units.figure(value, unit) == text
