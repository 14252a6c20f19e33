"""What `loopgate bound` composed of a run's recorded cells: worst-case.json, checked to be of the samples that are there and to add up."""
from dataclasses import dataclass

from loopgate_report import units
from loopgate_report.fields import read_json
from loopgate_report.seal import is_sealed

NOTE = "Dotted, to the right of the samples: the bound, which no sample of the code that ran can exceed (`loopgate bound`)."
HUNTED_NOTE = "Dash-dotted: the largest latency that was hunted and measured."
COLUMNS = ("observed max", "hunted max", "bound", "longest irq off", "longest preempt off")
_NAME = "worst-case.json"


@dataclass
class WorstCase:
    cell: str
    kernel: str
    load: str
    observed_max_ns: int
    hunted_max_ns: int | None
    bound_ns: int
    longest_irq_off_ns: int
    longest_preempt_off_ns: int
    largest: str  # term, in words


def read_worst_cases(folder, cells):
    """Of the cells whose samples are still those that were recorded; none where nothing was composed."""
    path = folder / _NAME
    if not path.is_file():
        return []
    digests = {cell.name: cell.samples_sha256 for cell in cells}
    fields = read_json(path, str(path))
    if not is_sealed(path.read_text(encoding="utf-8")):
        fields.refuse("was altered: run `loopgate bound` on this folder again")
    composed = fields.children("cells")
    return [_cell(entry) for entry in composed if entry.get("samples_sha256", str) == digests.get(entry.get("cell", str))]


def _cell(entry):
    terms = entry.children("terms")
    bound_ns, observed_ns, hunted_ns = entry.get("bound_ns", int), entry.get("observed_max_ns", int), entry.get("hunted_max_ns", int, None)
    if not terms or sum(term.get("ns", int) for term in terms) != bound_ns:
        entry.refuse("its terms do not add up to its bound: run `loopgate bound` on this folder again")
    if max(observed_ns, hunted_ns or 0) > bound_ns:
        entry.refuse("a sample took longer than its bound, which is none: run `loopgate bound` on this folder again")
    largest = max(terms, key=lambda term: term.get("ns", int))
    return WorstCase(entry.get("cell", str), entry.get("kernel", str), entry.get("load", str), observed_ns, hunted_ns, bound_ns,
                     entry.child("longest_irq_off").get("ns", int), entry.child("longest_preempt_off").get("ns", int),
                     f"{largest.get('name', str)}, {units.us_text(largest.get('ns', int))}: {largest.get('from', str)}")  # fmt: skip


def largest_of(worst_cases, kernel, load, key):
    """Of the recorded replicates; None where none has it."""
    values = [getattr(each, key) for each in worst_cases if (each.kernel, each.load) == (kernel, load)]
    return max((value for value in values if value is not None), default=None)


def worst_case_rows(worst_cases):
    """The page's table: a row for each recorded cell."""
    return [
        [each.cell, *(units.us(ns) if ns is not None else "-" for ns in (each.observed_max_ns, each.hunted_max_ns, each.bound_ns, each.longest_irq_off_ns, each.longest_preempt_off_ns)), each.largest]
        for each in worst_cases
    ]
