"""The bound on the page: a table, and marks beyond the sampled tail of the histogram."""
import json
import xml.etree.ElementTree as xml

import pytest
from conftest import run_report
from loopgate_report.seal import sealed
from made_up_run import MadeUpRun


def made_up(folder, change=lambda document: None, seal=sealed):
    run = MadeUpRun(folder, kernels=("generic", "preempt-rt"), count=60)
    run.write()
    cells = []
    for kernel, bound_ns, hunted_ns in (("generic", 91_113_000, None), ("preempt-rt", 90_051_100, 90_044_000)):
        outcome = json.loads((run.folder / "cells" / f"{kernel}.mixed" / "outcome.json").read_text())
        cells.append({"cell": f"{kernel}.mixed", "kernel": kernel, "load": "mixed", "samples_sha256": outcome["artifacts"]["samples.lgs"]["sha256"],
                      "preemptible": kernel != "generic", "samples": 60, "observed_max_ns": 40_000, "hunted_max_ns": hunted_ns, "bound_ns": bound_ns,
                      "longest_irq_off": {"ns": 6_460, "function": "release_sock", "task": "stress-ng"}, "longest_preempt_off": {"ns": 8_220, "function": "f", "task": "t"},
                      "terms": [{"name": "interrupts off", "ns": 1_000, "from": "f"}, {"name": "preemption off", "ns": bound_ns - 1_000, "from": "free_pcppages_bulk of stress-ng"}]})  # fmt: skip
    document = {"format": 1, "time_base": "virtual", "cells": cells}
    change(document)
    (run.folder / "worst-case.json").write_text(seal(document))
    return run, run_report(run.folder)


def told(run):
    return ["".join(each.itertext()).strip() for each in xml.parse(run.folder / "report" / "mixed-histogram.svg").iter("{http://www.w3.org/2000/svg}text")]


def test_the_page_has_a_row_for_each_cell_and_the_histogram_its_marks(tmp_path):
    run, done = made_up(tmp_path / "run")
    assert done.returncode == 0, done.stderr
    page = (run.folder / "report" / "index.html").read_text()
    assert '<h2 id="worst-case">The worst case, composed</h2>' in page
    assert "free_pcppages_bulk of stress-ng" in page
    words = told(run)
    assert sum(text.startswith("bound ") for text in words) == 2
    assert sum(text.startswith("hunted ") for text in words) == 1
    assert any("Dotted" in text for text in words) and any("Dash-dotted" in text for text in words)


def test_what_was_composed_of_other_samples_is_not_shown(tmp_path):
    def change(document):
        for cell in document["cells"]:
            cell["samples_sha256"] = "0" * 64

    run, done = made_up(tmp_path / "run", change)
    assert done.returncode == 0, done.stderr
    assert 'id="worst-case"' not in (run.folder / "report" / "index.html").read_text()
    assert not any(text.startswith("bound ") for text in told(run))


@pytest.mark.parametrize(("key", "value", "complaint"), [
    ("bound_ns", 5, "do not add up"),
    ("observed_max_ns", 10**9, "longer than its bound"),
    ("hunted_max_ns", 10**9, "longer than its bound"),
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
