"""x86 boards. Their programs are for this machine's own kind of CPU and run here as they are. The emulated PC is a board as the others are: UEFI,
Debian's signed GRUB, a SATA disk, a GPIO controller as an Intel Bay Trail's, and two jumpers; candidates are booted once by GRUB itself."""

import json
import platform
import shutil
import subprocess

import pytest
from bench import is_measured, long, on_bench, outcome, roomy_suite, run_words, with_jumpers
from conftest import BUILD, FAIL, INVALID, PASS, ROOT

BOARD = "qemu-x86-disk"
PROGRAMS = BUILD / "target-amd64"
SAMPLES = 50

pytestmark = [
    pytest.mark.skipif(not (PROGRAMS / "programs.cpio").exists(), reason="x86's programs are not built: cmake --build build --target target-amd64"),
]
natively = pytest.mark.skipif(platform.machine() != "x86_64", reason="x86's programs run on x86 alone")
emulated = pytest.mark.skipif(shutil.which("qemu-system-x86_64") is None, reason="there is no qemu-system-x86_64: ci/setup")

# A payload without pins: ready, then its counts when it is ended.
PAYLOAD = """
import os, signal, socket
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
there = os.environ["NOTIFY_SOCKET"]
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"READY=1", "\\0" + there[1:] if there[0] == "@" else there)
signal.sigwait({signal.SIGTERM})
print('{"events": 7, "responses": 7}', flush=True)
"""


def run_here(program, *words, limit_s=60):
    return subprocess.run([str(PROGRAMS / program), *map(str, words)], capture_output=True, text=True, timeout=limit_s, check=False)


def job_file(folder, checks=()):
    job = {
        "format": 1, "board": {"chip": "none", "lines": {"stimulus": 0, "response": 1, "storm": 2, "control_in": 4, "control_out": 5}},
        "tuning": {"files": [], "threads": []}, "checks": list(checks), "load": {"parts": [], "settle_ms": 1},
        "payload": {"argv": ["/usr/bin/python3", "-c", PAYLOAD], "ready_timeout_ms": 20000},
    }
    (folder / "job.json").write_text(json.dumps(job))
    return folder / "job.json"


@natively
def test_they_need_no_library():
    for program in ("agent", "loopback", "responder"):
        headers = subprocess.run(["readelf", "--wide", "--file-header", "--program-headers", PROGRAMS / program], capture_output=True, text=True, timeout=30, check=True).stdout
        assert "Advanced Micro Devices X86-64" in headers
        assert "INTERP" not in headers, program


@natively
def test_the_loopback_program_runs_and_names_what_is_missing(tmp_path):
    assert "check" in run_here("loopback", "--help").stdout
    lines = ["--stimulus-out", 1, "--stimulus", 2, "--response", 3, "--response-in", 4]
    refused = run_here("loopback", "check", "--chip", "nobodys-chip", *lines, "--pulses", 10, "--out", tmp_path / "check.json")
    assert refused.returncode != 0
    assert refused.stderr == "loopback: no GPIO chip is labelled or named nobodys-chip\n"


@natively
def test_the_agent_carries_a_job_out(tmp_path):
    done = run_here("agent", "--job", job_file(tmp_path), "--report", tmp_path / "report.json", "--seconds", 1, "--events")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["ready", "reported"]
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["failure"] is None
    assert json.loads(report["payload"]["stdout"]) == {"events": 7, "responses": 7}


@natively
def test_the_agent_reports_a_check_that_does_not_hold(tmp_path):
    job = job_file(tmp_path, [{"name": "not this one", "file": "/proc/sys/kernel/ostype", "equals": "Plan 9"}])
    done = run_here("agent", "--job", job, "--report", tmp_path / "report.json", "--seconds", 1)
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["checks"] == [{"name": "not this one", "expected": "Plan 9", "seen": "Linux", "passed": False}], done.stderr


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    with on_bench(tmp_path_factory.mktemp("bench"), "--board", BOARD) as board:
        yield board


@pytest.fixture(scope="module")
def suite(tmp_path_factory):
    return roomy_suite(tmp_path_factory.mktemp("suites"))


def words_for(suite, board, out, kernels, file=BOARD):
    return run_words(suite, board, out, kernels, SAMPLES, file)


def is_home(board):
    """The known-good kernel runs, GRUB's choice for one boot is used up, and nothing of ours is left."""
    assert board.ssh("uname -r") == board.release
    assert "loopgate.candidate" not in board.ssh("cat /proc/cmdline")
    assert "next_entry=loopgate" not in board.ssh("grub-editenv - list")
    assert board.ssh("ls /boot; ls /boot/grub").split() == ["efi", "grub", "initrd.img", "vmlinuz", "grub.cfg", "grubenv"]


@emulated
@long  # two boots of an emulated PC; board_test has GRUB's boot-once on fakes, test_board another emulated board
def test_grub_boots_a_kernel_once_and_the_known_good_one_after_a_panic(loopgate, board, suite, toml_file, tmp_path):
    panics = toml_file("panics.toml", 'title = "panics"\narguments = "rdinit=/nonexistent"\n[source]\npackage = "linux-image-rt-{architecture}"\n')
    out = tmp_path / "run"
    done = loopgate(*words_for(suite, board, out, ["preempt-rt", panics]), limit_s=1500)
    assert done.returncode == FAIL, done.stderr
    is_measured(out, "preempt-rt.idle")
    kernel = json.loads((out / "cells/preempt-rt.idle/evidence.json").read_text())["kernel"]
    assert (kernel["machine"], kernel["realtime"]) == ("x86_64", 1)
    assert "BOOT_IMAGE=/boot/loopgate/kernel" in kernel["command_line"]  # as GRUB alone says it
    path = json.loads((out / "cells/preempt-rt.idle/summary.json").read_text())["stages"]
    assert [stage["name"] for stage in path["stages"]] == ["to interrupt", "to program", "to pin"]
    assert sum(path["worst"]["ns"]) == path["worst"]["latency_ns"]
    failed = outcome(out, "panics.idle")
    assert failed["outcome"] == "kernel_failed" and "panicked" in failed["reason"]
    assert "Kernel panic" in (out / "cells/panics.idle/console.log").read_text(errors="replace")
    for when in ("before", "after"):
        assert json.loads((out / "health" / when / "outcome.json").read_text())["outcome"] == "measured"
    is_home(board)


@emulated
@long
def test_a_power_cut_between_arming_and_booting_leaves_one_boot(board):
    """GRUB takes the choice back before it reads the kernel: what can't be booted is tried once."""
    board.ssh("mkdir -p /boot/loopgate && grub-reboot no-such-entry && sync")
    since = board.said_so_far()
    board.switch("cycle")
    assert board.wait_until_up(since) == board.release
    assert "next_entry=no-such-entry" not in board.ssh("grub-editenv - list")
    board.ssh("rmdir /boot/loopgate")


@emulated
@long
def test_doctor_finds_the_board_ready(loopgate, board):
    done = loopgate("doctor", "--board", BOARD, "--lab", board.folder / "lab.toml")
    assert done.returncode == PASS, done.stdout
    assert "grub can boot a kernel once" in done.stdout
    assert "all three lead where they should" in done.stdout


@emulated
@long
def test_interrupt_threads_are_tuned(loopgate, board, suite, tmp_path):
    out = tmp_path / "run"
    done = loopgate(*words_for(suite, board, out, ["generic", "rt-irq-threads"]), limit_s=1500)
    assert done.returncode == PASS, done.stderr
    for cell in ("generic.idle", "rt-irq-threads.idle"):
        is_measured(out, cell)
    is_home(board)


@emulated
@long
def test_kexec_starts_a_kernel_and_the_known_good_one_comes_back(loopgate, board, suite, tmp_path):
    text = (ROOT / f"boards/{BOARD}.toml").read_text()
    assert 'method = "grub"' in text
    file = tmp_path / f"{BOARD}.toml"
    file.write_text(text.replace('method = "grub"', 'method = "kexec"'))
    out = tmp_path / "run"
    done = loopgate(*words_for(suite, board, out, ["preempt-rt"], file=file), limit_s=1500)
    assert done.returncode == PASS, done.stderr
    command_line = json.loads((out / "cells/preempt-rt.idle/evidence.json").read_text())["kernel"]["command_line"]
    assert "BOOT_IMAGE" not in command_line and "loopgate.candidate" in command_line
    is_home(board)


@emulated
@long
def test_a_jumper_that_is_not_there_is_the_benchs_fault(loopgate, board, suite, tmp_path):
    with with_jumpers(board, "--jumper", "6:0"):
        done = loopgate(*words_for(suite, board, tmp_path / "run", ["preempt-rt"]), limit_s=900)
        assert done.returncode == INVALID, done.stderr
        assert "response" in done.stderr
        is_home(board)
