"""The virtual PC: what the virtual bench promises holds for amd64 too, and what it lacks there is refused by name."""

import hashlib
import itertools
import json
import shutil
import subprocess

import pytest
from bench import long
from conftest import BUILD, INVALID, PASS, RESPONDER, ROOT, USAGE, Run, faulty
from test_planted import HOLDS, OWN_INSTRUCTIONS, PLANTED_NS, ns_in
from test_sections import check_windows, kind, planted, sections, windows_of

BOARD = "qemu-q35-amd64"

pytestmark = [
    pytest.mark.skipif(not (BUILD / "target-amd64" / "programs.cpio").exists(), reason="x86's programs are not built: cmake --build build --target target-amd64"),
    pytest.mark.skipif(shutil.which("qemu-system-x86_64") is None, reason="there is no qemu-system-x86_64: ci/setup"),
]


@pytest.fixture
def on_pc(measure):
    return lambda **options: measure(board=BOARD, repeat=1, **options)


THREAD_PRIORITIES = {"generic": 50, "preempt-rt": 50, "rt-irq-threads": 85}
# Whether each preempts its own code. Two are one image, whose two models have other rules.
RULES = {"generic": False, "generic-preempt-full": True, "preempt-rt": True}
SAMPLES = 150


@pytest.fixture(scope="module")
def mixed(loopgate, tmp_path_factory):
    """Four kernels under load on a quiet host, for all tests that only read."""
    path = tmp_path_factory.mktemp("on-pc") / "run"
    words = [word for kernel in sorted({*THREAD_PRIORITIES, *RULES}) for word in ("--kernel", kernel)]
    done = loopgate("run", "irq-to-gpio", "--board", BOARD, *words, "--load", "mixed", "--samples", SAMPLES, "--repeat", 1, "--jobs", 2, "--out", path)
    assert done.returncode == PASS, done.stderr
    return Run(path, done.returncode, done.stderr, done.stdout)


def digest(run, cell):
    return hashlib.sha256((run.cell(cell) / "samples.lgs").read_bytes()).hexdigest()


@long
def test_equal_inputs_give_equal_samples_with_another_boot_other_work_and_other_jobs(mixed, on_pc, fresh_states, busy_host):
    cell = "preempt-rt.mixed"
    alone = on_pc(jobs=1, kernel="preempt-rt", load="mixed", samples=SAMPLES)
    assert alone.status == PASS, alone.errors
    assert alone.outcome(cell)["host_seconds"]["boot"] > 0
    assert digest(alone, cell) == digest(mixed, cell)


def explained(loopgate, run, cell, *options):
    """What explain says of a cell, and all of the program's output."""
    done = loopgate("explain", run.path, "--cell", cell, *options)
    assert done.returncode == PASS, done.stderr
    return json.loads((run.path / "cells" / cell / "explain.json").read_text()), " ".join(done.stdout.split())


# What of arch/x86/entry/entry_64.S runs on the stack of whatever was interrupted, on the way in and out again.
INTERRUPT_ENTRY = ("asm_", "irq_entries_start", "error_entry", "error_return", "paranoid_", "common_interrupt_return", "restore_regs_and_return_to_kernel", "early_xen_iret_patch", "native_iret", "native_irq_return_")


def check_chains(sample):
    """Each phase begins where x86 enters the kernel, and nothing of the kernel is without a name."""
    chains = {}
    for chain in sample["flame"]:
        chains.setdefault(chain["phase"], []).append(chain["stack"])
        assert not any(name.startswith("0xffff") for name in chain["stack"]), chain
        for function, called in itertools.pairwise(chain["stack"]):  # a thunk calls nobody; it may be interrupted
            assert function not in {"srso_return_thunk", "__x86_indirect_thunk_array"} or called.startswith(INTERRUPT_ENTRY), chain
    assert all("asm_common_interrupt" in stack or stack[-1] == "irq_entries_start" for stack in chains["hardirq"])
    assert any(stack[-1] == "byt_gpio_irq_handler" for stack in chains["hardirq"])
    assert all(stack[:4] == ["ret_from_fork_asm", "ret_from_fork", "kthread", "irq_thread"] for stack in chains["irq thread"])
    system_calls = [stack for stack in chains["payload's system calls"] if "do_syscall_64" in stack]
    assert any("__x64_sys_ioctl" in stack and stack[-1] == "byt_gpio_set" for stack in system_calls)
    assert any("linereq_read" in stack for stack in system_calls)


def test_every_nanosecond_has_a_phase_a_task_and_a_function(mixed, loopgate):
    """The traced run's samples are those of the measured run to the byte, or explain refuses."""
    whys = {}
    for kernel, priority in THREAD_PRIORITIES.items():
        document, screen = explained(loopgate, mixed, f"{kernel}.mixed", *(["--phases", "--worst", 1] if kernel == "generic" else []))
        worst, median = document["explained"][0], document["median"]
        assert worst["latency_ns"] == max(mixed.latencies(f"{kernel}.mixed"))
        for sample in (worst, median):
            for part in ("phases", "functions", "tasks", "flame"):
                assert sum(entry["ns"] for entry in sample[part]) == sample["latency_ns"], part
            phases = {phase["name"]: phase["ns"] for phase in sample["phases"]}
            assert all(phases[name] > 0 for name in phases if name != "irqs disabled"), phases
            check_chains(sample)
        tasks = {task["name"]: (task["policy"], task["priority"]) for task in median["tasks"]}
        assert tasks["irq/25-stimulus"] == ("SCHED_FIFO", priority) and tasks["responder"] == ("SCHED_FIFO", 80)
        if kernel == "generic":  # all samples, of a trace without most of its blocks
            assert document["distribution"]["count"] == SAMPLES
            assert document["distribution"]["bands"][-1]["latency_ns"]["max"] == worst["latency_ns"]
        whys[kernel] = worst["why"]
        assert worst["why"] in screen
    # Debian's generic image chooses at boot, and chose not to preempt its own code.
    assert "stress-ng" in whys["generic"] and "with interrupts disabled" in whys["generic"] or "(this kernel does not preempt kernel code)" in whys["generic"], whys
    assert "does not preempt kernel code" not in whys["preempt-rt"]


def test_a_planted_delay_is_found_to_the_nanosecond_and_explained(on_pc, suite_file, loopgate):
    """The numbers are equally long, since the layout of each process also comes of when the job is read."""
    medians = []
    for instructions in (110_000, 210_000):
        suite = suite_file(f"delay-{instructions}", **faulty(RESPONDER, "--delay-instructions", instructions, programs="target-amd64"))
        run = on_pc(suite=suite, kernel="preempt-rt", load="idle", samples=20)
        assert run.status == PASS, run.errors
        document, _ = explained(loopgate, run, "preempt-rt.idle")
        medians.append(document["median"])
    phases = [{phase["name"]: phase["ns"] for phase in median["phases"]} for median in medians]
    assert phases[1]["payload"] - phases[0]["payload"] == 100_000
    planted = max(medians[1]["functions"], key=lambda each: each["ns"])
    assert (planted["phase"], planted["task"]) == ("payload", "faulty_responde") and 210_000 <= planted["ns"] <= 210_200, planted
    assert " payload: 100 % in 0x" in medians[1]["why"] and planted["name"].endswith(" in faulty_responder"), (planted, medians[1]["why"])


PLANTED_IN_KERNEL = {
    ("generic", "interrupts"): ("irqs disabled", "ran with interrupts disabled"),
    ("preempt-rt", "interrupts"): ("irqs disabled", "ran with interrupts disabled"),
    ("generic", "preemption"): ("irq thread wakeup latency", "could not be preempted (this kernel does not preempt kernel code)"),
    ("preempt-rt", "preemption"): ("irq thread wakeup latency", "could not be preempted (interrupts on, preemption off)"),
    ("preempt-rt", "needed-lock"): ("irq thread wakeup latency", "-stimulus slept in "),
}


@long
def test_a_delay_that_is_planted_in_the_kernel_is_found(on_pc, loopgate, tmp_path):
    """As test_planted.py does on arm64; the chain ends in the module, whose unwind tables would be its own."""
    files = []
    for kernel, hold in PLANTED_IN_KERNEL:
        words = ["--architecture", "amd64", "--kernel", kernel, "--hold", hold, "--instructions", str(PLANTED_NS), "--to", tmp_path]
        made = subprocess.run([ROOT / "fixtures/planted/make", *words], capture_output=True, text=True, check=False, timeout=600)
        assert made.returncode == 0, made.stderr
        files.append(made.stdout.strip())
    run = on_pc(kernel=files, load="idle", samples=300, jobs=2)
    assert run.status == PASS, run.errors
    for (kernel, hold), (phase, how) in PLANTED_IN_KERNEL.items():
        worst = explained(loopgate, run, f"{kernel}-{hold}.idle")[0]["explained"][0]
        found = ns_in(worst, HOLDS[hold])
        assert PLANTED_NS <= found[phase] <= sum(found.values()) <= PLANTED_NS + OWN_INSTRUCTIONS, (kernel, hold, found)
        assert max(worst["phases"], key=lambda each: each["ns"])["name"] == phase
        assert f" {phase}: planted (SCHED_OTHER) ran" in worst["why"] and how in worst["why"] and f"in {HOLDS[hold]}" in worst["why"], worst["why"]


@long
def test_what_is_counted_between_marks_is_what_the_program_measured(measure, loopgate):
    run = measure("primitives", board=BOARD, kernel="preempt-rt", load="idle", repeat=1)
    assert run.status == PASS, run.errors
    for program, function in (("null-call", "do_syscall_64"), ("pi-mutex-inherit", "futex_lock_pi")):  # all of an iteration, and a part
        done = loopgate("explain", run.path, "--program", program, "--kernel", "preempt-rt")
        assert done.returncode == PASS, done.stderr
        assert function in done.stdout
        assert "the figure is what was counted" in done.stdout and "NOT the figure" not in done.stdout


def test_queuelat_runs_where_the_counter_is_x86s(measure):
    run = measure("rt-tests", board=BOARD, kernel="preempt-rt", load="idle", program="queuelat")
    assert run.status == PASS, run.errors
    (seen,) = json.loads((run.cell("preempt-rt.idle") / "programs.json").read_text())["programs"]
    assert seen["result"] == "pass", seen
    (longest,) = seen["figures"]
    assert longest["unit"] == "ns" and 100 <= longest["value"] < 1_000_000, seen


@long  # two recordings; test_sections.py records arm64's, and test_several_cpus.py two CPUs'
def test_critical_sections_are_recorded_and_the_running_kernel_says_by_which_rule(mixed, loopgate):
    words = [word for kernel in RULES for word in ("--kernel", kernel)]
    cells, _ = sections(loopgate, mixed.path, *words)
    assert set(cells) == {f"{kernel}.mixed" for kernel in RULES}
    for kernel, preemptible in RULES.items():
        cell = cells[f"{kernel}.mixed"]
        check_windows(mixed.path, cell)
        assert cell["preemptible"] == preemptible, kernel
        assert min(kind(cell, name)["count"] for name in ("interrupts off", "preemption off")) >= 10_000, kernel
        assert kind(cell, "interrupt handler")["count"] >= SAMPLES, "each stimulus raises an interrupt"
        assert all("cpu" not in each for each in cell["kinds"])
    assert kind(cells["preempt-rt.mixed"], "softirqs off")["count"] == 0 < kind(cells["generic.mixed"], "softirqs off")["count"]
    assert kind(cells["generic.mixed"], "preemption off")["max_ns"] > 10 * kind(cells["preempt-rt.mixed"], "preemption off")["max_ns"]
    # Who took the lock is told by the unwind tables: there is no link register.
    locks = [holder["opened"] for holder in kind(cells["generic.mixed"], "interrupts off")["holders"] if holder["opened"]["through"] == "_raw_spin_lock_irqsave"]
    assert len({place["function"] for place in locks}) > 10


@pytest.fixture(scope="module")
def truth(loopgate, tmp_path_factory):
    """Modules that mask interrupts for two known times, and one that keeps preemption off, as test_sections.py has them for arm64."""
    folder = tmp_path_factory.mktemp("planted-on-pc")
    words = []
    for hold, instructions in (("interrupts-alone", PLANTED_NS), ("interrupts-alone", PLANTED_NS - 100_000), ("preemption-alone", PLANTED_NS)):
        words += ["--kernel", planted("preempt-rt", hold, instructions, folder, "amd64")]
    done = loopgate("run", "irq-to-gpio", "--board", BOARD, *words, "--load", "idle", "--samples", 300, "--jobs", 2, "--out", folder / "run")
    assert done.returncode == PASS, done.stderr
    return sections(loopgate, folder / "run")[0]


@long
def test_planted_windows_are_found_to_the_nanosecond(truth):
    lengths = {}
    for instructions in (PLANTED_NS, PLANTED_NS - 100_000):
        found = windows_of(kind(truth[f"preempt-rt-interrupts-alone-{instructions}.idle"], "interrupts off"), "planted_interrupts_off_alone")
        assert len(found) >= 5 and {window["task"] for window in found} == {"planted"}
        assert len({window["length_ns"] for window in found}) == 1, "no interrupt can come in"
        lengths[instructions] = found[0]["length_ns"]
        assert instructions <= lengths[instructions] <= instructions + OWN_INSTRUCTIONS
    assert lengths[PLANTED_NS] - lengths[PLANTED_NS - 100_000] == 100_000
    found = windows_of(kind(truth[f"preempt-rt-preemption-alone-{PLANTED_NS}.idle"], "preemption off"), "planted_preemption_off_alone")
    assert len(found) >= 5 and PLANTED_NS <= min(window["length_ns"] for window in found) <= PLANTED_NS + OWN_INSTRUCTIONS


@long
def test_no_sample_is_above_the_bound_and_a_hunted_stimulus_repeats(on_pc, loopgate):
    run = on_pc(kernel="preempt-rt", load="mixed", samples=150)
    assert run.status == PASS, run.errors
    bound = loopgate("bound", run.path, "--kernel", "preempt-rt")
    assert bound.returncode == PASS, bound.stderr
    figures = json.loads((run.path / "worst-case.json").read_text())["cells"][0]
    assert max(run.latencies("preempt-rt.mixed")) == figures["observed_max_ns"] <= figures["bound_ns"]
    done = loopgate("hunt", run.path, "--budget", 10)
    assert done.returncode == PASS, done.stderr
    assert "the first was sent again and took the same" in done.stdout


TWO_CPUS = "qemu-q35-amd64-smp"


def on_two_cpus(measure, **options):
    return measure(board=TWO_CPUS, load="mixed-housekeeping", samples=SAMPLES, repeat=1, **options)


def test_an_answer_of_two_cpus_repeats_and_is_followed_over_both(measure, loopgate):
    run = on_two_cpus(measure, kernel="preempt-rt")
    assert run.status == PASS, run.errors
    cell = "preempt-rt.mixed-housekeeping"
    assert run.outcome(cell)["self_check"]["longest_turn_ns"] == 200
    worst = explained(loopgate, run, cell)[0]["explained"][0]
    assert worst["latency_ns"] == max(run.latencies(cell))
    assert sum(phase["ns"] for phase in worst["phases"]) == worst["latency_ns"]
    assert {entry["cpu"] for entry in worst["lanes"]} == {0, 1}


@long
def test_two_cpus_give_equal_samples_with_another_boot_and_other_work(measure, loopgate, fresh_states, busy_host, tmp_path):
    first = on_two_cpus(measure, kernel=["preempt-rt", "rt-isolated"], jobs=2)
    assert first.status == PASS, first.errors
    shutil.rmtree(fresh_states / "states")
    again = on_two_cpus(measure, kernel="preempt-rt")
    assert again.status == PASS and again.outcome("preempt-rt.mixed-housekeeping")["host_seconds"]["boot"] > 0, again.errors
    assert digest(first, "preempt-rt.mixed-housekeeping") == digest(again, "preempt-rt.mixed-housekeeping")
    cells, _ = sections(loopgate, first.path)
    for cell in cells.values():
        check_windows(first.path, cell)
        assert {each["cpu"] for each in cell["kinds"]} == {0, 1}


def test_kernels_of_arm64s_options_are_refused_before_anything_is_built(loopgate):
    refused = loopgate("plan", "irq-to-gpio", "--board", BOARD, "--kernel", "preempt-none")
    assert refused.returncode == USAGE
    assert f"kernel preempt-none is built from options of arm64, and board {BOARD} is amd64" in refused.stderr


def test_the_inspection_pipeline_decides_as_on_arm64(measure):
    pc, other = (measure("inspection", board=board, kernel="preempt-rt", load="idle", samples=10, repeat=1) for board in (BOARD, "qemu-virt-arm64"))
    assert pc.status == other.status == PASS, pc.errors + other.errors
    decided, expected = (run.frames("preempt-rt.idle") for run in (pc, other))
    assert (decided["frame"] == expected["frame"]).all() and (decided["decision"] == expected["decision"]).all()
    assert len(set(decided["decision"])) > 1


def test_the_preemption_model_is_chosen_at_boot_and_read_back(mixed):
    row = next(row for row in mixed.evidence("generic-preempt-full.mixed")["asked_for"] if row["asked"] == "preempt=full")
    assert row["became"] == "in effect" and "(full)" in row["read_back"], row


@long  # a boot; test_kernel_arguments.py has models that arm64's image does not have
def test_a_preemption_model_that_the_image_does_not_have_leaves_the_kernel_as_it_was(on_pc, toml_file):
    other = toml_file("other.toml", based_on="fixtures/kernels/generic-preempt-full.toml", replace=[('arguments = "preempt=full"', 'arguments = "preempt=lazy"')])
    run = on_pc(kernel=other, load="idle", samples=20)
    assert run.status == INVALID, run.errors
    assert "the kernel argument preempt=lazy did nothing: " in run.outcome("other.idle")["reason"]


@long  # a boot; test_bad_luck.py has a chip that is not there
def test_a_kernel_without_the_driver_is_the_kernels_files_fault(on_pc, toml_file):
    kernel = toml_file("bare.toml", based_on="fixtures/kernels/preempt-rt.toml", replace=[("\n\n[source]", '\narguments = "initcall_blacklist=byt_gpio_init"\n\n[source]')])
    run = on_pc(kernel=kernel, load="idle", samples=20)
    assert run.status == INVALID, run.errors
    assert "INT33FC:00" in run.outcome("bare.idle")["reason"]


def test_a_cpu_that_qemu_cannot_play_is_refused_by_its_feature(measure, toml_file):
    """QEMU would leave the feature out, with a warning, and measure another CPU."""
    board = toml_file("other-pc.toml", based_on=f"boards/{BOARD}.toml", replace=[("EPYC-v1,-fxsr-opt,", "EPYC-v1,")])
    run = measure(board=board, kernel="preempt-rt", load="idle", samples=20)
    assert run.status == INVALID, run.errors
    assert "fxsr-opt" in run.outcome("preempt-rt.idle")["reason"]
