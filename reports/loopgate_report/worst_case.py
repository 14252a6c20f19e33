"""What `loopgate bound` composed of a run's recorded cells: worst-case.json, checked to be of the samples that are there and to add up."""
from dataclasses import dataclass

from loopgate_report import units
from loopgate_report.fields import read_json
from loopgate_report.hunted import told
from loopgate_report.seal import is_sealed

NOTE = "Dotted, to the right of the samples: the bound, which no sample of the code that ran can exceed (`loopgate bound`)."
COLUMNS = ("observed max", "hunted max", "bound", "longest irq off", "longest preempt off")
_NAME = "worst-case.json"


@dataclass
class WorstCase:
    cell: str
    kernel: str
    load: str
    observed_max_ns: int
    with_hunted_ns: int | None  # the worst hunted stimulus whose run is among what was recorded
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
    bound_ns, observed_ns, hunted_ns = entry.get("bound_ns", int), entry.get("observed_max_ns", int), entry.get("with_hunted_ns", int, None)
    if not terms or sum(term.get("ns", int) for term in terms) != bound_ns:
        entry.refuse("its terms do not add up to its bound: run `loopgate bound` on this folder again")
    if max(observed_ns, hunted_ns or 0) > bound_ns:
        entry.refuse("a sample took longer than its bound, which is none: run `loopgate bound` on this folder again")
    largest = max(terms, key=lambda term: term.get("ns", int))
    return WorstCase(entry.get("cell", str), entry.get("kernel", str), entry.get("load", str), observed_ns, hunted_ns, bound_ns,
                     entry.child("longest_irq_off").get("ns", int), entry.child("longest_preempt_off").get("ns", int),
                     f"{largest.get('name', str)}, {units.us_text(largest.get('ns', int))}: {largest.get('from', str)}")  # fmt: skip


def bound_of(worst_cases, hunted, group):
    """The largest of the recorded replicates. None where there is none, a sample of another replicate exceeds it, or a later hunt's run is not in it."""
    recorded = {each.cell: each for each in worst_cases if (each.kernel, each.load) == (group.kernel, group.load)}
    bound_ns = max((each.bound_ns for each in recorded.values()), default=None)
    if bound_ns is None or (group.figures and group.figures["max"] > bound_ns):
        return None
    of_group = [each for each in hunted if (each.kernel, each.load) == (group.kernel, group.load)]
    return None if any(_is_since(recorded.get(each.cell), each) for each in of_group) else bound_ns


def _is_since(recorded, hunted):
    """Whether the hunt found what the bound has not seen, or what has no end and so no bound."""
    return hunted.unanswered > 0 or (hunted.max_ns is not None and (recorded is None or recorded.with_hunted_ns != hunted.max_ns))


def worst_case_rows(worst_cases, hunted):
    """The page's table: a row for each cell that was recorded or hunted in."""
    recorded, found = {each.cell: each for each in worst_cases}, {each.cell: each for each in hunted}
    return [_row(cell, recorded.get(cell), found.get(cell)) for cell in {**recorded, **found}]


def _row(cell, recorded, hunted):
    hunted_max = told(hunted, units.us) if hunted else "-"
    if recorded is None:
        return [cell, "-", hunted_max, "-", "-", "-", "not recorded: `loopgate bound`"]
    observed, bound, *windows = map(units.us, (recorded.observed_max_ns, recorded.bound_ns, recorded.longest_irq_off_ns, recorded.longest_preempt_off_ns))
    if hunted and _is_since(recorded, hunted):
        what = "a hunted stimulus had no answer, and what has no end has no bound" if hunted.unanswered else "hunted since: run `loopgate bound` again"
        return [cell, observed, hunted_max, "-", *windows, what]
    return [cell, observed, hunted_max, bound, *windows, recorded.largest]
