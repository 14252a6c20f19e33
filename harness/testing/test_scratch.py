"""Runs that share /dev/shm, as two containers on one host do: each keeps its QEMU's folder for as long as it lives, and what a killed one left is
removed by the next."""

import fcntl
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest
from conftest import BUILD, PASS, ROOT

MEMORY = pathlib.Path("/dev/shm")
NOBODY = 65534
LIMIT_S = 120
# A container has process ids of its own. Without a /proc of its own a file there names a process of the host.
CONTAINERS = {"with its own /proc": ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"], "with the host's /proc": ["unshare", "--pid", "--fork", "--kill-child"]}


def folders_of(cell):
    """Of its QEMUs, by the commands that it notes: other tests' QEMUs have theirs beside them."""
    commands = cell / "commands.txt"
    return {MEMORY / name for name in re.findall(r"loopgate-\d+-qemu-[0-9a-f]+", commands.read_text())} if commands.exists() else set()


def command(out, load="idle", samples=20):
    return [str(BUILD / "loopgate"), "run", "irq-to-gpio", "--kernel", "generic", "--load", load, "--samples", str(samples), "--out", str(out)]


def start(container, out, samples):
    """A run that goes on for a while, and the folder of its QEMU, in which all is there that it is measured with."""
    cell = out / "cells" / "generic.mixed"
    run = subprocess.Popen([*container, *command(out, "mixed", samples)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end and run.poll() is None:
        measuring = [folder for folder in folders_of(cell) if (cell / "samples.lgs").exists() and (folder / "qmp").exists()]
        if measuring:
            return run, measuring[0]
        time.sleep(0.01)
    run.kill()
    pytest.fail("it did not begin to measure: " + run.communicate()[1])


def wait_until_let_go(folder):
    """A QEMU that is killed with its run has the folder's lock until it has died, which takes it seconds on a busy machine."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            try:
                return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.05)
        pytest.fail(f"something holds {folder} still")
    finally:
        os.close(descriptor)


def finish(container, out):
    done = subprocess.run([*container, *command(out)], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == PASS, done.stderr


@pytest.mark.parametrize("name", CONTAINERS)
def test_two_containers_leave_each_other_alone(tmp_path, name):
    container = CONTAINERS[name]
    if subprocess.run([*container, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("a PID namespace cannot be made here")
    first, folder = start(container, tmp_path / "first", 2000)
    before = sorted(file.name for file in folder.iterdir())
    finish(container, tmp_path / "second")
    assert first.poll() is None, "it ended before the other did, which shows nothing: give it more samples"
    assert sorted(file.name for file in folder.iterdir()) == before
    _, told = first.communicate(timeout=LIMIT_S)
    assert first.returncode == PASS, told
    assert not folder.exists()


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path):
    run, folder = start([], tmp_path / "killed", 500)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert folder.exists()
    wait_until_let_go(folder)
    finish([], tmp_path / "next")
    assert not folder.exists()


def test_a_killed_run_is_resumed_at_once(tmp_path):
    """Its QEMU may be dying still, and has the folder's lock until it has."""
    run, folder = start([], tmp_path / "run", 500)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    done = subprocess.run([*command(tmp_path / "run", "mixed", 500), "--resume"], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == PASS, done.stderr
    assert not folder.exists()


@pytest.fixture
def left_by_nobody():
    """What a killed run of another user left: root may remove it."""
    if os.geteuid() != 0:
        pytest.skip("only root can be two users")
    folder = MEMORY / f"loopgate-{NOBODY}-qemu-0123456789ab"
    subprocess.run(["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "mkdir", "-m", "700", str(folder)], check=True)
    (folder / "channel").write_bytes(b"")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_what_another_user_left_is_removed_by_root(tmp_path, left_by_nobody):
    finish([], tmp_path / "run")
    assert not left_by_nobody.exists()
