"""What a decision costs beside its latency: CPU time by thread, and the bytes that its stages read and write."""
from dataclasses import dataclass

from loopgate_report import units

COLUMNS = ["a decision", "share of a CPU"]


@dataclass
class Work:
    threads: list  # (name, ns of CPU time a decision, share of a CPU or None)
    stages: list  # (name, bytes a decision)
    shares_cpu: bool


def read_work(group):
    """None where the payload said nothing of it."""
    fields = group.child("work", optional=True)
    if fields is None:
        return None
    threads = [
        (each.get("name", str), _amount(each, "cpu_ns_a_decision"), each.nullable("share_of_a_cpu", float))
        for each in fields.children("threads")
    ]
    stages = [(each.get("name", str), _amount(each, "computed_bytes_a_decision")) for each in fields.children("stages")]
    return Work(threads, stages, fields.get("shares_cpu", bool))


def _amount(fields, key):
    amount = fields.get(key, float)
    if amount < 0:
        fields.refuse(f'"{key}" must not be below 0')
    return amount


def work_rows(groups):
    return [row for group in groups if group.work for row in _rows(group.kernel, group.work)]


def _rows(kernel, work):
    for name, ns, share in work.threads:
        of_cpu = "–" if share is None else f"{100 * share:.3g} %"
        yield {"kernel": kernel, "what": f"CPU time, thread {name}", "texts": [units.us_text(ns), of_cpu]}
    if work.shares_cpu:
        yield {"kernel": kernel, "what": "threads on one CPU", "texts": ["–", "–"]}
    for name, moved in [*work.stages, ("all stages", sum(moved for _, moved in work.stages))]:
        yield {"kernel": kernel, "what": f"memory traffic, {name.replace('_', '-')}", "texts": [f"{moved:,.0f} bytes", "–"]}
