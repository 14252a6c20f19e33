"""The responder in Go on a real kernel: what its collector does at the pin, beside the C++ responder in the same run."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

from bench import long
from conftest import BUILD, FAIL, INCONCLUSIVE, INVALID, PASS, ROOT, Run

PROGRAMS = BUILD / "target" / "programs.cpio"
KERNELS = ["preempt-rt+cpp", "preempt-rt+go", "preempt-rt+alloc", "preempt-rt+alloc-off"]
SAMPLES = 700  # at 16 KiB each the heap of 8 MiB has doubled after 512, and the collector begins


def has_go():
    return PROGRAMS.exists() and b"bin/responder_go\0" in PROGRAMS.read_bytes()


needs_go = pytest.mark.skipif(not has_go(), reason="the target's programs were built without Go: configure with -DLOOPGATE_GO=ON")


@pytest.fixture(scope="module")
def whole(loopgate, tmp_path_factory):
    """One replicate each without a load, so that what is late is the program's own doing; each run twice."""
    path = tmp_path_factory.mktemp("go") / "run"
    kernels = [word for name in KERNELS for word in ("--kernel", name)]
    done = loopgate("run", "responder-go", *kernels, "--load", "idle", "--samples", SAMPLES, "--repeat", 1, "--jobs", 2, "--verify-determinism", "--out", path)
    return Run(path, done.returncode, done.stderr, done.stdout)


def said(run, kernel):
    return run.evidence(f"{kernel}.idle")["payload"]


@needs_go
def test_each_contender_answers_and_repeats_to_the_nanosecond(whole):
    assert whole.status == PASS, whole.errors
    for kernel in KERNELS:
        outcome = whole.outcome(f"{kernel}.idle")
        assert outcome["verified_determinism"], "garbage collection included"
        assert said(whole, kernel)["events"] == said(whole, kernel)["responses"] > 0
        assert said(whole, kernel)["priority_read_back"] == 80
    described = {each["name"]: each for each in json.loads((whole.path / "run.json").read_text())["kernels"]}
    assert described["preempt-rt+alloc"]["contender"]["command"][0] == "/bin/responder_go"
    assert described["preempt-rt+cpp"]["contender"]["command"][0] == "/bin/responder"


@needs_go
def test_the_collector_is_seen_at_the_pin_and_nowhere_else(whole):
    worst = {kernel: whole.latencies(f"{kernel}.idle").max() for kernel in KERNELS}
    assert said(whole, "preempt-rt+alloc")["collections"] > 0
    assert said(whole, "preempt-rt+go")["collections"] == said(whole, "preempt-rt+alloc-off")["collections"] == 0
    assert worst["preempt-rt+go"] < 2 * worst["preempt-rt+cpp"], "without allocation Go is no slower by much"
    # By its own account the world stood still for less than a tenth of that.
    assert worst["preempt-rt+alloc"] > 10 * said(whole, "preempt-rt+alloc")["longest_pause_ns"] > 0
    # The heap grows in both by as much: what is left is the collector's.
    p99 = {kernel: sorted(whole.latencies(f"{kernel}.idle"))[-20] for kernel in KERNELS}
    assert p99["preempt-rt+alloc"] > 2 * p99["preempt-rt+alloc-off"]


@long  # two minutes
@needs_go
def test_explain_names_the_runtimes_functions(loopgate, whole, tmp_path):
    file = tmp_path / "explained.json"
    done = loopgate("explain", whole.path, "--kernel", "preempt-rt+alloc", "--json", file)
    assert done.returncode == PASS, done.stderr
    assert "runtime." in done.stdout
    explained = json.loads(file.read_text())["explained"][0]
    assert any(f"runtime.{name}" in explained["why"] for name in ("scanobject", "gcDrain", "greyobject", "findObject", "gcAssistAlloc")), explained["why"]


@pytest.mark.skipif(shutil.which("go") is None, reason="there is no Go compiler: install golang-go")
def test_its_own_unit_tests_pass():
    kept = pathlib.Path(os.environ.get("LOOPGATE_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "loopgate")
    settings = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOWORK": "off", "GOCACHE": str(kept.resolve() / "go")}
    done = subprocess.run(["go", "test", "-count=1", "."], cwd=ROOT / "suites/responder-go", env=os.environ | settings, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no test files" not in done.stdout


@needs_go
def test_a_policy_judges_each_pair_of_kernel_and_contender(loopgate, whole, tmp_path):
    policy = tmp_path / "p.toml"
    policy.write_text(
        'title = "t"\nsuite = "responder-go"\ntime_base = "virtual"\nmin_stimuli = 1\nbaseline_required = false\n'
        '[[budget]]\nkernel = "*"\nload = "idle"\nmax_us = 1000\nlate = 0\n'
    )
    done = loopgate("gate", whole.path, "--policy", policy)
    assert done.returncode == FAIL, done.stderr
    verdicts = {group["kernel"]: group["verdict"] for group in json.loads((whole.path / "verdict.json").read_text())["groups"]}
    assert verdicts["preempt-rt+cpp"] == verdicts["preempt-rt+go"] == "PASS"
    assert verdicts["preempt-rt+alloc"] == "FAIL"


@needs_go
def test_two_contenders_of_a_kernel_are_two_inputs(loopgate, whole, tmp_path):
    """Their commands differ: other samples are no bench that did not repeat. One replicate each decides no ratio."""
    policy = tmp_path / "p.toml"
    policy.write_text(
        'title = "t"\nsuite = "responder-go"\ntime_base = "virtual"\nmin_stimuli = 1\nbaseline_required = false\n'
        '[[compare]]\nkernel = "preempt-rt+go"\nload = "idle"\nagainst = "preempt-rt+cpp"\nquantity = "p50"\nmax_ratio = 3.0\n'
    )
    done = loopgate("gate", whole.path, "--policy", policy)
    assert done.returncode == INCONCLUSIVE, done.stdout
    assert "1 replicate against 1" in done.stdout and "identical" not in done.stdout


def test_without_go_one_sentence_says_what_to_do(loopgate, tmp_path):
    """Whatever this build has: the archive is one without."""
    target = tmp_path / "target"
    target.mkdir()
    subprocess.run([ROOT / "fixtures/rootfs/pack", "--out", target / "programs.cpio", f"{BUILD}/target/agent=/init"], check=True, cwd=tmp_path)
    for plugin in BUILD.glob("*.so"):
        (tmp_path / plugin.name).symlink_to(plugin.resolve())
    done = loopgate("run", "responder-go", "--kernel", "preempt-rt+go", "--out", tmp_path / "run", env=os.environ | {"LOOPGATE_BUILD": str(tmp_path)})
    assert done.returncode == INVALID, done.stderr
    assert "the target's programs were built without /bin/responder_go, which is written in Go" in done.stderr
    assert "install Debian's package golang-go, configure the build with -DLOOPGATE_GO=ON, and build again" in done.stderr
    assert not (tmp_path / "run" / "cells").exists()
