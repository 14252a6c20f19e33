"""A cell of another run, put into this one's place, is never this one's."""

import json
import shlex
import shutil
import time

import pytest

from conftest import INVALID, PASS, POLICY, ROOT

CELL = "generic.idle"


@pytest.fixture(scope="module")
def runs(loopgate, tmp_path_factory):
    """One run, and others that differ in one thing each: its seed, its count, its kernel's arguments (under the same name), its day alone."""
    folder = tmp_path_factory.mktemp("runs")
    other = folder / "other" / "generic.toml"
    other.parent.mkdir()
    arguments = {"this": [], "another day": [], "seed": ["--seed", "7"], "schedule_sha256": ["--samples", "30"], "kernel_sha256": ["--kernel", other]}
    shipped = (ROOT / "fixtures" / "kernels" / "generic.toml").read_text()
    other.write_text(shipped.replace('title = "', 'title = "Another ', 1))
    for name, more in arguments.items():
        time.sleep(1.1)  # a run is told from another by the second in which it began
        kernel = [] if "--kernel" in more else ["--kernel", "generic"]
        samples = [] if "--samples" in more else ["--samples", "20"]
        done = loopgate("run", "irq-to-gpio", *kernel, "--load", "idle", *samples, *more, "--out", folder / name)
        assert done.returncode == PASS, done.stderr
    (folder / "policy.toml").write_text(POLICY + "unanswered = 0\n")
    return folder


@pytest.mark.parametrize(("other", "field"), [("another day", "started"), ("seed", "schedule_sha256"), ("schedule_sha256", "schedule_sha256"), ("kernel_sha256", "kernel_sha256")])
def test_a_cell_of_another_run_is_invalid_by_name(loopgate, runs, tmp_path, other, field):
    run = tmp_path / "run"
    shutil.copytree(runs / "this", run)
    shutil.rmtree(run / "cells" / CELL)
    shutil.copytree(runs / other / "cells" / CELL, run / "cells" / CELL)
    gated = loopgate("gate", run, "--policy", runs / "policy.toml")
    assert gated.returncode == INVALID, gated.stdout
    assert f"{field} is" in gated.stdout + gated.stderr
    loopgate("report", run)
    assert f"{field} is" in (run / "report" / "index.html").read_text()
    again = loopgate("run", "irq-to-gpio", "--kernel", "generic", "--load", "idle", "--samples", "20", "--out", run, "--resume")
    assert again.returncode == PASS, again.stderr
    assert (run / "cells" / CELL / "samples.lgs").read_bytes() == (runs / "this" / "cells" / CELL / "samples.lgs").read_bytes()
    assert loopgate("gate", run, "--policy", runs / "policy.toml").returncode == PASS


def test_its_own_cell_passes(loopgate, runs, tmp_path):
    shutil.copytree(runs / "this", tmp_path / "run")
    assert loopgate("gate", tmp_path / "run", "--policy", runs / "policy.toml").returncode == PASS


def test_a_cell_that_the_run_does_not_plan_is_named_and_not_judged(loopgate, runs, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(runs / "this", run)
    shutil.copytree(run / "cells" / CELL, run / "cells" / "preempt-rt.idle")
    told = f"loopgate: preempt-rt.idle in {run / 'cells'} is no cell of this run: nothing of it is judged or shown\n"
    gated = loopgate("gate", run, "--policy", runs / "policy.toml")
    assert gated.returncode == PASS
    assert told in gated.stderr and "preempt-rt" not in gated.stdout
    assert told in loopgate("stats", run).stderr and told in loopgate("report", run).stderr


def test_the_line_that_gate_prints_goes_on_with_the_run(loopgate, runs, tmp_path):
    run = tmp_path / "my run"
    shutil.copytree(runs / "this", run)
    (run / "cells" / CELL / "outcome.json").unlink()
    gated = loopgate("gate", run, "--policy", runs / "policy.toml")
    assert gated.returncode == INVALID
    line = next(line for line in gated.stdout.splitlines() if line.startswith("1 cell must be measured again -> "))
    again = loopgate(*shlex.split(line.split(" -> ")[1])[1:])
    assert again.returncode == PASS, again.stderr
    gated = loopgate("gate", run, "--policy", runs / "policy.toml")
    assert gated.returncode == PASS and "measured again" not in gated.stdout


def test_the_line_that_gate_prints_draws_the_pages_again(loopgate, runs, tmp_path):
    run = tmp_path / "my run"
    shutil.copytree(runs / "this", run)
    for _ in range(2):
        gated = loopgate("gate", run, "--policy", runs / "policy.toml")
        assert gated.returncode == PASS
        loopgate("report", run)
    assert "draw again: " in gated.stderr
    gated = loopgate("gate", run, "--policy", runs / "policy.toml")
    assert not (run / "report").exists()
    lines = [shlex.split(line.split("draw again: ")[1]) for line in gated.stderr.splitlines() if "draw again: " in line]
    assert [line[1:] for line in lines] == [["report", str(run)]]
    assert loopgate(*lines[0][1:]).returncode == PASS and (run / "report" / "index.html").exists()


def test_a_cell_that_is_taken_out_of_the_plan_is_missed_by_every_command(loopgate, runs, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(runs / "this", run)
    document = json.loads((run / "run.json").read_text())
    document["repeat"] = 2
    (run / "run.json").write_text(json.dumps(document))
    for command in (["gate", run, "--policy", runs / "policy.toml"], ["stats", run], ["report", run], ["explain", run]):
        done = loopgate(*command)
        assert done.returncode == INVALID and "lacks repetition 2 of generic under idle" in done.stderr, command
