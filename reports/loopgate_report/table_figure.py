"""A figure of the classic table, and a row of them."""
from dataclasses import dataclass, replace

from loopgate_report.replicates import word

NONE = "-"  # there is no figure, and `why` says why


@dataclass(frozen=True)
class Figure:
    text: str
    ns: float | None = None  # to draw; None where there is nothing to draw
    why: str = ""  # why there is none, or what must be known of it
    broken: bool = False  # INVALID or failed: the text is that word
    of: str = ""  # the cell that is broken

    def but(self, why):
        return replace(self, why=f"{self.why}; {why}" if self.why else why)


@dataclass
class Row:
    quantity: str
    load: str  # empty where no run has this figure
    suite: str
    figures: dict  # kernel -> Figure
    count: str = ""  # "10,000 stimuli"
    self_measured: bool = False  # by a program, of itself

    @property
    def name(self):
        """With the load, which no figure may be without."""
        return f"{self.quantity}, {self.load}" if self.load else self.quantity

    @property
    def source(self):
        return f"{self.suite} (self-measured)" if self.self_measured else self.suite or NONE


def not_of_run(part):
    return Figure(NONE, why=f"{part.folder} has not measured this kernel")


def of_fewer(figure, time_base, measured, planned, broken):
    """A figure of the replicates that were measured; `broken` are the others: (cell, "INVALID" or "FAIL", reason)."""
    if not broken:
        return figure
    cells = "; ".join(f"{cell} is {what}: {reason}" for cell, what, reason in broken)
    return figure.but(f"of {measured} of {planned} {word(time_base, planned)} only: {cells}")
