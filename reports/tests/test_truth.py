"""Runs in which something went wrong still get a page, and it says so."""
import xml.etree.ElementTree as xml

from conftest import run_report
from made_up_run import MadeUpRun


def page_of(run, verdict, **how):
    run.write(verdict)
    result = run_report(run.folder, **how)
    assert result.returncode == 0, result.stderr
    for svg in (run.folder / "report").glob("*.svg"):
        xml.parse(svg)
    return (run.folder / "report" / "index.html").read_text()


def end(run, cell, outcome, reason, **more):
    run.cells[cell].update(outcome=outcome, reason=reason, **more)


def test_invalid_cell(tmp_path):
    run = MadeUpRun(tmp_path / "run", count=60)
    end(
        run,
        "generic.mixed",
        "invalid",
        "load part mixed delivered 0 sock a second, and 10 are wanted",
        next_step="see evidence.json",
        load_ok=False,
    )
    page = page_of(run, "INVALID")
    assert '<div class="word">INVALID</div>' in page and "no figures: invalid" in page
    assert "delivered 0 sock a second" in page and "loopgate: ready" in page and "see evidence.json" in page
    assert '<span class="word-in FAIL">not in effect</span></td><td>0 a second</td>' in page
    assert (
        "Not measured, so not drawn: generic.mixed."
        in (run.folder / "report" / "mixed-histogram.svg").read_text()
    )


def test_kernel_failed_and_unfinished_are_told_apart(tmp_path):
    run = MadeUpRun(tmp_path / "run", count=60)
    end(
        run,
        "generic.mixed",
        "kernel_failed",
        "the kernel panicked",
        console="Kernel panic - not syncing: no\n",
    )
    end(run, "preempt-rt.mixed", "unfinished", "the cell was not finished")
    page = page_of(run, "FAIL")
    assert (
        "generic.mixed: kernel failed" in page
        and "preempt-rt.mixed: unfinished" in page
        and "Kernel panic" in page
    )
    assert "2 of 3 cells were not measured" in page


def test_many_unfinished_replicates_are_one_entry(tmp_path):
    run = MadeUpRun(tmp_path / "run", kernels=("generic",), count=60, repeat=4)
    for cell in ("generic.mixed.2", "generic.mixed.4"):
        end(run, cell, "unfinished", "the cell was not finished")
    end(run, "generic.mixed.3", "invalid", "QEMU was killed")
    page = page_of(run, "INVALID")
    assert page.count("2 of 4 replicates are missing") == 1 and "<h3>generic.mixed.2:" not in page
    assert "<h3>generic.mixed.3: invalid" in page and "3 of 4 cells were not measured" in page


def test_every_cell_failed(tmp_path):
    run = MadeUpRun(tmp_path / "run", count=60)
    for cell in run.cells:
        end(run, cell, "kernel_failed", "did not boot")
    page = page_of(run, "FAIL")
    assert page.count("did not boot") >= 3
    assert "nothing to draw" in (run.folder / "report" / "mixed-exceedance.svg").read_text()


def test_one_repetition_of_two_is_said(tmp_path):
    run = MadeUpRun(tmp_path / "run", kernels=("generic",), count=60, repeat=2)
    end(run, "generic.mixed.2", "invalid", "QEMU was killed")
    assert "only 1 of 2 replicates were measured" in page_of(run, "INVALID")


def test_no_verdict_yet(tmp_path):
    page = page_of(MadeUpRun(tmp_path / "run", count=20), None, text_only=True)
    assert "NO VERDICT YET" in page and "loopgate gate RUN" in page and "PASS</" not in page


def test_why_of_every_check_that_did_not_pass(tmp_path):
    for verdict in ("FAIL", "INCONCLUSIVE", "INVALID"):
        page = page_of(MadeUpRun(tmp_path / verdict, count=20), verdict, text_only=True)
        assert f'<div class="word">{verdict}</div>' in page
        banner = page[: page.index("<h2>")]
        assert "<p>no calibration was given: loopgate calibrate irq-to-gpio</p>" in banner
        assert banner.count("max at most 1,000 us: why " + verdict) == 3


def test_not_gated_is_no_pass(tmp_path):
    run = MadeUpRun(tmp_path / "run", count=20)
    run.write("PASS")
    run.change("verdict.json", lambda document: document["groups"][0].update(verdict="NOT GATED"))
    assert run_report(run.folder, text_only=True).returncode == 0
    page = (run.folder / "report" / "index.html").read_text()
    assert "Not gated, which is not a PASS: generic × mixed." in page


def test_one_kernel_one_sample(tmp_path):
    page = page_of(MadeUpRun(tmp_path / "run", kernels=("preempt-rt",), count=1), "INCONCLUSIVE")
    assert "1 stimulus." in page and "26.800" in page


def test_only_unanswered(tmp_path):
    run = MadeUpRun(tmp_path / "run", kernels=("generic",), count=30)
    run.cells["generic.mixed"].update(latencies=run.cells["generic.mixed"]["latencies"][:0], unanswered=30)
    assert "no answer to any of 30 stimuli" in page_of(run, "FAIL")


def test_ten_kernels_with_long_names(tmp_path):
    kernels = tuple(f"kernel-{i}-with-a-name-that-has-no-end-and-$math$-in-it" for i in range(10))
    page = page_of(MadeUpRun(tmp_path / "run", kernels=kernels, count=30), "PASS", png=True)
    assert all(kernel in page for kernel in kernels)


def test_hostile_texts_are_escaped(tmp_path):
    evil = '<script>alert(1)</script><img src=x onerror="a">\'"&{{ 7 * 7 }}'
    run = MadeUpRun(tmp_path / "run", count=20)
    end(
        run,
        "generic.mixed",
        "kernel_failed",
        evil,
        next_step=evil,
        console="\x1b[31m" + evil + "\x00\x07\u202e\n\xff</pre>",
    )
    run.write("FAIL")
    run.change("run.json", lambda document: document["loads"][0].update(title=evil))
    run.change("run.json", lambda document: document["kernels"][0].update(title=evil, command_line=evil))
    run.change("verdict.json", lambda document: document["checks"][0].update(why=evil))
    assert run_report(run.folder).returncode == 0
    page = (run.folder / "report" / "index.html").read_text()
    assert (
        "<script>alert" not in page and "<img src=x" not in page and page.count("&lt;script&gt;alert(1)") >= 6
    )
    assert page.count("<script>") == 1 and page.count("</pre>") == page.count("<pre>")
    assert "{{ 7 * 7 }}" in page and not any(sign in page for sign in "\x1b\x00\x07\u202e")


def test_hostile_names_in_pictures(tmp_path):
    run = MadeUpRun(tmp_path / "run", kernels=('a<b>&"\x01',), loads=("../../up x",), count=20)
    cell = run.cells.pop(next(iter(run.cells)))
    run.cells["cell"] = cell
    page_of(run, "PASS", png=True)
    assert sorted(path.suffix for path in (run.folder / "report").iterdir()) == [".html"] + 3 * [
        ".png"
    ] + 3 * [".svg"]
    assert not list(tmp_path.glob("*.svg"))
