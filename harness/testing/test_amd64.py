"""The virtual PC: what the virtual bench promises holds for amd64 too, and what it lacks there is refused by name."""

import hashlib
import shutil

import pytest
from conftest import BUILD, INVALID, PASS, USAGE

BOARD = "qemu-q35-amd64"

pytestmark = [
    pytest.mark.skipif(not (BUILD / "target-amd64" / "programs.cpio").exists(), reason="x86's programs are not built: cmake --build build --target target-amd64"),
    pytest.mark.skipif(shutil.which("qemu-system-x86_64") is None, reason="there is no qemu-system-x86_64: ci/setup"),
]


@pytest.fixture
def on_pc(measure):
    return lambda **options: measure(board=BOARD, repeat=1, **options)


def digests(run):
    return {path.parent.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in run.path.glob("cells/*/samples.lgs")}


def test_equal_inputs_give_equal_samples_with_another_boot_other_work_and_other_jobs(on_pc, fresh_states, busy_host):
    options = {"kernel": "preempt-rt", "load": ["idle", "mixed"], "samples": 100}
    one = on_pc(jobs=1, **options)
    for state in (fresh_states / "states").glob("*/state.json"):
        state.unlink()
    two = on_pc(jobs=2, **options)
    assert one.status == two.status == PASS, one.errors + two.errors
    for run in (one, two):
        assert max(run.outcome(f"preempt-rt.{load}")["host_seconds"]["boot"] for load in options["load"]) > 0
    assert len(digests(one)) == 2 and digests(one) == digests(two)


def test_what_follows_instructions_is_refused_by_name(on_pc, loopgate):
    run = on_pc(kernel="preempt-rt", load="idle", samples=20)
    assert run.status == PASS, run.errors
    for words in (["explain", run.path], ["sections", run.path], ["hunt", run.path], ["bound", run.path]):
        refused = loopgate(*words)
        assert refused.returncode == USAGE, (words, refused.stdout, refused.stderr)
        assert "what a kernel of amd64 does cannot be followed yet" in refused.stderr, words


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


def test_the_preemption_model_is_chosen_at_boot_and_read_back(on_pc, toml_file):
    """One that the image does not have leaves the kernel as it was."""
    other = toml_file("other.toml", based_on="fixtures/kernels/generic-preempt-full.toml", replace=[('arguments = "preempt=full"', 'arguments = "preempt=lazy"')])
    run = on_pc(kernel=["generic-preempt-full", other], load="idle", samples=20)
    assert run.status == INVALID, run.errors
    assert run.outcome("generic-preempt-full.idle")["outcome"] == "measured"
    row = next(row for row in run.evidence("generic-preempt-full.idle")["asked_for"] if row["asked"] == "preempt=full")
    assert row["became"] == "in effect" and "(full)" in row["read_back"], row
    assert "the kernel argument preempt=lazy did nothing: " in run.outcome("other.idle")["reason"]


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
