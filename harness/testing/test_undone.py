"""What a kernel, a suite or a board asks for is compared with what was in force when measuring was over, too: whatever was undone meanwhile
makes the cell INVALID by name. A payload's neighbour plants each fault on a real kernel."""

import pytest

from conftest import INVALID, RESPONDER, in_shell

CELL = "mine.idle"
KERNEL = """title = "a tuned kernel"
[source]
package = "linux-image-rt-{architecture}"
[[tuning.file]]
path = "/proc/sys/kernel/sched_rt_runtime_us"
value = "-1"
[[tuning.file]]
path = "/proc/sys/vm/swappiness"
value = "10"
[[tuning.thread]]
name = "irq/*-stimulus"
policy = "fifo"
priority = 85
[[tuning.thread]]
name = "irq/*"
policy = "fifo"
priority = 40
required = false
"""
LATER = "sleep 0.3; "  # past the agent's reading back before measuring, and long before its reading back afterwards


@pytest.fixture
def measured(measure, suite_file, toml_file):
    def run(payload):
        done = measure(suite_file("undone", payload=payload), kernel=toml_file("mine.toml", KERNEL), load="idle", samples=400)
        return done, done.outcome(CELL)

    return run


def rows_at_the_end(done):
    return {row["what"]: row for row in done.evidence(CELL)["report"]["tuning_end"]}


def test_what_nobody_undoes_is_measured(measured):
    done, outcome = measured(in_shell("true"))
    assert outcome["outcome"] == "measured", outcome["reason"]
    rows = rows_at_the_end(done)
    assert rows["/proc/sys/kernel/sched_rt_runtime_us"]["read_back"] == "-1"
    assert rows["policy of the payload's thread responder"]["read_back"] == "fifo 80"
    assert any(what.endswith("-stimulus") for what in rows) and all(row["ok"] for row in rows.values())


def test_a_setting_that_something_changed_back(measured):
    done, outcome = measured(in_shell(LATER + "echo 60 > /proc/sys/vm/swappiness"))
    assert (done.status, outcome["outcome"]) == (INVALID, "invalid")
    assert outcome["reason"] == "tuning /proc/sys/vm/swappiness reads back 60 when measuring was over, wanted 10"
    assert rows_at_the_end(done)["/proc/sys/vm/swappiness"]["read_back"] == "60"


def test_an_irq_thread_that_came_while_measuring(measured):
    """It has the kernel's own priority, and a rule of the kernel's file is for it."""
    _, outcome = measured(in_shell(LATER + "exec /bin/storm_sink --chip {chip} --storm {storm}"))
    assert outcome["outcome"] == "invalid"
    assert "-storm (pid " in outcome["reason"] and outcome["reason"].endswith("reads back fifo 50 when measuring was over, wanted fifo 40")


def test_a_payload_without_the_priority_that_its_command_asks_for(measured):
    _, outcome = measured([*RESPONDER[:-2], "--policy", "other", "--priority", "80"])
    assert outcome["outcome"] == "invalid"
    assert outcome["reason"] == "the payload had the real-time priority 0 at its end; its command asks for 80"
