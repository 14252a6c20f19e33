"""What a suite or a kernel asks for is compared with what was in force when measuring was over, too: whatever was undone meanwhile makes the
cell INVALID by name. A payload's neighbour plants each fault on a real kernel."""

import pytest

from conftest import INVALID, RESPONDER, in_shell

CELL = "mine.idle"
KERNEL = """title = "a tuned kernel"
[source]
package = "linux-image-arm64"
[[tuning.file]]
path = "/proc/sys/kernel/sched_rt_runtime_us"
value = "-1"
[[tuning.file]]
path = "/proc/sys/vm/swappiness"
value = "10"
"""
# Past the agent's reading back before measuring, and long before its reading back afterwards.
LATER = "sleep 0.3; "


@pytest.fixture
def undo(measure, suite_file, toml_file):
    def run(script, kernel=KERNEL, payload=None):
        suite = suite_file("undone", payload=payload or in_shell(LATER + script))
        done = measure(suite, kernel=toml_file("mine.toml", kernel), load="idle", samples=400)
        return done, done.outcome(CELL)

    return run


def rows_at_the_end(done):
    return {row["what"]: row for row in done.evidence(CELL)["report"]["tuning_end"]}


def test_nothing_undone_is_measured(undo):
    done, outcome = undo("true")
    assert outcome["outcome"] == "measured", outcome["reason"]
    rows = rows_at_the_end(done)
    assert rows["/proc/sys/kernel/sched_rt_runtime_us"]["read_back"] == "-1"
    assert rows["policy of the payload's thread responder"]["read_back"] == "fifo 80"
    assert all(row["ok"] for row in rows.values())


def test_a_setting_that_something_changed_back(undo):
    done, outcome = undo("echo 60 > /proc/sys/vm/swappiness")
    assert (done.status, outcome["outcome"]) == (INVALID, "invalid")
    assert outcome["reason"] == "tuning /proc/sys/vm/swappiness reads back 60 when measuring was over, wanted 10"
    assert rows_at_the_end(done)["/proc/sys/vm/swappiness"]["read_back"] == "60"


def test_a_payload_without_the_priority_that_its_command_asks_for(undo):
    command = " ".join([*RESPONDER[:-2], "--policy", "other", "--priority", "80"])
    _, outcome = undo("", payload=["/bin/sh", "-c", f"exec {command}"])
    assert outcome["outcome"] == "invalid" and "real-time priority 0 at its end; its command asks for 80" in outcome["reason"]
