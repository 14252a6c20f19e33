"""Programs that measure by themselves: all of the suite rt-tests, on two kernels."""

import json
import re
import tomllib

import pytest
from bench import LONG, long
from conftest import FAIL, INCONCLUSIVE, INVALID, PASS, ROOT, USAGE, Run

KERNELS = ["generic", "preempt-rt"]
NOT_HERE = {"hwlatdetect", "rt-migrate-test", "queuelat", "rtla-timerlat", "rtla-osnoise", "rtla-hwnoise"}
# It works for ten seconds, half of the suite's time, so that only its failing is shown in a short test.
LEFT_OUT = set() if LONG else {"deadline_test"}
POLICY = """title = "t"
suite = "rt-tests"
time_base = "virtual"
min_stimuli = 1
"""


def programs(run, cell):
    return {one["name"]: one for one in json.loads((run.cell(cell) / "programs.json").read_text())["programs"]}


def suite_in(folder):
    """The suite as it stands; in a short test with a fifth of each program's loops."""
    text = (ROOT / "suites" / "rt-tests" / "suite.toml").read_text()
    if LONG:
        return "rt-tests", tomllib.loads(text)
    text = re.sub(r"^loops = (\d{3,})$", lambda loops: f"loops = {int(loops[1]) // 5}", text, flags=re.MULTILINE)
    file = folder / "rt-tests" / "suite.toml"
    file.parent.mkdir()
    file.write_text(text)
    return file, tomllib.loads(text)


@pytest.fixture(scope="module")
def whole(loopgate, tmp_path_factory):
    """All of the suite's programs, both kernels at a time."""
    folder = tmp_path_factory.mktemp("programs")
    path = folder / "run"
    file, suite = suite_in(folder)
    names = [one["name"] for one in suite["program"] if one["name"] not in LEFT_OUT]
    done = loopgate("run", file, "--load", "mixed", *(word for name in names for word in ("--program", name)), "--jobs", 2, "--out", path)
    return Run(path, done.returncode, done.stderr, done.stdout)


def rule(program, limits):
    return f'[[budget]]\nkernel = "*"\nload = "mixed"\nprogram = "{program}"\n{limits}\n'


def test_every_program_is_judged_on_both_kernels(whole):
    assert whole.status == PASS, whole.errors
    for kernel in KERNELS:
        seen = programs(whole, f"{kernel}.mixed")
        assert {name for name, one in seen.items() if one["result"] == "not applicable"} == NOT_HERE
        # Whether pip_stress comes to an inversion hangs on the trajectory, and so on each build of the target's programs.
        assert not [one for one in seen.values() if one["result"] == "invalid"], seen
        assert {name for name, one in seen.items() if one["result"] == "inconclusive"} <= {"pip_stress"}, seen
        for name, one in seen.items():
            assert (whole.cell(f"{kernel}.mixed") / "programs" / f"{name}.json").exists() == (name not in NOT_HERE)
            assert bool(one["reason"]) == (one["result"] != "pass")
        assert seen["cyclictest"]["histogram"]["clock"] == "CLOCK_MONOTONIC"


def test_preempt_rt_is_told_from_generic(whole):
    generic, rt = (programs(whole, f"{kernel}.mixed") for kernel in KERNELS)

    def largest(seen, program):
        return next(figure["value"] for figure in seen[program]["figures"] if figure["name"] == "max")

    assert largest(rt, "cyclictest") < 100 < largest(generic, "cyclictest")
    assert largest(rt, "signaltest") < 100, "without the 10 ms that its first thread sleeps"


@long
def test_four_of_those_that_need_more_cpus_run_where_there_are_two(measure):
    """Two minutes: rtla works for ten seconds of virtual time each."""
    names = sorted(NOT_HERE - {"hwlatdetect", "queuelat"})
    run = measure("rt-tests", board="qemu-virt-arm64-smp", kernel="preempt-rt", load="idle", program=names)
    assert run.status == PASS, run.errors
    assert {name: one["result"] for name, one in programs(run, "preempt-rt.idle").items()} == dict.fromkeys(names, "pass")


@long  # ten seconds of virtual time under load; measuring_program_test.cpp judges a recorded one
def test_deadline_test_fails_although_it_exits_with_0(measure):
    """The load's interrupts take from its deadlines. That is its result, and no failed run."""
    run = measure("rt-tests", kernel="generic", load="mixed", program="deadline_test")
    assert run.status == PASS, run.errors
    seen = programs(run, "generic.mixed")["deadline_test"]
    assert seen["result"] == "fail" and "deadlines and" in seen["reason"], seen
    assert json.loads((run.cell("generic.mixed") / "programs" / "deadline_test.json").read_text())["exit"] == "exited 0"


def test_the_load_is_proved_and_the_options_are_told(whole):
    evidence = whole.evidence("generic.mixed")
    assert all(row["ok"] for row in evidence["load"])
    told = {row["asked"]: row["became"] for row in evidence["asked_for"] if row["by"] == "suite"}
    assert told["ptsematest: --prio 80"] == "in effect"
    assert told["rtla-timerlat"] == "not in effect"
    assert "stdout" not in json.dumps(evidence["report"]["programs"])


def test_gate_judges_by_program(loopgate, whole, tmp_path):
    done = loopgate("gate", whole.path, "--policy", ROOT / "suites" / "rt-tests" / "release.toml")
    open_ones = [kernel for kernel in KERNELS if programs(whole, f"{kernel}.mixed")["pip_stress"]["result"] == "inconclusive"]
    assert done.returncode == (INCONCLUSIVE if open_ones else PASS), done.stdout
    policy = tmp_path / "p.toml"
    policy.write_text(POLICY + rule("cyclictest", "max_us = 5"))
    done = loopgate("gate", whole.path, "--policy", policy)
    assert done.returncode == FAIL
    assert "generic x mixed: FAIL: cyclictest: max at most 5 us: " in done.stdout
    policy.write_text(POLICY + '[[budget]]\nkernel = "*"\nload = "*"\nmax_us = 100\n')
    done = loopgate("gate", whole.path, "--policy", policy)
    assert done.returncode == USAGE
    assert "held against no instrument's figure" in done.stderr


def test_report_shows_them(loopgate, whole):
    done = loopgate("report", whole.path)
    assert done.returncode == 0, done.stderr
    page = (whole.path / "report" / "index.html").read_text(encoding="utf-8")
    assert "self-measured" in page and "inversions" in page


@long
def test_repeats_to_the_bit_and_is_resumed(loopgate, measure):
    few = ["pip_stress", "ptsematest"]
    once = measure("rt-tests", kernel="preempt-rt", load="mixed", program=few)
    again = measure("rt-tests", kernel="preempt-rt", load="mixed", program=few)
    assert once.status == again.status == PASS, once.errors + again.errors
    for name in ["programs.json", *(f"programs/{program}.json" for program in few)]:
        assert (once.cell("preempt-rt.mixed") / name).read_bytes() == (again.cell("preempt-rt.mixed") / name).read_bytes()
    arguments = ["run", "rt-tests", "--kernel", "preempt-rt", "--load", "mixed", "--out", once.path, "--resume"]
    done = loopgate(*arguments, *(word for name in few for word in ("--program", name)))
    assert done.returncode == PASS
    assert "finished by an earlier run" in done.stderr
    assert loopgate(*arguments).returncode == USAGE, "other programs are another run"
    # The policy of the whole suite judges these two, and the others never pass.
    done = loopgate("gate", once.path, "--policy", ROOT / "suites" / "rt-tests" / "release.toml")
    assert done.returncode == INCONCLUSIVE, done.stdout + done.stderr
    left_out = [line for line in done.stdout.splitlines() if " programs did not run: " in line]
    assert len(left_out) == 1 and left_out[0].startswith("what ran has passed; "), "one line for all kernels and loads"
    assert "oslat, " in left_out[0] and "ptsematest" not in left_out[0]
    assert "deadline_test" not in left_out[0], "nothing is demanded of it"
    assert "must be run" not in done.stdout
    # What a program left was altered: the gate must not believe the rest.
    left = once.cell("preempt-rt.mixed") / "programs" / "ptsematest.json"
    left.write_text(left.read_text().replace("exited 0", "exited 1"))
    policy = once.path.parent / "p.toml"
    policy.write_text(POLICY + rule("ptsematest", 'result = "pass"'))
    done = loopgate("gate", once.path, "--policy", policy)
    assert done.returncode == INVALID
    assert "was altered" in done.stdout


def test_what_needs_a_stimulus_is_refused(loopgate, whole):
    done = loopgate("explain", whole.path, "--cell", "generic.mixed")
    assert done.returncode == USAGE
    assert "there is no sample to explain" in done.stderr
    calibrated = loopgate("calibrate", "rt-tests", "--policy", ROOT / "suites/rt-tests/release.toml", "--out", whole.path.parent / "c")
    assert calibrated.returncode == USAGE
    assert "measure by themselves" in calibrated.stderr
    sampled = loopgate("run", "rt-tests", "--samples", 5, "--out", whole.path.parent / "x")
    assert sampled.returncode == USAGE
