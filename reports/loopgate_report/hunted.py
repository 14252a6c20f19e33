"""What `loopgate hunt` found in a run's cells: hunt.json, of the samples that are there."""
from dataclasses import dataclass

from loopgate_report.fields import read_json
from loopgate_report.seal import is_sealed

NOTE = "Dash-dotted: the largest latency that was hunted and measured."
_NAME = "hunt.json"


@dataclass
class Hunted:
    cell: str
    kernel: str
    load: str
    max_ns: int | None  # None where a stimulus was never answered, or none was kept
    unanswered: int
    failed_again: bool  # the kernel did, in a hunted run and when that was made again: its fault
    failed_once: bool  # and did not when that was made again: nobody's yet


def read_hunted(folder, cells):
    """Of the cells whose samples are still those that were hunted among; none where nobody has hunted."""
    path = folder / _NAME
    if not path.is_file():
        return []
    digests = {cell.name: cell.samples_sha256 for cell in cells}
    fields = read_json(path, str(path))
    if not is_sealed(path.read_text(encoding="utf-8")):
        fields.refuse("was altered: run `loopgate hunt` on this folder again")
    return [_cell(entry) for entry in fields.children("cells") if entry.get("samples_sha256", str) == digests.get(entry.get("cell", str))]


def _cell(entry):
    worst, unanswered = entry.children("worst"), entry.get("unanswered", int)
    has_end = bool(worst) and unanswered == 0
    failures = [failure.get("repeated", bool) for failure in entry.children("kernel_failures", optional=True)]
    return Hunted(entry.get("cell", str), entry.get("kernel", str), entry.get("load", str), worst[0].get("latency_ns", int) if has_end else None,
                  unanswered, any(failures), not all(failures))  # fmt: skip


def hunted_max_ns(hunted, kernel, load):
    """Of all replicates that were hunted in; None where none has one, or a stimulus has no answer and so no end."""
    of_group = [each for each in hunted if (each.kernel, each.load) == (kernel, load)]
    if any(each.unanswered for each in of_group):
        return None
    return max((each.max_ns for each in of_group if each.max_ns is not None), default=None)


def told(each, us):
    """In a table's cell."""
    if each.failed_again:
        return "the kernel failed, twice"
    largest = us(each.max_ns) if each.max_ns is not None else "no answer" if each.unanswered else "-"
    return largest + (" (the kernel failed once, and not again)" if each.failed_once else "")
