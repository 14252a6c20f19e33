"""A whole run on a board that is reached over SSH, as on a bench: candidates deployed, booted once, measured through the jumper, and the way back.
The board is the emulated one, so its figures are no hardware's, and a busy host makes them wide: the suite here leaves room for that. Its serial
line is served by RFC 2217, as labgrid's exporters do."""

import contextlib
import json
import subprocess
import time

import pytest
from bench import LONG, board_file, is_measured, long, on_bench, outcome, refuses_untouched, roomy_suite, run_words, with_jumpers
from conftest import BUILD, FAIL, INCONCLUSIVE, INVALID, PASS, ROOT, kill_all

BOARD = "qemu-arm64-disk"
SAMPLES = 100
KERNELS = ["generic", "preempt-rt"] if LONG else ["preempt-rt"]  # a boot each


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    with on_bench(tmp_path_factory.mktemp("bench"), "--layout", "pi", "--console", "rfc2217") as board:
        yield board


@pytest.fixture
def board(bench):
    """With its own jumpers: a test that plugs others leaves them, since each change is a boot."""
    bench.plug()
    return bench


@pytest.fixture(scope="module")
def suite(tmp_path_factory):
    return roomy_suite(tmp_path_factory.mktemp("suites"))


@pytest.fixture
def impatient_board(tmp_path):
    """The board's file with another limit for a candidate to come up; a name that the lab file knows."""
    return board_file(tmp_path, BOARD, "boot_timeout_s = 400", "boot_timeout_s = 60")


@pytest.fixture
def candidate(toml_file):
    """A kernel of the project's with more on its command line."""
    return lambda name, arguments: toml_file(f"{name}.toml", f'title = "{name}"\narguments = "{arguments}"\n[source]\npackage = "linux-image-rt-arm64"\n')


def words_for(suite, board, out, kernels, samples=SAMPLES, file=BOARD):
    return run_words(suite, board, out, kernels, samples, file)


def is_home(board):
    """The known-good kernel runs, and nothing is armed."""
    assert board.ssh("uname -r") == board.release
    assert "loopgate.candidate" not in board.ssh("cat /proc/cmdline")
    assert board.ssh("ls /boot/firmware/loopgate 2>/dev/null | grep -c armed || true") == "0"


def test_kernels_are_measured_and_the_board_comes_back(loopgate, board, suite, tmp_path):
    out = tmp_path / "run"
    done = loopgate(*words_for(suite, board, out, KERNELS), limit_s=1500)
    assert done.returncode == PASS, done.stderr
    assert "wall-clock time, on an emulator: no hardware's figures" in done.stdout
    run = json.loads((out / "run.json").read_text())
    assert (run["time_base"], run["board"]["emulator"]) == ("wall", True)
    for cell in (f"{kernel}.idle" for kernel in KERNELS):
        is_measured(out, cell)
        summary = json.loads((out / "cells" / cell / "summary.json").read_text())
        assert summary["time_base"] == "wall" and summary["scheduled"] == SAMPLES
        assert summary["count"] + summary["unanswered"] + summary["not_sent"] == SAMPLES
        path = summary["stages"]
        assert [stage["name"] for stage in path["stages"]] == ["to interrupt", "to program", "to pin"]
        assert sum(path["worst"]["ns"]) == path["worst"]["latency_ns"]
        assert json.loads((out / "cells" / cell / "evidence.json").read_text())["kernel"]["realtime"] == (1 if cell.startswith("preempt") else 0)
        assert (out / "cells" / cell / "console.log").stat().st_size > 1000
        assert json.loads((out / "cells" / cell / "environment.json").read_text())["format"] == 1
        audit = json.loads((out / "cells" / cell / "audit.json").read_text())
        assert audit["parameters"][0] == {"name": "measured_cpus", "value": "1", "source": "given"}
        judged = {finding["name"]: finding["judgement"] for finding in audit["findings"]}
        assert judged["preempt-rt"] == ("good" if cell.startswith("preempt") else "attention"), judged
        assert audit["counts"]["unknown"] <= 3, [finding for finding in audit["findings"] if finding["judgement"] == "unknown"]
    for when in ("before", "after"):
        assert json.loads((out / "health" / when / "outcome.json").read_text())["outcome"] == "measured"
    is_home(board)
    drawn = loopgate("report", out)
    assert drawn.returncode == PASS, drawn.stderr
    assert "emulator" in (out / "report" / "index.html").read_text()
    refused = loopgate("explain", out, "--cell", "preempt-rt.idle")
    assert "wall-clock time, which does not repeat" in refused.stderr


STOPS = {"osnoise": "--stop", "hwnoise": "--stop", "timerlat": "--auto"}  # at 50 us, which an emulator exceeds at once
# In us: what any tick of an emulator takes, and what nothing takes in a second.
OSNOISE = "".join(
    f'''
[[program]]
name = "{name}"
adapter = "rtla-osnoise"
arguments = ["--threshold", "{threshold}"]
duration_s = 1
timeout_s = 120
'''
    for name, threshold in (("noisy", 20), ("quiet", 5_000_000))
) + "".join(
    f'''
[[program]]
name = "{name}-stop"
adapter = "rtla-{name}"
arguments = ["{option}", "50"]
duration_s = 5
timeout_s = 120
'''
    for name, option in STOPS.items()
)


def programs_of(loopgate, board, suite, names, out):
    """What programs.json of preempt-rt says of each, and the rows of what was asked for."""
    words = ["run", suite, "--board", BOARD, "--lab", board.folder / "lab.toml", "--kernel", "preempt-rt", "--load", "idle", "--out", out]
    done = loopgate(*words, *(word for name in names for word in ("--program", name)), limit_s=1500)
    assert done.returncode == PASS, done.stderr
    is_measured(out, "preempt-rt.idle")
    cell = out / "cells" / "preempt-rt.idle"
    document = json.loads((cell / "programs.json").read_text())
    assert (document["time_base"], document["self_measured"]) == ("wall", True)
    programs = {program["name"]: program for program in document["programs"]}
    assert list(programs) == names
    told = {row["asked"]: row["became"] for row in json.loads((cell / "evidence.json").read_text())["asked_for"] if row["by"] == "suite"}
    is_home(board)
    return programs, told


@long  # a boot and a minute of programs
def test_programs_measure_themselves(loopgate, board, tmp_path):
    """rt-tests, which are copied to the board; its two CPUs are what rt-migrate-test and osnoise need."""
    suite = tmp_path / "rt-tests" / "suite.toml"
    suite.parent.mkdir()
    suite.write_text((ROOT / "suites" / "rt-tests" / "suite.toml").read_text() + OSNOISE)
    stopped = [f"{name}-stop" for name in STOPS]
    names = ["cyclictest", "pip_stress", "pi_stress", "ptsematest", "hwlatdetect", "rt-migrate-test", "noisy", "quiet", *stopped]
    programs, told = programs_of(loopgate, board, suite, names, tmp_path / "run")
    assert "hwlatdetect is not on the target" in programs["hwlatdetect"]["reason"]
    for name in stopped:
        assert programs[name]["result"] == "fail", programs[name]
    for name in set(names) - {"hwlatdetect"}:
        assert programs[name]["result"] in ("pass", "fail", "inconclusive"), programs[name]  # an emulator on a busy host is late
    assert sum(programs["cyclictest"]["histogram"]["count"]) > 0
    assert told["ptsematest: --prio 80"] == "in effect", told
    figures = {one["name"]: (one["value"], one["resolution"]) for one in programs["quiet"]["figures"]}
    assert programs["quiet"]["result"] == "pass"
    assert figures == {"noises": (0, 0), "max": (0, 5000000)}, "it says no more than its threshold"
    assert programs["noisy"]["result"] == "pass"
    assert sum(programs["noisy"]["histogram"]["count"]) + programs["noisy"]["histogram"]["overflow"] > 0


@long  # a boot and a minute of programs
def test_primitives_are_measured(loopgate, board, tmp_path):
    """With the target image's shared libraries, which this board's Debian has not; in ns, since nobody counts instructions."""
    names = ["null-call", "switch-pipe", "pi-mutex-inherit", "pi-mutex-plain", "nanosleep-deadline", "gpio-set"]
    programs, told = programs_of(loopgate, board, "primitives", names, tmp_path / "run")
    for name in names:
        figures = {one["name"]: one for one in programs[name]["figures"]}
        assert programs[name]["result"] == "pass", programs[name]
        assert sum(programs[name]["histogram"]["count"]) == figures["iterations"]["value"]
        assert figures["mean"]["value"] > 0 and figures["mean"]["unit"] == "ns" and "instructions" not in figures
    mean = {name: next(one["value"] for one in programs[name]["figures"] if one["name"] == "mean") for name in names}
    assert mean["pi-mutex-plain"] > 20_000_000 > mean["pi-mutex-inherit"], "the hog's time, and not"
    assert told["nanosleep-deadline: --policy deadline"] == told["switch-pipe: --priority 80"] == "in effect", told


def test_doctor_finds_the_board_ready(loopgate, board):
    """The board mounts /run as Debian does: no program may be started there."""
    assert "noexec" in board.ssh("grep ' /run tmpfs ' /proc/mounts")
    done = loopgate("doctor", "--board", BOARD, "--lab", board.folder / "lab.toml")
    assert done.returncode == PASS, done.stdout
    assert "all three lead where they should" in done.stdout
    assert f"rfc2217:127.0.0.1:{board.console_port}" in done.stdout
    assert board.ssh("ls /run | grep loopgate-doctor || true") == ""


@long
def test_tryboot_is_refused_under_a_kernel_that_ignores_it(loopgate, board, suite, tmp_path):
    """Debian's, on what is a Raspberry Pi's boot partition otherwise: the word would be lost, and the same system would start."""
    file = board_file(tmp_path, BOARD, 'method = "extlinux"', 'method = "tryboot"')
    told = "/proc/kallsyms: has no rpi_firmware_notify_reboot, so the running kernel does not pass tryboot on"
    refuses_untouched(loopgate, board, suite, file, tmp_path / "run", told, "boot a kernel of Raspberry Pi")
    is_home(board)


@long
def test_a_panic_is_heard_by_rfc_2217(loopgate, board, suite, candidate, tmp_path):
    """FAIL by what the serial line says, long before the board's limit."""
    out = tmp_path / "run"
    done = loopgate(*words_for(suite, board, out, [candidate("panics", "rdinit=/nonexistent")]), limit_s=900)
    assert done.returncode == FAIL, done.stderr
    failed = outcome(out, "panics.idle")
    assert failed["outcome"] == "kernel_failed" and "panicked" in failed["reason"]
    log = (out / "cells" / "panics.idle" / "console.log").read_bytes()
    assert b"Kernel panic - not syncing" in log
    assert b"\xff\xfb" not in log and b"\xff\xfd" not in log, "nothing of telnet's is in it"
    is_home(board)


@long  # the same switch as after a loss of power, and a minute of waiting for what never comes
def test_a_candidate_that_hangs_is_switched_off(loopgate, board, suite, candidate, impatient_board, tmp_path):
    out = tmp_path / "run"
    hangs = candidate("hangs", "rdinit=/bin/cat")  # waits for somebody who types
    done = loopgate(*words_for(suite, board, out, [hangs], file=impatient_board), limit_s=1500)
    assert done.returncode == FAIL, done.stderr
    assert outcome(out, "hangs.idle")["outcome"] == "kernel_failed"
    is_home(board)


@long  # three boots
def test_an_edge_that_the_wire_lost_is_not_the_payloads_fault(loopgate, board, suite, tmp_path):
    """Of falling stimuli: the line is high between them. The 500th pulse comes after the health check before and the cell's own hundred."""
    text = suite.read_text()
    file = tmp_path / "falling" / "suite.toml"
    file.parent.mkdir()
    file.write_text(text.replace("[schedule]\n", '[schedule]\nedge = "falling"\n'))
    out = tmp_path / "run"
    with with_jumpers(board, "--jumper", "1:2", "--drop", "6:0:500"):
        done = loopgate(*words_for(file, board, out, ["preempt-rt"], samples=200), limit_s=900)
        assert done.returncode == PASS, done.stderr
        is_measured(out, "preempt-rt.idle")
        lost = outcome(out, "preempt-rt.idle")["lost_edges"]
        assert lost["sent"] - lost["arrived"] == 1 and lost["no_room"] == 0
        assert (lost["bare_wire_sent"], lost["bare_wire_lost"]) == (100, 0)
        policy = tmp_path / "policy.toml"
        policy.write_text('title = "t"\nsuite = "falling"\ntime_base = "wall"\n[[budget]]\nkernel = "preempt-rt"\nload = "idle"\nunanswered = 0\nmax_us = 900000\n')
        judged = loopgate("gate", out, "--policy", policy)
        assert judged.returncode == INCONCLUSIVE, judged.stdout
        # Nor are those that fell due while it was waited for, nor a maximum that they alone exceed.
        assert judged.stdout.count("1 of them never came to the payload") == 2, judged.stdout
        assert judged.stdout.count("the bare wire may lose as many: 0 of 100") == 2
        told = f"1 of {lost['sent']} edges never came to the payload: the chip, the wire or the kernel lost them, and not the payload"
        assert told in judged.stdout, judged.stdout
        is_home(board)


def test_a_host_key_that_changed_is_named(loopgate, board, suite, tmp_path):
    known = board.folder / "known_hosts"
    good = known.read_bytes()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "other"], check=True, timeout=60)
    other = (tmp_path / "other.pub").read_text().split()
    known.write_text("".join(f"{line.split()[0]} {other[0]} {other[1]}\n" for line in good.decode().splitlines() if line.strip()))
    try:
        done = loopgate(*words_for(suite, board, tmp_path / "run", ["preempt-rt"]))
    finally:
        known.write_bytes(good)
    assert done.returncode == INVALID, done.stderr
    assert "host key" in done.stderr
    is_home(board)


def test_a_user_without_rights_on_the_gpio_chip_is_the_benchs_fault(loopgate, board, suite, tmp_path):
    board.ssh(
        "id measurer 2>/dev/null || { echo measurer:x:1000:1000::/home/measurer:/bin/sh >> /etc/passwd; echo 'measurer:*:20000::::::' >> /etc/shadow;"
        " mkdir -p /home/measurer/.ssh; cp ~/.ssh/authorized_keys /home/measurer/.ssh; chown -R 1000:1000 /home/measurer; chmod 700 /home/measurer/.ssh; }"
    )
    lab = (board.folder / "lab.toml").read_text().replace("root@", "measurer@")
    (board.folder / "user.toml").write_text(lab)
    out = tmp_path / "run"
    words = words_for(suite, board, out, ["preempt-rt"])
    words[words.index("--lab") + 1] = str(board.folder / "user.toml")
    done = loopgate(*words)
    assert done.returncode == INVALID
    assert "measuring needs root on the board" in done.stderr
    doctor = loopgate("doctor", "--board", BOARD, "--lab", board.folder / "user.toml")
    assert doctor.returncode == INVALID and "user 1000 is not root" in doctor.stdout
    is_home(board)


@long  # a boot
def test_a_full_boot_folder_is_the_benchs_fault(loopgate, board, suite, tmp_path):
    board.ssh("dd if=/dev/zero of=/boot/firmware/full bs=1M 2>/dev/null; sync; true", limit_s=300)
    try:
        done = loopgate(*words_for(suite, board, tmp_path / "run", ["preempt-rt"]), limit_s=900)
    finally:
        board.ssh("rm /boot/firmware/full; sync")
    assert done.returncode == INVALID, done.stderr
    assert "/boot/firmware" in done.stderr
    is_home(board)


def await_stage(running, stage, limit_s):
    end = time.monotonic() + limit_s
    said = []
    for line in running.stderr:
        said.append(line)
        if stage in line and "health" not in line:
            return
        assert time.monotonic() < end, said
    raise AssertionError(f"{stage!r} was never said: {said}")


@contextlib.contextmanager
def started(words, stage, limit_s=600):
    """A run that has said `stage` of its candidate. It is ended with the block: the next test needs its board."""
    running = subprocess.Popen([str(BUILD / "loopgate"), *words], cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        await_stage(running, stage, limit_s)
        yield running
    finally:
        if running.poll() is None:
            running.terminate()
            running.communicate(timeout=600)


@long  # a loss of power cuts it, too
def test_a_connection_that_is_cut_is_the_benchs_fault(board, suite, tmp_path):
    out = tmp_path / "run"
    with started(words_for(suite, board, out, ["preempt-rt"], samples=2000), "preempt-rt.idle measuring") as running:
        kill_all("ssh", board.folder / "ssh_config")
        errors = running.communicate(timeout=900)[1]
    assert running.returncode == INVALID, errors
    assert outcome(out, "preempt-rt.idle")["outcome"] == "invalid"
    is_home(board)


@long  # two minutes: a cell is interrupted and measured again
def test_a_board_that_loses_its_power_is_the_benchs_fault(board, suite, tmp_path):
    out = tmp_path / "run"
    with started(words_for(suite, board, out, ["preempt-rt"], samples=2000), "preempt-rt.idle measuring") as running:
        board.switch("off")
        errors = running.communicate(timeout=900)[1]
    assert running.returncode == INVALID, errors
    assert outcome(out, "preempt-rt.idle")["outcome"] == "invalid"
    assert "as in a power cut" in outcome(out, "preempt-rt.idle")["reason"]
    assert board.switch("status") == "on"
    is_home(board)


# Last, since each is a boot, and so would be the way back.
@pytest.mark.parametrize(("jumpers", "word"), [(["--jumper", "6:2", "--jumper", "1:0"], "the jumper"), pytest.param(["--no-jumper"], "stimulus", marks=long)], ids=["wrong", "missing"])
def test_a_jumper_that_is_not_there_or_wrong_is_the_benchs_fault(loopgate, bench, suite, tmp_path, jumpers, word):
    bench.plug(*jumpers)
    done = loopgate(*words_for(suite, bench, tmp_path / "run", ["preempt-rt"]), limit_s=900)
    assert done.returncode == INVALID, done.stderr
    assert word in done.stderr, done.stderr
    is_home(bench)


@pytest.mark.parametrize("each, edges, told", [(1_000, 1_200, "1 of 1,300"), pytest.param(10_000, 12_000, "1 of 12,100", marks=long)])
def test_a_wire_that_loses_one_edge_in_so_many_is_found_when_asked(loopgate, bench, each, edges, told):
    bench.plug("--jumper", "1:2", "--jumper", "4:5", "--drop", f"6:0:{each}")
    done = loopgate("doctor", "--board", BOARD, "--lab", bench.folder / "lab.toml", "--edges", edges, limit_s=600)
    assert f"{told} edges from line 6 to line 0 were lost on the bare wire" in done.stdout
    assert done.returncode == INVALID
