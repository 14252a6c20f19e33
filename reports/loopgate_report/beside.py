"""A program that measured by itself beside the payload: its figures and the instrument's, as the statistics hold them."""
from dataclasses import dataclass, field

from loopgate_report.fields import Fields


@dataclass
class Beside:
    program: str
    says: str
    stimuli: int
    cycles: int
    share: float  # of the time in which stimuli came
    figures: list  # (name, the pin's ns, the program's (low, high) ns, the difference's)
    bins: list = field(default_factory=list)  # (lower_ns, upper_ns, count), the program's own


def read_beside(entry: Fields):
    """Of a group of comparison.json; None where no program measured beside, or nothing of it can be believed."""
    fields = entry.child("beside", optional=True)
    if fields is None:
        return None
    stimuli_ns, measured_ns = fields.get("stimuli_ns", int), fields.get("measured_ns", int)
    if stimuli_ns <= 0 or not 0 <= measured_ns <= stimuli_ns:
        fields.refuse("it measured for longer than stimuli came")
    return Beside(
        program=fields.get("program", str),
        says=fields.get("says", str),
        stimuli=fields.get("stimuli", int),
        cycles=fields.get("cycles", int),
        share=measured_ns / stimuli_ns,
        figures=[_figure(figure) for figure in fields.children("figures")],
    )


def read_bins(entry: Fields, beside: Beside):
    """Of a group of distribution.json."""
    histogram = entry.child("beside")
    columns = [histogram.integers(key) for key in ("lower_ns", "upper_ns", "count")]
    if len({len(column) for column in columns}) != 1:
        histogram.refuse("its lists are not equally long")
    beside.bins = list(zip(*columns))
    if any(lower >= upper or amount <= 0 for lower, upper, amount in beside.bins):
        histogram.refuse("has an empty bin")
    if sum(columns[2]) != beside.cycles:
        histogram.refuse("holds not as many cycles as comparison.json: run `loopgate stats` on this folder again")


def _figure(fields):
    program, more = (_bounds(fields, key) for key in ("program_ns", "more_by_pin_ns"))
    return fields.get("name", str), fields.get("pin_ns", int), program, more


def _bounds(fields, key):
    """An end that is not known is None."""
    bounds = fields.get(key, list)
    if len(bounds) != 2 or not all(end is None or type(end) is int for end in bounds):
        fields.refuse(f'"{key}" must be two whole numbers')
    return tuple(bounds)
