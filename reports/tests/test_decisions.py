"""Suites whose responses carry decisions: the picture of their stages, and what the page says of them."""
import re

import pytest
from conftest import run_report
from made_up_run import MadeUpRun, hash_of
from test_page import texts
from test_truth import page_of


@pytest.fixture(scope="module")
def inspection(tmp_path_factory):
    run = MadeUpRun.of_inspection(tmp_path_factory.mktemp("inspection") / "run", count=300)
    cell = run.cells["generic.mixed"]
    cell.update(latencies=cell["latencies"][9:], not_sent=7, unanswered=2, wrong=3, wrong_frame=1, left_out=5)
    run.page = page_of(run, "PASS", png=True)
    run.svg = run.folder / "report" / "mixed-stages.svg"
    return run


def rows_after(page, caption):
    table = page[page.index(caption) :]
    rows = re.findall(r"<tr>(.*?)</tr>", table[: table.index("</table>")], re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def bars_of(run):
    """The axes that the picture is drawn on."""
    from loopgate_report.run_directory import read_run
    from loopgate_report.stage_bars import draw_stages
    from loopgate_report.style import looks, settings

    whole = read_run(run.folder)
    with settings():
        return draw_stages(whole, "mixed", looks(whole.kernels)).figure.axes[0]


def test_counts_of_the_page(inspection):
    head, generic, other = rows_after(inspection.page, "What the responses said")
    assert head[1:] == [
        "decisions",
        "late",
        "not sent",
        "unanswered",
        "wrong",
        "wrong frame",
        "decisions per second",
    ]
    assert generic[:-1] == ["generic", "291", "0", "7", "2", "3", "1"]
    assert generic[-1] == "19.40" and other[-1] == "20.00"
    assert "four different counts" in inspection.page
    assert rows_after(inspection.page, "Latency from stimulus")[0][-2:] == ["count", "verdict"]


def test_decisions_that_nobody_can_judge(tmp_path):
    run = MadeUpRun.of_inspection(tmp_path / "run", count=300)
    run.decisions["truth"] = {"pictures": 30, "ok": 20, "ng": 4}
    run.cells["generic.mixed"].update(wrong=3, unjudged=60)
    run.cells["preempt-rt.mixed"].update(unjudged=300)
    page = page_of(run, "PASS")
    _, generic, other = rows_after(page, "What the responses said")
    assert generic[5] == "3 to 63" and other[5] == "–"
    assert page.count("30 pictures: 20 OK, 4 NG, 6 of which nobody knows") == 2, "once in the inputs, once in the method"


def test_stage_figures_of_the_page(inspection):
    head, *rows = rows_after(inspection.page, "Each stage by itself")
    assert head == ["kernel", "stage", "mean", "p50", "p99", "max", "samples", "left out"]
    assert [row[1] for row in rows[:6]] == ["kernel", "capture", "preprocess", "infer", "decide", "output"]
    assert rows[1] == ["generic", "capture", "1,520.000", "1,520.000", "-", "1,520.000", "286", "5"] and len(rows) == 12
    assert rows[10] == ["preempt-rt", "decide", *["0.850"] * 4, "300", "0"]


def test_work_behind_a_decision(tmp_path):
    run = MadeUpRun.of_inspection(tmp_path / "run", count=300)
    run.work["generic"] = {
        "threads": [
            {"name": "loop", "cpu_ns_a_decision": 4_560_000.4, "share_of_a_cpu": 0.0912},
            {"name": "preparing", "cpu_ns_a_decision": 310_500.0, "share_of_a_cpu": None},
        ],
        "shares_cpu": True,
        "stages": [
            {"name": "capture", "computed_bytes_a_decision": 51_200.0},
            {"name": "hand_over", "computed_bytes_a_decision": 18_432.0},
        ],
    }
    page = page_of(run, "PASS")
    head, *rows = rows_after(page, "What a decision costs beside its latency")
    assert head == ["kernel", "of", "a decision", "share of a CPU"]
    assert rows == [
        ["generic", "CPU time, thread loop", "4,560 us", "9.12 %"],
        ["generic", "CPU time, thread preparing", "310.5 us", "–"],
        ["generic", "threads on one CPU", "–", "–"],
        ["generic", "memory traffic, capture", "51,200 bytes", "–"],
        ["generic", "memory traffic, hand-over", "18,432 bytes", "–"],
        ["generic", "memory traffic, all stages", "69,632 bytes", "–"],
    ]
    assert "computed from sizes" in page and "not measured by a counter" in page


def test_without_a_word_of_its_work_a_page_has_no_such_table(inspection):
    assert "What a decision costs" not in inspection.page


def test_picture_of_the_stages(inspection):
    words = texts(inspection.svg)
    png = inspection.svg.with_suffix(".png").read_bytes()
    assert png.startswith(b"\x89PNG") and len(png) > 10_000
    assert "latency [ms, virtual]" in words and "deadline 30 ms" in words
    assert "each stage by itself  [us, virtual]" in words and "scene" not in words
    assert words.count("median") == words.count("worst") == 2
    assert "19.60 ms" in words and "9.200 ms" in words and words.count("0.85") == 5
    assert any("5 answered samples without a record" in text for text in words)
    assert bars_of(inspection).get_xlim()[1] > 30


def test_segments_are_to_scale(inspection):
    """Of the worst sample of preempt-rt, 9.2 ms: what is 850 ns long is as narrow as that."""
    axes = bars_of(inspection)
    widths = [bar.get_width() for bar in axes.patches[-6:]]
    assert sum(widths) == pytest.approx(9.2) and widths[4:] == pytest.approx([0.00085, 0.00315])


def test_deadline_far_beyond_the_bars_is_said(tmp_path):
    run = MadeUpRun.of_inspection(tmp_path / "run", frames=3, count=40, deadline_ns=300_000_000)
    page = page_of(run, "PASS")
    words = texts(run.folder / "report" / "mixed-stages.svg")
    assert any(text.startswith("deadline 300 ms, right of this axis") for text in words)
    assert bars_of(run).get_xlim()[1] < 100
    assert "scene" in words and "66,000" in words
    assert "from 3 frames, 33,000 us apart" in page and "counts from the first of them" in page


def test_late_ones_pass_the_deadline(tmp_path):
    run = MadeUpRun.of_inspection(tmp_path / "run", count=40, deadline_ns=9_000_000, time_base="wall")
    page = page_of(run, "FAIL")
    assert rows_after(page, "What the responses said")[1][2] != "0"
    words = texts(run.folder / "report" / "mixed-stages.svg")
    assert (
        "deadline 9 ms" in words
        and "latency [ms, wall-clock]" in words
        and not any("virtual]" in w for w in words)
    )


def test_kernels_without_stages_are_named(tmp_path):
    run = MadeUpRun.of_inspection(tmp_path / "run", kernels=("a", "b", "c", "d"), count=40)
    run.cells["b.mixed"].update(outcome="kernel_failed", reason="panicked")
    run.cells["c.mixed"].update(left_out=40)
    run.cells["d.mixed"].update(latencies=run.cells["d.mixed"]["latencies"][:0], unanswered=40)
    page = page_of(run, "FAIL")
    words = texts(run.folder / "report" / "mixed-stages.svg")
    assert "no figures: kernel failed" in words and "no sample has a record of its frame" in words
    assert "no answer to any of 40 stimuli" in words
    rows = rows_after(page, "What the responses said")
    assert rows[2][1:] == ["–"] * 7 and rows[4][1:] == ["0", "0", "0", "40", "0", "0", "–"]


def test_no_stages_no_picture(tmp_path):
    run = MadeUpRun.of_inspection(tmp_path / "run", count=20)
    for cell in run.cells.values():
        cell.update(left_out=20)
    page = page_of(run, "PASS")
    assert not list((run.folder / "report").glob("*stages*")) and "Each stage by itself" not in page
    assert "What the responses said" in page


def test_suites_without_decisions_stay_as_they_were(whole):
    assert rows_after(whole.page, "Latency from stimulus")[0][-5:] == [
        "count",
        "late",
        "unanswered",
        "not sent",
        "verdict",
    ]
    assert "What the responses said" not in whole.page and "four different counts" not in whole.page
    assert "<dt>decisions</dt><dd>none</dd>" in whole.page


def test_names_the_new_inputs(inspection):
    assert "payload file model, scratch.onnx" in inspection.page and hash_of("model") in inspection.page
    assert "<dt>back to back</dt><dd>no</dd>" in inspection.page
    assert "<dt>decisions</dt><dd>from one frame</dd>" in inspection.page


def test_back_to_back_is_closed_loop(inspection, tmp_path):
    assert "open loop" in inspection.page
    run = MadeUpRun.of_inspection(tmp_path / "run", count=20)
    run.write()
    run.change("run.json", lambda document: document.update(back_to_back=True))
    assert run_report(run.folder, text_only=True).returncode == 0
    page = (run.folder / "report" / "index.html").read_text()
    assert "closed loop" in page and "open loop" not in page and "<dt>back to back</dt><dd>yes</dd>" in page


def test_a_comparison_without_decisions(tmp_path):
    page = page_of(MadeUpRun(tmp_path / "run", count=30, old=True), "PASS")
    assert "<dt>decisions</dt><dd>none</dd>" in page and "not sent" in page


def test_hostile_names_of_payload_files(tmp_path):
    run = MadeUpRun.of_inspection(tmp_path / "run", count=20)
    run.write()
    run.change("run.json", lambda document: document["payload_files"][0].update(file="<b>x"))
    assert run_report(run.folder, text_only=True).returncode == 0
    page = (run.folder / "report" / "index.html").read_text()
    assert "&lt;b&gt;x" in page and "<b>" not in page


def test_pictures_of_milliseconds_say_ms(inspection):
    for kind in ("histogram", "exceedance", "over-time"):
        words = " ".join(texts(inspection.folder / "report" / f"mixed-{kind}.svg"))
        assert "ms, virtual]" in words and "us, virtual]" not in words and "max 19.60 ms" in words


def test_overview_of_milliseconds(tmp_path):
    run = MadeUpRun.of_inspection(tmp_path / "run", count=40, loads=("mixed", "idle"))
    page_of(run, "PASS")
    words = texts(run.folder / "report" / "overview.svg")
    assert "latency [ms, virtual]" in words and "deadline 30 ms" in words and "9.200" in words


def test_units_by_length():
    from loopgate_report import units

    assert units.unit_for(999_999) is units.US and units.unit_for(1_000_000) is units.MS
    assert [units.US.short(ns) for ns in (850, 12_032, 955_000, 18_640_400)] == [
        "0.85",
        "12.0",
        "955",
        "18,640",
    ]
    assert [units.MS.short(ns) for ns in (850, 8_012_345, 19_600_000, 121_400_000)] == [
        "0.001",
        "8.012",
        "19.60",
        "121.4",
    ]
    assert units.MS.round(30_000_000) == "30" and units.US.round(12_500) == "12.5"


class TestBins:
    """The histogram's bins are split where most samples would be in one or two of them."""

    @staticmethod
    def drawn(tmp_path, run):
        from loopgate_report.axis import LatencyAxis
        from loopgate_report.bins import bins_to_draw
        from loopgate_report.run_directory import read_run

        run.write()
        groups = read_run(run.folder).groups
        figures = [group.figures for group in groups]
        axis = LatencyAxis(min(f["min"] for f in figures), max(f["max"] for f in figures))
        return groups, bins_to_draw(groups, axis, 7.9)

    def test_finer_bins_hold_the_same_samples(self, tmp_path):
        groups, bins = self.drawn(tmp_path, MadeUpRun.of_inspection(tmp_path / "run", count=300))
        for group in groups:
            assert sum(amount for _, _, amount in bins[group.kernel]) == group.counts["count"]
            assert len(bins[group.kernel]) > len(group.bins)
            for lower, upper, amount in group.bins:
                inside = [row for row in bins[group.kernel] if lower <= row[0] and row[1] <= upper]
                assert sum(row[2] for row in inside) == amount

    def test_wide_ones_stay(self, tmp_path):
        groups, bins = self.drawn(tmp_path, MadeUpRun(tmp_path / "run", count=300))
        assert all(bins[group.kernel] is group.bins for group in groups)

    def test_lists_that_may_be_thinned_are_not_used(self, tmp_path):
        groups, bins = self.drawn(tmp_path, MadeUpRun.of_inspection(tmp_path / "run", count=5000))
        assert all(bins[group.kernel] is group.bins for group in groups)


def with_path(document):
    """What the stamps of a payload make of each group, where the program on the board measured."""
    for group in document["groups"]:
        median, worst = group["latency_ns"]["p50"], group["latency_ns"]["max"]
        figures = {"mean_ns": 900.0, "p50_ns": 900, "p99_ns": 1_000, "max_ns": 1_100}
        group["stages"] = {
            "count": group["count"],
            "left_out": 0,
            "stages": [{"name": name, **figures} for name in ("to interrupt", "to program", "to pin")],
            "median": {"sample": 9, "latency_ns": median, "ns": [900, 1_000, median - 1_900]},
            "worst": {"sample": 8, "latency_ns": worst, "ns": [900, worst - 1_900, 1_000]},
        }


def test_the_path_of_a_run_on_a_board_is_drawn(tmp_path):
    run = MadeUpRun(tmp_path / "run", count=60)
    run.write()
    run.change("comparison.json", with_path)
    done = run_report(run.folder)
    assert done.returncode == 0, done.stderr
    words = texts(run.folder / "report" / "mixed-stages.svg")
    assert {"to interrupt", "to program", "to pin"} <= set(words) and "infer" not in words
    rows = rows_after((run.folder / "report" / "index.html").read_text(), "Each stage by itself")
    assert [row[1] for row in rows[1:4]] == ["to interrupt", "to program", "to pin"]


def test_the_path_stands_for_no_decisions_stages(tmp_path):
    run = MadeUpRun.of_inspection(tmp_path / "run", count=60)
    run.write()
    run.change("comparison.json", with_path)
    done = run_report(run.folder)
    assert done.returncode != 0 and "its stages are not scene, kernel" in done.stderr


TRACED = ("before the handler", "hardirq", "irq thread wakeup latency", "irq thread", "payload wakeup latency", "payload")


def with_trace(document):
    """What the kernel's own tracing makes of each group: its phases, and the sample that its trace.dat holds."""
    with_path(document)
    for group in document["groups"]:
        max_ns = group["latency_ns"]["max"]
        held_ns = max_ns if group["kernel"] == "generic" else group["latency_ns"]["p50"]
        figures = {"mean_ns": 900.0, "p50_ns": 900, "p99_ns": 1_000, "max_ns": 1_100}
        stages = group["stages"]
        stages["stages"] = [{"name": name, **figures} for name in TRACED]
        for key in ("median", "worst"):
            stages[key]["ns"] = [100] * 5 + [stages[key]["latency_ns"] - 500]
        stages["probe"] = {"traced": {"cell": f"{group['kernel']}.{group['load']}", "sample": 137, "latency_ns": held_ns}}


def test_the_kernels_own_trace_is_named(tmp_path):
    run = MadeUpRun(tmp_path / "run", count=60)
    run.write()
    run.change("comparison.json", with_trace)
    done = run_report(run.folder)
    assert done.returncode == 0, done.stderr
    page = (run.folder / "report" / "index.html").read_text()
    assert "generic: cells/generic.mixed/trace.dat holds the worst, sample 137 (" in page
    assert "the worst is not among those that the kernel itself saw take longest." in page
    assert [row[1] for row in rows_after(page, "Each stage by itself")[1:7]] == list(TRACED)


def test_a_trace_of_no_sample_of_the_group_is_refused(tmp_path):
    run = MadeUpRun(tmp_path / "run", count=60)
    run.write()
    run.change("comparison.json", lambda d: (with_trace(d), d["groups"][0]["stages"]["probe"]["traced"].update(latency_ns=10**12)))
    done = run_report(run.folder)
    assert done.returncode != 0 and '"latency_ns" does not fit' in done.stderr
