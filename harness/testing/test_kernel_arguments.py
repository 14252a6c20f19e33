"""What a kernel's file asks for by its arguments, and what became of it on the running kernel."""

import pytest

from conftest import INVALID, PASS

GENERIC = "fixtures/kernels/generic.toml"


def kernel_with(toml_file, arguments, more=""):
    title = 'title = "Debian 13, generic"'
    return toml_file("asked.toml", based_on=GENERIC, replace=[(title, f'{title}\narguments = "{arguments}"\n{more}')])


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


def test_one_that_is_in_effect_says_what_shows_it(measure, toml_file):
    run = measured(measure, kernel_with(toml_file, "threadirqs printk.time=1"))
    assert run.status == PASS, run.errors
    assert row(run, "threadirqs")["became"] == "in effect" and "irq thread" in row(run, "threadirqs")["why"]
    assert row(run, "printk.time=1")["became"] == "in effect"
