"""Bad input and bad luck: one clear sentence, the right culprit, nothing lost, and never a PASS."""

import json
import os
import re
import shutil
import signal
import subprocess
import time

import pytest
from bench import long
from conftest import BUILD, FAIL, INVALID, PASS, RESPONDER, ROOT, USAGE, faulty, in_shell, kill_all, processes_of

SMALL = {"kernel": "generic", "load": "idle", "samples": 200}


def one_sentence(text):
    """What a person reads must be no dump."""
    assert "terminate called" not in text and "Traceback" not in text and "what():" not in text
    return text


# --- the user's mistakes ---


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ({"suite": "nonesuch"}, 'there is no suite "nonesuch"'),
        ({"board": "nonesuch"}, 'there is no board "nonesuch"'),
        ({"kernel": "nonesuch"}, 'there is no kernel "nonesuch"'),
        ({"load": "nonesuch"}, 'there is no load "nonesuch"'),
        ({"kernel": ["generic", "generic"]}, "named twice"),
        ({"samples": "0"}, "samples"),
    ],
)
def test_what_is_unknown_is_refused_by_name(measure, arguments, sentence):
    run = measure(**{**SMALL, **arguments})
    assert run.status == USAGE
    assert sentence in one_sentence(run.errors)
    assert not run.path.exists()


@pytest.mark.parametrize(
    "option, based_on, replace, sentence",
    [
        ("kernel", "fixtures/kernels/generic.toml", [("title", "titel")], "titel"),
        ("kernel", "fixtures/kernels/generic.toml", [('package = "linux-image-{architecture}"', "package = 7")], "source.package must be a string"),
        ("load", "fixtures/loads/cpu.toml", [("cpu = 10", "cpu = 0")], "min_per_second.cpu must be above 0"),
        ("load", "fixtures/loads/cpu.toml", [("min_processes", "processes")], "part[0].processes is an unknown key"),
        ("board", "boards/qemu-virt-arm64.toml", [("cpus = 1", 'cpus = "one"')], "cpus must be a whole number"),
        ("board", "boards/qemu-virt-arm64.toml", [("[qemu]", "[qemu")], "is no valid TOML"),
    ],
)
def test_a_bad_file_is_refused_with_file_and_key(measure, toml_file, option, based_on, replace, sentence):
    path = toml_file("mine.toml", based_on=based_on, replace=replace)
    run = measure(**{**SMALL, option: path})
    assert run.status == USAGE
    assert "mine.toml" in run.errors and sentence in one_sentence(run.errors)


def test_a_board_that_lacks_what_the_suite_needs_is_refused(measure, toml_file):
    board = toml_file("bare.toml", based_on="boards/qemu-virt-arm64.toml", replace=[('"irq-to-gpio", ', "")])
    run = measure(**SMALL, board=board)
    assert run.status == USAGE and "requires irq-to-gpio" in run.errors


def test_an_output_folder_that_exists_is_refused(measure):
    first = measure(**SMALL)
    again = measure(**SMALL, out=first.path)
    assert first.status == PASS and again.status == USAGE
    assert "exists" in again.errors and first.outcome("generic.idle")["outcome"] == "measured"


def test_a_kernel_image_that_is_no_kernel_is_refused(measure, toml_file, tmp_path):
    (tmp_path / "image").write_bytes(b"no kernel" * 1000)
    kernel = toml_file("mine.toml", 'title = "mine"\n[source]\nimage = "image"\n')
    run = measure(**{**SMALL, "kernel": kernel})
    assert run.status == USAGE and "is not an arm64 kernel image" in one_sentence(run.errors)


def test_a_deb_that_is_no_package_is_refused(measure, toml_file, tmp_path):
    (tmp_path / "kernel.deb").write_bytes(b"no package" * 1000)
    kernel = toml_file("mine.toml", 'title = "mine"\n[source]\ndeb = "kernel.deb"\n')
    run = measure(**{**SMALL, "kernel": kernel})
    assert run.status == USAGE and "kernel.deb" in one_sentence(run.errors)


def test_an_image_of_ones_own_is_measured(measure, toml_file, loopgate):
    measured = measure(**SMALL)
    image = json.loads((measured.path / "run.json").read_text())["circumstances"]["images"]["generic"]
    kernel = toml_file("mine.toml", f'title = "mine"\n[source]\nimage = "{image}"\n')
    run = measure(**{**SMALL, "kernel": kernel})
    assert run.status == PASS, run.errors
    assert run.measured("mine.idle") == measured.measured("generic.idle")


def test_a_policy_for_another_suite_is_refused(measure, loopgate, toml_file):
    run = measure(**SMALL)
    policy = toml_file("other.toml", based_on="suites/irq-to-gpio/release.toml", replace=[('suite = "irq-to-gpio"', 'suite = "inspection"')])
    gated = loopgate("gate", run.path, "--policy", policy)
    assert gated.returncode == USAGE and "inspection" in one_sentence(gated.stderr)


# --- the kernel's fault ---


def test_a_kernel_that_panics_at_boot_fails(measure, toml_file, loopgate):
    kernel = toml_file("panics.toml", based_on="fixtures/kernels/generic.toml", replace=[("[source]", 'arguments = "rdinit=/nonesuch init=/nonesuch"\n[source]')])
    run = measure(**{**SMALL, "kernel": kernel})
    assert run.status == FAIL
    outcome = run.outcome("panics.idle")
    assert outcome["outcome"] == "kernel_failed" and "panicked" in outcome["reason"]
    assert "Kernel panic" in (run.cell("panics.idle") / "console.log").read_text()


def test_a_kernel_that_hangs_at_boot_fails(measure, toml_file):
    kernel = toml_file("hangs.toml", based_on="fixtures/kernels/generic.toml", replace=[("[source]", 'arguments = "rdinit=/bin/sleep -- 100000"\n[source]')])
    run = measure(**{**SMALL, "kernel": kernel})
    assert run.status == FAIL
    assert "did not boot" in run.outcome("hangs.idle")["reason"]


def test_a_kernel_that_panics_while_measuring_fails_and_other_cells_are_kept(measure, suite_file):
    suite = suite_file("panic", in_shell("sleep 0.3; echo c > /proc/sysrq-trigger"))
    run = measure(suite, **SMALL)
    assert run.status == FAIL
    assert "panicked" in run.outcome("generic.idle")["reason"]


def test_a_kernel_that_hangs_while_measuring_fails(measure, tmp_path):
    """It never enables interrupts again once a stimulus has come, and sleeps: a busy loop would take the host a minute until nobody waits any more."""
    made = subprocess.run([ROOT / "fixtures/planted/make", "--kernel", "generic", "--hold", "hang", "--to", tmp_path],
                          capture_output=True, text=True, check=False, timeout=600)  # fmt: skip
    assert made.returncode == 0, made.stderr
    run = measure(kernel=made.stdout.strip(), load="idle", samples=200)
    assert run.status == FAIL
    assert run.outcome("generic-hang.idle")["reason"] == "the kernel hung while measuring: the agent was not heard of again"


# The highest priority that there is, PREEMPT_RT shows.
@pytest.mark.parametrize("based_on, priority", [pytest.param("generic", 90, marks=long), pytest.param("generic", 99, marks=long), ("preempt-rt", 99)])
def test_a_real_time_task_that_never_sleeps_is_no_hung_kernel(measure, suite_file, toml_file, based_on, priority):
    """It starves the payload. The agent rises above it when measuring ends, and reports."""
    busy = f"sleep 0.1; exec /bin/rt_busy --priority {priority} --period-us 10000000 --busy-us 9999999"
    suite = suite_file("runaway", in_shell(busy), replace=[("response_timeout_ms = 1000", "response_timeout_ms = 20")])
    kernel = toml_file("unthrottled.toml", '[[tuning.file]]\npath = "/proc/sys/kernel/sched_rt_runtime_us"\nvalue = "-1"\n', based_on=f"fixtures/kernels/{based_on}.toml")
    run = measure(suite, kernel=kernel, load="idle", samples=200)
    assert run.status == INVALID, run.errors
    assert "the payload exited abnormally" in run.outcome("unthrottled.idle")["reason"]
    assert (run.samples("unthrottled.idle")["flags"] & 32).any()


# --- the payload's, the load's and the bench's ---


def test_a_check_that_fails_makes_the_cell_invalid(measure, toml_file):
    kernel = toml_file("checked.toml", '\n[[check]]\nname = "is real-time"\nfile = "/sys/kernel/realtime"\nequals = "1"\n', based_on="fixtures/kernels/generic.toml")
    run = measure(**{**SMALL, "kernel": kernel})
    assert run.status == INVALID and "is real-time" in run.outcome("checked.idle")["reason"]


def test_tuning_that_does_not_hold_makes_the_cell_invalid(measure, toml_file):
    kernel = toml_file("tuned.toml", '\n[[tuning.thread]]\nname = "irq/*-nonesuch"\npolicy = "fifo"\npriority = 50\n', based_on="fixtures/kernels/generic.toml")
    run = measure(**{**SMALL, "kernel": kernel})
    assert run.status == INVALID and "irq/*-nonesuch" in run.outcome("tuned.idle")["reason"]


def test_a_responder_that_dies_makes_the_cell_invalid(measure, suite_file):
    run = measure(suite_file("dies", **faulty(RESPONDER, "--die-after", 100)), **SMALL)
    outcome = run.outcome("generic.idle")
    assert run.status == INVALID and outcome["outcome"] == "invalid" and "payload" in outcome["reason"]


def test_a_responder_that_falls_silent_makes_the_cell_invalid(measure, suite_file):
    run = measure(suite_file("mute", **faulty(RESPONDER, "--mute-after", 100), replace=[("response_timeout_ms = 1000", "response_timeout_ms = 20")]), **SMALL)
    outcome = run.outcome("generic.idle")
    assert run.status == INVALID and "the payload took" in outcome["reason"]


def test_a_payload_that_never_gets_ready_makes_the_cell_invalid(measure, suite_file):
    run = measure(suite_file("sleeps", ["/bin/sleep", "1000"]), **SMALL)
    assert run.status == INVALID and "READY=1" in run.outcome("generic.idle")["reason"]


def test_a_payload_that_answers_unasked_makes_the_cell_invalid(measure, suite_file):
    """Another program drives the wire, and a responder on the wire's end answers it on the response line."""
    toggles = "while :; do gpioset --chip gpiochip0 --toggle 3ms,0 6=1; done"
    words = " ".join(RESPONDER[:3]) + " --stimulus 7 --response 1 --priority 80"
    suite = suite_file("noisy", ["/bin/sh", "-c", f"({toggles}) > /dev/null 2>&1 & exec {words}"], replace=[("response_timeout_ms = 1000", "response_timeout_ms = 20")])
    run = measure(suite, **SMALL)
    outcome = run.outcome("generic.idle")
    assert run.status == INVALID and "when nothing was asked" in outcome["reason"]


def test_a_load_that_dies_makes_the_cell_invalid(measure, toml_file):
    load = toml_file("dies.toml", 'title = "dies"\n[[part]]\nname = "short"\nprogram = ["/bin/sh", "-c", "while [ $((i=i+1)) -lt 20000 ]; do :; done"]\nmin_per_second = { periods = 1 }\n')
    run = measure(kernel="generic", load=load, samples=2000)
    outcome = run.outcome("generic.dies")
    assert run.status == INVALID and "short" in outcome["reason"]


def test_a_load_that_delivers_less_makes_the_cell_invalid(measure, toml_file):
    load = toml_file("weak.toml", based_on="fixtures/loads/cpu.toml", replace=[("cpu = 10", "cpu = 1000000")])
    run = measure(kernel="generic", load=load, samples=200)
    assert run.status == INVALID and re.search(r"delivered [\d.]+ cpu a second", run.outcome("generic.weak")["reason"])


def test_a_missing_qemu_is_named(measure, toml_file):
    board = toml_file("b.toml", based_on="boards/qemu-virt-arm64.toml", replace=[("qemu-system-aarch64", "qemu-system-nonesuch")])
    run = measure(**SMALL, board=board)
    assert run.status == INVALID and "qemu-system-nonesuch is not installed" in run.errors


def test_a_qemu_that_is_too_old_is_refused(measure, toml_file):
    board = toml_file("b.toml", based_on="boards/qemu-virt-arm64.toml", replace=[('"10.0"', '"99.0"')])
    run = measure(**SMALL, board=board)
    assert run.status == INVALID and "needs 99.0 or newer" in run.errors


def start_long_run(out, *more, **options):
    return subprocess.Popen([str(BUILD / "loopgate"), "run", "irq-to-gpio", "--kernel", "generic", "--load", "idle", "--load", "mixed", "--samples", "1000", "--out", str(out), *more], cwd=ROOT, stderr=subprocess.PIPE, text=True, **options)


def wait_for(condition, limit_s=120):
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.05)
    raise AssertionError("it never happened")


def samples_have_begun(cell):
    path = cell / "samples.lgs"
    return path.exists() and path.stat().st_size > 4096


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_qemu_is_the_benchs_fault(tmp_path, measure, by):
    """Asked by SIGINT it ends with status 0, as for a guest that shuts itself down."""
    measure(**SMALL)  # so that the state is saved
    cell = tmp_path / "run" / "cells" / "generic.mixed"
    with start_long_run(tmp_path / "run") as running:
        wait_for(lambda: samples_have_begun(cell))
        kill_all("qemu-system", cell, by)
        errors = running.communicate(timeout=300)[1]
    outcome = json.loads((cell / "outcome.json").read_text())
    assert running.returncode == INVALID, errors
    assert outcome["outcome"] == "invalid" and f"killed by signal {by.value}" in outcome["reason"]
    other = json.loads((tmp_path / "run" / "cells" / "generic.idle" / "outcome.json").read_text())
    assert other["outcome"] == "measured"


def test_what_a_closed_terminal_sends_to_all_of_its_programs_costs_a_nohup_run_nothing(tmp_path, measure):
    measure(**SMALL)  # so that the state is saved
    out = tmp_path / "run"
    with start_long_run(out, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN), start_new_session=True) as running:
        wait_for(lambda: samples_have_begun(out / "cells" / "generic.mixed"))
        os.killpg(running.pid, signal.SIGHUP)
        errors = running.communicate(timeout=300)[1]
    assert running.returncode == PASS, errors


def test_an_interrupted_run_is_resumed_and_loses_no_finished_cell(tmp_path, measure, loopgate, toml_file):
    out = tmp_path / "run"
    cell = out / "cells" / "generic.mixed"
    with start_long_run(out) as running:
        wait_for(lambda: samples_have_begun(cell))
        running.send_signal(signal.SIGINT)
        errors = running.communicate(timeout=60)[1]
    assert running.returncode == 130 and "--resume" in errors
    assert not (cell / "outcome.json").exists()
    wait_for(lambda: not processes_of("qemu-system", cell), 10)  # no orphan is left behind
    finished = (out / "cells" / "generic.idle" / "samples.lgs").stat().st_mtime_ns
    policy = toml_file("p.toml", 'title = "t"\nsuite = "irq-to-gpio"\ntime_base = "virtual"\nmin_stimuli = 1\n[[budget]]\nkernel = "*"\nload = "*"\nmax_us = 999999\n')
    gated = loopgate("gate", out, "--policy", policy)
    assert gated.returncode == INVALID and "generic x mixed: INVALID" in gated.stdout
    resumed = loopgate("run", "irq-to-gpio", "--kernel", "generic", "--load", "idle", "--load", "mixed", "--samples", 1000, "--out", out, "--resume")
    assert resumed.returncode == PASS, resumed.stderr
    assert (out / "cells" / "generic.idle" / "samples.lgs").stat().st_mtime_ns == finished
    other = loopgate("run", "irq-to-gpio", "--kernel", "generic", "--load", "idle", "--samples", 77, "--out", out, "--resume")
    assert other.returncode == USAGE and "another run" in other.stderr


def test_a_chip_that_is_not_there_is_the_benchs_fault(measure, toml_file):
    board = toml_file("b.toml", based_on="boards/qemu-virt-arm64.toml", replace=[("9030000.pl061", "nonesuch")])
    run = measure(**SMALL, board=board)
    outcome = run.outcome("generic.idle")
    assert run.status == INVALID and outcome["outcome"] == "invalid" and "nonesuch" in outcome["reason"]


def test_a_config_check_that_fails_makes_that_cell_invalid(measure, toml_file):
    kernel = toml_file("checked.toml", '\n[[check]]\nname = "is RT"\nconfig = "CONFIG_PREEMPT_RT"\nequals = "y"\n', based_on="fixtures/kernels/generic.toml")
    run = measure(kernel=[kernel, "generic"], load="idle", samples=50)
    assert run.status == INVALID and "is RT" in run.outcome("checked.idle")["reason"]
    assert run.outcome("generic.idle")["outcome"] == "measured"


def test_a_full_disk_ends_in_no_pass(measure, small_disk):
    run = measure(kernel="generic", load="idle", samples=5000, out=small_disk / "run")
    assert run.status == INVALID
    assert "space" in one_sentence(run.errors)


def test_a_damaged_samples_file_is_found(measure, loopgate):
    run = measure(kernel=["generic", "preempt-rt", "rt-irq-threads"], load="mixed", samples=200)
    path = run.cell("preempt-rt.mixed") / "samples.lgs"
    whole = path.read_bytes()
    altered = bytearray(whole)
    altered[64 + 32 * 150 + 16] ^= 1
    gate = ["gate", run.path, "--policy", "suites/irq-to-gpio/release.toml"]
    assert "preempt-rt x mixed: INVALID" not in loopgate(*gate).stdout
    for damaged in (whole[:-16], bytes(altered)):
        path.write_bytes(damaged)
        gated = loopgate(*gate)
        assert gated.returncode == INVALID
        assert "preempt-rt x mixed: INVALID" in gated.stdout
        one_sentence(gated.stdout + gated.stderr)
        assert "-> measure this cell again: remove its folder in cells/ and run with --resume" in gated.stderr
        for command in (["stats", run.path], ["report", run.path], ["explain", run.path]):
            shown = loopgate(*command, limit_s=120)
            assert shown.returncode == INVALID, command
            assert "preempt-rt.mixed" in shown.stderr and "--resume" in shown.stderr, command


# --- the gate ---


def test_a_run_and_another_load_are_no_baseline_and_equal_samples_are_told(measure, loopgate, toml_file, tmp_path):
    kernels = ["generic", "preempt-rt"]
    run = measure(kernel=kernels, load="mixed", samples=1000, jobs=2)
    policy = toml_file("p.toml", 'title = "t"\nsuite = "irq-to-gpio"\ntime_base = "virtual"\n[[baseline]]\nkernel = "*"\nload = "*"\nquantity = "p99"\nmax_ratio = 1.0\n')
    itself = loopgate("gate", run.path, "--policy", policy, "--baseline", run.path)
    assert itself.returncode == USAGE and "the baseline is this very run" in itself.stderr
    shutil.copytree(run.path, tmp_path / "copy")
    same = loopgate("gate", run.path, "--policy", policy, "--baseline", tmp_path / "copy")
    assert same.returncode == PASS, same.stdout + same.stderr
    assert "is equal to the byte: the runs have the same samples" in same.stdout
    other = measure(kernel=kernels, load="idle", samples=50, jobs=2)
    refused = loopgate("gate", other.path, "--policy", policy, "--baseline", run.path)
    assert refused.returncode == USAGE and "idle" in refused.stderr


# --- nothing to judge, and what was asked for and did not run ---


def test_a_payload_that_answers_nothing_is_no_pass(measure, suite_file, loopgate, tmp_path):
    """Its pins are exchanged: the first stimulus, a warm-up, is never answered, and the others wait behind it."""
    suite = suite_file("exchanged", payload=[*RESPONDER[:4], "{response}", "--response", "{stimulus}", "--priority", "80"])
    run = measure(suite=suite, **SMALL)
    assert run.status == INVALID, run.errors
    assert "none of its 200 counted stimuli was answered" in run.errors and "exchanged" in run.errors
    assert run.outcome("generic.idle")["outcome"] == "invalid"
    for rule in ("late = 0", "unanswered = 100", "not_sent = 100"):
        policy = tmp_path / "policy.toml"
        policy.write_text(f'title = "t"\nsuite = "exchanged"\ntime_base = "virtual"\nmin_stimuli = 1\n[[budget]]\nkernel = "*"\nload = "*"\n{rule}\n')
        assert loopgate("gate", str(run.path), "--policy", str(policy)).returncode == INVALID, rule


def test_arguments_that_the_kernel_would_cut_off_are_refused(measure, toml_file):
    text = 'title = "long"\narguments = "{} threadirqs"\n[source]\npackage = "linux-image-rt-arm64"\n'
    run = measure(**{**SMALL, "kernel": toml_file("long.toml", text.format("x" * 2000))})
    assert run.status == USAGE
    assert "and a kernel reads 2047" in one_sentence(run.errors) and not run.path.exists()
