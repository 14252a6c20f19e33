"""What the files of a cell ask for, a kernel's arguments before all, and what became of it on the running kernel."""

import json

import pytest
from bench import long
from conftest import INVALID, PASS, POLICY

GENERIC = "fixtures/kernels/generic.toml"


def kernel_with(toml_file, arguments, more="", name="asked"):
    title = 'title = "Debian 13, generic"'
    return toml_file(f"{name}.toml", based_on=GENERIC, replace=[(title, f'{title}\narguments = "{arguments}"\n{more}')])


def measured(measure, kernel):
    return measure(kernel=kernel, load="idle", samples=20)


def row(run, argument, cell="asked.idle"):
    return next(each for each in run.evidence(cell)["asked_for"] if each["asked"] == argument)


@pytest.mark.parametrize(
    ("arguments", "idle", "became", "why"),
    [
        ("preempt=full", "preempt=full", "unknown", "does not know it"),
        pytest.param("skew_tick=1 threadirq", "threadirq", "unknown", "does not know it", marks=long),
        ("isolcpus=7", "isolcpus=7", "unknown", "or not this value"),  # this machine has one CPU
        pytest.param("nohz_full=7", "nohz_full=7", "unknown", "or not this value", marks=long),
    ],
)
def test_an_argument_that_does_nothing_makes_the_cell_invalid_by_name(measure, toml_file, arguments, idle, became, why):
    run = measured(measure, kernel_with(toml_file, arguments))
    assert run.status == INVALID, run.errors
    outcome = run.outcome("asked.idle")
    assert outcome["outcome"] == "invalid"
    assert f"the kernel argument {idle} did nothing: " in outcome["reason"] and why in outcome["reason"]
    assert row(run, idle)["became"] == became
    if idle != arguments:
        assert row(run, arguments.split()[0])["became"] == "known"


def test_one_that_is_allowed_is_measured_and_noted(measure, toml_file):
    run = measured(measure, kernel_with(toml_file, "preempt=full", 'unknown_arguments = "allowed"'))
    assert run.status == PASS, run.errors
    assert row(run, "preempt=full")["became"] == "unknown"


PREEMPTION = ("none", "full")
SAME = "kernels none and full are the same: equal image, arguments in effect and tuning; "


def preemption_models(toml_file, more=""):
    """Debian's arm64 kernel has no PREEMPT_DYNAMIC: names for one kernel."""
    return [kernel_with(toml_file, f"preempt={model}", more, model) for model in PREEMPTION]


@long  # two more of what the first test has
def test_preemption_models_that_the_kernel_does_not_know_are_invalid_by_name(measure, toml_file):
    run = measure(kernel=preemption_models(toml_file), load="idle", samples=20, jobs=2)
    assert run.status == INVALID, run.errors
    for model in PREEMPTION:
        assert f"the kernel argument preempt={model} did nothing: " in run.outcome(f"{model}.idle")["reason"]


def test_and_where_they_are_allowed_they_are_told_to_be_the_same_kernel(measure, loopgate, toml_file):
    run = measure(kernel=preemption_models(toml_file, 'unknown_arguments = "allowed"'), load="idle", samples=20, jobs=2)
    assert run.status == PASS, run.errors
    assert SAME in run.output and "are the same" not in run.errors, "before the boot it is not known"
    groups = json.loads((run.path / "comparison.json").read_text())["groups"]
    for group in groups:
        assert group["same_kernel_as"] == [model for model in PREEMPTION if model != group["kernel"]]
    policy = toml_file("policy.toml", POLICY.replace('"generic"', '"*"') + "max_us = 100000\n")
    gated = loopgate("gate", run.path, "--policy", policy)
    assert SAME in gated.stdout and SAME in (run.path / "verdict.md").read_text()


def test_two_files_that_ask_for_the_same_are_told_before_the_boot(loopgate, toml_file):
    kernels = [kernel_with(toml_file, "threadirqs", name=name) for name in ("one", "other")]
    planned = loopgate("plan", "irq-to-gpio", "--load", "idle", "--kernel", kernels[0], "--kernel", kernels[1])
    assert planned.returncode == PASS, planned.stderr
    assert "kernels one and other are the same: equal image, arguments in effect and tuning; " in planned.stdout


def test_one_that_is_in_effect_says_what_shows_it(measure, toml_file):
    run = measured(measure, kernel_with(toml_file, "threadirqs printk.time=1"))
    assert run.status == PASS, run.errors
    assert row(run, "threadirqs")["became"] == "in effect" and "irq thread" in row(run, "threadirqs")["read_back"]
    assert row(run, "printk.time=1")["became"] == "in effect"


def test_a_value_that_the_kernel_refuses_in_its_log_alone_makes_the_cell_invalid(measure, toml_file):
    """It is no unknown argument: Linux takes `mitigations=` and passes over a value that it does not know."""
    run = measured(measure, kernel_with(toml_file, "mitigations=of"))
    assert run.status == INVALID, run.errors
    assert "the kernel argument mitigations=of did nothing: the kernel's log has" in run.outcome("asked.idle")["reason"]


def test_what_nothing_proves_is_said_once_for_each_kernel(measure, loopgate, toml_file):
    """A misspelt parameter of a module that is there is never printed as unknown."""
    run = measure(kernel=kernel_with(toml_file, "rcupdate.rcu_expeditd=1 printk.time=1"), load=["idle", "irq-storm"], samples=20)
    assert run.status == PASS, run.errors
    said = "kernel asked: not confirmed: rcupdate.rcu_expeditd=1: the kernel does not say whether it knows it"
    assert run.output.count(said) == 1 and "printk" not in run.output
    assert [each["argument"] for each in run.outcome("asked.idle")["unconfirmed_arguments"]] == ["rcupdate.rcu_expeditd=1"]
    policy = toml_file("policy.toml", POLICY.replace('"generic"', '"*"') + "max_us = 100000\n")
    gated = loopgate("gate", run.path, "--policy", policy)
    assert gated.returncode == PASS and gated.stdout.count(said) == 1, gated.stdout
    assert any(remark.startswith(said) for remark in json.loads((run.path / "verdict.json").read_text())["remarks"])
    assert "not confirmed: rcupdate" in (run.path / "verdict.md").read_text().replace("\\_", "_")


RULES = """
[[tuning.thread]]
name = "irq/*-stimulus"
policy = "fifo"
priority = 85

[[tuning.thread]]
name = "no-such-thread/*"
policy = "fifo"
priority = 40
required = false
"""
ONE_STRESSOR = """title = "one stressor"
[[part]]
name = "one"
stress_ng = ["--cpu", "1", "--cpu-method", "int64"]
min_processes = 2
min_per_second = { cpu = 1 }
"""


def test_each_file_of_a_cell_has_its_rows(measure, loopgate, toml_file):
    run = measure(kernel=toml_file("asked.toml", RULES, based_on=GENERIC), load=toml_file("one.toml", ONE_STRESSOR), samples=40)
    assert run.status == PASS, run.errors
    rows = {each["asked"]: (each["by"], each["became"], each["read_back"]) for each in run.evidence("asked.one")["asked_for"]}
    assert rows["threads irq/*-stimulus: fifo 85"][:2] == ("kernel", "in effect")
    assert rows["threads no-such-thread/*: fifo 40"] == ("kernel", "not in effect", "no such thread, and none is required")
    assert rows["one: --cpu 1"] == ("load", "in effect", "1 passed")
    assert rows["one: --cpu-method int64"] == ("load", "not told", "")
    assert rows["--priority 80"] == ("suite", "in effect", "80")
    assert rows["real-time priority and locked memory"][1] == "in effect"
    assert rows["8 self-checks of known delays"] == ("suite", "in effect", "all passed")
    assert rows["1 online"] == ("board", "in effect", "1")
    assert [what for what, (_, became, _) in rows.items() if became == "unknown"] == []

    explained = loopgate("explain", run.path, "--cell", "asked.one")
    assert explained.returncode == PASS, explained.stderr
    told = explained.stdout[explained.stdout.index("asked.one, asked for and what became of it") :]
    assert "not in effect: the kernel's tuning threads no-such-thread/*: fifo 40: no such thread" in told
    assert told.index("\n  not in effect: ") < told.index("\n  not told: ") < told.index("\n  in effect: ")
    document = json.loads((run.cell("asked.one") / "explain.json").read_text())
    assert document["asked_for"][0]["became"] == "not in effect"
    assert len(document["asked_for"]) == len(run.evidence("asked.one")["asked_for"])
