"""Runs on a board: each cell is a boot, its surroundings are told, and an emulator is called one."""
import html
import json
import xml.etree.ElementTree as xml

import pytest
from conftest import run_report
from made_up_run import MadeUpRun

LOOK = {
    "clock_source": "arch_sys_counter",
    "governors": {"0": "performance", "1": "performance"},
    "frequencies_khz": {"0": 1_500_000},
    "idle_states": [{"cpu": 0, "name": "WFI", "enabled": True}, {"cpu": 0, "name": "deep", "enabled": False}],
    "temperature_c": 51.2,
    "throttled": "0x0",
}


def environment(**during):
    return {
        "format": 1,
        "limit_c": 80.0,
        "before": LOOK,
        "during": {"looks": 12, "failed_looks": 0, "hottest_c": 61.0, "throttled": "0x0", **during},
        "after": LOOK,
        "unknown": [],
    }


def audit(*judgements):
    findings = [
        {"name": f"rule-{i}", "title": f"setting {i}", "judgement": judgement, "seen": "1,2", "expected": "none", "why": "It wakes.", "change": "echo 0"}
        for i, judgement in enumerate(judgements)
    ]
    return json.dumps({"format": 1, "findings": findings})


def order(swapped, beyond_chance):
    pair = {"faster_virtual": "preempt-rt", "faster_on_board": "generic", "beyond_chance": beyond_chance}
    ranks = [{"kernel": "preempt-rt", "ns": 32_600}, {"kernel": "generic", "ns": 299_700}]
    return {
        "virtual_run": "runs/bench",
        "virtual_board": "qemu-virt-arm64",
        "orders": [
            {
                "load": "mixed",
                "quantity": "p99_9",
                "virtual": ranks,
                "board": ranks[::-1] if swapped else ranks,
                "agrees": not swapped,
                "swapped": [pair] if swapped else [],
            }
        ],
        "left_out": [{"kernel": "mine", "load": "mixed", "why": "is not measured in the virtual run"}],
    }


def board_run(folder, repeat=3, kernels=("generic", "preempt-rt")):
    return MadeUpRun(folder, kernels=kernels, count=40, repeat=repeat, time_base="wall")


def words(run, name):
    elements = xml.parse(run.folder / "report" / name).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(element.itertext()) for element in elements]


def page_of(run):
    result = run_report(run.folder)
    assert result.returncode == 0, result.stderr
    return html.unescape((run.folder / "report" / "index.html").read_text())


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    """Three boots each, of which the board throttled in one; on an emulator; and the orders disagree."""
    run = board_run(tmp_path_factory.mktemp("board") / "run")
    run.cells["generic.mixed.2"].update(outcome="invalid", reason="the board was throttled while measuring")
    run.cells["preempt-rt.mixed.3"]["latencies"] *= 3
    run.write("INVALID")
    for cell in run.cells:
        seen = environment(throttled="0x50005", hottest_c=83.5) if cell == "generic.mixed.2" else environment()
        (run.folder / "cells" / cell / "environment.json").write_text(json.dumps(seen))
    for cell in ("generic.mixed", "preempt-rt.mixed"):
        (run.folder / "cells" / cell / "audit.json").write_text(audit("good", "unknown", "attention", "not applicable"))
    run.change("verdict.json", lambda document: document.update(order=order(True, True)))
    run.change("run.json", lambda document: document["board"].update(emulator=True))
    run.page = page_of(run)
    return run


def test_each_boot_is_drawn(board):
    texts = words(board, "mixed-replicates.svg")
    assert all("wall-clock]" in text for text in texts if "[" in text)
    assert "Boot by boot under load mixed, wall-clock time" in texts
    assert any("2 of 3 boots" in text for text in texts) and any("max 26.8 to 80.4 us" in text for text in texts)
    assert any("x at the top: one that was not measured." in text for text in texts)
    assert {"1", "2", "3"} <= set(texts)


def test_the_page_has_each_boots_figures(board):
    rows = board.page.split("Each boot under mixed")[1].split("</details>")[0]
    assert rows.count("<tr>") == 7 and "80.400" in rows and rows.count("not measured") == 1
    assert "so the boot is the unit that is counted, not the sample. Planned: 3 boots of each kernel." in board.page


def test_an_emulator_is_called_one(board):
    banner, verdict = (board.page.index(f'<div class="word">{word}') for word in ("MEASURED ON AN EMULATOR", "INVALID"))
    assert banner < verdict
    for picture in (board.folder / "report").glob("*.svg"):
        assert any("on an emulator: no hardware's figures" in text for text in words(board, picture.name)), picture


def test_tells_what_the_board_was_like(board):
    table = board.page.split("What the board was like")[1].split("</table>")[0]
    assert table.count("arch_sys_counter") == 6 and table.count(">WFI<") == 6 and "deep" not in table
    assert "51.2 / 83.5 / 51.2 (limit 80)" in table and "0x50005" in table and table.count(">no<") == 5


def test_a_disagreement_of_the_orders_is_shown_as_such(board):
    section = board.page.split('<h2 id="order">')[1].split("<h2")[0]
    assert "runs/bench" in section and "preempt-rt (32.6) < generic (299.7)" in section
    assert "DISAGREES" in section and "preempt-rt is faster than generic in virtual time, and slower" in section
    assert "not to be believed for this board" in section and "Left out: mine × mixed is not measured" in section


def test_a_real_board_whose_order_agrees(tmp_path):
    run = board_run(tmp_path / "run", repeat=1)
    run.write("INCONCLUSIVE")
    run.change("verdict.json", lambda document: document.update(order=order(False, False)))
    page = page_of(run)
    assert "EMULATOR" not in page and "What the board was like" not in page
    section = page.split('<h2 id="order">')[1].split("<h2")[0]
    assert "<td>agrees</td>" in section and "disagree" not in section.lower().replace("<td>agrees", "")
    assert "Planned: 1 boot of each kernel" in page
    run.change("verdict.json", lambda document: document["order"].update(orders=[]))
    assert "no two kernels under one load were measured whole in both runs" in page_of(run)


def test_virtual_time_shows_no_boots(whole):
    assert not (whole.folder / "report" / "mixed-replicates.svg").exists()
    assert "Each boot" not in whole.page and 'id="order"' not in whole.page


def refusal(run):
    result = run_report(run.folder)
    assert result.returncode == 3, result.stderr
    return result.stderr


def test_replicates_that_do_not_fit_the_samples_are_refused(tmp_path):
    run = board_run(tmp_path / "run", kernels=("preempt-rt",))
    run.write(None)
    good = (run.folder / "comparison.json").read_text()
    for change, why in (
        (lambda replicates: replicates.pop(), "names other replicates than were measured"),
        (lambda replicates: replicates.append(replicates[0]), "names other replicates than were measured"),
        (lambda replicates: replicates[1]["latency_ns"].update(max=1), "does not fit the samples of the replicate preempt-rt.mixed.2"),
        (lambda replicates: replicates[1].update(count=39), "does not fit the samples of the replicate preempt-rt.mixed.2"),
    ):
        run.change("comparison.json", lambda document: change(document["groups"][0]["replicates"]))
        assert why in refusal(run)
        (run.folder / "comparison.json").write_text(good)
    run.change("comparison.json", lambda document: document["groups"][0].pop("replicates"))
    assert 'key "replicates" is missing' in refusal(run)


def test_a_damaged_environment_or_order_is_refused(tmp_path):
    run = board_run(tmp_path / "run", kernels=("preempt-rt",), repeat=1)
    run.write("INCONCLUSIVE")
    path = run.folder / "cells" / "preempt-rt.mixed" / "environment.json"
    for text, why in (("{", "is not valid JSON"), ('{"format": 1}', 'key "before" is missing')):
        path.write_text(text)
        assert why in refusal(run) and "environment.json" in refusal(run)
    path.unlink()
    altered = order(True, False)
    altered["orders"][0]["agrees"] = True
    run.change("verdict.json", lambda document: document.update(order=altered))
    assert "does not fit" in refusal(run)


def test_what_could_not_be_read_is_unknown(tmp_path):
    from loopgate_report.environment import read_environment

    nothing = {key: None for key in LOOK}
    document = {**environment(hottest_c=None, throttled=None), "before": nothing, "after": nothing, "limit_c": None}
    (tmp_path / "environment.json").write_text(json.dumps(document))
    row = read_environment(tmp_path)
    assert [row[key] for key in ("clock_source", "governors", "idle_states", "temperature", "throttled")] == ["unknown"] * 5
    document["after"] = {**LOOK, "governors": {"0": "performance", "1": "ondemand"}}
    (tmp_path / "environment.json").write_text(json.dumps(document))
    row = read_environment(tmp_path)
    assert row["governors"] == "unknown, then CPU 0 performance, CPU 1 ondemand"
    assert row["temperature"] == "unknown / unknown / 51.2"


@pytest.mark.parametrize(
    ("flag", "counts", "told"),
    [(None, (5, 5), "no"), (None, (5, 1007), "1,002 times"), ("0x0", (5, 6), "1 time"), ("0x4", (5, 5), "0x4"), (None, (5, None), "unknown"), ("0x0", (None, None), "no")],
)
def test_throttling_is_told_by_flag_and_by_counter(tmp_path, flag, counts, told):
    from loopgate_report.environment import read_environment

    looks = [{**LOOK, "throttled": flag, "throttled_counter": count} for count in counts]
    document = {**environment(throttled=flag), "before": looks[0], "after": looks[1]}
    (tmp_path / "environment.json").write_text(json.dumps(document))
    assert read_environment(tmp_path)["throttled"] == told


def test_the_audit_of_each_boot_is_told(board):
    assert "What the board's settings do to latency" in board.page
    assert "2 findings: attention and unknown" in board.page
    part = board.page[board.page.index("2 findings") :]
    assert part.index("setting 2") < part.index("setting 1"), "what needs attention comes first"
    assert "generic, preempt-rt" in part and "setting 0" not in part and "setting 3" not in part


def test_a_damaged_audit_is_refused(tmp_path):
    run = board_run(tmp_path / "run", kernels=("preempt-rt",), repeat=1)
    run.write("INCONCLUSIVE")
    path = run.folder / "cells" / "preempt-rt.mixed" / "audit.json"
    for text, why in (("{", "is not valid JSON"), ('{"format": 1}', 'key "findings" is missing'), (audit("fine"), "is fine, which is not known")):
        path.write_text(text)
        assert why in refusal(run) and "audit.json" in refusal(run)
