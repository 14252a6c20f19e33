"""The page and the PDF of an acceptance, of folders as `loopgate accept` leaves them; harness/testing/ has a real one."""
import hashlib
import json
import shutil

import pytest
from conftest import PAGE_OF_OURS, run_report
from loopgate_report import acceptance_pdf
from loopgate_report.acceptance import Acceptance
from loopgate_report.acceptance_parts import title_of
from loopgate_report.fields import Fields
from loopgate_report.paper import BOTTOM, LEFT, PAGE_H, PAGE_W, RIGHT
from made_up_run import MadeUpRun, hash_of

HOSTILE = "<img id=hostile src=x onerror='window.hostile_ran=1'>\"'><script>window.hostile_ran=1</script>{{7*7}}$x_1$"
KERNEL_KEYS = ("title", "package", "version", "release", "image_sha256", "command_line", "arguments")


def document_of(run, verdict, **more):
    intervals = {"p50": [9_870, 10_012], "p90": [11_000, 12_500], "p99": [25_000, None], "p99_9": None, "p99_99": None}
    groups = [{"kernel": kernel, "load": "mixed", "verdict": verdict, "quantile_intervals_ns": intervals} for kernel in run.kernels]
    tuning = [{"by": "kernel", "kind": "tuning", "asked": "sched_rt_runtime_us = -1", "became": "in effect", "read_back": "-1"}]
    kernels = [{"run": "pin", "name": kernel, **{key: f"{key} of {kernel}" for key in KERNEL_KEYS}, "tuning": tuning} for kernel in run.kernels]
    return {
        "format": 1, "id": "823ca324-7386-4c51-9593-47a60ce6a521", "begun": "2026-11-28T20:40:31Z", "ended": "2026-11-28T20:41:45Z",
        "loopgate": {"version": "0.1.0", "commit": "0123456789ab"}, "nonce": "6f1c09d4a2e8", "predecessor": None,
        "told": {"customer": HOSTILE, "site": "Hall 3", "tester": "N. N.", "serial": "", "firmware": "U-Boot 2025.01"},
        "plan": {"file": "acceptance.toml", "sha256": hash_of("plan"), "toml": "title = 1"}, "board": "qemu-virt-arm64",
        "attempts": [{"begun": "2026-11-28T20:40:31Z", "ended": "2026-11-28T20:41:45Z", "measured_again": [{"run": "pin", "cell": "generic.mixed", "reason": "the load died"}]}],
        "title": "Acceptance of the pin", "decision_rule": "A limit is exceeded or it is not.", "agreed": "", "signatures": {"wanted": 1, "of": 2}, "verdict": verdict,
        "item": {"board": "qemu-virt-arm64", "title": "the virtual board", "emulator": False, "time_base": "virtual", "machine": "QEMU 10"}, "kernels": kernels,
        "runs": [{"name": "pin", "folder": "runs/pin", "suite": "irq-to-gpio", "title": "From pin to pin", "policy": {"sha256": hash_of("policy"), "title": "budgets"}, "confidence": 0.95,
                  "seed": 92173712114846, "started": "2026-11-28T20:40:31Z", "cells": 3, "samples": 200, "kernels": list(run.kernels), "loads": ["mixed"], "verdict": verdict, "remarks": [], "groups": groups}],
        "deviations": ["pin: cell generic.mixed was measured again in attempt 1: the load died"], "not_tested": [f"pin: {HOSTILE}"], **more,
    }  # fmt: skip


def make_acceptance(folder, verdict="PASS", **more):
    run = MadeUpRun(folder / "runs/pin/run", count=200)
    run.write(verdict=verdict)
    shutil.move(run.folder / "verdict.json", folder / "runs/pin/verdict.json")
    (folder / "acceptance.json").write_text(json.dumps(document_of(run, verdict, **more)))
    (folder / "acceptance.lgb").write_bytes(b"a bundle")
    return folder


@pytest.fixture(scope="module")
def accepted(tmp_path_factory):
    folder = make_acceptance(tmp_path_factory.mktemp("accepted") / "a")
    result = run_report(folder)
    assert result.returncode == 0, result.stderr
    return folder


def test_what_is_modified_stands_in_the_title(tmp_path):
    plain, modified = Acceptance(Fields({"title": "Pin"}, "a"), [], None, "PASS"), Acceptance(Fields({"title": "Pin", "modified": ["pin: load mixed is not as it is released"]}, "a"), [], None, "PASS")
    assert (title_of(plain), title_of(modified)) == ("Pin", "Pin (modified)")


def test_the_page_says_who_what_by_which_rule_and_what_was_left_out(accepted):
    page = (accepted / "report/index.html").read_text()
    for text in ("PASS", "823ca324-7386-4c51-9593-47a60ce6a521", "Hall 3", "N. N.", "not told, U-Boot 2025.01", "A limit is exceeded or it is not.", "virtual time", hash_of("policy"), hash_of("plan"),
                 "6f1c09d4a2e8", "was measured again in attempt 1", "sched_rt_runtime_us = -1", "command_line of generic", "none: it is the first of its chain",
                 hashlib.sha256(b"a bundle").hexdigest(), "How often this gate errs"):  # fmt: skip
        assert text in page, text
    assert page.count('class="sign"') == 2 and "<img id=hostile" not in page and "&lt;img id=hostile" in page
    assert "stamp" not in page[page.index("<body>") :]


def test_each_quantile_has_its_interval_on_page_and_paper(accepted, tmp_path, monkeypatch):
    page = (accepted / "report/index.html").read_text()
    drawn = shutil.copytree(accepted, tmp_path / "drawn", ignore=shutil.ignore_patterns("report"))
    whole = " ".join(text.get_text() for paper in pages_of(monkeypatch, drawn) for text in paper.texts)
    for text in ("9.870 to 10.012", "11.000 to 12.500", "25.000 or more", "at 95% confidence: those not sent"):
        assert text in page and text in whole, text
    assert page.count("9.870 to 10.012") == 3, "of each kernel"
    earlier = shutil.copytree(accepted, tmp_path / "earlier", ignore=shutil.ignore_patterns("report"))
    altered(lambda a: [group.pop("quantile_intervals_ns") for group in a["runs"][0]["groups"]])(earlier)
    assert run_report(earlier).returncode == 0 and "Between which latencies" not in (earlier / "report/index.html").read_text()


def test_the_pdf_is_equal_for_equal_folders(accepted, tmp_path):
    again = shutil.copytree(accepted, tmp_path / "again", ignore=shutil.ignore_patterns("report"))
    assert run_report(again).returncode == 0
    pdf = (accepted / "report/acceptance.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-") and pdf == (again / "report/acceptance.pdf").read_bytes()


def pages_of(monkeypatch, folder):
    """The PDF's pages as figures, each with its texts."""
    kept = []
    monkeypatch.setattr(acceptance_pdf, "_bytes", lambda figures, title: kept.extend(figures) or b"%PDF-")
    assert run_report(folder).returncode == 0
    return kept


def test_nothing_on_paper_is_cut_off_or_missing(accepted, monkeypatch):
    from loopgate_report.style import settings

    pages = pages_of(monkeypatch, accepted)
    first = " ".join(text.get_text() for text in pages[0].texts)
    assert "PASS" in first and first.count("date, signature") == 2, "the first page is what is signed"
    whole = "".join(text.get_text() for page in pages for text in page.texts)
    for text in ("Deviations and retries", "What was not tested", "The item", "In effect on generic", "{{7*7}}$x_1$"):
        assert text in whole, text
    with settings():
        for page in pages:
            renderer = page.canvas.get_renderer()
            for text in page.texts:
                box = text.get_window_extent(renderer)
                left, right = (x / page.bbox.width * PAGE_W for x in (box.x0, box.x1))
                bottom = PAGE_H - box.y0 / page.bbox.height * PAGE_H
                assert left >= LEFT - 0.5 and right <= RIGHT + 0.5 and bottom <= PAGE_H - 8, text.get_text()
                assert bottom <= BOTTOM + 4 or "page" in text.get_text(), text.get_text()
            assert f"of {len(pages)}" in page.texts[-1].get_text()


LONG = "A limit is exceeded or it is not, in words. " * 100


@pytest.mark.parametrize(
    "more",
    [
        {"agreed": LONG},
        {"agreed": "x" * 4000, "decision_rule": LONG, "title": LONG},
        {"agreed": LONG, "decision_rule": LONG, "deviations": [LONG] * 9, "not_tested": [LONG] * 9},
        {"signatures": {"wanted": 1, "of": 30}, "agreed": LONG},
        {"rows": 60},
        {"rows": 60, "agreed": LONG, "signatures": {"wanted": 1, "of": 4}},
    ],
)
def test_what_is_signed_is_the_first_page_however_long_its_texts_are(tmp_path, monkeypatch, more):
    rows = more.pop("rows", 0)
    folder = make_acceptance(tmp_path / "a", "FAIL", **more)
    if rows:
        altered(lambda a: a["runs"][0].update(groups=[{"kernel": f"k{i}", "load": "mixed", "verdict": "FAIL" if i == rows - 1 else "PASS"} for i in range(rows)]))(folder)
    pages = pages_of(monkeypatch, folder)
    texts = [text.get_text() for text in pages[0].texts]
    first, after = " ".join(texts), " ".join(text.get_text() for page in pages[1:] for text in page.texts)
    of = more.get("signatures", {}).get("of", 2)
    assert first.count("date, signature") == min(of, 4) and after.count("date, signature") == max(of - 4, 0)
    assert "Signatures" in texts and "FAIL" in texts and hashlib.sha256(b"a bundle").hexdigest() in first
    if of > 4:
        assert f"Of {of} lines to sign on, 4 are here and {of - 4} on the pages that follow." in first
    for key in more.keys() & {"agreed", "decision_rule", "title"}:
        assert "(in full below)" in first and more[key].replace(" ", "") in after.replace(" ", ""), key
    if rows:
        assert f"k{rows - 1}" in texts and f"of {rows}; the others are below." in first, "the failed one is among those that are left"
        assert all(f"k{i}" in after for i in range(rows))


def test_commands_are_set_as_such_and_others_backticks_are_left(tmp_path, monkeypatch):
    folder = make_acceptance(tmp_path / "a", agreed="`as they wrote it`")
    whole = " ".join(text.get_text() for page in pages_of(monkeypatch, folder) for text in page.texts)
    page = (folder / "report/index.html").read_text()
    for command in ("loopgate verify --trust KEY", "loopgate verify acceptance.lgb"):
        assert f"<code>{command}</code>" in page and command in whole, command
    for text in (page[page.index("<body>") :], whole):
        assert "`as they wrote it`" in text and text.count("`") == 2


def test_invalid_is_stamped_across_the_first_page_and_each_picture(tmp_path, monkeypatch):
    folder = make_acceptance(tmp_path / "a", "INVALID")
    pages = pages_of(monkeypatch, folder)
    assert [text for text in pages[0].texts if text.get_text() == "INVALID" and text.get_fontsize() > 60]
    pictures = list((folder / "report").glob("*.svg"))
    assert len(pictures) == 2 and all(">INVALID<" in picture.read_text() for picture in pictures)
    assert '<div class="stamp" aria-hidden="true"><span>INVALID</span></div>' in (folder / "report/index.html").read_text()


def test_without_its_bundle_the_page_says_so(tmp_path):
    folder = make_acceptance(tmp_path / "a")
    (folder / "acceptance.lgb").unlink()
    assert run_report(folder).returncode == 0
    assert "not in this folder" in (folder / "report/index.html").read_text()


def altered(change):
    def alter(folder):
        document = json.loads((folder / "acceptance.json").read_text())
        change(document)
        (folder / "acceptance.json").write_text(json.dumps(document))

    return alter


@pytest.mark.parametrize(
    ("alter", "says"),
    [
        (altered(lambda a: a.update(verdict="PASS")), "says PASS, and its runs come to FAIL"),
        (altered(lambda a: (a.update(verdict="PASS"), a["runs"][0].update(verdict="PASS"))), "says PASS of pin, and its verdict.json FAIL"),
        (altered(lambda a: a.update(runs=[])), "it has no run"),
        (altered(lambda a: a["runs"][0].update(folder="../elsewhere")), "is not runs/ and its name"),
        (altered(lambda a: a["runs"][0].update(name="..", folder="runs/..")), "is not runs/ and its name"),
        (altered(lambda a: a.update(format=2)), "has format 2"),
        (altered(lambda a: a.pop("deviations")), '"deviations"'),
        (altered(lambda a: a["told"].update(customer=7)), '"customer" must be a text'),
        (altered(lambda a: a["runs"][0]["groups"][0]["quantile_intervals_ns"].update(p50=[1])), '"p50" must be two whole numbers'),
        (altered(lambda a: a["runs"][0]["groups"][0]["quantile_intervals_ns"].update(p90=[None, 7])), '"p90" must be two whole numbers'),
        (lambda folder: (folder / "runs/pin/verdict.json").unlink(), "an acceptance has a verdict of each run"),
        (lambda folder: (folder / "acceptance.json").write_text("{"), "is not valid JSON"),
    ],
)
def test_what_does_not_fit_leaves_no_page(tmp_path, alter, says):
    folder = make_acceptance(tmp_path / "a", "FAIL")
    (folder / "report").mkdir()
    (folder / "report/index.html").write_text(PAGE_OF_OURS)
    alter(folder)
    result = run_report(folder, png=False)
    assert result.returncode == 3 and says in result.stderr, result.stderr
    assert not (folder / "report").exists()


def test_a_page_that_no_report_has_written_stays(tmp_path):
    folder = make_acceptance(tmp_path / "a", "FAIL")
    (folder / "report").mkdir()
    mine = folder / "report/index.html"
    mine.write_text("<h1>Minutes of the meeting</h1>")
    result = run_report(folder)
    assert result.returncode == 2 and 'holds "index.html", which no report has written: move it away' in result.stderr, result.stderr
    mine.write_text("")
    assert run_report(folder).returncode == 2, "neither is an empty one"


def test_a_kernel_that_failed_stands_before_what_the_bench_broke():
    from types import SimpleNamespace as Made

    from loopgate_report.acceptance import _whole_of

    invalid, slow = Made(verdict="INVALID", checks=[]), Made(verdict="FAIL", checks=[Made(rule="budget", verdict="FAIL")])
    panicked = Made(verdict="FAIL", checks=[Made(rule="cell", verdict="FAIL")])
    assert [_whole_of(each) for each in ([invalid, slow], [invalid, panicked], [slow])] == ["INVALID", "FAIL", "FAIL"]
