"""Tests of the whole program against real kernels in QEMU. Run by ci/test; by hand: /usr/bin/python3 -m pytest harness/testing"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

import numpy
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LOOPGATE_BUILD", ROOT / "build"))
sys.path.append(str(ROOT / "reports"))
from loopgate_report.samples import RECORD  # noqa: E402

FRAME = [("frame", "<u8"), ("decision", "<u4"), ("model", "<u4"), ("woke_ns", "<i8"), ("captured_ns", "<i8"),
         ("preprocessed_ns", "<i8"), ("inferred_ns", "<i8"), ("decided_ns", "<i8"), ("done_ns", "<i8")]  # fmt: skip

PASS, FAIL, USAGE, INVALID, INCONCLUSIVE = range(5)
# Of a cell's files, those that name the folders and times of their host.
OF_THE_HOST = {"evidence.json", "commands.txt", "console.log", "discarded-console.log"}
# Of a run of irq-to-gpio with the kernel generic: one budget, to which a test adds a limit.
POLICY = """title = "t"
suite = "irq-to-gpio"
time_base = "virtual"
confidence = 0.95
min_stimuli = 1
baseline_required = false
[[budget]]
kernel = "generic"
load = "*"
"""


class Run:
    """A run directory, read back."""

    def __init__(self, path, status, errors, output):
        self.path, self.status, self.errors, self.output = path, status, errors, output

    def cell(self, name):
        return self.path / "cells" / name

    def measured(self, name):
        """What was measured, by digest: evidence.json and what is shown beside it name the host's folders and times."""
        return {artifact: digest for artifact, digest in self.outcome(name)["artifacts"].items() if artifact not in OF_THE_HOST}

    def outcome(self, name):
        import bench  # which needs this file's constants

        return bench.outcome(self.path, name)

    def evidence(self, name):
        return json.loads((self.cell(name) / "evidence.json").read_text())

    def samples(self, name):
        return numpy.fromfile(self.cell(name) / "samples.lgs", dtype=RECORD, offset=64)

    def summary(self, name):
        return json.loads((self.cell(name) / "summary.json").read_text())

    def frames(self, name):
        return numpy.fromfile(self.cell(name) / "frames.lgf", dtype=FRAME, offset=64)

    def latencies(self, name):
        """Of the counted, answered stimuli, in ns."""
        samples = self.samples(name)
        counted = samples[((samples["flags"] & 24) == 0) & ((samples["flags"] & 2) != 0)]
        return counted["response_ns"] - counted["stimulus_ns"]


# A file's tests stay on one worker (ci/run_tests.py), so the longest files begin first: else the last worker has one left when the others
# are done. About the seconds on two cores beside the unit tests.
LONGEST = {"test_inspection": 270, "test_hunt": 270, "test_virtual_bench": 270, "test_bad_luck": 260, "test_board": 220, "test_explain": 190,
           "test_amd64": 170, "test_failing_calls": 170, "test_damaged_caches": 160, "test_planted": 150, "test_sections": 140, "test_programs": 120,
           "test_beside": 110, "test_ci_templates": 100, "test_bisect_source": 90, "test_several_cpus": 90, "test_bound": 80, "test_accept": 70,
           "test_boards_as_found": 60, "test_kernel_arguments": 60, "test_cost_source": 60, "test_bisect": 50, "test_explain_paths": 50,
           "test_install": 40, "test_scratch": 40, "test_bound_cells": 40, "test_probe": 30, "test_inspection_work": 30, "test_latmon": 30,
           "test_calibrate": 30, "test_primitives": 30, "test_probe_ftrace": 30, "test_loopback": 30}  # fmt: skip


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: -LONGEST.get(item.path.stem, 0))


@pytest.fixture(scope="session")
def loopgate():
    """Calls the program; `status` of what comes back is its exit status."""

    def call(*arguments, limit_s=600, **options):
        argv = [str(BUILD / "loopgate"), *map(str, arguments)]
        return subprocess.run(argv, capture_output=True, text=True, timeout=limit_s, cwd=ROOT, check=False, **options)

    return call


@pytest.fixture
def measure(loopgate, tmp_path):
    """Runs a suite into a new folder."""
    count = 0

    def call(suite="irq-to-gpio", out=None, **options):
        nonlocal count
        count += 1
        path = out or tmp_path / f"run{count}"
        arguments = ["run", suite, "--out", path]
        options.setdefault("jobs", 1)  # several tests share the cores
        for name, values in options.items():
            for value in values if isinstance(values, (list, tuple)) else [values]:
                arguments += ["--" + name.replace("_", "-")] + ([] if value is True else [value])
        done = loopgate(*arguments)
        return Run(pathlib.Path(path), done.returncode, done.stderr, done.stdout)

    return call


@pytest.fixture
def suite_file(tmp_path):
    """A copy of a suite with another payload command, further payload files or other keys; gives the path of its suite.toml."""

    def make(name, payload=None, replace=(), of="irq-to-gpio", files=()):
        text = (ROOT / "suites" / of / "suite.toml").read_text().replace('"../../', f'"{ROOT}/')
        if payload:
            text = re.sub(r"^command = \[.*?\]$", lambda _: f"command = {json.dumps(payload)}", text, count=1, flags=re.M | re.S)
        if files:
            lines = "".join(f"{key} = {json.dumps(str(path))}\n" for key, path in dict(files).items())
            heading = "[payload.files]\n"
            text = re.sub(r"^\[payload\.files\].*\n", lambda _: heading + lines, text, flags=re.M) if "[payload.files]" in text else text + "\n" + heading + lines
        for old, new in replace:
            assert old in text
            text = text.replace(old, new)
        folder = tmp_path / name
        shutil.copytree(ROOT / "suites" / of, folder)
        (folder / "suite.toml").write_text(text)
        return folder / "suite.toml"

    return make


@pytest.fixture
def toml_file(tmp_path):
    """A file of one's own, such as a kernel or a load; `based_on` is one of the project's, `replace` what differs."""

    def make(name, text="", based_on=None, replace=()):
        if based_on:
            text = (ROOT / based_on).read_text() + text
        for old, new in replace:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / name
        path.write_text(text)
        return path

    return make


RESPONDER = ["/bin/responder", "--chip", "{chip}", "--stimulus", "{stimulus}", "--response", "{response}", "--priority", "80"]


def faulty(command, *faults, programs="target"):
    """For suite_file(): a suite's payload command, with the program that has faults to plant (fixtures/planted) in place of its own. That
    program is not among the target's programs, but travels as a payload's file."""
    program = BUILD / programs / ("faulty_" + pathlib.PurePath(command[0]).name)
    about = BUILD / programs / "programs.json"
    if not about.exists() or not json.loads(about.read_text(encoding="utf-8"))["planted"]:
        pytest.fail(f"{program} was not built: ci/build build -DLOOPGATE_TARGET_PLANTED=ON")
    script = "chmod +x {faulty} && exec {faulty} " + " ".join([*command[1:], *map(str, faults)])
    return {"payload": ["/bin/sh", "-c", script], "files": {"faulty": program}}


def in_shell(script):
    """A payload that runs `script` in the background and is the responder otherwise."""
    return ["/bin/sh", "-c", f"({script}) & exec {' '.join(RESPONDER)}"]


def processes_of(program, word):
    """Ids of the processes of `program` or `program-*` that have `word` in their command line."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            argv = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else [b""]
        except OSError:
            continue
        name = pathlib.PurePath(argv[0].decode(errors="replace")).name
        if (name == program or name.startswith(program + "-")) and any(str(word).encode() in one for one in argv):
            found.append(int(entry.name))
    return found


def kill_all(program, word, by=signal.SIGKILL):
    """Kills the processes of processes_of(); one that ended by itself meanwhile is none."""
    for pid in processes_of(program, word):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, by)


@pytest.fixture
def small_disk(tmp_path):
    """A file system with room for next to nothing."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("a tmpfs cannot be mounted here: " + mounted.stderr.decode().strip())
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # a QEMU that is just ending may hold a file there


@pytest.fixture
def busy_host():
    """Other work on every core of the host, for as long as the test runs. Of a lower priority: QEMU is put off as often, and not for half of the time."""
    workers = [subprocess.Popen(["nice", "-n", "5", "sh", "-c", "while :; do :; done"]) for _ in range(os.cpu_count() or 1)]
    yield
    for worker in workers:
        worker.kill()
        worker.wait()


@contextlib.contextmanager
def cache_without_states(folder):
    """A cache in `folder` with everything in it but saved states: kernels boot anew."""
    cache = pathlib.Path(os.environ.get("LOOPGATE_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "loopgate")
    copy = folder / "cache"
    copy.mkdir()
    for entry in cache.iterdir():
        if entry.name != "states":
            (copy / entry.name).symlink_to(entry)
    yield copy
    shutil.rmtree(copy / "states", ignore_errors=True)


@pytest.fixture
def fresh_states(tmp_path, monkeypatch):
    with cache_without_states(tmp_path) as cache:
        monkeypatch.setenv("LOOPGATE_CACHE", str(cache))
        yield cache


@pytest.fixture
def turning_qemu(tmp_path, monkeypatch):
    """A QEMU first on the PATH whose main loop turns every 200 us of host time; gives the files that say how often it did, one a QEMU."""
    turns = tmp_path / "turns"
    folder = tmp_path / "bin"
    folder.mkdir()
    qemu = shutil.which("qemu-system-aarch64")
    plugin = f"{BUILD / 'loopgate_main_loop_turner.so'},every_ns=200000,turns={turns}"
    wrapper = folder / "qemu-system-aarch64"
    wrapper.write_text(f"""#!/bin/sh
case " $* " in
*" -plugin "*) exec {qemu} "$@" -plugin "{plugin}" ;;
*) exec {qemu} "$@" ;;
esac
""")
    wrapper.chmod(0o755)

    def use():
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        return lambda: [int(path.read_text()) for path in tmp_path.glob("turns.*[0-9]")]

    return use
