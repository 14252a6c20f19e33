"""A cell of another run, put into this one's place, is never this one's."""

import shutil

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
