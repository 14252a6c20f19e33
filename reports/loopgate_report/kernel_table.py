"""The classic table of several runs: for each kernel the largest interrupt latency, task switch time and jitter, then the rest.

A row is one figure under one load by one suite, and a column a kernel, so that nothing in a row was measured otherwise than its neighbour.
Every figure is taken from comparison.json as it is. Where there is none, its place says why.
"""
from dataclasses import dataclass, field

from loopgate_report import units
from loopgate_report.page_decisions import wrong_text
from loopgate_report.program_rows import program_rows, switch_rows
from loopgate_report.table_figure import NONE, Figure, Row, not_of_run, of_fewer
from loopgate_report.units import plural

LATENCY, SWITCH, JITTER = "largest interrupt latency", "task switch time", "jitter (± half)"
_NO_LATENCY = "none of these runs is of a bare responder, such as `loopgate run irq-to-gpio`"
_NO_SWITCH = (
    "none of these runs has the program switch-pipe, of `loopgate run primitives`; what others take, such as hackbench, is no single switch"
)
_COUNTS = (("late", "late"), ("unanswered", "unanswered"), ("not_sent", "not sent"))
_QUANTILES = (("p50", "p50"), ("p99", "p99"), ("p99_9", "p99.9"))


@dataclass
class KernelTable:
    kernels: list  # names, in the order in which the runs have them
    classic: list = field(default_factory=list)  # rows of the three figures
    rest: list = field(default_factory=list)

    @property
    def rows(self):
        return [*self.classic, *self.rest]

    @property
    def invalid(self):
        """What is no figure because it is INVALID or failed: (where, word, reason), each once."""
        return _once(
            (figure.of or f"{kernel}.{row.load}", figure.text, figure.why)
            for row in self.rows
            for kernel, figure in row.figures.items()
            if figure.broken
        )

    def notes(self, rows):
        """What else must be known of a figure of these rows, or why there is none: (of what, why). One reason is told once."""
        notes = {}
        for row in rows:
            for kernel, figure in row.figures.items():
                if figure.why and not figure.broken:
                    notes.setdefault(figure.why, []).append((row.name, kernel))
        return [(self._places(of), why) for why, of in notes.items()]

    def _places(self, of):
        """'jitter (± half), mixed of generic'; of many rows the kernels alone, and of all kernels the rows alone."""
        names, kernels = _once(name for name, _ in of), _once(kernel for _, kernel in of)
        parts = [", ".join(names) if len(names) <= 3 else f"{names[0]} and {len(names) - 1} other rows"]
        if len(kernels) < len(self.kernels):
            parts.append(", ".join(kernels))
        return " of ".join(parts)


def kernel_table(parts) -> KernelTable:
    table = KernelTable(list(dict.fromkeys(kernel for part in parts for kernel in part.kernels)))
    instruments = [part for part in parts if not part.is_of_programs]
    bare = [part for part in instruments if not part.run.has_decisions]
    programs = [part for part in parts if part.is_of_programs]

    def rows_of(some, quantity, figure, **more):
        return [_row(table, part, load, quantity, figure, **more) for part in some for load in part.loads]

    table.classic = [
        *(rows_of(bare, LATENCY, _largest) or [_empty(table, LATENCY, _NO_LATENCY)]),
        *(switch_rows(programs, table.kernels, SWITCH) or [_empty(table, SWITCH, _NO_SWITCH)]),
        *(rows_of(bare, JITTER, _jitter) or [_empty(table, JITTER, _NO_LATENCY)]),
    ]
    for part in instruments:
        what = "interrupt latency" if part in bare else "decision latency"
        if part not in bare:
            table.rest += rows_of([part], f"largest {what}", _largest)
        for key, label in _QUANTILES:
            table.rest += rows_of([part], f"{what} {label}", lambda group, key=key: _quantile(group, key))
        for key, label in _COUNTS:
            table.rest += rows_of([part], label, lambda group, key=key: Figure(units.count(group.counts[key])))
        if part not in bare:
            table.rest += rows_of([part], "wrong decisions", _wrong)
    table.rest += program_rows(programs, table.kernels)
    table.rest += [_verdict_row(table, part, load) for part in parts for load in part.loads]
    return table


def _once(entries):
    return list(dict.fromkeys(entries))


def _empty(table, quantity, why):
    return Row(quantity, "", "", {kernel: Figure(NONE, why=why) for kernel in table.kernels})


def _row(table, part, load, quantity, figure):
    groups = {group.kernel: group for group in part.run.of_load(load)}
    figures = {
        kernel: _figure(part, groups[kernel], figure) if kernel in groups else not_of_run(part)
        for kernel in table.kernels
    }
    return Row(quantity, load, part.suite, figures, count=_stimuli(groups.values()))


def _stimuli(groups):
    counts = sorted({group.counts["scheduled"] for group in groups if group.counts["scheduled"]})
    if not counts:
        return ""
    return plural(counts[0], "stimulus") if len(counts) == 1 else f"{units.count(counts[0])} to {plural(counts[-1], 'stimulus')}"


def _figure(part, group, figure):
    """Of what was measured; a replicate that is missing is told beside it, and where all are there is no figure."""
    broken = [cell for cell in group.cells if cell.why_not_counted is not None]
    if broken and not group.replicates:
        return broken_cell(broken[0], part)
    if group.figures is None and not group.counts["unanswered"]:
        return Figure(NONE, why="nothing was measured")
    cells = [(cell.name, _word(cell), _reason(cell)) for cell in broken]
    return of_fewer(figure(group), part.run.time_base, len(group.replicates), len(group.cells), cells)


def broken_cell(cell, part):
    return Figure(_word(cell), why=_reason(cell), broken=True, of=f"{cell.name} of {part.folder}")


def _word(cell):
    return "FAIL" if cell.outcome == "kernel_failed" else "INVALID"


def _reason(cell):
    return (cell.reason if cell.outcome != "measured" and cell.reason else cell.why_not_counted) or "no reason was recorded"


def _bounded(group):
    """Why a largest latency would mislead; nothing where every stimulus was answered."""
    unanswered = group.counts["unanswered"]
    if not unanswered:
        return None
    answered = f"; the largest answered one is {units.us_text(group.figures['max'])}" if group.figures else ""
    return Figure(
        f"{units.count(unanswered)} unanswered",
        why=f"{units.count(unanswered)} of {plural(group.counts['scheduled'], 'stimulus')} had no answer, which is above every latency{answered}",
    )


def _largest(group):
    if unbounded := _bounded(group):
        return unbounded
    figure = Figure(units.us_text(group.figures["max"]), ns=group.figures["max"])
    waited = group.with_not_sent and group.with_not_sent["max"]
    if group.counts["not_sent"] and waited and waited > group.figures["max"]:
        count = plural(group.counts["not_sent"], "stimulus")
        return figure.but(f"{count} fell due while another was pending, and would have waited up to {units.us_text(waited)}")
    return figure


def _jitter(group):
    """Half of what lies between the smallest and the largest, as published tables have it; `jitter` of a run's own table is all of it."""
    if unbounded := _bounded(group):
        return unbounded
    return Figure(f"±{units.us_text(group.half_jitter_ns)}", ns=group.half_jitter_ns)


def _quantile(group, key):
    ns = group.figures[key] if group.figures else None
    if ns is None:
        return Figure(NONE, why="too few stimuli for this quantile")
    return Figure(units.us_text(ns), ns=ns)


def _wrong(group):
    return Figure(wrong_text(group.decisions, group.counts["count"]) if group.decisions else NONE)


def _verdict_row(table, part, load):
    figures = {}
    for kernel in table.kernels:
        if kernel not in part.kernels:
            figures[kernel] = not_of_run(part)
        elif part.run.verdict is None:
            figures[kernel] = Figure(NONE, why=f"{part.folder} was not judged yet: `loopgate gate` does that")
        else:
            figures[kernel] = Figure(part.verdict_of(kernel, load))
    return Row("verdict", load, part.suite, figures)
