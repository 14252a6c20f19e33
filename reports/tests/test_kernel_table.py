"""One page of several runs: the classic table, and what must not stand side by side."""
import json
import re
import shutil

import pytest
from conftest import run_report
from loopgate_report import units
from loopgate_report.kernel_table import kernel_table
from loopgate_report.several_runs import read_several
from made_up_programs import change, figure, latency, program_run, result
from made_up_run import MadeUpRun, hash_of

KERNELS = ("generic", "preempt-rt")


def switch(ns, instructions=True):
    """As the adapter google-benchmark has it."""
    counted = [figure("instructions", ns, "instructions", None)] if instructions else []
    return result(*counted, figure("mean", ns, "ns"), figure("iterations", 1000, "iterations", None), latency=latency([9000, 9015]))


SWITCH = {"switch-pipe": {"generic": [switch(3840.4)], "preempt-rt": [switch(5210), switch(5230)]}}
SWITCH_ON_A_BOARD = {"switch-pipe": {"generic": [switch(3840.4, False)], "preempt-rt": [switch(5210, False), switch(5230, False)]}}
CYCLICTEST = {
    "cyclictest": {
        "generic": [result(figure("max", 4921, "us"), figure("cycles", 2000, "cycles", None), latency=latency([4_921_000, 4_921_999]))],
        "preempt-rt": [result(result="inconclusive", reason="it never became <real-time>")],
    }
}


@pytest.fixture
def instrument(tmp_path):
    """Of a bare responder; generic takes 955 us at the most."""
    return MadeUpRun(tmp_path / "today", kernels=KERNELS, count=600)


def rows(table):
    """(quantity, load) -> the texts of the kernels."""
    return {(row.quantity, row.load): [row.figures[kernel].text for kernel in table.kernels] for row in table.rows}


def table_of(*folders):
    return kernel_table(read_several(list(folders)))


def refused(status, words, *folders):
    done = run_report(*folders)
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    assert len(done.stderr.splitlines()) == 1
    for text in words:
        assert text in done.stderr
    assert not (folders[0] / "kernels").exists()


def test_the_three_figures_and_the_rest(instrument, tmp_path):
    switch = program_run(tmp_path / "primitives", "primitives", SWITCH)
    inspection = MadeUpRun.of_inspection(tmp_path / "inspection", count=30)
    inspection.write()
    change(inspection.folder / "run.json", lambda info: info["suite"].update(name="inspection"))
    rebind(inspection)
    table = table_of(instrument.write(), switch, inspection.folder)
    assert table.kernels == list(KERNELS)
    assert [row.name for row in table.classic] == ["largest interrupt latency, mixed", "task switch time, idle", "jitter (± half), mixed"]
    shown = rows(table)
    pooled = json.loads((instrument.folder / "comparison.json").read_text())["groups"]
    for i, group in enumerate(pooled):
        assert shown["largest interrupt latency", "mixed"][i] == units.us_text(group["latency_ns"]["max"])
        assert shown["jitter (± half)", "mixed"][i] == "±" + units.us_text(group["latency_ns"]["jitter"] / 2)
        assert shown["interrupt latency p99", "mixed"][i] == units.us_text(group["latency_ns"]["p99"])
    assert shown["task switch time", "idle"] == ["1.92 us", "2.62 us"], "there and back is two switches"
    assert any("the largest of 2 replicates, which begin at 2.60 us" in why for _, why in table.notes(table.classic))
    assert shown["switch-pipe instructions", "idle"] == ["3,840", "5,210 to 5,230"], "the mean of iterations, and not the max of one"
    assert shown["largest decision latency", "mixed"] == ["19,600 us", "9,200 us"]
    assert shown["interrupt latency p99.9", "mixed"] == ["-", "-"], "600 stimuli do not resolve it"
    assert [row.self_measured for row in table.classic] == [False, True, False]
    assert {row.count for row in table.classic if not row.self_measured} == {"600 stimuli"}


def rebind(run):
    """Its cells are of it again."""
    run.change("run.json", lambda info: None)
    for path in (run.folder / "cells").glob("*/outcome.json"):
        change(path, lambda outcome: outcome.update(suite="inspection"))


def test_what_no_run_has_is_told_and_not_invented(instrument, tmp_path):
    """hackbench's time is of many tasks, and of no single switch."""
    hackbench = {"hackbench": dict.fromkeys(KERNELS, [result(figure("time", 0.109, "s"))])}
    others = program_run(tmp_path / "rt", "rt-tests", hackbench, load="mixed", adapter="hackbench")
    table = table_of(instrument.write(), others)
    shown = rows(table)
    assert shown["task switch time", ""] == ["-", "-"]
    assert any("switch-pipe" in why and "hackbench" in why for _, why in table.notes(table.classic))
    assert shown["hackbench time", "mixed"] == ["0.109 s", "0.109 s"]
    table = table_of(others, program_run(tmp_path / "primitives", "primitives", SWITCH))
    assert rows(table)["largest interrupt latency", ""] == rows(table)["jitter (± half)", ""] == ["-", "-"]
    assert any("irq-to-gpio" in why for _, why in table.notes(table.classic))


def test_each_load_has_rows_of_its_own(tmp_path):
    run = MadeUpRun(tmp_path / "today", kernels=KERNELS, loads=("idle", "mixed"), count=100)
    run.cells["generic.idle"]["latencies"] = run.cells["generic.idle"]["latencies"] // 10
    table = table_of(run.write(), program_run(tmp_path / "primitives", "primitives", SWITCH))
    shown = rows(table)
    assert shown["largest interrupt latency", "idle"][0] == "95.5 us"
    assert shown["largest interrupt latency", "mixed"][0] == "955.0 us"
    assert all(row.load in row.name for row in table.rows)


def test_invalid_cells_are_no_figures(instrument, tmp_path):
    instrument.cells["generic.mixed"].update(outcome="invalid", reason="the load <died>")
    instrument.cells["preempt-rt.mixed"].update(outcome="kernel_failed", reason="it panicked")
    broken = program_run(tmp_path / "primitives", "primitives", SWITCH, invalid={"generic": "no such thread"})
    table = table_of(instrument.write(verdict=None), broken)
    shown = rows(table)
    assert shown["largest interrupt latency", "mixed"] == shown["jitter (± half)", "mixed"] == ["INVALID", "FAIL"]
    assert shown["task switch time", "idle"][0] == "INVALID"
    assert [(word, why) for _, word, why in table.invalid] == [
        ("INVALID", "the load <died>"),
        ("FAIL", "it panicked"),
        ("INVALID", "no such thread"),
    ], "each once"
    done = run_report(instrument.folder, broken)
    assert done.returncode == 0, done.stderr
    page = (instrument.folder / "kernels" / "index.html").read_text()
    assert "the load &lt;died&gt;" in page and "no such thread" in page
    assert "the load <died>" in (instrument.folder / "kernels" / "table.txt").read_text()


def test_figures_of_fewer_replicates_say_so(tmp_path):
    run = MadeUpRun(tmp_path / "today", kernels=KERNELS, count=100, repeat=2)
    run.cells["generic.mixed.2"].update(outcome="invalid", reason="the load died")
    table = table_of(run.write(verdict=None), program_run(tmp_path / "primitives", "primitives", SWITCH))
    assert rows(table)["largest interrupt latency", "mixed"][0] == "955.0 us"
    notes = [why for of, why in table.notes(table.classic) if "generic" in of]
    assert any("1 of 2 replicates only: generic.mixed.2 is INVALID: the load died" in why for why in notes)


def test_an_unanswered_stimulus_is_above_every_largest_latency(instrument, tmp_path):
    instrument.cells["generic.mixed"]["unanswered"] = 2
    table = table_of(instrument.write(verdict=None), program_run(tmp_path / "primitives", "primitives", SWITCH))
    assert rows(table)["largest interrupt latency", "mixed"][0] == rows(table)["jitter (± half)", "mixed"][0] == "2 unanswered"
    assert any("2 of 602 stimuli had no answer" in why and "955.0 us" in why for _, why in table.notes(table.classic))


def test_programs_that_did_not_pass_are_words(instrument, tmp_path):
    table = table_of(instrument.write(), program_run(tmp_path / "rt", "rt-tests", CYCLICTEST, load="mixed", adapter="cyclictest"))
    assert rows(table)["cyclictest max", "mixed"] == ["4,921 to 4,922 us", "INCONCLUSIVE"]
    assert any("never became" in why for _, why in table.notes(table.rest))


def test_the_worst_of_a_programs_replicates_speaks_for_all(instrument, tmp_path):
    skipped = result(result="not applicable", reason="no tracer")
    open_ = result(result="inconclusive", reason="who knows")
    crashed = result(result="invalid", reason="it died by signal 9")
    found = result(result="fail", reason="WATCHDOG triggered")
    of = {"pi_stress": {"generic": [skipped, open_, crashed, found], "preempt-rt": [open_, found, result()]}}
    table = table_of(instrument.write(), program_run(tmp_path / "rt", "rt-tests", of, load="mixed", adapter="pi_stress"))
    assert rows(table)["pi_stress", "mixed"] == ["INVALID", "FAIL"]
    where = {place.split(" of ")[0]: why for place, _, why in table.invalid}
    assert where == {"pi_stress in generic.mixed.3": "it died by signal 9", "pi_stress in preempt-rt.mixed.2": "WATCHDOG triggered"}


def test_a_programs_figure_of_fewer_replicates_says_so(instrument, tmp_path):
    folder = program_run(tmp_path / "primitives", "primitives", SWITCH, repeat=3)

    def lose_one(all):
        group = next(group for group in all["groups"] if group["kernel"] == "preempt-rt")
        group["invalid"] = [{"cell": "preempt-rt.idle.3", "outcome": "invalid", "reason": "the load died"}]

    change(folder / "comparison.json", lose_one)
    table = table_of(instrument.write(verdict=None), folder)
    assert rows(table)["switch-pipe instructions", "idle"][1] == "5,210 to 5,230"
    missing = "of 2 of 3 replicates only: preempt-rt.idle.3 is INVALID: the load died"
    for some in (table.classic, table.rest):
        assert any(missing in why and "preempt-rt" in of for of, why in table.notes(some))


def test_a_benchmarks_mean_is_no_count_of_instructions_on_a_wall_clock(tmp_path):
    today = MadeUpRun(tmp_path / "today", kernels=KERNELS, time_base="wall", count=30).write()
    table = table_of(today, program_run(tmp_path / "primitives", "primitives", SWITCH_ON_A_BOARD, time_base="wall"))
    assert rows(table)["switch-pipe mean", "idle"] == ["3.84 us", "5.21 to 5.23 us"]
    assert rows(table)["task switch time", "idle"] == ["1.92 us", "2.62 us"]
    assert ("switch-pipe instructions", "idle") not in rows(table)


def test_a_kernel_that_a_run_lacks_is_no_row_of_another(instrument, tmp_path):
    switch = program_run(tmp_path / "primitives", "primitives", SWITCH, kernels=("generic",))
    table = table_of(instrument.write(), switch)
    assert rows(table)["task switch time", "idle"] == ["1.92 us", "-"]
    assert any(f"{switch} has not measured this kernel" in why for _, why in table.notes(table.classic))


def test_the_page_marks_what_is_published_and_whose_clock_is_ours(instrument, tmp_path):
    switch = program_run(tmp_path / "primitives", "primitives", SWITCH)
    done = run_report(instrument.write(), switch, png=True)
    assert done.returncode == 0, done.stderr
    folder = instrument.folder / "kernels"
    assert sorted(path.name for path in folder.iterdir()) == ["index.html", "kernels.png", "kernels.svg", "runs.txt", "table.txt"]
    assert (folder / "runs.txt").read_text() == f"{instrument.folder}\n{switch}\n"
    page = (folder / "index.html").read_text(encoding="utf-8")
    ours, published = page.split("<h2>Published, for orientation</h2>")
    published = published.split("<h2>The rest</h2>")[0]
    assert "virtual time" in ours and "primitives (self-measured)" in ours
    assert not re.search(r"[^0-9.](125|68|35|150|110|85) us", ours)
    assert "not measured by Loopgate" in published and published.count("wall, x86 PC") == 3
    for text in ("125 us", "68 us", "35 us", "150 us", "110 us", "85 us", "±85 us", "±42 us", "±18 us"):
        assert text in published
    svg = (folder / "kernels.svg").read_text()
    assert "largest interrupt latency, mixed" in svg and "125" not in re.findall(r">([^<]*)</text>", svg)
    assert not (instrument.folder / "report").exists(), "a single run's page is another"


def test_a_long_reason_stays_on_the_picture(instrument, tmp_path):
    long = result(result="inconclusive", reason="word " * 100)
    switch = program_run(tmp_path / "primitives", "primitives", {"switch-pipe": dict.fromkeys(KERNELS, [long])})
    assert run_report(instrument.write(), switch).returncode == 0
    told = re.findall(r">(INCONCLUSIVE  [^<]*)</text>", (instrument.folder / "kernels" / "kernels.svg").read_text())
    assert len(told) == 2 and all(text.endswith("…") and len(text) < 140 for text in told)
    assert "word " * 99 in (instrument.folder / "kernels" / "index.html").read_text()


def test_the_text_is_aligned_and_fits_into_the_readme(instrument, tmp_path):
    switch = program_run(tmp_path / "primitives", "primitives", SWITCH)
    assert run_report(instrument.write(), switch, "--out", tmp_path / "page").returncode == 0
    classic, published, rest = (tmp_path / "page" / "table.txt").read_text().rstrip("\n").split("\n\n")
    heading, *lines = classic.splitlines()
    assert heading.startswith("suites irq-to-gpio, primitives · board qemu-virt-arm64 · virtual time")
    assert all(len(line) <= 100 for line in lines[:4])
    assert {len(re.split(r" {2,}", line)) for line in lines[:4]} == {5}, "none of its columns is empty"
    ends = {re.search(r"(us|generic)(?=  )", line).end() for line in lines[:4]}
    assert len(ends) == 1, "numbers stand right, below their kernel"
    assert published.startswith("published, of an x86 PC's wall clock; not measured by Loopgate")
    assert rest.splitlines()[0] == "the rest" and "verdict, mixed" in rest


def test_a_page_is_replaced_and_nothing_else_is(instrument, tmp_path):
    switch = program_run(tmp_path / "primitives", "primitives", SWITCH)
    instrument.write()
    for _ in range(2):
        assert run_report(instrument.folder, switch, "--out", tmp_path / "page").returncode == 0
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a.png").write_bytes(b"mine")
    done = run_report(instrument.folder, switch, "--out", photos)
    assert done.returncode == 2 and "a.png" in done.stderr and (photos / "a.png").read_bytes() == b"mine"


def test_refuses_other_time_bases_boards_and_kernel_images(instrument, tmp_path):
    today = instrument.write()
    wall = program_run(tmp_path / "wall", "primitives", SWITCH, time_base="wall")
    refused(2, [f"{today} is of the time base virtual", f"{wall} wall"], today, wall)
    board = program_run(tmp_path / "board", "primitives", SWITCH)
    change(board / "run.json", lambda info: info["board"].update(name="rpi-4b"))
    refused(2, ["of the board qemu-virt-arm64", f"{board} rpi-4b"], today, board)
    change(board / "run.json", lambda info: info["board"].update(name="qemu-virt-arm64", sha256=hash_of("other")))
    refused(2, ["different boards that are both called qemu-virt-arm64"], today, board)
    shift = program_run(tmp_path / "shift", "primitives", SWITCH)
    change(shift / "run.json", lambda info: info["machine"].update(icount_shift=3))
    refused(2, ["icount shift", "0", "3"], today, shift)
    probed = program_run(tmp_path / "probed", "primitives", SWITCH)
    change(probed / "run.json", lambda info: info.update(probe="ebpf"))
    refused(2, ["measured without a probe", "with the probe ebpf"], today, probed)
    kernel = program_run(tmp_path / "kernel", "primitives", SWITCH)
    change(kernel / "run.json", lambda info: info["kernels"][1].update(image_sha256=hash_of("rebuilt")))
    refused(2, ["preempt-rt is one image in", str(today), str(kernel), hash_of("rebuilt")[:12]], today, kernel)


def test_a_definition_that_differs_is_told(instrument, tmp_path):
    switch = program_run(tmp_path / "primitives", "primitives", SWITCH)
    change(switch / "run.json", lambda info: info["kernels"][1].update(sha256=hash_of("with a comment")))
    assert run_report(instrument.write(), switch).returncode == 0
    page = (instrument.folder / "kernels" / "index.html").read_text()
    assert "Of preempt-rt the image is the same in all runs, and the definition is not" in page


def test_refuses_the_same_run_twice_and_two_of_one_figure(instrument, tmp_path):
    today = instrument.write()
    link, copy = tmp_path / "link", tmp_path / "copy"
    link.symlink_to(today)
    shutil.copytree(today, copy)
    for same in (today, link, copy):
        refused(2, [f"{same}: is the same run as {today}"], today, same)
    yesterday = MadeUpRun(tmp_path / "yesterday", kernels=("preempt-rt",), count=100).write()
    refused(2, [str(today), str(yesterday), "have both measured irq-to-gpio of preempt-rt under mixed"], today, yesterday)


def test_refuses_what_is_no_run_and_what_has_not_measured(instrument, tmp_path):
    today = instrument.write()
    empty, bounds = tmp_path / "empty", tmp_path / "theirs"
    for folder in (empty, bounds):
        folder.mkdir()
    (bounds / "imported.json").write_text("{}")
    refused(2, [f"{empty}: has no run.json"], today, empty)
    refused(2, [f"{bounds}: holds imported.json", "a page of its own"], today, bounds)
    unfinished = MadeUpRun(tmp_path / "unfinished", kernels=KERNELS, loads=("idle",))
    for cell in unfinished.cells.values():
        cell.update(outcome="unfinished", reason="it was interrupted")
    refused(2, ["no cell of it is finished", "--resume"], today, unfinished.write(verdict=None))
    programs = program_run(tmp_path / "primitives", "primitives", SWITCH, invalid=dict.fromkeys(KERNELS, "it has no outcome.json"))
    change(programs / "comparison.json", lambda all: [cell.update(outcome="missing") for group in all["groups"] for cell in group["invalid"]])
    refused(2, [f"{programs}: no cell of it is finished"], today, programs)


def test_damaged_runs_are_named(instrument, tmp_path):
    switch = program_run(tmp_path / "primitives", "primitives", SWITCH)
    (switch / "comparison.json").write_text("{")
    refused(3, ["primitives/comparison.json"], instrument.write(), switch)


@pytest.mark.parametrize("ns, text", [(863, "0.863 us"), (1920.2, "1.92 us"), (9950, "9.95 us"), (35_800, "35.8 us"), (708_400, "708.4 us"), (4_896_499, "4,896 us")])
def test_times_are_as_the_gates(ns, text):
    assert units.us_text(ns) == text
