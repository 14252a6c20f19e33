"""`loopgate explain`: the run is made again, equal to the nanosecond, and every explained nanosecond has a phase, a task and a function."""

import hashlib
import html
import json
import re
import shutil
import subprocess

import numpy
import pytest
from bench import long
from conftest import BUILD, INVALID, PASS, USAGE
from loopgate_report.measured_from import measured_from
from loopgate_report.samples import RECORD
from loopgate_report.seal import is_sealed, sealed

PHASES = ["irqs disabled", "hardirq", "irq thread wakeup latency", "irq thread", "payload wakeup latency", "payload", "payload's system calls"]

HEADER_SIZE = 64


@pytest.fixture(scope="module")
def measured(loopgate, tmp_path_factory):
    """Two kernels under load, measured once for all tests here; they only read it."""
    path = tmp_path_factory.mktemp("explain") / "run"
    done = loopgate("run", "irq-to-gpio", "--kernel", "generic", "--kernel", "preempt-rt", "--load", "mixed", "--samples", 400, "--jobs", 2, "--out", path)
    assert done.returncode == PASS, done.stderr
    return path


@pytest.fixture(scope="module")
def explained(loopgate, measured):
    """What explain says of each cell's four worst samples, and all of the program's output."""
    documents = {}
    for cell in ("generic.mixed", "preempt-rt.mixed"):
        done = loopgate("explain", measured, "--kernel", cell.removesuffix(".mixed"), "--worst", 4)
        assert done.returncode == PASS, done.stderr
        assert f"is of {cell}: " in done.stderr, "which replicate has the worst sample"
        documents[cell] = json.loads((measured / "cells" / cell / "explain.json").read_text()), done.stdout
    return documents


@pytest.fixture(scope="module")
def of_all(loopgate, measured, explained, tmp_path_factory):
    """What `--phases` says of each cell, after its worst ones were explained."""
    documents = {}
    for cell in explained:
        file = tmp_path_factory.mktemp("phases") / "all.json"
        done = loopgate("explain", measured, "--cell", cell, "--phases", "--json", file)
        assert done.returncode == PASS, done.stderr
        documents[cell] = json.loads(file.read_text())["distribution"]
    return documents


def latencies(run, cell):
    samples = numpy.fromfile(run / "cells" / cell / "samples.lgs", dtype=RECORD, offset=HEADER_SIZE)
    return {int(s["index"]): int(s["response_ns"] - s["stimulus_ns"]) for s in samples if not s["flags"] & 24 and s["flags"] & 2}


@pytest.mark.parametrize("cell", ["generic.mixed", "preempt-rt.mixed"])
def test_every_sum_is_the_measured_latency(measured, explained, cell):
    document, _ = explained[cell]
    known = latencies(measured, cell)
    samples = [*document["explained"], document["median"]]
    assert len(samples) == 5
    for sample in samples:
        assert sample["latency_ns"] == known[sample["sample"]]
        assert [phase["name"] for phase in sample["phases"]] == PHASES
        for part in ("phases", "functions", "tasks", "flame"):
            assert sum(entry["ns"] for entry in sample[part]) == sample["latency_ns"], part
        assert sample["timeline"][0]["begin_ns"] == 0 and sample["timeline"][-1]["end_ns"] == sample["latency_ns"]
        for one, next_one in zip(sample["timeline"], sample["timeline"][1:]):
            assert one["end_ns"] == next_one["begin_ns"]


def test_the_worst_are_the_worst_and_the_median_is_beside_them(measured, explained):
    document, _ = explained["generic.mixed"]
    known = sorted(latencies(measured, "generic.mixed").values())
    assert [sample["latency_ns"] for sample in document["explained"]] == known[:-5:-1]
    assert document["median"]["latency_ns"] == known[(len(known) - 1) // 2]


def test_the_screen_names_who_held_it_up(explained):
    document, screen = explained["generic.mixed"]
    worst = document["explained"][0]
    assert worst["why"] in " ".join(screen.split())
    held = {phase["name"]: phase["ns"] for phase in worst["phases"]}
    assert held["irqs disabled"] + held["irq thread wakeup latency"] > worst["latency_ns"] / 2
    assert "stress-ng" in worst["why"]
    names = {function["name"] for function in worst["functions"]}
    assert not any(name.startswith("0xffff") for name in names), "a kernel address without a name"


def test_the_payload_is_named_down_to_its_own_functions(explained):
    document, _ = explained["preempt-rt.mixed"]
    own = [function for function in document["median"]["functions"] if function["phase"] == "payload"]
    assert own and not any(function["name"].startswith("0x") for function in own), own


def test_the_interrupt_thread_has_its_phase_and_priority(explained):
    document, _ = explained["preempt-rt.mixed"]
    tasks = {task["name"]: task for task in document["median"]["tasks"]}
    thread = next(task for name, task in tasks.items() if name.startswith("irq/"))
    assert (thread["policy"], thread["priority"]) == ("SCHED_FIFO", 50)
    assert (tasks["responder"]["policy"], tasks["responder"]["priority"]) == ("SCHED_FIFO", 80)
    phases = {phase["name"]: phase["ns"] for phase in document["median"]["phases"]}
    assert phases["irq thread"] > 0 and phases["hardirq"] > 0


def test_all_of_a_cell_by_bands_of_latency(measured, of_all):
    distribution = of_all["generic.mixed"]
    known = latencies(measured, "generic.mixed")
    assert distribution["count"] == len(known)
    total = sum(sum(band["mean_ns"]) * band["count"] for band in distribution["bands"])
    assert total == pytest.approx(sum(known.values()), abs=1)
    assert distribution["bands"][-1]["latency_ns"]["max"] == max(known.values())


@pytest.mark.parametrize("cell", ["generic.mixed", "preempt-rt.mixed"])
def test_the_phases_of_all_are_those_of_each(measured, explained, of_all, cell):
    """The last band of 400 samples holds the worst four, or three where one was not sent; the pass that leaves most blocks out must cut them where the full one did."""
    worst = explained[cell][0]["explained"]
    band = of_all[cell]["bands"][-1]
    worst = worst[: 4 if len(latencies(measured, cell)) == 400 else 3]
    assert (band["count"], band["latency_ns"]["max"]) == (len(worst), worst[0]["latency_ns"])
    assert band["mean_ns"] == pytest.approx([sum(sample["phases"][phase]["ns"] for sample in worst) / len(worst) for phase in range(len(PHASES))])
    kept = json.loads((measured / "cells" / cell / "explain.json").read_text())
    assert kept["explained"] == explained[cell][0]["explained"], "looking at all lost what was explained before"


def test_the_median_is_compared_down_to_the_nanosecond(explained):
    document, _ = explained["generic.mixed"]
    worst, median = document["explained"][0], document["median"]
    of_worst = [comparison for comparison in document["comparisons"] if comparison["sample"] == worst["sample"]]
    assert [comparison["against"] for comparison in of_worst] == [{"cell": "generic.mixed", "sample": median["sample"]}]
    differences = [difference["here_ns"] - difference["there_ns"] for difference in of_worst[0]["differences"]]
    assert sum(differences) == worst["latency_ns"] - median["latency_ns"]
    assert [abs(difference) for difference in differences] == sorted(map(abs, differences), reverse=True)


def test_the_files_for_other_tools_hold_the_sample(measured, explained):
    worst = explained["generic.mixed"][0]["explained"][0]
    stem = measured / "cells" / "generic.mixed" / f"explain-{worst['sample']}"
    profile = json.loads(stem.with_suffix(".speedscope.json").read_text())["profiles"][0]
    assert profile["endValue"] - profile["startValue"] == worst["latency_ns"]
    events = json.loads(stem.with_suffix(".perfetto.json").read_text())["traceEvents"]
    assert any("stress-ng" in str(event) for event in events)
    told = subprocess.run(["trace-cmd", "report", "-t", stem.with_suffix(".trace.dat")], capture_output=True, text=True, check=True, timeout=60)
    lines = told.stdout.splitlines()
    for event in ("sched_switch", "sched_wakeup", "irq_handler_entry", "irq_handler_exit", "sys_enter", "sys_exit"):
        assert any(f" {event}:" in line for line in lines), event


def test_the_report_draws_what_was_explained(loopgate, measured, explained):
    worst = explained["generic.mixed"][0]["explained"][0]
    done = loopgate("report", measured)
    assert done.returncode == PASS, done.stderr
    folder = measured / "report"
    for picture in ("waterfall", "flame"):
        assert (folder / f"generic.mixed-{worst['sample']}-{picture}.svg").stat().st_size > 1000
    page = html.unescape((folder / "index.html").read_text())
    assert worst["why"] in page


@long
def test_against_the_same_stimulus_of_another_cell(loopgate, measured, tmp_path):
    sample = max(latencies(measured, "generic.mixed").items(), key=lambda item: item[1])[0]
    done = loopgate("explain", measured, "--cell", "generic.mixed", "--sample", sample, "--against", "preempt-rt.mixed", "--json", tmp_path / "out.json")
    assert done.returncode == PASS, done.stderr
    document = json.loads((tmp_path / "out.json").read_text())
    against = [comparison for comparison in document["comparisons"] if comparison["against"]["cell"] == "preempt-rt.mixed"][0]
    more = sum(difference["here_ns"] - difference["there_ns"] for difference in against["differences"])
    assert more == latencies(measured, "generic.mixed")[sample] - latencies(measured, "preempt-rt.mixed")[sample]


# --- bad input ---


@pytest.fixture
def copy(measured, tmp_path):
    shutil.copytree(measured, tmp_path / "copy", ignore=shutil.ignore_patterns("explain*"))
    return tmp_path / "copy"


def change_json(path, change):
    document = json.loads(path.read_text())
    change(document)
    path.write_text(sealed(document) if path.name == "outcome.json" else json.dumps(document))


def test_the_report_computes_what_binds_a_cell_to_its_run(measured):
    run = json.loads((measured / "run.json").read_text())
    for cell in run["cells"]:
        written = json.loads((measured / "cells" / cell["cell"] / "outcome.json").read_text())["measured_from"]
        assert written == measured_from(run, cell)
        assert is_sealed((measured / "cells" / cell["cell"] / "outcome.json").read_text())


def measured_elsewhere(run, change):
    """The run as if it had been measured with something else: its cells are bound to what run.json says then, as the report computes it."""
    change_json(run / "run.json", change)
    document = json.loads((run / "run.json").read_text())
    for cell in document["cells"]:
        change_json(run / "cells" / cell["cell"] / "outcome.json", lambda outcome, cell=cell: outcome.update(measured_from=measured_from(document, cell)))


def refused(loopgate, run, *arguments, status=USAGE):
    done = loopgate("explain", run, *(arguments or ["--cell", "generic.mixed"]))
    assert done.returncode == status, (done.returncode, done.stderr)
    return done.stderr


def test_wall_clock_time_is_refused(loopgate, copy):
    change_json(copy / "run.json", lambda run: run.update(time_base="wall"))
    assert "wall-clock time, which does not repeat" in refused(loopgate, copy)


def test_another_qemu_is_refused_with_both_versions(loopgate, copy):
    seen = json.loads((copy / "run.json").read_text())["machine"]["qemu"]
    measured_elsewhere(copy, lambda run: run["machine"].update(qemu="9.9.9"))
    error = refused(loopgate, copy)
    assert "9.9.9" in error and seen in error


def test_a_version_of_the_kernel_that_is_not_to_be_had_is_named(loopgate, copy):
    """The run is made again with its own kernel, whatever is newest; here it is one that never was."""
    measured_elsewhere(copy, lambda run: run["kernels"][0].update(version="6.1.0-1"))
    assert "=6.1.0-1 is not in the cache, and is not to be had" in refused(loopgate, copy, status=INVALID)


def test_a_kernel_that_is_gone_and_cannot_be_fetched_is_named(loopgate, copy, tmp_path, monkeypatch):
    """Its package is fetched again where there is an archive; here there is none."""
    monkeypatch.setenv("LOOPGATE_CACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("LOOPGATE_DEBIAN_MIRROR", "http://127.0.0.1:9/debian")
    assert re.search(r"linux-image-\S+-arm64=\S+ is not in the cache", refused(loopgate, copy, status=INVALID))
    assert not (copy / "cells" / "generic.mixed" / "explain.json").exists()


def test_altered_samples_are_refused(loopgate, copy):
    path = copy / "cells" / "generic.mixed" / "samples.lgs"
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    assert "was altered" in refused(loopgate, copy, status=INVALID)


def test_another_schedule_is_not_explained(loopgate, copy):
    measured_elsewhere(copy, lambda run: run.update(seed=2))
    assert "the seed is" in refused(loopgate, copy, status=INVALID)
    assert not (copy / "cells" / "generic.mixed" / "explain.json").exists()


def test_a_run_that_does_not_repeat_is_not_explained(loopgate, copy):
    """One response of 400 came a nanosecond later than in the measured run: explain says which, and explains nothing."""
    path = copy / "cells" / "generic.mixed" / "samples.lgs"
    data = bytearray(path.read_bytes())
    response = HEADER_SIZE + 100 * RECORD.itemsize + RECORD.fields["response_ns"][1]
    data[response : response + 8] = (int.from_bytes(data[response : response + 8], "little") - 1).to_bytes(8, "little")
    path.write_bytes(data)
    change_json(path.with_name("outcome.json"), lambda outcome: outcome["artifacts"]["samples.lgs"].update(sha256=hashlib.sha256(data).hexdigest()))
    error = refused(loopgate, copy, status=INVALID)
    assert "did not repeat" in error and "sample 100" in error
    assert not path.with_name("explain.json").exists()


@pytest.mark.parametrize(("sample", "why"), [("999999", "has samples 0 to"), ("3", "self-check or a warm-up")])
def test_a_sample_that_has_no_latency_is_refused(loopgate, measured, sample, why):
    assert why in refused(loopgate, measured, "--cell", "generic.mixed", "--sample", sample)


def test_an_unknown_cell_is_refused_with_the_known_ones(loopgate, measured):
    assert "generic.mixed, preempt-rt.mixed" in refused(loopgate, measured, "--cell", "nothing.mixed")


def test_the_old_name_of_phases_is_refused_with_the_new_one(loopgate, measured):
    assert "--phases" in refused(loopgate, measured, "--cell", "generic.mixed", "--all")


def test_a_cell_is_not_held_against_itself(loopgate, measured):
    assert "the explained cell itself" in refused(loopgate, measured, "--cell", "generic.mixed", "--against", "generic.mixed")


def test_a_folder_that_is_no_run_is_refused(loopgate, tmp_path):
    assert "run.json" in refused(loopgate, tmp_path)


def test_a_suite_named_by_its_folder_is_found_from_elsewhere_until_it_is_gone(suite_file, tmp_path):
    folder = suite_file("mine").parent
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def call(cwd, *words):
        return subprocess.run([str(BUILD / "loopgate"), *map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=600, check=False)

    done = call(tmp_path, "run", "./mine", "--kernel", "generic", "--load", "idle", "--samples", 30, "--out", "run")
    assert done.returncode == PASS, done.stderr
    explain = [elsewhere, "explain", tmp_path / "run", "--cell", "generic.idle", "--worst", 1]
    done = call(*explain)
    assert done.returncode == PASS, done.stderr
    sample = json.loads((tmp_path / "run" / "cells" / "generic.idle" / "explain.json").read_text())["explained"][0]
    assert sample["latency_ns"] == max(latencies(tmp_path / "run", "generic.idle").values())
    folder.rename(tmp_path / "moved")
    done = call(*explain)
    assert done.returncode == USAGE
    assert f"the run was made from {folder}" in done.stderr and "which is gone" in done.stderr
    assert not (tmp_path / "run" / "cells" / "generic.idle" / "explain.json").exists(), "an earlier answer"
