"""The page of a bisection: harness/testing/test_bisect.py has real ones."""
import json
from pathlib import Path

import pytest
from loopgate_report.bisect_page import main
from loopgate_report.seal import sealed

RECORDED = json.loads((Path(__file__).resolve().parents[2] / "fixtures" / "recordings" / "bisect.json").read_text())
HOSTILE = "a<b>&\"' #1"


@pytest.fixture
def draw(tmp_path):
    def call(text):
        data = tmp_path / "bisect.json"
        data.write_text(text)
        status = main([str(data), "--out", str(tmp_path / "out")])
        page = tmp_path / "out" / "index.html"
        return status, page.read_text() if page.exists() else None

    return call


def test_steps_differences_and_answer_stand_on_the_page(draw, tmp_path):
    status, page = draw(sealed(RECORDED))
    assert status == 0
    assert "<b>Found.</b> The good end is bad with argument trace_event=" in page
    assert page.count("<b>culprit</b>") == 2
    assert page.count('<td class="keep">cannot test</td>') == 0 and page.count('<td class="keep">bad</td><td class="keep">bad</td>') == 1
    assert "6.402" in page and "p50, " not in page.split("<table>")[1]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"index.html", "bisect.png", "bisect.svg"}
    svg = (tmp_path / "out" / "bisect.svg").read_text()
    assert "p50, ratio to the good end" in svg


def test_what_could_not_be_judged_and_what_goes_on_is_said(draw):
    steps = [{**step} for step in RECORDED["steps"]]
    steps[3] |= {"result": "cannot test", "seen": None, "limit": None, "quantity": None, "why": HOSTILE, "what": HOSTILE}
    steps[4] |= {"result": "undecided"}
    status, page = draw(sealed({**RECORDED, "steps": steps, "answer": None}))
    assert status == 0
    assert "Not finished:" in page and "culprit</b>" not in page
    assert '<td class="keep">cannot test</td><td class="n">–</td>' in page
    assert HOSTILE not in page and "a&lt;b&gt;" in page
    status, page = draw(sealed({**RECORDED, "answer": {**RECORDED["answer"], "sure": False}}))
    assert "Found, and not sure." in page


@pytest.mark.parametrize("text", ["", "{}", sealed(RECORDED).replace('"bad"', '"good"', 1), sealed({**RECORDED, "format": 2}), sealed({"format": 1})])
def test_what_is_damaged_or_altered_is_not_drawn(draw, text):
    assert draw(text) == (3, None)
