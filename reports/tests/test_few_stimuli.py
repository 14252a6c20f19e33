"""A quantile that the statistics leave null reads "-" in tables and pictures, and a line says why."""
import xml.etree.ElementTree as xml

import pytest
from conftest import run_report
from made_up_run import MadeUpRun

LEGEND = "- : too few stimuli for this quantile"


def drawn(folder, count, **more):
    run = MadeUpRun(folder, kernels=("generic", "preempt-rt"), count=count, **more)
    run.write()
    result = run_report(run.folder)
    assert result.returncode == 0, result.stderr
    return (run.folder / "report" / "index.html").read_text(), run.folder / "report"


def words(svg):
    return ["".join(each.itertext()) for each in xml.parse(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("more", [{}, {"repeat": 2, "time_base": "wall"}, {"loads": ("idle", "mixed")}])
def test_three_stimuli_have_no_quantile(tmp_path, more):
    page, pictures = drawn(tmp_path / "run", 2 if "repeat" in more else 3, **more)
    assert page.count(LEGEND) >= 1 and '<td class="n">-</td>' in page
    for svg in pictures.glob("*.svg"):
        assert any(LEGEND in text for text in words(svg)), svg.name


def test_enough_stimuli_have_them_all(tmp_path):
    page, pictures = drawn(tmp_path / "run", 30_000)
    assert LEGEND not in page and '<td class="n">-</td>' not in page
    for svg in pictures.glob("*.svg"):
        assert not any(LEGEND in text for text in words(svg)), svg.name
