"""What the responses of a kernel x load said, and where their time went: comparison.json's own keys for suites
with decisions.
"""
from dataclasses import dataclass

from loopgate_report.explanation import PHASES  # a probe in the kernel has explain's
from loopgate_report.fields import ABSENT

# In the order in which a response passes them.
STAGES = ("scene", "kernel", "capture", "preprocess", "infer", "decide", "output")
# Of a payload's stamps, where the loopback program on the board measured.
PATH = ("to interrupt", "to program", "to pin")
# Of a probe that is the kernel's own tracing.
TRACED = ("before the handler", *PHASES[1:6])
_AGAIN = "run `loopgate stats` on this folder again"


@dataclass
class Decisions:
    wrong: int
    wrong_frame: int
    unjudged: int  # for the right frame, of which nobody knows the truth
    per_second: float | None


@dataclass
class Stage:
    name: str
    mean_ns: float
    p50_ns: int | None  # null where the samples are too few for it
    p99_ns: int | None
    max_ns: int


@dataclass
class Stages:
    count: int
    left_out: int
    stages: list
    median_ns: list  # of the sample whose latency is the median; they add up to it
    worst_ns: list
    traced: tuple | None = None  # (cell, sample, latency in ns): the longest one whose events a trace.dat holds

    @property
    def unresolved(self):
        return any(stage.p50_ns is None or stage.p99_ns is None for stage in self.stages)

    @property
    def names(self):
        return tuple(stage.name for stage in self.stages)


def read_decisions(group, counts, wanted):
    """None where the suite has none, or nothing was measured."""
    fields = _optional(group, "decisions", wanted)
    if fields is None:
        return None
    if fields.get("count", int) != counts["count"]:
        fields.refuse(f'"count" is not the group\'s: {_AGAIN}')
    amounts = {key: fields.get(key, int) for key in ("ok", "ng", "wrong", "wrong_frame")}
    if amounts["ok"] + amounts["ng"] != counts["count"]:
        fields.refuse(f'"ok" and "ng" do not add up to "count": {_AGAIN}')
    amounts["unjudged"] = fields.get("unjudged", int, 0)  # statistics from before it judged all
    for key, amount in amounts.items():
        if not 0 <= amount <= counts["count"]:
            fields.refuse(f'"{key}" must be from 0 to "count"')
    per_second = fields.get("per_second", float, None)
    if per_second is not None and per_second < 0:
        fields.refuse('"per_second" must not be below 0')
    return Decisions(amounts["wrong"], amounts["wrong_frame"], amounts["unjudged"], per_second)


def read_stages(group, counts, figures, wanted):
    """None where the payload left no times, or no answered sample has a record of them."""
    fields = _optional(group, "stages", wanted)
    if fields is None:
        return None
    count, left_out = fields.get("count", int), fields.get("left_out", int)
    if count < 1 or left_out < 0 or count + left_out != counts["count"]:
        fields.refuse(f'"count" and "left_out" do not add up to the group\'s "count": {_AGAIN}')
    stages = [_stage(entry) for entry in fields.children("stages")]
    if tuple(stage.name for stage in stages) not in ((STAGES,) if wanted else (STAGES, PATH, PHASES, TRACED)):
        fields.refuse(f"its stages are not {', '.join(STAGES)}")
    median, worst = (_sample(fields.child(key), len(stages)) for key in ("median", "worst"))
    if not sum(median) <= sum(worst) <= figures["max"]:
        fields.refuse(f'"median" and "worst" do not fit the group\'s "max": {_AGAIN}')
    return Stages(count, left_out, stages, median, worst, _traced(fields.child("probe", optional=True), figures))


def _traced(probe, figures):
    """None where no probe left a trace."""
    traced = probe and probe.child("traced", optional=True)
    if not traced:
        return None
    latency_ns = traced.get("latency_ns", int)
    if not figures["min"] <= latency_ns <= figures["max"]:
        traced.refuse(f'"latency_ns" does not fit the group\'s "min" and "max": {_AGAIN}')
    return traced.get("cell", str), traced.get("sample", int), latency_ns


def _optional(group, key, wanted):
    """Statistics that are older than the key lack it; null is what they say where there is nothing."""
    if wanted and group.values.get(key, ABSENT) is ABSENT:
        group.refuse(f'key "{key}" is missing, and run.json has decisions: {_AGAIN}')
    return group.child(key, optional=True)


def _stage(entry):
    stage = Stage(
        entry.get("name", str),
        entry.get("mean_ns", float),
        *(entry.nullable(key, int) for key in ("p50_ns", "p99_ns")),
        entry.get("max_ns", int),
    )
    figures = [each for each in (0, stage.p50_ns, stage.p99_ns, stage.max_ns) if each is not None]
    if figures != sorted(figures) or not 0 <= stage.mean_ns <= stage.max_ns:
        entry.refuse(f"the figures of {stage.name} are below 0 or out of order")
    return stage


def _sample(fields, stages):
    segments = fields.integers("ns")
    if len(segments) != stages or min(segments) < 0:
        fields.refuse(f'"ns" must be {stages} times, none below 0')
    if sum(segments) != fields.get("latency_ns", int):
        fields.refuse('"ns" does not add up to "latency_ns"')
    return segments
