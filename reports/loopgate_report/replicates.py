"""The replicates of a kernel under a load: each measured cell is one. On a board a replicate is a boot, on virtual time a trajectory."""
from dataclasses import dataclass

from loopgate_report import units

COLUMNS = ["p50", "p99", "p99.9", "max"]


def word(time_base, count=1):
    """What people call one of them, or several."""
    one = "boot" if time_base == "wall" else "replicate"
    return one if count == 1 else one + "s"


def to_show(run, groups):
    """Of a board each is shown, and of virtual time where there are several."""
    return run.time_base == "wall" or any(len(group.cells) > 1 for group in groups)


@dataclass
class Replicate:
    cell: str
    count: int
    late: int
    unanswered: int
    not_sent: int
    figures: dict | None


def read_replicates(entry, read_figures):
    """Of a group in comparison.json."""
    return [
        Replicate(
            replicate.get("cell", str),
            *(replicate.get(key, int) for key in ("count", "late", "unanswered", "not_sent")),
            read_figures(replicate.child("latency_ns", optional=True)),
        )
        for replicate in entry.children("replicates")
    ]


def misfit(group):
    """What the replicates have otherwise than the samples; nothing when they fit."""
    measured = [cell for cell in group.cells if cell.samples]
    if sorted(replicate.cell for replicate in group.replicates) != sorted(cell.name for cell in measured):
        return "names other replicates than were measured"
    samples = {cell.name: cell.samples for cell in measured}
    for replicate in group.replicates:
        latency_ns = samples[replicate.cell].latency_ns
        largest = int(latency_ns.max()) if len(latency_ns) else None
        if replicate.count != len(latency_ns) or largest != (replicate.figures["max"] if replicate.figures else None):
            return f"does not fit the samples of the replicate {replicate.cell}"
    return ""


def replicate_rows(groups):
    return [
        {"kernel": group.kernel, "texts": _texts(cell, {replicate.cell: replicate for replicate in group.replicates}.get(cell.name))}
        for group in groups
        for cell in sorted(group.cells, key=lambda cell: cell.repetition)
        if group.replicates
    ]


def _texts(cell, replicate):
    number = str(cell.repetition)
    if replicate is None:
        return [number, *["–"] * len(COLUMNS), "not measured", "–", "–"]
    figures = [units.us(replicate.figures[key.replace(".", "_")]) if replicate.figures else "–" for key in COLUMNS]
    return [number, *figures, *map(units.count, (replicate.late, replicate.unanswered, replicate.not_sent))]


def virtual_sentence(run):
    """Nothing where there is one replicate of each alone."""
    planned = sorted({len(group.cells) for group in run.groups})
    if planned[-1:] in ([], [1]):
        return ""
    number = f"{planned[0]}" if len(planned) == 1 else f"{planned[0]} to {planned[-1]}"
    return (
        f"A run that repeats is still one of many. So the stimuli of a kernel under a load are spread over {number} replicates, each"
        " perturbed by what is no change of the kernel: another schedule, other random numbers, another memory layout, another start of"
        " the load. Tables and curves pool them; kernels and baselines are compared replicate by replicate."
    )


def method_sentence(run):
    boots = sorted({len(group.cells) for group in run.groups})
    planned = f"{boots[0]}" if len(boots) == 1 else f"{boots[0]} to {boots[-1]}"
    return (
        "Time is wall-clock time: another boot gives other figures, so the boot is the unit that is counted,"
        f" not the sample. Planned: {planned} {'boot' if planned == '1' else 'boots'} of each kernel. The"
        " figures in the tables pool them, the verdict does not: it judges each boot, and says what so many"
        " boots show of all."
    )
