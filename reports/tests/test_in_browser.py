"""The pages in a real browser: wide, narrow, dark and on paper. Each fault that is looked for is also planted in a page of its own, and must be found."""
import json
import re
from pathlib import Path

import pytest
from browser import PROGRAM, Browser
from conftest import run_report
from loopgate_report.cost_page import main as cost_main
from loopgate_report.seal import sealed
from made_up_run import MadeUpRun
from test_acceptance import HOSTILE as HOSTILE_CUSTOMER, make_acceptance
from test_cost_page import hostile_cost
from test_explanation import explanation_of
from test_history_page import history, run_of  # noqa: F401: a fixture

if not PROGRAM:
    pytest.skip("there is no chromium: apt install chromium", allow_module_level=True)

LOOK_FOR_FAULTS = (Path(__file__).parent / "page_faults.js").read_text()
HOSTILE = "<img id=hostile src=x onerror='window.hostile_ran=1'>\"'><script>window.hostile_ran=1</script>{{7*7}}&amp;"
WINDOWS = {  # width in CSS pixels, media, colours. A4 less two margins of 14 mm is 182 mm: 687 pixels of 1/96 inch.
    "wide": (1280, "", "light"),
    "dark": (1280, "", "dark"),
    "narrow": (360, "", "light"),
    "paper": (687, "print", "light"),
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    one = Browser(tmp_path_factory.mktemp("browser"))
    yield one
    one.close()


def faults(browser, page, window, hostile=""):
    """Of the page as a file, each a sentence."""
    width, media, scheme = WINDOWS[window]
    browser.look(width, media=media, scheme=scheme)
    address = page.resolve().as_uri()
    browser.open(address)
    browser.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    found = browser.evaluate(f"{LOOK_FOR_FAULTS}({json.dumps({'width': width, 'hostile': hostile})})")
    fetched = [url for url in browser.requests if url != address and not url.startswith("data:")]
    return found + [f"the page asked for {url}" for url in fetched] + [f"the console says {text}" for text in browser.complaints]


@pytest.fixture(scope="module")
def hostile_run(tmp_path_factory):
    """A run in which every name that others choose is markup, with an explained sample and two cells that failed."""
    run = MadeUpRun(tmp_path_factory.mktemp("hostile") / "run", loads=("idle", "mixed"), count=200)
    run.cells["preempt-rt.idle"].update(outcome="kernel_failed", reason=f"Kernel panic {HOSTILE}", console=f"[    1.0] {HOSTILE}\n", latencies=[])
    run.cells["rt-irq-threads.idle"].update(outcome="invalid", reason=HOSTILE, next_step=HOSTILE, latencies=[])
    run.unconfirmed = [HOSTILE]
    run.write(verdict="INVALID")

    def name_titles(document):
        document["suite"]["title"] = document["board"]["title"] = HOSTILE
        for kernel in document["kernels"]:
            kernel["title"] = HOSTILE
            kernel["command_line"] += HOSTILE
        document["target"]["packages"][0]["version"] = HOSTILE

    run.change("run.json", name_titles)
    run.change("verdict.json", lambda document: [check.update(why=HOSTILE) for check in document["checks"]])
    explained = json.dumps(explanation_of(run)).replace("do_<munmap>", json.dumps(HOSTILE)[1:-1]).replace("stress-ng-vm", json.dumps(HOSTILE)[1:-1])
    (run.folder / "cells/generic.mixed/explain.json").write_text(explained)
    result = run_report(run.folder, png=True)
    assert result.returncode == 0, result.stderr
    return run.folder / "report/index.html"


@pytest.fixture
def history_page(history, tmp_path):  # noqa: F811
    from loopgate_report.history_page import main

    history["runs"].append(run_of(11, problem=HOSTILE, name=HOSTILE, verdict=None, page=None))
    (tmp_path / "data.json").write_text(json.dumps(history))
    assert main([str(tmp_path / "data.json"), "--out", str(tmp_path / "out")]) == 0
    return tmp_path / "out/index.html"


@pytest.mark.parametrize("window", WINDOWS)
def test_the_page_of_a_run(browser, whole, window):
    assert faults(browser, whole.folder / "report/index.html", window) == []


@pytest.mark.parametrize("window", WINDOWS)
def test_the_page_of_a_run_with_hostile_names(browser, hostile_run, window):
    assert faults(browser, hostile_run, window, HOSTILE) == []


@pytest.fixture(scope="module", params=["PASS", "INVALID"])
def acceptance_page(request, tmp_path_factory):
    folder = make_acceptance(tmp_path_factory.mktemp("accepted") / "a", request.param)
    result = run_report(folder, png=True)
    assert result.returncode == 0, result.stderr
    return folder / "report/index.html"


@pytest.mark.parametrize("window", WINDOWS)
def test_the_page_of_an_acceptance(browser, acceptance_page, window):
    assert faults(browser, acceptance_page, window, HOSTILE_CUSTOMER) == []


@pytest.mark.parametrize("window", WINDOWS)
def test_the_page_of_the_history(browser, history_page, window):
    assert faults(browser, history_page, window, HOSTILE) == []


@pytest.fixture(params=[True, False], ids=["finished", "not finished"])
def cost_page(request, tmp_path):
    (tmp_path / "cost.json").write_text(sealed(hostile_cost(HOSTILE, is_finished=request.param)))
    assert cost_main([str(tmp_path / "cost.json"), "--out", str(tmp_path / "out")]) == 0
    return tmp_path / "out/index.html"


@pytest.mark.parametrize("window", WINDOWS)
def test_the_page_of_a_cost(browser, cost_page, window):
    assert faults(browser, cost_page, window, HOSTILE) == []


def pages_of(pdf):
    return len(re.findall(rb"/Type /Page\b", pdf))


def test_a_page_is_printed_whole(browser, whole):
    """All that folds is open on paper, but for what is there to look something up; and no picture is left out."""
    browser.look(1280)
    browser.open((whole.folder / "report/index.html").resolve().as_uri())
    folded = "[...document.querySelectorAll('details:not(.screen)')].filter(part => !part.open).length"
    assert browser.evaluate(folded) > 0
    pdf = browser.pdf()
    assert browser.evaluate(folded) == 0
    assert pdf.startswith(b"%PDF-") and pages_of(pdf) >= 4, pages_of(pdf)


GOOD = "<!DOCTYPE html><html lang=en><title>t</title><main><h1>good</h1>{}</main></html>"
PIXEL = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"
PLANTED = {
    "a picture is not drawn": "<img alt=x src='data:image/png;base64,AAAA'>",
    "a picture has no alt text": f'<img src="{PIXEL}">',
    "the page asked for": "<link rel=stylesheet href='http://example.invalid/a.css'>",
    "the console says": "<script>console.error('x')</script>",
    "a hostile string was executed": "<script>window.hostile_ran=1</script>",
    "a hostile string became an element": "<b id=hostile>x</b>",
    "a heading leaves out an order": "<h3>x</h3>",
    "a table header does not say": "<table><tr><th>x</th></tr></table>",
    "a table header says nothing": "<table><tr><th scope=col></th></tr></table>",
    "a table has no header": "<table><tr><td>x</td></tr></table>",
    "contrast of only": "<p style='color:#aaa'>x</p>",
    "text of": "<p style='font-size:7px'>x</p>",
    "the page is": "<div style='width:3000px'>x</div>",
    "is cut off at the right": "<div style='overflow:hidden'><table style='width:3000px'><tr><th scope=col>x</th></tr></table></div>",
    "a table's cell is only": "<table style='width:60px;table-layout:fixed;overflow-wrap:anywhere'><tr><th scope=col>hexadecimal digits</th><td>x<td>x<td>x<td>x<td>x</tr></table>",
    "a link leads nowhere": "<a href='#nowhere'>x</a>",
    "a heading says nothing": "<h2> </h2>",
    "a link says nothing": "<a href='#x'></a><p id=x>x</p>",
    "a part that folds has no summary": "<details><p>x</p></details>",
    "two elements have the id": "<p id=a>x</p><p id=a>y</p>",
}


# Of a whole page, where no addition to a good one has the fault.
WHOLE_PAGES = {
    "the page names no language": GOOD.replace(" lang=en", "").format(""),
    "the page has no title": GOOD.replace("<title>t</title>", "").format(""),
    "the number of headings of the first order is": GOOD.format("<h1>another</h1>"),
    "the page has no main part": GOOD.replace("main>", "div>").format(""),
}
SHOWN_NOWHERE = "the hostile string is not shown as text"


def planted_page(fault):
    return WHOLE_PAGES[fault] if fault in WHOLE_PAGES else GOOD.format(PLANTED[fault])


def test_every_fault_that_is_looked_for_is_planted():
    looked_for = set(re.findall(r'fault\("([^"]*)"', LOOK_FOR_FAULTS))
    planted = {*PLANTED, *WHOLE_PAGES, SHOWN_NOWHERE}
    assert len(looked_for) >= 20
    assert [text for text in looked_for if not any(text.startswith(fault) for fault in planted)] == [], "looked for, and planted nowhere"
    made_here = {"the page asked for", "the console says"}
    assert [fault for fault in planted - made_here if not any(text.startswith(fault) for text in looked_for)] == [], "nothing looks for it"


def test_a_hostile_string_that_is_shown_nowhere_is_found(browser, tmp_path):
    (tmp_path / "page.html").write_text(GOOD.format("<p>x &lt;b&gt;</p>"))
    assert faults(browser, tmp_path / "page.html", "wide", "<b>") == []
    assert faults(browser, tmp_path / "page.html", "wide", "<i>") == [SHOWN_NOWHERE]


def test_a_good_page_has_no_fault(browser, tmp_path):
    (tmp_path / "page.html").write_text(GOOD.format(f'<p>x</p><img alt="x" src="{PIXEL}">'))
    assert faults(browser, tmp_path / "page.html", "wide") == []


@pytest.mark.parametrize("fault", [*PLANTED, *WHOLE_PAGES])
def test_a_planted_fault_is_found(browser, tmp_path, fault):
    (tmp_path / "page.html").write_text(planted_page(fault))
    found = faults(browser, tmp_path / "page.html", "wide")
    assert any(text.startswith(fault) for text in found), found
