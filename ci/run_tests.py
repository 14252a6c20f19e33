#!/usr/bin/python3
"""Every test, stage by stage, and one closing line that counts them. Called by ci/test after ci/setup.

    ci/test                 all of it
    ci/test --only unit     one stage or several: build, qemu, inspect, python, check, smoke, unit, fuzz, gcc

At the end stand each stage's seconds, and for each failure the line that repeats it alone.
"""

import argparse
import concurrent.futures
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import fuzzing
import smoke as smoke_runs
from tally import Tally, cases_in, count_junit, inside, judge_test_program, repeat_ctest, repeat_pytest, step

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "debian"))
from streams import run_script

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
SANITIZED = ROOT / "build" / "sanitized"
PYTHON = "/usr/bin/python3"
CORES = os.cpu_count() or 1
FUZZ_SECONDS = 1  # of CPU: what breaks a reader of the seeds, or of what is next to them
QEMU_LIMIT_S = 4000  # 2,000 on two cores beside the other stages; a machine may be slower by a half
BUILD_LIMIT_S = 3600  # 900 on two slow cores
NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1"}


def run(*argv, limit_s=BUILD_LIMIT_S, env=None):
    """A program, its output shown as it comes; whether it exited 0. At its limit all that it started ends, too: a compiler that is left alone
    would go on beside whatever is started next, in the same folder."""
    print("$", *argv, flush=True)
    environment = {**os.environ, **(env or {})}
    with subprocess.Popen([str(word) for word in argv], cwd=ROOT, env=environment, start_new_session=True) as process:
        try:
            return process.wait(limit_s) == 0
        except subprocess.TimeoutExpired:
            print(f"no end within {limit_s} s", flush=True)
            return False
        finally:
            if process.poll() is None:
                end_session(process)


def end_session(process):
    """Of a process that was started with a session of its own: asked first, since pytest ends what its tests have started; an
    emulated board, which has a session of its own, was still on after 10 s."""
    for number, limit_s in ((signal.SIGINT, 60), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, number)
            process.wait(limit_s)


def check(tally):
    step(tally, "format", run("ci/check"), ["ci/check"])


def build(tally):
    # All are named: the quickstart may have configured this folder with others.
    flags = ["-DBUILD_TESTING=OFF", "-DLOOPGATE_INSPECT_ON_HOST=ON", "-DLOOPGATE_INSPECT_TESTS=ON", "-DLOOPGATE_TARGET_AMD64=ON",
             "-DLOOPGATE_TARGET_PLANTED=ON", "-DLOOPGATE_GO=ON", "-DCMAKE_UNITY_BUILD=ON", "-DCMAKE_COMPILE_WARNING_AS_ERROR=ON"]
    argv = ["ci/build", "build", *flags]
    if not step(tally, "build", run(*argv), argv):
        raise SystemExit(finish(tally, {}))
    # Four minutes of one core for a board of which little is its own.
    of_32_bits = ["target-armhf"] if os.environ.get("LOOPGATE_LONG_TESTS") == "1" else []
    argv = ["cmake", "--build", "build", "--target", "loopgate_main_loop_turner", "loopgate_failing_call", *of_32_bits]
    step(tally, "build of what only tests load", run(*argv), argv)


def ctest(tally, folder, what):
    results = folder / "ctest.xml"
    results.unlink(missing_ok=True)
    argv = ["ctest", "--test-dir", inside(folder), "--output-on-failure", "--timeout", "120", "-j", CORES]
    good = run(*argv, "--output-junit", results)
    before = tally.failed
    count_junit(results, tally, what, lambda case: repeat_ctest(folder, case.get("name")), argv)
    if not good and tally.failed == before:  # a test program that was not built counts as "not run"
        tally.failure(what, argv)


def test_programs(tally, folder, what):
    """Each test program of a folder's once, by CTest; GoogleTest writes what became of its tests. A process for each of 1,700 tests took
    minutes more under the sanitizers."""
    results, of_each = folder / "ctest.xml", folder / "results"
    results.unlink(missing_ok=True)
    shutil.rmtree(of_each, ignore_errors=True)
    # One more than cores: the board's program mostly waits for its sshd.
    argv = ["ctest", "--test-dir", inside(folder), "--output-on-failure", "--timeout", "1500", "-j", CORES + 1]
    run(*argv, "--output-junit", results, limit_s=3000, env={"GTEST_OUTPUT": f"xml:{of_each}/"})
    programs = cases_in(results)
    if not programs:
        tally.failure(f"{what}: ran no test", argv)
    for program in programs:
        judge_test_program(tally, folder, program, of_each / f"{program.get('name')}_test.xml")


def unit(tally):
    """Under the address and undefined-behaviour sanitizers: whatever they find fails the test in which it happened. By clang, so that the
    fuzzers are of the same build."""
    flags = ["-DBUILD_TESTING=ON", "-DLOOPGATE_TARGET=OFF", "-DLOOPGATE_FUZZ=BRIEF", "-DCMAKE_CXX_COMPILER=clang++-19", "-DCMAKE_BUILD_TYPE=Debug",
             "-DCMAKE_CXX_FLAGS_DEBUG=-O0", "-DLOOPGATE_SANITIZE=address,undefined", "-DCMAKE_UNITY_BUILD=ON"]
    cache = SANITIZED / "CMakeCache.txt"
    if cache.exists() and "clang++-19" not in cache.read_text(encoding="utf-8"):
        shutil.rmtree(SANITIZED)  # of another compiler: CMake would forget the options given with the new one
    argv = ["ci/build", inside(SANITIZED), *flags]
    if step(tally, "build with sanitizers", run(*argv), argv):
        test_programs(tally, SANITIZED, "unit tests")


def gcc(tally):
    """Debian's GCC compiles everything, tests too, file by file, and warns of nothing. Minutes, so for long tests alone."""
    if os.environ.get("LOOPGATE_LONG_TESTS") != "1":
        tally.add(0, 0, 1)
        tally.note("skipped: build with GCC: takes minutes: set LOOPGATE_LONG_TESTS=1")
        return
    argv = ["ci/build", "build/gcc", "-DBUILD_TESTING=ON", "-DLOOPGATE_TARGET=OFF", "-DCMAKE_CXX_COMPILER=g++"]
    step(tally, "build with GCC", run(*argv), argv)


def inspect(tally):
    """The inspection application's own, on the host's architecture, with Debian 13's libraries."""
    ctest(tally, BUILD / "reference-app", "inspection application")


def fuzz(tally):
    """A short run of each fuzzer that `unit` built, a core each: enough to find what a change broke; longer ones are for a night (ci/fuzz)."""
    names, runs = fuzzing.fuzzers(), fuzzing.own_run()
    with concurrent.futures.ThreadPoolExecutor(CORES) as pool:
        for name, (good, told) in zip(names, pool.map(lambda name: fuzzing.fuzz(name, FUZZ_SECONDS, runs), names)):
            print(told, flush=True)
            step(tally, f"fuzzer {name}", good, repeat_fuzzer(name))


def repeat_fuzzer(name):
    """With the input that it failed on; without one, it did not come as far as that."""
    return [inside(fuzzing.program_of(name)), *map(inside, fuzzing.artefacts_of(name)[:1])]


def pytest_command(name, *arguments):
    results = BUILD / f"pytest-{name}.xml"
    results.unlink(missing_ok=True)
    return [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", f"--junitxml={results}", *arguments], results


def pytest(tally, name, *arguments):
    argv, results = pytest_command(name, *arguments)
    judge_pytest(tally, name, run(*argv, env=NO_BYTECODE), argv, results)


def judge_pytest(tally, name, good, argv, results):
    before = tally.failed
    count_junit(results, tally, name, repeat_pytest, argv)
    if not good and tally.failed == before:
        tally.failure(f"pytest {name}", argv)


def smoke(tally):
    """What is shipped and run nowhere else, a little of each; what this machine cannot run is skipped, with the reason."""
    for what, argv, limit_s, missing in smoke_runs.runs(ROOT):
        if missing:
            tally.add(0, 0, 1)
            tally.note(f"skipped: {what}: {missing}")
        else:
            step(tally, what, run(*argv, limit_s=limit_s, env=NO_BYTECODE), argv)


def python(tally):
    pytest(tally, "fixtures", "fixtures/tests")
    pytest(tally, "reports", "reports/tests")
    pytest(tally, "model", "reference-app/model/tests")


class QemuTests:
    """The tests on real kernels, beside the other stages: virtual time does not mind company. A file's tests stay in one process: they share
    what was measured for all of them."""

    def __init__(self):
        self.argv, self.results = pytest_command("virtual-bench", "--durations=15", "-n", str(CORES), "--dist", "loadscope", "harness/testing")
        self.log = BUILD / "pytest-virtual-bench.log"
        print("$", *self.argv, f"> {self.log} &", flush=True)
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([str(word) for word in self.argv], cwd=ROOT, env={**os.environ, **NO_BYTECODE}, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True)

    def stop(self):
        """Ends what still runs of them: left alone they would go on for a quarter of an hour, beside whatever is started next."""
        if self.process.poll() is None:
            end_session(self.process)

    def finish(self, tally):
        try:
            good = self.process.wait(QEMU_LIMIT_S) == 0
        except subprocess.TimeoutExpired:
            good = False
        self.stop()
        print(self.log.read_text(encoding="utf-8"), flush=True)
        judge_pytest(tally, "virtual bench", good, self.argv, self.results)


STAGES = {"build": build, "qemu": None, "inspect": inspect, "python": python, "check": check, "smoke": smoke, "unit": unit, "fuzz": fuzz, "gcc": gcc}


def finish(tally, seconds):
    # What failed stands last: of a long log the end is what people see.
    print("\n" + "\n".join(sorted(tally.notes, key=lambda note: note.startswith("failed: "))))
    print("\n" + "\n".join(f"{name:<24} {spent:7.0f} s" for name, spent in seconds.items()))
    print(f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped")
    return 0 if tally.failed == 0 and tally.passed > 0 else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=STAGES, help="these stages alone")
    options = parser.parse_args()
    for ending in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) != signal.SIG_IGN:  # as under nohup
            signal.signal(ending, lambda number, frame: sys.exit(128 + number))
    qemu_tests = []
    try:
        return run_stages(options.only or STAGES, qemu_tests)
    finally:
        for tests in qemu_tests:
            tests.stop()


def run_stages(wanted, qemu_tests):
    """The exit status. Puts what it starts beside the stages into `qemu_tests`, for a caller that ends early."""
    tally, seconds = Tally(), {}
    began = time.monotonic()
    for name, stage in STAGES.items():
        if name not in wanted:
            continue
        at = time.monotonic()
        print(f"\n== {name} (at {at - began:.0f} s)", flush=True)
        if name == "qemu":
            qemu_tests.append(QemuTests())
            beside_began = at
        else:
            stage(tally)
            seconds[name] = time.monotonic() - at
    for tests in qemu_tests:
        at = time.monotonic()
        print(f"\n== qemu, started above (at {at - began:.0f} s)", flush=True)
        tests.finish(tally)
        seconds["qemu, beside the others"] = time.monotonic() - beside_began
        seconds["waiting for qemu alone"] = time.monotonic() - at
    seconds["all"] = time.monotonic() - began
    return finish(tally, seconds)


if __name__ == "__main__":
    run_script(main)
