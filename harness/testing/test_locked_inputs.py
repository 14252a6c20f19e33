"""--inputs: a run has the kernels, the base image and the target programs of an earlier one, or it is refused by the name of what it has not;
then its samples are equal to the byte, on the other Debian release as well."""

import json
import os
import shutil
import subprocess

import pytest
from bench import long
from conftest import BUILD, INVALID, PASS, ROOT, USAGE
from debian_13 import BUILD_OPTIONS, System

SAMPLES = "cells/generic.mixed/samples.lgs"
RUN = ["run", "irq-to-gpio", "--kernel", "generic", "--load", "mixed", "--samples", "60", "--repeat", "1"]


@pytest.fixture(scope="module")
def first(loopgate, tmp_path_factory):
    folder = tmp_path_factory.mktemp("locked") / "first"
    done = loopgate(*RUN, "--out", folder)
    assert done.returncode == PASS, done.stderr
    return folder


def altered(run, tmp_path, change):
    """The lock with one thing changed, as another day's run would have it."""
    lock = json.loads((run / "run.json").read_text())
    change(lock)
    path = tmp_path / "inputs.json"
    path.write_text(json.dumps(lock))
    return path


@pytest.mark.parametrize("name", ["", "run.json"])
def test_a_locked_run_is_equal_to_the_byte(loopgate, first, tmp_path, name):
    done = loopgate(*RUN, "--inputs", first / name, "--out", tmp_path / "again")
    assert done.returncode == PASS, done.stderr
    assert (tmp_path / "again" / SAMPLES).read_bytes() == (first / SAMPLES).read_bytes()
    again = json.loads((tmp_path / "again" / "run.json").read_text())
    assert again["circumstances"]["files"]["inputs"] == {"run": str(first / name).rstrip("/")}


@pytest.mark.parametrize("key", ["base_sha256", "programs_sha256"])
def test_a_target_that_is_not_to_be_had_is_the_benchs_fault_by_name(loopgate, first, tmp_path, key):
    lock = altered(first, tmp_path, lambda run: run["target"].update({key: "0" * 64}))
    done = loopgate(*RUN, "--inputs", lock, "--out", tmp_path / "run")
    assert done.returncode == INVALID, done.stderr
    assert {"base_sha256": "base image", "programs_sha256": "the target's programs"}[key] in done.stderr
    assert "0" * 64 in done.stderr
    assert not (tmp_path / "run" / "cells").exists()


def test_a_kernel_version_that_the_archive_never_had_is_the_benchs_fault_by_name(loopgate, first, tmp_path):
    lock = altered(first, tmp_path, lambda run: run["kernels"][0].update(version="6.12.0-0"))
    done = loopgate(*RUN, "--inputs", lock, "--out", tmp_path / "run", limit_s=900)
    assert done.returncode == INVALID, done.stderr
    assert "=6.12.0-0 is not in the cache, and is not to be had" in done.stderr


def test_another_image_of_the_same_version_is_refused_by_name(loopgate, first, tmp_path):
    lock = altered(first, tmp_path, lambda run: run["kernels"][0].update(image_sha256="0" * 64))
    done = loopgate(*RUN, "--inputs", lock, "--out", tmp_path / "run")
    assert done.returncode == INVALID, done.stderr
    assert "the image of kernel generic has sha256 " + "0" * 64 in done.stderr


def test_a_kernel_that_the_lock_has_not_is_the_users_mistake(loopgate, first, tmp_path):
    done = loopgate("run", "irq-to-gpio", "--kernel", "preempt-rt", "--inputs", first, "--out", tmp_path / "run")
    assert done.returncode == USAGE, done.stderr
    assert "has no kernel preempt-rt" in done.stderr
    assert "generic" in done.stderr


def test_what_is_no_run_is_the_users_mistake(loopgate, tmp_path):
    done = loopgate(*RUN, "--inputs", tmp_path, "--out", tmp_path / "run")
    assert done.returncode == USAGE, done.stderr
    assert "is no run" in done.stderr


@pytest.fixture(scope="module")
def debian_13(tmp_path_factory):
    with System.with_tree(tmp_path_factory.mktemp("debian")) as system:
        yield system


@pytest.fixture(scope="module")
def of_users(tmp_path_factory):
    """A build folder as users have it: this build's loopgate and instrument, and target programs without those of tests, which are other programs to a lock."""
    folder = tmp_path_factory.mktemp("users")
    for file in [BUILD / "loopgate", *BUILD.glob("*.so")]:
        shutil.copy2(file, folder)
    subprocess.run([ROOT / "harness" / "target" / "build", folder / "target", "--arch", "arm64"], check=True, timeout=900)
    return folder


@long
def test_a_locked_run_on_debian_13_is_equal_to_the_byte(of_users, debian_13, tmp_path):
    """All is its own there: compiler, QEMU, instrument, sysroot, programs, cache; the kernel and the base image are fetched by their versions."""
    first, out = tmp_path / "first", tmp_path / "out"
    subprocess.run([of_users / "loopgate", *RUN, "--out", first], check=True, timeout=900, env=os.environ | {"LOOPGATE_ROOT": str(ROOT), "LOOPGATE_BUILD": str(of_users)})
    out.mkdir()
    shutil.copy(first / "run.json", out)
    done = debian_13.run(f"ci/build build {BUILD_OPTIONS}; build/loopgate {' '.join(RUN)} --inputs {out}/run.json --out {out}/run", out)
    assert done.returncode == PASS, done.stdout[-2000:] + done.stderr[-2000:]
    assert (out / "run" / SAMPLES).read_bytes() == (first / SAMPLES).read_bytes()
    here, there = (json.loads((run / "run.json").read_text())["machine"] for run in (first, out / "run"))
    assert here["binary_sha256"] != there["binary_sha256"]


@long
def test_target_programs_are_equal_on_debian_12_and_13(of_users, debian_13, tmp_path):
    out = tmp_path / "programs"
    out.mkdir()
    done = debian_13.run(f"harness/target/build build/programs --arch arm64; cp build/programs/programs.cpio {out}", out)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (out / "programs.cpio").read_bytes() == (of_users / "target" / "programs.cpio").read_bytes()
