"""What the page says where a program measured by itself beside the payload."""
from loopgate_report import units
from loopgate_report.program_results import result_rows

_LABELS = {"p99_9": "p99.9", "p99_99": "p99.99"}

# Each is one part of a way, and whether a program that waits for its own timer, as cyclictest does, goes it too.
WAYS = (
    ("the interrupt is taken: interrupts may be disabled when it comes", "yes", "yes, its timer's interrupt"),
    ("hardirq", "of the line: wakes the line's irq thread", "of the timer: its handler wakes the program itself"),
    ("irq thread: wakeup, switch, and its work", "yes", "no: a timer has none"),
    ("wakeup of the program, and the switch to it", "yes", "yes"),
    ("return from its system call", "yes, from the read of the event", "yes, from clock_nanosleep(); here its figure ends"),
    ("the answer: the program's own work and the GPIO write", "yes, up to the store that moves the pin", "no"),
    ("what the program's own start does to the first answers", "no, left out with the warm-up", "yes: it has no warm-up, so that its max may be of its start"),
)


def beside_part(groups):
    """Of one load; None where no program ran beside."""
    rows = [row for group in groups for row in _results(group)]
    if not rows:
        return None
    return {
        "program": rows[0]["program"],
        "results": rows,
        "sentences": [f"{group.kernel}: {group.beside.says}." for group in groups if group.beside],
        "figures": [row for group in groups if group.beside for row in _figures(group)],
        "ways": WAYS,
    }


def _results(group):
    if group.programs is None:
        return []
    return list(result_rows(group.programs))


def _figures(group):
    for name, pin_ns, program, more in group.beside.figures:
        yield {
            "kernel": group.kernel,
            "name": _LABELS.get(name, name),
            "pin": units.us(pin_ns),
            "program": _range(*program),
            "more": _range(*more),
        }


def _range(low, high):
    if low is None:
        return f"at most {units.us(high)}"
    if high is None:
        return f"at least {units.us(low)}"
    return f"{units.us(low)} to {units.us(high)}"
