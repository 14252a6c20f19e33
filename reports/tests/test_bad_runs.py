"""Bad input: one sentence naming the file, exit status 3, nothing written. The caller's mistake: 2."""
import fcntl
import hashlib
import json
import os
import struct
import subprocess

import pytest
from conftest import REPORTS, run_program, run_report
from made_up_run import MadeUpRun


@pytest.fixture
def run(tmp_path):
    made_up = MadeUpRun(tmp_path / "run", count=30)
    made_up.write()
    return made_up


def refused(run, *words):
    result = run_report(run.folder)
    assert result.returncode == 3, result.stderr
    assert result.stderr.count("\n") == 1 and "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr
    assert not (run.folder / "report").exists() and not list(run.folder.glob(".report*"))


@pytest.mark.parametrize(
    "file",
    [
        "run.json",
        "comparison.json",
        "distribution.json",
        "verdict.json",
        "cells/generic.mixed/outcome.json",
        "cells/generic.mixed/evidence.json",
    ],
)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"format": 2}',
        b'{"format": 1, "x": NaN}',
        b'{"format": true}',
        b"[" * 100_000,
        b'{"format": 1}',
    ],
)
def test_damaged_json(run, file, content):
    if file.endswith("evidence.json") and content.startswith(b'{"format": 1}'):
        pytest.skip("evidence of format 1 may be empty: its tables are optional")
    (run.folder / file).write_bytes(content)
    refused(run, file)


@pytest.mark.parametrize("file", ["run.json", "comparison.json", "distribution.json"])
def test_missing_file(run, file):
    (run.folder / file).unlink()
    refused(run, file, "there is no such file")


def test_no_such_folder(tmp_path):
    result = run_program(tmp_path / "nowhere")
    assert result.returncode == 3 and "nowhere: there is no such folder" in result.stderr


@pytest.mark.parametrize(
    "damage, words",
    [
        (lambda content: b"", "shorter than a header"),
        (lambda content: content[:40], "shorter than a header"),
        (lambda content: b"GATELOOP" + content[8:], "wrong magic"),
        (lambda content: content[:-1], "truncated or altered"),
        (lambda content: content[:-32], "truncated or altered"),
        (lambda content: content + b"\0", "truncated or altered"),
        (lambda content: content[:8] + struct.pack("<I", 2) + content[12:], "version 2"),
        (lambda content: content[:40] + bytes(8) + content[48:], "cut off while it was being written"),
        (lambda content: content[:20] + struct.pack("<I", 2) + content[24:], "its time base is wall"),
        (lambda content: content[:100] + b"\x01" + content[101:], "was altered"),
    ],
)
def test_damaged_samples(run, damage, words):
    path = run.folder / "cells" / "generic.mixed" / "samples.lgs"
    path.write_bytes(damage(path.read_bytes()))
    refused(run, "cells/generic.mixed/samples.lgs", words)


def test_missing_samples(run):
    (run.folder / "cells" / "generic.mixed" / "samples.lgs").unlink()
    refused(run, "cells/generic.mixed/samples.lgs", "cannot be read")


@pytest.mark.parametrize(
    "file", ["comparison.json", "distribution.json", "verdict.json", "cells/generic.mixed/outcome.json"]
)
def test_mixed_time_bases(run, file):
    run.change(file, lambda document: document.update(time_base="wall"))
    refused(run, file, "its time_base is wall" if file.endswith("outcome.json") else "its time base is wall")


@pytest.mark.parametrize("field", ["image_sha256", "base_sha256", "instrument_sha256", "schedule_sha256", "plan_sha256", "seed", "started"])
def test_a_cell_of_another_run_is_not_drawn_as_this_ones(run, field):
    run.change("cells/generic.mixed/outcome.json", lambda d: d["measured_from"].update({field: "another"}))
    refused(run, "comparison.json counts the cell", f"its {field} is another, and run.json has")


def test_a_cell_of_a_merged_run_is_held_against_its_own_shard(run):
    def merge(document):
        host = {"system": "Linux 6.12 aarch64", "processors": 8}
        cells = [cell["cell"] for cell in document["cells"]]
        shard = {"commit": None, "jobs": 1, "host": host}
        document["circumstances"]["shards"] = [
            {"index": 1, "started": "2026-01-31T12:00:00Z", "cells": cells[1:], **shard},
            {"index": 2, "started": "2026-02-01T12:00:00Z", "cells": cells[:1], **shard},
        ]

    run.change("run.json", merge)  # which binds its cells
    assert json.loads((run.folder / "cells/generic.mixed/outcome.json").read_text())["measured_from"]["started"] == "2026-02-01T12:00:00Z"
    assert run_report(run.folder).returncode == 0
    page = (run.folder / "report" / "index.html").read_text()
    assert "2026-02-01T12:00:00Z, Linux 6.12 aarch64, 8 processors" in page
    run.change("cells/generic.mixed/outcome.json", lambda d: d["measured_from"].update(started="2026-01-31T12:00:00Z"))
    refused(run, "started is 2026-01-31T12:00:00Z, and run.json has 2026-02-01T12:00:00Z")


@pytest.mark.parametrize("old, new", [("}\n", "} \n"), ('"records": ', '"records":  '), ('"reason": ""', '"reason": "x"')])
def test_an_outcome_that_was_altered_is_invalid(run, old, new):
    path = run.folder / "cells" / "generic.mixed" / "outcome.json"
    text = path.read_text()
    assert old in text
    path.write_text(new.join(text.rsplit(old, 1)))
    refused(run, "comparison.json counts the cell", "outcome.json: was altered: its sha256 is not that of the text before it")


@pytest.mark.parametrize("damage, words", [(lambda file: file.write_text("{}"), "was altered"), (lambda file: file.unlink(), "is gone")])
def test_evidence_that_outcome_json_does_not_know(run, damage, words):
    digest = hashlib.sha256((run.folder / "cells/generic.mixed/evidence.json").read_bytes()).hexdigest()
    run.change("cells/generic.mixed/outcome.json", lambda d: d["artifacts"].update({"evidence.json": {"sha256": digest}}))
    assert run_report(run.folder).returncode == 0
    damage(run.folder / "cells/generic.mixed/evidence.json")
    refused(run, "evidence.json", words, "measure this cell again")


@pytest.mark.parametrize("name", ["console.log", "commands.txt"])
@pytest.mark.parametrize("damage, words", [(lambda file: file.write_text("all is well\n"), "was altered"), (lambda file: file.unlink(), "is gone")])
def test_what_people_look_at_is_bound(run, name, damage, words):
    damage(run.folder / "cells/generic.mixed" / name)
    refused(run, name, words, "measure this cell again")


def test_what_an_earlier_version_did_not_bind_is_drawn_and_told(run):
    run.change("cells/generic.mixed/outcome.json", lambda d: d["artifacts"].pop("commands.txt"))
    (run.folder / "cells/generic.mixed/commands.txt").write_text("edited\n")
    assert run_report(run.folder).returncode == 0
    assert "(not bound: outcome.json has no digest of this file" in (run.folder / "report" / "index.html").read_text()


def group(document):
    return document["groups"][0]


@pytest.mark.parametrize(
    "file, change, words",
    [
        ("comparison.json", lambda d: group(d).update(count=29), "run `loopgate stats`"),
        ("comparison.json", lambda d: group(d).update(latency_ns=None), "does not fit"),
        (
            "comparison.json",
            lambda d: group(d)["latency_ns"].update(max=1),
            "does not fit the samples of generic x mixed",
        ),
        (
            "comparison.json",
            lambda d: group(d)["latency_ns"].update(p50="12"),
            '"p50" must be a whole number',
        ),
        (
            "comparison.json",
            lambda d: group(d)["latency_ns"].update(p50=10**400),
            '"p50" must be a whole number',
        ),
        ("comparison.json", lambda d: group(d).pop("late"), 'key "late" is missing'),
        ("comparison.json", lambda d: d["groups"].pop(), "lacks rt-irq-threads x mixed"),
        ("distribution.json", lambda d: group(d)["histogram"]["count"].pop(), "not equally long"),
        ("distribution.json", lambda d: group(d)["histogram"]["count"].__setitem__(0, -5), "empty bin"),
        ("distribution.json", lambda d: group(d)["exceedance"].update(of=7), "run `loopgate stats`"),
        ("distribution.json", lambda d: d.update(groups=[]), "holds not as many samples"),
        (
            "distribution.json",
            lambda d: group(d)["exceedance"]["count_above"].reverse(),
            "latencies or counts are out of order",
        ),
        (
            "distribution.json",
            lambda d: group(d)["exceedance"]["latency_ns"].reverse(),
            "latencies or counts are out of order",
        ),
        ("run.json", lambda d: d.update(time_base="lunar"), "neither virtual nor wall"),
        ("run.json", lambda d: d["cells"][0].update(cell="../elsewhere"), "must name a folder in cells/"),
        ("run.json", lambda d: d.pop("seed"), 'key "seed" is missing'),
        ("verdict.json", lambda d: d.update(verdict="FINE"), '"FINE" is unknown'),
        ("verdict.json", lambda d: d["checks"][0].update(verdict="FAIL"), "a part of it did not pass"),
        (
            "cells/generic.mixed/outcome.json",
            lambda d: d.update(outcome="invalid"),
            "comparison.json counts the cell",
        ),
        ("cells/generic.mixed/outcome.json", lambda d: d.update(kernel="preempt-rt"), "comparison.json counts the cell"),
        (
            "cells/generic.mixed/evidence.json",
            lambda d: d["asked_for"][0].update(became="fine"),
            '"became" is "fine", which is unknown',
        ),
        (
            "cells/generic.mixed/evidence.json",
            lambda d: d["asked_for"][1].pop("read_back"),
            'asked_for[1]: key "read_back" is missing',
        ),
        ("cells/generic.mixed/evidence.json", lambda d: d.update(format=3), "has format 3, and only 2 is known"),
        (
            "cells/generic.mixed/evidence.json",
            lambda d: d.update(format=1, tuning=[{"ok": "yes"}]),
            '"ok" must be true or false',
        ),
        (
            "cells/generic.mixed/evidence.json",
            lambda d: d.update(payload={"minor_faults": "none"}),
            '"minor_faults" must be a whole number',
        ),
        (
            "cells/generic.mixed/evidence.json",
            lambda d: d.update(format=1, payload_checks=[{"name": "n", "passed": 1}]),
            '"passed" must be true or false',
        ),
    ],
)
def test_files_that_do_not_fit(run, file, change, words):
    run.change(file, change)
    refused(run, file.split("/")[-1], words)


def stages(document):
    return group(document)["stages"]


def decisions(document):
    return group(document)["decisions"]


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda d: group(d).pop("decisions"), 'key "decisions" is missing, and run.json has decisions'),
        (lambda d: group(d).pop("stages"), 'key "stages" is missing, and run.json has decisions'),
        (lambda d: group(d).update(decisions=[]), '"decisions" must be an object'),
        (lambda d: group(d).update(stages=7), '"stages" must be an object'),
        (lambda d: decisions(d).pop("wrong"), 'decisions: key "wrong" is missing'),
        (lambda d: decisions(d).update(wrong="3"), '"wrong" must be a whole number'),
        (lambda d: decisions(d).update(wrong=31), '"wrong" must be from 0 to "count"'),
        (lambda d: decisions(d).update(wrong_frame=-1), '"wrong_frame" must be from 0 to "count"'),
        (lambda d: decisions(d).update(count=5), '"count" is not the group\'s: run'),
        (lambda d: decisions(d).update(ok=0), '"ok" and "ng" do not add up'),
        (lambda d: decisions(d).update(per_second="fast"), '"per_second" must be a number'),
        (lambda d: decisions(d).update(per_second=-1), '"per_second" must not be below 0'),
        (lambda d: group(d).update(work=[]), '"work" must be an object'),
        (lambda d: group(d).update(work={"threads": [], "stages": []}), 'key "shares_cpu" is missing'),
        (
            lambda d: group(d).update(work={"threads": [{"name": "loop", "cpu_ns_a_decision": -1, "share_of_a_cpu": None}]}),
            '"cpu_ns_a_decision" must not be below 0',
        ),
        (lambda d: stages(d).update(count=29), "do not add up"),
        (lambda d: stages(d).update(left_out=None), '"left_out" must be a whole number'),
        (lambda d: stages(d)["stages"].pop(), "its stages are not scene, kernel"),
        (lambda d: stages(d)["stages"].reverse(), "its stages are not scene, kernel"),
        (lambda d: stages(d)["stages"][1].update(name="<b>"), "its stages are not scene, kernel"),
        (lambda d: stages(d)["stages"][1].update(p50_ns=1.5), '"p50_ns" must be a whole number'),
        (lambda d: stages(d)["stages"][1].update(max_ns=1), "below 0 or out of order"),
        (lambda d: stages(d)["stages"][1].update(mean_ns=-1), "below 0 or out of order"),
        (lambda d: stages(d).update(median=None), '"median" must be an object'),
        (lambda d: stages(d)["worst"]["ns"].pop(), "must be 7 times"),
        (lambda d: stages(d)["worst"]["ns"].__setitem__(1, -1), "none below 0"),
        (lambda d: stages(d)["worst"]["ns"].__setitem__(1, "1"), "must be a list of whole numbers"),
        (lambda d: stages(d)["worst"].update(latency_ns=1), 'does not add up to "latency_ns"'),
        (lambda d: stages(d).update(median=stages(d)["worst"], worst=stages(d)["median"]), "do not fit"),
    ],
)
def test_damaged_decisions_and_stages(tmp_path, change, words):
    run = MadeUpRun.of_inspection(tmp_path / "run", count=30)
    run.write()
    run.change("comparison.json", change)
    refused(run, "comparison.json: groups[0]", words)


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda d: d.update(decisions="yes"), '"decisions" must be an object'),
        (lambda d: d["decisions"].pop("frames"), 'decisions: key "frames" is missing'),
        (lambda d: d["decisions"].update(frames=3, frame_interval_ns=None), '"frame_interval_ns" must be'),
        (lambda d: d.update(back_to_back="no"), '"back_to_back" must be true or false'),
        (lambda d: d.update(payload_files={}), '"payload_files" must be a list'),
        (lambda d: d["payload_files"][0].pop("sha256"), 'payload_files[0]: key "sha256" is missing'),
    ],
)
def test_damaged_description_of_decisions(tmp_path, change, words):
    run = MadeUpRun.of_inspection(tmp_path / "run", count=30)
    run.write()
    run.change("run.json", change)
    refused(run, "run.json", words)


def test_null_stages_and_decisions_are_allowed(tmp_path):
    run = MadeUpRun.of_inspection(tmp_path / "run", count=30)
    run.write()
    run.change(
        "comparison.json", lambda d: [each.update(decisions=None, stages=None) for each in d["groups"]]
    )
    run.change("run.json", lambda d: d.update(payload_files=None, back_to_back=None))
    assert run_report(run.folder).returncode == 0


def test_verdict_of_an_earlier_state(run):
    """The cell failed after the gate had passed the run: that PASS must not be shown."""
    run.cells["generic.mixed"].update(outcome="invalid", reason="QEMU was killed")
    run.write("PASS")
    refused(run, "verdict.json", "generic x mixed", "loopgate gate")


def test_unfinished_cell_that_the_comparison_counts(run):
    (run.folder / "cells" / "generic.mixed" / "outcome.json").unlink()
    refused(run, "generic.mixed/outcome.json: says unfinished, and comparison.json counts the cell")


def test_an_earlier_report_does_not_stand_for_one_that_cannot_be_drawn(run):
    assert run_report(run.folder).returncode == 0
    assert run_report(run.folder).returncode == 0  # and is replaced when the run is good
    (run.folder / "comparison.json").write_text("{")
    refused(run, "comparison.json")


def test_usage(run, tmp_path):
    assert run_report().returncode == 2
    assert run_report(run.folder, "--colour").returncode == 2
    assert run_report("--help").returncode == 0
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("mine")
    result = run_report(run.folder, "--out", other)
    assert result.returncode == 2 and "thesis.txt" in result.stderr and (other / "thesis.txt").exists()
    (tmp_path / "file").write_text("")
    assert run_report(run.folder, "--out", tmp_path / "file").returncode == 2


def test_what_a_killed_report_left_goes_and_what_is_being_drawn_stays(run):
    left, drawn, strange = (run.folder / name for name in (".report.part.killed", ".report.part.living", ".report-mine"))
    for folder in (left, drawn, strange):
        folder.mkdir()
        (folder / "a.png").write_bytes(b"")
    held = os.open(drawn, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    assert run_report(run.folder).returncode == 0
    os.close(held)
    assert not left.exists() and drawn.exists() and strange.exists()


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", ">&- 2>&-"])
def test_progress_that_nobody_reads_stops_no_report(run, redirection):
    done = subprocess.run(
        ["bash", "-c", f'"$0" "$1" {redirection}', str(REPORTS / "report"), str(run.folder)], check=False
    )
    assert done.returncode == 0, "it answers by its files"
    assert (run.folder / "report" / "index.html").exists()


def test_a_help_that_is_lost_is_no_success():
    for redirection in (">/dev/full", ">&-"):
        argv = ["bash", "-c", f'"$0" --help {redirection}', str(REPORTS / "report")]
        assert subprocess.run(argv, capture_output=True, check=False).returncode == 3
