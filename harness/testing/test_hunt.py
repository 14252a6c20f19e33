"""`loopgate hunt`: a measured run is made again with stimuli where they hurt most; a planted window is hit at its first instructions, and
what is told is what was measured, again and again."""

import hashlib
import json
import os
import signal
import subprocess
import time

import pytest
from bench import long
from conftest import BUILD, FAIL, INVALID, PASS, ROOT, USAGE, in_shell, processes_of

PLANTED_NS = 300_000  # one virtual ns an instruction
SAMPLES = 300
ONE_RUN = ("--budget", "0.1")  # and its worst again


@pytest.fixture(scope="module")
def measured(loopgate, tmp_path_factory):
    path = tmp_path_factory.mktemp("hunt") / "run"
    done = loopgate("run", "irq-to-gpio", "--kernel", "generic", "--kernel", "preempt-rt", "--load", "mixed", "--samples", SAMPLES, "--jobs", 2, "--out", path)
    assert done.returncode == PASS, done.stderr
    return path


def hunt(loopgate, run, *options):
    done = loopgate("hunt", run, *options)
    assert done.returncode == PASS, done.stderr
    return {cell["cell"]: cell for cell in json.loads((run / "hunt.json").read_text())["cells"]}, done.stdout


@pytest.fixture(scope="module")
def hunted(loopgate, measured):
    """What is said of each cell, all of the program's output, and its file. Two at a time, which changes nothing: others hunt one by one."""
    cells, screen = hunt(loopgate, measured, *ONE_RUN, "--jobs", 2)
    return cells, screen, (measured / "hunt.json").read_bytes()


@pytest.mark.parametrize("name", ["generic.mixed", "preempt-rt.mixed"])
def test_stimuli_are_sent_where_they_hurt(measured, hunted, name):
    cell = hunted[0][name]
    outcome = json.loads((measured / "cells" / name / "outcome.json").read_text())
    assert cell["samples_sha256"] == outcome["artifacts"]["samples.lgs"]["sha256"]
    assert cell["random"]["count"] == SAMPLES - json.loads((measured / "cells" / name / "summary.json").read_text())["not_sent"]
    assert cell["runs"] >= 2, "one that is aimed, and its worst again"
    assert cell["stimuli"] >= 100 and cell["unanswered"] == 0
    latencies = [each["latency_ns"] for each in cell["worst"]]
    assert latencies == sorted(latencies, reverse=True) and len(latencies) == 10
    for each in cell["worst"]:
        assert each["shots_ns"][-1] <= each["stimulus_ns"]
        assert 0 <= each["passed_ns"] <= each["section_ns"]


def test_more_of_them_are_worse_than_random_stimuli_are(measured, hunted):
    """One of 300 random ones may meet the longest window by luck. One that is sent there does so again and again."""
    worst = hunted[0]["generic.mixed"]["worst"]
    random = json.loads((measured / "cells" / "generic.mixed" / "summary.json").read_text())["worst"]
    assert len(worst) == len(random) == 10
    assert sum(each["latency_ns"] for each in worst) > sum(each["latency_ns"] for each in random)
    assert worst[0]["section_ns"] > 100_000


def test_it_says_both_maxima_and_where(hunted):
    screen = hunted[1]
    for words in ("generic.mixed: ", "preempt-rt.mixed: ", "virtual", "at random", "hunted", "the first was sent again and took the same", "preemption off for"):
        assert words in screen


def test_on_preempt_rt_the_locks_that_the_worst_waited_for_are_named(loopgate, measured, hunted):
    """What `explain` says of the same stimulus, of a trace and not of the recorder, names the same lock."""
    cells, screen, _ = hunted
    assert not any("lock_waits" in each for each in cells["generic.mixed"]["worst"]), "no spinlock of that kernel sleeps"
    worst = cells["preempt-rt.mixed"]["worst"]
    for each in worst:
        waits = each["lock_waits"]
        assert 1 <= len(waits) <= 4
        beyond = [wait["wait_ns"] - wait["usual_ns"] for wait in waits]
        assert beyond == sorted(beyond, reverse=True)
        for wait in waits:
            assert 0 < wait["wait_ns"] < each["latency_ns"] and wait["lock"]
            assert wait["holder"] != wait["waiter"] != ""
    named = [wait for each in worst[:5] for wait in each["lock_waits"][:2] if wait["wait_ns"] > wait["usual_ns"]]
    assert named and screen.count(" for a lock in ") == len(named)
    assert f"for a lock in {named[0]['lock']}, which {named[0]['holder']} (pid {named[0]['holder_pid']}) " in screen
    explained = loopgate("explain", measured, "--kernel", "preempt-rt", "--hunted", 1)
    assert explained.returncode == PASS, explained.stderr
    own = " ".join(explained.stdout.split("median sample")[0].split())
    if "rt_spin_lock < " in own:
        function = own.split("rt_spin_lock < ")[1].split()[0]
        assert function in {wait["lock"].split(" ")[0] for wait in worst[0]["lock_waits"]}, own


@long  # two more runs under load; test_what_an_earlier_hunt_found_stays_found hunts twice on an idle kernel, and finds the same stimuli
def test_hunted_twice_the_same_is_found(loopgate, measured, hunted):
    (measured / "hunt.json").unlink()
    again, _ = hunt(loopgate, measured, *ONE_RUN, "--kernel", "preempt-rt")
    first = hunted[0]["preempt-rt.mixed"]
    once_more = again["preempt-rt.mixed"]
    for each in (first, once_more):
        each.pop("host_s")
    assert once_more == first


@long
def test_a_cell_that_is_invalid_is_not_hunted_in(loopgate, measured, tmp_path):
    load = tmp_path / "idler.toml"
    load.write_text('title = "t"\n[[part]]\nname = "p"\nstress_ng = ["--cpu", "1"]\nmin_processes = 1\nmin_per_second = { cpu = 100000000 }\n')
    run = tmp_path / "run"
    done = loopgate("run", "irq-to-gpio", "--kernel", "generic", "--load", load, "--samples", 40, "--repeat", 1, "--out", run)
    assert done.returncode == INVALID, done.stderr
    for command in ("hunt", "bound"):
        done = loopgate(command, run)
        assert done.returncode == USAGE
        assert "was not measured soundly" in done.stderr


@pytest.mark.parametrize(("options", "complaint"), [
    (["--kernel", "generc"], "the run has no kernel generc"),
    (["--budget", "0"], "must be seconds, above 0"),
    (["--budget", "nan"], "must be seconds, above 0"),
])  # fmt: skip
def test_a_mistake_is_refused_and_changes_nothing(loopgate, measured, hunted, options, complaint):
    before = (measured / "hunt.json").read_bytes()
    done = loopgate("hunt", measured, *options)
    assert done.returncode == USAGE
    assert complaint in done.stderr
    assert (measured / "hunt.json").read_bytes() == before


# --- Interrupted -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "kept"), [
    (["hunt", "--budget", "60"], "keeps what was found"),
    (["sections"], "recorded earlier is kept"),
    (["bound"], "earlier bounds are kept"),
    (["explain", "--phases"], "explanations of other samples are kept"),
])  # fmt: skip
@pytest.mark.parametrize("to_all", [False, True], ids=["told", "ctrl-c"])
def test_an_interrupted_one_leaves_nothing_half_made(measured, hunted, words, kept, to_all):
    """A terminal sends it to all of its programs, QEMU among them; `kill` to this one."""
    (measured / "hunt.json").write_bytes(hunted[2])
    cell = measured / "cells" / "preempt-rt.mixed"
    before = {path: path.read_bytes() for path in measured.rglob("*") if path.is_file() and path.name != "lock"}
    with subprocess.Popen([BUILD / "loopgate", words[0], measured, "--kernel", "preempt-rt", *words[1:]], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as running:
        deadline = time.monotonic() + 120
        while not list((cell / "explaining").glob("samples.lgs")) and time.monotonic() < deadline:
            time.sleep(0.02)
        (os.killpg if to_all else os.kill)(running.pid, signal.SIGINT)
        out, errors = running.communicate(timeout=60)
    assert running.returncode == 130, errors
    assert errors.count("interrupted") == 1 and kept in errors and "go on with the same command" in errors
    assert out == "" and "loopgate:" not in errors
    assert not processes_of("qemu-system", cell)
    assert {path: path.read_bytes() for path in measured.rglob("*") if path.is_file() and path.name != "lock"} == before


# --- A kernel that fails ---------------------------------------------------------------------------------------------------------


def test_a_kernel_that_panics_is_kept_with_all_it_takes_to_see_it_again(loopgate, suite_file, tmp_path):
    """Not in the measured run, which is over by then."""
    suite = suite_file("panic", in_shell("sleep 0.7; echo c > /proc/sysrq-trigger"))
    run = tmp_path / "run"
    done = loopgate("run", suite, "--kernel", "generic", "--load", "idle", "--samples", 50, "--repeat", 1, "--out", run)
    assert done.returncode == PASS, done.stderr
    done = loopgate("hunt", run, *ONE_RUN)
    assert done.returncode == FAIL, done.stderr
    (cell,) = json.loads((run / "hunt.json").read_text())["cells"]
    (failure,) = cell["kernel_failures"]
    assert "panicked" in failure["what"] and failure["repeated"] and failure["shots_ns"] and cell["worst"] == []
    console = (run / failure["console"]).read_bytes()
    assert b"Kernel panic" in console and hashlib.sha256(console).hexdigest() == failure["console_sha256"]
    again = done.stdout.split("made again by: loopgate ")[1].splitlines()[0].split()
    repeated = loopgate(*again)
    assert repeated.returncode == FAIL and "did so again in a run that nothing recorded" in repeated.stdout, repeated.stderr
    (kept,) = json.loads((run / "hunt.json").read_text())["cells"]
    assert kept["kernel_failures"] == cell["kernel_failures"]


# --- A planted window ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def planted(loopgate, tmp_path_factory):
    """Both kernels with the window, hunted: the run, what is said of each kernel, and all of the program's output."""
    folder = tmp_path_factory.mktemp("planted")
    words = []
    for kernel in ("generic", "preempt-rt"):
        made = subprocess.run([ROOT / "fixtures/planted/make", "--kernel", kernel, "--hold", "interrupts-alone", "--instructions", str(PLANTED_NS), "--to", folder / kernel],
                              capture_output=True, text=True, check=False, timeout=600)  # fmt: skip
        assert made.returncode == 0, made.stderr
        words += ["--kernel", made.stdout.strip()]
    run = folder / "run"
    done = loopgate("run", "irq-to-gpio", *words, "--load", "idle", "--samples", 100, "--jobs", 2, "--out", run)
    assert done.returncode == PASS, done.stderr
    cells, screen = hunt(loopgate, run, *ONE_RUN)
    return run, {name.removesuffix("-interrupts-alone.idle"): cell for name, cell in cells.items()}, screen


def test_a_planted_window_is_hit(planted):
    worst = planted[1]["generic"]["worst"][0]
    assert worst["latency_ns"] >= PLANTED_NS, "all of it"
    assert worst["section_ns"] >= PLANTED_NS
    # Its window is a part of a longer one, which lasts until the kernel looks whether to reschedule.
    assert worst["section"] in ("interrupts off", "preemption off")


def test_a_planted_window_is_hit_at_its_first_instructions(loopgate, planted):
    run, cells, screen = planted
    worst = cells["preempt-rt"]["worst"][0]
    assert worst["latency_ns"] >= PLANTED_NS, "all of it"
    assert worst["section_ns"] >= PLANTED_NS
    assert worst["section"] == "interrupts off"
    assert worst["opened"] == worst["closed"] == "planted_interrupts_off_alone"
    assert worst["passed_ns"] <= 100, "of 300 us"
    assert "planted_interrupts_off_alone" in screen
    explained = loopgate("explain", run, "--kernel", "preempt-rt-interrupts-alone", "--hunted", 1)
    assert explained.returncode == PASS, explained.stderr
    assert "hunted" in explained.stdout and "planted_interrupts_off_alone" in explained.stdout


def test_what_an_earlier_hunt_found_stays_found(loopgate, planted):
    run, cells, _ = planted
    again, _ = hunt(loopgate, run, *ONE_RUN, "--kernel", "preempt-rt-interrupts-alone")
    assert again["generic-interrupts-alone.idle"] == cells["generic"], "the other cell's"
    first, both = cells["preempt-rt"], again["preempt-rt-interrupts-alone.idle"]
    assert both["worst"][0]["latency_ns"] >= first["worst"][0]["latency_ns"]
    assert all(each in both["worst"] for each in first["worst"] if each["latency_ns"] > both["worst"][-1]["latency_ns"])
    assert both["stimuli"] > first["stimuli"] and both["next_seed"] != first["next_seed"], "other stimuli"


@pytest.mark.parametrize(("options", "complaint"), [
    (["--hunted", "1", "--worst", "1"], "no sample of the run"),
    (["--hunted", "1"], "--cell"),
    (["--hunted", "11", "--kernel", "generic"], "kept the worst"),
    (["--hunted", "1", "--load", "idle"], "nobody has hunted"),
])  # fmt: skip
def test_a_hunted_stimulus_that_is_not_there_is_not_explained(loopgate, measured, hunted, options, complaint):
    (measured / "hunt.json").write_bytes(hunted[2])
    done = loopgate("explain", measured, *options)
    assert done.returncode == USAGE
    assert complaint in done.stderr
