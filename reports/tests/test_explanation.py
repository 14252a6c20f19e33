"""What `loopgate explain` left beside a cell: drawn, named and refused."""
import json
import re
import xml.etree.ElementTree as xml

import pytest
from conftest import run_report
from made_up_run import MadeUpRun
from test_page import texts

PHASES = [
    "irqs disabled",
    "hardirq",
    "irq thread wakeup latency",
    "irq thread",
    "payload wakeup latency",
    "payload",
    "payload's system calls",
]
CELL = "generic.mixed"


def sample_of(number, waiting_ns, function="do_<munmap>"):
    """Three tasks, one after the other; `waiting_ns` is what differs between samples."""
    parts = [
        (0, "hardirq", ["el1h_64_irq", "gic_handle_irq"], 900),
        (0, "irq thread wakeup latency", ["el0t_64_sync", "invoke_syscall", function], waiting_ns),
        (1, "irq thread", ["kthread", "irq_thread"], 700),
        (2, "payload", ["main"], 400),
    ]
    tasks = [("stress-ng-vm", "SCHED_OTHER", 0), ("irq/18-stimulus", "SCHED_FIFO", 50), ("responder", "SCHED_FIFO", 80)]
    spans, at = [], 0
    for task, phase, _, ns in parts:
        spans.append({"task": task, "phase": phase, "interrupt": False, "begin_ns": at, "end_ns": at + ns})
        at += ns
    return {
        "cell": CELL,
        "sample": number,
        "stimulus_ns": 5,
        "latency_ns": at,
        "why": f"600 us of 602 us irq thread wakeup latency: stress-ng-vm ran in {function}",
        "phases": [{"name": name, "ns": sum(ns for _, phase, _, ns in parts if phase == name)} for name in PHASES],
        "functions": [
            {"name": stack[-1], "ns": ns, "task": tasks[task][0], "pid": task, "phase": phase}
            for task, phase, stack, ns in parts
        ],
        "tasks": [
            {"name": name, "pid": i, "process": i, "policy": policy, "priority": priority,
             "ns": sum(ns for task, _, _, ns in parts if task == i)}
            for i, (name, policy, priority) in enumerate(tasks)
        ],
        "flame": [{"task": task, "stack": stack, "ns": ns, "phase": phase} for task, phase, stack, ns in parts],
        "timeline": spans,
    }


def explanation_of(run):
    outcome = json.loads((run.folder / "cells" / CELL / "outcome.json").read_text())
    return {
        "format": 2,
        "time_base": "virtual",
        "cell": CELL,
        "samples_sha256": outcome["artifacts"]["samples.lgs"]["sha256"],
        "explained": [sample_of(270, 600_000)],
        "median": sample_of(9, 3_000),
        "comparisons": [
            {"sample": 270, "against": {"cell": CELL, "sample": 9},
             "differences": [{"phase": PHASES[2], "function": "do_<munmap>", "here_ns": 600_000, "there_ns": 3_000}]}
        ],
        "distribution": {
            "count": 30,
            "bands": [
                {"from_percent": 0, "to_percent": 50, "count": 15, "latency_ns": {"min": 1_000, "max": 3_000},
                 "mean_ns": [0, 500.0, 500.0, 500.0, 500.0, 0, 0]},
                {"from_percent": 50, "to_percent": 100, "count": 15, "latency_ns": {"min": 3_000, "max": 602_000},
                 "mean_ns": [100.0, 500.0, 40_000.0, 500.0, 500.0, 0, 0]},
            ],
        },
    }


@pytest.fixture
def run(tmp_path):
    made_up = MadeUpRun(tmp_path / "run", count=30)
    made_up.write()
    return made_up


@pytest.fixture(scope="module")
def explained(tmp_path_factory):
    """The usual explanation and its report, drawn once."""
    run = MadeUpRun(tmp_path_factory.mktemp("explained") / "run", count=30)
    run.write()
    run.page = page_of(run, explain(run, png=True))
    return run


def explain(run, change=lambda document: None, png=False):
    document = explanation_of(run)
    change(document)
    (run.folder / "cells" / CELL / "explain.json").write_text(json.dumps(document))
    return run_report(run.folder, png=png)


def page_of(run, result):
    assert result.returncode == 0, result.stderr
    return (run.folder / "report" / "index.html").read_text()


def test_a_run_that_nobody_explained_has_no_such_part(run):
    assert "Why the worst case" not in page_of(run, run_report(run.folder))


def test_the_sentence_the_tables_and_three_pictures(explained):
    page = explained.page
    assert "Why the worst case is the worst case" in page
    assert "stress-ng-vm ran in do_&lt;munmap&gt;." in page and "<munmap>" not in page
    assert re.search(r"do_&lt;munmap&gt;</th><td>stress-ng-vm</td>.*600\.000</td><td class=\"n\">99\.7%", page)
    assert "What differs from sample 9 of generic.mixed" in page and "+597.000" in page
    names = {path.name for path in (explained.folder / "report").glob("generic.mixed-*.svg")}
    assert names == {"generic.mixed-270-waterfall.svg", "generic.mixed-270-flame.svg", "generic.mixed-phases.svg"}


def test_the_waterfall_has_every_phase_and_the_median(explained):
    words = texts(explained.folder / "report" / "generic.mixed-270-waterfall.svg")
    for phase in PHASES:
        assert phase in words
    assert words.count("600.000") == 1 and "3.000" in words
    assert "FIFO 80" in words and "after the stimulus [us, virtual]" in words


def test_a_flame_is_as_wide_as_its_time():
    from loopgate_report.explanation import _sample
    from loopgate_report.fields import Fields
    from loopgate_report.flame import frames_of

    root = frames_of(_sample(Fields(sample_of(270, 600_000), "made up")))
    assert root.ns == 602_000
    task = root.callees["stress-ng-vm"]
    assert (task.ns, task.phase) == (600_900, PHASES[2])
    assert task.callees["el0t_64_sync"].callees["invoke_syscall"].callees["do_<munmap>"].ns == 600_000


def test_files_beside_it_are_named_with_what_opens_them(run):
    (run.folder / "cells" / CELL / "explain-270.speedscope.json").write_text("{}")
    page = page_of(run, explain(run))
    assert "explain-270.speedscope.json</code> for speedscope." in page and "trace.dat" not in page


def test_what_explains_other_samples_is_not_shown(run):
    page = page_of(run, explain(run, lambda document: document.update(samples_sha256="0" * 64)))
    assert "is about samples that no longer exist: <code>loopgate explain RUN --cell generic.mixed</code>" in page
    assert "munmap" not in page


def test_no_more_samples_than_a_page_can_bear(run):
    page = page_of(run, explain(run, lambda d: d.update(explained=[sample_of(i, 600_000) for i in range(12)], comparisons=[])))
    assert "2 more explained samples of generic.mixed" in page and page.count("Flame graph.") == 10


def first(document):
    return document["explained"][0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: first(d)["phases"][1].update(ns=901), '"phases" do not add up'),
        (lambda d: first(d)["phases"].pop(), "its phases are not"),
        (lambda d: first(d)["functions"].pop(), '"functions" do not add up'),
        (lambda d: first(d)["flame"][0].update(ns=1), '"flame" do not add up'),
        (lambda d: first(d)["flame"][0].update(task=7), "none of the sample's tasks"),
        (lambda d: first(d)["timeline"].pop(1), '"timeline" has a gap'),
        (lambda d: first(d)["timeline"].pop(), "does not end at"),
        (lambda d: first(d)["timeline"][0].update(phase="lunch"), 'the phase "lunch" is unknown'),
        (lambda d: first(d).pop("why"), '"why" is missing'),
        (lambda d: d["comparisons"][0].update(sample=1), "none of those explained"),
        (lambda d: d["distribution"].update(count=31), "do not add up"),
        (lambda d: d["distribution"]["bands"][0]["mean_ns"].pop(), "must be 7 times"),
        (lambda d: d.update(time_base="wall"), "is not in virtual time"),
        (lambda d: d.update(format=1), "format is 1: an earlier loopgate wrote it"),
        (lambda d: d.update(format=3), "format 3"),
    ],
)
def test_what_does_not_add_up_is_refused_by_name(run, change, words):
    result = explain(run, change)
    assert result.returncode == 3 and "explain.json" in result.stderr and words in result.stderr
    assert result.stderr.count("\n") == 1 and not (run.folder / "report").exists()


def test_every_picture_is_whole(explained):
    drawn = list((explained.folder / "report").glob("generic.mixed-*.svg"))
    assert len(drawn) == 3
    for path in drawn:
        assert xml.parse(path).getroot().tag.endswith("svg")
        assert path.with_suffix(".png").read_bytes().endswith(b"IEND\xaeB`\x82")
