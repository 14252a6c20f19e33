"""loopgate cost on a real kernel in QEMU: what arguments add is told apart, in ns, with the functions that it goes into."""

import json

import pytest
from bench import long
from conftest import FAIL, INCONCLUSIVE, INVALID, PASS, USAGE

SOURCE = '[source]\npackage = "linux-image-{architecture}"\n'
# Events that are printed cost microseconds each, on the way to the answer; events alone less, and printing without events nothing.
EVENTS = "trace_event=sched:sched_wakeup,sched:sched_switch,irq:irq_handler_entry"
SMALL = ["--load", "idle", "--samples", 200, "--repeat", 4, "--jobs", 2]


def kernel(arguments, more=""):
    return f'title = "k"\narguments = "{arguments}"\n' + SOURCE + more


@pytest.fixture
def cost(loopgate, toml_file, tmp_path):
    def call(*more, to, out="c"):
        done = loopgate("cost", "irq-to-gpio", "--from", toml_file("from.toml", kernel("")), "--to", to, *SMALL, "--out", tmp_path / out, *more)
        path = tmp_path / out / "cost.json"
        return done, json.loads(path.read_text()) if path.exists() else None

    return call


@long  # five kernels are booted; test_cost_source.py tells options apart by the same search
def test_what_each_argument_adds_is_told_apart_and_gone_on_with(cost, toml_file, tmp_path):
    swappiness = '[[tuning.file]]\npath = "/proc/sys/vm/swappiness"\nvalue = "20"\n'
    to = toml_file("to.toml", kernel(f"{EVENTS} tp_printk", swappiness))
    begun, record = cost("--kernels", 1, "--without-functions", to=to)
    assert begun.returncode == INCONCLUSIVE and not record["is_finished"], begun.stderr
    assert "as many kernels were measured as --kernels allows" in begun.stdout
    assert "Not finished: call the same command again, with more --kernels." in begun.stdout

    done, record = cost(to=to)
    assert done.returncode == PASS, done.stderr
    assert record["is_finished"] and record["on_virtual_time"]
    rows = {record["changes"][row["changes"][0]]["becomes"].split("=")[0]: row for row in record["rows"] if abs(row["added"]["ns"]) >= record["least_ns"]}
    assert set(rows) == {"trace_event", "tp_printk"}, done.stdout
    for row in rows.values():
        assert len(row["changes"]) == 1 and row["added"]["low_ns"] <= row["added"]["ns"] <= row["added"]["high_ns"]
        assert row["added"]["low_ns"] > 1000
    # Each without the other: printing alone costs nothing, so taking the events out takes nearly all back.
    assert rows["trace_event"]["taken_out"]["ns"] > 5 * rows["trace_event"]["added"]["ns"]
    assert rows["tp_printk"]["taken_out"]["ns"] == pytest.approx(rows["tp_printk"]["added"]["ns"], rel=0.05)
    assert {each["function"] for each in rows["tp_printk"]["functions"]} & {"format_decode", "vsnprintf", "string"}
    assert sum(row["added"]["ns"] for row in record["rows"]) == pytest.approx(record["total"]["ns"])
    assert abs(record["chance"]["ns"]) < 100
    steps = {step["name"]: step for step in record["steps"]}
    assert steps["from"]["image_bytes"] > 10_000_000 and 0 < steps["from"]["boot_s"] < 10
    assert len({step["kernel_sha256"] for step in steps.values()}) == len(steps) - 2, "no kernel is measured twice but the two, on purpose"
    assert (tmp_path / "c" / "report" / "index.html").exists()

    assert record["hidden"]["taken_out"]["ns"] == pytest.approx(0, abs=0.01 * record["total"]["ns"])

    again, _ = cost(to=to)
    assert again.returncode == PASS and again.stdout == done.stdout
    other, _ = cost("--by", "max", to=to)
    assert other.returncode == USAGE and "holds another cost" in other.stderr


@long
def test_an_end_that_can_not_be_measured_is_told(cost, toml_file):
    done, _ = cost(to=toml_file("to.toml", kernel("no_such_argument=1")))
    assert done.returncode == INVALID and "to can't be measured" in done.stderr and "no_such_argument" in done.stderr


@long  # as the one above
def test_an_end_that_panics_is_a_kernel_that_failed(cost, toml_file):
    done, _ = cost(to=toml_file("panics.toml", kernel("init=/nonexistent rdinit=/nonexistent panic=-1")))
    assert done.returncode == FAIL and "panics can't be measured" in done.stderr, done.stderr


def test_what_can_not_be_a_cost_is_refused(cost, toml_file, tmp_path):
    done, record = cost(to=toml_file("same.toml", kernel("")))
    assert done.returncode == USAGE and "differ in nothing that can be told apart" in done.stderr and record is None
    (tmp_path / "i").mkdir()
    (tmp_path / "i" / "run.json").write_text("{}")
    done, _ = cost(to=toml_file("audit.toml", kernel("audit=0")), out="i")
    assert done.returncode == USAGE and "is another command's: run.json is in it" in done.stderr
    done, _ = cost("--by", "late", to="preempt-rt", out="e")
    assert done.returncode == USAGE and "late is no latency that kernels are compared by" in done.stderr
    done, _ = cost("--option", "CONFIG_AUDIT", to=toml_file("audit.toml", kernel("audit=0")), out="f")
    assert done.returncode == USAGE and "--option chooses among the options of a package" in done.stderr
    done, _ = cost("--load", "mixed", to=toml_file("audit.toml", kernel("audit=0")), out="g")
    assert done.returncode == USAGE and "a cost is under one load, not 2" in done.stderr


@long  # seven kernels are booted
def test_what_costs_only_beside_another_is_not_hidden_by_the_order(cost, toml_file):
    """Printing adds nothing where it goes in before the events that are printed."""
    done, record = cost("--without-functions", to=toml_file("to.toml", kernel(f"tp_printk {EVENTS}")))
    assert done.returncode == PASS, done.stderr
    rows = [[record["changes"][i]["becomes"].split("=")[0] for i in row["changes"]] for row in record["rows"] if row["added"]["ns"] >= record["least_ns"]]
    assert ["trace_event"] in rows and not any("tp_printk" in row for row in rows)
    assert record["hidden"]["taken_out"]["low_ns"] > 10_000
    (row,) = [row for row in record["hidden"]["rows"] if row["added"]["low_ns"] > 10_000]
    assert [record["changes"][i]["becomes"] for i in row["changes"]] == ["tp_printk"]
    assert "argument tp_printk: beside all others, " in done.stdout
