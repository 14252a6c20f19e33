"""What the virtual bench promises: equal inputs give equal samples, a planted delay is found to the nanosecond, kernels are told apart."""

import hashlib
import json
import subprocess

import numpy
import pytest
from bench import long
from conftest import BUILD, INVALID, PASS, RESPONDER, ROOT, USAGE, Run, faulty


def digest(run, cell):
    return hashlib.sha256((run.cell(cell) / "samples.lgs").read_bytes()).hexdigest()


CELLS = ("generic.mixed", "preempt-rt.mixed")


@pytest.fixture(scope="module")
def verified(loopgate, tmp_path_factory):
    """Both kernels, each cell run twice, on a quiet host."""
    path = tmp_path_factory.mktemp("verified") / "run"
    words = ["--kernel", "generic", "--kernel", "preempt-rt", "--load", "mixed", "--samples", 150, "--jobs", 2, "--verify-determinism"]
    done = loopgate("run", "irq-to-gpio", "--out", path, *words)
    assert done.returncode == PASS, done.stderr
    return Run(path, done.returncode, done.stderr, done.stdout)


def test_equal_inputs_give_equal_samples_with_other_work_and_other_jobs(verified, measure, busy_host):
    alone = measure(jobs=1, kernel=["generic", "preempt-rt"], load="mixed", samples=150)
    assert alone.status == PASS, alone.errors
    for cell in CELLS:
        assert digest(alone, cell) == digest(verified, cell)


@pytest.mark.parametrize("kernel", ["generic", pytest.param("preempt-rt", marks=long)])  # of preempt-rt the turns of QEMU's main loop, below
def test_a_new_boot_gives_the_samples_of_the_saved_one(verified, measure, fresh_states, kernel):
    """The machine stops at the boot's last instruction. One of two boots of generic used to stop 2,488,196 ns later: QEMU's main loop
    moved the clock on to the next timer before it carried the stop out. Three boots with the saved one, since either order was as likely."""
    digests = {digest(verified, f"{kernel}.mixed")}
    for _ in range(2):
        for state in (fresh_states / "states").glob("*/state.json"):
            state.unlink()
        done = measure(kernel=kernel, load="mixed", samples=150)
        assert done.status == PASS, done.errors
        assert done.outcome(f"{kernel}.mixed")["host_seconds"]["boot"] > 0
        digests.add(digest(done, f"{kernel}.mixed"))
    assert len(digests) == 1


def test_turns_of_qemus_main_loop_change_nothing(measure, fresh_states, turning_qemu):
    """Without the gate on QEMU's main loop, two runs of three differed at this rate of turns, which a busy host makes now and then. The
    load is idle, since the gap that the gate closes opens where the CPU goes to sleep; the boot is in it as well."""
    options = {"kernel": "preempt-rt", "load": "idle", "samples": 1000}
    quiet = measure(**options)
    for state in (fresh_states / "states").glob("*/state.json"):
        state.unlink()
    turns = turning_qemu()
    turned = measure(**options)
    assert quiet.status == turned.status == PASS, quiet.errors + turned.errors
    assert turned.outcome("preempt-rt.idle")["host_seconds"]["boot"] > 0
    assert digest(quiet, "preempt-rt.idle") == digest(turned, "preempt-rt.idle")
    counts = turns()
    assert len(counts) == 2 and min(counts) > 1000, "once in the boot and once in the measuring"


def test_an_image_of_ones_own_with_a_module(measure, toml_file):
    fetch = [ROOT / "fixtures" / "kernels" / "fetch", "--package", "linux-image-arm64", "--modules"]
    found = json.loads(subprocess.run(fetch, capture_output=True, text=True, check=True, timeout=600).stdout)
    kernel = toml_file("mine.toml", f"""title = "an image file, and a module that is not built in"
[source]
image = "{found['image']}"
modules = "{found['modules']}"
load = ["ip6_tunnel"]
[[check]]
name = "the module is loaded"
file = "/proc/modules"
contains = "ip6_tunnel "
[[check]]
name = "so is what it needs"
file = "/proc/modules"
contains = "tunnel6 "
""")
    run = measure(kernel=kernel, load="idle", samples=20)
    assert run.status == PASS, run.errors
    assert [check["passed"] for check in run.evidence("mine.idle")["checks"]] == [True, True]


def test_verify_determinism_runs_each_cell_twice(verified):
    for cell in CELLS:
        assert not (verified.cell(cell) / "again").exists()
        assert verified.outcome(cell)["verified_determinism"] is True


def test_another_seed_gives_other_due_times(measure):
    one = measure(kernel="generic", load="idle", samples=50)
    two = measure(kernel="generic", load="idle", samples=50, seed=2)
    assert one.status == two.status == PASS
    assert not numpy.array_equal(numpy.diff(one.samples("generic.idle")["due_ns"]), numpy.diff(two.samples("generic.idle")["due_ns"]))


def test_stimuli_are_sent_when_they_are_due_and_within_the_suites_bounds(measure):
    samples = measure(kernel="generic", load="idle", samples=500).samples("generic.idle")
    sent = samples[(samples["flags"] & 1) != 0]
    assert (sent["stimulus_ns"] == sent["due_ns"]).all()
    counted = samples[(samples["flags"] & 16) == 0]
    gaps = numpy.diff(counted["due_ns"])
    assert gaps.min() >= 600_000 and gaps.max() <= 1_400_000
    assert gaps.std() > 100_000  # random, not a beat


@pytest.mark.parametrize("kernel", ["generic", "preempt-rt"])
def test_a_planted_delay_is_found_to_the_nanosecond(measure, suite_file, kernel):
    """Two responders that differ in 10,000 instructions of a loop, on equal stimuli: the same stimulus is answered 10,000 ns later, exactly. In
    some the kernel itself takes a few instructions more or less, since it is later in the day; so it is the usual difference that counts.
    The numbers are equally long, since the kernel's random numbers, and so the layout of each process, also come of when the seed is mixed into them."""
    latencies = []
    for instructions in (11_000, 21_000):
        suite = suite_file(f"delay-{instructions}", **faulty(RESPONDER, "--delay-instructions", instructions))
        run = measure(suite, kernel=kernel, load="idle", samples=300)
        assert run.status == PASS, run.errors
        latencies.append(run.latencies(f"{kernel}.idle"))
    differences, counts = numpy.unique(latencies[1] - latencies[0], return_counts=True)
    assert differences[counts.argmax()] == 10_000
    assert counts.max() > len(latencies[0]) / 2


def test_the_wire_carries_an_output_to_an_input(measure, suite_file):
    """Two responders in a row, joined by the wire: the answer to the first one's answer is what the instrument sees."""
    hop = RESPONDER[:3] + ["--stimulus", "0", "--response", "6", "--priority", "80"]
    last = RESPONDER[:3] + ["--stimulus", "7", "--response", "1", "--priority", "80"]
    # The first one starts alone, so that READY=1 of the last one means that both wait.
    suite = suite_file("wire", ["/bin/sh", "-c", f"NOTIFY_SOCKET= {' '.join(hop)} & sleep 0.2; exec {' '.join(last)}"])
    direct = measure(kernel="generic", load="idle", samples=100)
    wired = measure(suite, kernel="generic", load="idle", samples=100)
    assert wired.status == PASS, wired.errors
    ratio = numpy.median(wired.latencies("generic.idle")) / numpy.median(direct.latencies("generic.idle"))
    assert 1.5 < ratio < 3


def test_self_checks_are_part_of_every_run(measure):
    run = measure(kernel="generic", load="idle", samples=20)
    checks = run.outcome("generic.idle")["self_check"]
    assert checks["passed"] and len(checks["checks"]) == 8
    assert all(check["known_ns"] == check["measured_ns"] for check in checks["checks"])


def test_mixed_tells_generic_from_preempt_rt(measure):
    run = measure(kernel=["generic", "preempt-rt"], load="mixed", samples=1000, jobs=2)
    assert run.status == PASS, run.errors
    assert run.latencies("generic.mixed").max() > 5 * run.latencies("preempt-rt.mixed").max()


def test_rt_contention_tells_the_tuning_of_the_interrupt_threads(measure):
    run = measure(kernel=["preempt-rt", "rt-irq-threads"], load="rt-contention", samples=600, jobs=2)
    assert run.status == PASS, run.errors
    assert run.latencies("preempt-rt.rt-contention").max() > 20 * run.latencies("rt-irq-threads.rt-contention").max()


def test_an_irq_storm_tells_the_tuning_of_the_interrupt_threads(measure):
    run = measure(kernel=["preempt-rt", "rt-irq-threads"], load="irq-storm", samples=600, jobs=2)
    assert run.status == PASS, run.errors
    rates = {row["metric"]: row["per_second"] for row in run.evidence("preempt-rt.irq-storm")["load"]}
    assert rates["interrupts"] >= 20_000 and rates["interrupts handled"] >= 20_000
    plain, tuned = (numpy.percentile(run.latencies(f"{kernel}.irq-storm"), 99) for kernel in ("preempt-rt", "rt-irq-threads"))
    assert tuned < plain


@pytest.mark.parametrize("load", ["cpu", "memory", "fork", "filesystem"])
def test_every_load_proves_that_it_ran(measure, load):
    run = measure(kernel="rt-irq-threads", load=load, samples=500)
    assert run.status == PASS, run.errors
    rows = run.evidence(f"rt-irq-threads.{load}")["load"]
    assert rows and all(row["ok"] and row["per_second"] >= row["at_least"] for row in rows)


def test_tuning_is_applied_and_read_back(measure):
    tuning = measure(kernel="rt-irq-threads", load="idle", samples=20).evidence("rt-irq-threads.idle")["tuning"]
    seen = {row["what"].split(" ")[0]: row["read_back"] for row in tuning}
    assert any(name.endswith("-stimulus") and policy == "fifo 85" for name, policy in seen.items())
    assert seen["/proc/sys/kernel/sched_rt_runtime_us"] == "-1"
    assert all(row["ok"] for row in tuning)


def test_generic_threadirqs_runs_with_threaded_interrupts(measure):
    run = measure(kernel="generic-threadirqs", load="idle", samples=20)
    assert run.status == PASS, run.errors
    assert "threadirqs" in run.evidence("generic-threadirqs.idle")["kernel"]["command_line"]


def test_plan_prints_the_command_lines_that_run_uses(loopgate, measure, tmp_path):
    run = measure(kernel="generic", load="idle", samples=20, out=tmp_path / "planned")
    planned = loopgate("plan", "irq-to-gpio", "--kernel", "generic", "--load", "idle", "--samples", 20, "--commands", "--out", run.path)
    assert planned.returncode == PASS, planned.stderr
    for line in (run.cell("generic.idle") / "commands.txt").read_text().splitlines()[1:]:
        assert line in planned.stdout


def test_repetitions_have_schedules_of_their_own_and_are_pooled(measure, loopgate):
    run = measure(kernel="generic", load="idle", samples=50, repeat=2)
    assert run.status == PASS, run.errors
    assert digest(run, "generic.idle") != digest(run, "generic.idle.2")
    assert "100 stimuli" in run.output


def test_doctor_finds_this_machine_fit(loopgate):
    answer = loopgate("doctor")
    assert answer.returncode == PASS, answer.stdout
    assert "MISSING" not in answer.stdout
    moved = loopgate("doctor", env={"LOOPGATE_BUILD": str(BUILD / "nowhere"), "PATH": "/usr/bin:/bin", "HOME": "/tmp"})
    assert moved.returncode == INVALID and "is not built" in moved.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["rnu", "irq-to-gpio"], '"rnu" is not known to loopgate\n  -> did you mean "run"? See loopgate --help'),
        (["run", "irq-to-gpio", "--kernl", "generic"], '"--kernl" is not known to loopgate run\n  -> did you mean "--kernel"? See loopgate run --help'),
        (["gate", "/nowhere", "--policy", "suites/irq-to-gpio/release.toml"], "/nowhere is no run: it has no run.json"),
        (["report", "/nowhere"], "/nowhere is no run: it has no run.json"),
        (["stats", "/nowhere"], "/nowhere is no run: it has no run.json"),
    ],
)
def test_a_mistake_is_the_users_and_says_what_to_do(loopgate, words, told):
    done = loopgate(*words)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert told in done.stderr


def test_falling_stimuli_are_measured_as_rising_ones_are(measure, suite_file):
    """The line is high between them. A payload that answers the other edge does so when the stimulus ends, which is told."""
    falling = ("[schedule]\n", '[schedule]\nedge = "falling"\n')
    options = {"kernel": "preempt-rt", "load": "idle", "samples": 100, "repeat": 1}
    rises = measure(**options)
    falls = measure(suite_file("falls", replace=[falling]), **options)
    assert rises.status == falls.status == PASS, rises.errors + falls.errors
    cell = "preempt-rt.idle"
    assert len(falls.latencies(cell)) == 100
    assert abs(float(numpy.median(falls.latencies(cell))) / float(numpy.median(rises.latencies(cell))) - 1) < 0.05
    wrong = measure(suite_file("wrong", replace=[falling, ('"{edge}"', '"rising"')]), **options)
    assert wrong.status == INVALID
    assert "it answers the rising edge, and the suite's stimulus is the falling one" in wrong.outcome(cell)["reason"], wrong.errors
