"""A bench with the emulated board on it, for tests: the board is used as one is, by its power switch, SSH and serial console."""

import contextlib
import json
import os
import socket
import subprocess
import time

import pytest
from conftest import BUILD, INVALID, ROOT

DISK = ROOT / "fixtures" / "disk"
FOLDER = "/boot/firmware/loopgate"
UP_LIMIT_S = 600  # 15 s on a quiet machine, 160 s on one with a load of 20 a core
POLL_S = 0.5
# For whoever changes what has to do with boards.
LONG = os.environ.get("LOOPGATE_LONG_TESTS") == "1"
long = pytest.mark.skipif(not LONG, reason="takes minutes: set LOOPGATE_LONG_TESTS=1")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Board:
    """A bench of the test's own."""

    def __init__(self, folder):
        self.folder = folder
        self.plugged = ()  # options of `fixtures/disk/board on`: other jumpers than the board's file says, or none
        self.configuration = ["-F", str(folder / "ssh_config"), "-o", "ConnectTimeout=30", "-o", "BatchMode=yes"]

    def switch(self, verb, *options):
        argv = [DISK / "board", verb, "--folder", self.folder, *options]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=900, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def try_ssh(self, *words, limit_s=120, **options):
        argv = ["ssh", *self.configuration, *options.pop("more", []), "root@127.0.0.1", *words]
        return subprocess.run(argv, capture_output=True, text=True, timeout=limit_s, check=False, **options)

    def ssh(self, command, **options):
        done = self.try_ssh(command, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def wait_until_up(self, since=0):
        """The release of the kernel that is up, on the console after `since` bytes and then over SSH."""
        self.wait_for("board: ", since)
        end = time.monotonic() + UP_LIMIT_S
        while True:
            done = self.try_ssh("uname -r")
            if done.returncode == 0:
                return done.stdout.strip()
            assert time.monotonic() < end, f"no SSH within {UP_LIMIT_S} s: {done.stderr}"
            time.sleep(POLL_S)

    def console(self, since=0):
        return (self.folder / "console.log").read_bytes()[since:].decode(errors="replace")

    def wait_for(self, text, since=0):
        end = time.monotonic() + UP_LIMIT_S
        while text not in self.console(since):
            assert time.monotonic() < end, f"{text!r} was not on the console within {UP_LIMIT_S} s: {self.console(since)[-2000:]}"
            time.sleep(POLL_S)

    def said_so_far(self):
        return (self.folder / "console.log").stat().st_size

    def cycle_power(self, *options):
        self.switch("off")
        since = self.said_so_far()
        self.switch("on", *options)
        self.wait_until_up(since)

    def plug(self, *options):
        """The board is up with these jumpers, or with its own. It boots only where others are in."""
        if options != self.plugged:
            self.plugged = None  # should it not come up
            self.cycle_power(*options)
            self.plugged = options

    def arm(self, arguments):
        """What is in the boot folder is booted next, and once."""
        self.ssh(f"echo 'bootargs={arguments}' > {FOLDER}/once.env && sync && : > {FOLDER}/armed && sync")

    def restart(self):
        """Returns where its console's next text begins."""
        since = self.said_so_far()
        self.ssh("reboot")
        return since


@contextlib.contextmanager
def on_bench(folder, *options):
    """A board that is up; `release` is its known-good kernel's. `options` are those of `fixtures/disk/board prepare`."""
    board = Board(folder)
    board.ssh_port, board.console_port = free_port(), free_port()
    board.switch("prepare", *options, "--port", str(board.ssh_port), "--console-port", str(board.console_port), "--plugin", BUILD / "loopgate_jumper.so")
    board.switch("on")
    try:
        board.release = board.wait_until_up()
        yield board
    finally:
        board.switch("off")


@contextlib.contextmanager
def with_jumpers(board, *options):
    """Other jumpers than the board's file says, or none, until the end. `options` are those of `fixtures/disk/board on`."""
    board.plug(*options)
    try:
        yield
    finally:
        board.plug()


def roomy_suite(folder):
    """irq-to-gpio, with time enough for an emulator on a busy host."""
    text = (ROOT / "suites/irq-to-gpio/suite.toml").read_text()
    for old, new in (("[600, 1400]", "[20000, 30000]"), ("warm_up = 100", "warm_up = 10"), ("deadline_us = 1000 ", "deadline_us = 100000 ")):
        assert old in text
        text = text.replace(old, new)
    file = folder / "roomy" / "suite.toml"
    file.parent.mkdir()
    file.write_text(text)
    return file


def board_file(folder, board, old, new):
    """The board's file with a change; a name that the lab file knows."""
    text = (ROOT / f"boards/{board}.toml").read_text()
    assert old in text
    file = folder / f"{board}.toml"
    file.write_text(text.replace(old, new))
    return file


def doctor_refuses(loopgate, board, file, why, next_step):
    """The board's boot method, and nothing else of it."""
    done = loopgate("doctor", "--board", file, "--lab", board.folder / "lab.toml")
    assert done.returncode == INVALID, done.stdout
    wrong = [line for line in done.stdout.splitlines() if line.startswith(("MISSING", "UNKNOWN"))]
    assert len(wrong) == 1 and wrong[0].split()[1:3] == ["boot", "method"], done.stdout
    assert why in wrong[0], wrong
    assert f"-> {next_step}" in done.stdout


def refuses_untouched(loopgate, board, suite, file, out, why, next_step):
    """The same by doctor and by a run, before anything is copied to the board."""
    state = "cat /proc/sys/kernel/random/boot_id; find /boot /run | sort"
    before = board.ssh(state)
    doctor_refuses(loopgate, board, file, why, next_step)
    done = loopgate(*run_words(suite, board, out, ["preempt-rt"], 10, file), limit_s=300)
    assert done.returncode == INVALID, done.stderr
    assert "no candidate was booted" in done.stderr and why in done.stderr, done.stderr
    assert next_step in json.loads((out / "health/before/outcome.json").read_text())["next_step"]
    assert "copying" not in done.stderr, done.stderr
    assert board.ssh(state) == before


def run_words(suite, board, out, kernels, samples, file):
    """The command line of a run under no load; `file` is the board's name or file."""
    words = ["run", suite, "--board", file, "--lab", board.folder / "lab.toml", "--load", "idle", "--samples", samples, "--out", out]
    for kernel in kernels:
        words += ["--kernel", kernel]
    return list(map(str, words))


def outcome(out, cell):
    """As it stands today: what was found later stands in its amendments."""
    folder = out / "cells" / cell
    document = json.loads((folder / "outcome.json").read_text())
    amendments = folder / "amendments.jsonl"
    if amendments.exists():
        last = json.loads(amendments.read_text().splitlines()[-1])
        document.update({key: last[key] for key in ("outcome", "reason", "next_step")})
    return document


def is_measured(out, cell):
    """Holds that the cell was measured; a cell that was not says why, since nothing else of it outlives the test."""
    found = outcome(out, cell)
    assert found["outcome"] == "measured", f"{cell} is {found['outcome']}: {found['reason']} ({found['next_step']})"
