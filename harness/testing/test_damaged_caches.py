"""What the cache keeps is checked before it is used, and no kernel is blamed for what is damaged there. Each test alters a byte or more, with the
file's size kept, as a bad disk or a stray program would."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
from bench import long
from conftest import BUILD, FAIL, INVALID, PASS, RESPONDER, ROOT, Run, cache_without_states

sys.path.insert(0, str(ROOT / "fixtures" / "debian"))
import kept

SMALL = {"kernel": "generic", "load": "idle", "samples": 200}
CELL = "generic.idle"
FUNCTION = "__arm64_sys_sched_setscheduler"
PAGE = 4096
HEADER = 64  # of an arm64 kernel's image
REMOVED = "is removed, and its kernel boots afresh"


def fixture_says(script, *words):
    return json.loads(subprocess.run([ROOT / "fixtures" / script, *words], capture_output=True, text=True, check=True).stdout)


def rewrite(path, data):
    """Other bytes, at the same time as far as the file says."""
    before = path.stat()
    assert len(data) == before.st_size
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def place_of(image, memory, offset):
    """Where the memory has what is in the kernel's image at `offset`: the image's header says where it begins. The kernel patches most pages of its text; some
    it leaves alone."""
    base = memory.find(image[:HEADER])
    while base >= 0:
        if any(memory[base + at : base + at + PAGE] == image[at : at + PAGE] for at in range(1 << 20, 8 << 20, PAGE) if len(set(image[at : at + PAGE])) > 100):
            return base + offset
        base = memory.find(image[:HEADER], base + HEADER)
    raise AssertionError("the memory has no page of the kernel's text")


@pytest.fixture(scope="module")
def booted(loopgate, tmp_path_factory):
    """A run that saved the state after boot, made once: (the run, the folder of the states)."""
    folder = tmp_path_factory.mktemp("booted")
    with cache_without_states(folder) as cache:
        words = [word for key, value in SMALL.items() for word in (f"--{key}", value)]
        done = loopgate("run", "irq-to-gpio", "--out", folder / "run", *words, env={**os.environ, "LOOPGATE_CACHE": str(cache)})
        assert done.returncode == PASS, done.stderr
        yield Run(folder / "run", done.returncode, done.stderr, done.stdout), cache / "states"


@pytest.fixture
def saved(booted, fresh_states):
    """That run, and the file of the machine's memory in a cache of the test's own."""
    first, states = booted
    subprocess.run(["cp", "--archive", "--sparse=always", states, fresh_states], check=True)
    (memory,) = (fresh_states / "states").glob("*/memory.bin")
    return first, memory


@pytest.fixture
def damage_kernel_text(measure, suite_file):
    """Turns the beginning of a function of the kernel, which a real-time payload needs to get ready, into what is no instruction."""

    def damage(memory):
        script = f"grep -E ' (_text|{FUNCTION})$' /proc/kallsyms | while read line; do echo symbol $line > /dev/kmsg; done"
        run = measure(suite=suite_file("symbols", ["/bin/sh", "-c", f"{script}; exec {' '.join(RESPONDER)}"]), **SMALL)
        addresses = {name: int(address, 16) for address, name in re.findall(r"symbol ([0-9a-f]{16}) \w (\w+)", (run.cell(CELL) / "console.log").read_text())}
        image = pathlib.Path(fixture_says("kernels/fetch", "--package", "linux-image-arm64")["image"]).read_bytes()
        data = bytearray(memory.read_bytes())
        place = place_of(image, bytes(data), addresses[FUNCTION] - addresses["_text"])
        data[place : place + 32] = bytes(32)
        rewrite(memory, bytes(data))

    return damage


def make_the_record_agree(folder):
    """As if the damage had been there when the state was saved, or came to the disk without a trace: no digest shows it."""
    record = kept.read_sealed(folder / "state.json")
    for name in ("state", "memory"):
        record[f"{name}_sha256"] = hashlib.sha256((folder / f"{name}.bin").read_bytes()).hexdigest()
    (folder / "state.json").write_text(kept.sealed(record))


def same_samples(one, other):
    return one.measured(CELL) == other.measured(CELL)


def test_flipped_kernel_text_in_a_saved_state_is_seen_before_it_is_used(measure, saved, damage_kernel_text):
    first, memory = saved
    damage_kernel_text(memory)
    second = measure(**SMALL)
    assert second.status == PASS, second.errors
    assert f"{REMOVED}: its files are not what was saved" in second.errors
    assert same_samples(first, second)
    assert "discarded_state" not in second.outcome(CELL), "it was never used"
    assert REMOVED not in measure(**SMALL).errors


@long  # two boots
def test_flipped_kernel_text_that_no_digest_shows_costs_a_boot_and_blames_no_kernel(measure, saved, damage_kernel_text):
    first, memory = saved
    damage_kernel_text(memory)
    make_the_record_agree(memory.parent)
    second = measure(**SMALL)
    assert second.status == PASS, second.errors
    assert f"{REMOVED}: before the first stimulus, the kernel " in second.errors and "since the saved state had failed" in second.errors
    outcome = second.outcome(CELL)
    assert outcome["outcome"] == "measured" and outcome["discarded_state"].startswith("before the first stimulus, the kernel ")
    assert outcome["host_seconds"]["boot"] > 0
    assert (second.cell(CELL) / "discarded-console.log").exists()
    assert same_samples(first, second)
    third = measure(**SMALL)
    assert third.status == PASS and REMOVED not in third.errors


def test_a_kernel_that_fails_from_a_fresh_boot_too_is_blamed(measure, saved, suite_file):
    suite = suite_file("panic", ["/bin/sh", "-c", "echo c > /proc/sysrq-trigger"])
    run = measure(suite, **{**SMALL, "load": ["idle", "cpu"]})
    assert run.status == FAIL
    assert run.errors.count(REMOVED) == 1, "the second cell's state is of this run's own boot"
    first, second = run.outcome("generic.idle"), run.outcome("generic.cpu")
    assert first["outcome"] == second["outcome"] == "kernel_failed"
    assert "panicked" in first["reason"] and first["reason"].endswith(", from a saved state and again from a fresh boot")
    assert "panicked" in second["reason"] and "saved state" not in second["reason"]


def test_a_state_that_qemu_cannot_read_is_made_again(measure, saved):
    first, memory = saved
    state = memory.parent / "state.bin"
    rewrite(state, b"\0" * state.stat().st_size)
    make_the_record_agree(memory.parent)
    second = measure(**SMALL)
    assert second.status == PASS, second.errors
    assert f"{REMOVED}: it could not be restored: " in second.errors
    assert same_samples(first, second)


def test_a_state_whose_record_was_altered_is_made_again(measure, saved):
    """Of another time of saving: the guest's clock would have jumped."""
    first, memory = saved
    about = memory.parent / "state.json"
    text = about.read_text()
    rewrite(about, re.sub(r'(?<="saved_at_ns":)\d', lambda digit: "2" if digit[0] == "1" else "1", text).encode())
    second = measure(**SMALL)
    assert second.status == PASS, second.errors
    assert f"{REMOVED}: its record is damaged" in second.errors
    assert same_samples(first, second)


def test_an_altered_initrd_is_made_anew(measure, fresh_states):
    (fresh_states / "initrd").unlink(missing_ok=True)  # a link to the user's own
    first = measure(**SMALL)
    assert first.status == PASS, first.errors
    (initrd,) = (fresh_states / "initrd").glob("*.cpio")
    whole = initrd.read_bytes()
    rewrite(initrd, whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1 :])
    second = measure(**SMALL)
    assert second.status == PASS, second.errors
    assert f"{initrd}: is not what was kept there: it is made anew" in second.errors
    assert initrd.read_bytes() == whole and same_samples(first, second)
    target = json.loads((second.path / "run.json").read_text())["target"]
    base = pathlib.Path(fixture_says("rootfs/make")["image"]).read_bytes()
    programs = (BUILD / "target" / "programs.cpio").read_bytes()
    assert [target["base_sha256"], target["programs_sha256"]] == [hashlib.sha256(part).hexdigest() for part in (base, programs)]
    assert whole == base + programs


def test_programs_that_are_not_what_was_built_panic_no_kernel(measure, tmp_path, monkeypatch):
    build = tmp_path / "build"
    (build / "target").mkdir(parents=True)
    shutil.copy(BUILD / "libloopgate_instrument.so", build)
    whole = (BUILD / "target" / "programs.cpio").read_bytes()
    (build / "target" / "programs.cpio").write_bytes(whole.replace(b"\x7fELF", b"\x7fElF"))
    (build / "target" / "programs.json").write_text(kept.sealed({"files": {"programs.cpio": hashlib.sha256(whole).hexdigest()}}))
    monkeypatch.setenv("LOOPGATE_BUILD", str(build))
    run = measure(**SMALL)
    assert run.status == INVALID and not run.path.exists()
    assert "programs.cpio: is not what was built" in run.errors and "build the target's programs" in run.errors


@long  # all digests are made again
def test_a_damaged_memory_of_digests_is_read_again(measure, fresh_states):
    """Each remembered digest is another one; none is believed, and run.json names those of what is there."""
    first = measure(**SMALL)
    digests = fresh_states / "digests"
    assert first.status == PASS, first.errors
    entries = list(digests.resolve().iterdir())
    if digests.is_symlink():  # the user's own
        digests.unlink()
    digests.mkdir(exist_ok=True)
    for entry in entries:
        text = entry.read_text()
        (digests / entry.name).write_text(text.replace('"sha256":"', '"sha256":"f'))
    second = measure(**SMALL)
    assert second.status == PASS, second.errors
    runs = [json.loads((run.path / "run.json").read_text()) for run in (first, second)]
    for key in ("target", "kernels"):
        assert runs[0][key] == runs[1][key]
    assert REMOVED not in second.errors and same_samples(first, second)
