"""loopgate bisect on a real kernel in QEMU: what is planted in its command line is found, and nothing else is believed."""

import json

import pytest
from bench import long
from conftest import FAIL, PASS, USAGE

SOURCE = '[source]\npackage = "linux-image-{architecture}"\n'
GOOD = 'title = "good"\narguments = "quiet"\n' + SOURCE
# Events that are printed cost microseconds each, on the way to the answer; events alone little, and printing without events nothing.
EVENTS = "trace_event=sched:sched_wakeup,sched:sched_switch,irq:irq_handler_entry"
POLICY = 'title = "t"\nsuite = "irq-to-gpio"\ntime_base = "virtual"\n[[baseline]]\nkernel = "*"\nload = "*"\nquantity = "p50"\nmax_ratio = '
SMALL = ["--load", "idle", "--samples", 200, "--repeat", 4, "--jobs", 2]


def kernel(arguments, more=""):
    return f'title = "bad"\narguments = "{arguments}"\n' + SOURCE + more


@pytest.fixture
def bisect(loopgate, toml_file, tmp_path):
    def call(*more, good=GOOD, limit=3.0, out="b"):
        return loopgate("bisect", "irq-to-gpio", "--good", toml_file("good.toml", good), *SMALL, "--policy", toml_file("p.toml", f"{POLICY}{limit}\n"), "--out", tmp_path / out, *more)

    return call


@long  # test_bisect_source.py finds a pair by the same search
def test_a_pair_that_only_acts_together_is_found_and_gone_on_with(bisect, toml_file, tmp_path):
    bad = toml_file("bad.toml", kernel(f"quiet {EVENTS} tp_printk", '[[tuning.file]]\npath = "/proc/sys/vm/swappiness"\nvalue = "20"\n'))
    done = bisect("--bad", bad)
    assert done.returncode == PASS, done.stderr
    record = json.loads((tmp_path / "b" / "bisect.json").read_text())
    found = [record["changes"][i]["becomes"] for i in record["answer"]["changes"]]
    assert found == [EVENTS, "tp_printk"]
    assert record["answer"]["sure"] and record["answer"]["taken_back"] == "good"
    assert "Without any one of them it is good. And the bad end without them is good." in done.stdout
    steps = {step["name"]: step for step in record["steps"]}
    assert steps["good"]["result"] == "good" and 0.99 < steps["good"]["seen"] < 1.01
    assert steps["bad"]["seen"] > 3
    assert len({step["kernel_sha256"] for step in steps.values()}) == len(steps), "no kernel is measured twice"
    assert (tmp_path / "b" / "report" / "bisect.svg").exists()

    again = bisect("--bad", bad)
    assert again.returncode == PASS and again.stdout == done.stdout
    assert "0 of 4 cells done" not in again.stderr, "all is known"
    other = bisect("--bad", bad, limit=2.0)
    assert other.returncode == USAGE and "holds another bisection" in other.stderr


@long
def test_ends_that_are_not_what_they_are_said_to_be_are_refused(bisect, toml_file, tmp_path):
    done = bisect("--bad", toml_file("same.toml", GOOD))
    assert done.returncode == USAGE and "differ in nothing that can be searched" in done.stderr
    done = bisect("--bad", toml_file("bad.toml", kernel("quiet audit=0")))
    assert done.returncode == USAGE and "the bad end is good: p50 is " in done.stderr
    done = bisect("--bad", toml_file("bad.toml", kernel("quiet no_such_argument=1")), out="c")
    assert done.returncode == USAGE and "the bad end is not measured" in done.stderr and "no_such_argument" in done.stderr
    assert not (tmp_path / "b" / "report").exists()


def test_a_step_exits_as_git_bisect_run_takes_it(bisect, toml_file):
    def step(arguments):
        return bisect("--step", toml_file("this.toml", kernel(arguments)))

    assert step("quiet audit=0").returncode == PASS
    assert step(f"quiet {EVENTS} tp_printk").returncode == FAIL
    done = step("quiet no_such_argument=1")
    assert done.returncode == 125 and "no_such_argument" in done.stdout


def test_no_mistake_is_a_judgement_of_a_step(loopgate, bisect, tmp_path):
    """git takes 1 to 124 for bad, and would blame a commit for a misspelt option."""
    for done in (bisect("--step", tmp_path / "nowhere.toml"), bisect("--step", "generic", "--sample", 3), bisect("--step", "generic", "--out")):
        assert done.returncode == 128 + USAGE, done.stderr
    assert loopgate("bisect", "irq-to-gpio", "--good", "generic", "--out", tmp_path / "x").returncode == USAGE
