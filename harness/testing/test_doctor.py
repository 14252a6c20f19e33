"""`loopgate doctor` on machines that lack something: it is named, with what mends it. Nothing is booted."""

import os
import pathlib

import pytest
from conftest import BUILD, INVALID, ROOT

QEMU = "qemu-system-aarch64"


@pytest.fixture
def programs(tmp_path):
    """A folder with every program of this machine but QEMU, to stand alone in PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for place in filter(None, os.environ["PATH"].split(":")):
        for program in pathlib.Path(place).glob("*"):
            if program.name != QEMU and not (folder / program.name).is_symlink():
                (folder / program.name).symlink_to(program)
    return folder


@pytest.fixture
def doctor(loopgate, programs):
    """(what is missing and the two lines that say so, the exit status) with that PATH, or with the machine's own."""

    def call(path=programs):
        environment = {**os.environ, "LOOPGATE_BUILD": str(BUILD), "PATH": str(path)}
        answer = loopgate("doctor", env=environment)
        lines = answer.stdout.splitlines()
        missing = {line[9:].split("  ")[0].strip(): lines[at : at + 2] for at, line in enumerate(lines) if line.startswith("MISSING")}
        return missing, answer.returncode

    return call


def is_named(missing, *words):
    found, mend = missing["QEMU"]
    assert all(word in found for word in words), found
    assert mend.strip() == "-> run ci/setup"
    assert (ROOT / "ci" / "setup").exists()


def test_no_qemu(doctor):
    missing, status = doctor()
    assert status == INVALID
    is_named(missing, f"{QEMU} is not installed")
    assert missing.keys() - doctor(os.environ["PATH"])[0].keys() <= {"QEMU", "instrument"}  # which QEMU loads


def test_a_qemu_that_is_too_old(doctor, programs):
    stub = programs / QEMU
    stub.write_text('#!/bin/sh\necho "QEMU emulator version 7.2.17 (Debian 1:7.2+dfsg-7+deb12u13)"\n')
    stub.chmod(0o755)
    missing, status = doctor()
    assert status == INVALID
    is_named(missing, str(stub), "is version 7.2.17", "needs 10.0 or newer")


@pytest.mark.parametrize("script", ["exit 1", "echo QEMU", "exec cat /dev/null"])
def test_a_qemu_that_says_no_version(doctor, programs, script):
    stub = programs / QEMU
    stub.write_text(f"#!/bin/sh\n{script}\n")
    stub.chmod(0o755)
    missing, status = doctor()
    assert status == INVALID
    is_named(missing, f"{stub} --version says no version")


def test_why_a_suite_cannot_be_measured_is_told_with_who_lacks_what(loopgate, programs, tmp_path):
    folder = tmp_path / "mine"
    for kind, name, text in (
        ("kernels", "absent", 'title = "t"\n[source]\nimage = "Image"\n'),
        ("kernels", "pi", 'title = "t"\n[source]\npackage = "linux-image-arm64"\n'),
        ("boards", "bare", (ROOT / "boards" / "qemu-x86-disk.toml").read_text().replace('provides = ["irq-to-gpio", ', 'provides = [')),
    ):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        (folder / kind / f"{name}.toml").write_text(text)
    environment = {**os.environ, "LOOPGATE_BUILD": str(BUILD), "PATH": str(programs)}
    done = loopgate("list", "--why", "--path", folder, "--lab", "/nowhere/lab.toml", env=environment)
    assert done.returncode == 0, done.stderr
    for line in (
        f"    QEMU: {QEMU} is not installed",
        "    suite irq-to-gpio requires irq-to-gpio, which board bare does not provide",
        f"    kernel absent needs {folder}/kernels/Image, and there is no such file",
        "    kernel pi (linux-image-arm64) is for arm64, and board bare is amd64",
        "    /nowhere/lab.toml: there is no such file, and board bare is reached over SSH",
        "    kernel generic-preempt-full (linux-image-amd64) is for amd64, and board qemu-virt-arm64 is arm64",
        "    kernel trimmed-rt is built from options of arm64, and board qemu-q35-amd64 is amd64",
    ):
        assert line in done.stdout.splitlines(), (line, done.stdout)
    possible = [line.split(None, 1)[1].split(", ") for line in done.stdout.splitlines() if line.startswith("  qemu-virt-arm64 ") and "generic, " in line]
    assert {"generic", "preempt-rt", "trimmed-rt", "pi"} <= set(possible[0]) and "generic-preempt-full" not in possible[0]
