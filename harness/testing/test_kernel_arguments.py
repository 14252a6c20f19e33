"""What a kernel's file asks for by its arguments, and what became of it on the running kernel."""

import json

import pytest

from conftest import INVALID, PASS, POLICY

GENERIC = "fixtures/kernels/generic.toml"


def kernel_with(toml_file, arguments, more="", name="asked"):
    title = 'title = "Debian 13, generic"'
    return toml_file(f"{name}.toml", based_on=GENERIC, replace=[(title, f'{title}\narguments = "{arguments}"\n{more}')])


def measured(measure, kernel):
    return measure(kernel=kernel, load="idle", samples=20)


def row(run, argument, cell="asked.idle"):
    return next(each for each in run.evidence(cell)["arguments"] if each["argument"] == argument)


@pytest.mark.parametrize(
    ("arguments", "idle", "became", "why"),
    [
        ("preempt=full", "preempt=full", "unknown", "does not know it"),
        ("skew_tick=1 threadirq", "threadirq", "unknown", "does not know it"),
        ("isolcpus=7", "isolcpus=7", "unknown", "or not this value"),  # this machine has one CPU
        ("nohz_full=7", "nohz_full=7", "unknown", "or not this value"),
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


PREEMPTION = ("none", "voluntary", "full", "lazy")
SAME = "kernels none, voluntary, full and lazy are the same: equal image, arguments in effect and tuning; "


def preemption_models(toml_file, more=""):
    """Debian's arm64 kernel has no PREEMPT_DYNAMIC: four names for one kernel."""
    return [kernel_with(toml_file, f"preempt={model}", more, model) for model in PREEMPTION]


def test_four_preemption_models_that_the_kernel_does_not_know_are_invalid_by_name(measure, toml_file):
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
    assert row(run, "threadirqs")["became"] == "in effect" and "irq thread" in row(run, "threadirqs")["why"]
    assert row(run, "printk.time=1")["became"] == "in effect"
