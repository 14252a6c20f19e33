"""bounds.json: a measurement that is known in bounds, of one kernel under one load. The report draws it and computes nothing."""
from dataclasses import dataclass
from pathlib import Path

from loopgate_report import units
from loopgate_report.fields import Fields, read_json
from loopgate_report.problem import BadRun
from loopgate_report.verdict import Verdict, read_verdict

QUANTITIES = ["min", "p50", "p90", "p99", "p99_9", "p99_99", "max"]
_AGAIN = "run `loopgate stats` on this folder again"


@dataclass
class Bounds:
    info: Fields
    ranges: dict  # quantity -> (least_ns, most_ns or None), or None where so few latencies do not resolve it; empty: nothing was measured
    bins: list  # (lower_ns, upper_ns, count)
    beyond: tuple | None  # (lower_ns, upper_ns or None, count): the last bin, which is open
    verdict: Verdict | None
    time_base: str

    @property
    def kernel(self):
        return self.info.get("kernel", str)

    @property
    def load(self):
        return self.info.get("load", str)

    @property
    def measured_by(self):
        return self.info.get("measured_by", str)

    @property
    def self_measured(self):
        return self.info.get("self_measured", bool)

    @property
    def count(self):
        return self.info.get("count", int)

    @property
    def emulator(self):
        return False

    @property
    def unit(self):
        middle = self.ranges.get("p50") or self.ranges.get("min")
        return units.unit_for(middle[0] if middle else 0)


def holds_bounds(folder: Path):
    return not (folder / "run.json").exists() and any(
        (folder / name).exists() for name in ("bounds.json", "imported.json", "latmon.json")
    )


def read_bounds(folder: Path) -> Bounds:
    path = folder / "bounds.json"
    if not path.is_file():
        raise BadRun(f"{path}: there is no such file: run `loopgate stats` on this folder first")
    info = read_json(path, str(path))
    time_base = info.get("time_base", str)
    if time_base not in ("virtual", "wall"):
        info.refuse(f'the time base "{time_base}" is neither virtual nor wall')
    if info.get("unit", str) != "ns":
        info.refuse("its unit is not ns")
    bounds = Bounds(info, _ranges(info), _bins(info), _beyond(info), read_verdict(folder, time_base), time_base)
    _check(bounds, folder)
    return bounds


def _ranges(info):
    fields = info.child("latency_bounds_ns", optional=True)
    if fields is None:
        return {}
    ranges = {}
    for key in QUANTITIES:
        pair = fields.nullable(key, list)
        if pair is None and key in ("min", "max"):
            fields.refuse(f'"{key}" must be known, at the least from below')
        ranges[key] = None if pair is None else _range(fields, key, pair)
    return ranges


def _range(fields, key, pair):
    whole = len(pair) == 2 and isinstance(pair[0], int) and (pair[1] is None or isinstance(pair[1], int))
    if not whole or (pair[1] is not None and pair[1] < pair[0]):
        fields.refuse(f'"{key}" must be the least and the most that it can be')
    return pair[0], pair[1]


def _bins(info):
    histogram = info.child("histogram")
    columns = [histogram.integers(key) for key in ("lower_ns", "upper_ns", "count")]
    if len({len(column) for column in columns}) != 1:
        histogram.refuse("its lists are not equally long")
    bins = list(zip(*columns))
    if any(lower >= upper or amount <= 0 for lower, upper, amount in bins):
        histogram.refuse("has an empty bin")
    if any(before[1] > after[0] for before, after in zip(bins, bins[1:])):
        histogram.refuse("its bins overlap or are out of order")
    return bins


def _beyond(info):
    beyond = info.child("histogram").child("beyond", optional=True)
    if beyond is None:
        return None
    return beyond.get("lower_ns", int), beyond.nullable("upper_ns", int), beyond.get("count", int)


def _check(bounds, folder):
    """A verdict of something else must not be shown beside the figures. Missing is never PASS."""
    verdict = bounds.verdict
    if verdict is None:
        return
    judged = verdict.groups.get((bounds.kernel, bounds.load))
    if judged is None or (judged == "PASS" and (not bounds.ranges or bounds.info.children("invalid"))):
        raise BadRun(
            f"{folder / 'verdict.json'}: does not fit what was measured: run `loopgate gate` on this folder again"
        )
