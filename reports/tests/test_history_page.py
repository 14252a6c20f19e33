"""The page of many runs, from a history.json that is made up: harness/testing/test_history.py has real ones."""
import json

import pytest
from loopgate_report.history_page import main
from loopgate_report.history_picture import draw_history
from loopgate_report.style import settings

HOSTILE = "v<b>&\"' ?#1"


def point(run, p50, verdict="PASS", why=None):
    ns = {} if p50 is None else {"p50": p50, "max": p50 * 2}
    return {"run": run, "version": f"6.12.{run}", "image_sha256": "i", "verdict": verdict, "why": why, "count": 1250, "figures": ns}


def column_of(key, unit="ns", is_tested=False, is_shown=True):
    return {"key": key, "label": key, "unit": unit, "is_tested": is_tested, "is_shown": is_shown}


def run_of(i, **more):
    return {"name": f"v{i}", "folder": f"../v{i}", "page": f"../v{i}/report/index.html", "problem": None, "left_out": False, "started": f"2026-01-{i + 1:02}T12:00:00Z", "suite": "irq-to-gpio",
            "board": "qemu-virt-arm64", "loopgate": "0.1.0", "qemu": "10.0.2", "tools_sha256": "a" if i < 4 else "b", "verdict": "PASS", "policy": "t", **more}  # fmt: skip


@pytest.fixture
def history():
    runs = [run_of(i) for i in range(10)]
    runs[3] |= {"name": HOSTILE, "page": f"../{HOSTILE}/report/index.html"}
    runs.append(run_of(10, problem="run.json: is damaged", verdict=None, page=None))
    generic = [point(i, 20_000 if i < 5 else 26_000) for i in range(10)]
    generic[2] = point(2, None, "INVALID", "generic.idle: invalid: the load died")
    generic[7]["verdict"] = "FAIL"
    change = {"figure": "p50", "run": 5, "before": 20_000.0, "after": 26_000.0, "ratio": 1.3, "p": 0.005}
    series = [{"kernel": "generic", "points": generic, "changes": [change]}, {"kernel": "preempt-rt", "points": [point(9, 12_000)], "changes": []}]
    columns = [column_of("p50", is_tested=True), column_of("mean", is_tested=True, is_shown=False), column_of("max"), column_of("p99")]
    one = {"suite": "irq-to-gpio", "board": "qemu-virt-arm64", "load": "mixed", "time_base": "virtual", "measured_by": "instrument", "probe": None,
           "emulator": False, "definitions_sha256": "0123456789abcdef", "any_tested": True, "not_tested": [], "columns": columns, "series": series}  # fmt: skip
    untested = ["generic: p50 could not be tested for a change: no run has it, and it takes 10, 5 on each side"]
    wall = {**one, "any_tested": False, "not_tested": untested, "time_base": "wall", "emulator": True, "series": [{"kernel": "generic", "points": [point(9, None, "INVALID", "it throttled")], "changes": []}]}
    rules = {"method": "E-divisive", "least_runs": 5, "permutations": 199, "significance": 0.01, "seed": 1}
    return {"format": 2, "changes_by": rules, "runs": runs, "sets": [one, wall]}


@pytest.fixture
def draw(tmp_path):
    def call(history):
        data = tmp_path / "data.json"
        data.write_text(history if isinstance(history, str) else json.dumps(history))
        status = main([str(data), "--out", str(tmp_path / "out")])
        page = tmp_path / "out" / "index.html"
        return status, page.read_text() if page.exists() else None

    return call


def test_all_that_is_known_stands_on_the_page(history, draw, tmp_path):
    status, page = draw(history)
    assert status == 0
    for text in ("History of 10 runs", "1 RUN NOT READ", "run.json: is damaged", "generic.idle: invalid: the load died", "20.0 us", "26.0 us", "1.300", "6.12.9",
                 "wall-clock time, an emulator&#39;s and no hardware&#39;s", "Of 100 figures of a kernel that never changed, 1 shows a change by chance", '<span class="word-in FAIL">FAIL</span>'):  # fmt: skip
        assert text in page, text
    assert page.count("<b>new</b>") == 1, "the tools changed once"
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"index.html", "history.json", "history-1.png", "history-2.svg"}


def test_what_could_not_be_tested_is_not_called_unchanged(history, draw):
    _, page = draw(history)
    assert history["sets"][1]["not_tested"][0] + "." in page and "No change was found" not in page
    history["sets"][0]["series"][0]["changes"] = []
    assert draw(history)[1].count("No change was found.") == 1
    history["sets"][0]["not_tested"] = history["sets"][1]["not_tested"]
    assert "No change was found in what could be tested." in draw(history)[1]


def test_a_hostile_name_is_text_and_its_link_leads_there(history, draw):
    _, page = draw(history)
    assert "v<b>" not in page and "v&lt;b&gt;&amp;" in page
    assert 'href="../v%3Cb%3E%26%22%27%20%3F%231/report/index.html"' in page


def test_a_run_without_a_figure_is_a_gap_and_a_cross(history):
    with settings():
        first = draw_history(history["sets"][0], history["runs"]).figure.axes[0]
    line = first.lines[0].get_ydata()
    assert line[1] == line[3] == 20_000 and line[2] != line[2], "nothing is drawn over the gap"
    crosses = [list(mark.get_xdata()) for mark in first.lines if mark.get_marker() == "x" and len(mark.get_xdata())]
    rings = [list(mark.get_xdata()) for mark in first.lines if mark.get_marker() == "o" and mark.get_markerfacecolor() == "none" and len(mark.get_xdata())]
    assert crosses == [[2]] and rings == [[7]]
    assert [text.get_text() for text in first.texts] == ["×1.3"]


def test_what_programs_measured_has_a_column_and_a_panel_in_its_unit(history, draw):
    one = history["sets"][0]
    names = [f"program-{i} <b>" for i in range(12)]
    one["columns"] = [column_of(name, "instructions", is_tested=True) for name in names]
    for point in one["series"][0]["points"]:
        point["figures"] = {name: 1234.0 for name in names}
    one["series"][0]["changes"][0] |= {"figure": names[3], "before": 452.3, "after": 1234.0}
    status, page = draw(history)
    assert status == 0 and "452.3 instructions" in page and "1,234 instructions" in page and "program-11 &lt;b&gt;" in page
    with settings():
        axes = draw_history(one, history["runs"]).figure.axes
    assert len(axes) == 12 and {each.get_ylabel() for each in axes} == {"instructions"}
    assert axes[0].get_position().y0 == axes[1].get_position().y0, "two in a row"
    assert [text.get_text() for text in axes[3].texts] == ["×1.3"]
    assert all(each.get_position().x1 <= 1 for each in axes)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', "{}"])
def test_what_is_no_history_leaves_no_page(history, draw, text, capsys):
    draw(history)
    status, page = draw(text)
    assert (status, page) == (3, None) and "data.json: is " in capsys.readouterr().err
