"""Whatever standard output and error lead to: progress that nobody reads stops nothing, and an answer that could not be written is no 0."""

import os
import stat
import subprocess

import pytest

from conftest import BUILD, FAIL, INVALID, POLICY, ROOT, USAGE

LOST = {"full": ">/dev/full", "closed": ">&-", "without a reader": ">&NO_READER"}


def shell(redirection, *arguments, **environment):
    """The program as a shell starts it; gives its exit status and what it told on standard error. NO_READER in the redirection is a pipe whose
    reader has gone before the program starts."""
    reader, no_reader = os.pipe()
    os.close(reader)
    redirection = redirection.replace("NO_READER", str(no_reader))
    try:
        told = subprocess.run(
            ["bash", "-c", f'set -o pipefail; exec 3>&1; {{ "$@" {redirection}; }} 2>&3 3>&-; exit ${{PIPESTATUS[0]}}', "bash", BUILD / "loopgate", *map(str, arguments)],
            stdout=subprocess.PIPE, text=True, timeout=600, cwd=ROOT, check=False, env={**os.environ, **environment}, pass_fds=[no_reader])  # fmt: skip
    finally:
        os.close(no_reader)
    return told.returncode, told.stdout


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Measured while nobody could read of it, with every standard stream closed, in a locale that no machine has."""
    path = tmp_path_factory.mktemp("output") / "run"
    status, _ = shell("<&- >&- 2>&-", "run", "irq-to-gpio", "--kernel", "generic", "--load", "idle", "--samples", "50", "--out", path,
                      LC_ALL="xx_YY.UTF-8")  # fmt: skip
    assert status == INVALID, "its table could not be printed"
    return path


@pytest.fixture
def strict(tmp_path):
    (tmp_path / "strict.toml").write_text(POLICY + "max_us = 1\n")
    return tmp_path / "strict.toml"


@pytest.fixture
def lenient(tmp_path):
    (tmp_path / "lenient.toml").write_text(POLICY + "unanswered = 0\n")
    return tmp_path / "lenient.toml"


def test_closed_streams_cost_no_cell(run):
    cell = run / "cells" / "generic.idle"
    assert (cell / "outcome.json").exists()
    assert (cell / "samples.lgs").read_bytes().startswith(b"LOOPGATE"), "nothing was printed into a file that got the number of a stream"


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&1 | exec 0<&-", "2>&1 >/dev/full | head -1"])
def test_progress_that_nobody_reads_stops_no_run(tmp_path, redirection):
    shell(redirection, "run", "irq-to-gpio", "--kernel", "generic", "--load", "idle", "--samples", "20", "--out", tmp_path / "run")
    assert (tmp_path / "run" / "cells" / "generic.idle" / "outcome.json").exists()


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("command", ["list", "plan", "stats", "gate", "report", "doctor", "audit", "--help", "--version"])
def test_an_answer_that_is_lost_is_no_success(run, lenient, lost, command):
    arguments = {"plan": ["irq-to-gpio", "--kernel", "generic", "--load", "idle"], "stats": [run], "report": [run], "gate": [run, "--policy", lenient],
                 "audit": ["--script"]}  # fmt: skip
    status, told = shell(LOST[lost], command, *arguments.get(command, []))
    assert status == INVALID, told
    assert "standard output cannot be written" in told


@pytest.mark.parametrize("lost", LOST)
def test_a_verdict_stays_what_it_is(run, strict, lost):
    status, told = shell(LOST[lost], "gate", run, "--policy", strict)
    assert status == FAIL, told
    status, told = shell(LOST[lost], "gate", run, "--policy", strict.with_name("none.toml"))
    assert status == USAGE, told


def test_json_goes_into_what_it_is_pointed_at(run, tmp_path):
    """As root a device, a pipe and a link became regular files."""
    real = tmp_path / "real.json"
    link = tmp_path / "link.json"
    link.symlink_to(real)
    shell("", "audit", "--json", link)
    assert link.is_symlink() and real.read_text().startswith("{")
    shell("", "audit", "--json", "/dev/null")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    before = os.readlink("/dev/stdout")
    _, told = shell("", "audit", "--json", "/dev/stdout")
    assert os.readlink("/dev/stdout") == before and '"rules"' in told or '"findings"' in told
    status, told = shell("", "audit", "--json", "/dev/full")
    assert status == INVALID and "/dev/full: cannot be written" in told


@pytest.mark.parametrize("variable", ["LC_ALL", "LANG", "LC_CTYPE"])
@pytest.mark.parametrize("command", [["list"], ["plan", "irq-to-gpio", "--kernel", "generic", "--load", "idle"]])
def test_a_locale_that_is_not_installed_changes_nothing(command, variable):
    plain = {"LC_ALL": "", "LANG": "", "LC_CTYPE": ""}
    assert shell("", *command, **{**plain, variable: "xx_YY.UTF-8"}) == shell("", *command, **plain)


def test_doctor_mentions_a_locale_that_is_not_installed():
    assert "LC_ALL=xx_YY.UTF-8 is not installed here" in shell("", "doctor", LC_ALL="xx_YY.UTF-8")[1]
    assert "locale" not in shell("", "doctor", LC_ALL="C")[1]
