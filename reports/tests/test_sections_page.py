"""Critical sections on the page: a table and a picture of what `loopgate sections` recorded of the samples that are there."""
import json
import xml.etree.ElementTree as xml

import pytest
from conftest import run_report
from made_up_run import MadeUpRun


def kind(name, longest_ns=0):
    places = {"opened": {"function": "free_pcppages_bulk", "through": "_raw_spin_lock_irqsave"}, "closed": {"function": "free_pcppages_bulk", "through": ""}}
    if not longest_ns:
        return {"kind": name, "count": 0, "p50_ns": 0, "p99_ns": 0, "p99_9_ns": 0, "max_ns": 0, "longest": [], "holders": [], "exceedance": []}
    return {
        "kind": name, "count": 1_000, "p50_ns": 66, "p99_ns": 2_800, "p99_9_ns": 12_900, "max_ns": longest_ns,
        "longest": [{"length_ns": longest_ns, "task": "stress-ng-vm", **places}], "holders": [{"count": 1_000, **places}],
        "exceedance": [[10, 1_000], [1_000, 40], [longest_ns, 1]],
    }  # fmt: skip


def made_up(folder, change=lambda document: None):
    run = MadeUpRun(folder, kernels=("generic", "preempt-rt"), count=60)
    run.write()
    cells = []
    for kernel, longest_ns in (("generic", 344_572), ("preempt-rt", 6_458)):
        outcome = json.loads((run.folder / "cells" / f"{kernel}.mixed" / "outcome.json").read_text())
        kinds = [kind("interrupts off", longest_ns), kind("preemption off", 2 * longest_ns), kind("softirqs off"), kind("interrupt handler", 4_400)]
        cells.append({"cell": f"{kernel}.mixed", "kernel": kernel, "load": "mixed", "preemptible": kernel != "generic", "recorded_ns": 10**9,
                      "samples_sha256": outcome["artifacts"]["samples.lgs"]["sha256"], "unclosed": 0, "kinds": kinds})  # fmt: skip
    document = {"format": 1, "time_base": "virtual", "cells": cells}
    change(document)
    (run.folder / "sections.json").write_text(json.dumps(document))
    return run, run_report(run.folder)


def test_the_page_has_a_row_for_each_kind_and_the_picture_each_kernel(tmp_path):
    run, done = made_up(tmp_path / "run")
    assert done.returncode == 0, done.stderr
    page = (run.folder / "report" / "index.html").read_text()
    assert '<h2 id="sections">Critical sections</h2>' in page
    assert '<td class="n">344.572</td><td>free_pcppages_bulk, in stress-ng-vm</td>' in page
    assert page.count("interrupts off</td>") == 2 and "softirqs off</td>" not in page, "kinds without windows have no row"
    told = ["".join(each.itertext()) for each in xml.parse(run.folder / "report" / "mixed-sections.svg").iter("{http://www.w3.org/2000/svg}text")]
    assert "interrupts off: max 344.6 us · preemption off: max 689.1 us" in told
    assert "How long interrupts and preemption were off under load mixed, virtual time" in told
    assert any(text.startswith("Without CONFIG_PREEMPTION") for text in told)


def test_a_wait_for_a_lock_has_its_holder(tmp_path):
    def change(document):
        waits = kind("lock wait", 14_100)
        waits["longest"][0] |= {"opened": {"function": "do_wait_intr", "through": "rt_spin_lock"}, "task": "responder", "holder": "stress-ng-getra", "holder_pid": 301}
        document["cells"][1]["kinds"].append(waits)

    run, done = made_up(tmp_path / "run", change)
    assert done.returncode == 0, done.stderr
    page = (run.folder / "report" / "index.html").read_text()
    assert "lock wait</td>" in page and "do_wait_intr (rt_spin_lock), taken in free_pcppages_bulk by stress-ng-getra, in responder</td>" in page


def test_cpus_are_told_apart(tmp_path):
    def change(document):
        for cell in document["cells"]:
            cell["kinds"] = [{**each, "cpu": cpu} for each in cell["kinds"] for cpu in (0, 1)]
        document["cells"][0]["kinds"][1] = {**kind("interrupts off", 55_000), "cpu": 1}

    run, done = made_up(tmp_path / "run", change)
    assert done.returncode == 0, done.stderr
    page = (run.folder / "report" / "index.html").read_text()
    assert page.count("interrupts off, CPU 0</td>") == page.count("interrupts off, CPU 1</td>") == 2
    told = ["".join(each.itertext()) for each in xml.parse(run.folder / "report" / "mixed-sections.svg").iter("{http://www.w3.org/2000/svg}text")]
    assert "interrupts off, CPU 0: max 344.6 us · interrupts off, CPU 1: max 55.0 us" in told
    for panel in ("interrupts off, CPU 0", "interrupts off, CPU 1", "preemption off, CPU 0", "preemption off, CPU 1"):
        assert panel in told


def test_sections_of_other_samples_are_not_shown(tmp_path):
    def change(document):
        for cell in document["cells"]:
            cell["samples_sha256"] = "0" * 64

    run, done = made_up(tmp_path / "run", change)
    assert done.returncode == 0, done.stderr
    assert 'id="sections"' not in (run.folder / "report" / "index.html").read_text()
    assert not (run.folder / "report" / "mixed-sections.svg").exists()


@pytest.mark.parametrize(("change", "complaint"), [
    (lambda kind: kind.update(count=999), "do not add up"),
    (lambda kind: kind.update(longest=[]), "do not add up"),
    (lambda kind: kind.update(max_ns=1), "no falling curve"),
    (lambda kind: kind["exceedance"].reverse(), "no falling curve"),
    (lambda kind: kind.update(exceedance=[[1, "x"]]), "exceedance"),
    (lambda kind: kind.update(exceedance=[]), "exceedance"),
    (lambda kind: kind.pop("p99_ns"), 'key "p99_ns" is missing'),
])  # fmt: skip
def test_what_does_not_add_up_is_refused(tmp_path, change, complaint):
    _, done = made_up(tmp_path / "run", lambda document: change(document["cells"][0]["kinds"][0]))
    assert done.returncode == 3
    assert "sections.json" in done.stderr and complaint in done.stderr
