"""loopgate history: a page of a thousand runs, which are one measured run with other latencies and other days."""

import json
import os
import re
import resource
import shutil

import pytest
from bench import long
from conftest import INVALID, PASS, POLICY, ROOT, USAGE
from loopgate_report.seal import sealed
from other_days import another_day, replace


@pytest.fixture(scope="module")
def measured(tmp_path_factory, loopgate):
    folder = tmp_path_factory.mktemp("history")
    done = loopgate("run", "irq-to-gpio", "--kernel", "generic", "--kernel", "preempt-rt", "--load", "idle", "--samples", 100, "--out", folder / "run")
    assert done.returncode == PASS, done.stderr
    (folder / "policy.toml").write_text(POLICY + "max_us = 1000\n")
    assert loopgate("gate", folder / "run", "--policy", folder / "policy.toml").returncode == PASS
    return folder / "run"


def data_of(out):
    return json.loads((out / "history.json").read_text())


def cpu_of(call):
    """What it gives, and the CPU time in seconds of the programs that it ran."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = call()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@long  # a minute of copies
def test_a_thousand_runs_are_a_page_at_the_cost_of_ten_times_a_hundred(loopgate, measured, tmp_path):
    for day in range(1000):
        another_day(measured, tmp_path / "releases" / f"v{day:03}", day, slower_ns=300 if day >= 700 else day % 7)
    runs = sorted((tmp_path / "releases").iterdir())
    few, few_s = cpu_of(lambda: loopgate("history", *runs[:100], "--out", tmp_path / "few"))
    done, all_s = cpu_of(lambda: loopgate("history", *runs, "--out", tmp_path / "history"))
    assert (few.returncode, done.returncode) == (PASS, PASS), done.stderr
    history = data_of(tmp_path / "history")
    assert len(history["runs"]) == 1000 and len(history["sets"]) == 1
    changes = {(series["kernel"], change["figure"]): change for series in history["sets"][0]["series"] for change in series["changes"]}
    assert history["runs"][changes["generic", "p50"]["run"]]["name"] == "v700"
    assert changes["generic", "p50"]["after"] - changes["generic", "p50"]["before"] == pytest.approx(297, abs=4)
    assert not [kernel for kernel, _ in changes if kernel == "preempt-rt"]
    assert "generic: p50 changed at v700: " in done.stdout
    page = (tmp_path / "history" / "index.html").read_text()
    assert page.count("v999") >= 2 and "History of 1000 runs" in page
    assert all_s <= 15 * few_s, f"{all_s:.1f} s of CPU, and {few_s:.1f} s for 100 of them"


def test_what_is_damaged_or_invalid_stands_by_name(loopgate, measured, tmp_path):
    runs = [another_day(measured, tmp_path / name, day) for day, name in enumerate(["good", "cut", "altered", "odd"])]
    replace(runs[1] / "run.json", b"{")
    samples = next(runs[2].glob("cells/generic*/samples.lgs"))
    replace(samples, samples.read_bytes()[:-1])
    replace(runs[3] / "verdict.json", b"{")
    done = loopgate("history", *runs, "--out", tmp_path / "page")
    assert done.returncode == INVALID
    assert re.search(r"^not read: .*cut: .*run\.json", done.stdout, re.MULTILINE) and re.search(r"^not read: .*odd: .*verdict\.json", done.stdout, re.MULTILINE)
    page = (tmp_path / "page" / "index.html").read_text()
    assert "2 RUNS NOT READ" in page and "History of 2 runs" in page
    series = {one["kernel"]: one for one in data_of(tmp_path / "page")["sets"][0]["series"]}
    assert [point["verdict"] for point in series["generic"]["points"]] == ["PASS", "INVALID"]
    assert series["generic"]["points"][1]["figures"] == {} and "samples.lgs" in series["generic"]["points"][1]["why"]
    assert series["generic"]["points"][1]["why"].split(":")[0] in page


def test_what_programs_measured_is_a_series_too(loopgate, tmp_path):
    done = loopgate("run", "primitives", "--kernel", "generic", "--program", "null-call", "--program", "switch-pipe", "--out", tmp_path / "first")
    assert done.returncode == PASS, done.stderr
    runs = [tmp_path / "first", another_day(tmp_path / "first", tmp_path / "second", 1)]
    done = loopgate("history", *runs, "--out", tmp_path / "page")
    assert done.returncode == PASS, done.stderr
    assert "measured by the suite's programs" in done.stdout and "null-call and switch-pipe could not be tested" in done.stdout, "it names what could not be tested"
    (one,) = data_of(tmp_path / "page")["sets"]
    assert {column["key"]: column["unit"] for column in one["columns"]} == {"null-call instructions": "instructions", "switch-pipe instructions": "instructions"}
    first, second = one["series"][0]["points"]
    assert first["figures"] == second["figures"] and first["figures"]["null-call instructions"] > 50
    assert "null-call" in (tmp_path / "page" / "index.html").read_text()


def test_an_import_does_not_tell_when_it_was_measured(loopgate, measured, tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "imported.json").write_text("{}")
    done = loopgate("history", measured, tmp_path / "theirs", "--out", tmp_path / "page")
    assert done.returncode == INVALID and "is no run but a measurement in bounds, which does not tell when it was made" in done.stdout


def test_links_lead_to_each_runs_page(loopgate, measured, tmp_path):
    run = another_day(measured, tmp_path / "releases" / "v1", 1)
    assert loopgate("report", run).returncode == PASS
    assert loopgate("history", run, "--out", tmp_path / "history").returncode == PASS
    (link,) = set(re.findall(r'href="([^"]*)"', (tmp_path / "history" / "index.html").read_text()))
    assert (tmp_path / "history" / link).samefile(run / "report" / "index.html")


def test_a_page_is_replaced_and_another_folder_is_not(loopgate, measured, tmp_path):
    run = another_day(measured, tmp_path / "v1", 1)
    for _ in range(2):
        assert loopgate("history", run, "--out", tmp_path / "history").returncode == PASS
    first = (tmp_path / "history" / "index.html").read_bytes()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    done = loopgate("history", run, "--out", tmp_path / "mine")
    assert done.returncode == USAGE and 'holds "thesis.txt"' in done.stderr
    done = loopgate("history", tmp_path / "nowhere", "--out", tmp_path / "history")
    assert done.returncode == USAGE and "is no folder" in done.stderr
    assert (tmp_path / "history" / "index.html").read_bytes() == first


def test_a_temporary_folder_that_is_none_is_a_mistake(loopgate, measured, tmp_path):
    """No folder of ours is made where the user stands."""
    run = another_day(measured, tmp_path / "v1", 1)
    here = set(ROOT.iterdir())
    done = loopgate("history", run, "--out", tmp_path / "page", env={**os.environ, "TMPDIR": "/nowhere"})
    assert done.returncode == USAGE and "TMPDIR names no folder" in done.stderr, done.stderr
    assert set(ROOT.iterdir()) == here and not (tmp_path / "page").exists()


def test_what_a_killed_history_left_is_removed(loopgate, measured, tmp_path):
    run = another_day(measured, tmp_path / "v1", 1)
    left = tmp_path / "scratch" / f"loopgate-{os.getuid()}-history-abcdef"
    left.mkdir(parents=True)
    assert loopgate("history", run, "--out", tmp_path / "page", env={**os.environ, "TMPDIR": str(tmp_path / "scratch")}).returncode == PASS
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_verdict_of_another_run_is_not_believed(loopgate, measured, tmp_path):
    run = another_day(measured, tmp_path / "v1", 1)
    verdict = json.loads((run / "verdict.json").read_text())
    for text, says in [
        (sealed({**verdict, "board": "another"}), "is of the board another"),
        (sealed({**verdict, "evidence_sha256": "0" * 64}), "is not of what is measured here"),
        ((run / "verdict.json").read_text().replace('"limit": 1000000', '"limit": 9000000'), "was altered"),
        (json.dumps(verdict), "sha256 is missing"),
    ]:
        replace(run / "verdict.json", text.encode())
        done = loopgate("history", run, "--out", tmp_path / "page")
        assert done.returncode == INVALID
        assert re.search(rf"^not read: .*v1: .*verdict\.json: .*{says}", done.stdout, re.MULTILINE), done.stdout
        drawn = loopgate("report", run)
        assert drawn.returncode == INVALID and says in drawn.stderr and "run `loopgate gate` on this folder again" in drawn.stderr
        assert not (run / "report").exists()


def test_a_verdict_that_was_copied_from_another_run_is_not_drawn(loopgate, measured, tmp_path):
    other = another_day(measured, tmp_path / "v2", 2, slower_ns=300)
    shutil.copy(measured / "verdict.json", other)
    drawn = loopgate("report", other)
    assert drawn.returncode == INVALID and "is not of what is measured here" in drawn.stderr, drawn.stderr
    assert not (other / "report").exists()
    again = another_day(measured, tmp_path / "v3", 3)  # to the nanosecond what was judged
    assert loopgate("report", again).returncode == PASS
