"""What `loopgate sections` recorded of a run: sections.json, checked to be of the samples that are there and to add up."""
from dataclasses import dataclass

from loopgate_report import units
from loopgate_report.fields import read_json

DRAWN = ("interrupts off", "preemption off")  # what a stimulus waits for
COLUMNS = ("windows", "p50", "p99", "p99.9", "max")
_NAME = "sections.json"


@dataclass
class Kind:
    name: str  # with the CPU, where the board has several
    count: int
    figures: dict  # p50_ns, p99_ns, p99_9_ns, max_ns
    longest: str  # function and task, in words
    exceedance: list  # (length_ns, windows at least as long)


@dataclass
class CellSections:
    cell: str
    kernel: str
    load: str
    preemptible: bool
    kinds: dict  # by name


def read_sections(folder, cells):
    """Of the cells whose samples are still those that were recorded; none where nothing was recorded."""
    path = folder / _NAME
    if not path.is_file():
        return []
    digests = {cell.name: cell.samples_sha256 for cell in cells}
    recorded = [entry for entry in read_json(path, str(path)).children("cells")]
    return [_cell(entry) for entry in recorded if entry.get("samples_sha256", str) == digests.get(entry.get("cell", str))]


def _cell(entry):
    kinds = [_kind(kind) for kind in entry.children("kinds")]
    return CellSections(entry.get("cell", str), entry.get("kernel", str), entry.get("load", str), entry.get("preemptible", bool), {kind.name: kind for kind in kinds})


def _kind(entry):
    count = entry.get("count", int)
    figures = {key: entry.get(key, int) for key in ("p50_ns", "p99_ns", "p99_9_ns", "max_ns")}
    points = entry.get("exceedance", list)
    if not all(isinstance(pair, list) and len(pair) == 2 and all(type(value) is int for value in pair) for pair in points) or bool(points) != (count > 0):
        entry.refuse("its exceedance is no list of lengths and counts")
    longest = entry.children("longest")
    if sum(holder.get("count", int) for holder in entry.children("holders")) != count or (count > 0) != bool(longest):
        entry.refuse("its windows do not add up: run `loopgate sections` on this folder again")
    falling = all(one[0] < two[0] and one[1] >= two[1] for one, two in zip(points, points[1:]))
    if not falling or (points and (points[-1][0] != figures["max_ns"] or points[0][1] > count)):
        entry.refuse("its exceedance is no falling curve up to its max: run `loopgate sections` on this folder again")
    cpu = entry.get("cpu", int, None)
    return Kind(entry.get("kind", str) + ("" if cpu is None else f", CPU {cpu}"), count, figures, _who(longest[0]) if longest else "", points)


def _who(window):
    functions = [_place(window.child(key)) for key in ("opened", "closed")]
    holder = window.get("holder", str, None)
    if holder is not None:
        taken = f", taken in {functions[1] or 'a place that was not seen'} by {holder or 'a task that is not known'}"
        return f"{functions[0]}{taken}, in {window.get('task', str)}"
    text = functions[1] if functions[0].split(" ")[0] == functions[1].split(" ")[0] else " to ".join(functions)
    return f"{text}, in {window.get('task', str)}"


def _place(place):
    through = place.get("through", str)
    return place.get("function", str) + (f" ({through})" if through else "")


def section_rows(sections):
    """The page's table: a row for each kernel, load and kind that has windows."""
    return [
        [cell.kernel, cell.load, kind.name, units.count(kind.count), *(units.us(kind.figures[key]) for key in ("p50_ns", "p99_ns", "p99_9_ns", "max_ns")), kind.longest]
        for cell in sections
        for kind in cell.kinds.values()
        if kind.count
    ]
