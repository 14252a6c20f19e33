"""The boots of a kernel under a load: on a board each cell is one, and the gate counts them."""
from dataclasses import dataclass

from loopgate_report import units

COLUMNS = ["p50", "p99", "p99.9", "max"]


@dataclass
class Boot:
    cell: str
    count: int
    late: int
    unanswered: int
    not_sent: int
    figures: dict | None


def read_boots(entry, read_figures, time_base):
    """Of a group in comparison.json; none in virtual time, where a run repeats."""
    if time_base != "wall":
        return []
    return [
        Boot(
            boot.get("cell", str),
            *(boot.get(key, int) for key in ("count", "late", "unanswered", "not_sent")),
            read_figures(boot.child("latency_ns", optional=True)),
        )
        for boot in entry.children("boots")
    ]


def misfit(group):
    """What the boots have otherwise than the samples; nothing when they fit."""
    measured = [cell for cell in group.cells if cell.samples]
    if sorted(boot.cell for boot in group.boots) != sorted(cell.name for cell in measured):
        return "names other boots than were measured"
    samples = {cell.name: cell.samples for cell in measured}
    for boot in group.boots:
        latency_ns = samples[boot.cell].latency_ns
        largest = int(latency_ns.max()) if len(latency_ns) else None
        if boot.count != len(latency_ns) or largest != (boot.figures["max"] if boot.figures else None):
            return f"does not fit the samples of the boot {boot.cell}"
    return ""


def boot_rows(groups):
    return [
        {"kernel": group.kernel, "texts": _texts(cell, {boot.cell: boot for boot in group.boots}.get(cell.name))}
        for group in groups
        for cell in sorted(group.cells, key=lambda cell: cell.repetition)
        if group.boots
    ]


def _texts(cell, boot):
    number = str(cell.repetition)
    if boot is None:
        return [number, *["–"] * len(COLUMNS), "not measured", "–", "–"]
    figures = [units.us(boot.figures[key.replace(".", "_")]) if boot.figures else "–" for key in COLUMNS]
    return [number, *figures, *map(units.count, (boot.late, boot.unanswered, boot.not_sent))]


def method_sentence(run):
    boots = sorted({len(group.cells) for group in run.groups})
    planned = f"{boots[0]}" if len(boots) == 1 else f"{boots[0]} to {boots[-1]}"
    return (
        "Time is wall-clock time: another boot gives other figures, so the boot is the unit that is counted,"
        f" not the sample. Planned: {planned} {'boot' if planned == '1' else 'boots'} of each kernel. The"
        " figures in the tables pool them, the verdict does not: it judges each boot, and says what so many"
        " boots show of all."
    )
