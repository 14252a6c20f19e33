"""The n-th write, rename, open, fork or allocation of a command fails, for every n up to its end: what is left is the earlier state or the whole
new one, the exit status says which, and nothing passes that was not seen."""

import json
import os
import shutil
import signal
import subprocess

import pytest

from bench import LONG, long
from conftest import BUILD, FAIL, INVALID, PASS, POLICY, ROOT, USAGE

VERDICT = ("verdict.json", "junit.xml", "verdict.md")
CELL = ["irq-to-gpio", "--kernel", "generic", "--load", "idle", "--samples", "20"]
LAST = 100_000  # a command that makes more calls than that would never end this test


class Command:
    """One command line, whose calls can be made to fail."""

    def __init__(self, folder, *arguments, program="loopgate"):
        self.failed = folder / "failed"
        self.arguments = [str(BUILD / "loopgate"), *map(str, arguments)]
        self.program = program

    def call(self, kind, n, ever_after=False):
        """None where the command makes fewer calls than that."""
        self.failed.unlink(missing_ok=True)
        preload = {"LD_PRELOAD": BUILD / "loopgate_failing_call.so", "LOOPGATE_FAILING_CALL": f"{kind}:{n}{'+' if ever_after else ''}",
                   "LOOPGATE_FAILING_PROGRAM": self.program, "LOOPGATE_FAILING_DONE": self.failed}  # fmt: skip
        done = self.alone({key: str(value) for key, value in preload.items()})
        return done if self.failed.exists() else None

    def alone(self, environment=None):
        return subprocess.run(self.arguments, env={**os.environ, **(environment or {})}, capture_output=True, text=True, timeout=600, cwd=ROOT, check=False)


def failures(command, kind, short_step, prepare, ever_after=False, long_step=1):
    """Each n for which a call fails, with how the command ended; in a short test every so many of them."""
    step = long_step if LONG else short_step
    for n in range(1, LAST, step):
        prepare()
        done = command.call(kind, n, ever_after)
        if done is None:
            assert n > 1 or kind == "fork", "no call of that kind was made: the test tests nothing"
            return
        yield n, done
    pytest.fail(f"{command.arguments}: more than {LAST} calls")


def died_without_memory(kind, done):
    """By a signal, which is no verdict either. Two places are not ours to mend: OpenSSL 3.0 takes the lock of a table that it had no memory to make
    (pthread_rwlock_rdlock(NULL), when it looks for its first digest), and what libraries allocate before main() begins."""
    before_main = done.returncode == -signal.SIGABRT and "terminate called" in done.stderr  # main() has words of its own
    return kind == "allocation" and (before_main or done.returncode == -signal.SIGSEGV)


def is_invalid(left, done):
    """A whole verdict, too: of a cell whose files could not be read for want of memory."""
    return done.returncode == INVALID and all(name in left for name in VERDICT) and json.loads(left["verdict.json"])["verdict"] == "INVALID"


def misread_by_toml(kind, done):
    """toml++ reads a fraction by a stream, which keeps the want of memory to itself: the number is no number then."""
    return kind == "allocation" and done.returncode == USAGE and "is no valid TOML" in done.stderr


def contents(folder):
    """Every file's bytes, by its path."""
    if not folder.exists():
        return {}
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """A run, its report and its verdict by a policy that it passes."""
    folder = tmp_path_factory.mktemp("failing")
    (folder / "lenient.toml").write_text(POLICY + "unanswered = 0\n")
    (folder / "strict.toml").write_text(POLICY + "max_us = 1\n")
    for arguments in (["run", *CELL, "--out", folder / "run"], ["gate", folder / "run", "--policy", folder / "lenient.toml"]):
        done = Command(folder, *arguments).alone()
        assert done.returncode == PASS, done.stderr
    return folder


def restored(measured, folder):
    def prepare():
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(measured / "run", folder)

    return prepare


GATE_STEPS = {"write": 1, "rename": 1, "open": 1, "allocation": 97}


@pytest.mark.parametrize("ever_after", [False, True], ids=["once", "ever after"])
@pytest.mark.parametrize("kind", GATE_STEPS)
def test_gate_leaves_the_earlier_verdict_or_the_whole_new_one(measured, tmp_path, kind, ever_after):
    run = tmp_path / "run"
    prepare = restored(measured, run)
    prepare()
    earlier = contents(run)
    command = Command(tmp_path, "gate", run, "--policy", measured / "strict.toml")
    good = command.alone()
    assert good.returncode == FAIL
    new = contents(run)
    assert new["verdict.json"] != earlier["verdict.json"]
    without = {name: text for name, text in new.items() if name not in VERDICT}
    for n, done in failures(command, kind, GATE_STEPS[kind], prepare, ever_after):
        left = contents(run)
        assert left in (earlier, new, without) or is_invalid(left, done), (n, done.stderr, sorted(left))
        assert done.returncode in (FAIL, INVALID) or died_without_memory(kind, done) or misread_by_toml(kind, done), (n, done.returncode, done.stderr)
        if done.returncode == FAIL:
            assert left == new, (n, done.stderr)
        if left == earlier:
            assert done.returncode != FAIL and kind == "allocation", (n, "before it could read what was asked of it")


@pytest.mark.parametrize("kind", GATE_STEPS)
def test_gate_passes_only_with_the_whole_answer(measured, tmp_path, kind):
    run = tmp_path / "run"
    prepare = restored(measured, run)
    command = Command(tmp_path, "gate", run, "--policy", measured / "lenient.toml")
    prepare()
    good, whole = command.alone(), contents(run)
    assert good.returncode == PASS
    for n, done in failures(command, kind, GATE_STEPS[kind], prepare):
        if done.returncode == PASS:
            assert (done.stdout, contents(run)) == (good.stdout, whole), n
        elif not misread_by_toml(kind, done):
            assert done.returncode == INVALID or died_without_memory(kind, done), (n, done.returncode, done.stderr)


BUNDLE_STEPS = {"write": 1, "rename": 1, "open": 1, "allocation": 197}


@pytest.mark.parametrize("ever_after", [False, True], ids=["once", "ever after"])
@pytest.mark.parametrize("kind", BUNDLE_STEPS)
def test_a_bundle_is_whole_or_absent(measured, tmp_path, kind, ever_after):
    file = tmp_path / "out" / "a.lgb"
    file.parent.mkdir()
    command = Command(tmp_path, "bundle", measured / "run", "--policy", measured / "lenient.toml", "--out", file)
    good = command.alone()
    assert good.returncode == PASS, good.stderr
    whole = file.read_bytes()
    for n, done in failures(command, kind, BUNDLE_STEPS[kind], lambda: file.unlink(missing_ok=True), ever_after):
        left = contents(file.parent)
        died = died_without_memory(kind, done)
        # Of a cell that could not be read for want of memory the verdict is INVALID, in the bundle and in the exit status.
        assert left.get("a.lgb", whole) == whole or (kind == "allocation" and done.returncode == INVALID), (n, done.returncode, done.stderr)
        # Where memory is out for good, the program may end as by a kill.
        assert kind == "allocation" or set(left) <= {"a.lgb"}, (n, done.stderr, sorted(left))
        if done.returncode == PASS:
            assert (done.stdout, left["a.lgb"]) == (good.stdout, whole), n
        else:
            assert done.returncode in (INVALID, USAGE) or died, (n, done.returncode, done.stderr)


@pytest.mark.parametrize("kind", BUNDLE_STEPS)
def test_verify_passes_only_with_the_whole_answer(measured, tmp_path, monkeypatch, kind):
    file = tmp_path / "a.lgb"
    assert Command(tmp_path, "bundle", measured / "run", "--policy", measured / "lenient.toml", "--out", file).alone().returncode == PASS
    whole = file.read_bytes()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    command = Command(tmp_path, "verify", file)
    good = command.alone()
    assert good.returncode == PASS, good.stderr
    for n, done in failures(command, kind, BUNDLE_STEPS[kind], lambda: None):
        assert file.read_bytes() == whole
        if done.returncode == PASS:
            assert done.stdout == good.stdout, n
        else:
            assert done.returncode in (INVALID, USAGE) or died_without_memory(kind, done), (n, done.returncode, done.stderr)


TRUST_STEPS = {"write": 1, "open": 1, "fork": 1, "allocation": 31}


@pytest.mark.parametrize("kind", TRUST_STEPS)
def test_verify_never_passes_without_the_signature(measured, tmp_path, monkeypatch, kind):
    """Whatever fails on the way to a stranger's signature, it is never taken for none that was asked for."""
    file = tmp_path / "a.lgb"
    for name in ("vendor", "stranger"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True, timeout=60)
    signed = Command(tmp_path, "bundle", measured / "run", "--policy", measured / "lenient.toml", "--out", file, "--sign", tmp_path / "vendor").alone()
    assert signed.returncode == PASS, signed.stderr
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    good = Command(tmp_path, "verify", file, "--trust", tmp_path / "vendor.pub").alone()
    assert good.returncode == PASS, good.stderr
    command = Command(tmp_path, "verify", file, "--trust", tmp_path / "stranger.pub")
    assert command.alone().returncode == INVALID
    for n, done in failures(command, kind, TRUST_STEPS[kind], lambda: None):
        assert done.returncode in (INVALID, USAGE) or died_without_memory(kind, done), (n, done.returncode, done.stderr)
        assert "PASS" not in done.stdout, n


# Every one of them takes two seconds, and an allocation's number is not the same one in every run: of these not all are tried in a long test either.
RUN_LONG_STEPS = {"allocation": 401}
RUN_STEPS = {"write": 9, "rename": 4, "open": 8, "fork": 2, "allocation": 4001}


@pytest.mark.parametrize("kind", RUN_STEPS)
def test_run_says_what_it_lost_and_goes_on_where_it_stopped(measured, tmp_path, kind):
    run = tmp_path / "run"
    command = Command(tmp_path, "run", *CELL, "--out", run)
    resumed = Command(tmp_path, "run", *CELL, "--out", run, "--resume")
    samples = (measured / "run/cells/generic.idle/samples.lgs").read_bytes()
    files = sorted(name for name in contents(measured / "run") if name not in VERDICT)
    for n, done in failures(command, kind, RUN_STEPS[kind], lambda: shutil.rmtree(run, ignore_errors=True), long_step=RUN_LONG_STEPS.get(kind, 1)):
        left = contents(run)
        assert done.returncode in (PASS, INVALID) or died_without_memory(kind, done), (n, done.returncode, done.stderr)
        assert not [name for name in left if name.endswith(".part")], (n, done.stderr)
        for name, text in left.items():
            if name.endswith(".json"):
                json.loads(text)
        if done.returncode == PASS:
            assert sorted(left) == files, (n, done.stderr)
            assert left["cells/generic.idle/samples.lgs"] == samples, n
        elif done.returncode == INVALID:
            assert "loopgate: " in done.stderr or "INVALID" in done.stderr, (n, done.stderr)
        if not LONG and kind not in ("write", "rename"):
            continue
        after = (resumed if (run / "run.json").exists() else fresh(command, run)).alone()
        assert after.returncode == PASS, (n, done.stderr, after.stderr)
        assert (run / "cells/generic.idle/samples.lgs").read_bytes() == samples, n


def fresh(command, run):
    shutil.rmtree(run, ignore_errors=True)
    return command


REPORT_LONG = {("python3", "rename"), ("python3", "open")}  # as its writes
REPORT_STEPS = {("loopgate", "write"): 13, ("loopgate", "fork"): 2, ("python3", "write"): 23, ("python3", "rename"): 7, ("python3", "open"): 19}


@pytest.mark.parametrize(("program", "kind"), [pytest.param(*each, marks=long) if each in REPORT_LONG else each for each in REPORT_STEPS])
def test_report_is_whole_or_absent(measured, tmp_path, program, kind):
    run = tmp_path / "run"
    prepare = restored(measured, run)
    prepare()
    command = Command(tmp_path, "report", run, program=program)
    good = command.alone()
    assert good.returncode == PASS, good.stderr
    files = sorted(contents(run))
    for n, done in failures(command, kind, REPORT_STEPS[program, kind], prepare):
        left = sorted(contents(run))
        if done.returncode == PASS:
            assert (left, done.stdout) == (files, good.stdout), (n, done.stderr)
        else:
            assert done.returncode == INVALID, (n, done.returncode, done.stderr)
            assert "report/index.html" not in left or left == files, (n, done.stderr, left)
            assert not [name for name in left if name not in files], (n, done.stderr)
