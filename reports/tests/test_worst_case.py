"""The bound on the page: a table, and marks beyond the sampled tail of the histogram."""
import json
import re
import xml.etree.ElementTree as xml

import pytest
from conftest import run_report
from loopgate_report.seal import sealed
from made_up_run import MadeUpRun


def made_up(folder, change=lambda document: None, seal=sealed, hunts=lambda cells: None):
    run = MadeUpRun(folder, kernels=("generic", "preempt-rt"), count=60)
    run.write()
    cells, hunted = [], []
    for kernel, bound_ns, hunted_ns in (("generic", 91_113_000, 41_000), ("preempt-rt", 90_051_100, 90_044_000)):
        outcome = json.loads((run.folder / "cells" / f"{kernel}.mixed" / "outcome.json").read_text())
        cells.append({"cell": f"{kernel}.mixed", "kernel": kernel, "load": "mixed", "samples_sha256": outcome["artifacts"]["samples.lgs"]["sha256"],
                      "preemptible": kernel != "generic", "samples": 60, "observed_max_ns": 40_000, "with_hunted_ns": hunted_ns, "bound_ns": bound_ns,
                      "longest_irq_off": {"ns": 6_460, "function": "release_sock", "task": "stress-ng"}, "longest_preempt_off": {"ns": 8_220, "function": "f", "task": "t"},
                      "terms": [{"name": "interrupts off", "ns": 1_000, "from": "f"}, {"name": "preemption off", "ns": bound_ns - 1_000, "from": "free_pcppages_bulk of stress-ng"}]})  # fmt: skip
        hunted.append({**{key: cells[-1][key] for key in ("cell", "kernel", "load", "samples_sha256")}, "unanswered": 0, "worst": [{"latency_ns": hunted_ns}]})
    document = {"format": 1, "time_base": "virtual", "cells": cells}
    change(document)
    (run.folder / "worst-case.json").write_text(seal(document))
    if hunts is not None:
        hunts(hunted)
        (run.folder / "hunt.json").write_text(sealed({"format": 1, "time_base": "virtual", "cells": hunted}))
    return run, run_report(run.folder)


def told(run):
    return ["".join(each.itertext()).strip() for each in xml.parse(run.folder / "report" / "mixed-histogram.svg").iter("{http://www.w3.org/2000/svg}text")]


def test_the_page_has_a_row_for_each_cell_and_the_histogram_its_marks(tmp_path):
    run, done = made_up(tmp_path / "run")
    assert done.returncode == 0, done.stderr
    page = (run.folder / "report" / "index.html").read_text()
    assert '<h2 id="worst-case">The worst case, composed and hunted</h2>' in page
    assert "free_pcppages_bulk of stress-ng" in page
    words = told(run)
    assert sum(text.startswith("bound ") for text in words) == 2
    assert [text for text in words if text.startswith("hunted ")] == ["hunted 41.0 us", "hunted 90,044 us"]
    assert any("Dotted" in text for text in words) and any("Dash-dotted" in text for text in words)


def test_what_was_composed_of_other_samples_is_not_shown(tmp_path):
    def change(document):
        for cell in document["cells"]:
            cell["samples_sha256"] = "0" * 64

    run, done = made_up(tmp_path / "run", change, hunts=None)
    assert done.returncode == 0, done.stderr
    assert 'id="worst-case"' not in (run.folder / "report" / "index.html").read_text()
    assert not any(text.startswith("bound ") for text in told(run))


@pytest.mark.parametrize(("key", "value", "complaint"), [
    ("bound_ns", 5, "do not add up"),
    ("observed_max_ns", 10**9, "longer than its bound"),
    ("with_hunted_ns", 10**9, "longer than its bound"),
    ("bound_ns", "x", "bound_ns"),
])  # fmt: skip
def test_what_cannot_be_is_refused(tmp_path, key, value, complaint):
    def change(document):
        document["cells"][0][key] = value

    _, done = made_up(tmp_path / "run", change)
    assert done.returncode != 0
    assert "worst-case.json" in done.stderr and complaint in done.stderr


def test_a_file_that_was_altered_is_refused(tmp_path):
    _, done = made_up(tmp_path / "run", seal=lambda document: sealed(document).replace("40000", "30000"))
    assert done.returncode != 0
    assert "was altered" in done.stderr


def rows_of(run):
    page = (run.folder / "report" / "index.html").read_text()
    table = page[page.index('id="worst-case"') : page.index("</table>", page.index('id="worst-case"'))]
    return [re.sub("<[^>]*>", " ", row).split() for row in table.split("<tr>")[2:]]


def test_what_is_hunted_needs_no_bound(tmp_path):
    run, done = made_up(tmp_path / "run", lambda document: document["cells"].pop(0))
    assert done.returncode == 0, done.stderr
    assert rows_of(run)[1][:5] == ["generic.mixed", "-", "41.000", "-", "-"]


def test_a_hunted_stimulus_without_an_answer_and_a_kernel_that_failed_are_no_figures(tmp_path):
    def hunts(cells):
        cells[0].update(unanswered=1)
        cells[1].update(worst=[], kernel_failures=[{"what": "it panicked", "repeated": True}])

    run, done = made_up(tmp_path / "run", hunts=hunts)
    assert done.returncode == 0, done.stderr
    assert not any(text.startswith("hunted ") for text in told(run))
    assert [text for text in told(run) if text.startswith("bound ")] == ["bound 90,051 us"], "what has no end has no bound"
    of_generic, of_rt = rows_of(run)
    assert "no answer" in " ".join(of_generic) and "the kernel failed, twice" in " ".join(of_rt)


def test_a_kernel_that_failed_once_and_not_again_is_not_blamed(tmp_path):
    run, done = made_up(tmp_path / "run", hunts=lambda cells: cells[0].update(kernel_failures=[{"what": "it panicked", "repeated": False}]))
    assert done.returncode == 0, done.stderr
    assert "41.000 (the kernel failed once, and not again)" in " ".join(rows_of(run)[0])


def test_a_bound_that_has_not_seen_a_later_hunt_is_not_drawn(tmp_path):
    """The gate calls it INCONCLUSIVE: what was hunted may even exceed it."""
    run, done = made_up(tmp_path / "run", hunts=lambda cells: cells[0].update(worst=[{"latency_ns": 92_000_000}]))
    assert done.returncode == 0, done.stderr
    words = told(run)
    assert [text for text in words if text.startswith("bound ")] == ["bound 90,051 us"]
    assert "hunted 92,000 us" in words
    assert rows_of(run)[0][3] == "-" and "run `loopgate bound` again" in " ".join(rows_of(run)[0])


def test_a_bound_that_another_replicate_exceeds_is_not_drawn(tmp_path):
    """The gate calls it INVALID."""
    def change(document):
        document["cells"][0].update(observed_max_ns=30, with_hunted_ns=None, bound_ns=3_000, terms=[{"name": "hardirq", "ns": 3_000, "from": "f"}])

    run, done = made_up(tmp_path / "run", change, hunts=lambda cells: cells.pop(0))
    assert done.returncode == 0, done.stderr
    assert sum(text.startswith("bound ") for text in told(run)) == 1


def test_a_hunt_of_other_samples_is_not_shown_and_an_altered_one_is_refused(tmp_path):
    def other(cells):
        cells[1]["samples_sha256"] = "0" * 64

    run, done = made_up(tmp_path / "other", hunts=other)
    assert done.returncode == 0 and sum(text.startswith("hunted ") for text in told(run)) == 1
    path = run.folder / "hunt.json"
    path.write_text(path.read_text().replace("41000", "40000"))
    refused = run_report(run.folder)
    assert refused.returncode != 0 and "hunt.json" in refused.stderr and "was altered" in refused.stderr
