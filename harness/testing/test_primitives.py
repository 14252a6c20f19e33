"""Primitives: programs of Google Benchmark on the target. All of the suite, on two kernels."""

import json

import pytest

from conftest import FAIL, PASS, ROOT, USAGE

KERNELS = ["generic", "preempt-rt"]
HOG_NS = 20_000_000
POLICY = ROOT / "suites" / "primitives" / "release.toml"


def programs(run, kernel):
    return {one["name"]: one for one in json.loads((run.cell(f"{kernel}.idle") / "programs.json").read_text())["programs"]}


def figure(program, name):
    return next(figure["value"] for figure in program["figures"] if figure["name"] == name)


@pytest.fixture(scope="module")
def whole(loopgate, tmp_path_factory):
    """The suite as it stands, both kernels at a time."""
    from conftest import Run

    path = tmp_path_factory.mktemp("primitives") / "run"
    done = loopgate("run", "primitives", "--jobs", 2, "--out", path)
    return Run(path, done.returncode, done.stderr, done.stdout)


def test_each_runs_on_both_kernels_and_leaves_a_mean_and_a_histogram(whole):
    assert whole.status == PASS, whole.errors
    for kernel in KERNELS:
        seen = programs(whole, kernel)
        assert len(seen) == 28
        for name, one in seen.items():
            assert one["result"] == "pass", f"{name}: {one['reason']}"
            loops = int(one["argv"][one["argv"].index("--iterations") + 1])
            assert figure(one, "iterations") == sum(one["histogram"]["count"]) == loops
            assert figure(one, "mean") > 0
            if name != "nanosleep-other":
                assert figure(one, "instructions") == figure(one, "mean")
            assert one["histogram"]["resolution_ns"] == 16, "of a counter of 62.5 MHz"
            assert not any("{" in word for word in one["argv"]), "the command line that ran"
    assert "caches, TLBs and mitigations are not in them" in whole.output


def test_a_mutex_is_handed_over_below_the_hog_only_with_inheritance(whole):
    for kernel in KERNELS:
        seen = programs(whole, kernel)
        assert seen["pi-mutex-inherit"]["histogram"]["max_ns"] < HOG_NS / 100
        assert seen["pi-mutex-plain"]["histogram"]["min_ns"] >= HOG_NS


def test_preempt_rt_costs_instructions(whole):
    generic, rt = (programs(whole, kernel) for kernel in KERNELS)
    for name in ("null-call", "switch-pipe", "switch-eventfd", "switch-futex", "pi-mutex-inherit"):
        assert figure(rt[name], "instructions") > figure(generic[name], "instructions"), name
    # The C library reads the clock without the kernel. The least of its times: an interrupt may fall into the mean's.
    assert rt["clock-read"]["histogram"]["min_ns"] == pytest.approx(generic["clock-read"]["histogram"]["min_ns"], abs=2)


def test_what_is_asked_for_is_read_back(whole):
    told = {row["asked"]: row["became"] for row in whole.evidence("generic.idle")["asked_for"] if row["by"] == "suite"}
    assert told["nanosleep-deadline: --policy deadline"] == "in effect"
    assert told["wake-higher-pipe: --priority 80"] == "in effect"
    assert told["switch-futex-other: --policy other"] == "in effect"


def test_a_mean_has_no_clock_in_it_and_each_single_time_one(whole):
    clock = programs(whole, "generic")["clock-read"]
    assert figure(clock, "mean") < clock["histogram"]["min_ns"], "one reading, and two"


def test_slack_is_of_ordinary_tasks_alone(whole):
    for kernel in KERNELS:
        seen = programs(whole, kernel)
        for policy in ("fifo", "rr", "deadline"):
            assert figure(seen[f"nanosleep-{policy}"], "mean") < 10_000
        assert 50_000 < figure(seen["nanosleep-other"], "mean") < 80_000
        assert "instructions" not in [each["name"] for each in seen["nanosleep-other"]["figures"]], "most of it is idle"


def test_gate_judges_them_and_can_fail(loopgate, whole, tmp_path):
    done = loopgate("gate", whole.path, "--policy", POLICY)
    assert done.returncode == PASS, done.stdout
    policy = tmp_path / "p.toml"
    policy.write_text(POLICY.read_text().replace("at_least = 20000000", "at_least = 30000000").replace("max_us = 1000 ", "max_us = 1 "))
    done = loopgate("gate", whole.path, "--policy", policy)
    assert done.returncode == FAIL
    assert "FAIL: pi-mutex-inherit: max at most 1 us" in done.stdout
    assert "FAIL: pi-mutex-plain: mean at least 30" in done.stdout and "e+0" not in done.stdout


def test_report_shows_instructions(loopgate, whole):
    assert loopgate("report", whole.path).returncode == 0
    page = (whole.path / "report" / "index.html").read_text(encoding="utf-8")
    assert "Instructions of what a program times of one iteration" in page and "Caches, TLBs and mitigations are not in it" in page
    assert "primitives gpio-get --chip 9030000.pl061 --line 1" in page


def test_repeats_to_the_bit(loopgate, whole, tmp_path):
    path = tmp_path / "again"
    done = loopgate("run", "primitives", "--jobs", 2, "--out", path)
    assert done.returncode == PASS, done.stderr
    for kernel in KERNELS:
        for file in ["programs.json", *(f"programs/{name}.json" for name in programs(whole, kernel))]:
            once, again = (folder / "cells" / f"{kernel}.idle" / file for folder in (whole.path, path))
            assert once.read_bytes() == again.read_bytes(), file


def test_a_tuned_kernel_needs_no_thread_of_a_payload(loopgate, tmp_path):
    """Nobody requests the stimulus line here, whose thread rt-irq-threads puts above the payload's."""
    out = tmp_path / "run"
    done = loopgate("run", "primitives", "--program", "null-call", "--kernel", "rt-irq-threads", "--out", out)
    assert done.returncode == PASS, done.stderr
    rows = {row["asked"]: row for row in json.loads((out / "cells" / "rt-irq-threads.idle" / "evidence.json").read_text())["asked_for"]}
    assert rows["threads irq/*-stimulus: fifo 85"]["read_back"] == "no such thread: it comes with a payload"


def test_an_unknown_primitive_is_invalid_and_a_missing_chip_not_applicable(loopgate, tmp_path):
    suite = tmp_path / "suites" / "own"
    suite.mkdir(parents=True)
    rows = {"nothing": ["no-such-primitive"], "elsewhere": ["gpio-get", "--chip", "no-such-chip", "--line", "1"], "alone": ["switch-pipe"],
            "ordinary": ["pi-mutex-inherit"]}  # fmt: skip
    text = 'title = "t"\nrequires = []\nboard = "qemu-virt-arm64"\nkernels = ["generic"]\nloads = ["idle"]\n'
    for name, arguments in rows.items():
        text += f'[[program]]\nname = "{name}"\nadapter = "google-benchmark"\narguments = {json.dumps(arguments)}\nloops = 5\ntimeout_s = 9\n'
    (suite / "suite.toml").write_text(text)
    done = loopgate("run", suite / "suite.toml", "--out", tmp_path / "run")
    assert done.returncode != USAGE, done.stderr
    seen = {one["name"]: one for one in json.loads((tmp_path / "run/cells/generic.idle/programs.json").read_text())["programs"]}
    assert {name: one["result"] for name, one in seen.items()} == {
        "nothing": "invalid", "elsewhere": "not applicable", "alone": "pass", "ordinary": "invalid"}  # fmt: skip
    assert "there is no primitive no-such-primitive" in seen["nothing"]["reason"]
    assert 'there is no GPIO chip "no-such-chip"' in seen["elsewhere"]["reason"]
    assert "needs --policy fifo or rr" in seen["ordinary"]["reason"]
